package site

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var placeholder = lazyRegexp(`:[a-z]+`)

// checkPermalink checks that pattern can give every note its own address.
func checkPermalink(pattern string) error {
	if !strings.HasPrefix(pattern, "/") || !strings.HasSuffix(pattern, "/") {
		return fmt.Errorf("%q must begin and end with a slash", pattern)
	}
	if !strings.Contains(pattern, ":slug") {
		return fmt.Errorf("%q has no :slug, without which two notes of a month would share an address", pattern)
	}
	for _, name := range placeholder().FindAllString(pattern, -1) {
		if _, ok := permalinkPart(name, &Note{}); !ok {
			return fmt.Errorf("%q is not one of :year :month :day :hour :minute :type :slug", name)
		}
	}
	if clean := path.Clean(pattern) + "/"; clean != pattern {
		return fmt.Errorf("%q is not a plain path; did you mean %q?", pattern, clean)
	}
	longest := &Note{Kind: KindNote, Slug: strings.Repeat("x", maxSlugBytes)}
	if address := longest.Permalink(pattern); CleanAddress(address) != address {
		return fmt.Errorf("%q is not a plain path: it has an element that is hidden or too long, or a sign such as : ? %% \\", pattern)
	} else if own := OwnFile(address); own != "" {
		return fmt.Errorf("%q is the address of the site's own %s", pattern, own)
	}
	return nil
}

// permalinkPart returns the value of a placeholder; false if there is no such
// placeholder.
func permalinkPart(name string, n *Note) (string, bool) {
	layouts := map[string]string{":year": "2006", ":month": "01", ":day": "02", ":hour": "15", ":minute": "04"}
	if layout, ok := layouts[name]; ok {
		return n.Published.Format(layout), true
	}
	switch name {
	case ":type":
		return n.PostType(), true
	case ":slug":
		return n.Slug, true
	}
	return "", false
}

// Permalink returns the path of the note's page, not percent-encoded:
// "/2026/11/hello-world/". Year, month and so on are those of the date in the zone in
// which it was written. The result is "" for a note without a slug.
func (n *Note) Permalink(pattern string) string {
	switch {
	case n.address != "":
		return n.address
	case n.Kind == KindHome:
		return "/"
	case n.Slug == "":
		return ""
	case n.Kind == KindPage:
		return "/" + path.Join(n.folder, n.Slug) + "/"
	}
	return placeholder().ReplaceAllStringFunc(pattern, func(name string) string {
		part, _ := permalinkPart(name, n)
		return part
	})
}

// indexFile is the name of the file of a page whose address ends with a slash: a web
// server has one page at "/x/" and at "/x/index.html".
const indexFile = "index.html"

// CleanAddress checks a whole address of the front matter, and returns "" if it can't
// be a path of this site. Addresses of the same file get the same form, which is not
// percent-encoded: a request for "/old%20name/" returns the file of "/old name/".
func CleanAddress(s string) string {
	if u, err := url.Parse(s); err != nil || u.Host != "" || u.RawQuery != "" {
		return ""
	}
	written := s
	s, err := url.PathUnescape(written)
	if err != nil || !utf8.ValidString(s) || strings.ContainsAny(s, ":?\\%") || strings.ContainsFunc(s, unicode.IsControl) {
		return ""
	}
	if s != written && slices.Contains(strings.Split(s, "/"), "..") {
		return ""
	}
	clean := path.Clean("/" + norm.NFC.String(s)) // people type composed letters
	for path.Base(clean) == indexFile {
		clean = path.Dir(clean)
	}
	if _, err := url.Parse(clean); err != nil { // a fragment may have hidden it
		return ""
	}
	if clean == "/" || len(clean) > maxPathBytes { // "/" is the front page's
		return ""
	}
	for element := range strings.SplitSeq(clean[1:], "/") {
		if len(element) > maxAddressBytes || strings.HasPrefix(element, ".") || element == indexFile {
			return ""
		}
	}
	if path.Ext(clean) == ".html" {
		return clean
	}
	return clean + "/"
}

// ownFile matches the address of a page that would replace a file that every site
// has, or would be below the file of another page.
var ownFile = lazyRegexp(`(?i)^/(index\.html|feed\.(xml|atom|json)|(style|feed)\.css|404\.html|robots\.txt|sitemap(-pages|-\d{4}-\d{2})?\.xml)(/|$)|/index\.html/`)

// OwnFile returns the file of the site itself, such as "/feed.xml", that has the
// address of a page with the given permalink; "" if there is none. These files take
// precedence over notes and pages, unlike the lists of notes.
func OwnFile(permalink string) string {
	at := ownFile().FindStringIndex(permalink)
	if at == nil {
		return ""
	}
	return strings.TrimSuffix(permalink[:at[1]], "/")
}

// GoneFile is the name of an empty file in the folder of a deleted page. It makes
// a web server answer 410 instead of 404.
const GoneFile = ".gone"

// OutputFile returns the file of the page with the given permalink, relative to the
// output folder, with slashes.
func OutputFile(permalink string) string {
	if strings.HasSuffix(permalink, "/") {
		permalink += indexFile
	}
	return strings.TrimPrefix(permalink, "/")
}

// EscapePath percent-encodes a path for use in an address.
func EscapePath(p string) string {
	return (&url.URL{Path: p}).EscapedPath()
}
