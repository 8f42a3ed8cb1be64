package indieauth

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Options say whose tokens are looked for, and how. Only Me is required.
type Options struct {
	Me      string // the owner's profile URL (IndieAuth §3.2)
	SiteURL string // the site's address, told to servers in the User-Agent
	Version string // StarPunk's version, likewise

	// Dev allows plain HTTP and addresses of this machine and its networks, and
	// lifts all limits. It is for development alone.
	Dev bool
	// AllowPrivateNetwork allows addresses that are not public, over HTTPS.
	AllowPrivateNetwork bool

	// IntrospectionSecret is sent to the introspection endpoint: a bearer
	// secret, or user:password for HTTP Basic (RFC 7662 §2.1). If it is empty,
	// the token is sent as its own credential.
	IntrospectionSecret string

	TokenCache       bool          // remember good tokens
	TokenCacheTTL    time.Duration // for how long; 0: 5 minutes. Never past a token's own end
	EndpointCacheTTL time.Duration // for how long endpoints are; 0: 1 hour

	Logger    *slog.Logger      // nil: slog.Default
	Now       func() time.Time  // nil: time.Now
	Rand      func() float64    // in [0,1), for the waits between attempts; nil: math/rand
	Transport http.RoundTripper // nil: one that refuses addresses as documented above
	Resolver  *net.Resolver     // nil: net.DefaultResolver; not used with Transport
}

func withDefaults(o Options) Options {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.TokenCacheTTL == 0 {
		o.TokenCacheTTL = 5 * time.Minute
	}
	if o.EndpointCacheTTL == 0 {
		o.EndpointCacheTTL = time.Hour
	}
	if o.Transport == nil {
		o.Transport = newTransport(o)
	}
	return o
}

func checkMe(me string, dev bool) (*url.URL, error) {
	if _, ok := profileKey(me); !ok {
		return nil, fmt.Errorf("me %q is not a profile URL: write it like https://example.org/", me)
	}
	u, err := url.Parse(me)
	if err != nil {
		return nil, fmt.Errorf("me: %w", err)
	}
	if u.Scheme != "https" && !dev {
		return nil, fmt.Errorf("me %q is not HTTPS: tokens can't be verified safely; use https://, or --dev on your own machine", me)
	}
	return u, nil
}
