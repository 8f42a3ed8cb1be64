package receiver

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/site/media"
	"starpunk/site/store/upload"
)

const (
	uploadTimeout = 15 * time.Minute // for the largest file over a slow connection
	maxParts      = 20               // of an upload, including its file
	uploadField   = "file"           // Micropub §3.6.1
)

// mediaScopes are the scopes for uploads. Several apps request only create and
// upload nevertheless.
var mediaScopes = []string{"media", "create", "update"}

// serveMedia is the media endpoint (Micropub §3.6).
func (rc *Receiver) serveMedia(w http.ResponseWriter, r *http.Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return rc.serveMediaQuery(w, r)
	case http.MethodPost:
		return rc.upload(w, r)
	case http.MethodOptions:
		servePreflight(w)
		return nil
	}
	return errMethod(w)
}

// upload stores a file and responds when the site shows it. The token must come
// before the file, so that the server receives no bytes of strangers.
func (rc *Receiver) upload(w http.ResponseWriter, r *http.Request) error {
	in := &incoming{rc: rc, w: w, r: r, scopes: mediaScopes}
	defer in.close()
	header := bearer(r)
	if header != "" || !isForm(r) {
		if err := in.authorize(header); err != nil {
			return err
		}
	}
	if err := in.receiveUpload(); err != nil {
		return err
	}
	paths, err := keepUploads(r.Context(), in.uploads)
	if err != nil {
		return err
	}
	rc.respondUpload(w, r, paths[0], in.tok)
	return nil
}

// receiveUpload receives the file of a request to the media endpoint. An
// access_token may come before the file. The whole body is read, because
// another token may come after it. All other parts are ignored.
func (in *incoming) receiveUpload() error {
	body := &boundedBody{r: in.r.Body, left: maxBodyBytes} // all parts except the file are small
	in.r.Body = io.NopCloser(body)                         // the server closes its own body
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
			err = in.receiveFile(body, part, token)
		case part.FormName() == "access_token" && part.FileName() == "":
			token, err = readToken(part, token)
		}
		if err != nil {
			return err
		}
	}
	return in.refuse(token, invalid("The request has more than %d parts.", maxParts))
}

// receiveFile receives the file if the preceding token permits that.
func (in *incoming) receiveFile(body *boundedBody, file io.Reader, token string) error {
	more, err := in.allow(token)
	if err != nil {
		return err
	}
	body.left += more
	_, err = in.receive(file)
	return err
}

// readToken reads a part with a token. before is the token of an earlier part,
// or "".
func readToken(part io.Reader, before string) (string, error) {
	token, err := readBody(&boundedBody{r: part, left: maxBodyBytes})
	if err != nil {
		return "", err
	}
	return oneToken([]any{before, token})
}

// endUpload checks the request as a whole (RFC 6750 §2: one token).
func (in *incoming) endUpload(token string) error {
	if len(in.uploads) == 0 {
		return in.refuse(token, invalid("The request has no part named %q.", uploadField))
	}
	return in.rc.sameToken(bearer(in.r), token)
}

// refuseType refuses a body that is not multipart. If it is a form, its token
// is checked first.
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

// extendDeadlines gives a request with files more time. Some servers do not
// support that; then their own limits apply.
func (rc *Receiver) extendDeadlines(w http.ResponseWriter) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(uploadTimeout))
	_ = control.SetWriteDeadline(time.Now().Add(uploadTimeout + lockTimeout + rc.cfg.Receiver.PublishWait.Duration))
}

// cleanMedia adapts [media.Clean] to the store.
func cleanMedia(dst io.Writer, src io.ReaderAt, size int64) (ext string, err error) {
	t, err := media.Clean(dst, src, size)
	return t.Ext, err
}

// respondUpload waits until the site shows a file. The response is 201 in any
// case, because the file is durable.
func (rc *Receiver) respondUpload(w http.ResponseWriter, r *http.Request, path string, tok *indieauth.Token) {
	live := rc.wait(r.Context(), rc.isCopied(path))
	rc.respond(w, success{
		status: http.StatusCreated, location: rc.cfg.Absolute(path),
		event: "file uploaded", file: strings.TrimPrefix(path, "/"),
		details: []any{"app", tok.ClientID, "live", live},
	})
}

// partError returns the response for a part that could not be read, which is
// always the fault of the client.
func partError(err error) error {
	err = uploadError(err)
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	e := invalid("The body cannot be read to its end as multipart/form-data.")
	e.Err = err
	return e
}

// uploadError separates mistakes in a file, which the client must correct, from
// failures of this server.
func uploadError(err error) error {
	var refused *media.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, upload.ErrTooLarge), errors.As(err, &tooLarge):
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
