package indieauth_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/receiver/internal/logtest"
)

// A world is one HTTPS server for every host name, with certificates of its own
// authority, and a transport that connects to it.
type world struct {
	t         *testing.T
	Transport *http.Transport
	Log       *logtest.Buffer
	Clock     *clock

	mu       sync.Mutex
	handlers map[string]http.HandlerFunc // by URL without query
	received []string                    // "GET https://host/path", in order
}

const (
	owner     = "https://owner.example/"
	tokenURL  = "https://auth.example/token"
	tokenLink = `<!doctype html><link rel="token_endpoint" href="` + tokenURL + `">`
)

var stranger = netip.MustParseAddr("203.0.113.7")

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, handlers: map[string]http.HandlerFunc{}, Log: &logtest.Buffer{}, Clock: newClock()}
	server := httptest.NewUnstartedServer(w)
	authority := newAuthority(t)
	server.TLS = &tls.Config{GetCertificate: authority.certificate}
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	w.Transport = &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: authority.pool},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		},
	}
	t.Cleanup(w.Transport.CloseIdleConnections)
	return w
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	address := "https://" + r.Host + r.URL.Path
	w.mu.Lock()
	w.received = append(w.received, r.Method+" "+address)
	handler := w.handlers[address]
	w.mu.Unlock()
	if handler == nil {
		http.NotFound(rw, r)
		return
	}
	handler(rw, r)
}

func (w *world) handle(url string, h http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.handlers[url] = h
}

// requests returns the number of requests with the given method and URL.
func (w *world) requests(line string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, l := range w.received {
		if l == line {
			n++
		}
	}
	return n
}

// verifier returns a Verifier that uses the world, its log and its clock.
func (w *world) verifier(o indieauth.Options) *indieauth.Verifier {
	w.t.Helper()
	if o.Me == "" {
		o.Me = owner
	}
	if o.Transport == nil {
		o.Transport = w.Transport
	}
	o.SiteURL, o.Version = cmp.Or(o.SiteURL, "https://owner.example/"), "1.2.3"
	o.Logger = w.Log.Logger()
	o.Now = w.Clock.Now
	o.Rand = func() float64 { return 0 }
	v, err := indieauth.New(o)
	if err != nil {
		w.t.Fatalf("New: %v", err)
	}
	return v
}

// verify calls v.Verify and returns the token or the Error.
func verify(t *testing.T, v *indieauth.Verifier, token string) (*indieauth.Token, *indieauth.Error) {
	t.Helper()
	tok, err := v.Verify(t.Context(), token, stranger)
	if err == nil {
		return tok, nil
	}
	e, ok := errors.AsType[*indieauth.Error](err)
	if !ok {
		t.Fatalf("Verify: %v is a %T, want an *Error", err, err)
	}
	return nil, e
}

func wantKind(t *testing.T, err *indieauth.Error, want indieauth.Kind) {
	t.Helper()
	if err == nil {
		t.Fatalf("the token was accepted, want %v", want)
	}
	if err.Kind != want {
		t.Fatalf("error %q, want kind %v", err, want)
	}
}

func text(contentType, body string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", contentType)
		fmt.Fprint(rw, body)
	}
}

func status(code int) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(code) }
}

// tokens returns a token endpoint with an answer for each Bearer token, and 401
// for all others.
func tokens(answers map[string]string) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		answer, ok := answers[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		if !ok {
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		fmt.Fprint(rw, answer)
	}
}

const goodAnswer = `{"me":"https://owner.example/","client_id":"https://app.example/","scope":"create update"}`

// raw serves a response as written in a test file.
func raw(t *testing.T, response []byte) http.HandlerFunc {
	t.Helper()
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader(response)))
	statusLine, err := r.ReadLine()
	if err != nil {
		t.Fatalf("status line: %v", err)
	}
	var code int
	if _, err := fmt.Sscanf(statusLine, "HTTP/1.1 %d", &code); err != nil {
		t.Fatalf("status line %q: %v", statusLine, err)
	}
	header, err := r.ReadMIMEHeader()
	if err != nil {
		t.Fatalf("header: %v", err)
	}
	body, err := io.ReadAll(r.R)
	if err != nil {
		t.Fatalf("body: %v", err)
	}
	return func(rw http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			rw.Header()[name] = values
		}
		if header.Get("Content-Type") == "" {
			rw.Header()["Content-Type"] = nil // send none
		}
		rw.WriteHeader(code)
		_, _ = rw.Write(body)
	}
}

// A clock moves only when a test advances it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
