package generator

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Bounds of Markdown. Beyond them goldmark's time grows with the square of a text,
// and its memory with the product of rows and columns: what is more is text.
const (
	maxMarks     = 2_000   // of emphasis, links and pictures in one paragraph
	maxDepth     = 100     // quotations and lists within each other
	maxCells     = 200_000 // of one table, whose rows are filled up to the longest
	maxFootnotes = 1_000   // of one note
)

// boundedParser is goldmark's own parser with bounds.
func boundedParser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(boundedDepth{parser.NewListParser()}, 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(boundedDepth{parser.NewBlockquoteParser()}, 800),
			util.Prioritized(parser.NewHTMLBlockParser(), 900),
			util.Prioritized(boundedFootnotes{extension.NewFootnoteBlockParser()}, 999),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(extension.NewFootnoteParser(), 101),
			util.Prioritized(boundedLinks{boundedMarks{parser.NewLinkParser()}}, 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewRawHTMLParser(), 400),
			util.Prioritized(boundedMarks{parser.NewEmphasisParser()}, 500),
			util.Prioritized(boundedMarks{extension.NewStrikethroughParser()}, 500),
		),
		parser.WithParagraphTransformers(append(parser.DefaultParagraphTransformers(),
			util.Prioritized(boundedTable{extension.NewTableParagraphTransformer()}, 200))...),
		parser.WithASTTransformers(
			util.Prioritized(extension.NewTableASTTransformer(), 0),
			util.Prioritized(extension.NewFootnoteASTTransformer(), 999),
		),
	)
}

// boundedDepth opens no more blocks in a block than maxDepth.
type boundedDepth struct{ parser.BlockParser }

func (b boundedDepth) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		if n.Kind() == ast.KindList || n.Kind() == ast.KindBlockquote {
			depth++
		}
	}
	if depth >= maxDepth {
		return nil, parser.NoChildren
	}
	return b.BlockParser.Open(parent, reader, pc)
}

// boundedMarks looks at no more than the first maxMarks of a paragraph's marks.
type boundedMarks struct{ parser.InlineParser }

var marksKey = parser.NewContextKey()

// marks are those that were seen of a paragraph.
type marks struct {
	paragraph ast.Node
	seen      int
}

func (b boundedMarks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	m, ok := pc.Get(marksKey).(*marks)
	if !ok {
		m = &marks{}
		pc.Set(marksKey, m)
	}
	if m.paragraph != parent {
		*m = marks{paragraph: parent}
	}
	if m.seen++; m.seen > maxMarks {
		return nil
	}
	return b.InlineParser.Parse(parent, block, pc)
}

// boundedLinks hears of the end of a block, too: brackets that are still open become
// text then.
type boundedLinks struct{ boundedMarks }

func (b boundedLinks) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	b.InlineParser.(parser.CloseBlocker).CloseBlock(parent, block, pc)
}

// boundedFootnotes knows the first maxFootnotes footnotes of a note.
type boundedFootnotes struct{ parser.BlockParser }

var footnotesKey = parser.NewContextKey()

func (b boundedFootnotes) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	seen, _ := pc.Get(footnotesKey).(int)
	if seen == maxFootnotes {
		return nil, parser.NoChildren
	}
	node, state := b.BlockParser.Open(parent, reader, pc)
	if node != nil {
		pc.Set(footnotesKey, seen+1)
	}
	return node, state
}

// boundedTable leaves a table of too many cells a paragraph.
type boundedTable struct{ parser.ParagraphTransformer }

func (b boundedTable) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines, columns := node.Lines(), 0
	for i := range lines.Len() {
		line := lines.At(i)
		columns = max(columns, bytes.Count(line.Value(reader.Source()), []byte("|"))+1)
	}
	if columns*lines.Len() <= maxCells {
		b.ParagraphTransformer.Transform(node, reader, pc)
	}
}
