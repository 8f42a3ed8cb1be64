package site

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// A language is the language of a front matter.
type language int

const (
	langYAML language = iota
	langJSON          // also YAML that is valid JSON
	langTOML
)

// colon is written between a new key and its value.
func (l language) colon() string {
	if l == langTOML {
		return " = "
	}
	return ": "
}

// editYAML returns the front matter with some top-level keys changed.
func (e *editor) editYAML(changes []change) (string, *lineError) {
	if json.Valid([]byte(e.text)) {
		e.lang = langJSON
	}
	root, err := e.readYAML()
	if err != nil {
		return "", err
	}
	front := e.text
	var last []change // new keys without a place, which come last
	if !root.flow {
		changes, last = atEnd(root, changes)
	}
	if root.to > root.from {
		text, left := e.changeTable(root, changes)
		switch {
		case left < 0:
			return "", &lineError{1, "a value can't be written in the front matter"}
		case left == 0 && !root.flow && text == "": // remove the line that is empty now, too
			end := strings.TrimLeft(e.text[root.to:], " \t\r")
			front = e.text[:lineStart(e.text, root.from)] + strings.TrimPrefix(end, "\n")
		default:
			front = e.text[:root.from] + text + e.text[root.to:]
		}
	}
	for _, c := range last {
		text, ok := e.newPair(root, c)
		if !ok {
			return "", &lineError{1, c.key + ": can't be written in the front matter"}
		}
		front += e.indentOf(root.open) + text + e.eol
	}
	return front, nil
}

// atEnd separates the new keys that have no place after another key.
func atEnd(root *element, changes []change) (others, last []change) {
	for _, c := range changes {
		if c.value != nil && root.find(c.key) < 0 && root.find(c.after) < 0 {
			last = append(last, c)
		} else {
			others = append(others, c)
		}
	}
	return others, last
}

// lineStart returns the start of the line of the byte at.
func lineStart(s string, at int) int { return strings.LastIndexByte(s[:at], '\n') + 1 }

func encodeNode(n *yaml.Node) (string, error) {
	var b strings.Builder
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	err := enc.Encode(n)
	return b.String(), err
}

// inline returns the text of a value on one line; false if it needs several lines. old
// is the text that it replaces, or a similar one. flow means that it is in brackets.
func (e *editor) inline(value *yaml.Node, old string, flow bool) (string, bool) {
	switch {
	case e.lang == langJSON:
		data, err := marshalJSON(value)
		return data, err == nil
	case e.lang == langTOML:
		return e.inlineTOML(value, old)
	case !flow:
		written, err := encodePair("x", value)
		first, rest, _ := strings.Cut(strings.TrimPrefix(written, "x: "), "\n")
		return first, err == nil && rest == "" && strings.HasPrefix(written, "x: ")
	}
	written, err := encodePair("x", &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: []*yaml.Node{value}})
	written, ok := strings.CutPrefix(strings.TrimSuffix(written, "]\n"), "x: [")
	return written, ok && err == nil && !strings.Contains(written, "\n")
}

// key returns the text of a new key, quoted as sample is.
func (e *editor) key(key, sample string) (string, bool) {
	if e.lang == langTOML {
		return tomlKey(key), true
	}
	node := text(key)
	if strings.HasPrefix(sample, `"`) {
		node.Style = yaml.DoubleQuotedStyle
	}
	return e.inline(node, sample, true)
}

func marshalJSON(n *yaml.Node) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(nodeValue(n))
	return strings.TrimSuffix(b.String(), "\n"), err
}

// readYAML reads the front matter as elements, to find their places. Their values
// were read by [yamlFields].
func (e *editor) readYAML() (*element, *lineError) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(e.text), &doc); err != nil {
		return nil, &lineError{1, err.Error()}
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return &element{kind: yaml.MappingNode}, nil
	}
	r := &yamlReader{text: e.text, line: 1, column: 1}
	root := r.element(doc.Content[0], 0, -1)
	if r.lost > 0 {
		return nil, errUnknownForm(r.lost + 1)
	}
	return root, nil
}

// A yamlReader finds the bytes of the nodes of a document. The parser reports only
// where each begins.
type yamlReader struct {
	text         string
	at           int // a byte
	line, column int // of that byte, as the parser counts them
	lost         int // the line of the first node that was not found
}

// element finds a node at or after a byte. indent is that of the block around it.
func (r *yamlReader) element(n *yaml.Node, from, indent int) *element {
	el := &element{kind: n.Kind, style: n.Style, flow: n.Style&yaml.FlowStyle != 0, from: from, to: from, open: from, node: n}
	marked := n.Anchor != "" || n.Style&yaml.TaggedStyle != 0
	if n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0 && !marked {
		return el // nothing is written
	}
	at := r.find(n)
	if at < from {
		return r.lose(n, el)
	}
	el.from, el.to, el.open = at, at, at
	if marked {
		el.open = r.skipMarks(at)
	}
	switch n.Kind {
	case yaml.ScalarNode:
		el.to = r.scalarEnd(n, el.open, indent)
	case yaml.AliasNode:
		el.to = at + 1 + len(n.Value)
	case yaml.SequenceNode:
		r.items(n, el)
	case yaml.MappingNode:
		r.pairs(n, el)
	}
	if el.to < el.open || el.to > len(r.text) {
		return r.lose(n, el)
	}
	if len(el.parts) > 0 && !el.flow {
		el.to = r.commentEnd(el.to)
	}
	return el
}

// lose records that a node was not found.
func (r *yamlReader) lose(n *yaml.Node, el *element) *element {
	if r.lost == 0 {
		r.lost = max(n.Line, 1)
	}
	if el != nil {
		el.to = el.from
	}
	return el
}

// find returns the byte at which a node begins, or -1. It must be called in the order
// of the nodes in the text.
func (r *yamlReader) find(n *yaml.Node) int {
	for r.at < len(r.text) && (r.line < n.Line || r.line == n.Line && r.column < n.Column) {
		c, size := utf8.DecodeRuneInString(r.text[r.at:])
		r.at += size
		r.column++
		if isBreak(c) && (c != '\r' || !strings.HasPrefix(r.text[r.at:], "\n")) {
			r.line++
			r.column = 1
		}
	}
	if r.line != n.Line || r.column != n.Column {
		return -1
	}
	return r.at
}

// isBreak reports whether a character is a line end to the YAML parser.
func isBreak(c rune) bool {
	return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029
}

// skipMarks returns the byte after an anchor and a tag.
func (r *yamlReader) skipMarks(at int) int {
	for at < len(r.text) && (r.text[at] == '&' || r.text[at] == '!') {
		for at < len(r.text) && !strings.ContainsRune(" \t\r\n,]}", rune(r.text[at])) {
			at++
		}
		if next := r.skip(at, false); next < len(r.text) {
			at = next
		}
	}
	return at
}

// skip returns the index of the next byte after spaces, line ends and comments, and
// after commas if commas is true.
func (r *yamlReader) skip(at int, commas bool) int {
	for at < len(r.text) {
		c, size := utf8.DecodeRuneInString(r.text[at:])
		switch {
		case c == ' ' || c == '\t' || isBreak(c) || commas && c == ',':
			at += size
		case c == '#':
			for at < len(r.text) && r.text[at] != '\n' {
				at++
			}
		default:
			return at
		}
	}
	return at
}

// commentEnd returns the end of the line if only a comment follows on it, else at.
func (r *yamlReader) commentEnd(at int) int {
	rest := r.text[at:]
	if end := strings.IndexAny(rest, "\r\n"); end >= 0 {
		rest = rest[:end]
	}
	if s := strings.TrimLeft(rest, " \t"); s == "" || s[0] == '#' {
		return at + len(rest)
	}
	return at
}

// expect returns the byte after a mark. If at has another byte, the place of n is
// lost.
func (r *yamlReader) expect(n *yaml.Node, at int, mark byte) int {
	if at >= len(r.text) || r.text[at] != mark {
		r.lose(n, nil)
		return len(r.text)
	}
	return at + 1
}

// items finds the items of a list.
func (r *yamlReader) items(n *yaml.Node, el *element) {
	at := el.open
	if el.flow {
		at = r.expect(n, at, '[')
	}
	for _, item := range n.Content {
		at = r.skip(at, el.flow)
		p := part{from: at}
		if !el.flow {
			at = r.expect(n, at, '-')
		}
		p.value = r.element(item, at, r.indentIn(el, p.from))
		if el.flow && p.value.from != p.from || r.lost > 0 {
			r.lose(item, nil)
			return
		}
		at = p.value.to
		el.parts = append(el.parts, p)
	}
	if el.to = at; el.flow {
		el.to = r.expect(n, r.skip(at, true), ']')
	}
}

// pairs finds the keys and values of a table.
func (r *yamlReader) pairs(n *yaml.Node, el *element) {
	at := el.open
	single := el.flow && !strings.HasPrefix(r.text[at:], "{")
	if single { // [key: value], which is changed as a whole
		el.kind, el.flow = yaml.AliasNode, false
	} else if el.flow {
		at = r.expect(n, at, '{')
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		at = r.skip(at, el.flow)
		from := at
		if strings.HasPrefix(r.text[at:], "?") && r.find(n.Content[i]) > at { // the long form of a key
			at = r.skip(at+1, false)
		}
		key := r.element(n.Content[i], at, -1)
		if key.from != at || key.kind != yaml.ScalarNode || key.to == key.from || r.lost > 0 {
			r.lose(n.Content[i], nil)
			return
		}
		p := part{from: from, key: n.Content[i].Value, keyTo: key.to}
		at = r.skip(key.to, false)
		if at < len(r.text) && r.text[at] == ':' || !el.flow && from == key.from {
			at = r.expect(n.Content[i], at, ':')
		} else {
			at = key.to
		}
		p.value = r.element(n.Content[i+1], at, r.indentIn(el, p.from))
		at = p.value.to
		el.parts = append(el.parts, p)
	}
	if el.to = at; el.flow {
		el.to = r.expect(n, r.skip(at, true), '}')
	}
	if single {
		el.parts = nil
	}
}

// indentIn counts the characters before a part on its line. In brackets the result
// is 0, as indentation has no meaning there.
func (r *yamlReader) indentIn(el *element, at int) int {
	if el.flow {
		return 0
	}
	return utf8.RuneCountInString(r.text[lineStart(r.text, at):at])
}

// scalarEnd returns the end of a scalar that begins at byte at; -1 if there is none.
func (r *yamlReader) scalarEnd(n *yaml.Node, at, indent int) int {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return r.quotedEnd(at, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		return r.quotedEnd(at, '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return r.blockEnd(n, at, indent)
	}
	// Plain text has no escapes: only its spaces and line ends may differ.
	for _, c := range n.Value {
		if c == ' ' || c == '\t' || isBreak(c) {
			continue
		}
		for at < len(r.text) {
			space, size := utf8.DecodeRuneInString(r.text[at:])
			if space != ' ' && space != '\t' && !isBreak(space) {
				break
			}
			at += size
		}
		if !strings.HasPrefix(r.text[at:], string(c)) {
			return -1
		}
		at += utf8.RuneLen(c)
	}
	return at
}

// quotedEnd returns the end of a quoted text that begins at byte at; -1 if there is
// none.
func (r *yamlReader) quotedEnd(at int, quote byte) int {
	if at >= len(r.text) || r.text[at] != quote {
		return -1
	}
	for at++; at < len(r.text); at++ {
		switch {
		case r.text[at] == '\\' && quote == '"':
			at++
		case r.text[at] == quote && quote == '\'' && strings.HasPrefix(r.text[at+1:], "'"):
			at++
		case r.text[at] == quote:
			return at + 1
		}
	}
	return -1
}

// blockEnd returns the end of a text after "|" or ">": before the line end of its
// last line. With "+", trailing empty lines are part of the text.
func (r *yamlReader) blockEnd(n *yaml.Node, at, indent int) int {
	header := firstLine(r.text[at:])
	marks := header[:len(header)-len(strings.TrimLeft(header, "|>+-0123456789"))]
	end := at + len(header)
	least := -1
	if i := strings.IndexAny(marks, "123456789"); i >= 0 {
		least = max(indent, 0) + int(marks[i]-'0')
	}
	keep := strings.Contains(marks, "+")
	for next := end; next < len(r.text); {
		next += strings.IndexByte(r.text[next:], '\n') + 1
		line := firstLine(r.text[next:])
		words := strings.TrimLeft(line, " ")
		blank := strings.TrimRight(words, "\r") == ""
		if least < 0 && !blank {
			least = max(len(line)-len(words), indent+1)
		}
		if !blank && len(line)-len(words) < least || next >= len(r.text) {
			break
		}
		if !blank || keep {
			end = next + len(line)
		}
		next += len(line)
	}
	return end
}
