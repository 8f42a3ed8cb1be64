package check

import (
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"
)

// The bounds of the upload that is tried. The receiver reads 1 MiB of a request without
// a token, and 16 MiB more for the sake of proxies, before it refuses the request. It
// stops after five seconds.
const (
	uploadBytes   = 17<<20 + partBytes
	uploadTimeout = 8 * time.Second
	partBytes     = 8 << 10 // for the parts of a request around its file
)

// uploadSize announces an upload of the size that the receiver accepts, and sends its
// beginning, without a token. StarPunk must be the one that refuses it.
func (c *checker) uploadSize(ctx context.Context) ([]Finding, error) {
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	size := int64(c.cfg.Receiver.MaxUpload) + partBytes
	req, err := uploadRequest(ctx, c.cfg.MediaEndpoint(), size)
	if err != nil {
		return nil, err
	}
	const accepted = "The web server accepts uploads of the size in receiver.max_upload."
	resp, err := c.web.send(req)
	switch {
	case ctx.Err() != nil:
		return ok(accepted), nil // the web server wants the rest of the body
	case err != nil:
		return c.uploadRefused(fmt.Sprintf("The web server ends an upload of %d bytes, which receiver.max_upload allows: %s.", size, shorten(err.Error()))), nil
	case resp.fromStarPunk() && (resp.Status == http.StatusUnauthorized || resp.Status == http.StatusRequestEntityTooLarge):
		return ok(accepted), nil
	}
	// Caddy reports a body beyond its limit as an error of the program behind it.
	return c.uploadRefused(fmt.Sprintf("The web server ends an upload of %d bytes, which receiver.max_upload allows, with %d.", size, resp.Status)), nil
}

// uploadRequest returns a multipart request of the given size, whose only part is not
// a file: the receiver ignores it.
func uploadRequest(ctx context.Context, endpoint string, size int64) (*http.Request, error) {
	head := &strings.Builder{}
	parts := multipart.NewWriter(head)
	if _, err := parts.CreateFormField("starpunk-check"); err != nil {
		return nil, err
	}
	end := "\r\n--" + parts.Boundary() + "--\r\n"
	zeros := &filler{ctx: ctx, left: size - int64(head.Len()+len(end)), budget: uploadBytes}
	body := io.MultiReader(strings.NewReader(head.String()), zeros, strings.NewReader(end))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, body)
	if err != nil {
		return nil, err
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", parts.FormDataContentType())
	return req, nil
}

func (c *checker) uploadRefused(text string) []Finding {
	return proxyProblem(text, "Raise the limit of the web server to a little more than receiver.max_upload, or lower that.",
		fmt.Sprintf("request_body {\n\tmax_size %s\n}", c.bodyLimit("MiB")), fmt.Sprintf("client_max_body_size %s;", c.bodyLimit("m")))
}

// bodyLimit returns the limit of a web server for the largest upload, in MiB with a
// unit.
func (c *checker) bodyLimit(unit string) string {
	return fmt.Sprintf("%d%s", int64(c.cfg.Receiver.MaxUpload)>>20+1, unit)
}

// A filler is a body of zeros. After its budget it waits until the request ends.
type filler struct {
	ctx          context.Context
	left, budget int64
}

func (f *filler) Read(p []byte) (int, error) {
	if f.left <= 0 {
		return 0, io.EOF
	}
	if f.budget <= 0 {
		<-f.ctx.Done()
		return 0, f.ctx.Err()
	}
	n := int(min(int64(len(p)), f.left, f.budget))
	clear(p[:n])
	f.left -= int64(n)
	f.budget -= int64(n)
	return n, nil
}
