package comment

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/net/html"
)

// Markdown removes the comments of a Markdown text that p parses. Comments of HTML
// stay if the rendering of p's document omits them: they separate blocks.
func Markdown(s string, p parser.Parser) Text {
	r := remover{Text: Text{String: s}}
	r.structure = func(s string) structure { return parse(s, p) }
	r.run()
	return r.Text
}

// Excerpt removes the comments of the beginning of a Markdown text, also those of
// HTML. cut reports that this is not the whole text.
func Excerpt(s string, cut bool) string {
	r := remover{Text: Text{String: s}}
	r.structure = func(s string) structure {
		st := parse(s, plainParser())
		st.cut = cut
		return st
	}
	r.run()
	return withoutHTML(r.String)
}

// withoutHTML removes the comments of HTML that [Markdown] leaves.
func withoutHTML(s string) string {
	if !strings.Contains(s, kinds[htmlKind].begin) {
		return s
	}
	var b strings.Builder
	kept := 0
	for _, part := range parse(s, plainParser()).html {
		for i := part.start; ; {
			step := strings.Index(s[i:part.stop], kinds[htmlKind].begin)
			if step < 0 {
				break
			}
			b.WriteString(s[kept : i+step])
			b.WriteByte(' ')
			comment := s[i+step : part.stop]
			if end := strings.Index(comment[len("<!--"):], "-->"); end >= 0 {
				comment = comment[:len("<!--")+end+len("-->")]
			}
			i += step + len(comment)
			kept = i
		}
	}
	b.WriteString(s[kept:])
	return b.String()
}

// HTML removes the comments that are not those of HTML from a text in HTML.
func HTML(s string) Text {
	r := remover{Text: Text{String: s}, format: inHTML}
	r.structure = func(s string) structure {
		whole := []span{{0, len(s)}}
		return structure{elements: codeElements(s, whole, whole), html: whole}
	}
	r.run()
	return r.Text
}

// Line removes the comments of a title or another text that is one block.
func Line(s string) Text {
	r := remover{Text: Text{String: s}, format: inLine}
	r.structure = func(s string) structure {
		return structure{code: codeSpans(s), blocks: []span{{0, len(s)}}}
	}
	r.run()
	return r.Text
}

// codeSpans returns the places of the code in a text of one block, with its
// backticks: https://spec.commonmark.org/0.31.2/#code-spans
func codeSpans(s string) (spans []span) {
	closing := map[int][]int{} // where runs of backticks of a length begin, last first
	var runs []span
	for i := 0; i < len(s); i++ {
		if s[i] != '`' {
			continue
		}
		n := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		runs = append(runs, span{i, i + n})
		i += n
	}
	for _, run := range slices.Backward(runs) {
		n := run.stop - run.start
		closing[n] = append(closing[n], run.start)
	}
	end := 0
	for _, run := range runs {
		n := run.stop - run.start
		if escaped(s, run.start) {
			n-- // the first is text
		}
		ends := closing[n]
		for len(ends) > 0 && ends[len(ends)-1] < run.stop {
			ends = ends[:len(ends)-1]
		}
		closing[n] = ends
		if run.start < end || n == 0 || len(ends) == 0 {
			continue
		}
		end = ends[len(ends)-1] + n
		spans = append(spans, span{run.stop - n, end})
	}
	return spans
}

// plainParser is the parser of excerpts, which are short.
var plainParser = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(append(parser.DefaultBlockParsers(),
			util.Prioritized(extension.NewFootnoteBlockParser(), 999))...),
		parser.WithInlineParsers(append(parser.DefaultInlineParsers(),
			util.Prioritized(extension.NewFootnoteParser(), 101))...),
		parser.WithParagraphTransformers(append(parser.DefaultParagraphTransformers(),
			util.Prioritized(extension.NewTableParagraphTransformer(), 200))...),
		// As on the page, a footnote without a reference is removed.
		parser.WithASTTransformers(util.Prioritized(extension.NewFootnoteASTTransformer(), 999)),
	)
})

// maxDepth bounds the nesting of blocks in which code is recognized: other parsers
// have such bounds, and they decide which deeper text is code.
const maxDepth = 50

// parse returns the structure of a Markdown text.
func parse(s string, p parser.Parser) structure {
	var st structure
	doc := p.Parse(text.NewReader([]byte(s)))
	depth := 0
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // returns no error
		if !entering {
			depth--
			return ast.WalkContinue, nil
		}
		depth++
		st.add(n, depth <= maxDepth)
		return ast.WalkContinue, nil
	})
	for _, spans := range []*[]span{&st.code, &st.html, &st.blocks} {
		slices.SortFunc(*spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	}
	st.elements = codeElements(s, st.html, st.blocks)
	return st
}

// add adds the parts of a node. asCode reports whether the node may be code.
func (st *structure) add(n ast.Node, asCode bool) {
	switch n := n.(type) {
	case *ast.FencedCodeBlock:
		if asCode && n.Info != nil {
			st.code = append(st.code, span{n.Info.Segment.Start, n.Info.Segment.Stop})
		}
		st.addCode(n.Lines(), asCode)
	case *ast.CodeBlock:
		st.addCode(n.Lines(), asCode)
	case *ast.CodeSpan:
		for c := n.FirstChild(); c != nil && asCode; c = c.NextSibling() {
			if t, ok := c.(*ast.Text); ok {
				st.code = append(st.code, span{t.Segment.Start, t.Segment.Stop})
			}
		}
	case *ast.RawHTML:
		last := n.Segments.At(n.Segments.Len() - 1)
		st.html = append(st.html, span{n.Segments.At(0).Start, last.Stop})
	case *ast.HTMLBlock:
		block := extent(n.Lines())
		if n.HasClosure() {
			block.stop = n.ClosureLine.Stop
		}
		st.html, st.blocks = append(st.html, block), append(st.blocks, block)
	default:
		if n.Type() == ast.TypeBlock && n.Lines() != nil && n.Lines().Len() > 0 {
			st.blocks = append(st.blocks, extent(n.Lines()))
		}
	}
}

// addCode adds the lines of a code block.
func (st *structure) addCode(lines *text.Segments, asCode bool) {
	for i := range lines.Len() {
		if line := lines.At(i); asCode {
			st.code = append(st.code, span{line.Start, line.Stop})
		}
	}
}

// extent returns the place of the lines of a block, without the last line end.
func extent(lines *text.Segments) span {
	return span{lines.At(0).Start, lines.At(lines.Len() - 1).Stop}
}

// codeElements returns the elements with code in the HTML of a text that end in the
// same block in which they begin.
func codeElements(s string, in, blocks []span) (elements []span) {
	open, name := -1, ""
	for _, part := range in {
		if !codeTag().MatchString(s[part.start:part.stop]) {
			continue
		}
		z := html.NewTokenizer(strings.NewReader(s[part.start:part.stop]))
		for at := part.start; ; {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			raw := len(z.Raw())
			tag, _ := z.TagName()
			switch {
			case kind == html.StartTagToken && open < 0 && codeTags[string(tag)]:
				open, name = at+raw, string(tag)
			case kind == html.EndTagToken && open >= 0 && string(tag) == name:
				if within(blocks, open) == within(blocks, at) {
					elements = append(elements, span{open, at})
				}
				open = -1
			}
			at += raw
		}
	}
	return elements
}

// codeTag matches the places of possible codeTags. It is faster than the tokenizer.
var codeTag = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)</?(?:pre|code|kbd|samp|tt)\b`)
})

var codeTags = map[string]bool{"pre": true, "code": true, "kbd": true, "samp": true, "tt": true}
