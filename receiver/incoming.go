package receiver

import (
	"context"
	"io"
	"net/http"

	"starpunk/receiver/indieauth"
	"starpunk/site/store"
)

// incoming is a POST as it comes in: whose token it bears, and the files that
// were received with it. Nothing of a file is read before the token is known to
// be the owner's.
type incoming struct {
	rc      *Receiver
	w       http.ResponseWriter
	r       *http.Request
	scopes  []string         // of which a token needs one to send files
	tok     *indieauth.Token // nil until it is known
	uploads []*store.Upload
}

// verify finds out whose token it is, unless that is known.
func (in *incoming) verify(token string) (err error) {
	if in.tok == nil {
		in.tok, err = in.rc.verify(in.r, token)
	}
	return err
}

// authorize finds out whether a token may send files.
func (in *incoming) authorize(token string) error {
	if err := in.verify(token); err != nil {
		return err
	}
	return requireScope(in.tok, in.scopes)
}

// refuse returns what is wrong with a request, unless something is wrong with
// its token, which goes first.
func (in *incoming) refuse(token string, wrong error) error {
	if err := in.rc.sameToken(bearer(in.r), token); err != nil {
		return err
	}
	if err := in.authorize(token); err != nil {
		return err
	}
	return wrong
}

// admit implements [fileTaker]: all files together may have the size of one
// upload.
func (in *incoming) admit(token string) (int64, error) {
	if in.tok == nil && token == "" {
		e := errNoToken()
		e.Description = "No access token before the files: send it in the header \"Authorization: Bearer …\", or as access_token in front of them."
		return 0, e
	}
	if err := in.rc.sameToken(bearer(in.r), token); err != nil {
		return 0, err
	}
	if err := in.authorize(token); err != nil {
		return 0, err
	}
	in.rc.takeTime(in.w)
	return int64(in.rc.cfg.Receiver.MaxUpload), nil
}

// take implements [fileTaker].
func (in *incoming) take(file io.Reader) (path string, err error) {
	part := &partReader{r: file}
	u, err := in.rc.store.Receive(in.r.Context(), part, int64(in.rc.cfg.Receiver.MaxUpload), clean)
	switch {
	case part.err != nil:
		return "", partError(part.err)
	case err != nil:
		return "", uploadError(err)
	}
	in.uploads = append(in.uploads, u)
	return u.Path, nil
}

// A partReader keeps the error that ended it, so that what the client failed to
// send is not taken for what failed here.
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

// close removes what was received and not kept.
func (in *incoming) close() {
	for _, u := range in.uploads {
		u.Close()
	}
}

// keep makes the files of a request durable, and returns their paths.
func keep(ctx context.Context, uploads []*store.Upload) (paths []string, err error) {
	for _, u := range uploads {
		if err := u.Keep(ctx); err != nil {
			return nil, err
		}
		paths = append(paths, u.Path)
	}
	return paths, nil
}
