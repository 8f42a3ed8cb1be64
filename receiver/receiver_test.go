package receiver_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"starpunk/receiver"
)

func TestWebAppsMayCall(t *testing.T) {
	w := newWorld(t, setting{})
	res := w.do(w.request("OPTIONS", "/micropub", "", "", ""))
	if res.StatusCode != 204 || res.Header.Get("Access-Control-Allow-Methods") != "GET, HEAD, POST, OPTIONS" ||
		res.Header.Get("Access-Control-Allow-Headers") != "Authorization, Content-Type" {
		t.Errorf("preflight without a token: %d %v", res.StatusCode, res.Header)
	}
	for name, res := range map[string]*response{
		"preflight": res, "query": w.get("create", "q=config"), "post": w.post("create", formType, "content=x"),
		"refusal": w.post("", formType, "content=x"),
	} {
		if res.Header.Get("Access-Control-Allow-Origin") != "*" || res.Header.Get("Access-Control-Expose-Headers") != "Location, Link" {
			t.Errorf("%s: %v", name, res.Header)
		}
	}
}

func TestMethods(t *testing.T) {
	w := newWorld(t, setting{})
	for _, method := range []string{"PUT", "DELETE", "PATCH"} {
		res := w.do(w.request(method, "/micropub", "all", "", ""))
		w.wantError(res, 405, "invalid_request")
		if got := res.Header.Get("Allow"); got != "GET, HEAD, POST, OPTIONS" {
			t.Errorf("%s: Allow %q", method, got)
		}
	}
	get, head := w.get("all", "q=config"), w.do(w.request("HEAD", "/micropub?q=config", "all", "", ""))
	if head.StatusCode != 200 || head.body != "" || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
		t.Errorf("HEAD: %d %v %q", head.StatusCode, head.Header, head.body)
	}
	if res := w.do(w.request("GET", "/micropub/other", "all", "", "")); res.StatusCode != 404 {
		t.Errorf("another path: %d, want 404", res.StatusCode)
	}
}

func TestHealth(t *testing.T) {
	w := newWorld(t, setting{})
	res := w.do(w.request("GET", "/health", "", "", ""))
	if res.StatusCode != 200 || strings.TrimSpace(res.body) != `{"status":"healthy"}` {
		t.Errorf("%d %s", res.StatusCode, res.body)
	}
	if res := w.do(w.request("POST", "/health", "", "", "")); res.StatusCode != 405 {
		t.Errorf("POST: %d, want 405", res.StatusCode)
	}
}

func TestUntilTheNotesAreScannedNothingIsReceived(t *testing.T) {
	w := newWorld(t, setting{unready: true})
	health := w.do(w.request("GET", "/health", "", "", ""))
	if health.StatusCode != 503 || strings.TrimSpace(health.body) != `{"status":"indexing"}` {
		t.Errorf("health: %d %s", health.StatusCode, health.body)
	}
	for name, res := range map[string]*response{
		"a post": w.post("all", formType, "content=x"), "a list": w.get("all", "q=source"),
		"a source": w.get("all", "q=source&url=https://example.org/a/"),
	} {
		w.wantError(res, 503, "temporarily_unavailable")
		if res.Header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", name)
		}
	}
	if res := w.get("all", "q=config"); res.StatusCode != 200 {
		t.Errorf("q=config: %d %s, want 200: it needs no notes", res.StatusCode, res.body)
	}
	w.scan()
	if res := w.post("all", formType, "content=x"); res.StatusCode != 202 {
		t.Errorf("after the scan: %d %s, want 202", res.StatusCode, res.body)
	}
}

func TestAGateIsClosedUntilItIsOpened(t *testing.T) {
	var gate receiver.Gate
	ask := func(path string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		gate.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		return rec
	}
	if rec := ask("/health"); rec.Code != 503 || strings.TrimSpace(rec.Body.String()) != `{"status":"migrating"}` || rec.Header().Get("Retry-After") == "" {
		t.Errorf("health: %d %v %s", rec.Code, rec.Header(), rec.Body)
	}
	if rec := ask("/micropub"); rec.Code != 503 || !strings.Contains(rec.Body.String(), "temporarily_unavailable") || rec.Header().Get("Retry-After") == "" {
		t.Errorf("micropub: %d %v %s", rec.Code, rec.Header(), rec.Body)
	}
	for _, status := range []int{http.StatusOK, http.StatusTeapot} {
		gate.Open(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		if rec := ask("/health"); rec.Code != status {
			t.Errorf("opened to a handler that answers %d: %d", status, rec.Code)
		}
	}
	if err := gate.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if rec := ask("/health"); rec.Code != 503 {
		t.Errorf("closed again: %d", rec.Code)
	}
}

func TestAGateClosesWhenTheRequestsUnderWayAreDone(t *testing.T) {
	var gate receiver.Gate
	var finished atomic.Bool
	entered, leave := make(chan struct{}), make(chan struct{})
	gate.Open(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-leave
		finished.Store(true)
	}))
	go gate.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	<-entered
	time.AfterFunc(10*time.Millisecond, func() { close(leave) })
	if err := gate.Close(t.Context()); err != nil || !finished.Load() {
		t.Errorf("Close: %v, while a request was under way", err)
	}
}

func TestRequestsWaitWhileAGateIsHeld(t *testing.T) {
	var gate receiver.Gate
	answer := func(status int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	}
	ask := func(ctx context.Context, path string) int {
		rec := httptest.NewRecorder()
		gate.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, "POST", path, nil))
		return rec.Code
	}
	for _, tc := range []struct {
		name string
		then func()
		want int
	}{
		{"until it is opened to another handler", func() { gate.Open(answer(http.StatusTeapot)) }, http.StatusTeapot},
		{"until it is closed", func() { _ = gate.Close(t.Context()) }, http.StatusServiceUnavailable},
	} {
		gate.Open(answer(http.StatusOK))
		for range 2 { // as two signals one after the other
			if err := gate.Hold(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		codes := make(chan int)
		for range 3 {
			go func() { codes <- ask(t.Context(), "/micropub") }()
		}
		if code := ask(t.Context(), "/health"); code != http.StatusOK {
			t.Errorf("health of a gate that is held: %d", code)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if code := ask(ended, "/micropub"); code != http.StatusServiceUnavailable {
			t.Errorf("a request whose client went away: %d", code)
		}
		tc.then()
		for range 3 {
			if code := <-codes; code != tc.want {
				t.Errorf("requests wait %s: %d, want %d", tc.name, code, tc.want)
			}
		}
	}
}

// A receiver that verifies a token may request a page of its own process. Were that
// request held, the first one would fail, and the gate would wait for it.
func TestARequestPassesAGateOnWhichAnotherDepends(t *testing.T) {
	for _, shut := range []struct {
		name string
		shut func(*receiver.Gate, context.Context) error
	}{{"held", (*receiver.Gate).Hold}, {"closed", (*receiver.Gate).Close}} {
		gate := receiver.Gate{Passes: func(r *http.Request) bool { return r.URL.Path == "/" }}
		server := httptest.NewServer(&gate)
		defer server.Close()
		get := func(path string) int {
			a, err := server.Client().Get(server.URL + path)
			if err != nil {
				t.Error(err)
				return 0
			}
			a.Body.Close()
			return a.StatusCode
		}
		entered, goOn := make(chan struct{}), make(chan struct{})
		gate.Open(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/":
				w.WriteHeader(http.StatusTeapot)
				return
			case "/health":
				w.WriteHeader(http.StatusNoContent)
				return
			}
			close(entered)
			<-goOn
			w.WriteHeader(get("/"))
		}))
		outer := make(chan int)
		go func() { outer <- get("/micropub") }()
		<-entered
		done := make(chan error)
		go func() { done <- shut.shut(&gate, t.Context()) }()
		for get("/health") == http.StatusNoContent { // the gate is still open
			runtime.Gosched()
		}
		close(goOn)
		if code := <-outer; code != http.StatusTeapot {
			t.Errorf("a request that depends on another one while the gate is %s: %d", shut.name, code)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := gate.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if code := get("/"); code != http.StatusServiceUnavailable {
			t.Errorf("a request that none depends on while the gate is closed: %d", code)
		}
	}
}

func TestARequestThatDoesNotEndHoldsAGateOpenForABoundedTime(t *testing.T) {
	var gate receiver.Gate
	entered, leave := make(chan struct{}), make(chan struct{})
	defer close(leave)
	gate.Open(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-leave
	}))
	go gate.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := gate.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close: %v, want a deadline", err)
	}
}

func TestTheServerBoundsWhatItReads(t *testing.T) {
	const wait = time.Minute
	server := receiver.NewServer(http.NotFoundHandler(), wait, slog.New(slog.DiscardHandler))
	if server.WriteTimeout <= server.ReadTimeout+wait {
		t.Errorf("an answer may take %v, which is no longer than reading for %v and waiting for %v", server.WriteTimeout, server.ReadTimeout, wait)
	}
	if server.ReadHeaderTimeout <= 0 || server.ReadTimeout <= 0 || server.IdleTimeout <= 0 {
		t.Errorf("a timeout is missing: %+v", server)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+listener.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+strings.Repeat("x", 100<<10))
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 100 KiB: %d, want 431", res.StatusCode)
	}
}
