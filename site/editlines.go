package site

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// editFront applies changes to the lines of a YAML front matter. now is the
// whole of what it is to say, which tells where new keys go.
func (e *editor) editFront(front string, changes []change, now *mapping) (string, *lineError) {
	e.lines = strings.SplitAfter(front, "\n")
	e.lines = e.lines[:len(e.lines)-1] // what follows the last line end
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(front), &doc); err != nil {
		return "", &lineError{1, err.Error()}
	}
	root := &block{node: &yaml.Node{}, end: len(e.lines)}
	if len(doc.Content) > 0 {
		var err *lineError
		if root, err = e.block(doc.Content[0], len(e.lines)); err != nil {
			return "", err
		}
	}
	inside := root.value("properties")
	var below []change
	for _, c := range changes {
		switch there := inside != nil && keyIndex(inside, c.key) >= 0; {
		case c.key == "properties" && inside != nil:
			below = append(below, c.below...)
			continue
		case there && slices.Contains(renderedProperties, c.key):
			if keyIndex(root.node, c.key) < 0 {
				below = append(below, c)
				continue
			}
			below = append(below, change{key: c.key}) // it stands in both places: one is enough
		}
		if err := e.change(root, c, now); err != nil {
			return "", err
		}
	}
	if len(below) > 0 {
		if err := e.changeProperties(root, inside, below); err != nil {
			return "", err
		}
	}
	return e.apply(), nil
}

func (e *editor) apply() string {
	slices.SortStableFunc(e.splices, func(a, b splice) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return a.to - b.to // what is put between two lines comes before what replaces the second
	})
	var b strings.Builder
	at := 0
	for _, s := range e.splices {
		b.WriteString(strings.Join(e.lines[at:max(at, s.from)], ""))
		b.WriteString(s.text)
		at = max(at, s.to)
	}
	b.WriteString(strings.Join(e.lines[at:], ""))
	return b.String()
}

// change makes one change of a top-level key.
func (e *editor) change(root *block, c change, now *mapping) *lineError {
	if c.key == "draft" && c.value == nil {
		e.named = append(e.named, root.drafts()...)
		e.remove(root, root.drafts())
		return nil
	}
	i := keyIndex(root.node, c.key)
	if i < 0 {
		i = keyIndex(root.node, synonyms[c.key]...)
	}
	if i < 0 && c.value == nil {
		return nil // nothing says it
	}
	if i < 0 {
		e.named = append(e.named, c.key)
	} else {
		e.named = append(e.named, root.key(i))
	}
	if c.value != nil {
		return e.set(root, c, i, root.after(c.key, now))
	}
	e.remove(root, []string{root.key(i)})
	for j, other := range root.spans {
		if j != i && slices.Contains(synonyms[c.key], root.key(j)) {
			return &lineError{other.from + 2, fmt.Sprintf("%s: would be read in the place of %s, which is to go", root.key(j), root.key(i))}
		}
	}
	return nil
}

// changeProperties changes what stands below "properties".
func (e *editor) changeProperties(root *block, properties *yaml.Node, changes []change) *lineError {
	e.named = append(e.named, "properties")
	at := root.spans[keyIndex(root.node, "properties")]
	if properties.Kind != yaml.MappingNode {
		return &lineError{at.from + 2, "properties: stands for something that is written elsewhere"}
	}
	left := len(properties.Content) / 2
	for _, c := range changes {
		switch there := keyIndex(properties, c.key) >= 0; {
		case there && c.value == nil:
			left--
		case !there && c.value != nil:
			left++
		}
	}
	if left == 0 {
		e.remove(root, []string{"properties"})
		return nil
	}
	if properties.Style&yaml.FlowStyle != 0 {
		return e.set(root, change{key: "properties", value: replaced(properties, changes)}, keyIndex(root.node, "properties"), 0)
	}
	b, err := e.block(properties, at.to)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if c.value == nil {
			e.remove(b, []string{c.key})
		} else if err := e.set(b, c, keyIndex(properties, c.key), b.end); err != nil {
			return err
		}
	}
	return nil
}

// replaced is a mapping with some of its values changed.
func replaced(m *yaml.Node, changes []change) *yaml.Node {
	now := &yaml.Node{Kind: yaml.MappingNode, Style: m.Style, Content: slices.Clone(m.Content)}
	for _, c := range changes {
		i := keyIndex(now, c.key)
		switch {
		case i >= 0 && c.value == nil:
			now.Content = slices.Delete(now.Content, 2*i, 2*i+2)
		case i >= 0:
			now.Content[2*i+1] = c.value
		case c.value != nil:
			now.Content = append(now.Content, text(c.key), c.value)
		}
	}
	return now
}

// A block is a mapping of which each key begins a line.
type block struct {
	node   *yaml.Node
	indent string
	spans  []span // of its keys
	end    int    // the line that follows the last of them
}

// A span is the lines [from, to) of a key with its value.
type span struct{ from, to int }

// block finds the lines of a mapping that ends before the given one.
func (e *editor) block(m *yaml.Node, end int) (*block, *lineError) {
	if m.Kind != yaml.MappingNode || m.Style&yaml.FlowStyle != 0 {
		return nil, &lineError{m.Line + 1, "front matter written as {…} is read, but not changed"}
	}
	b := &block{node: m, end: end}
	for i := 0; i+1 < len(m.Content); i += 2 {
		key, from := m.Content[i], m.Content[i].Line-1
		if i == 0 && from < len(e.lines) {
			b.indent = e.lines[from][:min(key.Column-1, len(e.lines[from]))]
		}
		if from >= end || !beginsWith(e.lines[from], b.indent, key) {
			return nil, &lineError{from + 2, fmt.Sprintf("%.60s: does not stand at the beginning of a line of its own", key.Value)}
		}
		to := end
		if i+2 < len(m.Content) {
			to = min(end, m.Content[i+2].Line-1)
		}
		b.spans = append(b.spans, span{from, e.trim(from+1, to, b.indent, lastScalar(m.Content[i+1]))})
	}
	if len(b.spans) > 0 && b.indent != "" {
		b.end = b.spans[len(b.spans)-1].to // new keys stand below the last, not below what follows the mapping
	}
	return b, nil
}

func beginsWith(line, indent string, key *yaml.Node) bool {
	rest, ok := strings.CutPrefix(line, indent)
	return ok && strings.Trim(indent, " ") == "" &&
		(strings.HasPrefix(rest, key.Value) || strings.HasPrefix(rest, `"`) || strings.HasPrefix(rest, "'"))
}

// lastScalar is what a value ends with.
func lastScalar(n *yaml.Node) *yaml.Node {
	for len(n.Content) > 0 {
		n = n.Content[len(n.Content)-1]
	}
	return n
}

// trim takes empty lines and comments off the end of a value: they stand there
// for the key that follows, or for themselves. In a text of several lines a
// number sign that is indented begins no comment, and one that keeps its line
// ends ("|+") has the empty lines, too.
func (e *editor) trim(from, to int, indent string, last *yaml.Node) int {
	block := last.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	if block {
		for i := from; i < to; i++ {
			if text := strings.TrimLeft(e.lines[i], " "); strings.HasPrefix(text, "#") && len(e.lines[i])-len(text) <= len(indent) {
				to = i
			}
		}
	}
	most := to
	for to > from {
		text := strings.TrimSpace(e.lines[to-1])
		if text != "" && (block || text[0] != '#') {
			break
		}
		to--
	}
	if strings.HasSuffix(last.Value, "\n\n") && block {
		return most
	}
	return to
}

func (b *block) key(i int) string { return b.node.Content[2*i].Value }

func (b *block) value(key string) *yaml.Node {
	if i := keyIndex(b.node, key); i >= 0 {
		return b.node.Content[2*i+1]
	}
	return nil
}

// drafts are the keys that make the note a draft.
func (b *block) drafts() []string {
	keys := []string{"draft"}
	if v := b.value("published"); v != nil && yamlScalar(v) == false {
		keys = append(keys, "published")
	}
	return keys
}

// after is the line at which a new key goes: behind the nearest of those that
// [Note.Format] writes before it, or else at the end.
func (b *block) after(key string, now *mapping) int {
	at := b.end
	for i := 0; i+1 < len(now.Content) && now.Content[i].Value != key; i += 2 {
		before := now.Content[i].Value
		if j := keyIndex(b.node, append([]string{before}, synonyms[before]...)...); j >= 0 {
			at = b.spans[j].to
		}
	}
	return at
}

func (e *editor) remove(b *block, keys []string) {
	for i, s := range b.spans {
		if slices.Contains(keys, b.key(i)) {
			e.splices = append(e.splices, splice{s.from, s.to, ""})
		}
	}
}

// set gives a key its value: where the key with the number i stands, which may be
// another name of it, or in front of line at if i is negative.
func (e *editor) set(b *block, c change, i, at int) *lineError {
	s, key, comment := splice{from: at, to: at}, c.key, ""
	value := *c.value
	if i >= 0 {
		s.from, s.to, key = b.spans[i].from, b.spans[i].to, b.key(i)
		dress(&value, b.node.Content[2*i+1])
		comment = commentOf(strings.TrimRight(e.lines[s.from], "\r\n"))
	}
	written, err := encodePair(key, &value)
	if err != nil {
		return &lineError{1, fmt.Sprintf("%.60s: %v", key, err)}
	}
	if first, rest, _ := strings.Cut(written, "\n"); rest == "" || opening.MatchString(first) {
		written = first + comment + "\n" + rest
	}
	for line := range strings.Lines(written) {
		if line != "\n" {
			line = b.indent + line
		}
		s.text += strings.TrimSuffix(line, "\n") + e.eol
	}
	e.splices = append(e.splices, s)
	return nil
}

// opening is a first line that can have a comment although its value is on those that
// follow.
var opening = regexp.MustCompile(`:( [|>][-+\d]*)?$`)

// maxCommented is the longest line whose comment is found.
const maxCommented = 1000

// commentOf is the comment at the end of a line, with the space before it: what can
// be cut off at a number sign without a change of what the line says.
func commentOf(line string) string {
	if len(line) > maxCommented || !strings.Contains(line, "#") {
		return ""
	}
	var all, part any
	if yaml.Unmarshal([]byte(line), &all) != nil {
		return "" // it goes on in the next line
	}
	for i := range len(line) {
		if line[i] != '#' || i == 0 || line[i-1] != ' ' && line[i-1] != '\t' {
			continue
		}
		if before := strings.TrimRight(line[:i], " \t"); yaml.Unmarshal([]byte(before), &part) == nil && reflect.DeepEqual(all, part) {
			return line[len(before):]
		}
		part = nil
	}
	return ""
}

// dress writes a value in the style of the one that it replaces: quoted, as a
// list over several lines.
func dress(value, old *yaml.Node) {
	switch {
	case value.Kind != old.Kind:
	case value.Kind == yaml.SequenceNode && len(value.Content) > 0:
		value.Style = old.Style & yaml.FlowStyle
	case value.Kind == yaml.ScalarNode && !strings.Contains(value.Value, "\n"):
		if value.Style == 0 {
			value.Style = old.Style & (yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle)
		}
	}
}
