package fetch

import (
	"errors"
	"net"
	"net/http"
	"time"

	"code.dny.dev/ssrf"
)

// Options configure a transport.
type Options struct {
	AllowPrivate bool          // allow addresses that are not public
	Resolver     *net.Resolver // nil means net.DefaultResolver
}

// NewTransport returns a transport that refuses to dial addresses that are not
// public, whatever name resolves to them. The check is made on the dialled
// address, so that a name which changes its address in between gains nothing.
// The transport uses no proxy, because a proxy would dial without the check.
func NewTransport(o Options) *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Resolver: o.Resolver}
	if !o.AllowPrivate {
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

// RefusedAddress returns the address that a transport of [NewTransport] refused to
// dial, or "an address" if the error does not have it. ok reports whether err is such
// a refusal.
func RefusedAddress(err error) (address string, ok bool) {
	if !errors.Is(err, ssrf.ErrProhibitedIP) {
		return "", false
	}
	if op, isOp := errors.AsType[*net.OpError](err); isOp && op.Addr != nil {
		if host, _, e := net.SplitHostPort(op.Addr.String()); e == nil {
			return host, true
		}
	}
	return "an address", true
}
