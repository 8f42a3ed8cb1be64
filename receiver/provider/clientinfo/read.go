package clientinfo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"starpunk/receiver/fetch"
	"starpunk/receiver/linkheader"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

const (
	maxTextRunes    = 100
	maxURLBytes     = 2048
	maxRedirectURIs = 100
	maxRootTags     = 20
)

// readJSON reads client metadata (IndieAuth §4.2.1).
func readJSON(data []byte, clientID string) (*Info, error) {
	var doc struct {
		ClientID     string   `json:"client_id"`
		Name         string   `json:"client_name"`
		URL          string   `json:"client_uri"`
		RedirectURIs []string `json:"redirect_uris"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("its metadata cannot be read: %w", err)
	}
	if doc.ClientID != clientID {
		return nil, errors.New("its metadata has another client_id")
	}
	base, err := url.Parse(clientID)
	if err != nil {
		return nil, err
	}
	info := &Info{Name: clean(doc.Name)}
	if strings.HasPrefix(clientID, doc.URL) { // IndieAuth §4.2.1: it must be a prefix
		info.URL = ownURL(base, doc.URL)
	}
	for _, u := range doc.RedirectURIs {
		info.addRedirect(base, u)
	}
	return info, nil
}

var (
	appElement    = cascadia.MustCompile(".h-app, .h-x-app")
	nameElement   = cascadia.MustCompile(".p-name")
	urlElement    = cascadia.MustCompile("a.u-url[href]")
	titleElement  = cascadia.MustCompile("head title")
	redirectLinks = cascadia.MustCompile("link[rel][href]")
)

// readHTML reads the page of an older app: its h-app or its title, and its links
// (IndieAuth §4.2.1, §4.2.2).
func readHTML(resp *fetch.Response, u *url.URL) (*Info, error) {
	if countRootTags(resp.Body) > maxRootTags {
		return nil, fmt.Errorf("its page has more than %d <html> and <body> tags", maxRootTags)
	}
	doc, err := html.Parse(bytes.NewReader(resp.Body))
	if err != nil {
		return nil, fmt.Errorf("its page cannot be read: %w", err)
	}
	info := &Info{}
	if app := cascadia.Query(doc, appElement); app != nil {
		info.Name = textOf(app)
		if name := cascadia.Query(app, nameElement); name != nil {
			info.Name = textOf(name)
		}
		if link := cascadia.Query(app, urlElement); link != nil {
			info.URL = ownURL(u, attribute(link, "href"))
		}
	} else if title := cascadia.Query(doc, titleElement); title != nil {
		info.Name = textOf(title)
	}
	for _, link := range linkheader.Parse(resp.Header.Values("Link")) {
		if isRedirectURI(link.Params["rel"]) {
			info.addRedirect(u, link.Target)
		}
	}
	for _, n := range cascadia.QueryAll(doc, redirectLinks) {
		if isRedirectURI(attribute(n, "rel")) {
			info.addRedirect(u, attribute(n, "href"))
		}
	}
	return info, nil
}

// countRootTags returns a number that is at least that of <html> and <body> tags. The
// parser collects the attributes of all such tags in one element, in a time that grows
// with the number of tags times the number of attributes.
func countRootTags(page []byte) int {
	page = bytes.ToLower(page)
	return bytes.Count(page, []byte("<html")) + bytes.Count(page, []byte("<body"))
}

func isRedirectURI(rel string) bool {
	return slices.Contains(strings.Fields(strings.ToLower(rel)), "redirect_uri")
}

// addRedirect adds a redirect URL, which may be relative (IndieAuth §4.2.2).
func (i *Info) addRedirect(base *url.URL, s string) {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	if err != nil || s == "" || len(s) > maxURLBytes || len(i.RedirectURIs) >= maxRedirectURIs {
		return
	}
	if !u.IsAbs() {
		s = base.ResolveReference(u).String()
	}
	i.RedirectURIs = append(i.RedirectURIs, s) // as it is written: it is compared as a text
}

// ownURL returns an address of the same scheme, host and port as base, or "". A
// link to another host on the consent page could pretend to be of the app.
func ownURL(base *url.URL, s string) string {
	u, err := base.Parse(strings.TrimSpace(s))
	if err != nil || s == "" || len(s) > maxURLBytes || u.Scheme != base.Scheme || u.Host != base.Host || u.User != nil {
		return ""
	}
	return u.String()
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && b.Len() < maxBytes {
			b.WriteString(c.Data)
		}
	}
	return clean(b.String())
}

// clean returns a text in one line of at most 100 letters, without control
// characters and without marks of direction.
func clean(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > maxTextRunes {
		s = string(runes[:maxTextRunes]) + "…"
	}
	return s
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
