package site

import (
	"html"
	"math"
	"strings"
)

// plainMarkdown is the text that Markdown shows, without its marks: one block
// after the other, each on lines of its own. It knows the blocks that notes
// have, not all of their nesting.
func plainMarkdown(s string) string {
	p := plainText{out: make([]byte, 0, len(s)), enough: math.MaxInt}
	for line := range strings.Lines(s) {
		p.line(strings.TrimSuffix(line, "\n"))
	}
	p.endParagraph()
	return string(p.out)
}

// A plainText is a text on its way from Markdown, line by line.
type plainText struct {
	out       []byte
	paragraph []byte // lines of the one that is not over
	first     string // its first line
	last      int    // where its last line begins
	fence     string // of the code that is not over: "```"; "": none
	quoted    bool   // the paragraph or the code stands in a quote
	listed    bool   // a list is not over: what is indented is a part of it
	columns   int    // of the table that is not over
	footnote  bool   // the line before is of a footnote, or blank behind one
	lazy      bool   // the footnote's last line was not blank: the next may belong to it
	inlines   inlineText
	enough    int // no more runes of a block are needed than one more than these
}

func (p *plainText) line(line string) {
	if p.fence != "" {
		p.codeLine(line)
		return
	}
	text := strings.TrimLeft(line, space)
	if text == "" {
		p.endParagraph()
		p.lazy = false
		return
	}
	indented := indentation(line) >= 4
	if p.footnote && indented {
		p.lazy = true
		return
	}
	if len(p.paragraph) == 0 && p.columns == 0 {
		if p.listed = p.listed && indentation(line) > 0; indented && !p.listed {
			p.literal(text)
			return
		}
	}
	for first := true; !indented || p.listed; first = false {
		if isRule(text) {
			p.footnote = false
			p.endParagraph() // which it may have made a heading
			return
		}
		rest, mark := p.blockMark(text)
		if mark == 0 {
			break
		}
		if p.startBlock(mark, first); mark == '#' {
			p.inline(heading(rest))
			return
		}
		text = strings.TrimLeft(rest, space)
	}
	if text == "" {
		return
	}
	if !indented || p.listed {
		if isFootnote(text) {
			p.endParagraph()
			p.footnote, p.lazy = true, true
			return
		}
		if p.fence = fence(text); p.fence != "" {
			p.footnote = false
			p.end()
			return
		}
	}
	if p.footnote = p.footnote && p.lazy; !p.footnote {
		p.textLine(text)
	}
}

// blockMark reads what marks a line as a part of a quote, an item or a heading,
// and says which: '>', '-' or '#'. It is 0 if there is no mark.
func (p *plainText) blockMark(s string) (rest string, mark byte) {
	i := 1
	switch c := byteAt(s, 0); {
	case c == '>':
		return s[1:], '>'
	case c == '#':
		for i < len(s) && s[i] == '#' {
			i++
		}
		if i > 6 || i < len(s) && !isSpace(s[i]) {
			return s, 0
		}
		return s[i:], '#'
	case c == '-', c == '*', c == '+':
	case '0' <= c && c <= '9':
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		// CommonMark §5.3: only a list that begins with 1 interrupts a paragraph.
		if c := byteAt(s, i); i > 9 || c != '.' && c != ')' || len(p.paragraph) > 0 && !p.listed && s[:i] != "1" {
			return s, 0
		}
		i++
	default:
		return s, 0
	}
	if i < len(s) && !isSpace(s[i]) || len(p.paragraph) > 0 && strings.TrimLeft(s[i:], space) == "" {
		return s, 0
	}
	rest = strings.TrimLeft(s[i:], space)
	if len(rest) > 3 && rest[0] == '[' && strings.IndexByte(" xX", rest[1]) >= 0 && rest[2] == ']' && isSpace(rest[3]) {
		rest = rest[4:] // the box of a task
	}
	return rest, '-'
}

// startBlock begins a heading, an item or a quote, if the quote is not that of
// the line before.
func (p *plainText) startBlock(mark byte, first bool) {
	p.footnote = false
	if mark == '>' && first && p.quoted && len(p.paragraph) > 0 {
		return
	}
	p.endParagraph()
	p.quoted = p.quoted && !first || mark == '>'
	p.listed = p.listed || mark == '-'
}

// codeLine adds a line of fenced code as it is, if it does not end it.
func (p *plainText) codeLine(line string) {
	text := strings.TrimLeft(line, space)
	if p.quoted {
		rest, inQuote := strings.CutPrefix(text, ">")
		if !inQuote { // the code ends with the quote
			p.fence, p.quoted = "", false
			p.line(line)
			return
		}
		text = strings.TrimLeft(rest, space)
	}
	if rest, ok := strings.CutPrefix(text, p.fence); ok && strings.Trim(rest, p.fence[:1]+space) == "" {
		p.fence = ""
		return
	}
	p.literal(text)
}

// textLine adds a line to the paragraph or the table, or makes it one.
func (p *plainText) textLine(line string) {
	switch {
	case p.columns > 0:
		p.row(line)
	case len(p.paragraph) == 0 && isDefinition(line):
	case len(p.paragraph) > 0 && isUnderline(line):
		p.endParagraph()
	case len(p.paragraph) > 0 && isTableRule(line) && len(cells(line)) == len(cells(string(p.paragraph[p.last:]))):
		header := string(p.paragraph[p.last:])
		p.paragraph = p.paragraph[:p.last]
		p.end()
		p.columns = len(cells(header))
		p.row(header)
	default:
		if p.last = len(p.paragraph); p.last == 0 {
			p.first = line
		}
		p.paragraph = append(append(p.paragraph, line...), '\n')
	}
}

// row adds the cells of a table, each a text of its own.
func (p *plainText) row(line string) {
	for _, cell := range cells(line) {
		p.inline(strings.ReplaceAll(cell, `\|`, "|"))
	}
}

// end ends the paragraph, but not the quote that it stands in.
func (p *plainText) end() {
	switch {
	case len(p.paragraph) == 0:
	case p.last == 0: // it has one line
		p.inline(p.first)
	default:
		p.inline(string(p.paragraph[:len(p.paragraph)-1]))
	}
	p.paragraph, p.last, p.columns = p.paragraph[:0], 0, 0
}

func (p *plainText) endParagraph() {
	p.end()
	p.quoted = false
}

func (p *plainText) literal(s string) {
	p.out = append(append(p.out, s...), '\n')
}

func (p *plainText) inline(s string) {
	p.out = append(p.inlines.add(p.out, s, p.enough), '\n')
}

const space = "\t\n\f\r "

func isSpace(c byte) bool { return strings.IndexByte(space, c) >= 0 }

// byteAt is the byte at i, 0 behind the end.
func byteAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// indentation is how far a line is indented, in columns.
func indentation(line string) (n int) {
	for i := range len(line) {
		switch line[i] {
		case ' ':
			n++
		case '\t':
			n += 4 - n%4
		default:
			return n
		}
	}
	return n
}

// isRule says whether a line is a thematic break, "---" or "* * *".
func isRule(line string) bool {
	c, marks := byteAt(line, 0), 0
	if c != '-' && c != '*' && c != '_' {
		return false
	}
	for i := range len(line) {
		if line[i] == c {
			marks++
		} else if !isSpace(line[i]) {
			return false
		}
	}
	return marks >= 3
}

// isUnderline says whether a line makes a heading of the paragraph above.
func isUnderline(line string) bool {
	line = strings.TrimRight(line, space)
	return line != "" && (line[0] == '=' || line[0] == '-') && strings.Trim(line, line[:1]) == ""
}

// isTableRule says whether a line parts the head of a table from its rows.
func isTableRule(line string) bool {
	if line[0] != '|' && line[0] != '-' && line[0] != ':' || !strings.Contains(line, "|") {
		return false
	}
	for _, cell := range cells(line) {
		cell = strings.TrimSuffix(strings.TrimPrefix(strings.Trim(cell, space), ":"), ":")
		if cell == "" || strings.Trim(cell, "-") != "" {
			return false
		}
	}
	return true
}

// cells are those of a line of a table (GitHub Flavored Markdown §4.10).
func cells(line string) (cells []string) {
	line = strings.TrimPrefix(strings.Trim(line, space), "|")
	start := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '|':
			cells = append(cells, line[start:i])
			start = i + 1
		}
	}
	if start < len(line) {
		cells = append(cells, line[start:])
	}
	return cells
}

// fence is the one that a line opens code with, "" if it opens none.
func fence(line string) string {
	c := byteAt(line, 0)
	if c != '`' && c != '~' {
		return ""
	}
	n := len(line) - len(strings.TrimLeft(line, line[:1]))
	if n < 3 || c == '`' && strings.Contains(line[n:], "`") {
		return ""
	}
	return line[:n]
}

// heading is the text of a heading without the marks that may close it and the
// attributes that may stand behind it, "{#id .class}".
func heading(s string) string {
	s = strings.Trim(s, space)
	if open := strings.LastIndexByte(s, '{'); open >= 0 && s[len(s)-1] == '}' && strings.IndexByte("#.", s[open+1]) >= 0 {
		s = strings.TrimRight(s[:open], space)
	}
	if text := strings.TrimRight(s, "#"); text == "" || isSpace(text[len(text)-1]) {
		s = text
	}
	return s
}

// isFootnote reports whether a line begins a footnote, "[^1]: Text". It can follow a
// paragraph without a blank line, as it can in goldmark.
func isFootnote(line string) bool {
	label, _, ok := cutDefinition(line)
	return ok && label[0] == '^' && strings.Trim(label[1:], space) != ""
}

// cutDefinition splits a line "[label]: rest".
func cutDefinition(line string) (label, rest string, ok bool) {
	if line[0] != '[' {
		return "", "", false
	}
	label, rest, ok = strings.Cut(line[1:], "]:")
	return label, rest, ok && label != "" && !strings.ContainsAny(label, "[]")
}

// isDefinition reports whether a line defines the target of reference links.
func isDefinition(line string) bool {
	_, rest, ok := cutDefinition(line)
	if !ok {
		return false
	}
	rest = strings.Trim(rest, space)
	end := strings.IndexAny(rest, space)
	if end < 0 {
		return rest != ""
	}
	return strings.IndexByte(`"'(`, strings.TrimLeft(rest[end:], space)[0]) >= 0
}

var (
	autoLink  = lazyRegexp(`^<([a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^<>\x00-\x20]*|[\w.!#$%&'*+/=?^{|}~-]+@[a-zA-Z0-9.-]+)>`)
	inlineTag = lazyRegexp(`^</?[a-zA-Z][a-zA-Z0-9-]*(?:\s+[a-zA-Z_:][\w:.-]*(?:\s*=\s*(?:[^\s"'=<>` + "`" + `]+|'[^']*'|"[^"]*"))?)*\s*/?>`)
)

// reference is what an entity or a numeric character reference stands for, and
// its length; 0: s begins with none.
func reference(s string) (text string, length int) {
	for i := 1; i < len(s) && i < 40; i++ {
		switch c := s[i]; {
		case c == ';':
			if text = html.UnescapeString(s[:i+1]); text != s[:i+1] && !strings.HasSuffix(text, ";") {
				return text, i + 1
			}
			return "", 0
		case c != '#' && (c < '0' || c > '9') && !isASCIILetter(c):
			return "", 0
		}
	}
	return "", 0
}
