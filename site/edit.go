package site

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Edit returns data, the file n.File as it is, changed so that [Parse] reads n
// from it. In a list or a table only the changed items and keys are written
// again. All other bytes stay: comments, unknown keys, quotes, line ends, the
// order and, unless n.Content differs, the body. A comment on a line of its own
// stays even if the key below it is removed: it may concern more than that key.
//
// A key that can't be changed in this way gets its whole value anew. The error
// is a [*SyntaxError] if that is not possible either, as with an anchor that
// another key needs, or if the file can't be read as a note.
func (n *Note) Edit(data []byte, loc *time.Location) ([]byte, error) {
	old, err := Parse(n.File, data, loc)
	if err != nil {
		return nil, err
	}
	var mistake *lineError
	for _, whole := range []bool{false, true} {
		e := &editor{eol: eolOf(data), whole: whole}
		var result []byte
		if result, mistake = e.edit(data, old, n); mistake == nil {
			mistake = n.checkEdit(data, result, e.named, loc)
		}
		if mistake == nil {
			return result, nil
		}
	}
	return nil, &SyntaxError{File: "content/" + n.File, Line: mistake.line, Msg: mistake.msg + "; edit the file by hand"}
}

// checkEdit reads an edited file back: it must give n, and all keys must have
// their old values, except for the named ones.
func (n *Note) checkEdit(before, after []byte, named []string, loc *time.Location) *lineError {
	if !n.reads(after, loc) {
		return &lineError{1, "the front matter can't be changed without a change of other lines"}
	}
	if !sameFields(before, after, named) {
		return &lineError{1, "a change of the front matter would change other keys, too"}
	}
	return nil
}

// reads reports whether data is read back as n.
func (n *Note) reads(data []byte, loc *time.Location) bool {
	got, err := Parse(n.File, data, loc)
	if err != nil || got.Kind != n.Kind || got.folder != n.folder || got.address != n.address {
		return false
	}
	a, errA := got.Format()
	b, errB := n.Format()
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// sameFields reports whether two files agree in all keys except for some. An
// exception may be a key within a table, such as "taxonomies.tags".
func sameFields(a, b []byte, except []string) bool {
	values := func(data []byte) map[string]any {
		all, _, _, _ := split(data) // both were parsed before
		m := map[string]any{}
		for _, f := range all {
			table, _ := f.Value.(map[string]any)
			for key := range table {
				if slices.Contains(except, f.Key+"."+key) {
					delete(table, key)
				}
			}
			if !slices.Contains(except, f.Key) && (len(table) > 0 || table == nil) {
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

// An editor changes the front matter of one file.
type editor struct {
	text  string // the front matter
	lang  language
	eol   string
	whole bool     // write the whole value of a changed key, whatever it is
	named []string // keys that may change
}

func (e *editor) edit(data []byte, old, n *Note) ([]byte, *lineError) {
	p, err := cut(data)
	if err != nil {
		return nil, err
	}
	changes, err := e.changesOf(data, old, n)
	if err != nil {
		return nil, err
	}
	if len(changes) > 0 {
		if p.fence == "" {
			p.open += "---" + e.eol
			p.close = "---" + e.eol
		}
		e.text = p.front
		if p.front, err = e.editFront(p.fence, changes); err != nil {
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

func (e *editor) editFront(fence string, changes []change) (string, *lineError) {
	if fence == "+++" {
		e.lang = langTOML
		return e.editTOML(changes)
	}
	return e.editYAML(changes)
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

// changesOf lists the changes that make n of old, by the keys of the file.
func (e *editor) changesOf(data []byte, old, n *Note) ([]change, *lineError) {
	changes, err := compare(old.front(), n.front())
	if err != nil {
		return nil, err
	}
	if old.address != n.address {
		changes = append(changes, change{key: "permalink"}, change{key: "url"}, change{key: "path"})
	}
	fields, _, _, err := split(data)
	if err != nil {
		return nil, err
	}
	k := keysOf(fields)
	found, err := k.find(changes, n.front())
	for _, c := range found {
		if c.key == "taxonomies" {
			e.named = append(e.named, "taxonomies.tags")
		} else {
			e.named = append(e.named, c.key)
		}
	}
	return found, err
}

// keys are the keys of a file with their fields.
type keys map[string]Field

func keysOf(fields []Field) keys {
	k := keys{}
	for _, f := range fields {
		k[f.Key] = f
	}
	return k
}

// synonyms are the keys of other generators that [Note.foreign] reads where
// our own key does not exist. An edit changes the one that exists.
var synonyms = map[string][]string{
	"date":    {"publishDate"},
	"updated": {"lastmod"},
	"summary": {"description"},
	"tags":    {"category", "categories"},
	"aliases": {"redirect_from"},
}

// names returns the keys of the file that set the property of one of our keys,
// the one that takes precedence first.
func (k keys) names(key string) (names []string) {
	for _, name := range append([]string{key}, synonyms[key]...) {
		if _, ok := k[name]; ok {
			names = append(names, name)
		}
	}
	return names
}

// inside returns a member of a table of the file.
func (k keys) inside(table, key string) (any, bool) {
	members, _ := k[table].Value.(map[string]any)
	v, ok := members[key]
	return v, ok
}

// find gives changes the keys that they have in the file. now is the whole
// front matter that the file shall have, which gives new keys their places.
func (k keys) find(changes []change, now *mapping) (found []change, _ *lineError) {
	var below []change // of "properties"
	for _, c := range changes {
		_, there := k.inside("properties", c.key)
		there = there && slices.Contains(renderedProperties, c.key)
		switch names := k.names(c.key); {
		case c.key == "properties" && len(names) > 0:
			below = append(below, c.below...)
			continue
		case there && len(names) == 0:
			below = append(below, c)
			continue
		case there:
			below = append(below, change{key: c.key}) // it is in both places: one is enough
		}
		some, err := k.findOne(c, now)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	if len(below) > 0 {
		found = append(found, k.within("properties", below))
	}
	return found, nil
}

func (k keys) findOne(c change, now *mapping) ([]change, *lineError) {
	if c.key == "draft" && c.value == nil {
		return k.drafts(), nil
	}
	names := k.names(c.key)
	c.name = c.key
	if _, ok := k.inside("taxonomies", "tags"); ok && c.key == "tags" && len(names) == 0 {
		return []change{k.within("taxonomies", []change{c})}, nil
	}
	switch {
	case len(names) > 0:
		c.key = names[0]
	case c.value == nil:
		return nil, nil // no key says it
	default:
		c.after = k.before(c.key, now)
	}
	if c.value == nil && len(names) > 1 {
		return nil, &lineError{k[names[1]].Line, fmt.Sprintf("%s: would be read instead of %s, which is to be removed", names[1], names[0])}
	}
	return []change{c}, nil
}

// within is a change of some members of a table; the table is removed when none
// is left.
func (k keys) within(table string, below []change) change {
	members, _ := k[table].Value.(map[string]any)
	left := maps.Clone(members)
	for _, c := range below {
		delete(left, c.key)
		if c.value != nil {
			left[c.key] = nil
		}
	}
	if len(left) == 0 {
		return change{key: table}
	}
	return change{key: table, below: below}
}

// drafts removes the keys that make the note a draft.
func (k keys) drafts() (found []change) {
	if _, ok := k["draft"]; ok {
		found = append(found, change{key: "draft"})
	}
	if f, ok := k["published"]; ok && f.Value == false {
		found = append(found, change{key: "published"})
	}
	return found
}

// before returns the key of the file behind which a new one belongs: the
// nearest of those that [Note.Format] writes before it; "" if there is none.
func (k keys) before(key string, now *mapping) (before string) {
	for i := 0; i+1 < len(now.Content) && now.Content[i].Value != key; i += 2 {
		if names := k.names(now.Content[i].Value); len(names) > 0 {
			before = names[0]
		}
	}
	return before
}
