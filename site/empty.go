package site

import "strings"

// IsEmpty reports whether a page would have nothing to show: no text besides
// comments, no title, no summary, and no property. A layout may have a text of
// its own, and the front page has lists.
func (n *Note) IsEmpty() bool {
	return n.Kind != KindHome && n.Name == "" && n.Summary == "" && n.Layout == "" && onlyComments(n.Content) && !n.showsProperty()
}

// showsProperty reports whether a note has a property that is shown by itself.
func (n *Note) showsProperty() bool {
	for property := range n.Properties {
		switch property {
		case "syndication", "read-status", "start", "end": // about something else
		default:
			return true
		}
	}
	return false
}

// onlyComments reports whether a text has nothing in it but what its author
// wrote for themselves, in HTML or as Obsidian has it.
func onlyComments(text string) bool {
	for {
		text = trimUnseen(text)
		var end string
		switch {
		case text == "":
			return true
		case strings.HasPrefix(text, "<!--"):
			end = "-->"
		case strings.HasPrefix(text, "%%"):
			end = "%%"
		default:
			return false
		}
		_, text, _ = strings.Cut(text[2:], end)
	}
}

// withoutEmptyValues removes the values of a property that say nothing, as a
// template leaves them: "", {}, [{}], null.
func withoutEmptyValues(values []any) (some []any) {
	for _, v := range values {
		if !saysNothing(v) {
			some = append(some, v)
		}
	}
	return some
}

// saysNothing reports whether a value is empty, or is made of empty ones. The
// type of an object says nothing by itself.
func saysNothing(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(withoutEmptyValues(v)) == 0
	case map[string]any:
		for key, member := range v {
			if key != "type" && !saysNothing(member) {
				return false
			}
		}
		return true
	}
	return false
}
