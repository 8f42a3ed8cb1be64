package devauth

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"
)

// Prefix is the path below which [Provider.Handler] answers. Mount it there,
// without stripping it.
const Prefix = "/devauth/"

const (
	maxBodyBytes  = 64 << 10
	maxQueryBytes = 8 << 10

	codeLife  = 10 * time.Minute // IndieAuth §5.2.1
	tokenLife = 24 * time.Hour
	maxCodes  = 100
	maxTokens = 1000
)

// Options say where a Provider answers and for whom.
type Options struct {
	Base   string           // the site's address, such as "http://127.0.0.1:8080"; http, loopback, no path
	Me     string           // the owner's profile URL (IndieAuth §3.2)
	Now    func() time.Time // nil means time.Now
	Logger *slog.Logger     // nil means silence
}

// A Provider is an IndieAuth server for one owner. It is safe for concurrent
// use.
type Provider struct {
	base string // Options.Base without a trailing slash
	host string // what every Host header must be
	me   string
	now  func() time.Time
	log  *slog.Logger

	mu       sync.Mutex // guards all below, but for passcode.code, which never changes
	passcode passcode
	grants   vault[*grant]
	tokens   vault[token]
}

// New returns a Provider with a fresh code and no tokens. The error says which
// option cannot be used, and why.
func New(o Options) (*Provider, error) {
	base, err := parseBase(o.Base)
	if err != nil {
		return nil, fmt.Errorf("devauth: base %q: %w", o.Base, err)
	}
	me, err := parseWebURL(o.Me)
	if err != nil {
		return nil, fmt.Errorf("devauth: me %q: %w", o.Me, err)
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
		grants:   newVault[*grant](codeLife, maxCodes),
		tokens:   newVault[token](tokenLife, maxTokens),
	}, nil
}

// Code is what the authorization page asks for: print it where only the owner
// sees it. It stays the same as long as the Provider lives.
func (p *Provider) Code() string { return p.passcode.code }

// Issue returns a new access token without asking anybody, for the command line
// that the owner reads in the terminal. It expires after 24 hours, or earlier
// if a thousand newer tokens push it out.
func (p *Provider) Issue(clientID string, scope ...string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokens.put(p.now(), token{clientID: clientID, scope: scope})
}

// Links are what the owner's profile page must link to, as relation → absolute
// URL (IndieAuth §4.1).
func (p *Provider) Links() map[string]string {
	return map[string]string{
		"authorization_endpoint": p.endpoint("authorize"),
		"token_endpoint":         p.endpoint("token"),
		"indieauth-metadata":     p.endpoint("metadata"),
	}
}

// Handler serves every path below [Prefix].
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Prefix+"metadata", p.serveMetadata)
	mux.HandleFunc("GET "+Prefix+"authorize", p.serveQuestion)
	mux.HandleFunc("POST "+Prefix+"authorize", p.serveAnswer)
	mux.HandleFunc("GET "+Prefix+"style.css", serveStyle)
	mux.HandleFunc("GET "+Prefix+"token", p.serveVerification)
	mux.HandleFunc("POST "+Prefix+"token", p.serveToken)
	mux.HandleFunc("POST "+Prefix+"introspect", p.serveIntrospection)
	mux.HandleFunc("POST "+Prefix+"revoke", p.serveRevocation)
	return p.guard(mux)
}

// guard lets through what is addressed to this machine by its own address, and
// bounds it.
func (p *Provider) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Pragma", "no-cache") // RFC 6749 §5.1 asks for both
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if r.Host != p.host {
			p.log.Warn("request refused: it names another host", "host", r.Host, "path", r.URL.Path)
			http.Error(w, "This server answers only as "+p.host+".", http.StatusMisdirectedRequest)
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

// parseBase accepts the addresses that no other machine can reach.
func parseBase(s string) (*url.URL, error) {
	u, err := parseWebURL(s)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" || u.Path != "/" || u.RawQuery != "":
		return nil, fmt.Errorf("want http://ADDRESS:PORT and nothing else")
	case !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("%s is not a loopback address; use 127.0.0.1", u.Hostname())
	}
	return u, nil
}

// isLoopback takes a host without its port. No name is looked up: browsers
// never ask the network for localhost.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback() && ip.Zone() == ""
}
