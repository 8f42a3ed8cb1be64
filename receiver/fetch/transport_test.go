package fetch_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"starpunk/receiver/fetch"
)

// The tests of indieauth have names and addresses of every kind.
func TestATransportRefusesAddressesThatAreNotPublic(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	for private, want := range map[bool]string{false: "127.0.0.1", true: ""} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &fetch.Client{Transport: fetch.NewTransport(fetch.Options{AllowPrivate: private})}
		_, err = c.Do(req, 10)
		if address, refused := fetch.RefusedAddress(err); address != want || refused == private {
			t.Errorf("private addresses allowed: %v: error %v, refused %q", private, err, address)
		}
	}
}
