package indieauth

import (
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// sameProfile reports whether two profile URLs are equal. The comparison
// ignores the case of scheme and host, one slash at the end, and a default
// port. An empty path equals "/". Everything else must be identical: "/~Bob" is
// not "/~bob".
func sameProfile(a, b string) bool {
	x, ok := profileKey(a)
	y, okToo := profileKey(b)
	return ok && okToo && x == y
}

// profileKey returns the same key for equal profile URLs. It refuses URLs that
// cannot be profile URLs (IndieAuth §3.2). It accepts a port, which a server on
// the owner's own machine has.
func profileKey(profile string) (key string, ok bool) {
	u, err := url.Parse(profile)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return "", false
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	key = origin(u) + "/" + strings.TrimPrefix(strings.TrimSuffix(u.EscapedPath(), "/"), "/")
	if u.RawQuery != "" {
		key += "?" + u.RawQuery
	}
	return key, true
}

// origin returns the scheme, host and port of u, in one spelling for equal
// origins (RFC 6454 §4).
func origin(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	port := u.Port()
	if port == "" && u.Scheme == "http" {
		port = "80"
	} else if port == "" {
		port = "443"
	}
	return u.Scheme + "://" + host + ":" + port
}
