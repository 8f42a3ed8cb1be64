package site

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"starpunk/site/comment"
	"starpunk/site/plaintext"
)

// ExcerptRunes is the length of the excerpt that is the label of a note without a
// name.
const ExcerptRunes = 140

// Text returns the note's content as plain text on one line, without marks, tags and
// comments, at most limit runes and then an ellipsis. Lists and page titles show it
// for a note without a name. It reads only as much of the content as it needs, and
// supports the common patterns: it is a label, not a rendering. m is the
// configuration of the site's Markdown.
func (n *Note) Text(limit int, m Markdown) string {
	s, cut := n.Content, false
	if len(s) > 40*limit {
		s, cut = strings.ToValidUTF8(s[:40*limit], ""), true
	}
	if n.HTML {
		return plaintext.HTML(comment.HTML(s).String, limit)
	}
	s = comment.Excerpt(s, cut)
	if m.RawHTML {
		return plaintext.MarkdownWithHTML(s, limit)
	}
	return plaintext.Markdown(s, limit)
}

// TitleText returns the note's name as pages show it: without comments, and without
// the backticks of code. It is empty if there is nothing to show.
func (n *Note) TitleText() string {
	return plaintext.Title(WithoutComments(n.Name))
}

// SummaryText returns the note's summary as pages show it: without comments.
func (n *Note) SummaryText() string { return WithoutComments(n.Summary) }

// WithoutComments returns a text of one paragraph without the comments of its author.
func WithoutComments(s string) string {
	if shown := comment.Line(s).String; shown != s {
		return strings.TrimSpace(shown)
	}
	return s
}

// noticeComments adds the remarks about comments in the texts of the front matter.
func (n *Note) noticeComments(fields []Field) {
	for _, f := range fields {
		s, ok := f.Value.(string)
		if !ok || s == "" || s != n.Name && s != n.Summary {
			continue
		}
		for _, remark := range comment.Line(s).Remarks {
			n.notice(f.Line, "%s: %s", f.Key, remark.Msg)
		}
	}
}

// Label returns the name of a note in lists, links to neighbours and titles, on one
// line: its title, else the beginning of its text, else what it does ("Liked
// example.org/post"). It is never empty. m is the configuration of the site's
// Markdown.
func (n *Note) Label(m Markdown) string {
	if name := onOneLine(n.TitleText()); name != "" {
		return plaintext.Shorten(name, 4*ExcerptRunes)
	}
	if s := n.Text(ExcerptRunes, m); s != "" {
		return s
	}
	for _, verb := range []struct{ property, text string }{
		{"rsvp", "RSVP to "},
		{"in-reply-to", "Reply to "},
		{"repost-of", "Reposted "},
		{"like-of", "Liked "},
		{"bookmark-of", "Bookmarked "},
		{"read-of", "Read "},
		{"checkin", "At "},
	} {
		if name := n.nameOf(verb.property); name != "" {
			return plaintext.Shorten(verb.text+name, ExcerptRunes)
		}
	}
	for _, thing := range n.Things() {
		return plaintext.Shorten(thing.Verb+" "+thing.Name(), ExcerptRunes)
	}
	for _, property := range []string{"photo", "video", "audio"} {
		if len(n.Properties[property]) > 0 {
			if alt := n.nameOf(property); alt != "" {
				return plaintext.Shorten(alt, ExcerptRunes)
			}
			return strings.ToUpper(property[:1]) + property[1:]
		}
	}
	if n.Published.IsZero() {
		return n.Slug
	}
	return n.Published.Format("2 January 2006, 15:04")
}

// nameOf returns a name for the first value of a property: the name or the text of an
// object, else its address without the scheme.
func (n *Note) nameOf(property string) string {
	target := property
	if property == "rsvp" && len(n.Properties["rsvp"]) > 0 {
		target = "in-reply-to"
	}
	for _, v := range n.Properties[target] {
		switch v := v.(type) {
		case string:
			if property == "photo" || property == "video" || property == "audio" {
				return ""
			}
			if !slices.Contains(Citing, target) {
				return BareURL(v)
			}
			if name := citedName(v); name != "" {
				return name
			}
		case map[string]any:
			for _, s := range []string{First(v, "name"), First(v, "alt"), BareURL(First(v, "url")), BareURL(First(v, "value"))} {
				if s != "" && (property != "photo" || s == First(v, "alt")) {
					return onOneLine(WithoutComments(s))
				}
			}
		}
	}
	return ""
}

// citedName returns a name for a target: its address without the scheme, or the name
// of the file; "" if it names nothing.
func citedName(s string) string {
	c, _ := ReadCited(s)
	if c.File == "" {
		return BareURL(c.URL)
	}
	if link, length := plaintext.ReadWikiLink(c.File); length > 0 {
		return link.Shown()
	}
	name := path.Base(c.File)
	return strings.TrimSuffix(name, path.Ext(name))
}

// First returns the first string among the values of a property of a nested
// microformats2 object, or "". Some clients do not write "properties", but put them
// into the object itself.
func First(object map[string]any, property string) string {
	properties, _ := object["properties"].(map[string]any)
	return cmp.Or(stringOf(FirstOf(properties[property])), stringOf(FirstOf(object[property])))
}

// stringOf returns a value if it is a string, else "".
func stringOf(v any) string {
	s, _ := v.(string)
	return s
}

// BareURL returns an address in short form for readers: without the scheme, "www."
// and the final slash.
func BareURL(address string) string {
	for _, scheme := range []string{"https://", "http://"} {
		address = strings.TrimPrefix(address, scheme)
	}
	return strings.TrimSuffix(strings.TrimPrefix(address, "www."), "/")
}

// hasPrefixText reports whether text begins with name, if runs of white space count
// as one space: the test for an implied name in Post Type Discovery.
func hasPrefixText(text, name string) bool {
	name = onOneLine(name)
	var begin strings.Builder // the words of text, up to the length of name
	for word := range strings.FieldsSeq(text) {
		if begin.Len() > 0 {
			begin.WriteByte(' ')
		}
		begin.WriteString(word)
		if begin.Len() >= len(name) {
			break
		}
	}
	return strings.HasPrefix(begin.String(), name)
}
