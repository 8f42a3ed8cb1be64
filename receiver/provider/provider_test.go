package provider_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"starpunk/receiver/internal/logtest"
	"starpunk/receiver/provider"
)

// A server is a Provider on a loopback listener, with a clock that only a test
// moves, and a log in a buffer.
type server struct {
	*provider.Provider
	t         *testing.T
	base      string
	transport http.RoundTripper // of its own: the end of another server closes the connections of the default one
	since     atomic.Int64      // nanoseconds by which the clock was advanced
	log       logtest.Buffer
}

func start(t *testing.T) *server {
	ts := httptest.NewUnstartedServer(nil)
	s := &server{t: t, base: "http://" + ts.Listener.Addr().String()}
	epoch := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	p, err := provider.New(provider.Options{
		Base:   s.base,
		Me:     s.base,
		Dev:    true,
		Now:    func() time.Time { return epoch.Add(time.Duration(s.since.Load())) },
		Logger: s.log.Logger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Provider = p
	ts.Config.Handler = p.Handler()
	ts.Start()
	s.transport = ts.Client().Transport
	t.Cleanup(ts.Close)
	return s
}

func (s *server) advance(d time.Duration) { s.since.Add(int64(d)) }

// An answer is a response whose body has been read.
type answer struct {
	*http.Response
	body string
}

// do sends a request and does not follow redirects. headers are pairs of name
// and value; "Host" is one of them.
func (s *server) do(method, target, body string, headers ...string) answer {
	s.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = s.base + target
	}
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	resp, err := s.transport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{resp, string(data)}
}

func (s *server) get(target string, headers ...string) answer {
	s.t.Helper()
	return s.do("GET", target, "", headers...)
}

func (a answer) wantStatus(t *testing.T, want int) {
	t.Helper()
	if a.StatusCode != want {
		t.Fatalf("%s %s: status %d, want %d; body: %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, want, a.body)
	}
}

func TestNewRefusesInvalidOptions(t *testing.T) {
	t.Parallel()
	const good = "http://127.0.0.1:8080"
	tests := []struct{ name, base, me, want string }{
		{"no base", "", good, "missing"},
		{"an address that other machines can reach", "http://0.0.0.0:8080", good, "must be a name or a loopback address"},
		{"a name that other machines can resolve", "http://example.com", good, "not a loopback address"},
		{"https, for which it has no certificate", "https://127.0.0.1:8080", good, "must be http://"},
		{"a path", good + "/site", good, "must have no path"},
		{"a query", good + "/?a", good, "must have no path"},
		{"no owner", good, "", "missing"},
		{"an owner who is not a URL", good, "alice", "must be an http or https URL"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := provider.New(provider.Options{Base: test.base, Me: test.me, Dev: true})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("New(%q, %q): %v, want an error with %q", test.base, test.me, err, test.want)
			}
		})
	}
	for _, base := range []string{good, good + "/", "http://[::1]:8080", "http://localhost:8080", "http://127.0.0.1"} {
		if _, err := provider.New(provider.Options{Base: base, Me: good, Dev: true}); err != nil {
			t.Errorf("New(%q): %v", base, err)
		}
	}
}

func TestOnlyItsOwnHostIsAccepted(t *testing.T) {
	t.Parallel()
	s := start(t)
	port := s.base[strings.LastIndex(s.base, ":"):]
	for _, host := range []string{"evil.example", "evil.example" + port, "localhost" + port, "127.0.0.1", "127.0.0.1:1", "127.0.0.2" + port} {
		for _, path := range []string{provider.MetadataPath, provider.Prefix + "authorize", provider.Prefix + "token", provider.Prefix + "style.css"} {
			s.get(path, "Host", host).wantStatus(t, http.StatusMisdirectedRequest)
		}
		for _, path := range []string{"authorize", "token", "introspect", "revoke"} {
			s.do("POST", provider.Prefix+path, "", "Host", host).wantStatus(t, http.StatusMisdirectedRequest)
		}
	}
	s.get(provider.MetadataPath).wantStatus(t, http.StatusOK)
}

func TestInputIsBounded(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.get(provider.Prefix+"authorize?state="+strings.Repeat("s", 8<<10)).wantStatus(t, http.StatusRequestURITooLong)
	for _, path := range []string{"authorize", "token", "introspect", "revoke"} {
		const prefixLen = len("token=")
		fits := "token=" + strings.Repeat("t", 64<<10-prefixLen)
		if got := s.do("POST", provider.Prefix+path, fits, "Authorization", "Bearer x"); got.StatusCode == http.StatusRequestEntityTooLarge {
			t.Errorf("POST %s of 64 KiB: status %d", path, got.StatusCode)
		}
		s.do("POST", provider.Prefix+path, fits+"t", "Authorization", "Bearer x").wantStatus(t, http.StatusRequestEntityTooLarge)
	}
}

func TestResponsesAreNotStoredFramedOrScripted(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{provider.MetadataPath, provider.Prefix + "authorize", provider.Prefix + "token", provider.Prefix + "style.css"} {
		h := s.get(path).Header
		for name, want := range map[string]string{
			"Cache-Control":          "no-store",
			"X-Frame-Options":        "DENY",
			"X-Content-Type-Options": "nosniff",
			"Referrer-Policy":        "no-referrer",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s: %q, want %q", path, name, got, want)
			}
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'; ") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: Content-Security-Policy: %q", path, csp)
		}
	}
}
