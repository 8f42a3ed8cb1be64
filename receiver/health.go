package receiver

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// serveHealth says whether notes can be received. It looks at nothing but this
// process: the authorization server's health is not ours.
func (rc *Receiver) serveHealth(w http.ResponseWriter, _ *http.Request) {
	if !rc.store.Scanned() {
		sendHealth(w, http.StatusServiceUnavailable, "indexing")
		return
	}
	sendHealth(w, http.StatusOK, "healthy")
}

func sendHealth(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Cache-Control", "no-store")
	if status != http.StatusOK {
		w.Header().Set("Retry-After", "2")
	}
	sendJSON(w, status, map[string]string{"status": word})
}

// A Gate is the handler of a server whose insides can be exchanged while
// requests come in. Until [Gate.Open], and after [Gate.Close], it answers 503:
// /health says "migrating". After [Gate.Hold] requests wait. The zero Gate is
// closed.
type Gate struct {
	// Passes reports whether a request passes a gate that is being shut, as long as
	// others are under way: one of them may depend on it, since a receiver verifies
	// tokens by requests, and some of these are answered by the same process. Its
	// handler must be able to answer at any time. Nil: none passes. Passes must be set
	// before the first request.
	Passes func(r *http.Request) bool

	mu       sync.Mutex
	current  *session      // nil: closed
	emptying *session      // is being shut; nil: none
	held     chan struct{} // closed when requests wait no longer; nil: none wait
}

// maxHold bounds how long a request waits for a gate that is held.
const maxHold = 20 * time.Second

// A session is a handler with the requests that are under way in it.
type session struct {
	handler http.Handler
	under   sync.WaitGroup
}

// Open lets requests through to h.
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

// release ends the waiting; the caller holds the lock.
func (g *Gate) release() {
	if g.held != nil {
		close(g.held)
		g.held = nil
	}
}

// Close lets no more requests through, and returns when those under way are
// done, or with an error when ctx ends before.
func (g *Gate) Close(ctx context.Context) error {
	return g.shut(ctx, false)
}

// Hold is Close for a moment: requests that come in meanwhile wait for
// [Gate.Open], for a bounded time.
func (g *Gate) Hold(ctx context.Context) error {
	return g.shut(ctx, true)
}

func (g *Gate) shut(ctx context.Context, hold bool) error {
	g.mu.Lock()
	s := g.current
	g.current = nil
	if s != nil {
		g.emptying = s
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
		s.under.Wait()
		close(done)
	}()
	defer g.emptied(s)
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("requests under way: %w", ctx.Err())
	}
}

func (g *Gate) emptied(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.emptying == s {
		g.emptying = nil
	}
}

// passage returns the handler for a request that others may depend on; nil if it is
// not one, or if none is under way in a session that ends.
func (g *Gate) passage(r *http.Request) http.Handler {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.emptying == nil || g.Passes == nil || !g.Passes(r) {
		return nil
	}
	return g.emptying.handler
}

// enter returns the open session, in which a request then is under way; nil if
// there is none. Where the gate is held it waits, until ctx ends.
func (g *Gate) enter(ctx context.Context) *session {
	for {
		g.mu.Lock()
		s, held := g.current, g.held
		if s != nil {
			s.under.Add(1)
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
	if r.URL.Path == "/health" && g.Held() {
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
		defer s.under.Done()
		s.handler.ServeHTTP(w, r)
		return
	}
	if r.URL.Path == "/health" {
		sendHealth(w, http.StatusServiceUnavailable, "migrating")
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	errUnavailable("The site is starting. Please try again in a moment.").send(w)
}
