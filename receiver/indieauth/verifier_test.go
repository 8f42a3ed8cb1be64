package indieauth_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"starpunk/receiver/indieauth"
)

const (
	askProfile = "GET " + owner
	askToken   = "GET " + tokenURL
)

func wantRequests(t *testing.T, w *world, profile, token int) {
	t.Helper()
	if p, n := w.requests(askProfile), w.requests(askToken); p != profile || n != token {
		t.Errorf("%d fetches of the profile and %d verifications, want %d and %d", p, n, profile, token)
	}
}

func accept(t *testing.T, v *indieauth.Verifier, token string) {
	t.Helper()
	if _, err := verify(t, v, token); err != nil {
		t.Fatalf("token %s: %v", token, err)
	}
}

func TestServersAreToldWhoAsks(t *testing.T) {
	w := newWorld(t)
	check := func(accept string, next http.HandlerFunc) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			if got, want := r.UserAgent(), "StarPunk/1.2.3 (+https://owner.example/)"; got != want {
				t.Errorf("%s: User-Agent %q, want %q", r.URL.Path, got, want)
			}
			if got := r.Header.Get("Accept"); got != accept {
				t.Errorf("%s: Accept %q, want %q", r.URL.Path, got, accept)
			}
			next(rw, r)
		}
	}
	w.handle(owner, check("text/html", text("text/html", tokenLink)))
	w.handle(tokenURL, check("application/json", text("application/json", goodAnswer)))
	accept(t, w.verifier(indieauth.Options{}), "T")
	wantRequests(t, w, 1, 1)
}

func TestManyFirstRequestsAskOnce(t *testing.T) {
	w := getWorld(t, text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{TokenCache: true})
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			if _, err := v.Verify(t.Context(), "T", stranger); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
	callers.Wait()
	wantRequests(t, w, 1, 1)
}

func TestManyFirstRequestsWithManyTokensDiscoverOnce(t *testing.T) {
	w := getWorld(t, text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{TokenCache: true})
	var callers sync.WaitGroup
	for i := range 20 {
		callers.Go(func() {
			if _, err := v.Verify(t.Context(), fmt.Sprintf("T%d", i), stranger); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
	callers.Wait()
	wantRequests(t, w, 1, 20)
}

func TestACallerWhoLeavesTakesNobodyAlong(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	w := getWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		close(begun)
		<-release
		text("application/json", goodAnswer)(rw, r)
	})
	v := w.verifier(indieauth.Options{TokenCache: true})
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, err := v.Verify(ctx, "T", stranger)
		gone <- err
	}()
	<-begun
	leave()
	e, ok := errors.AsType[*indieauth.Error](<-gone)
	if !ok || e.Kind != indieauth.Unreachable || !errors.Is(e, context.Canceled) {
		t.Errorf("the one who left got %v, want %v by %v", e, indieauth.Unreachable, context.Canceled)
	}
	close(release)
	accept(t, v, "T")
	wantRequests(t, w, 1, 1)
}

func TestTokensThatAreNone(t *testing.T) {
	cases := map[string]string{
		"empty":               "",
		"a blank":             "a b",
		"a line break":        "a\r\nX-Other: b",
		"not ASCII":           "ä",
		"longer than 8 KiB":   strings.Repeat("x", 8<<10+1),
		"a control character": "a\x00b",
	}
	w := getWorld(t, text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{})
	for rule, token := range cases {
		t.Run(rule, func(t *testing.T) {
			_, err := verify(t, v, token)
			wantKind(t, err, indieauth.Rejected)
		})
	}
	wantRequests(t, w, 0, 0)
	accept(t, v, strings.Repeat("x", 8<<10))
}

// A site that is its own profile, served by the process that verifies, over
// plain HTTP on this machine: how development works.
func TestDevelopmentOnOneAddress(t *testing.T) {
	var v *indieauth.Verifier
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", text("text/html", `<link rel="token_endpoint" href="/token">`))
	mux.HandleFunc("GET /token", func(rw http.ResponseWriter, r *http.Request) {
		text("application/json", fmt.Sprintf(`{"me":"http://%s/","scope":"create"}`, r.Host))(rw, r)
	})
	mux.HandleFunc("POST /micropub", func(rw http.ResponseWriter, r *http.Request) {
		if _, err := v.Verify(r.Context(), "T", stranger); err != nil {
			http.Error(rw, err.Error(), http.StatusForbidden)
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	log := &syncBuffer{}
	var err error
	v, err = indieauth.New(indieauth.Options{Me: server.URL + "/", Dev: true, Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(server.URL+"/micropub", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("POST /micropub: %s, want 200\n%s", resp.Status, log)
	}
	if !strings.Contains(log.String(), "development mode") {
		t.Errorf("no log line about development mode:\n%s", log)
	}
}
