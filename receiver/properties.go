package receiver

import (
	"encoding/json"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"starpunk/site"

	"golang.org/x/text/unicode/norm"
)

// urlProperties are the properties whose values are addresses, beside those whose
// names end in "-of". An address of this site is kept as a path, so that the site
// can move; only these are read back as addresses, since "/" may begin any text.
var urlProperties = []string{
	"url", "uid", "photo", "video", "audio", "featured", "logo", "syndication",
	"in-reply-to", "location", "checkin",
}

func isURLProperty(name string) bool {
	return strings.HasSuffix(name, "-of") || slices.Contains(urlProperties, name)
}

// differ reports whether several values are not all the same text.
func differ(values []any) bool {
	return slices.ContainsFunc(values, func(v any) bool { return scalarText(v) != scalarText(values[0]) })
}

// setProperty takes what a client says of one property over into a note. Some
// have a place of their own there; values that do not fit in it are kept among
// the other properties.
func setProperty(cfg *site.Config, n *site.Note, name string, values []any) error {
	first := scalarText(values[0])
	rest := values
	if first != "" {
		rest = values[1:]
	}
	if (name == "post-status" || name == "visibility") && differ(values) {
		return invalid("%s has several values; send one.", name) // the first might publish a private note
	}
	switch name {
	case "name":
		n.Name = first
	case "summary":
		n.Summary = first
	case "content":
		return setContent(n, values)
	case "category":
		n.Category, rest = categories(values)
	case "published", "updated":
		t, ok := site.ParseTime(lostPlus.ReplaceAllString(first, "$1+$2"), cfg.Location)
		if !ok {
			return invalid("%s is not a date and time such as 2026-11-22T09:30:00+01:00.", name)
		}
		if name == "published" {
			n.Published = t
		} else {
			n.Updated = t
		}
		return nil
	case "post-status":
		if first != "published" && first != "draft" {
			return invalid("post-status is neither published nor draft.")
		}
		n.Draft = first == "draft"
		return nil
	case "visibility":
		if !slices.Contains([]string{site.Public, site.Unlisted, site.Private}, first) {
			return invalid("visibility is not one of public, unlisted, private.")
		}
		n.Visibility = first
		return nil
	default:
		rest = values
		if site.Withholds(name, values) { // it would be kept, and the note published all the same
			return invalid("%s is not how Micropub keeps a note back; send post-status=draft or visibility=private.", name)
		}
	}
	if len(rest) > 0 {
		n.Properties[name] = mapURLs(name, rest, func(s string) string { return localPath(cfg, s) })
	}
	return nil
}

// lostPlus is a time with an offset in front of which a form had a "+" that was not
// escaped, and so means a space.
var lostPlus = regexp.MustCompile(`(:\d\d(?:\.\d+)?) (\d\d(?::?\d\d)?)$`)

// setContent takes plain text, which is Markdown, or an object with HTML
// (Micropub §2.3.1), as [normalTexts] leaves them.
func setContent(n *site.Note, values []any) error {
	if len(values) > 1 {
		n.Properties["content"] = values[1:]
	}
	var ok bool
	if n.Content, n.HTML, ok = readContent(values[0]); !ok {
		return invalid("content is neither a text nor an object with html, text or value.")
	}
	return nil
}

// categories parts tags from the people and other objects that a note may be
// tagged with.
func categories(values []any) (tags []string, rest []any) {
	for _, v := range values {
		s := scalarText(v)
		switch {
		case s == "":
			rest = append(rest, v)
		case !slices.Contains(tags, s):
			tags = append(tags, s)
		}
	}
	return tags, rest
}

// scalarText is a string, number or boolean as text without space around it;
// "" for anything else.
func scalarText(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// firstOf is the first value of a list, and any other value itself.
func firstOf(v any) any {
	if l, ok := v.([]any); ok {
		if len(l) == 0 {
			return nil
		}
		return l[0]
	}
	return v
}

// properties are what q=source gives of a note: values as they were sent, in
// microformats2 JSON.
func properties(cfg *site.Config, n *site.Note) map[string][]any {
	p := storedProperties(n)
	bundle := bundleOf(cfg, n)
	for name, values := range p {
		p[name] = mapURLs(name, values, func(s string) string { return cfg.Absolute(bundle.path(name, s)) })
	}
	others := slices.DeleteFunc(p["url"], ownAddresses(cfg, n))
	p["url"] = append([]any{permalinkURL(cfg, n.Permalink(cfg.Permalink))}, others...)
	return p
}

// ownAddresses says of values whether they are addresses that a note itself has, or
// had before. They follow from where it is and are none of its properties.
func ownAddresses(cfg *site.Config, n *site.Note) func(value any) bool {
	own, _ := cfg.AliasPaths(n)
	own = append(own, site.CleanAddress(n.Permalink(cfg.Permalink)))
	return func(value any) bool {
		address := site.CleanAddress(localPath(cfg, scalarText(value)))
		return address != "" && slices.Contains(own, address)
	}
}

// A bundle is the address of a note in whose folder there are files of its own; ""
// if it has none.
type bundle string

func bundleOf(cfg *site.Config, n *site.Note) bundle {
	dir, name := path.Split(n.File)
	if dir == "" || name != "index.md" && name != "index.markdown" {
		return ""
	}
	return bundle(n.Permalink(cfg.Permalink))
}

// path is the path of a picture, film or sound that a property names by its file;
// every other string is as it was.
func (b bundle) path(property, address string) string {
	if b == "" || !slices.Contains([]string{"photo", "video", "audio"}, property) {
		return address
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "" || strings.HasPrefix(u.Path, "/") {
		return address
	}
	return (&url.URL{Path: string(b)}).ResolveReference(u).String()
}

// storedProperties are the same as they are kept: own addresses are paths.
func storedProperties(n *site.Note) map[string][]any {
	p := maps.Clone(n.Properties)
	prepend := func(name string, values ...any) { p[name] = append(values, p[name]...) }
	if n.Name != "" {
		prepend("name", n.Name)
	}
	if n.Summary != "" {
		prepend("summary", n.Summary)
	}
	if n.HTML {
		prepend("content", map[string]any{"html": n.Content})
	} else if n.Content != "" {
		prepend("content", n.Content)
	}
	for _, tag := range slices.Backward(n.Category) {
		prepend("category", tag)
	}
	for name, t := range map[string]time.Time{"published": n.Published, "updated": n.Updated} {
		if !t.IsZero() {
			p[name] = []any{t.Format(time.RFC3339)}
		}
	}
	p["post-status"] = []any{"published"}
	if n.Draft {
		p["post-status"] = []any{"draft"}
	}
	p["visibility"] = []any{n.Visibility}
	return p
}

// permalinkURL is the address of a permalink, percent-encoded.
func permalinkURL(cfg *site.Config, permalink string) string {
	return cfg.Absolute(site.EscapePath(permalink))
}

// localPath is the path of an address of this site, and any other string
// itself.
func localPath(cfg *site.Config, address string) string {
	if path, ok := cfg.Local(address); ok {
		return path
	}
	return address
}

// permalinkOf is the inverse of permalinkURL. It returns "" for an address that
// is not one of this site's pages.
func permalinkOf(cfg *site.Config, address string) string {
	u, err := url.Parse(address)
	if err != nil || u.RawQuery != "" || u.User != nil || u.Opaque != "" {
		return ""
	}
	path := norm.NFC.String(u.Path)
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	u.Path, u.RawPath, u.Fragment = "/", "", ""
	if u.String() != cfg.URL {
		return ""
	}
	if path == "" {
		path = "/"
	}
	return path
}

// mapURLs applies change to the addresses among the values of a property, also
// within nested objects.
func mapURLs(name string, values []any, change func(string) string) []any {
	mapped := make([]any, len(values))
	for i, v := range values {
		mapped[i] = mapURL(name, v, change)
	}
	return mapped
}

func mapURL(name string, v any, change func(string) string) any {
	switch v := v.(type) {
	case string:
		if isURLProperty(name) {
			return change(v)
		}
	case []any:
		return mapURLs(name, v, change)
	case map[string]any:
		mapped := make(map[string]any, len(v))
		for key, item := range v {
			mapped[key] = mapMember(name, key, item, change)
		}
		return mapped
	}
	return v
}

// mapMember changes a member of a nested object: its value is one of the
// property that it stands in, its properties have names of their own.
func mapMember(name, key string, v any, change func(string) string) any {
	properties, ok := v.(map[string]any)
	switch {
	case key == "value":
		return mapURL(name, v, change)
	case key == "properties" && ok:
		mapped := make(map[string]any, len(properties))
		for name, item := range properties {
			mapped[name] = mapURL(name, item, change)
		}
		return mapped
	}
	return v
}
