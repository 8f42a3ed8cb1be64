package indieauth

import (
	"net"
	"net/http"
	"time"

	"code.dny.dev/ssrf"
)

// newTransport returns one that refuses to dial addresses that are not public,
// whatever name led to them: the check is made on the address being dialled, so
// that a name that changes its address in between gains nothing. It uses no
// proxy, which would dial in its stead.
func newTransport(o Options) *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Resolver: o.Resolver}
	if !o.Dev && !o.AllowPrivateNetwork {
		dialer.Control = ssrf.New(ssrf.WithAnyPort()).Safe
	}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxIdleConns:           10,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
	}
}
