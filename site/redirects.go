package site

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
)

const (
	maxRedirects     = 10_000
	maxFeedCopies    = 20   // each copy is written with its feed
	maxRedirectHops  = 10   // from one entry of the table to the next
	maxRedirectBytes = 2000 // length of a target
)

// A Redirect is a former address with a new target in the configuration.
type Redirect struct {
	// From is a path, not percent-encoded: "/old/". The copy of a feed may be a
	// file: "/index.xml".
	From string
	// To is the final target, percent-encoded: a path of this site, or a URL.
	To string
	// Feed is To if that is a feed of this site, not percent-encoded. Feed readers
	// do not follow a page that redirects. So the feed is copied to From.
	Feed string
	Line int // in the configuration
}

// A redirectEntry is one line of the table redirects, as it is written.
type redirectEntry struct {
	key     string
	address string // see CleanAddress
	to      string
	line    int
}

// readRedirects checks the table redirects. The error has the line.
func (c *Config) readRedirects(lines map[string]int) error {
	if len(c.Redirects) > maxRedirects {
		return redirectError(lines["redirects"], "%d entries, at most %d are possible", len(c.Redirects), maxRedirects)
	}
	entries, err := c.redirectEntries(lines)
	if err != nil {
		return err
	}
	c.redirects = map[string]Redirect{}
	c.feedCopies = map[string][]string{}
	copies := 0
	for _, address := range slices.Sorted(maps.Keys(entries)) {
		r, err := resolveRedirect(entries, address)
		if err != nil {
			return err
		}
		if r.Feed != "" {
			if copies++; copies > maxFeedCopies {
				return redirectError(r.Line, "%s: more than %d addresses lead to feeds", entries[address].key, maxFeedCopies)
			}
			list := feedOfTarget(r.Feed)
			c.feedCopies[list] = append(c.feedCopies[list], r.From)
		}
		c.redirects[r.From] = r
	}
	return nil
}

func redirectError(line int, format string, args ...any) error {
	return &SyntaxError{File: ConfigFile, Line: max(line, 1), Msg: "redirects: " + fmt.Sprintf(format, args...)}
}

// redirectEntries returns the entries of the table by their addresses.
func (c *Config) redirectEntries(lines map[string]int) (map[string]redirectEntry, error) {
	var all []redirectEntry
	for key, to := range c.Redirects {
		line := lines["redirects."+key]
		if line == 0 {
			line = lines["redirects"] // an inline table
		}
		all = append(all, redirectEntry{key: key, to: to, line: line})
	}
	slices.SortFunc(all, func(a, b redirectEntry) int { // sorted: of several errors the first one is returned
		if a.line != b.line {
			return a.line - b.line
		}
		return strings.Compare(a.key, b.key)
	})
	entries := make(map[string]redirectEntry, len(all))
	for _, e := range all {
		var err error
		if e.address, err = redirectAddress(e.key); err != nil {
			return nil, redirectError(e.line, "%v", err)
		}
		if e.to, err = c.redirectTarget(e.to); err != nil {
			return nil, redirectError(e.line, "%s: %v", e.key, err)
		}
		if other, ok := entries[e.address]; ok && other.to != e.to {
			return nil, redirectError(e.line, "%s: the same address as %s on line %d; remove one", e.key, other.key, max(other.line, 1))
		}
		entries[e.address] = e
	}
	return entries, nil
}

// reservedAddress matches the addresses that a web server passes to StarPunk.
var reservedAddress = lazyRegexp(`(?i)^/(micropub|health)(/|$)`)

// redirectAddress checks a former address.
func redirectAddress(key string) (string, error) {
	if !strings.HasPrefix(key, "/") || strings.ContainsAny(key, "?#") {
		return "", fmt.Errorf("%q is not a path such as \"/old/\"", key)
	}
	address := CleanAddress(key)
	if address == "" {
		return "", fmt.Errorf("%q cannot be the address of a page of this site", key)
	}
	if own := OwnFile(address); own != "" {
		return "", fmt.Errorf("%q is the address of the site's own %s", key, own)
	}
	if reservedAddress().MatchString(address) {
		return "", fmt.Errorf("%q is an address of StarPunk itself", key)
	}
	return address, nil
}

// redirectTarget returns a target in the form of [Redirect.To].
func (c *Config) redirectTarget(to string) (string, error) {
	wrong := fmt.Errorf("%q is neither a path such as \"/new/\" nor an http(s) URL", to)
	u, err := url.Parse(to)
	if err != nil || len(to) > maxRedirectBytes || u.User != nil || u.Opaque != "" {
		return "", wrong
	}
	if u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(u.Path, "//") {
		return u.String(), nil
	}
	if _, err := webURL(to); err != nil {
		return "", wrong
	}
	if own, err := webURL(c.URL); err == nil && strings.EqualFold(own.Host, u.Host) {
		u.Scheme, u.Host = "", ""
		if u.Path == "" {
			u.Path = "/"
		}
	}
	return u.String(), nil
}

// resolveRedirect follows an entry to its final target.
func resolveRedirect(entries map[string]redirectEntry, address string) (Redirect, error) {
	e := entries[address]
	visited := []string{e.address}
	to := e.to
	for {
		next, ok := entries[targetAddress(to)]
		if !ok {
			break
		}
		visited = append(visited, next.address)
		if next.address == e.address {
			return Redirect{}, redirectError(e.line, "%s leads back to itself: %s", e.key, strings.Join(visited, " → "))
		}
		if len(visited) > maxRedirectHops {
			return Redirect{}, redirectError(e.line, "%s leads over more than %d other redirects", e.key, maxRedirectHops-1)
		}
		to = next.to
	}
	r := Redirect{From: e.address, To: to, Line: e.line}
	if path.Ext(e.address) != ".html" && feedOfTarget(to) != "" {
		r.Feed, _ = url.PathUnescape(to) // feedOfTarget did the same
		if path.Ext(e.key) != "" && !strings.HasSuffix(e.key, "/") {
			r.From = strings.TrimSuffix(e.address, "/")
		}
	}
	return r, nil
}

// targetAddress returns the address of the page to which a target leads; "" if that
// is not a page of this site.
func targetAddress(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Host != "" {
		return ""
	}
	return CleanAddress(u.EscapedPath())
}

// RedirectFrom returns the redirect of the configuration at an address, which is
// not percent-encoded.
func (c *Config) RedirectFrom(address string) (r Redirect, ok bool) {
	r, ok = c.redirects[address]
	return r, ok
}

// RedirectAddresses returns the addresses of all redirects of the configuration,
// in order.
func (c *Config) RedirectAddresses() []string { return slices.Sorted(maps.Keys(c.redirects)) }

// FeedCopies returns the addresses of the redirects that are copies of a feed of a
// list: of "/feed.xml" also those of "/feed.atom" and "/feed.json".
func (c *Config) FeedCopies(list string) []string { return c.feedCopies[list] }
