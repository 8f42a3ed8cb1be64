package receiver

import (
	"context"
	"io"
	"net/http"

	"starpunk/receiver/indieauth"
	"starpunk/site/store/upload"
)

// An incoming is a POST that is being received, with its token and its files.
// Nothing of a file is read before the token is verified.
type incoming struct {
	rc      *Receiver
	w       http.ResponseWriter
	r       *http.Request
	scopes  []string         // the token needs one of them to send files
	tok     *indieauth.Token // nil until it is verified
	uploads []*upload.Upload
}

// verify verifies the token, unless that has been done.
func (in *incoming) verify(token string) (err error) {
	if in.tok == nil {
		in.tok, err = in.rc.verify(in.r, token)
	}
	return err
}

// authorize returns an error unless the token may send files.
func (in *incoming) authorize(token string) error {
	if err := in.verify(token); err != nil {
		return err
	}
	return requireScope(in.tok, in.scopes)
}

// refuse returns the error wrong about a request. An error about its token
// takes precedence.
func (in *incoming) refuse(token string, wrong error) error {
	if err := in.rc.sameToken(bearer(in.r), token); err != nil {
		return err
	}
	if err := in.authorize(token); err != nil {
		return err
	}
	return wrong
}

// allow implements [fileReceiver]. All files together may have the size of one
// upload.
func (in *incoming) allow(token string) (int64, error) {
	if in.tok == nil && token == "" {
		e := errNoToken()
		e.Description = "No access token before the files: send it in the header \"Authorization: Bearer …\", or as access_token before the files."
		return 0, e
	}
	if err := in.rc.sameToken(bearer(in.r), token); err != nil {
		return 0, err
	}
	if err := in.authorize(token); err != nil {
		return 0, err
	}
	in.rc.extendDeadlines(in.w)
	return int64(in.rc.cfg.Receiver.MaxUpload), nil
}

// receive implements [fileReceiver].
func (in *incoming) receive(file io.Reader) (path string, err error) {
	part := &partReader{r: file}
	u, err := in.rc.store.Uploads.Receive(in.r.Context(), part, int64(in.rc.cfg.Receiver.MaxUpload), cleanMedia)
	switch {
	case part.err != nil:
		return "", partError(part.err)
	case err != nil:
		return "", uploadError(err)
	}
	in.uploads = append(in.uploads, u)
	return u.Path, nil
}

// A partReader stores the error that ended it. It separates a failure of the
// client to send from a failure of this server.
type partReader struct {
	r   io.Reader
	err error
}

func (p *partReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if err != nil && err != io.EOF {
		p.err = err
	}
	return n, err
}

// close removes the received files that were not kept.
func (in *incoming) close() {
	for _, u := range in.uploads {
		u.Close()
	}
}

// keepUploads makes the files of a request durable and returns their paths.
func keepUploads(ctx context.Context, uploads []*upload.Upload) (paths []string, err error) {
	for _, u := range uploads {
		if err := u.Keep(ctx); err != nil {
			return nil, err
		}
		paths = append(paths, u.Path)
	}
	return paths, nil
}
