package fetch_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"starpunk/receiver/fetch"
)

func TestAClientReadsALimitedNumberOfBytesAndFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	var agent string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent = r.UserAgent()
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusFound)
		_, _ = w.Write([]byte(strings.Repeat("x", 1000))) // the client reads less
	}))
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &fetch.Client{Transport: fetch.NewTransport(fetch.Options{AllowPrivate: true}), UserAgent: "test/1"}
	got, err := c.Do(req, 10)
	if err != nil || got.Status != http.StatusFound || string(got.Body) != strings.Repeat("x", 10) || got.Header.Get("Location") != "/elsewhere" {
		t.Errorf("response %+v, error %v, want the redirect with 10 bytes", got, err)
	}
	if agent != "test/1" {
		t.Errorf("User-Agent %q, want test/1", agent)
	}
}
