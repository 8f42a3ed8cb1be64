package indieauth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/receiver/internal/logtest"
)

const (
	getProfile = "GET " + owner
	getToken   = "GET " + tokenURL
)

func wantRequests(t *testing.T, w *world, profile, token int) {
	t.Helper()
	if p, n := w.requests(getProfile), w.requests(getToken); p != profile || n != token {
		t.Errorf("%d fetches of the profile and %d verifications, want %d and %d", p, n, profile, token)
	}
}

func accept(t *testing.T, v *indieauth.Verifier, token string) {
	t.Helper()
	if _, err := verify(t, v, token); err != nil {
		t.Fatalf("token %s: %v", token, err)
	}
}

func TestRequestsHaveAUserAgent(t *testing.T) {
	t.Parallel()
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

func TestEqualTokensAreVerifiedOnce(t *testing.T) {
	t.Parallel()
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

func TestEndpointsAreDiscoveredOnce(t *testing.T) {
	t.Parallel()
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

func TestACancelledCallerDoesNotCancelOthers(t *testing.T) {
	t.Parallel()
	started, release := make(chan struct{}), make(chan struct{})
	w := getWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		close(started)
		<-release
		text("application/json", goodAnswer)(rw, r)
	})
	v := w.verifier(indieauth.Options{TokenCache: true})
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		_, err := v.Verify(ctx, "T", stranger)
		result <- err
	}()
	<-started
	cancel()
	e, ok := errors.AsType[*indieauth.Error](<-result)
	if !ok || e.Kind != indieauth.Unreachable || !errors.Is(e, context.Canceled) {
		t.Errorf("the cancelled caller got %v, want %v with the cause %v", e, indieauth.Unreachable, context.Canceled)
	}
	close(release)
	accept(t, v, "T")
	wantRequests(t, w, 1, 1)
}

func TestMalformedTokens(t *testing.T) {
	t.Parallel()
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

// TestDevelopmentOnOneAddress is the situation of development: the site is its own
// profile, and the verifying process serves it over plain HTTP on this machine.
func TestDevelopmentOnOneAddress(t *testing.T) {
	t.Parallel()
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
	log := &logtest.Buffer{}
	var err error
	v, err = indieauth.New(indieauth.Options{Me: server.URL + "/", Dev: true, Logger: log.Logger()})
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

// TestTokensReachNoLogErrorOrURL uses servers that return the token in many ways.
// The log and the errors must not contain it in any encoding.
func TestTokensReachNoLogErrorOrURL(t *testing.T) {
	t.Parallel()
	const token = "s3cr3t+t0ken/with=signs"
	escaped := url.QueryEscape(token)
	echo := func(answer string) http.HandlerFunc { return text("application/json", answer) }
	endpoints := map[string]http.HandlerFunc{
		"accepts":                echo(goodAnswer),
		"refuses":                status(401),
		"fails":                  status(500),
		"answers with the token": echo(token),
		"owner is the token":     echo(fmt.Sprintf(`{"me":"https://x.example/%s","scope":"create"}`, token)),
		"client and scope":       echo(fmt.Sprintf(`{"me":%q,"client_id":%q,"scope":%q,"active":%q}`, owner, token, token, token)),
		"redirects here with it": func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "/token?t="+escaped, http.StatusFound)
		},
		"redirects away with it": func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "https://evil.example/"+token, http.StatusFound)
		},
		"redirects to another page": func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/"+token, http.StatusFound) },
		"a malformed header":        hijacked("HTTP/1.1 200 OK\r\nX " + token + "\r\n\r\n"),
		"not HTTP":                  hijacked(token + "\r\n"),
	}
	for name, endpoint := range endpoints {
		for _, kind := range []string{"get", "introspection"} {
			t.Run(name+" by "+kind, func(t *testing.T) {
				w := getWorld(t, endpoint)
				if kind == "introspection" {
					w = introspectionWorld(t, endpoint, status(401))
				}
				_, err := w.verifier(indieauth.Options{TokenCache: true}).Verify(t.Context(), token, stranger)
				everything := w.Log.String()
				if e, ok := errors.AsType[*indieauth.Error](err); ok {
					everything += "\n" + e.Error() + "\n" + e.Message
				}
				for _, form := range []string{token, escaped, url.PathEscape(token), base64.StdEncoding.EncodeToString([]byte(token))} {
					if strings.Contains(everything, form) {
						t.Errorf("the token is in the log or the error:\n%s", everything)
					}
				}
			})
		}
	}
}

// hijacked sends bytes that net/http does not send.
func hijacked(response string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = conn.Close() }()
		_, _ = conn.Write([]byte(response))
	}
}

func TestEachFailedVerificationIsLoggedOnce(t *testing.T) {
	t.Parallel()
	w := getWorld(t, status(401))
	v := w.verifier(indieauth.Options{})
	var callers sync.WaitGroup
	release := make(chan struct{})
	w.handle(tokenURL, func(rw http.ResponseWriter, _ *http.Request) { <-release; rw.WriteHeader(401) })
	for range 5 {
		callers.Go(func() { _, _ = v.Verify(t.Context(), "T", stranger) })
	}
	for w.requests(getToken) == 0 {
		time.Sleep(time.Millisecond)
	}
	close(release)
	callers.Wait()
	n := w.requests(getToken)
	if got := strings.Count(w.Log.String(), "token not accepted"); got != n {
		t.Errorf("%d events for %d verifications:\n%s", got, n, w.Log)
	}
	if got := strings.Count(w.Log.String(), "endpoints discovered"); got != 1 {
		t.Errorf("%d events for one discovery:\n%s", got, w.Log)
	}
}

// A cannedTransport returns fixed responses without a network, so that a
// benchmark measures this package alone.
type cannedTransport struct{ requests int }

func (c *cannedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
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

// longToken is as long as a signed JSON Web Token.
var longToken = strings.Repeat("eyJhbGciOi.", 30)

func newCannedVerifier(b testing.TB, o indieauth.Options) (*indieauth.Verifier, *cannedTransport) {
	transport := &cannedTransport{}
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
	v, transport := newCannedVerifier(b, indieauth.Options{})
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
	v, _ := newCannedVerifier(b, indieauth.Options{Dev: true}) // without limits
	b.ReportAllocs()
	for b.Loop() {
		v.Flush()
		if _, err := v.Verify(b.Context(), longToken, stranger); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAWarmVerificationAllocatesLittle(t *testing.T) { // not parallel: AllocsPerRun counts all goroutines
	v, transport := newCannedVerifier(t, indieauth.Options{})
	before := transport.requests
	allocations := testing.AllocsPerRun(100, func() { _, _ = v.Verify(t.Context(), longToken, stranger) })
	if allocations > 2 {
		t.Errorf("%v allocations, want at most 2", allocations)
	}
	if transport.requests != before {
		t.Errorf("%d requests, want none", transport.requests-before)
	}
}

// TestRealProvider verifies a real token of a real profile with its
// authorization server.
func TestRealProvider(t *testing.T) {
	t.Parallel()
	me, token := os.Getenv("STARPUNK_TEST_ME"), os.Getenv("STARPUNK_TEST_TOKEN")
	if me == "" || token == "" {
		t.Skip("needs the network: set STARPUNK_TEST_ME to a profile URL and STARPUNK_TEST_TOKEN to an access token for it")
	}
	v, err := indieauth.New(indieauth.Options{Me: me, SiteURL: me, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Examine(t.Context(), "").Findings {
		t.Logf("%s: %s %s", f.Step, f.Text, f.Fix)
	}
	tok, err := v.Verify(t.Context(), token, stranger)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("accepted for %s, held by %s, scope %q, until %v", tok.Me, tok.ClientID, tok.Scope, tok.Expires)
	if _, err := v.Verify(t.Context(), token+"x", stranger); err == nil {
		t.Error("a changed token was accepted too")
	}
}
