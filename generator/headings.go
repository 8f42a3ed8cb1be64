package generator

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// headingIDs gives the headings of a text ids by which one can link to them, the
// same as GitHub and Hugo do: letters of every script, in small, digits, "_", and
// "-" for each space; with "-1", "-2" behind it where an id is taken. It is a
// parser.IDs: that of goldmark knows the letters of ASCII alone.
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

func (ids *headingIDs) Generate(text []byte, _ ast.NodeKind) []byte {
	id := strings.Map(func(r rune) rune {
		switch {
		case r == '-' || unicode.IsSpace(r):
			return '-'
		case r == '_' || unicode.In(r, unicode.Letter, unicode.Mark, unicode.Digit):
			return unicode.ToLower(r)
		}
		return -1
	}, string(bytes.TrimSpace(text)))
	if id == "" {
		id = "heading"
	}
	base := id
	for ids.taken[id] {
		ids.last[base]++
		id = base + "-" + strconv.Itoa(ids.last[base])
	}
	ids.taken[id] = true
	return []byte(id)
}

func (ids *headingIDs) Put(id []byte) { ids.taken[string(id)] = true }
