package site

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
	"go.yaml.in/yaml/v3"
)

// A tomlEditor changes the statements of a front matter in TOML. Several statements
// may make up one table: a header with the keys below it, or dotted keys.
type tomlEditor struct {
	*editor
	statements []statement
	root       element // whose parts are the statements
	layout     layout
	added      map[int][]record // by the number of the statement that follows them
	top        string           // new keys before the first statement
}

// A statement is a key with its value, or the header of a table.
type statement struct {
	path    []string // of the key, after the path of the header above it
	section int      // length of the path of the header
	header  int      // 1 for [table], 2 for [[table]]
	keyAt   []int    // the bytes at which the parts of a dotted key begin
}

// editTOML returns the front matter with some top-level keys changed.
func (e *editor) editTOML(changes []change) (string, *lineError) {
	t := &tomlEditor{editor: e, added: map[int][]record{}}
	if !t.read() {
		return "", errUnknownForm(1)
	}
	all := make([]int, len(t.statements))
	for i := range all {
		all[i] = i
	}
	for _, c := range changes {
		if !t.change(all, 0, e.fields.field(c.key).Value, c) {
			return "", &lineError{1, c.key + ": can't be written in the front matter"}
		}
	}
	return t.result(), nil
}

// result returns the front matter with the changes made.
func (t *tomlEditor) result() string {
	if len(t.statements) == 0 {
		return t.text + t.top
	}
	var records []record
	for i := range len(t.statements) + 1 {
		records = append(records, t.added[i]...)
		if i < len(t.statements) {
			records = append(records, t.layout.records[i])
		}
	}
	t.layout.records = records
	text := t.assemble(&t.root, t.layout)
	if text == "" { // remove the line that is empty now, too
		return t.top + t.text[:lineStart(t.text, t.root.from)] + strings.TrimLeft(t.text[t.root.to:], "\r\n")
	}
	return t.top + t.text[:t.root.from] + text + t.text[t.root.to:]
}

// read finds the statements. It reports whether it found all of them.
func (t *tomlEditor) read() bool {
	var p unstable.Parser
	p.Reset([]byte(t.text))
	var section []string
	for p.NextExpression() {
		x := p.Expression()
		s := statement{}
		var own []string
		end := 0
		for it := x.Key(); it.Next(); {
			own = append(own, string(it.Node().Data))
			s.keyAt = append(s.keyAt, int(it.Node().Raw.Offset))
			end = int(it.Node().Raw.Offset + it.Node().Raw.Length)
		}
		from := s.keyAt[0]
		value := &element{kind: yaml.ScalarNode}
		switch x.Kind {
		case unstable.Table, unstable.ArrayTable:
			s.header = 1
			if x.Kind == unstable.ArrayTable {
				s.header = 2
			}
			section = own
			s.path, s.section = own, len(own)
			from = strings.LastIndexByte(t.text[:from], '[') + 1 - s.header
			value.from = end + strings.IndexByte(t.text[end:], ']') + s.header
			value.to = value.from
		default:
			s.path, s.section = append(slices.Clone(section), own...), len(section)
			value = t.element(x.Value(), t.valueAt(end))
		}
		if value == nil || from < 0 {
			return false
		}
		t.statements = append(t.statements, s)
		t.root.parts = append(t.root.parts, part{from: from, keyTo: end, value: value})
	}
	if n := len(t.root.parts); n > 0 {
		t.root.kind = yaml.MappingNode
		t.root.from, t.root.open = t.root.parts[0].from, t.root.parts[0].from
		line := firstLine(t.text[t.root.parts[n-1].value.to:])
		t.root.to = t.root.parts[n-1].value.to + len(line)
		t.layout = t.editor.layout(&t.root)
	}
	return p.Error() == nil
}

// valueAt returns the begin of the value after a key that ends at a byte.
func (t *tomlEditor) valueAt(at int) int {
	rest := strings.TrimLeft(t.text[at:], " \t")
	rest = strings.TrimLeft(strings.TrimPrefix(rest, "="), " \t")
	return len(t.text) - len(rest)
}

// element finds the bytes of a value; nil if it does not begin at byte at.
func (t *tomlEditor) element(n *unstable.Node, at int) *element {
	el := &element{kind: yaml.ScalarNode, from: at, open: at}
	skip := (&yamlReader{text: t.text}).skip
	switch n.Kind {
	case unstable.Array:
		el.kind, el.flow = yaml.SequenceNode, true
		at++
		for it := n.Children(); it.Next(); {
			p := part{from: skip(at, true)}
			if p.value = t.element(it.Node(), p.from); p.value == nil {
				return nil
			}
			at = p.value.to
			el.parts = append(el.parts, p)
		}
		at = skip(at, true)
	case unstable.InlineTable:
		el.kind, el.flow = yaml.MappingNode, true
		at++
		for it := n.Children(); it.Next(); {
			p := part{from: skip(at, true)}
			for key := it.Node().Key(); key.Next(); {
				if p.key != "" || len(key.Node().Data) == 0 {
					el.kind = yaml.AliasNode // a dotted key: changed as a whole
				}
				p.key = string(key.Node().Data)
				p.keyTo = int(key.Node().Raw.Offset + key.Node().Raw.Length)
			}
			if p.value = t.element(it.Node().Value(), t.valueAt(p.keyTo)); p.value == nil {
				return nil
			}
			at = p.value.to
			el.parts = append(el.parts, p)
		}
		at = skip(at, true)
	default:
		el.to = int(n.Raw.Offset + n.Raw.Length)
		if int(n.Raw.Offset) != at {
			return nil
		}
		return el
	}
	if at >= len(t.text) || !strings.ContainsRune("]}", rune(t.text[at])) {
		return nil
	}
	el.to = at + 1
	return el
}

// setValue sets the value that the decoder read, also for the parts of an element.
func (el *element) setValue(v any) {
	el.plain = v
	for i, p := range el.parts {
		switch v := v.(type) {
		case []any:
			if i < len(v) {
				p.value.setValue(v[i])
			}
		case map[string]any:
			p.value.setValue(v[p.key])
		}
	}
}

// change changes one key of a table. scope has the numbers of the table's statements,
// depth is the length of its path, and was is the old value of the key.
func (t *tomlEditor) change(scope []int, depth int, was any, c change) bool {
	sub := t.below(scope, depth, c.key)
	if c.value == nil && c.below == nil {
		t.remove(sub)
		return true
	}
	if len(sub) == 0 {
		return t.add(scope, depth, c)
	}
	if s := t.statements[sub[0]]; len(sub) == 1 && s.header == 0 && len(s.path) == depth+1 {
		t.root.parts[sub[0]].value.setValue(was)
		return t.changePair(&t.root, sub[0], c, &t.layout.records[sub[0]])
	}
	members, isTable := was.(map[string]any)
	tables, _ := was.([]any)
	switch want := c.value; {
	case t.whole:
	case isTable && want == nil:
		return t.members(sub, depth+1, members, c.below)
	case isTable:
		if want = shaped(&element{kind: yaml.MappingNode, plain: was}, want, c.name); want.Kind == yaml.MappingNode {
			return t.members(sub, depth+1, members, memberChanges(members, want))
		}
	default:
		want = shaped(&element{kind: yaml.SequenceNode, plain: was}, want, c.name)
		if t.changeTables(sub, depth, tables, want) {
			return true
		}
	}
	if c.value == nil {
		c.value = replaced(members, c.below)
	}
	t.remove(sub)
	return t.add(scope, depth, change{key: c.key, value: c.value})
}

// below returns the statements of a key of a table.
func (t *tomlEditor) below(scope []int, depth int, key string) (sub []int) {
	for _, i := range scope {
		if path := t.statements[i].path; len(path) > depth && path[depth] == key {
			sub = append(sub, i)
		}
	}
	return sub
}

// remove marks statements as removed.
func (t *tomlEditor) remove(statements []int) {
	for _, i := range statements {
		t.drop(t.root.parts[i], &t.layout.records[i])
	}
}

// members changes some keys of a table; see change.
func (t *tomlEditor) members(scope []int, depth int, was map[string]any, changes []change) bool {
	for _, c := range changes {
		if !t.change(scope, depth, was[c.key], c) {
			return false
		}
	}
	return true
}

// changeTables changes a list whose items are tables with a header each. It returns
// false if the wanted items can't be written in that way.
func (t *tomlEditor) changeTables(sub []int, depth int, was []any, want *yaml.Node) bool {
	var groups [][]int
	for _, i := range sub {
		if s := t.statements[i]; s.header == 2 && len(s.path) == depth+1 {
			groups = append(groups, nil)
		}
		if len(groups) == 0 {
			return false
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], i)
	}
	notTable := func(n *yaml.Node) bool { return n.Kind != yaml.MappingNode }
	if len(groups) == 0 || len(groups) != len(was) || slices.ContainsFunc(want.Content, notTable) {
		return false
	}
	p := pair(was, want.Content, "")
	if old := slices.DeleteFunc(slices.Clone(p.from), func(i int) bool { return i < 0 }); !slices.IsSorted(old) {
		return false
	}
	at := groups[0][0]
	for j, i := range p.from {
		if i >= 0 {
			at = slices.Max(groups[i]) + 1
		}
		switch {
		case p.want[j] == nil:
		case i < 0:
			text, ok := t.table(groups[0][0], p.want[j])
			if !ok {
				return false
			}
			t.added[at] = append(t.added[at], record{pre: t.beforeTable(groups), text: text})
		default:
			members, _ := was[i].(map[string]any)
			if !t.members(groups[i], depth+1, members, memberChanges(members, p.want[j])) {
				return false
			}
		}
	}
	for i, group := range groups {
		if !p.used[i] {
			t.remove(group)
		}
	}
	return true
}

// beforeTable returns the separator of the tables of a list: with an empty line,
// unless there is none between the last two tables.
func (t *tomlEditor) beforeTable(groups [][]int) string {
	last := groups[len(groups)-1][0]
	if len(groups) > 1 && strings.Count(t.layout.records[last].pre, "\n") == 1 {
		return t.eol
	}
	return t.eol + t.eol
}

// table returns the text of a new table of a list of tables. Its header is that of
// the statement like.
func (t *tomlEditor) table(like int, want *yaml.Node) (string, bool) {
	p := t.root.parts[like]
	text := t.text[p.from:p.value.to]
	for i := 0; i+1 < len(want.Content); i += 2 {
		value, ok := t.inlineTOML(want.Content[i+1], "")
		if !ok {
			return "", false
		}
		text += t.eol + tomlKey(want.Content[i].Value) + " = " + value
	}
	return text, true
}

// add adds a key that the table does not have.
func (t *tomlEditor) add(scope []int, depth int, c change) bool {
	value, ok := t.inlineTOML(c.value, "")
	if !ok {
		return false
	}
	text := tomlKey(c.key) + " = " + value
	at, dotted := -1, -1
	for n, i := range scope {
		s := t.statements[i]
		switch {
		case depth == 0 && s.header > 0:
			// The keys below a header are not of the top level.
		case depth == 0 && s.section == 0 && (at < 0 || t.statements[at].path[0] != c.after || s.path[0] == c.after):
			at = i
		case depth > 0 && s.header > 0 && s.section == depth:
			at = i
			for _, next := range scope[n+1:] {
				if t.statements[next].header > 0 {
					break
				}
				at = next
			}
		case depth > 0 && s.header == 0 && s.section < depth:
			dotted = i
		}
	}
	switch {
	case at >= 0:
	case depth == 0:
		t.top += text + t.eol
		return true
	case dotted < 0:
		t.addHeader(scope[0], depth, text)
		return true
	default:
		at = dotted
		text = t.text[t.root.parts[at].from:t.statements[at].keyAt[depth-t.statements[at].section]] + text
	}
	t.added[at+1] = append(t.added[at+1], record{pre: t.eol + t.indentOf(t.root.parts[at].from), text: text})
	return true
}

// addHeader writes a new key below a new header, before the first statement of
// its table. That statement is the header of a table below it: this table has none.
func (t *tomlEditor) addHeader(first, depth int, text string) {
	var path []string
	for _, key := range t.statements[first].path[:depth] {
		path = append(path, tomlKey(key))
	}
	header := "[" + strings.Join(path, ".") + "]"
	t.added[first] = append(t.added[first], record{pre: t.eol, text: header + t.eol + text})
}

// inlineTOML returns the text of a value; false if TOML has no such value. The text
// gets the quotes of old, the text that it replaces.
func (e *editor) inlineTOML(value *yaml.Node, old string) (string, bool) {
	var parts []string
	switch value.Kind {
	case yaml.SequenceNode:
		for _, item := range value.Content {
			s, ok := e.inlineTOML(item, "")
			if !ok {
				return "", false
			}
			parts = append(parts, s)
		}
		return "[" + strings.Join(parts, ", ") + "]", true
	case yaml.MappingNode:
		for i := 0; i+1 < len(value.Content); i += 2 {
			s, ok := e.inlineTOML(value.Content[i+1], "")
			if !ok {
				return "", false
			}
			parts = append(parts, tomlKey(value.Content[i].Value)+" = "+s)
		}
		if len(parts) == 0 {
			return "{}", true
		}
		return "{ " + strings.Join(parts, ", ") + " }", true
	}
	quoted := strings.HasPrefix(old, `"`) || strings.HasPrefix(old, "'")
	switch tag := value.ShortTag(); {
	case tag == "!!null":
		return "", false
	case tag == "!!str", tag == "!!timestamp" && quoted:
		return e.tomlString(value.Value, old), true
	}
	return value.Value, true
}

var bareKey = lazyRegexp(`^[A-Za-z0-9_-]+$`)

func tomlKey(key string) string {
	if bareKey().MatchString(key) {
		return key
	}
	return basicString(key)
}

// tomlString quotes a text as the old one is quoted, if these quotes can hold it.
func (e *editor) tomlString(s, old string) string {
	control := strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f })
	lines := strings.Contains(s, "\n")
	switch {
	case control || lines && e.eol != "\n":
	case lines && strings.HasPrefix(old, "'''") && !strings.Contains(s, "'''"):
		return "'''\n" + s + "'''"
	case lines && strings.HasPrefix(old, `"""`):
		s = strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), `"""`, `""\"`)
		if strings.HasSuffix(s, `"`) {
			s = s[:len(s)-1] + `\"`
		}
		return `"""` + "\n" + s + `"""`
	case !lines && strings.HasPrefix(old, "'") && !strings.Contains(s, "'"):
		return "'" + s + "'"
	}
	return basicString(s)
}

// basicString returns a text as a basic string of TOML.
func basicString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
