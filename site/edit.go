package site

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// synonyms are the keys of other generators that [Note.foreign] reads where
// our own is not there. An edit writes to the one that it finds.
var synonyms = map[string][]string{
	"date":    {"publishDate"},
	"updated": {"lastmod"},
	"summary": {"description"},
	"tags":    {"category", "categories"},
	"aliases": {"redirect_from"},
}

// Edit returns data, the file n.File as it is, changed so that [Parse] reads n
// from it. Lines of keys whose values stay are kept byte for byte, and so are
// comments, unknown keys, line ends and, unless n.Content differs, the body. A
// comment above a key that goes stays: it may be about more than that key.
//
// The error is a [*SyntaxError] if the file can't be read as a note, or if its
// front matter is written in a way that can't be changed line by line: in TOML,
// as one {…}, or with anchors that a change would tear.
func (n *Note) Edit(data []byte, loc *time.Location) ([]byte, error) {
	old, err := Parse(n.File, data, loc)
	if err != nil {
		return nil, err
	}
	e := &editor{eol: eolOf(data)}
	result, lineErr := e.edit(data, old, n)
	if lineErr == nil && !n.reads(result, loc) {
		lineErr = &lineError{1, "the front matter can't be changed line by line"}
	}
	if lineErr == nil && !sameFields(data, result, e.named) {
		lineErr = &lineError{1, "a change of the front matter would change other keys, too"}
	}
	if lineErr != nil {
		return nil, &SyntaxError{File: "content/" + n.File, Line: lineErr.line, Msg: lineErr.msg + "; edit the file by hand"}
	}
	return result, nil
}

// reads says whether data is read back as n.
func (n *Note) reads(data []byte, loc *time.Location) bool {
	got, err := Parse(n.File, data, loc)
	if err != nil || got.Kind != n.Kind || got.folder != n.folder || got.address != n.address {
		return false
	}
	a, errA := got.Format()
	b, errB := n.Format()
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// sameFields says whether two files agree in all keys but some.
func sameFields(a, b []byte, but []string) bool {
	values := func(data []byte) map[string]any {
		all, _, _, _ := split(data) // both were parsed before
		m := map[string]any{}
		for _, f := range all {
			if !slices.Contains(but, f.Key) {
				m[f.Key] = f.Value
			}
		}
		return m
	}
	return reflect.DeepEqual(values(a), values(b))
}

func eolOf(data []byte) string {
	if i := bytes.IndexByte(data, '\n'); i > 0 && data[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// An editor collects what is to be done to the lines of a file's front matter.
type editor struct {
	eol     string
	lines   []string
	splices []splice
	named   []string // top-level keys that may change
}

// A splice puts text in the place of lines [from, to).
type splice struct {
	from, to int
	text     string
}

func (e *editor) edit(data []byte, old, n *Note) ([]byte, *lineError) {
	p, err := cut(data)
	if err != nil {
		return nil, err
	}
	changes, err := changesOf(old, n)
	if err != nil {
		return nil, err
	}
	if len(changes) > 0 {
		switch p.fence {
		case "+++":
			return nil, &lineError{1, "front matter in TOML is read, but not changed"}
		case "":
			p.open += "---" + e.eol
			p.close = "---" + e.eol
		}
		if p.front, err = e.editFront(p.front, changes, n.front()); err != nil {
			return nil, err
		}
	}
	if content := NormalText(n.Content); content != old.Content {
		p.body = e.editBody(p.body, content)
		if p.close != "" && !strings.HasSuffix(p.close, "\n") {
			p.close += e.eol
		}
	}
	return []byte(p.open + p.front + p.close + p.body), nil
}

// editBody puts a text in the place of another, between the empty lines that
// the other had around it.
func (e *editor) editBody(body, content string) string {
	content = strings.ReplaceAll(content, "\n", e.eol)
	rest := strings.TrimLeft(body, "\r\n")
	text := strings.TrimRight(rest, "\r\n")
	switch {
	case content == "":
		return ""
	case text == "":
		return content + e.eol
	}
	return body[:len(body)-len(rest)] + content + rest[len(text):]
}

// A change is a key of the front matter with its new value; nil to remove it.
type change struct {
	key   string
	value *yaml.Node
	below []change // of "properties": what changes in there
}

// changesOf compares what [Note.Format] would write of two notes.
func changesOf(old, n *Note) ([]change, *lineError) {
	changes, err := compare(old.front(), n.front())
	if err != nil {
		return nil, err
	}
	if old.address != n.address {
		changes = append(changes, change{key: "permalink"}, change{key: "url"}, change{key: "path"})
	}
	return changes, nil
}

func compare(old, now *mapping) (changes []change, _ *lineError) {
	for i := 0; i+1 < len(now.Content); i += 2 {
		c := change{key: now.Content[i].Value, value: now.Content[i+1]}
		before := old.value(c.key)
		same, err := sameNode(before, c.value)
		if err != nil {
			return nil, &lineError{1, fmt.Sprintf("%s: %v", c.key, err)}
		}
		if same {
			continue
		}
		if c.key == "properties" {
			c.below, _ = compare((*mapping)(before), (*mapping)(c.value)) // as one they were encoded a moment ago
		}
		changes = append(changes, c)
	}
	for i := 0; i+1 < len(old.Content); i += 2 {
		key, before := old.Content[i].Value, old.Content[i+1]
		if now.value(key).Kind != 0 {
			continue
		}
		c := change{key: key}
		if key == "properties" {
			c.below, _ = compare((*mapping)(before), &mapping{})
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// value is what the mapping has for a key; a node without a kind if nothing.
func (m *mapping) value(key string) *yaml.Node {
	if i := keyIndex((*yaml.Node)(m), key); i >= 0 {
		return m.Content[2*i+1]
	}
	return &yaml.Node{}
}

// keyIndex is the place of the first of some keys among those of a mapping.
func keyIndex(m *yaml.Node, keys ...string) int {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if slices.Contains(keys, m.Content[i].Value) {
			return i / 2
		}
	}
	return -1
}

func sameNode(a, b *yaml.Node) (bool, error) {
	if a.Kind == 0 || b.Kind == 0 {
		return a.Kind == b.Kind, nil
	}
	x, err := encodePair("x", a)
	if err != nil {
		return false, err
	}
	y, err := encodePair("x", b)
	return x == y, err
}

func encodePair(key string, value *yaml.Node) (string, error) {
	var m mapping
	m.add(key, value)
	return m.encode()
}
