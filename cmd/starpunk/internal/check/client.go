package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"starpunk/receiver/fetch"
)

// The bounds of a run.
const (
	totalTimeout   = 2 * time.Minute // of all requests, from the first one
	requestTimeout = 10 * time.Second
	maxRequests    = 40
	maxBodyBytes   = 4 << 20 // of a response
)

var errTooManyRequests = fmt.Errorf("more than %d requests", maxRequests)

// A client sends the requests of a run, within its bounds.
type client struct {
	fetch *fetch.Client
	now   func() time.Time
	sent  int
	end   time.Time                // of the time for all requests; zero before the first one
	skews map[string]time.Duration // by host: how far its clock is ahead of ours
}

func newClient(o Options) *client {
	agent := fmt.Sprintf("StarPunk/%s (+%s)", o.Release, o.Config.URL)
	return &client{
		fetch: &fetch.Client{Transport: o.Transport, UserAgent: agent},
		now:   o.Now, skews: map[string]time.Duration{},
	}
}

// A response is one response, which may be a redirect.
type response struct {
	*fetch.Response
	url *url.URL
}

// get requests a page, with headers in pairs of name and value.
func (c *client) get(ctx context.Context, address string, header ...string) (*response, error) {
	return c.do(ctx, http.MethodGet, address, nil, header...)
}

// postForm sends a form.
func (c *client) postForm(ctx context.Context, address string, form url.Values, header ...string) (*response, error) {
	header = append(header, "Content-Type", "application/x-www-form-urlencoded")
	return c.do(ctx, http.MethodPost, address, strings.NewReader(form.Encode()), header...)
}

func (c *client) do(ctx context.Context, method, address string, body io.Reader, header ...string) (*response, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return c.send(req)
}

func (c *client) send(req *http.Request) (*response, error) {
	if c.sent++; c.sent > maxRequests {
		return nil, errTooManyRequests
	}
	if c.end.IsZero() {
		c.end = time.Now().Add(totalTimeout)
	}
	ctx, cancel := context.WithDeadline(req.Context(), c.end)
	defer cancel()
	req = req.WithContext(ctx)
	before := c.now()
	resp, err := c.fetch.Do(req, maxBodyBytes)
	if err != nil {
		if wrapper, isURL := errors.AsType[*url.Error](err); isURL {
			err = wrapper.Err // the address is named by the finding
		}
		return nil, err
	}
	c.recordClock(req.URL.Host, resp.Header, before, c.now())
	return &response{resp, req.URL}, nil
}

// mediaType returns the Content-Type without parameters, in lower case.
func (r *response) mediaType() string {
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(mediaType))
}

// location returns the target of a redirect, or nil.
func (r *response) location() *url.URL {
	if r.Status < 300 || r.Status > 399 || r.Header.Get("Location") == "" {
		return nil
	}
	u, err := r.url.Parse(r.Header.Get("Location"))
	if err != nil {
		return nil
	}
	return u
}

// shorten returns a text of another server for a message: one line of limited
// length, without control characters.
func shorten(s string) string {
	const limit = 200
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return s
}
