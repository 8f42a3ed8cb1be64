package site

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// siteURL checks the address of a site or of a receiver, and adds the final slash to
// which all paths are appended.
func siteURL(s string) (string, error) {
	u, err := webURL(s)
	if err != nil {
		return "", err
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%q has a query or a fragment", s)
	}
	if u.Path != "" && u.Path != "/" {
		return "", fmt.Errorf("%q has a path: a StarPunk site is a whole host", s)
	}
	u.Path = "/"
	return u.String(), nil
}

// profileURL checks an owner's address (IndieAuth, "User Profile URL").
func profileURL(s string) (string, error) {
	u, err := webURL(s)
	if err != nil {
		return "", err
	}
	if u.Fragment != "" {
		return "", fmt.Errorf("%q has a fragment", s)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String(), nil
}

// webURL parses an http(s) URL without a user name, with its host in lower case.
func webURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%q is not an http(s) URL such as \"https://example.org/\"", s)
	}
	if u.User != nil {
		return nil, errors.New("a user name or password does not belong here")
	}
	u.Host = strings.ToLower(u.Host)
	return u, nil
}

// isLink reports whether an address has the same target on every page: a path from
// the top of the site, an http(s) URL, or a mail address ("mailto:").
func isLink(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return u.Scheme == "" && strings.HasPrefix(s, "/")
}

// isMail reports whether an address for which [isLink] is true is a mail address.
func isMail(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "mailto"
}

// sameAddress reports whether two addresses of the configuration are equal, except
// for the letter case of scheme and host and for one final slash. It does not
// decide whose a token is: receiver/indieauth compares profile URLs by stricter
// rules.
func sameAddress(a, b string) bool {
	return normalAddress(a) == normalAddress(b)
}

// normalAddress returns an address with scheme and host in lower case, and without
// one final slash.
func normalAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	u.Scheme = strings.ToLower(u.Scheme)
	u.Host = strings.ToLower(u.Host)
	return strings.TrimSuffix(u.String(), "/")
}

// ProxyPrefixes returns receiver.trusted_proxies, parsed.
func (r *Receiver) ProxyPrefixes() []netip.Prefix {
	var prefixes []netip.Prefix
	for _, s := range r.TrustedProxies {
		if p, err := parsePrefix(s); err == nil { // checked when the file was read
			prefixes = append(prefixes, p)
		}
	}
	return prefixes
}

// parsePrefix parses a prefix, or an address as the prefix of that address only.
func parsePrefix(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

// Local returns the path of an address on this site ("/media/3f/3f9a.jpg" for
// "https://example.org/media/3f/3f9a.jpg"), and false for any other.
func (c *Config) Local(address string) (path string, ok bool) {
	rest, ok := strings.CutPrefix(address, strings.TrimSuffix(c.URL, "/"))
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	if rest == "" {
		rest = "/"
	}
	return rest, true
}

// Absolute is the inverse of [Config.Local]: it returns the full address of a path of
// this site. It does not change any other string.
func (c *Config) Absolute(path string) string {
	if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") {
		return strings.TrimSuffix(c.URL, "/") + path
	}
	return path
}

// AliasPaths returns the paths of a note's aliases. strays are the aliases that are
// not addresses of this site, as they were written.
func (c *Config) AliasPaths(n *Note) (paths, strays []string) {
	for _, alias := range n.Aliases {
		path := CleanAddress(c.withoutHost(alias))
		switch {
		case path == "":
			strays = append(strays, alias)
		case !slices.Contains(paths, path):
			paths = append(paths, path)
		}
	}
	return paths, strays
}

// withoutHost returns the path of an address on this site, with any scheme. It does
// not change any other string. The host of the public site is a host of a preview,
// too.
func (c *Config) withoutHost(address string) string {
	u, err := webURL(address)
	if err != nil || u.RawQuery != "" || u.Fragment != "" {
		return address
	}
	for _, home := range []string{c.URL, c.publicURL} {
		if own, err := webURL(home); err == nil && own.Host == u.Host {
			return u.EscapedPath()
		}
	}
	return address
}
