package indieauth

import (
	"net/http"
	"time"
)

// NewTransport returns the transport of production. Tests combine it with a
// transport that connects host names to the test server.
func NewTransport(o Options) http.RoundTripper { return withDefaults(o).Transport }

// SetTimeouts shortens the time limits of a Verifier.
func (v *Verifier) SetTimeouts(fetch, attempt, all time.Duration) {
	v.fetchTimeout, v.attemptTimeout, v.askTimeout = fetch, attempt, all
}
