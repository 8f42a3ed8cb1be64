package receiver

import (
	"context"
	"fmt"
	"net/http"
	"sync"
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
// /health says "migrating". The zero Gate is closed.
type Gate struct {
	mu      sync.Mutex
	current *session // nil: closed
}

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
}

// Close lets no more requests through, and returns when those under way are
// done, or with an error when ctx ends before.
func (g *Gate) Close(ctx context.Context) error {
	g.mu.Lock()
	s := g.current
	g.current = nil
	g.mu.Unlock()
	if s == nil {
		return nil
	}
	done := make(chan struct{})
	go func() {
		s.under.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("requests under way: %w", ctx.Err())
	}
}

// enter returns the open session, in which a request then is under way.
func (g *Gate) enter() *session {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.current != nil {
		g.current.under.Add(1)
	}
	return g.current
}

func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s := g.enter(); s != nil {
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
