package site

import (
	"slices"
	"strings"

	"starpunk/site/comment"
)

// IsEmpty reports whether a page would have nothing to show: no text except comments,
// no title, no summary, and no property that pages show. A note with a layout is
// never empty, since the layout may have a text; neither is the front page, which has
// lists.
func (n *Note) IsEmpty() bool {
	return n.Kind != KindHome && n.TitleText() == "" && n.SummaryText() == "" && n.Layout == "" && n.onlyComments() && !n.showsProperty()
}

// showsProperty reports whether a note has a property that pages show in its own
// place, or as a thing. Properties about the note itself, such as uid, do not count.
func (n *Note) showsProperty() bool { return n.hasPlace() || len(n.Things()) > 0 }

// hasPlace reports whether a note has a property that pages show in its own place,
// and that is not about another property.
func (n *Note) hasPlace() bool {
	for property := range n.Properties {
		switch property {
		case "syndication", "read-status", "start", "end": // about something else
			continue
		case "category": // people
			return true
		}
		if slices.Contains(renderedProperties, property) && !hasVerb(property) {
			return true
		}
	}
	return false
}

// maxEmptyBytes bounds the text that is searched for something except comments. A
// longer text is not empty.
const maxEmptyBytes = 64 << 10

// onlyComments reports whether the text has nothing except comments of its author.
func (n *Note) onlyComments() bool {
	text := trimUnseen(n.Content)
	if !comment.Begins(text) || len(n.Content) > maxEmptyBytes {
		return text == ""
	}
	text = n.Content
	if n.HTML {
		text = comment.HTML(text).String
	}
	return trimUnseen(comment.Excerpt(text, false)) == ""
}

// WithoutEmptyValues returns the values of a property that are not empty. Apps
// and templates leave empty ones: "", {}, [{}], null. The result is nil only if
// values is.
func WithoutEmptyValues(values []any) []any {
	return slices.DeleteFunc(slices.Clone(values), IsEmptyValue)
}

// IsEmptyValue reports whether a value in the shape of [Note.Properties] is empty, or
// has only empty values. The type of an object does not count.
func IsEmptyValue(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(WithoutEmptyValues(v)) == 0
	case map[string]any:
		for key, member := range v {
			if key != "type" && !IsEmptyValue(member) {
				return false
			}
		}
		return true
	}
	return false
}
