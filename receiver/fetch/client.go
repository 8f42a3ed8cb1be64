package fetch

import (
	"io"
	"net/http"
)

// A Client sends single requests. It is safe for concurrent use.
type Client struct {
	Transport http.RoundTripper // of [NewTransport], except in tests
	UserAgent string
}

// A Response is one response, which may be a redirect.
type Response struct {
	Status int
	Header http.Header
	Body   []byte // at most as many bytes as the caller allowed
}

// Do sends a request and reads at most limit bytes of the body of its response. It
// follows no redirect. The context of the request bounds the time.
func (c *Client) Do(req *http.Request, limit int64) (*Response, error) {
	req.Header.Set("User-Agent", c.UserAgent)
	client := &http.Client{
		Transport:     c.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	if err != nil {
		return nil, err
	}
	return &Response{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}
