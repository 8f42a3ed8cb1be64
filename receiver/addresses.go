package receiver

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"starpunk/site"

	"golang.org/x/text/unicode/norm"
)

// urlProperties are the properties whose values are addresses, in addition to
// the properties whose names end in "-of". An address of this site is stored as
// a path, so that the site can move. Only these properties are converted back
// to addresses, because any other text may begin with "/".
var urlProperties = []string{
	"url", "uid", "photo", "video", "audio", "featured", "logo", "syndication",
	"in-reply-to", "location", "checkin",
}

func isURLProperty(name string) bool {
	return strings.HasSuffix(name, "-of") || slices.Contains(urlProperties, name)
}

// permalinkURL returns the address of a permalink, percent-encoded.
func permalinkURL(cfg *site.Config, permalink string) string {
	return cfg.Absolute(site.EscapePath(permalink))
}

// localPath returns the path of an address of this site, and any other string
// unchanged.
func localPath(cfg *site.Config, address string) string {
	if path, ok := cfg.Local(address); ok {
		return path
	}
	return address
}

// permalinkOf is the inverse of permalinkURL. It returns "" for an address that
// does not belong to a page of this site.
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

// ownAddresses returns a function that reports whether a value is an address of
// the note, present or former. Such an address follows from the location of the
// file and is not a property of the note.
func ownAddresses(cfg *site.Config, n *site.Note) func(value any) bool {
	own, _ := cfg.AliasPaths(n)
	own = append(own, site.CleanAddress(n.Permalink(cfg.Permalink)))
	return func(value any) bool {
		address := site.CleanAddress(localPath(cfg, site.ScalarText(value)))
		return address != "" && slices.Contains(own, address)
	}
}

// A bundle is the address of a note that has files of its own in its folder; ""
// if the note has none.
type bundle string

func bundleOf(cfg *site.Config, n *site.Note) bundle {
	dir, name := path.Split(n.File)
	if dir == "" || name != "index.md" && name != "index.markdown" {
		return ""
	}
	return bundle(n.Permalink(cfg.Permalink))
}

// path returns the path of a picture, video or sound that a property names by
// its file. It returns every other string unchanged.
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

// mapURLs applies change to the addresses among the values of a property, also
// in nested objects.
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

// mapMember applies change to a member of a nested object. The member "value"
// is an address of the property that contains the object. The properties of the
// object have their own names.
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
