package generator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// foreignTag matches what other generators would put something else in the
// place of: a shortcode of Hugo or Zola, an output or a tag of Liquid, and the
// attributes that kramdown gives to what stands before them. On most sites none
// is ever looked for, and to compile this takes 5 ms and 2 MB.
var foreignTag = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)\{\{.{1,500}?\}\}|\{%.{1,500}?%\}|\{:[ .#\w][^}\n]{0,200}\}`)
})

// maxForeignTags is how many of them are reported one by one for one note.
const maxForeignTags = 100

// foreignTags reports the tags of other generators in the text of a note, which
// StarPunk shows as they are. Code may be about them: it is left alone.
func (rc *renderContext) foreignTags(doc ast.Node, source []byte) error {
	if !mayHaveForeignTag(source) || !foreignTag().Match(source) {
		return nil
	}
	text, err := withoutCode(doc, source)
	for i, at := range foreignTag().FindAllIndex(text, -1) {
		line := rc.note.BodyLine + bytes.Count(text[:at[0]], []byte("\n"))
		if i == maxForeignTags {
			rc.warn(line, "more than %d tags of another generator; the others are not listed", maxForeignTags)
			break
		}
		rc.warn(line, "%s is a tag of another generator, shown as it is; say it in Markdown", strings.Join(strings.Fields(string(text[at[0]:at[1]])), " "))
	}
	return err
}

// mayHaveForeignTag says whether a text has what every foreign tag begins with.
func mayHaveForeignTag(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '{')
		if i < 0 || i+1 == len(text) {
			return false
		}
		if text = text[i+1:]; strings.IndexByte("{%:", text[0]) >= 0 {
			return true
		}
	}
}

// withoutCode is a text with spaces in the place of its code, and all else where
// it was.
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

// Prose is a Markdown text with spaces in the place of its code, and all else
// where it was. hasHTML tells whether tags of HTML are in it.
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

// warn notes what the author should hear about a line of the note's file.
func (rc *renderContext) warn(line int, format string, args ...any) {
	rc.out.warnings = append(rc.out.warnings, fmt.Sprintf("content/%s:%d: ", rc.note.File, rc.lineAsWritten(line))+fmt.Sprintf(format, args...))
}

var warningPlace = regexp.MustCompile(`^(.*?):(\d+): `)

// compareWarnings orders "content/a.md:9: …" by file and then by line.
func compareWarnings(a, b string) int {
	m, n := warningPlace.FindStringSubmatch(a), warningPlace.FindStringSubmatch(b)
	if m == nil || n == nil || m[1] != n[1] {
		return strings.Compare(a, b)
	}
	i, _ := strconv.Atoi(m[2]) // digits; one that is out of range sorts as the largest
	j, _ := strconv.Atoi(n[2])
	return cmp.Or(cmp.Compare(i, j), strings.Compare(a, b))
}
