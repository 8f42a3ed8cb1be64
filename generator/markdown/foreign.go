package markdown

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxTagBytes is how much a tag of another generator may have between its marks.
const maxTagBytes = 500

// nextForeignTag returns where the next tag of another generator is: a shortcode of
// Hugo or Zola, an output or a tag of Liquid, or the attributes that kramdown gives
// to the text before them. Both are -1 if there is none.
func nextForeignTag(text []byte, from int) (start, end int) {
	for {
		i := bytes.IndexByte(text[from:], '{')
		if i < 0 {
			return -1, -1
		}
		from += i
		if n := foreignTag(text[from:]); n > 0 {
			return from, from + n
		}
		from++
	}
}

// foreignTag returns the length of the tag that a text begins with, or 0.
func foreignTag(text []byte) int {
	if len(text) < 4 {
		return 0
	}
	end := ""
	switch text[1] {
	case '{':
		end = "}}"
	case '%':
		end = "%}"
	case ':':
		return kramdownAttributes(text)
	default:
		return 0
	}
	const least = 3 // bytes before the end: the mark and one more
	inside := text[least:min(len(text), least+maxTagBytes+1)]
	if i := bytes.Index(inside, []byte(end)); i >= 0 {
		return least + i + len(end)
	}
	return 0
}

// kramdownAttributes returns the length of "{: .a}" and the like, on one line, or 0.
func kramdownAttributes(text []byte) int {
	c := text[2]
	if c != ' ' && c != '.' && c != '#' && c != '_' && !util.IsAlphaNumeric(c) {
		return 0
	}
	rest := text[3:min(len(text), 3+maxTagBytes)]
	if i := bytes.IndexAny(rest, "}\n"); i >= 0 && rest[i] == '}' {
		return 3 + i + 1
	}
	return 0
}

// maxForeignTags is how many of them are reported one by one for one note.
const maxForeignTags = 100

// foreignTags reports the tags of other generators in the text of a note, which
// StarPunk shows as they are. Code may be about them: it is left alone.
func (rc *renderContext) foreignTags(doc ast.Node, source []byte) error {
	if start, _ := nextForeignTag(source, 0); start < 0 {
		return nil
	}
	text, err := withoutCode(doc, source)
	for i, from := 0, 0; ; i++ {
		start, end := nextForeignTag(text, from)
		if start < 0 {
			break
		}
		from = end
		line := rc.note.BodyLine + bytes.Count(text[:start], []byte("\n"))
		if i == maxForeignTags {
			rc.warn(line, "more than %d tags of another generator; the others are not listed", maxForeignTags)
			break
		}
		rc.warn(line, "%s is a tag of another generator, shown as it is; say it in Markdown", strings.Join(strings.Fields(string(text[start:end])), " "))
	}
	return err
}

// withoutCode returns a text with spaces instead of its code. Everything else keeps
// its place.
func withoutCode(doc ast.Node, source []byte) ([]byte, error) {
	text := bytes.Clone(source)
	blank := func(from, to int) {
		for i := from; i < to; i++ {
			if text[i] != '\n' {
				text[i] = ' '
			}
		}
	}
	return text, ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				blank(line.Start, line.Stop)
			}
		case *ast.CodeSpan:
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					blank(t.Segment.Start, t.Segment.Stop)
				}
			}
		}
		return ast.WalkContinue, nil
	})
}

// Prose returns a Markdown text with spaces instead of its code. Everything else
// keeps its place. hasHTML reports whether the text has tags of HTML.
func Prose(source string) (prose string, hasHTML bool) {
	doc := newGoldmark(false).Parser().Parse(text.NewReader([]byte(source)))
	blanked, err := withoutCode(doc, []byte(source))
	err = errors.Join(err, ast.Walk(doc, func(n ast.Node, _ bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.HTMLBlock:
			hasHTML = hasHTML || n.HTMLBlockType != ast.HTMLBlockType2 // a comment
		case *ast.RawHTML:
			hasHTML = hasHTML || !bytes.HasPrefix(n.Segments.Value([]byte(source)), []byte("<!--"))
		}
		return ast.WalkContinue, nil
	}))
	if err != nil {
		return source, hasHTML // our own walks return none
	}
	return string(blanked), hasHTML
}

// maxWarnings is how many warnings are reported of one note.
const maxWarnings = 2_000

// warn reports something about a line of the note's file to its author.
func (rc *renderContext) warn(line int, format string, args ...any) {
	switch len(rc.out.Warnings) {
	case maxWarnings:
		return
	case maxWarnings - 1:
		format, args = "more than %d warnings; the others are not listed", []any{maxWarnings - 1}
	}
	rc.out.Warnings = append(rc.out.Warnings, fmt.Sprintf("content/%s:%d: ", rc.note.File, rc.lineAsWritten(line))+fmt.Sprintf(format, args...))
}
