package markdown

import (
	"bytes"
	"fmt"
	"io"
	"regexp"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Bounds of Markdown. Beyond them goldmark's time grows with the square of a
// text, its memory with the product of rows and columns, or its output with the
// product of references and what they refer to. Text beyond a bound is shown as
// text, and the first line beyond it is reported.
const (
	maxMarks       = 2_000     // of emphasis, links and pictures in one paragraph
	maxDepth       = 100       // quotations, lists and footnotes within each other
	maxCells       = 200_000   // of all tables; rows are filled up to the longest
	maxFootnotes   = 1_000     // of one note
	maxReferences  = 5_000     // to footnotes, in one note
	maxHeadings    = 5_000     // of one note
	maxBraces      = 20        // in a heading with attributes
	maxHeading     = 4_000     // bytes of a heading with attributes
	maxTagRunes    = 4_000     // of one tag of inline HTML
	maxLanguages   = 30        // of code, in one note
	maxLanguage    = 64        // bytes of the name of a language; the longest known has 27
	maxColored     = 128 << 10 // bytes of code with colours, in one note
	definitionPart = 64        // lines of link definitions that are read at once

	// Steps are what parsers do in vain or again: a byte that is looked at and not
	// consumed, a mark that is compared with another. A text may take so many, and so
	// many more for each of its bytes.
	freeSteps    = 16 << 20
	stepsForByte = 150

	// The steps that count for what costs more than to look at a byte.
	stepsOfRune   = 50    // that a regular expression looks at
	stepsOfBlank  = 100   // blank line in a list or footnote, for each that it is in
	stepsOfLevel  = 20    // that a list or quotation is in when it begins
	stepsOfCell   = 1_000 // that fills up a row
	stepsOfCopy   = 20    // byte of an address or title that a reference repeats
	stepsOfEscape = 2     // "\|" in a table, for each one before it
)

// A bound is one of the bounds that a text can reach.
type bound int

const (
	marksBound bound = iota
	depthBound
	cellsBound
	footnotesBound
	referencesBound
	headingsBound
	attributesBound
	colorsBound
	stepsBound
	bounds // how many there are
)

// boundMessages describe the text beyond each bound, and how it is shown.
var boundMessages = [bounds]string{
	marksBound:      fmt.Sprintf("more than %d marks of emphasis and links in one paragraph; the others are shown as text", maxMarks),
	depthBound:      fmt.Sprintf("more than %d lists and quotations within each other; the others are shown as text", maxDepth),
	cellsBound:      fmt.Sprintf("more than %d cells of tables; this one is shown as text", maxCells),
	footnotesBound:  fmt.Sprintf("more than %d footnotes; the others are shown as text", maxFootnotes),
	referencesBound: fmt.Sprintf("more than %d references to footnotes; the others are shown as text", maxReferences),
	headingsBound:   fmt.Sprintf("more than %d headings; the others are shown as text", maxHeadings),
	attributesBound: fmt.Sprintf("a heading with braces, of more than %d bytes or with more than %d of them; its attributes are shown as text", maxHeading, maxBraces),
	colorsBound:     fmt.Sprintf("code in more than %d languages, or more than %d KiB of it; the rest is shown without colours", maxLanguages, maxColored>>10),
	stepsBound:      "too many marks that begin something and do not end it, or references that repeat long addresses; the rest of them are shown as text",
}

// A usage counts what a text has asked for.
type usage struct {
	steps      int // that are left
	paragraph  ast.Node
	marks      int // of the paragraph
	cells      int
	footnotes  int
	references int
	headings   int
	escapes    int // "\|" in tables
	colored    int // bytes of code
	languages  map[string]chroma.Lexer
	over       [bounds]int // where the first text beyond each bound is, plus 1

	plainUnderline bool // the attributes of the heading that is open are not read
}

var usageKey = parser.NewContextKey()

// usageOf returns what the text that is being parsed has used.
func usageOf(source []byte, pc parser.Context) *usage {
	u, ok := pc.Get(usageKey).(*usage)
	if !ok {
		u = &usage{steps: freeSteps + stepsForByte*len(source)}
		pc.Set(usageKey, u)
	}
	return u
}

// refuse notes that the text at an offset is beyond a bound.
func (u *usage) refuse(b bound, at int) {
	if u.over[b] == 0 {
		u.over[b] = at + 1
	}
}

// spend takes steps. It reports whether the text at an offset may take more.
func (u *usage) spend(steps, at int) bool {
	if u.steps -= steps; u.steps < 0 {
		u.refuse(stepsBound, at)
	}
	return u.steps >= 0
}

// reportBounds warns of each bound that the text has reached since the last call.
func (rc *renderContext) reportBounds(u *usage, lineAt func(offset int) int) {
	for b, at := range u.over {
		if at > 0 {
			rc.warn(rc.note.BodyLine+lineAt(at-1), "%s", boundMessages[b])
		}
	}
	u.over = [bounds]int{}
}

// boundedParser is goldmark's own parser with bounds.
func boundedParser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(boundedUnderline{parser.NewSetextHeadingParser(parser.WithHeadingAttribute()), parser.NewSetextHeadingParser()}, 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(boundedDepth{parser.NewListParser()}, 300),
			util.Prioritized(boundedBlanks{parser.NewListItemParser()}, 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(boundedHeading{parser.NewATXHeadingParser(parser.WithHeadingAttribute()), parser.NewATXHeadingParser()}, 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(boundedDepth{parser.NewBlockquoteParser()}, 800),
			util.Prioritized(parser.NewHTMLBlockParser(), 900),
			util.Prioritized(boundedDepth{boundedFootnotes{boundedBlanks{extension.NewFootnoteBlockParser()}}}, 999),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(boundedCode{parser.NewCodeSpanParser()}, 100),
			util.Prioritized(boundedReferences{extension.NewFootnoteParser()}, 101),
			util.Prioritized(boundedLinks{boundedMarks{parser.NewLinkParser()}}, 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(boundedTags{parser.NewRawHTMLParser()}, 400),
			util.Prioritized(boundedMarks{parser.NewEmphasisParser()}, 500),
			util.Prioritized(boundedMarks{extension.NewStrikethroughParser()}, 500),
		),
		parser.WithParagraphTransformers(
			util.Prioritized(boundedDefinitions{parser.LinkReferenceParagraphTransformer}, 100),
			util.Prioritized(boundedTable{extension.NewTableParagraphTransformer()}, 200),
		),
		parser.WithASTTransformers(
			util.Prioritized(extension.NewTableASTTransformer(), 0),
			util.Prioritized(extension.NewFootnoteASTTransformer(), 999),
		),
	)
}

// boundedDepth opens no more blocks in a block than maxDepth.
type boundedDepth struct{ parser.BlockParser }

func (b boundedDepth) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth, u := depthOf(parent), usageOf(reader.Source(), pc)
	_, segment := reader.PeekLine()
	if depth >= maxDepth {
		u.refuse(depthBound, segment.Start)
		return nil, parser.NoChildren
	}
	if !u.spend(stepsOfLevel*depth, segment.Start) {
		return nil, parser.NoChildren
	}
	return b.BlockParser.Open(parent, reader, pc)
}

// depthOf returns how many lists, quotations and footnotes a block is in.
func depthOf(n ast.Node) (depth int) {
	for ; n != nil; n = n.Parent() {
		switch n.Kind() {
		case ast.KindList, ast.KindBlockquote, extast.KindFootnote:
			depth++
		}
	}
	return depth
}

// boundedBlanks counts the blank lines in a block. For each of them goldmark
// remembers every block that is open.
type boundedBlanks struct{ parser.BlockParser }

func (b boundedBlanks) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	line, segment := reader.PeekLine()
	if util.IsBlank(line) && !usageOf(reader.Source(), pc).spend(stepsOfBlank, segment.Start) {
		return parser.Close
	}
	return b.BlockParser.Continue(node, reader, pc)
}

// boundedFootnotes reads the first maxFootnotes footnotes of a note.
type boundedFootnotes struct{ parser.BlockParser }

func (b boundedFootnotes) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	u := usageOf(reader.Source(), pc)
	line, position := reader.Position()
	node, state := b.BlockParser.Open(parent, reader, pc)
	if node == nil {
		return node, state
	}
	if u.footnotes == maxFootnotes {
		u.refuse(footnotesBound, position.Start)
		reader.SetPosition(line, position)
		return nil, parser.NoChildren
	}
	u.footnotes++
	return node, state
}

// boundedHeading reads the attributes of a heading if its line is short: for each
// brace goldmark may read on to the end.
type boundedHeading struct {
	parser.BlockParser
	plain parser.BlockParser // reads no attributes
}

func (b boundedHeading) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	u := usageOf(reader.Source(), pc)
	if !u.heading(segment.Start) {
		return nil, parser.NoChildren
	}
	if !isLongHeading(line) {
		return u.opened(b.BlockParser.Open(parent, reader, pc))
	}
	node, state := u.opened(b.plain.Open(parent, reader, pc))
	if node != nil {
		u.refuse(attributesBound, segment.Start)
	}
	return node, state
}

// heading reports whether the text at an offset may be one more heading.
func (u *usage) heading(at int) bool {
	if u.headings == maxHeadings {
		u.refuse(headingsBound, at)
	}
	return u.headings < maxHeadings
}

// opened counts a heading, if a parser has begun one.
func (u *usage) opened(node ast.Node, state parser.State) (ast.Node, parser.State) {
	if node != nil {
		u.headings++
	}
	return node, state
}

func isLongHeading(line []byte) bool {
	braces := bytes.Count(line, []byte("{"))
	return braces > 0 && (braces > maxBraces || len(line) > maxHeading)
}

// boundedUnderline does the same for a heading that is underlined. Its attributes
// are in the last line of the paragraph above, and are read in the end.
type boundedUnderline struct {
	parser.BlockParser
	plain parser.BlockParser
}

func (b boundedUnderline) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	above := pc.LastOpenedBlock().Node
	u := usageOf(reader.Source(), pc)
	if u.headings == maxHeadings {
		return nil, parser.NoChildren
	}
	node, state := u.opened(b.BlockParser.Open(parent, reader, pc))
	if node == nil {
		return node, state
	}
	line := above.Lines().At(above.Lines().Len() - 1)
	u.plainUnderline = isLongHeading(line.Value(reader.Source()))
	if u.plainUnderline {
		u.refuse(attributesBound, line.Start)
	}
	return node, state
}

func (b boundedUnderline) Close(node ast.Node, reader text.Reader, pc parser.Context) {
	if usageOf(reader.Source(), pc).plainUnderline {
		b.plain.Close(node, reader, pc)
		return
	}
	b.BlockParser.Close(node, reader, pc)
}

// boundedDefinitions reads the link definitions that a paragraph begins with, part
// by part: for each definition goldmark copies all lines that follow it.
type boundedDefinitions struct{ parser.ParagraphTransformer }

func (b boundedDefinitions) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	parent, all := node.Parent(), node.Lines()
	read := 0 // lines of definitions
	for all.Len()-read > definitionPart {
		n := partOfDefinitions(all, read, reader.Source())
		part := ast.NewParagraph()
		part.Lines().AppendAll(all.Sliced(read, read+n))
		part.SetBlankPreviousLines(read == 0 && node.HasBlankPreviousLines())
		parent.InsertBefore(parent, node, part)
		b.ParagraphTransformer.Transform(part, reader, pc)
		if part.Parent() != nil {
			n -= part.Lines().Len()
			parent.RemoveChild(parent, part)
		}
		if n == 0 {
			break
		}
		read += n
	}
	all.SetSliced(read, all.Len())
	if all.Len() > definitionPart {
		return
	}
	b.ParagraphTransformer.Transform(node, reader, pc)
}

// partOfDefinitions returns how many of the lines from the given one on to read at
// once: up to the last one before which a definition may end.
func partOfDefinitions(lines *text.Segments, from int, source []byte) int {
	for n := definitionPart; n > 0; n-- {
		line := lines.At(from + n)
		if bytes.HasPrefix(bytes.TrimLeft(line.Value(source), " "), []byte("[")) {
			return n
		}
	}
	return definitionPart
}

// boundedTable leaves a table a paragraph if it has too many cells.
type boundedTable struct{ parser.ParagraphTransformer }

func (b boundedTable) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines := node.Lines()
	if lines.Len() < 2 {
		return
	}
	u, at := usageOf(reader.Source(), pc), lines.At(0).Start
	columns, written, escapes, rule := 0, 0, 0, false
	for i := range lines.Len() {
		segment := lines.At(i)
		line := segment.Value(reader.Source())
		cells := bytes.Count(line, []byte("|")) + 1
		columns, written = max(columns, cells), written+cells
		escapes += bytes.Count(line, []byte(`\|`))
		rule = rule || bytes.Trim(line, "|-: \t\r\n") == nil
	}
	if !rule {
		return
	}
	cells := columns * lines.Len()
	if u.cells+cells > maxCells {
		u.refuse(cellsBound, at)
		return
	}
	// goldmark compares each "\|" that is in code with all others.
	if !u.spend(stepsOfCell*(cells-written)+stepsOfEscape*escapes*(u.escapes+escapes), at) {
		return
	}
	u.escapes += escapes
	u.cells += cells
	b.ParagraphTransformer.Transform(node, reader, pc)
}

// boundedMarks looks at no more than the first maxMarks of a paragraph's marks.
type boundedMarks struct{ parser.InlineParser }

func (b boundedMarks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	_, segment := block.PeekLine()
	if !usageOf(block.Source(), pc).mark(parent, segment.Start) {
		return nil
	}
	return b.InlineParser.Parse(parent, block, pc)
}

// mark counts a mark of a paragraph. It reports whether the mark may be read.
func (u *usage) mark(paragraph ast.Node, at int) bool {
	if u.paragraph != paragraph {
		u.paragraph, u.marks = paragraph, 0
	}
	if u.marks++; u.marks > maxMarks {
		u.refuse(marksBound, at)
		return false
	}
	return u.spend(u.marks, at) // it may be compared with each one before it
}

// restOf returns how much of a paragraph follows the place of a reader.
func restOf(paragraph ast.Node, block text.Reader) (bytes, lines int) {
	all := paragraph.Lines()
	number, segment := block.Position()
	return all.At(all.Len()-1).Stop - segment.Start, all.Len() - number
}

// boundedLinks counts what is searched in vain for the end of a link, and what a
// reference repeats. It also learns of the end of a block: brackets that are still
// open become text then.
type boundedLinks struct{ boundedMarks }

func (b boundedLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	closes, target := line[0] == ']', len(line) > 1 && line[1] == '('
	rest, lines := restOf(parent, block)
	node := b.boundedMarks.Parse(parent, block, pc)
	if !closes {
		return node
	}
	steps := lines // goldmark looks for the line that a label is on
	switch n := node.(type) {
	case nil:
		if target {
			steps += rest
		}
	case *ast.Link:
		steps += stepsOfCopy * repeated(n.Reference, n.Destination, n.Title)
	case *ast.Image:
		steps += stepsOfCopy * repeated(n.Reference, n.Destination, n.Title)
	}
	usageOf(block.Source(), pc).spend(steps, segment.Start)
	return node
}

// repeated returns how many bytes of a definition elsewhere a link repeats.
func repeated(reference *ast.ReferenceLink, destination, title []byte) int {
	if reference == nil {
		return 0
	}
	return len(destination) + len(title)
}

func (b boundedLinks) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	b.InlineParser.(parser.CloseBlocker).CloseBlock(parent, block, pc)
}

// boundedCode counts what is searched in vain for the end of code.
type boundedCode struct{ parser.InlineParser }

func (b boundedCode) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	u := usageOf(block.Source(), pc)
	_, segment := block.PeekLine()
	if !u.spend(0, segment.Start) {
		return nil
	}
	rest, _ := restOf(parent, block)
	node := b.InlineParser.Parse(parent, block, pc)
	if _, vain := node.(*ast.Text); vain {
		u.spend(rest, segment.Start)
	}
	return node
}

// boundedTags looks for the end of a tag in the next maxTagRunes, and counts what
// it looks at in vain.
type boundedTags struct{ parser.InlineParser }

func (b boundedTags) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	u := usageOf(block.Source(), pc)
	_, segment := block.PeekLine()
	if !u.spend(0, segment.Start) {
		return nil
	}
	counted := &countedRunes{Reader: block}
	node := b.InlineParser.Parse(parent, counted, pc)
	if node == nil {
		u.spend(stepsOfRune*counted.n, segment.Start)
	}
	return node
}

// countedRunes is a reader that ends after maxTagRunes for a regular expression.
type countedRunes struct {
	text.Reader
	n int
}

func (r *countedRunes) ReadRune() (rune, int, error) {
	if r.n++; r.n > maxTagRunes {
		return 0, 0, io.EOF
	}
	return r.Reader.ReadRune()
}

func (r *countedRunes) Match(pattern *regexp.Regexp) bool {
	line, position := r.Position()
	match := pattern.FindReaderSubmatchIndex(r)
	r.SetPosition(line, position)
	if match == nil {
		return false
	}
	r.Advance(match[1] - match[0])
	return true
}

// boundedReferences reads the first maxReferences references to footnotes. Each is
// compared with all footnotes.
type boundedReferences struct{ parser.InlineParser }

func (b boundedReferences) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	u := usageOf(block.Source(), pc)
	line, segment := block.PeekLine()
	if !bytes.HasPrefix(bytes.TrimPrefix(line, []byte("!")), []byte("[^")) {
		return nil
	}
	_, lines := restOf(parent, block)
	if !u.spend(u.footnotes+lines, segment.Start) {
		return nil
	}
	if u.references == maxReferences {
		u.refuse(referencesBound, segment.Start)
		return nil
	}
	node := b.InlineParser.Parse(parent, block, pc)
	if node != nil {
		u.references++
	}
	return node
}

// lexerKey is the attribute of a code block that holds its lexer.
const lexerKey = "lexer"

// chooseLexer gives a code block the lexer of its language, within bounds. The
// search for an unknown language takes time for each byte of its name: it compares
// the name with all patterns of file names.
func (u *usage) chooseLexer(n *ast.FencedCodeBlock, source []byte) {
	language, size := n.Language(source), 0
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		size += line.Len()
	}
	if language == nil || size > maxHighlightBytes {
		return
	}
	name := languageName(string(language))
	if len(name) > maxLanguage {
		return
	}
	lexer, known := u.languages[name]
	if !known && len(u.languages) < maxLanguages {
		lexer, known = lexers.Get(name), true
		if u.languages == nil {
			u.languages = map[string]chroma.Lexer{}
		}
		u.languages[name] = lexer
	}
	if !known || lexer != nil && u.colored+size > maxColored {
		u.refuse(colorsBound, n.Pos())
		return
	}
	if lexer != nil {
		u.colored += size
		n.SetAttributeString(lexerKey, lexer)
	}
}
