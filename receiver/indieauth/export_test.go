package indieauth

import (
	"net/http"
	"time"
)

// NewTransport is the transport of production, to be put beside one that leads
// host names to the test server.
func NewTransport(o Options) http.RoundTripper { return newTransport(o) }

// Hurry shortens what a Verifier waits for servers.
func (v *Verifier) Hurry(fetch, attempt, ask time.Duration) {
	v.fetchTimeout, v.attemptTimeout, v.askTimeout = fetch, attempt, ask
}
