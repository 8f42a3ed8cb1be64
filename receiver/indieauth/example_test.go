package indieauth_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"

	"starpunk/receiver/indieauth"
)

// A Verifier finds the token endpoint on the owner's profile page and verifies a
// token with it.
func ExampleVerifier_Verify() {
	var me string
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!doctype html><link rel="token_endpoint" href="/token">`)
	})
	mux.HandleFunc("GET /token", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer abc" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"me": %q, "client_id": "https://app.example/", "scope": "create media"}`, me)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	me = server.URL + "/"

	verifier, err := indieauth.New(indieauth.Options{
		Me: me, Dev: true, // the server has no HTTPS
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	client := netip.MustParseAddr("203.0.113.7")
	token, err := verifier.Verify(context.Background(), "abc", client)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.ClientID, token.Has("create"), token.Has("delete"))

	_, err = verifier.Verify(context.Background(), "xyz", client)
	fmt.Println(err.(*indieauth.Error).Message)
	// Output:
	// https://app.example/ true false
	// Access token is invalid or expired. Please re-authorize.
}
