package indieauth

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"time"

	"starpunk/receiver/fetch"
)

// Options configure a Verifier. Only Me is required.
type Options struct {
	Me      string // the owner's profile URL (IndieAuth §3.2)
	SiteURL string // the site's address, for the User-Agent
	Version string // StarPunk's version, for the User-Agent

	// Dev allows plain HTTP and addresses of this machine and its networks, and
	// removes all limits. It is for development only.
	Dev bool
	// AllowPrivateNetwork allows addresses that are not public, over HTTPS.
	AllowPrivateNetwork bool

	// IntrospectionSecret is sent to the introspection endpoint: a bearer
	// secret, or user:password for HTTP Basic (RFC 7662 §2.1). If it is empty,
	// the token is sent as its own credential.
	IntrospectionSecret string

	TokenCache       bool          // whether valid tokens are cached
	TokenCacheTTL    time.Duration // 0 means 5 minutes; no token is cached after its own expiry
	EndpointCacheTTL time.Duration // 0 means 1 hour

	Logger    *slog.Logger      // nil means slog.Default
	Now       func() time.Time  // nil means time.Now
	Rand      func() float64    // in [0,1), for the time between attempts; nil means math/rand
	Transport http.RoundTripper // nil means a transport that refuses addresses as documented above
	Resolver  *net.Resolver     // nil means net.DefaultResolver; not used with Transport
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
		o.Transport = fetch.NewTransport(fetch.Options{AllowPrivate: o.Dev || o.AllowPrivateNetwork, Resolver: o.Resolver})
	}
	return o
}

func checkMe(me string, dev bool) (*url.URL, error) {
	if _, ok := profileKey(me); !ok {
		return nil, fmt.Errorf("me %q is not a profile URL: it must be like https://example.org/", me)
	}
	u, err := url.Parse(me)
	if err != nil {
		return nil, fmt.Errorf("me: %w", err)
	}
	if u.Scheme != "https" && !dev {
		return nil, fmt.Errorf("me %q is not HTTPS: tokens cannot be verified safely; use https://, or --dev on your own machine", me)
	}
	return u, nil
}
