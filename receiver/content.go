package receiver

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"starpunk/site"
)

// textMembers are the names under which apps send plain text, which is
// Markdown. The first one that is not empty is used. The member "markdown"
// takes precedence over the text that was derived from it.
var textMembers = []string{"markdown", "value", "text", "plain"}

// typeMembers are the names under which apps send the media type of a text.
var typeMembers = []string{"content-type", "content_type", "contentType", "mime-type", "type"}

// normalizeTexts turns the values of content, name and summary, which apps send
// in several dialects, into texts. For content, the result may also be an
// object with "html" alone. A value that cannot be read stays unchanged.
func normalizeTexts(properties map[string][]any) {
	separate := map[string]any{"content-type": properties["content-type"]} // the form of JF2
	for i, v := range properties["content"] {
		switch text, isHTML, ok := readContent(v); {
		case !ok || isScalar(v) && !isHTMLType(separate):
		case isHTML || isHTMLType(separate):
			properties["content"][i] = map[string]any{"html": text}
		default:
			properties["content"][i] = text
		}
	}
	if properties["content"] != nil {
		delete(properties, "content-type")
	}
	for _, name := range []string{"name", "summary"} {
		for i, v := range properties[name] {
			if text := plainText(v); text != "" && !isScalar(v) {
				properties[name][i] = text
			}
		}
	}
}

// sortHTMLFirst moves HTML before the other contents of a new note, because it
// shows their content too.
func sortHTMLFirst(contents []any) {
	slices.SortStableFunc(contents, func(a, b any) int {
		_, aHTML, _ := readContent(a)
		_, bHTML, _ := readContent(b)
		switch {
		case aHTML == bHTML:
			return 0
		case aHTML:
			return -1
		}
		return 1
	})
}

// readContent reads plain text, which is Markdown, or an object with HTML or
// text: the objects of Micropub (§2.3.1), "text" of JF2, and similar ones.
func readContent(v any) (text string, isHTML, ok bool) {
	if text, ok := contentText(v); ok {
		return text, false, true
	}
	o, ok := v.(map[string]any)
	if !ok {
		return "", false, false
	}
	html, found := contentText(member(o, "html"))
	if strings.TrimSpace(html) != "" {
		return html, true, true
	}
	for _, name := range textMembers {
		t, ok := contentText(member(o, name))
		found = found || ok
		if strings.TrimSpace(t) != "" {
			return t, name != "markdown" && isHTMLType(o), true
		}
	}
	return "", false, found
}

// isHTMLType reports whether an object declares its text as HTML.
func isHTMLType(o map[string]any) bool {
	for _, name := range typeMembers {
		mediaType, _, _ := strings.Cut(site.ScalarText(member(o, name)), ";")
		switch strings.ToLower(strings.TrimSpace(mediaType)) {
		case "text/html", "html", "application/xhtml+xml", "xhtml":
			return true
		}
	}
	return false
}

// member returns the first value of a member of an object, or of its property
// with that name.
func member(o map[string]any, name string) any {
	properties, _ := o["properties"].(map[string]any)
	for _, v := range []any{o[name], properties[name]} {
		if v = site.FirstOf(v); !site.IsEmptyValue(v) {
			return v
		}
	}
	return cmp.Or(site.FirstOf(o[name]), site.FirstOf(properties[name]))
}

// plainText returns the text of a value in a form that [readContent] accepts,
// without HTML and surrounding space. It prefers the text of an object that has
// both.
func plainText(v any) string {
	if s := site.ScalarText(v); s != "" {
		return s
	}
	o, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	for _, name := range textMembers {
		if s := site.ScalarText(member(o, name)); s != "" && !isHTMLType(o) {
			return s
		}
	}
	text, isHTML, _ := readContent(o)
	if !isHTML {
		return ""
	}
	n := site.Note{Content: text, HTML: true}
	return n.Text(len(text), site.Markdown{})
}

// contentText returns a text with its indentation, which has a meaning in
// Markdown.
func contentText(v any) (text string, ok bool) {
	switch v := v.(type) {
	case string:
		return site.NormalText(v), true
	case json.Number, bool:
		return site.ScalarText(v), true
	}
	return "", false
}
