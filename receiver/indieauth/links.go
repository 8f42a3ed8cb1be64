package indieauth

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"starpunk/receiver/linkheader"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// The relations of a profile page that this package uses (IndieAuth §4.1.1).
const (
	relMetadata      = "indieauth-metadata"
	relToken         = "token_endpoint"
	relAuthorization = "authorization_endpoint"
	relMicropub      = "micropub"
)

// A link is one link of a page.
type link struct {
	url    *url.URL // absolute
	rels   []string // in lower case
	href   string   // as written
	header bool     // from a Link header, not from a <link> element
	head   bool     // from the HTML head
}

func (l link) source() string {
	switch {
	case l.header:
		return "Link header"
	case l.head:
		return "HTML <link>"
	}
	return "HTML <link> in the body"
}

// A page is one final HTTP response.
type page struct {
	url    *url.URL // after redirects
	status int
	header http.Header
	body   []byte
}

// links returns the links of the page: first those of Link headers, then <link>
// elements in document order. If the HTML cannot be parsed, it returns an error
// together with the links of the headers.
func (p *page) links() ([]link, error) {
	links := p.headerLinks()
	if !p.isHTML() {
		return links, nil
	}
	doc, err := html.Parse(bytes.NewReader(p.body))
	if err != nil {
		return links, fmt.Errorf("parse %s: %w", p.url.Redacted(), err)
	}
	return append(links, htmlLinks(doc, p.url)...), nil
}

func firstLink(links []link, rel string) (link, bool) {
	i := slices.IndexFunc(links, func(l link) bool { return slices.Contains(l.rels, rel) })
	if i < 0 {
		return link{}, false
	}
	return links[i], true
}

func (p *page) headerLinks() []link {
	var links []link
	for _, h := range linkheader.Parse(p.header.Values("Link")) {
		target, err := p.url.Parse(h.Target)
		if err != nil || !p.isContext(h.Params) {
			continue
		}
		links = append(links, link{url: target, rels: relations(h.Params["rel"]), href: h.Target, header: true})
	}
	return links
}

// isContext reports whether a link is about the page itself. An anchor can make
// it a link of something else (RFC 8288 §3.2).
func (p *page) isContext(params map[string]string) bool {
	anchor, ok := params["anchor"]
	if !ok {
		return true
	}
	context, err := p.url.Parse(anchor)
	return err == nil && context.String() == p.url.String()
}

func (p *page) isHTML() bool {
	contentType := p.header.Get("Content-Type")
	if contentType == "" {
		contentType = http.DetectContentType(p.body)
	}
	// A malformed parameter, such as a duplicate charset, does not prevent
	// reading the page.
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		mediaType, _, _ = strings.Cut(contentType, ";")
		mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	}
	return mediaType == "text/html" || mediaType == "application/xhtml+xml"
}

var (
	linkElements = cascadia.MustCompile("link[rel][href]")
	baseElements = cascadia.MustCompile("base[href]")
)

func htmlLinks(doc *html.Node, page *url.URL) []link {
	var links []link
	base := baseURL(doc, page)
	for _, n := range cascadia.QueryAll(doc, linkElements) {
		// An empty href names nothing (HTML, "fetch and process the linked resource").
		href := strings.TrimSpace(attribute(n, "href"))
		target, err := base.Parse(href)
		if err != nil || href == "" || !isPageElement(n) {
			continue
		}
		links = append(links, link{url: target, rels: relations(attribute(n, "rel")), href: href, head: inside(n, "head")})
	}
	return links
}

// baseURL returns the document base URL: the first <base href>, wherever it is.
func baseURL(doc *html.Node, page *url.URL) *url.URL {
	for _, n := range cascadia.QueryAll(doc, baseElements) {
		if !isPageElement(n) {
			continue
		}
		base, err := page.Parse(strings.TrimSpace(attribute(n, "href")))
		if err != nil || base.Scheme != "http" && base.Scheme != "https" {
			break
		}
		return base
	}
	return page
}

// isPageElement reports whether n is an HTML element of the page. Elements in
// SVG, MathML and templates are not part of the document.
func isPageElement(n *html.Node) bool {
	return n.Namespace == "" && !inside(n, "template")
}

func inside(n *html.Node, element string) bool {
	for n = n.Parent; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && n.Data == element {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func relations(rel string) []string {
	return strings.Fields(strings.ToLower(rel))
}
