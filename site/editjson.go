package site

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// editJSON changes top-level keys of an object, which may be written without its
// braces.
func (e *editor) editJSON(changes []change) (string, *lineError) {
	e.lang = langJSON
	bare := !strings.HasPrefix(strings.TrimSpace(e.text), "{")
	if bare {
		e.text = "{" + e.text + "}"
	}
	at := strings.IndexByte(e.text, '{')
	root := e.jsonElement(&at)
	if root == nil || root.kind != yaml.MappingNode {
		return "", errUnknownForm(1)
	}
	for _, p := range root.parts {
		p.value.setValue(e.fields.field(p.key).Value)
	}
	text, left := e.changeTable(root, changes)
	if left < 0 {
		return "", &lineError{1, "a value can't be written in the front matter"}
	}
	text = e.text[:root.from] + text + e.text[root.to:]
	if bare {
		text = text[1 : len(text)-1]
	}
	return text, nil
}

func errUnknownForm(line int) *lineError {
	return &lineError{line, "the front matter is written in a way that can be read, but not changed"}
}

// jsonElement finds the bytes of the value at a byte, and moves at after it; nil if
// there is no value. The text was read as JSON before.
func (e *editor) jsonElement(at *int) *element {
	r := yamlReader{text: e.text}
	el := &element{kind: yaml.ScalarNode, from: *at, open: *at}
	switch rest := e.text[*at:]; {
	case strings.HasPrefix(rest, `"`):
		*at = r.quotedEnd(*at, '"')
	case strings.HasPrefix(rest, "["), strings.HasPrefix(rest, "{"):
		return e.jsonParts(el, at)
	default:
		*at += len(rest) - len(strings.TrimLeft(rest, "+-.0123456789abcdefghijklmnopqrstuvwxyzE"))
	}
	if el.to = *at; el.to <= el.from {
		return nil
	}
	return el
}

// jsonParts finds the parts of the list or the object at a byte, like jsonElement.
func (e *editor) jsonParts(el *element, at *int) *element {
	r := yamlReader{text: e.text}
	el.kind, el.flow = yaml.SequenceNode, true
	if e.text[*at] == '{' {
		el.kind = yaml.MappingNode
	}
	for *at = r.skip(*at+1, true); *at < len(e.text); *at = r.skip(*at, true) {
		if strings.IndexByte("]}", e.text[*at]) >= 0 {
			*at++
			el.to = *at
			return el
		}
		p := part{from: *at}
		if p.value = e.jsonElement(at); p.value == nil {
			return nil
		}
		if el.kind == yaml.MappingNode {
			if json.Unmarshal([]byte(e.text[p.from:*at]), &p.key) != nil {
				return nil
			}
			p.keyTo = *at
			*at = r.skip(*at, false)
			if *at >= len(e.text) || e.text[*at] != ':' {
				return nil
			}
			*at = r.skip(*at+1, false)
			if p.value = e.jsonElement(at); p.value == nil {
				return nil
			}
		}
		el.parts = append(el.parts, p)
	}
	return nil
}
