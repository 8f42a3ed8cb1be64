package indieauth_test

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"starpunk/receiver/indieauth"
)

// canned answers without a network: what is measured is this package.
type canned struct{ requests int }

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	c.requests++
	contentType, body := "text/html", tokenLink
	if r.URL.String() == tokenURL {
		contentType, body = "application/json", goodAnswer
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {contentType}},
		Body:       io.NopCloser(strings.NewReader(body)),
		Request:    r,
	}, nil
}

// longToken has the length of a signed JSON Web Token.
var longToken = strings.Repeat("eyJhbGciOi.", 30)

func benchmarked(b testing.TB, o indieauth.Options) (*indieauth.Verifier, *canned) {
	transport := &canned{}
	o.Me, o.TokenCache, o.Transport, o.Logger = owner, true, transport, slog.New(slog.DiscardHandler)
	v, err := indieauth.New(o)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := v.Verify(b.Context(), longToken, stranger); err != nil {
		b.Fatal(err)
	}
	return v, transport
}

func BenchmarkVerifyWarm(b *testing.B) {
	v, transport := benchmarked(b, indieauth.Options{})
	before := transport.requests
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(b.Context(), longToken, stranger); err != nil {
			b.Fatal(err)
		}
	}
	if transport.requests != before {
		b.Errorf("%d requests were made, want none", transport.requests-before)
	}
}

func BenchmarkVerifyCold(b *testing.B) {
	v, _ := benchmarked(b, indieauth.Options{Dev: true}) // without limits
	b.ReportAllocs()
	for b.Loop() {
		v.Flush()
		if _, err := v.Verify(b.Context(), longToken, stranger); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAWarmVerificationIsCheap(t *testing.T) {
	v, transport := benchmarked(t, indieauth.Options{})
	before := transport.requests
	allocations := testing.AllocsPerRun(100, func() { _, _ = v.Verify(t.Context(), longToken, stranger) })
	if allocations > 2 {
		t.Errorf("%v allocations, want at most 2", allocations)
	}
	if transport.requests != before {
		t.Errorf("%d requests, want none", transport.requests-before)
	}
}
