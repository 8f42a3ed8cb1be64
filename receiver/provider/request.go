package provider

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// An authRequest is an authorization request that has passed all checks
// (IndieAuth §5.2).
type authRequest struct {
	ClientID    string
	RedirectURI string
	State       string
	Challenge   string   // code_challenge; S256
	Scope       []string // may be empty: the app only wants the identity of the owner

	client   *url.URL // ClientID, parsed
	redirect *url.URL // RedirectURI, parsed; set once it is known to belong to the client
}

// parseAuthRequest reads the query of a request, or the form that repeats it.
// isListed reports whether the app's own page lists a redirect URL. If the request
// of an error has a redirect, that address belongs to the client, and the client may be
// notified there.
func (p *Provider) parseAuthRequest(v url.Values, isListed func(clientID, redirectURI string) bool) (authRequest, *oauthError) {
	req := authRequest{
		ClientID:    v.Get("client_id"),
		RedirectURI: v.Get("redirect_uri"),
		State:       v.Get("state"),
		Challenge:   v.Get("code_challenge"),
	}
	for _, name := range [...]string{"client_id", "redirect_uri", "state", "scope", "response_type", "code_challenge", "code_challenge_method"} {
		if len(v[name]) > 1 { // RFC 6749 §3.1
			return req, oauthErrorf("invalid_request", "%s must not be given more than once.", name)
		}
	}
	var err *oauthError
	if req.client, err = p.checkClient(req.ClientID); err != nil {
		return req, err
	}
	if req.redirect, err = p.checkRedirect(req, isListed); err != nil {
		return req, err
	}
	if strings.ContainsFunc(req.State, notPrintable) { // RFC 6749 A.5
		req.State = ""
		return req, oauthErrorf("invalid_request", "state must be printable ASCII; a form cannot return other characters unchanged.")
	}
	if t := v.Get("response_type"); t != "code" {
		return req, oauthErrorf("unsupported_response_type", "response_type is '%s'; it must be 'code'.", t)
	}
	if err := checkChallenge(req.Challenge, v.Get("code_challenge_method")); err != nil {
		return req, err
	}
	req.Scope, err = parseScope(v.Get("scope"))
	return req, err
}

// checkClient returns the URL of a client (IndieAuth §3.3). Outside of a preview it
// must be HTTPS, unless it is on the owner's own machine: a page that is changed on
// its way could list any redirect URL.
func (p *Provider) checkClient(clientID string) (*url.URL, *oauthError) {
	client, err := parseShownURL(clientID)
	if err != nil {
		return nil, oauthErrorf("invalid_request", "client_id '%s': %v.", clientID, err)
	}
	if hasDotSegment(client.Path) { // IndieAuth §3.3
		return nil, oauthErrorf("invalid_request", "client_id '%s' has '.' or '..' in its path.", clientID)
	}
	if !p.dev && client.Scheme != "https" && !isLoopback(client.Hostname()) {
		return nil, oauthErrorf("invalid_request", "client_id '%s': must begin with https://.", clientID)
	}
	return client, nil
}

// checkRedirect returns the redirect URL if it is safe to send the response there
// (IndieAuth §5.2, §10.1): it has the scheme, host and port of the client, or the
// client's page lists exactly this text. A preview fetches no page, and accepts
// loopback addresses instead (RFC 8252 §7.3).
func (p *Provider) checkRedirect(req authRequest, isListed func(clientID, redirectURI string) bool) (*url.URL, *oauthError) {
	redirect, err := parseShownURL(req.RedirectURI)
	switch {
	case err == nil && origin(redirect) == origin(req.client):
		return redirect, nil
	case p.dev && err != nil:
		return nil, oauthErrorf("invalid_request", "redirect_uri '%s': %v.", req.RedirectURI, err)
	case p.dev && !isLoopback(redirect.Hostname()):
		return nil, oauthErrorf("invalid_request", "redirect_uri '%s' must be at %s, like the client_id, or at a loopback address. "+
			"This development server does not fetch the client page, which could list other addresses.", req.RedirectURI, origin(req.client))
	case p.dev:
		return redirect, nil
	}
	if redirect, err = parseListedURL(req.RedirectURI); err != nil {
		return nil, oauthErrorf("invalid_request", "redirect_uri '%s': %v.", req.RedirectURI, err)
	}
	if !isListed(req.ClientID, req.RedirectURI) {
		return nil, oauthErrorf("invalid_request", "redirect_uri '%s' is not at %s, like the client_id, and the page of the app does not list it.", req.RedirectURI, origin(req.client))
	}
	return redirect, nil
}

// parseListedURL reads a redirect URL that the client's page must list: an https
// URL, an http URL of the owner's machine, or a URL with the scheme of an app (RFC
// 8252 §7).
func parseListedURL(s string) (*url.URL, error) {
	if u, err := parseShownURL(s); err == nil {
		if u.Scheme == "http" && !isLoopback(u.Hostname()) {
			return nil, errors.New("must begin with https://")
		}
		return u, nil
	}
	u, err := url.Parse(s)
	switch {
	case s == "":
		return nil, errors.New("is missing")
	case strings.ContainsFunc(s, notURLRune):
		return nil, errNotURLRune
	case err != nil || isWeb(u):
		return nil, errors.New("must be an https URL, or one with the scheme of an app")
	case notAppSchemes[u.Scheme] || u.Scheme == "" || strings.HasPrefix(u.Scheme, "ms-"): // ms- are programs of Windows
		return nil, fmt.Errorf("its scheme '%s' is not that of an app", u.Scheme)
	case strings.Contains(s, "#"):
		return nil, errors.New("must not contain a fragment")
	}
	return u, nil
}

// notAppSchemes are schemes that a browser handles itself, or passes to a program
// with another purpose than sign-ins.
var notAppSchemes = map[string]bool{
	"javascript": true, "data": true, "vbscript": true, "blob": true, "file": true, "filesystem": true, "about": true,
	"view-source": true, "chrome": true, "resource": true, "jar": true, "ws": true, "wss": true, "ftp": true,
	"mailto": true, "tel": true, "sms": true, "urn": true, "cid": true, "mid": true, "intent": true, "search-ms": true, "shell": true, "ssh": true, "vnc": true,
}

func isWeb(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

var errNotURLRune = errors.New("has a space or another character that a URL must have in percent encoding")

// notURLRune reports whether a character must be percent-encoded (RFC 3986 §2).
func notURLRune(r rune) bool {
	return notPrintable(r) || strings.ContainsRune(" \"<>\\^`{|}", r)
}

// checkChallenge requires S256. The method "plain", which is also the default,
// protects nothing on a machine where other programs can read the request (RFC
// 7636 §4.2, §4.3, §7.2).
func checkChallenge(challenge, method string) *oauthError {
	if method != "S256" {
		return oauthErrorf("invalid_request", "code_challenge_method is '%s'; it must be 'S256'.", method)
	}
	sum, err := base64.RawURLEncoding.DecodeString(challenge)
	if err != nil || len(sum) != len(digest{}) || len(challenge) != base64.RawURLEncoding.EncodedLen(len(sum)) {
		return oauthErrorf("invalid_request", "code_challenge must be the base64url form of a SHA-256, without padding.")
	}
	return nil
}

// parseScope splits a list of scopes and removes duplicates (RFC 6749 §3.3).
func parseScope(list string) ([]string, *oauthError) {
	var scope []string
	for word := range strings.SplitSeq(list, " ") {
		if word == "" || slices.Contains(scope, word) {
			continue
		}
		if strings.ContainsFunc(word, notScopeRune) {
			return nil, oauthErrorf("invalid_scope", "'%s' is not a scope.", word)
		}
		scope = append(scope, word)
	}
	return scope, nil
}

func notScopeRune(r rune) bool { return notPrintable(r) || r == ' ' || r == '"' || r == '\\' }

func notPrintable(r rune) bool { return r < ' ' || r > '~' }

// parseWebURL accepts http and https URLs without user, password and fragment,
// whose host is a name in ASCII or a loopback address (IndieAuth §3.3). It
// returns them with a path and with the host in lower case (§3.4).
func parseWebURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case s == "":
		return nil, errors.New("is missing")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, errors.New("must be an http or https URL")
	case u.User != nil:
		return nil, errors.New("must not contain a user name")
	case strings.Contains(s, "#"):
		return nil, errors.New("must not contain a fragment")
	case !isName(u.Hostname()) && !isLoopback(u.Hostname()):
		return nil, errors.New("its host must be a name or a loopback address")
	}
	u.Host = strings.ToLower(u.Host)
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// parseShownURL is [parseWebURL] for a URL that the owner reads before a decision. It
// refuses spaces, and letters other than ASCII: marks of direction and letters that
// look like others could make the URL of one app look like that of another.
func parseShownURL(s string) (*url.URL, error) {
	u, err := parseWebURL(s)
	if err == nil && strings.ContainsFunc(s, notURLRune) {
		return nil, errNotURLRune
	}
	return u, err
}

// isName reports whether host is a host name in ASCII. Among much else it
// excludes the characters that end a source in a Content-Security-Policy.
func isName(host string) bool {
	_, err := netip.ParseAddr(host)
	return err != nil && host != "" && !strings.ContainsFunc(host, notHostRune)
}

func notHostRune(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.'
}

func hasDotSegment(path string) bool {
	segments := strings.Split(path, "/")
	return slices.Contains(segments, ".") || slices.Contains(segments, "..")
}

// origin returns scheme, host and port of a URL, without a default port.
func origin(u *url.URL) string {
	host := u.Host
	if u.Scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	} else {
		host = strings.TrimSuffix(host, ":443")
	}
	return u.Scheme + "://" + strings.TrimSuffix(host, ":")
}

// redirectWith returns the redirect URL with more parameters in its query; its
// existing parameters stay unchanged.
func (req authRequest) redirectWith(issuer string, params url.Values) string {
	if req.State != "" {
		params.Set("state", req.State)
	}
	params.Set("iss", issuer) // RFC 9207 §2
	u := *req.redirect
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += params.Encode()
	return u.String()
}
