package generator

import (
	"slices"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// maxMailbox is how long the part of an e-mail address before the @ may be
// (RFC 5321 §4.5.3.1.1).
const maxMailbox = 64

// An autoLinker makes links of addresses in the text (GitHub Flavored Markdown
// §6.9), as goldmark does, which it asks only where one may be: goldmark would try
// its patterns on each word.
type autoLinker struct{ parser.InlineParser }

func newAutoLinker() autoLinker { return autoLinker{extension.NewLinkifyParser()} }

// Parse implements [parser.InlineParser].
func (a autoLinker) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if slices.Contains(a.Trigger(), line[0]) { // else it is the head of a line
		line = line[1:]
	}
	if !mayBeAddress(line) {
		return nil
	}
	return a.InlineParser.Parse(parent, block, pc)
}

// mayBeAddress says whether text may begin with an address: true too often, never
// too seldom.
func mayBeAddress(line []byte) bool {
	for _, begin := range []string{"http", "ftp:", "www."} {
		if len(line) > len(begin) && string(line[:len(begin)]) == begin {
			return true
		}
	}
	for i, c := range line[:min(len(line), maxMailbox+1)] {
		if c == '@' {
			return i > 0
		}
		if c <= ' ' {
			break
		}
	}
	return false
}
