package markdown

import (
	"bytes"
	"regexp"
	"slices"
	"unicode/utf8"

	"starpunk/site/plaintext"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// maxMailbox is how long the part of an e-mail address before the @ may be
// (RFC 5321 §4.5.3.1.1).
const maxMailbox = 64

// An autoLinker makes links of addresses in the text (GitHub Flavored Markdown
// §6.9). [plaintext.BareAddress] finds the web addresses, since goldmark's expressions
// match only letters of ASCII. goldmark finds the e-mail addresses.
type autoLinker struct {
	mail     parser.InlineParser
	triggers []byte // of mail
}

func newAutoLinker() autoLinker {
	never := regexp.MustCompile(`[^\s\S]`)
	mail := extension.NewLinkifyParser(extension.WithLinkifyURLRegexp(never), extension.WithLinkifyWWWRegexp(never))
	return autoLinker{mail, mail.Trigger()}
}

// Trigger implements [parser.InlineParser]. A blank means any blank, and the
// head of a line. At the other two marks an address is looked for that has none
// before it, as in scripts without spaces.
func (a autoLinker) Trigger() []byte { return append(slices.Clone(a.triggers), ':', '.') }

// Parse implements [parser.InlineParser].
func (a autoLinker) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	before := 0
	if bytes.IndexByte(a.triggers, line[0]) >= 0 { // else it is the head of a line
		before = 1
	}
	mayBeGlued := before == 0 && (line[0] == ':' || line[0] == '.')
	web, mail := mayBeWeb(line[before:]), mayBeMail(line[before:])
	switch {
	case !mayBeGlued && !web && !mail, pc.IsInLinkLabel():
		return nil
	case mayBeGlued:
		return glued(parent, block, pc)
	}
	start, n := segment.Start+before, 0
	if web {
		n = plaintext.BareAddress(sourceOf(block, pc)[start:segment.Stop])
	}
	switch {
	case n == 0 && mail:
		return a.mail.Parse(parent, block, pc)
	case n == 0:
		return nil
	case before > 0:
		ast.MergeOrAppendTextSegment(parent, segment.WithStop(start))
	}
	block.Advance(before + n)
	return webLink(block, start, n)
}

// glued makes a link of an address right after a letter or a mark that is not of
// ASCII. The beginning of the address is a part of the text before already.
func glued(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	before, ok := parent.LastChild().(*ast.Text)
	if !ok || before.Segment.Stop != segment.Start || before.SoftLineBreak() || before.HardLineBreak() {
		return nil
	}
	if line[0] == ':' && !bytes.HasPrefix(line, []byte("://")) || line[0] == '.' && !endsInWWW(block.Source()[:segment.Start]) {
		return nil
	}
	from := before.Segment.Start
	start, end, ok := plaintext.AddressAround(sourceOf(block, pc)[from:segment.Stop], segment.Start-from)
	if start += from; !ok || start == from || block.Source()[start-1] < utf8.RuneSelf {
		return nil
	}
	before.Segment = before.Segment.WithStop(start)
	block.Advance(from + end - segment.Start)
	return webLink(block, start, from+end-start)
}

// endsInWWW reports whether a text ends as an address without a scheme begins.
func endsInWWW(text []byte) bool {
	return len(text) >= len("www") && bytes.EqualFold(text[len(text)-len("www"):], []byte("www"))
}

var sourceKey = parser.NewContextKey()

// sourceOf returns the whole text as a string, which is made once.
func sourceOf(block text.Reader, pc parser.Context) string {
	return pc.ComputeIfAbsent(sourceKey, func() any { return string(block.Source()) }).(string)
}

// webLink is a link of n bytes of the source.
func webLink(block text.Reader, start, n int) ast.Node {
	link := ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(text.NewSegment(start, start+n)))
	if c := block.Source()[start]; c == 'w' || c == 'W' {
		link.Protocol = []byte("http")
	}
	return link
}

// mayBeWeb reports whether text may begin with a web address. It may be true for a
// text that does not; it is never false for one that does.
func mayBeWeb(text []byte) bool {
	if len(text) < len("www.") {
		return false
	}
	switch text[0] | ' ' {
	case 'h', 'f':
		return bytes.IndexByte(text[:min(len(text), len("https:"))], ':') > 0
	case 'w':
		return endsInWWW(text[:len("www")]) && text[len("www")] == '.'
	}
	return false
}

// mayBeMail reports whether text may begin with an e-mail address. It may be true for
// a text that does not; it is never false for one that does.
func mayBeMail(text []byte) bool {
	for i, c := range text[:min(len(text), maxMailbox+1)] {
		switch {
		case c == '@':
			return i > 0
		case c <= ' ', c == ':':
			return false
		}
	}
	return false
}
