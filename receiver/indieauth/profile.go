package indieauth

import (
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// sameProfile reports whether two profile URLs are one. Scheme and host are
// compared without case, an empty path is "/", one slash at the end makes no
// difference, and everything else is compared as it is: "/~Bob" is not "/~bob".
func sameProfile(a, b string) bool {
	x, ok := profileKey(a)
	y, okToo := profileKey(b)
	return ok && okToo && x == y
}

// profileKey is equal for URLs that are the same profile. It refuses what a
// profile URL can't be (IndieAuth §3.2), except for a port, which a server on
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

// origin is the scheme, host and port of u, equal for equal origins (RFC 6454 §4).
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
