package comment

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
)

// A Text is a text without its comments.
type Text struct {
	String  string
	Remarks []Remark
	lines   []int // the number of each line in the text as written; nil: no line is missing
}

// A Remark is about a comment which its author probably did not mean as one, or
// wanted to end. Line is counted from 0 in the text as written.
type Remark struct {
	Line int
	Msg  string
}

// Line returns the number that a line has in the text as written, counted from 0.
func (t *Text) Line(line int) int {
	if line < 0 || line >= len(t.lines) {
		return line
	}
	return t.lines[line]
}

// Bounds of the search. A comment can change which text after it is code, so that the
// text is parsed again without the comment. Beyond the bounds nothing is code.
// The removal of a comment can make another one, as in "<<!-- -->!-- -->". Text that
// still has comments after twice as many rounds is hidden.
const (
	maxRounds     = 100
	maxParsed     = 4 // bytes that are parsed, as a multiple of the text's length
	freeToParse   = 256 << 10
	maxRemarks    = 100
	maxTagPreview = 40
)

// A remover removes the comments of one text.
type remover struct {
	Text
	structure    func(string) structure
	format       format
	found        []part
	counted      span // the place up to which lines were counted for remarks, and their number
	budget       int  // bytes that may still be parsed; below zero: bytes that were searched beyond it
	rounds       int
	tally        tally
	placeholders [3]string // signs that replace a comment on one line, one on several lines, and two percent signs
}

// A format is the format of a text.
type format int

const (
	inMarkdown format = iota
	inHTML
	inLine // the Markdown of one paragraph
)

// A span is a part of a text.
type span struct{ start, stop int }

// A part is a span and the text that replaces it.
type part struct {
	span
	text string
}

// A structure has the parts of a text that decide where it has comments. All spans
// are in order and none overlaps another of the same list.
type structure struct {
	code     []span // code blocks and code spans
	elements []span // elements such as <pre>, whose comments are those of HTML
	html     []span // HTML, whose comments are removed later
	blocks   []span // paragraphs, headings, cells
	cut      bool   // the text is the beginning of a longer one
	blind    bool   // the structure is unknown
}

// Signs replace parts of the text until the end, so that the removal of a comment
// does not change which text is code, and a percent sign is not checked again.
const (
	oneLineComment = iota
	multiLineComment
	percentSigns
)

// run removes comments until there are none.
func (r *remover) run() {
	if !mayHaveMark(r.String) || !r.mayHaveMore() {
		return
	}
	r.choose()
	r.budget = parseBudget(r.String)
	for r.round() { // without the comments other parts may be code
		r.finish()
	}
	r.replace(r.signs(percentSigns))
}

// round finds all comments and reports whether there were any.
func (r *remover) round() (any bool) {
	for r.mayHaveMore() {
		s := structure{blind: true}
		r.rounds++
		if r.budget -= len(r.String); r.budget > 0 && r.rounds < maxRounds {
			s = r.structure(r.String)
		} else {
			r.remark(0, "has so many comments and so much code that comments are removed from its code, too")
			if r.rounds > 2*maxRounds || r.budget < -parseBudget(r.String) {
				r.hideRest()
				return false
			}
		}
		r.found = r.found[:0]
		r.find(&s)
		if len(r.found) == 0 {
			return any
		}
		r.replace(r.found)
		any = true
	}
	return any
}

func parseBudget(s string) int { return maxParsed*len(s) + freeToParse }

// hideRest removes the text after the first mark of a comment.
func (r *remover) hideRest() {
	at, _, _ := next(r.String, 0)
	r.remark(at, "has too many comments within comments; the rest of the text is not shown")
	r.replace([]part{{span: span{at, len(r.String)}}})
}

// choose chooses signs that are not in the text, from the code points that are not
// characters. If the text has nearly all of these, they are removed from it.
func (r *remover) choose() {
	const first, last = '\uFDD0', '\uFDEF'
	n := 0
	for sign := first; sign <= last && n < len(r.placeholders); sign++ {
		if !strings.ContainsRune(r.String, sign) {
			r.placeholders[n] = string(sign)
			n++
		}
	}
	if n < len(r.placeholders) {
		r.String = strings.Map(func(c rune) rune {
			if first <= c && c <= last {
				return -1
			}
			return c
		}, r.String)
		r.choose()
	}
}

// finish removes the signs of comments, with the blanks around them.
func (r *remover) finish() {
	parts, from := r.signs(oneLineComment, multiLineComment), 0
	for i := range parts {
		parts[i].span = widen(r.String, parts[i].span, from, r.String[parts[i].start:parts[i].stop] == r.placeholders[oneLineComment])
		from = parts[i].stop
	}
	r.replace(parts)
}

// signs returns the places of signs, and the text that replaces them.
func (r *remover) signs(kinds ...int) (parts []part) {
	any := ""
	for _, i := range kinds {
		any += r.placeholders[i]
	}
	for i := 0; ; {
		step := strings.IndexAny(r.String[i:], any)
		if step < 0 {
			return parts
		}
		p := part{span: span{i + step, i + step + len(r.placeholders[0])}}
		if r.String[p.start:p.stop] == r.placeholders[percentSigns] {
			p.text = "%%"
		}
		parts = append(parts, p)
		i = p.stop
	}
}

// mayHaveMore reports whether the text has the mark of a comment, other than
// <!--more--> for the front page.
func (r *remover) mayHaveMore() bool {
	const more = "\n<!--more-->\n"
	for i := 0; ; {
		at, _, end := next(r.String, i)
		if at <= 0 || !strings.HasPrefix(r.String[at-1:], more) {
			return at >= 0
		}
		i = end
	}
}

// find finds the comments of the text. If one changes which text is code, it finds
// only the comments up to it, and the next round finds the others.
func (r *remover) find(s *structure) {
	r.tally, r.counted = tally{}, span{}
	open := make([]bool, len(kinds)) // no closing mark for this kind follows
	for i := 0; ; {
		at, k, end := next(r.String, i)
		if at < 0 {
			return
		}
		c := candidate{remover: r, structure: s, kind: k, start: at, markEnd: end}
		if c.isText() {
			i = at + 1
			if k == percentKind && kinds[k].escapes && escaped(r.String, at) {
				i = at + 2 // the backslash is for both signs
			}
			continue
		}
		stop, hidden := c.end(open)
		if !hidden {
			i = end
			continue
		}
		if i = stop; k == htmlKind && within(s.html, at) == within(s.html, stop-1) && within(s.html, at) >= 0 {
			continue
		}
		sign := r.placeholders[oneLineComment]
		if strings.Contains(r.String[at:stop], "\n") {
			sign = r.placeholders[multiLineComment]
		}
		r.found = append(r.found, part{span{at, stop}, sign})
		if strings.ContainsAny(r.String[at:stop], "`~<") && !s.blind {
			return
		}
	}
}

// A candidate is an opening mark that may begin a comment.
type candidate struct {
	*remover
	*structure
	kind           int
	start, markEnd int
}

// isText reports whether the mark is a part of code, or is meant as text.
func (c *candidate) isText() bool {
	k := &kinds[c.kind]
	switch {
	case within(c.code, c.start) >= 0, within(c.elements, c.start) >= 0 && !k.inCode:
		return true
	case c.format == inHTML:
		return k.noHTML
	case k.lineStart && !c.beginsLine():
		return true
	}
	return k.escapes && escaped(c.String, c.start)
}

// end returns the end of the comment. open has for each kind whether no closing mark
// for it follows.
func (c *candidate) end(open []bool) (stop int, hidden bool) {
	k := &kinds[c.kind]
	switch {
	case k.close == "":
		return c.markEnd, true
	case k.nests:
		if stop = c.nestedEnd(); stop >= 0 {
			return stop, true
		}
	case c.kind == percentKind:
		return c.percentEnd(open)
	case !open[c.kind]:
		if stop = c.close(c.markEnd); stop >= 0 && (c.kind != htmlKind || stop <= c.blockEnd()) {
			return stop, true
		}
		open[c.kind] = stop < 0
	}
	if c.kind == htmlKind {
		for _, empty := range []string{"<!-->", "<!--->"} { // https://spec.commonmark.org/0.31.2/#html-comment
			if strings.HasPrefix(c.String[c.start:], empty) {
				return c.start + len(empty), true
			}
		}
	}
	if stop > 0 {
		return stop, true
	}
	return c.unclosed()
}

// close returns the end of the first closing mark at or after i; -1 if there is none.
func (c *candidate) close(i int) int {
	at := matchers()[c.kind].close.FindStringIndex(c.String[i:])
	if at == nil {
		return -1
	}
	return i + at[1]
}

// nestedEnd returns the end of a comment that can have comments in it.
func (c *candidate) nestedEnd() int {
	m := matchers()[c.kind]
	for i, depth := c.markEnd, 1; ; {
		at := m.either.FindStringSubmatchIndex(c.String[i:])
		if at == nil {
			return -1
		}
		if i += at[1]; at[2] >= 0 {
			depth++
		} else if depth--; depth == 0 {
			return i
		}
	}
}

// unclosed returns the end of a comment without a closing mark.
func (c *candidate) unclosed() (stop int, hidden bool) {
	k := &kinds[c.kind]
	what, stop := "the rest of the text", len(c.String)
	switch {
	case k.unclosed == isText:
		return 0, false
	case k.unclosed == toBlock && c.format != inHTML && !c.beginsLine():
		what, stop = "the rest of its paragraph", c.blockEnd()
	}
	if !c.cut {
		c.remark(c.start, "nothing closes the comment that begins with "+preview(c.String[c.start:])+"; "+what+" is not shown")
	}
	return stop, true
}

// blockEnd returns the end of the block of the mark.
func (c *candidate) blockEnd() int {
	if i := within(c.blocks, c.start); i >= 0 {
		return c.blocks[i].stop
	}
	if c.blind {
		return len(c.String)
	}
	if i := strings.IndexByte(c.String[c.start:], '\n'); i >= 0 {
		return c.start + i
	}
	return len(c.String)
}

// beginsLine reports whether only marks of quotations and lists precede the mark on
// its line.
func (c *candidate) beginsLine() bool {
	before := strings.TrimRight(c.String[:c.start], " \t>*+-.)0123456789")
	begins := before == "" || before[len(before)-1] == '\n'
	return begins && beforeBlock().MatchString(c.String[len(before):c.start])
}

var beforeBlock = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t])*$`)
})

// remark adds a remark about a place in the text.
func (r *remover) remark(at int, msg string) {
	if len(r.Remarks) == maxRemarks {
		return
	}
	if at < r.counted.start {
		r.counted = span{}
	}
	r.counted.stop += strings.Count(r.String[r.counted.start:at], "\n")
	r.counted.start = at
	remark := Remark{r.Line(r.counted.stop), msg}
	if !slices.Contains(r.Remarks, remark) {
		r.Remarks = append(r.Remarks, remark)
	}
}

// preview returns the beginning of a comment for a message.
func preview(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if i := strings.IndexByte(s, ' '); i > 0 && i < maxTagPreview {
		return s[:i]
	}
	return strings.ToValidUTF8(s[:min(len(s), maxTagPreview)], "")
}

// replace replaces parts of the text, which are in order.
func (r *remover) replace(parts []part) {
	if r.lines == nil {
		r.lines = make([]int, strings.Count(r.String, "\n")+1)
		for i := range r.lines {
			r.lines[i] = i
		}
	}
	var b strings.Builder
	lines, kept, line := []int{r.lines[0]}, 0, 0
	keep := func(to int) {
		b.WriteString(r.String[kept:to])
		n := strings.Count(r.String[kept:to], "\n")
		lines = append(lines, r.lines[line+1:line+1+n]...)
		line += n
	}
	for _, p := range parts {
		keep(p.start)
		b.WriteString(p.text)
		line += strings.Count(r.String[p.start:p.stop], "\n")
		if kept = p.stop; beginsAt(r.String, p.start) >= 0 {
			lines[len(lines)-1] = r.lines[line]
		}
	}
	keep(len(r.String))
	r.String, r.lines = b.String(), lines
}

// widen extends a comment by the blanks that would change the text around it: at the
// end of a line, and after a comment at the start of one. If a comment of one line is
// the only text on its line, the line is removed. A comment of several lines is
// replaced by an empty line, so that the blocks around it do not become one.
func widen(s string, c span, from int, oneLine bool) span {
	start := beginsAt(s, c.start)
	begins := start >= from
	after := len(s[c.stop:]) - len(strings.TrimLeft(s[c.stop:], " \t"))
	ends := c.stop+after == len(s) || s[c.stop+after] == '\n'
	switch {
	case begins && ends && oneLine && c.stop+after < len(s):
		return span{start, c.stop + after + 1}
	case begins:
		c.stop += after
	case ends:
		c.stop += after
		c.start = from + len(strings.TrimRight(s[from:c.start], " \t"))
	}
	return c
}

// beginsAt returns the start of the line of i if only blanks and marks of quotations
// precede i on it; else -1.
func beginsAt(s string, i int) int {
	start := len(strings.TrimRight(s[:i], " \t>"))
	if start == 0 || s[start-1] == '\n' {
		return start
	}
	return -1
}

// within returns the index of the span that has i in it; -1 if there is none.
func within(spans []span, i int) int {
	n := sort.Search(len(spans), func(n int) bool { return spans[n].stop > i })
	if n < len(spans) && spans[n].start <= i {
		return n
	}
	return -1
}

// escaped reports whether a backslash makes the sign at i text.
func escaped(s string, i int) bool {
	n := 0
	for n < i && s[i-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}
