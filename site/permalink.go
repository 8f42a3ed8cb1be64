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

// checkPermalink says whether pattern can give every note an address of its own.
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
		return fmt.Errorf("%q is the place of the site's own %s", pattern, own)
	}
	return nil
}

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

// Permalink is the path of the note's page, not percent-encoded:
// "/2026/11/hello-world/". The year, month and so on are those of the date as
// it was written, in its own zone. It is "" for a note without a slug.
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

// indexFile is what the file of every page is called whose address ends with a
// slash: a web server has one page at "/x/" and at "/x/index.html".
const indexFile = "index.html"

// CleanAddress checks an address that the front matter gives outright, and
// returns "" for one that can't be a path of this site. It gives addresses that
// lead to one file one form, which is not percent-encoded: a browser that asks for
// "/old%20name/" gets the file of "/old name/".
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

// ownFile is where a page would take the place of a file that every site has, or
// stand below the file of another page.
var ownFile = lazyRegexp(`(?i)^/(index\.html|feed\.(xml|atom|json)|(style|feed)\.css|404\.html|robots\.txt|sitemap(-pages|-\d{4}-\d{2})?\.xml)(/|$)|/index\.html/`)

// OwnFile is the file of the site itself that a page with the given permalink would
// take the place of, such as "/feed.xml"; "" if there is none. What every site has
// goes before notes and pages, unlike the lists of notes.
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

// OutputFile is the file below the output folder, with slashes, that holds the
// page with the given permalink.
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
