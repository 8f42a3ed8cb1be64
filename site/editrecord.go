package site

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// An element is a value as it is written in a front matter.
type element struct {
	kind     yaml.Kind // an alias node can only be changed as a whole
	style    yaml.Style
	flow     bool // written in brackets
	from, to int  // bytes; a value over several lines ends with its last line
	open     int  // the begin of the first part or of the bracket, after anchor and tag
	parts    []part
	node     *yaml.Node // the value, in YAML
	plain    any        // the value, in TOML and JSON
}

// A part is an item of a list or a key of a table with its value.
type part struct {
	from  int // the begin of the item's mark, of the key, or of the value of an item in brackets
	key   string
	keyTo int // the end of the key
	value *element
}

func (el *element) value() any {
	if el.node != nil {
		return nodeValue(el.node)
	}
	return el.plain
}

// find returns the index of the part with a key, -1 if there is none.
func (el *element) find(key string) int {
	return slices.IndexFunc(el.parts, func(p part) bool { return p.key == key })
}

// A record is a part with the bytes around it that belong to it. The text of a list
// or table is the text of its records, one after the other.
type record struct {
	pre     string // line end, empty lines, comments on their own lines, and indentation
	text    string
	after   string // comment after it on its line
	removed bool
}

// A layout is a list or table as records, which can be moved, added and removed.
type layout struct {
	records []record
	inline  bool   // the first record is on the line of the bracket
	head    string // the space before it in that case
	tail    string // the text after the last record
	comma   bool   // a comma follows the last record, too
	fresh   string // the pre of a new record
}

// layout cuts an element into records.
func (e *editor) layout(el *element) layout {
	at, end := el.open, el.to
	if el.flow {
		at, end = at+1, end-1
	}
	l := layout{tail: e.text[at:end], fresh: " "}
	for i, p := range el.parts {
		next := end
		if i+1 < len(el.parts) {
			next = el.parts[i+1].from
		}
		r := record{pre: l.tail, text: e.text[p.from:p.value.to]}
		if i == 0 {
			r.pre = e.text[at:p.from]
		}
		gap := e.text[p.value.to:next]
		if el.flow {
			r.text, gap, l.comma = joinComma(r.text, gap)
		}
		r.after, l.tail = cutLine(gap)
		if !el.flow && !strings.Contains(gap, "\n") { // the last one
			r.after, l.tail = gap, ""
		}
		l.records = append(l.records, r)
	}
	l.alignFirst(el.flow, e.eol+e.indentOf(el.open))
	return l
}

// alignFirst gives the first record the same beginning as the others.
func (l *layout) alignFirst(flow bool, line string) {
	if len(l.records) == 0 {
		return
	}
	if !flow {
		l.fresh = line
		l.records[0].pre = line
		return
	}
	first := &l.records[0]
	for _, r := range l.records[1:] {
		l.fresh = r.pre
	}
	for _, r := range l.records {
		if strings.Contains(r.pre, "\n") {
			l.fresh = r.pre[len(linesOf(r.pre)):]
		}
	}
	if !strings.Contains(first.pre, "\n") {
		l.inline, l.head, first.pre = true, first.pre, l.fresh
	}
}

// joinComma cuts the comma out of the text after an item in brackets. If the comma is
// on its own line, the text before it belongs to the item.
func joinComma(item, gap string) (text, rest string, found bool) {
	before, after, found := cutComma(gap)
	if found && strings.Contains(before, "\n") {
		return item + before, after, true
	}
	return item, before + after, found
}

// cutComma splits the text between two items at its comma. Commas in comments do not
// count.
func cutComma(gap string) (before, after string, found bool) {
	for i := 0; i < len(gap); i++ {
		switch gap[i] {
		case ',':
			return gap[:i], gap[i+1:], true
		case '#':
			end := strings.IndexByte(gap[i:], '\n')
			if end < 0 {
				return gap, "", false
			}
			i += end
		}
	}
	return gap, "", false
}

// cutLine splits s before its first line end. Without one, all of s is the rest.
func cutLine(s string) (line, rest string) {
	i := strings.IndexByte(s, '\n')
	if i < 0 {
		return "", s
	}
	if i > 0 && s[i-1] == '\r' {
		i--
	}
	return s[:i], s[i:]
}

// firstLine returns s up to its first line end.
func firstLine(s string) string {
	if !strings.Contains(s, "\n") {
		return s
	}
	line, _ := cutLine(s)
	return line
}

// linesOf returns the lines of a record's pre that stay when its part is removed.
// That is all except the indentation of the part.
func linesOf(pre string) string {
	i := strings.LastIndexByte(pre, '\n')
	if i > 0 && pre[i-1] == '\r' {
		i--
	}
	return pre[:max(i, 0)]
}

// deleteRemoved deletes the records that are marked as removed. Comments and empty
// lines above them move to the next record, or to the tail.
func (l *layout) deleteRemoved(eol string) {
	var left []record
	carry := ""
	for _, r := range l.records {
		if !r.removed {
			r.pre, carry = joinLines(carry, r.pre, eol), ""
			left = append(left, r)
			continue
		}
		carry += linesOf(r.pre)
		if n := len(left); n > 0 && !strings.Contains(r.pre, "\n") && left[n-1].after == "" {
			left[n-1].after = r.after // the comment of the line, on which another item stays
		}
	}
	l.records, l.tail = left, joinLines(carry, l.tail, eol)
}

// joinLines joins lines and the text after them, which is on a new line if the lines
// end with a comment.
func joinLines(lines, rest, eol string) string {
	first, _ := cutLine(rest)
	if strings.Contains(lines, "#") && (first != "" || !strings.Contains(rest, "\n")) && rest != "" {
		return lines + eol + rest
	}
	return lines + rest
}

// joinBlock writes the records of lines. The first one begins in the middle of a
// line, after the indentation.
func (l *layout) joinBlock(indent string) string {
	if len(l.records) == 0 {
		return trimStart(l.tail, indent)
	}
	var b strings.Builder
	for i, r := range l.records {
		if i == 0 {
			r.pre = trimStart(r.pre, indent)
		}
		b.WriteString(r.pre + r.text + r.after)
	}
	return b.String() + l.tail
}

// trimStart removes the first line end, and all space if the line has an
// indentation already.
func trimStart(s, indent string) string {
	if indent != "" {
		return strings.TrimLeft(s, " \t\r\n")
	}
	return strings.TrimPrefix(strings.TrimPrefix(s, "\r"), "\n")
}

// joinFlow returns the text of the records of a list or table in brackets.
func (l *layout) joinFlow(eol string) string {
	var b strings.Builder
	for i, r := range l.records {
		if i == 0 && !strings.Contains(r.pre, "#") && (l.inline || !strings.Contains(r.pre, "\n")) {
			r.pre = l.head
		}
		b.WriteString(r.pre + r.text)
		if i < len(l.records)-1 || l.comma {
			b.WriteByte(',')
		}
		b.WriteString(r.after)
		next := l.tail
		if i+1 < len(l.records) {
			next = l.records[i+1].pre
		}
		if first, _ := cutLine(next); strings.Contains(r.after, "#") && (first != "" || !strings.Contains(next, "\n")) {
			b.WriteString(eol) // otherwise the comment would include the following text
		}
	}
	return b.String() + l.tail
}

// indentOf returns the indentation of the text at a byte, in spaces.
func (e *editor) indentOf(at int) string {
	line := e.text[strings.LastIndexByte(e.text[:at], '\n')+1 : at]
	return strings.Repeat(" ", utf8.RuneCountInString(line))
}

// assemble returns the text of an element with other records.
func (e *editor) assemble(el *element, l layout) string {
	l.deleteRemoved(e.eol)
	start := e.text[el.from:el.open]
	if !el.flow {
		return start + l.joinBlock(e.indentOf(el.open))
	}
	return start + e.text[el.open:el.open+1] + l.joinFlow(e.eol) + e.text[el.to-1:el.to]
}

// change returns the text of an element with another value; false if the element
// can't have it in its present form. key is our name of the key that has the element.
func (e *editor) change(el *element, want *yaml.Node, key string, flow bool) (string, bool) {
	block := el.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	switch {
	case el.kind == yaml.ScalarNode && want.Kind == yaml.ScalarNode && !block && el.from < el.to:
		return e.inline(inStyleOf(want, el), e.text[el.from:el.to], flow)
	case e.whole:
		return "", false
	case el.kind == yaml.SequenceNode && want.Kind == yaml.SequenceNode:
		return e.changeList(el, want.Content, key)
	case el.kind == yaml.MappingNode && want.Kind == yaml.MappingNode:
		members, _ := el.value().(map[string]any)
		return e.changeMembers(el, memberChanges(members, want))
	}
	return "", false
}

// changeMembers is like changeTable, but a table of lines must keep at least one.
func (e *editor) changeMembers(el *element, changes []change) (string, bool) {
	text, left := e.changeTable(el, changes)
	return text, left > 0 || left == 0 && el.flow
}

// changeProperty is like change for the value of a key. There, one value and a list
// of one are the same, unless the key never has a list.
func (e *editor) changeProperty(el *element, want *yaml.Node, key string, flow bool) (string, bool) {
	return e.change(el, shaped(el, want, key), key, flow)
}

// shaped returns a wanted value in the form of the old one, as a list or a single
// value, if both have the same meaning.
func shaped(el *element, want *yaml.Node, key string) *yaml.Node {
	list, wantList := el.kind == yaml.SequenceNode, want.Kind == yaml.SequenceNode
	switch {
	case list && !wantList && !isScalarKey(key):
		return &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{want}}
	case list || !wantList:
		return want
	case key == "tags":
		s, _ := el.value().(string)
		return withCommas(s, want)
	case len(want.Content) == 1:
		return want.Content[0]
	}
	return want
}

// isScalarKey reports whether a key has one value, and never a list.
func isScalarKey(key string) bool {
	return slices.Contains([]string{"date", "date-given", "updated", "h", "title", "summary", "slug", "draft", "visibility", "format", "layout", "client"}, key)
}

// withCommas returns tags as one text if the old text has commas, or if there is
// only one tag; otherwise it returns want.
func withCommas(old string, want *yaml.Node) *yaml.Node {
	var tags []string
	for _, tag := range want.Content {
		tags = append(tags, tag.Value)
	}
	if !strings.Contains(old, ",") && len(tags) > 1 || strings.Contains(strings.Join(tags, ""), ",") {
		return want
	}
	before := tagStrings(old)
	if len(before) == 0 {
		return want
	}
	if n := len(before); n <= len(tags) && slices.Equal(before, tags[:n]) {
		return text(strings.Join(append([]string{strings.TrimRight(old, ", \t\n")}, tags[n:]...), ", "))
	}
	return text(strings.Join(tags, ", "))
}

// changeList returns the text of a list with the wanted items; false if an item
// can't be written, or if no item would be left in a list of lines.
func (e *editor) changeList(el *element, want []*yaml.Node, key string) (string, bool) {
	if len(want) == 0 && !el.flow {
		return "", false
	}
	old := make([]any, len(el.parts))
	for i, p := range el.parts {
		old[i] = p.value.value()
	}
	p := pair(old, want, key)
	l := e.layout(el)
	for i := range l.records {
		if !p.used[i] {
			e.drop(el.parts[i], &l.records[i])
		}
	}
	ordered := l.removedFrom(0)
	for j, i := range p.from {
		r := record{pre: l.fresh}
		if i >= 0 {
			r = l.records[i]
		}
		if p.want[j] != nil {
			var ok bool
			if r.text, ok = e.item(el, i, p.want[j]); !ok {
				return "", false
			}
		}
		ordered = append(ordered, r)
		if i >= 0 {
			ordered = append(ordered, l.removedFrom(i+1)...)
		}
	}
	l.records = ordered
	return e.assemble(el, l), true
}

// removedFrom returns the removed records from number i on, up to the next one that
// stays.
func (l *layout) removedFrom(i int) []record {
	end := i
	for end < len(l.records) && l.records[end].removed {
		end++
	}
	return l.records[i:end:end]
}

// item returns the text of a changed item, the one with number i of a list. If i is
// negative, the item is new.
func (e *editor) item(el *element, i int, want *yaml.Node) (string, bool) {
	var old *element
	if i >= 0 {
		old = el.parts[i].value
		if text, ok := e.change(old, want, "", el.flow); ok {
			return e.text[el.parts[i].from:old.from] + text, true
		}
	} else if len(el.parts) > 0 {
		old = el.parts[len(el.parts)-1].value
	}
	dressed := inStyleOf(want, old)
	if el.flow {
		sample := ""
		if old != nil && old.kind == yaml.ScalarNode {
			sample = e.text[old.from:old.to]
		}
		return e.inline(dressed, sample, true)
	}
	written, err := encodeNode(&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{dressed}})
	return e.indented(written, e.indentOf(el.open)), err == nil
}

// indented returns lines with an indentation, except for the first one.
func (e *editor) indented(lines, indent string) string {
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(lines, "\n"), "\n") {
		if i > 0 {
			b.WriteString(e.eol)
			if line != "" {
				b.WriteString(indent)
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

// changeTable returns the text of a table with some keys changed, and the number of
// keys that are left; -1 if a change can't be made.
func (e *editor) changeTable(el *element, changes []change) (_ string, left int) {
	l := e.layout(el)
	added := map[int][]record{} // by the number of the record that follows them
	left = len(l.records)
	for _, c := range changes {
		i := el.find(c.key)
		switch {
		case i < 0 && c.value == nil:
		case i < 0:
			text, ok := e.newPair(el, c)
			if !ok {
				return "", -1
			}
			at := len(l.records)
			if after := el.find(c.after); after >= 0 {
				at = after + 1
			}
			added[at] = append(added[at], record{pre: l.fresh, text: text})
			left++
		case c.value == nil && c.below == nil:
			e.drop(el.parts[i], &l.records[i])
			left--
		default:
			if !e.changePair(el, i, c, &l.records[i]) {
				return "", -1
			}
		}
	}
	var all []record
	for i := range len(l.records) + 1 {
		all = append(all, added[i]...)
		if i < len(l.records) {
			all = append(all, l.records[i])
		}
	}
	l.records = all
	return e.assemble(el, l), left
}

// newPair returns the text of a key that a table does not have yet.
func (e *editor) newPair(el *element, c change) (string, bool) {
	if !el.flow {
		written, err := encodePair(c.key, c.value)
		return e.indented(written, e.indentOf(el.open)), err == nil
	}
	sample := ""
	if len(el.parts) > 0 {
		sample = e.text[el.parts[0].from:el.parts[0].keyTo]
	}
	key, ok := e.key(c.key, sample)
	value, okValue := e.inline(c.value, "", true)
	return key + e.lang.colon() + value, ok && okValue
}

// changePair gives a key of a table its new value. If the value can't be changed in
// its present form, the whole value is written again. It reports whether one of both
// is possible.
func (e *editor) changePair(el *element, i int, c change, r *record) bool {
	p := el.parts[i]
	var text string
	var ok bool
	switch {
	case c.below == nil:
		text, ok = e.changeProperty(p.value, c.value, c.name, el.flow)
	case p.value.kind == yaml.MappingNode && !e.whole:
		text, ok = e.changeMembers(p.value, c.below)
	}
	if ok {
		r.text = e.text[p.from:p.value.from] + text
		return true
	}
	value := c.value
	if c.below != nil {
		members, _ := p.value.value().(map[string]any)
		value = replaced(members, c.below)
	}
	return e.rewrite(el, p, inStyleOf(shaped(p.value, value, c.name), p.value), r)
}

// replaced returns a table with some of its members changed.
func replaced(members map[string]any, changes []change) *yaml.Node {
	node := (*mapping)(valueNode(members))
	now := mapping{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if !slices.ContainsFunc(changes, func(c change) bool { return c.key == node.Content[i].Value }) {
			now.add(node.Content[i].Value, node.Content[i+1])
		}
	}
	for _, c := range changes {
		if c.value != nil {
			now.add(c.key, c.value)
		}
	}
	return now.node()
}

// rewrite writes the whole value of a key. The comment on the line of the key stays
// there, and the other comments move above the key.
func (e *editor) rewrite(el *element, p part, value *yaml.Node, r *record) bool {
	bare := e.bare(p)
	mark := strings.TrimSpace(e.lang.colon())
	colon, bare, found := strings.Cut(bare, mark)
	if !found { // in brackets, a key can be without a value
		colon, bare = "", colon
	}
	colon += mark
	indent := e.indentOf(el.open)
	if el.flow {
		indent = strings.TrimLeft(r.pre[len(linesOf(r.pre)):], "\r\n")
	}
	if el.flow || e.lang == langTOML {
		text, ok := e.inline(value, "", true)
		r.text = e.text[p.from:p.keyTo] + colon + " " + text
		e.putComments(r, bare, indent)
		return ok
	}
	written, err := encodePair("x", value)
	first, rest, _ := strings.Cut(strings.TrimPrefix(written, "x:"), "\n")
	gap := " "
	if at := p.keyTo + len(colon); at < p.value.from && strings.Trim(e.text[at:p.value.from], " \t") == "" {
		gap = e.text[at:p.value.from]
	}
	if first != "" {
		first = gap + first[1:]
	}
	r.text = e.text[p.from:p.keyTo] + colon + first
	e.putComments(r, bare, indent)
	if rest != "" {
		r.text += r.after + e.eol + indent + e.indented(rest, indent)
		r.after = ""
	}
	return err == nil
}

// putComments adds the comments of a value that is written again to its record.
func (e *editor) putComments(r *record, bare, indent string) {
	first := firstLine(bare)
	if i := strings.IndexByte(first, '#'); i >= 0 && r.after == "" {
		r.after = first[len(strings.TrimRight(first[:i], " \t")):]
		bare = bare[len(first):]
	}
	for line := range strings.Lines(bare) {
		if i := strings.IndexByte(line, '#'); i >= 0 {
			r.pre += strings.TrimRight(line[i:], "\r\n") + e.eol + indent
		}
	}
}

// drop marks a part as removed. Comments within it stay if they are on their own
// lines.
func (e *editor) drop(p part, r *record) {
	r.removed = true
	kept := ""
	for i, line := range strings.Split(e.bare(p), "\n") {
		if line = strings.TrimSpace(line); i > 0 && strings.HasPrefix(line, "#") {
			kept += e.eol + e.indentOf(p.from) + line
		}
	}
	if kept != "" {
		r.pre = linesOf(r.pre) + kept + e.eol
	}
}

// leafMark replaces a key or a scalar in a text that is searched for comments.
const leafMark = "x"

// bare returns the text after the key of a part, or within an item, with a
// placeholder for each key and scalar: only line ends and comments remain.
func (e *editor) bare(p part) string {
	var b strings.Builder
	at := max(p.from, p.keyTo)
	var walk func(el *element)
	walk = func(el *element) {
		b.WriteString(e.text[at:el.from])
		at = el.from
		for _, p := range el.parts {
			if p.keyTo > 0 {
				b.WriteString(e.text[at:p.from] + leafMark)
				at = p.keyTo
			}
			walk(p.value)
		}
		if len(el.parts) > 0 {
			return
		}
		switch {
		case el.flow: // empty brackets
			b.WriteString(e.text[at:el.to])
		case el.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
			header, _ := cutLine(e.text[el.from:el.to])
			if i := strings.IndexByte(header, '#'); i >= 0 {
				b.WriteString(header[i:])
			}
		case el.from < el.to:
			b.WriteString(leafMark)
		}
		at = el.to
	}
	walk(p.value)
	b.WriteString(e.text[at:p.value.to])
	return b.String()
}
