package provider

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"starpunk/receiver/provider/clientinfo"
	"starpunk/receiver/provider/state"
	"starpunk/site"
)

// Prefix is the path below which [Provider.Handler] serves, besides
// [MetadataPath]. Mount the handler at both, without stripping the prefix.
const (
	Prefix       = site.ProviderPath
	MetadataPath = site.ProviderMetadataPath
)

const (
	maxBodyBytes  = 64 << 10
	maxQueryBytes = 8 << 10

	codeLife  = time.Minute // IndieAuth §5.2.1 allows ten
	maxGrants = 100
)

// lives are those of tokens in production, devLives those of a preview.
var (
	lives    = state.Lives{Access: 30 * 24 * time.Hour, Refresh: 180 * 24 * time.Hour}
	devLives = state.Lives{Access: 24 * time.Hour, Refresh: 24 * time.Hour}
)

// A Profile is what an app with the scope "profile" learns of the owner (IndieAuth
// §5.3.4). Empty fields are left out.
type Profile struct {
	Name  string `json:"name,omitempty"`
	URL   string `json:"url,omitempty"`
	Photo string `json:"photo,omitempty"`
	Email string `json:"email,omitempty"` // only with the scope "email"
}

// Options configure a Provider. Base and Me are required, and State and Apps unless
// Dev is set.
type Options struct {
	Base    string // address of the site, without path: https, or with Dev http and loopback
	Me      string // the owner's profile URL (IndieAuth §3.2)
	Profile Profile

	// Dev makes the provider of a preview. The owner signs in with a code in the
	// terminal, each time. Tokens end with the process, and no page is fetched.
	Dev bool

	State *state.File         // passkeys and tokens
	Apps  *clientinfo.Fetcher // descriptions of apps

	// IntrospectionSecret is another credential for introspection than a token: a
	// bearer secret, or user:password for HTTP Basic. It may be empty.
	IntrospectionSecret string

	ClientAddr func(*http.Request) netip.Addr // the address of a client, behind proxies
	Now        func() time.Time               // nil means time.Now
	Logger     *slog.Logger                   // nil means no log
}

// A Provider is an IndieAuth server for one owner. It is safe for concurrent
// use.
type Provider struct {
	base    string // Options.Base without a trailing slash
	host    string // accepted value of the Host header; without a port unless dev is set
	me      string
	profile Profile
	dev     bool
	lives   state.Lives
	now     func() time.Time
	log     *slog.Logger
	secret  string // Authorization header of the introspection secret; "" for none
	forms   *http.CrossOriginProtection

	state    *state.File
	apps     *clientinfo.Fetcher // nil with dev
	passkeys *passkeyVerifier    // nil with dev
	attempts *attempts
	client   func(*http.Request) netip.Addr

	mu       sync.Mutex // guards all fields below, except passcode.code, which never changes
	passcode passcode
	grants   secretStore[*grant]
	sessions secretStore[session]
}

// New returns a Provider. The error names the option that cannot be used, and the
// reason.
func New(o Options) (*Provider, error) {
	base, err := parseBase(o.Base, o.Dev)
	if err != nil {
		return nil, fmt.Errorf("provider: base %q: %w", o.Base, err)
	}
	me, err := parseWebURL(o.Me)
	if err != nil {
		return nil, fmt.Errorf("provider: me %q: %w", o.Me, err)
	}
	p := &Provider{
		base:     base.Scheme + "://" + base.Host,
		host:     base.Host,
		me:       me.String(),
		profile:  o.Profile,
		dev:      o.Dev,
		lives:    lives,
		now:      o.Now,
		log:      o.Logger,
		secret:   authorization(o.IntrospectionSecret),
		forms:    http.NewCrossOriginProtection(),
		state:    o.State,
		apps:     o.Apps,
		attempts: newAttempts(),
		client:   o.ClientAddr,
		passcode: newPasscode(),
		grants:   newSecretStore[*grant](codeLife, maxGrants),
		sessions: newSecretStore[session](sessionLife, maxSessions),
	}
	if p.now == nil {
		p.now = time.Now
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.client == nil {
		p.client = remoteAddr
	}
	if o.Dev {
		p.lives, p.state = devLives, state.InMemory()
		return p, nil
	}
	p.host = base.Hostname()
	if p.passkeys, err = newPasskeyVerifier(p.base, p.host, p.host); err != nil {
		return nil, err
	}
	return p, p.forms.AddTrustedOrigin(p.base) // for proxies that change the port of the Host header
}

func remoteAddr(r *http.Request) netip.Addr {
	ap, _ := netip.ParseAddrPort(r.RemoteAddr) // the zero Addr on error
	return ap.Addr()
}

// Code returns the code that the authorization page of a preview requires. Print it
// where only the owner sees it. It does not change during the life of the Provider.
func (p *Provider) Code() string { return p.passcode.code }

// Issue returns a new access token of a preview without a sign-in, for the examples
// that the command prints in the owner's terminal. The token expires after 24 hours,
// or earlier if a thousand newer tokens replace it.
func (p *Provider) Issue(clientID string, scope ...string) string {
	_, tokens, err := p.issue(clientID, "", scope)
	if err != nil {
		return "" // a state in memory has no errors
	}
	return tokens.Access
}

// Links returns the links that the owner's profile page must have, as relation
// → absolute URL (IndieAuth §4.1).
func (p *Provider) Links() map[string]string { return site.ProviderLinks(p.base) }

// Handler returns a handler for [MetadataPath] and all paths below [Prefix].
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+MetadataPath, p.serveMetadata)
	mux.HandleFunc("GET "+Prefix+"authorize", p.serveConsentPage)
	mux.HandleFunc("POST "+Prefix+"authorize", p.serveDecision)
	mux.HandleFunc("GET "+Prefix+"token", p.serveVerification)
	mux.HandleFunc("POST "+Prefix+"token", p.serveToken)
	mux.HandleFunc("POST "+Prefix+"introspect", p.serveIntrospection)
	mux.HandleFunc("POST "+Prefix+"revoke", p.serveRevocation)
	mux.HandleFunc("GET "+Prefix+"userinfo", p.serveUserinfo)
	mux.HandleFunc("GET "+Prefix+"style.css", serveFile)
	if !p.dev {
		mux.HandleFunc("GET "+Prefix+"passkey.js", serveFile)
		mux.HandleFunc("POST "+Prefix+"sign-in", p.serveSignIn)
		mux.HandleFunc("GET "+Prefix+"register", p.serveRegisterPage)
		mux.HandleFunc("POST "+Prefix+"register", p.serveRegister)
		mux.HandleFunc("GET "+Prefix+"{$}", p.serveApps)
		mux.HandleFunc("POST "+Prefix+"{$}", p.serveAppsForm)
	}
	return p.guard(mux)
}

// guard passes on the requests that name this site by its own address, and limits
// their size.
func (p *Provider) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Pragma", "no-cache") // RFC 6749 §5.1 requires both
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Robots-Tag", "noindex")
		if !p.isHost(r.Host) {
			p.log.Warn("request refused: wrong host", "host", shorten(r.Host, maxLoggedRunes), "path", shorten(r.URL.Path, maxLoggedRunes))
			http.Error(w, "This server answers only at "+p.host+". A proxy must pass on the Host header.", http.StatusMisdirectedRequest)
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

// isHost reports whether a Host header names this site. A proxy may leave the port
// out. A preview is behind no proxy.
func (p *Provider) isHost(host string) bool {
	if !p.dev {
		host = (&url.URL{Host: host}).Hostname()
	}
	return strings.EqualFold(host, p.host)
}

// isOwnForm reports whether a request sends a form of this site, and answers it if
// it does not. Another page must neither act for the owner nor use up attempts.
func (p *Provider) isOwnForm(w http.ResponseWriter, r *http.Request) bool {
	if err := parseForm(r); err != nil {
		p.refuse(w, authRequest{}, err)
		return false
	}
	if err := p.forms.Check(r); err != nil {
		p.log.Warn("request refused: form sent by another page", "origin", shorten(r.Header.Get("Origin"), maxLoggedRunes), "path", r.URL.Path)
		p.refuse(w, authRequest{}, &oauthError{http.StatusForbidden, "invalid_request",
			"Another page sent this form. Use the form of this page."})
		return false
	}
	return true
}

// fail answers a request whose failure is in the log.
func (p *Provider) fail(w http.ResponseWriter, err error) {
	p.logFailure(err)
	p.refuse(w, authRequest{}, &oauthError{http.StatusServiceUnavailable, "server_error", brokenFile})
}

func (p *Provider) logFailure(err error) {
	p.log.Error("the provider cannot use its data", "error", err)
}

func (p *Provider) endpoint(name string) string { return p.base + Prefix + name }

// parseBase accepts an https address without a path. With dev it accepts only
// addresses that no other machine can reach.
func parseBase(s string, dev bool) (*url.URL, error) {
	u, err := parseWebURL(s)
	switch {
	case err != nil:
		return nil, err
	case u.Path != "/" || u.RawQuery != "":
		return nil, errors.New("must have no path and no query")
	case !dev && u.Scheme != "https":
		return nil, errors.New("must begin with https://")
	case dev && u.Scheme != "http":
		return nil, errors.New("must be http://ADDRESS:PORT and nothing else")
	case dev && !isLoopback(u.Hostname()):
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
