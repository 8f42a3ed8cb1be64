package plaintext

import (
	"html"
	"math"
	"strings"
)

// wholeText returns the text of Markdown, without its marks: one block after the
// other, each on its own lines.
func wholeText(s string) string {
	r := blockReader{out: make([]byte, 0, len(s)), enough: math.MaxInt}
	for line := range strings.Lines(s) {
		r.line(strings.TrimSuffix(line, "\n"))
	}
	r.endParagraph()
	return string(r.out)
}

// A blockReader reads Markdown line by line. It supports the blocks that notes
// have, not all of their nesting.
type blockReader struct {
	out       []byte // the text of the blocks so far
	paragraph []byte // lines of the open paragraph
	first     string // its first line
	last      int    // where its last line begins
	fence     string // of the open code: "```"; "" outside of code
	quoted    bool   // the paragraph or the code is in a quote
	listed    bool   // a list is open: indented lines are a part of it
	columns   int    // of the open table
	footnote  bool   // the line before is of a footnote, or is blank after one
	lazy      bool   // the footnote's last line was not blank: the next may belong to it
	inlines   inlineReader
	enough    int // at most enough+1 runes of a block are needed
}

// line reads the next line, without its line end.
func (r *blockReader) line(line string) {
	if r.fence != "" {
		r.codeLine(line)
		return
	}
	text := strings.TrimLeft(line, space)
	if text == "" {
		r.endParagraph()
		r.lazy = false
		return
	}
	indented := indentation(line) >= 4
	if r.footnote && indented {
		r.lazy = true
		return
	}
	if len(r.paragraph) == 0 && r.columns == 0 {
		if r.listed = r.listed && indentation(line) > 0; indented && !r.listed {
			r.literal(text)
			return
		}
	}
	for first := true; !indented || r.listed; first = false {
		if isRule(text) {
			r.footnote = false
			r.endParagraph() // the line may have made it a heading
			return
		}
		rest, mark := r.blockMark(text)
		if mark == 0 {
			break
		}
		if r.startBlock(mark, first); mark == '#' {
			r.inline(heading(rest))
			return
		}
		text = strings.TrimLeft(rest, space)
	}
	if text == "" {
		return
	}
	if !indented || r.listed {
		if isFootnote(text) {
			r.endParagraph()
			r.footnote, r.lazy = true, true
			return
		}
		if r.fence = fence(text); r.fence != "" {
			r.footnote = false
			r.end()
			return
		}
	}
	if r.footnote = r.footnote && r.lazy; !r.footnote {
		r.textLine(text)
	}
}

// blockMark reads the mark of a quote ('>'), an item ('-') or a heading ('#') at the
// beginning of s. mark is 0 if there is no such mark.
func (r *blockReader) blockMark(s string) (rest string, mark byte) {
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
		if c := byteAt(s, i); i > 9 || c != '.' && c != ')' || len(r.paragraph) > 0 && !r.listed && s[:i] != "1" {
			return s, 0
		}
		i++
	default:
		return s, 0
	}
	if i < len(s) && !isSpace(s[i]) || len(r.paragraph) > 0 && strings.TrimLeft(s[i:], space) == "" {
		return s, 0
	}
	rest = strings.TrimLeft(s[i:], space)
	if len(rest) > 3 && rest[0] == '[' && strings.IndexByte(" xX", rest[1]) >= 0 && rest[2] == ']' && isSpace(rest[3]) {
		rest = rest[4:] // the box of a task
	}
	return rest, '-'
}

// startBlock begins a heading, an item or a quote, unless the quote of the line
// before continues. first is true for the first mark of a line.
func (r *blockReader) startBlock(mark byte, first bool) {
	r.footnote = false
	if mark == '>' && first && r.quoted && len(r.paragraph) > 0 {
		return
	}
	r.endParagraph()
	r.quoted = r.quoted && !first || mark == '>'
	r.listed = r.listed || mark == '-'
}

// codeLine adds a line of fenced code unchanged, unless the line ends the code.
func (r *blockReader) codeLine(line string) {
	text := strings.TrimLeft(line, space)
	if r.quoted {
		rest, inQuote := strings.CutPrefix(text, ">")
		if !inQuote { // the code ends with the quote
			r.fence, r.quoted = "", false
			r.line(line)
			return
		}
		text = strings.TrimLeft(rest, space)
	}
	if rest, ok := strings.CutPrefix(text, r.fence); ok && strings.Trim(rest, r.fence[:1]+space) == "" {
		r.fence = ""
		return
	}
	r.literal(text)
}

// textLine adds a line to the paragraph or the table, or begins one with it.
func (r *blockReader) textLine(line string) {
	switch {
	case r.columns > 0:
		r.row(line)
	case len(r.paragraph) == 0 && isDefinition(line):
	case len(r.paragraph) > 0 && isUnderline(line):
		r.endParagraph()
	case len(r.paragraph) > 0 && isTableRule(line) && len(cells(line)) == len(cells(string(r.paragraph[r.last:]))):
		header := string(r.paragraph[r.last:])
		r.paragraph = r.paragraph[:r.last]
		r.end()
		r.columns = len(cells(header))
		r.row(header)
	default:
		if r.last = len(r.paragraph); r.last == 0 {
			r.first = line
		}
		r.paragraph = append(append(r.paragraph, line...), '\n')
	}
}

// row adds the cells of a row of a table, each as a separate text.
func (r *blockReader) row(line string) {
	for _, cell := range cells(line) {
		r.inline(strings.ReplaceAll(cell, `\|`, "|"))
	}
}

// end ends the paragraph, but not the quote around it.
func (r *blockReader) end() {
	switch {
	case len(r.paragraph) == 0:
	case r.last == 0: // it has one line
		r.inline(r.first)
	default:
		r.inline(string(r.paragraph[:len(r.paragraph)-1]))
	}
	r.paragraph, r.last, r.columns = r.paragraph[:0], 0, 0
}

// endParagraph ends the paragraph, and the quote around it.
func (r *blockReader) endParagraph() {
	r.end()
	r.quoted = false
}

// literal adds a line of code.
func (r *blockReader) literal(s string) {
	r.out = append(append(r.out, s...), '\n')
}

// inline adds the text of a block without the marks in it.
func (r *blockReader) inline(s string) {
	r.out = append(r.inlines.add(r.out, s, r.enough), '\n')
}

const space = "\t\n\f\r "

func isSpace(c byte) bool { return strings.IndexByte(space, c) >= 0 }

// byteAt returns the byte at i, 0 after the end of s.
func byteAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// indentation returns the indentation of a line in columns.
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

// isRule reports whether a line is a thematic break, "---" or "* * *".
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

// isUnderline reports whether a line makes the paragraph above it a heading.
func isUnderline(line string) bool {
	line = strings.TrimRight(line, space)
	return line != "" && (line[0] == '=' || line[0] == '-') && strings.Trim(line, line[:1]) == ""
}

// isTableRule reports whether a line separates the head of a table from its rows.
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

// cells returns the cells of a line of a table (GitHub Flavored Markdown §4.10).
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

// fence returns the fence with which a line opens code, "" if it does not open code.
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

// heading returns the text of a heading without closing marks, and without
// attributes at its end, "{#id .class}".
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

// isFootnote reports whether a line begins a footnote, "[^1]: Text". As in goldmark, a
// footnote can follow a paragraph without a blank line.
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

// reference decodes the entity or the numeric character reference at the beginning
// of s. length is 0 if s does not begin with one.
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

func isASCIILetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
