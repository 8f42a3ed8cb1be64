package provider

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"
)

// Prefix is the path below which [Provider.Handler] serves. Mount the handler
// there, without stripping the prefix.
const Prefix = "/auth/"

const (
	maxBodyBytes  = 64 << 10
	maxQueryBytes = 8 << 10

	codeLife  = 10 * time.Minute // IndieAuth §5.2.1
	tokenLife = 24 * time.Hour
	maxCodes  = 100
	maxTokens = 1000
)

// Options configure a Provider.
type Options struct {
	Base   string           // the site's address, such as "http://127.0.0.1:8080"; http, loopback, no path
	Me     string           // the owner's profile URL (IndieAuth §3.2)
	Now    func() time.Time // nil means time.Now
	Logger *slog.Logger     // nil means no log
}

// A Provider is an IndieAuth server for one owner. It is safe for concurrent
// use.
type Provider struct {
	base string // Options.Base without a trailing slash
	host string // the only accepted value of the Host header
	me   string
	now  func() time.Time
	log  *slog.Logger

	mu       sync.Mutex // guards all fields below, except passcode.code, which never changes
	passcode passcode
	grants   secretStore[*grant]
	tokens   secretStore[token]
}

// New returns a Provider with a new code and no tokens. The error names the
// option that cannot be used, and the reason.
func New(o Options) (*Provider, error) {
	base, err := parseBase(o.Base)
	if err != nil {
		return nil, fmt.Errorf("provider: base %q: %w", o.Base, err)
	}
	me, err := parseWebURL(o.Me)
	if err != nil {
		return nil, fmt.Errorf("provider: me %q: %w", o.Me, err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Provider{
		base:     "http://" + base.Host,
		host:     base.Host,
		me:       me.String(),
		now:      o.Now,
		log:      o.Logger,
		passcode: newPasscode(),
		grants:   newSecretStore[*grant](codeLife, maxCodes),
		tokens:   newSecretStore[token](tokenLife, maxTokens),
	}, nil
}

// Code returns the code that the authorization page requires. Print it where
// only the owner sees it. It does not change during the life of the Provider.
func (p *Provider) Code() string { return p.passcode.code }

// Issue returns a new access token without a sign-in, for the examples that the
// command prints in the owner's terminal. The token expires after 24 hours, or
// earlier if a thousand newer tokens replace it.
func (p *Provider) Issue(clientID string, scope ...string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokens.put(p.now(), token{clientID: clientID, scope: scope})
}

// Links returns the links that the owner's profile page must have, as relation
// → absolute URL (IndieAuth §4.1).
func (p *Provider) Links() map[string]string {
	return map[string]string{
		"authorization_endpoint": p.endpoint("authorize"),
		"token_endpoint":         p.endpoint("token"),
		"indieauth-metadata":     p.endpoint("metadata"),
	}
}

// Handler returns a handler for all paths below [Prefix].
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Prefix+"metadata", p.serveMetadata)
	mux.HandleFunc("GET "+Prefix+"authorize", p.serveConsentPage)
	mux.HandleFunc("POST "+Prefix+"authorize", p.serveDecision)
	mux.HandleFunc("GET "+Prefix+"style.css", serveStyle)
	mux.HandleFunc("GET "+Prefix+"token", p.serveVerification)
	mux.HandleFunc("POST "+Prefix+"token", p.serveToken)
	mux.HandleFunc("POST "+Prefix+"introspect", p.serveIntrospection)
	mux.HandleFunc("POST "+Prefix+"revoke", p.serveRevocation)
	return p.guard(mux)
}

// guard passes on the requests that name this machine by its own address, and
// limits their size.
func (p *Provider) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Pragma", "no-cache") // RFC 6749 §5.1 requires both
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if r.Host != p.host {
			p.log.Warn("request refused: wrong host", "host", r.Host, "path", r.URL.Path)
			http.Error(w, "This server answers only at "+p.host+".", http.StatusMisdirectedRequest)
			return
		}
		if len(r.URL.RawQuery) > maxQueryBytes {
			http.Error(w, "The query is too long.", http.StatusRequestURITooLong)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
		next.ServeHTTP(w, r)
	})
}

func (p *Provider) endpoint(name string) string { return p.base + Prefix + name }

// parseBase accepts only addresses that no other machine can reach.
func parseBase(s string) (*url.URL, error) {
	u, err := parseWebURL(s)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" || u.Path != "/" || u.RawQuery != "":
		return nil, errors.New("must be http://ADDRESS:PORT and nothing else")
	case !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("%s is not a loopback address; use 127.0.0.1", u.Hostname())
	}
	return u, nil
}

// isLoopback reports whether a host, without port, is a loopback address or
// "localhost". It resolves no name: browsers never resolve localhost over the
// network.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback() && ip.Zone() == ""
}
