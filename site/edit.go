package site

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Edit returns the file n.File, whose bytes are data, with the changes after which
// [Parse] reads n from it. In a list or a table it writes only the changed items and
// keys again. All other bytes stay: comments, unknown keys, quotes, line ends, the
// order and, unless n.Content differs, the body. A comment on its own line stays even
// if the key below it is removed: it may concern more than that key.
//
// If a key can't be changed in this way, its whole value is written again. The error
// is a [*SyntaxError] if that is not possible either, as with an anchor that another
// key needs, or if the file can't be read as a note.
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
			mistake = n.checkEdit(data, result, e, loc)
		}
		if mistake == nil {
			return result, nil
		}
	}
	return nil, &SyntaxError{File: "content/" + n.File, Line: mistake.line, Msg: mistake.msg + "; edit the file by hand"}
}

// checkEdit reads an edited file back. The result must be n, and all keys except
// e.named must have their old values.
func (n *Note) checkEdit(before, after []byte, e *editor, loc *time.Location) *lineError {
	want := *n
	if from := IntentOf(e.fields.fields, loc).ShownFrom; from.After(want.Published) {
		want.ShownFrom = from // an unchanged key, which no longer has an effect before a later date
	}
	if !want.reads(after, loc) {
		if got, err := Parse(n.File, after, loc); err == nil && got.Draft && !n.Draft && len(got.Notices) > 0 {
			return &lineError{got.Notices[0].Line, got.Notices[0].Msg} // the reason why it is still a draft
		}
		return &lineError{1, "the front matter can't be changed without a change of other lines"}
	}
	if !sameFields(before, after, e.named) {
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

// sameFields reports whether two files have the same keys with the same values,
// except for some keys. An exception may be a key within a table, such as
// "taxonomies.tags".
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

// eolOf returns the line end of a file.
func eolOf(data []byte) string {
	if i := bytes.IndexByte(data, '\n'); i > 0 && data[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// An editor changes the front matter of one file.
type editor struct {
	text   string // the front matter
	lang   language
	eol    string
	whole  bool     // write the whole value of each changed key
	named  []string // keys that may change
	fields keys     // of the front matter
}

// edit returns the file data of the note old with the changes that make it n.
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
	switch fence {
	case "+++":
		e.lang = langTOML
		return e.editTOML(changes)
	case "---", "":
		return e.editYAML(changes)
	}
	return e.editJSON(changes)
}

// editBody replaces the text of a body, and keeps the empty lines around it.
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

// changesOf lists the changes from old to n, with the keys of the file.
func (e *editor) changesOf(data []byte, old, n *Note) ([]change, *lineError) {
	changes, err := compare(old.front(), n.front())
	if err != nil {
		return nil, err
	}
	fields, _, _, err := split(data)
	if err != nil {
		return nil, err
	}
	e.fields = keysOf(fields)
	found, err := e.fields.find(changes, n.front())
	if old.address != n.address {
		found = append(found, e.fields.addresses()...)
	}
	for _, c := range found {
		for _, member := range c.below {
			e.named = append(e.named, c.key+"."+member.key)
		}
		if c.below == nil {
			e.named = append(e.named, c.key)
		}
	}
	return found, err
}
