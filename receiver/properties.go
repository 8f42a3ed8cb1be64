package receiver

import (
	"maps"
	"regexp"
	"slices"
	"time"

	"starpunk/site"
)

// differ reports whether values contain more than one text.
func differ(values []any) bool {
	return slices.ContainsFunc(values, func(v any) bool { return site.ScalarText(v) != site.ScalarText(values[0]) })
}

// setProperty sets one property of a note from the values of a client. Some
// properties have a field of their own. Values that do not fit into it are
// stored among the other properties.
func setProperty(cfg *site.Config, n *site.Note, name string, values []any) error {
	first := site.ScalarText(values[0])
	rest := values
	if first != "" {
		rest = values[1:]
	}
	if (name == "post-status" || name == "visibility") && differ(values) {
		return invalid("%s has several values; send one.", name) // the first value might publish a private note
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
		t, ok := site.ParseTime(unescapedPlus.ReplaceAllString(first, "$1+$2"), cfg.Location)
		if !ok {
			return invalid("%s must be a date and time such as 2026-11-22T09:30:00+01:00.", name)
		}
		if name == "published" {
			n.Published = t
		} else {
			n.Updated = t
		}
		return nil
	case "post-status":
		if first != "published" && first != "draft" {
			return invalid("post-status must be published or draft.")
		}
		n.Draft = first == "draft"
		return nil
	case "visibility":
		if !slices.Contains([]string{site.Public, site.Unlisted, site.Private}, first) {
			return invalid("visibility must be public, unlisted or private.")
		}
		n.Visibility = first
		return nil
	default:
		rest = values
		if site.Withholds(name, values) { // otherwise it would be stored, and the note published nevertheless
			return invalid("%s is not a way to withhold a note in Micropub; send post-status=draft or visibility=private.", name)
		}
	}
	if len(rest) > 0 {
		n.Properties[name] = mapURLs(name, rest, func(s string) string { return localPath(cfg, s) })
	}
	return nil
}

// unescapedPlus matches a time whose offset lacks its "+". A form had a "+"
// that was not escaped, and so means a space.
var unescapedPlus = regexp.MustCompile(`(:\d\d(?:\.\d+)?) (\d\d(?::?\d\d)?)$`)

// setContent sets the content of a note from plain text, which is Markdown, or
// from an object with HTML (Micropub §2.3.1), in the form that [normalizeTexts]
// returns.
func setContent(n *site.Note, values []any) error {
	if len(values) > 1 {
		n.Properties["content"] = values[1:]
	}
	var ok bool
	if n.Content, n.HTML, ok = readContent(values[0]); !ok {
		return invalid("content must be a text or an object with html, text or value.")
	}
	return nil
}

// categories separates tags from persons and other objects with which a note is
// tagged.
func categories(values []any) (tags []string, rest []any) {
	for _, v := range values {
		s := site.ScalarText(v)
		switch {
		case s == "":
			rest = append(rest, v)
		case !slices.Contains(tags, s):
			tags = append(tags, s)
		}
	}
	return tags, rest
}

// properties returns the properties of a note for q=source: the values that
// were sent, in microformats2 JSON.
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

// storedProperties returns the properties of a note as stored: addresses of the
// site are paths.
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
