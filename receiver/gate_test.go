package receiver_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"starpunk/receiver"
)

func TestAGateIsClosedUntilItIsOpened(t *testing.T) {
	t.Parallel()
	var gate receiver.Gate
	send := func(path string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		gate.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		return rec
	}
	if rec := send("/health"); rec.Code != 503 || strings.TrimSpace(rec.Body.String()) != `{"status":"migrating"}` || rec.Header().Get("Retry-After") == "" {
		t.Errorf("health: %d %v %s", rec.Code, rec.Header(), rec.Body)
	}
	if rec := send("/micropub"); rec.Code != 503 || !strings.Contains(rec.Body.String(), "temporarily_unavailable") || rec.Header().Get("Retry-After") == "" {
		t.Errorf("micropub: %d %v %s", rec.Code, rec.Header(), rec.Body)
	}
	for _, status := range []int{http.StatusOK, http.StatusTeapot} {
		gate.Open(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		if rec := send("/health"); rec.Code != status {
			t.Errorf("opened for a handler with status %d: %d", status, rec.Code)
		}
	}
	if err := gate.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if rec := send("/health"); rec.Code != 503 {
		t.Errorf("closed again: %d", rec.Code)
	}
}

func TestAGateClosesWhenTheRequestsUnderWayAreDone(t *testing.T) {
	t.Parallel()
	var gate receiver.Gate
	var finished atomic.Bool
	entered, finish := make(chan struct{}), make(chan struct{})
	gate.Open(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health" {
			return
		}
		close(entered)
		<-finish
		finished.Store(true)
	}))
	go gate.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	<-entered
	go func() {
		for { // until the gate is closed
			rec := httptest.NewRecorder()
			gate.ServeHTTP(rec, httptest.NewRequest("GET", "/health", nil))
			if rec.Code == http.StatusServiceUnavailable {
				break
			}
			runtime.Gosched()
		}
		close(finish)
	}()
	if err := gate.Close(t.Context()); err != nil || !finished.Load() {
		t.Errorf("Close: %v, while a request was under way", err)
	}
}

func TestRequestsWaitWhileAGateIsHeld(t *testing.T) {
	t.Parallel()
	var gate receiver.Gate
	answer := func(status int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	}
	send := func(ctx context.Context, path string) int {
		rec := httptest.NewRecorder()
		gate.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, "POST", path, nil))
		return rec.Code
	}
	for _, tc := range []struct {
		name string
		then func()
		want int
	}{
		{"until it is opened for another handler", func() { gate.Open(answer(http.StatusTeapot)) }, http.StatusTeapot},
		{"until it is closed", func() { _ = gate.Close(t.Context()) }, http.StatusServiceUnavailable},
	} {
		gate.Open(answer(http.StatusOK))
		for range 2 { // like two signals
			if err := gate.Hold(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		codes := make(chan int)
		for range 3 {
			go func() { codes <- send(t.Context(), "/micropub") }()
		}
		if code := send(t.Context(), "/health"); code != http.StatusOK {
			t.Errorf("health of a held gate: %d", code)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if code := send(ended, "/micropub"); code != http.StatusServiceUnavailable {
			t.Errorf("a request whose client disconnected: %d", code)
		}
		tc.then()
		for range 3 {
			if code := <-codes; code != tc.want {
				t.Errorf("requests wait %s: %d, want %d", tc.name, code, tc.want)
			}
		}
	}
}

// TestARequestPassesAGateOnWhichAnotherDepends: a receiver that verifies a token may
// request a page of its own process. If that request were held, the first one would
// fail, and the gate would wait for it.
func TestARequestPassesAGateOnWhichAnotherDepends(t *testing.T) {
	t.Parallel()
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
		entered, proceed := make(chan struct{}), make(chan struct{})
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
			<-proceed
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
		close(proceed)
		if code := <-outer; code != http.StatusTeapot {
			t.Errorf("a request that depends on another one, while the gate is %s: %d", shut.name, code)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := gate.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if code := get("/"); code != http.StatusServiceUnavailable {
			t.Errorf("a request on which no other depends, while the gate is closed: %d", code)
		}
	}
}

func TestTheWaitForRequestsUnderWayIsLimited(t *testing.T) {
	t.Parallel()
	var gate receiver.Gate
	entered, finish := make(chan struct{}), make(chan struct{})
	defer close(finish)
	gate.Open(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-finish
	}))
	go gate.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := gate.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close: %v, want a deadline", err)
	}
}
