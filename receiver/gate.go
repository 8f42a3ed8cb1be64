package receiver

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// A Gate is the handler of a server whose inner handler can be exchanged while
// requests arrive. Before [Gate.Open] and after [Gate.Close] it answers 503, and
// /health reports "migrating". After [Gate.Hold] requests wait. The zero Gate is
// closed.
type Gate struct {
	// Passes reports whether a request passes a gate that is being closed or held
	// while other requests are under way. One of those may depend on it: a receiver
	// verifies tokens with requests, some of which the same process answers. The inner
	// handler must be able to answer such a request at any time. Nil means that no
	// request passes. Passes must be set before the first request.
	Passes func(r *http.Request) bool

	mu       sync.Mutex
	current  *session      // nil if the gate is closed or held
	draining *session      // the session that is ending; nil if none
	held     chan struct{} // closed when waiting requests may continue; nil if none wait
}

// maxHold limits the time that a request waits at a gate that is held.
const maxHold = 20 * time.Second

// A session is an inner handler with its requests under way.
type session struct {
	handler  http.Handler
	requests sync.WaitGroup
}

// Open passes requests on to h.
func (g *Gate) Open(h http.Handler) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.current = &session{handler: h}
	g.release()
}

// Held reports whether requests wait.
func (g *Gate) Held() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.held != nil
}

// release lets waiting requests continue. The caller holds the lock.
func (g *Gate) release() {
	if g.held != nil {
		close(g.held)
		g.held = nil
	}
}

// Close refuses further requests. It returns when the requests under way are
// done, or with an error when ctx is done earlier.
func (g *Gate) Close(ctx context.Context) error {
	return g.drain(ctx, false)
}

// Hold is like Close, but further requests wait for [Gate.Open], for a limited
// time.
func (g *Gate) Hold(ctx context.Context) error {
	return g.drain(ctx, true)
}

func (g *Gate) drain(ctx context.Context, hold bool) error {
	g.mu.Lock()
	s := g.current
	g.current = nil
	if s != nil {
		g.draining = s
	}
	switch {
	case !hold:
		g.release()
	case g.held == nil:
		g.held = make(chan struct{})
	}
	g.mu.Unlock()
	if s == nil {
		return nil
	}
	done := make(chan struct{})
	go func() {
		s.requests.Wait()
		close(done)
	}()
	defer g.drained(s)
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("requests under way: %w", ctx.Err())
	}
}

func (g *Gate) drained(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.draining == s {
		g.draining = nil
	}
}

// passage returns the handler of the session that is ending, for a request on
// which another request of that session may depend. It returns nil for any other
// request, or if no session is ending.
func (g *Gate) passage(r *http.Request) http.Handler {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.draining == nil || g.Passes == nil || !g.Passes(r) {
		return nil
	}
	return g.draining.handler
}

// enter adds a request to the open session and returns the session, or nil if
// there is none. While the gate is held it waits, until ctx is done.
func (g *Gate) enter(ctx context.Context) *session {
	for {
		g.mu.Lock()
		s, held := g.current, g.held
		if s != nil {
			s.requests.Add(1)
		}
		g.mu.Unlock()
		if s != nil || held == nil {
			return s
		}
		select {
		case <-held:
		case <-ctx.Done():
			return nil
		}
	}
}

func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == healthPath && g.Held() {
		sendHealth(w, http.StatusOK, "reloading")
		return
	}
	if h := g.passage(r); h != nil {
		h.ServeHTTP(w, r)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), maxHold)
	s := g.enter(ctx)
	cancel()
	if s != nil {
		defer s.requests.Done()
		s.handler.ServeHTTP(w, r)
		return
	}
	if r.URL.Path == healthPath {
		sendHealth(w, http.StatusServiceUnavailable, "migrating")
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	errUnavailable("The site is starting. Please try again in a moment.").send(w)
}
