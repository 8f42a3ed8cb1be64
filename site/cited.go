package site

import (
	"encoding/json"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"starpunk/site/plaintext"
)

// Citing are the properties whose values are pages that a note answers, likes,
// reposts, bookmarks or reads.
var Citing = []string{"in-reply-to", "like-of", "repost-of", "bookmark-of", "read-of"}

// maxCited bounds the length of a target in bytes.
const maxCited = 4000

// A Cited is a value of in-reply-to or of a similar property: a page, or a file of
// this site.
type Cited struct {
	URL  string // http(s), or a path of this site; "" for a file
	File string // as in a link: "../b.md", or a wikilink; "" for a page
}

var markdownLink = lazyRegexp(`^\[[^\[\]]*\]\(\s*([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\s*(?:"[^"]*"|'[^']*')?\s*\)$`)

// ReadCited reads a target as people write it: an address, also without its scheme,
// in angle brackets, or as a link of Markdown; or a file of this site. ok is false
// for anything else.
func ReadCited(s string) (c Cited, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) > maxCited {
		return c, false
	}
	if _, length := plaintext.ReadWikiLink(s); length == len(s) && length > 0 && s[0] == '[' {
		return Cited{File: s}, true
	}
	if m := markdownLink().FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	if inner, isAngled := strings.CutPrefix(s, "<"); isAngled && strings.HasSuffix(inner, ">") {
		s = strings.TrimSpace(strings.TrimSuffix(inner, ">"))
	}
	u, err := url.Parse(s)
	if err != nil {
		return c, false
	}
	switch {
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "",
		u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") && !IsNoteExt(path.Ext(u.Path)):
		return Cited{URL: u.String()}, true
	case u.Scheme == "" && u.Host != "" && LooksLikeHost(u.Hostname()):
		return Cited{URL: "https:" + s}, true
	case u.Scheme != "" || u.Host != "":
		return c, false
	case u.Path != "" && IsNoteExt(path.Ext(u.Path)):
		return Cited{File: s}, true
	}
	host, _, _ := strings.Cut(s, "/")
	host, _, _ = strings.Cut(host, "?")
	if LooksLikeHost(host) && !strings.ContainsFunc(s, unicode.IsSpace) {
		return Cited{URL: "https://" + s}, true
	}
	return c, false
}

// LooksLikeHost reports whether a name has the form of a host's, such as
// "example.org", and is not the name of a file.
func LooksLikeHost(name string) bool {
	labels := strings.Split(name, ".")
	top := labels[len(labels)-1]
	if len(labels) < 2 || len(name) > 253 || len(top) < 2 || MediaType(name) != "" || IsNoteExt("."+top) || slices.Contains(textExtensions, strings.ToLower(top)) {
		return false
	}
	for _, label := range labels {
		if label == "" || strings.ContainsFunc(label, func(r rune) bool { return !unicode.In(r, unicode.Letter, unicode.Mark, unicode.Digit) && r != '-' }) {
			return false
		}
	}
	return strings.HasPrefix(top, "xn--") || !strings.ContainsFunc(top, func(r rune) bool { return !unicode.In(r, unicode.Letter, unicode.Mark) })
}

var textExtensions = []string{"htm", "php", "aspx", "csv", "zip", "gpx"}

// CitedString returns the target of a value of in-reply-to or a similar property as
// it is written: the value itself, or the address of an object.
func CitedString(v any) string {
	if object, ok := v.(map[string]any); ok {
		if s := First(object, "url"); s != "" {
			return s
		}
		return First(object, "value")
	}
	return stringOf(v)
}

// isCited reports whether a value of in-reply-to or a similar property names
// something. For an object a name is enough.
func isCited(v any) bool {
	if object, ok := v.(map[string]any); ok && First(object, "name") != "" {
		return true
	}
	_, ok := ReadCited(CitedString(v))
	return ok
}

// has reports whether a note has a property that decides its type. Values of
// in-reply-to and similar properties that name nothing do not count.
func (n *Note) has(property string) bool {
	values := n.Properties[property]
	if !slices.Contains(Citing, property) {
		return len(values) > 0
	}
	return slices.ContainsFunc(values, isCited)
}

// noticeCited adds a remark for each value of in-reply-to and similar properties that
// names nothing.
func (n *Note) noticeCited(fields []Field) {
	for _, property := range Citing {
		for _, v := range n.Properties[property] {
			if isCited(v) {
				continue
			}
			n.notice(lineOfKey(fields, property), `%s: %.100q names no page; write an address such as https://example.org/post, or the file of a note such as a.md`, property, citedText(v))
		}
	}
}

// citedText returns a value as a remark quotes it.
func citedText(v any) string {
	if s := CitedString(v); s != "" {
		return s
	}
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(data)
}

// lineOfKey returns the line of the field that has a property.
func lineOfKey(fields []Field, property string) int {
	for _, key := range []string{property, "properties"} {
		for _, f := range fields {
			if properKey(f.Key) == key {
				return f.Line
			}
		}
	}
	return 1
}
