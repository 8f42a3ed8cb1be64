package receiver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/receiver/media"
	"starpunk/site/store"
)

const (
	uploadTime  = 15 * time.Minute // for the largest file over a slow line
	maxParts    = 20               // of an upload, with its file
	uploadField = "file"           // Micropub §3.6.1
)

// mediaScopes: several apps ask for create alone and upload all the same.
var mediaScopes = []string{"media", "create", "update"}

// serveMedia is the media endpoint (Micropub §3.6).
func (rc *Receiver) serveMedia(w http.ResponseWriter, r *http.Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return rc.serveMediaQuery(w, r)
	case http.MethodPost:
		return rc.upload(w, r)
	case http.MethodOptions:
		preflight(w)
		return nil
	}
	return errMethod(w)
}

// upload keeps a file, and answers when the site shows it. The token comes
// before the file: nobody else's bytes are received.
func (rc *Receiver) upload(w http.ResponseWriter, r *http.Request) error {
	in := &incoming{rc: rc, w: w, r: r, scopes: mediaScopes}
	defer in.close()
	header := bearer(r)
	if header != "" || !isForm(r) {
		if err := in.authorize(header); err != nil {
			return err
		}
	}
	if err := in.takeUpload(); err != nil {
		return err
	}
	paths, err := keep(r.Context(), in.uploads)
	if err != nil {
		return err
	}
	return rc.answerUpload(w, r, paths[0], in.tok)
}

// takeUpload receives the file of a request to the media endpoint. An
// access_token may stand before it; all of the body is read, since another one
// may stand behind it. What else there is counts for nothing.
func (in *incoming) takeUpload() error {
	body := &boundedBody{r: in.r.Body, left: maxBodyBytes} // what is not the file is small
	in.r.Body = io.NopCloser(body)                         // the server closes its own
	parts, err := in.r.MultipartReader()
	if err != nil {
		return in.refuseType(body, err)
	}
	token := ""
	for range maxParts {
		part, err := parts.NextPart()
		if err == io.EOF {
			return in.endUpload(token)
		}
		if err != nil {
			return partError(err)
		}
		switch {
		case part.FormName() == uploadField && part.FileName() != "" && len(in.uploads) == 0:
			err = in.takeFile(body, part, token)
		case part.FormName() == "access_token" && part.FileName() == "":
			token, err = readToken(part, token)
		}
		if err != nil {
			return err
		}
	}
	return in.refuse(token, invalid("The request has more than %d parts.", maxParts))
}

// takeFile receives the file, if the token that came before it may send one.
func (in *incoming) takeFile(body *boundedBody, file io.Reader, token string) error {
	more, err := in.admit(token)
	if err != nil {
		return err
	}
	body.left += more
	_, err = in.take(file)
	return err
}

// readToken reads a part that is a token; before is what came earlier.
func readToken(part io.Reader, before string) (string, error) {
	token, err := readBody(&boundedBody{r: part, left: maxBodyBytes})
	if err != nil {
		return "", err
	}
	return oneToken([]any{before, token})
}

// endUpload says whether the request was right as a whole (RFC 6750 §2: one
// token).
func (in *incoming) endUpload(token string) error {
	if len(in.uploads) == 0 {
		return in.refuse(token, invalid("The request has no part named %q.", uploadField))
	}
	return in.rc.sameToken(bearer(in.r), token)
}

// refuseType refuses a body that is not multipart, but may be a form with a
// token.
func (in *incoming) refuseType(body io.Reader, cause error) error {
	token := ""
	if in.tok == nil {
		form, err := decodeForm(body)
		if form == nil {
			return err
		}
		token = form.Token
	}
	if errors.Is(cause, http.ErrMissingBoundary) {
		return in.refuse(token, errNoBoundary())
	}
	return in.refuse(token, unsupportedMedia("The Content-Type of the request must be multipart/form-data, with a part named %q.", uploadField))
}

// takeTime lets a request take longer than others, since it brings files. Not
// every server can tell that: then its own limits hold.
func (rc *Receiver) takeTime(w http.ResponseWriter) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(uploadTime))
	_ = control.SetWriteDeadline(time.Now().Add(uploadTime + lockTime + rc.cfg.Receiver.PublishWait.Duration))
}

// clean is [media.Clean] as the store wants it.
func clean(dst io.Writer, src io.ReaderAt, size int64) (ext string, err error) {
	t, err := media.Clean(dst, src, size)
	return t.Ext, err
}

// answerUpload waits for the site to show a file; but it is there for certain,
// and so the answer is 201 in any case.
func (rc *Receiver) answerUpload(w http.ResponseWriter, r *http.Request, path string, tok *indieauth.Token) error {
	live := rc.wait(r.Context(), rc.copied(path))
	rc.log.Info("file uploaded", "request", w.Header().Get("X-Request-Id"), "file", path[1:], "app", tok.ClientID, "live", live)
	location := rc.cfg.Absolute(path)
	w.Header().Set("Location", location)
	sendJSON(w, http.StatusCreated, map[string]string{"url": location})
	return nil
}

// copied asks whether files are in the output.
func (rc *Receiver) copied(paths ...string) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		for _, path := range paths {
			if is, err := rc.store.Copied(ctx, path); err != nil || !is {
				return false, err
			}
		}
		return true, nil
	}
}

// partError is the client's, whatever it is: a part could not be read.
func partError(err error) error {
	err = uploadError(err)
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	e := invalid("The body can't be read to its end as multipart/form-data.")
	e.Err = err
	return e
}

// uploadError tells what is wrong with a file from what is wrong with us.
func uploadError(err error) error {
	var refused *media.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, store.ErrTooLarge), errors.As(err, &tooLarge):
		e := invalid("The file is too large for this site.")
		e.Status = http.StatusRequestEntityTooLarge
		return e
	case errors.As(err, &refused) && refused.Kind == media.ErrNotAccepted:
		return unsupportedMedia("%s", refused.Sentence)
	case errors.As(err, &refused):
		return invalid("%s", refused.Sentence)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return invalid("The body ends before the file does.")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return invalid("The upload took too long.")
	}
	return err
}
