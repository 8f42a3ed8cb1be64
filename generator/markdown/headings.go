package markdown

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// headingIDs gives the headings of a text ids by which one can link to them.
type headingIDs struct {
	taken map[string]bool
	last  map[string]int // the last number that was put behind an id
}

func newHeadingIDs() *headingIDs {
	ids := &headingIDs{taken: map[string]bool{}, last: map[string]int{}}
	for id := range layoutIDs {
		ids.taken[id] = true
	}
	return ids
}

// give gives a heading the id that its author wrote behind it, as "{#id}", or one
// made of its text as GitHub and Hugo make it: letters of every script, in small,
// digits, "_", and "-" for each space. Where it is taken, "-1", "-2" come behind it.
// Other attributes go: they may say anything.
func (ids *headingIDs) give(h *ast.Heading, source []byte) {
	written, _ := h.AttributeString("id")
	h.RemoveAttributes()
	id, _ := written.([]byte)
	if !anchor.Match(id) {
		id = idOf(textOf(h, source))
	}
	h.SetAttributeString("id", []byte(ids.free(string(id))))
}

func (ids *headingIDs) free(id string) string {
	base := id
	for ids.taken[id] {
		ids.last[base]++
		id = base + "-" + strconv.Itoa(ids.last[base])
	}
	ids.taken[id] = true
	return id
}

func idOf(text []byte) []byte {
	id := bytes.Map(func(r rune) rune {
		switch {
		case r == '-' || unicode.IsSpace(r):
			return '-'
		case r == '_' || unicode.In(r, unicode.Letter, unicode.Mark, unicode.Digit):
			return unicode.ToLower(r)
		}
		return -1
	}, bytes.TrimSpace(text))
	if len(id) == 0 {
		return []byte("heading")
	}
	return id
}

// textOf is what a reader sees of a node, without its marks.
func textOf(n ast.Node, source []byte) []byte {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the function has no errors
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(n.Value(source))
				if n.SoftLineBreak() || n.HardLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		case *ast.AutoLink:
			if entering {
				b.Write(n.Label(source))
			}
		}
		return ast.WalkContinue, nil
	})
	return []byte(b.String())
}
