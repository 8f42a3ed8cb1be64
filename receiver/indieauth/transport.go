package indieauth

import (
	"net"
	"net/http"
	"time"

	"code.dny.dev/ssrf"
)

// newTransport returns a transport that refuses to dial addresses that are not
// public, whatever name resolves to them. The check is made on the dialled
// address, so that a name which changes its address in between gains nothing.
// The transport uses no proxy, because a proxy would dial without the check.
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
