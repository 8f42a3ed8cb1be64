package comment

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// percentEnd returns the end of a comment of Obsidian. Its mark is also one percent
// sign, as in printf("100%%"). So:
//
//   - The text from one mark to the next in the same block is a comment. A mark that
//     looks like a percent sign is text if the next one looks like the beginning of a
//     comment, or if the block has an odd number of marks.
//   - A mark that begins a line begins a comment that ends with the next mark in
//     the text, or with the text.
//   - A mark after a digit and without a word after it is a percent sign, and so is a
//     mark in quotes without other text.
//   - Any other mark begins a comment that ends with the next mark in the text, or with
//     its block.
//
// There is a remark about each case that may be meant in another way.
func (c *candidate) percentEnd(open []bool) (stop int, hidden bool) {
	first := c.close(c.markEnd)
	blockEnd := c.blockEnd()
	switch {
	case first >= 0 && first <= blockEnd:
		sign := c.isPercentSign()
		if c.isQuoted() || sign && c.isNoPair(first, blockEnd) {
			return c.sign()
		}
		if sign || c.isOperator(first) {
			c.remark(c.start, `the text between %% and %% is a comment and is not shown; write \%% for percent signs`)
		}
		return first, true
	case c.cut && blockEnd == len(c.String):
		return blockEnd, true
	case !c.beginsLine() && c.isPercentSign():
		return c.sign()
	}
	if !open[percentKind] {
		for stop = first; stop >= 0; stop = c.close(stop) {
			if within(c.code, stop-1) < 0 || c.hasOwnLine(c.start) && c.hasOwnLine(stop-len("%%")) {
				return c.crossing(stop), true
			}
		}
		open[percentKind] = true
	}
	if first >= 0 && c.beginsLine() { // the fence of the code may be a part of the comment
		return c.crossing(first), true
	}
	return c.unclosed()
}

// isNoPair reports whether a mark that looks like a percent sign does not begin the
// comment that the next mark would end.
func (c *candidate) isNoPair(stop, blockEnd int) bool {
	return within(c.code, stop-1) >= 0 || c.opens(stop-len("%%")) || c.tally.left(c.String, c.start, blockEnd)%2 == 1
}

// hasOwnLine reports whether the mark at i is the only text on its line. Then it ends
// a block, also if the fence of code in the comment is open.
func (c *candidate) hasOwnLine(i int) bool {
	after := strings.TrimLeft(c.String[i+len("%%"):], " \t")
	return beginsAt(c.String, i) >= 0 && (after == "" || after[0] == '\n')
}

// sign records that the mark is a percent sign.
func (c *candidate) sign() (stop int, hidden bool) {
	c.found = append(c.found, part{span{c.start, c.markEnd}, c.placeholders[percentSigns]})
	return 0, false
}

// opens reports whether the mark at i has a blank before it and none after it.
func (c *candidate) opens(i int) bool {
	before, _ := utf8.DecodeLastRuneInString(c.String[:i])
	after, _ := utf8.DecodeRuneInString(c.String[i+len("%%"):])
	return unicode.IsSpace(before) && !unicode.IsSpace(after) && i+len("%%") < len(c.String)
}

// A tally counts the remaining marks of a block.
type tally struct{ stop, at, n int }

// left returns the number of marks from at to the end of a block. The calls for all
// marks of a block take no longer than to count them once.
func (t *tally) left(s string, at, stop int) int {
	if t.stop != stop || at < t.at {
		*t = tally{stop, at, strings.Count(s[at:stop], "%%")}
	}
	t.n -= strings.Count(s[t.at:at], "%%")
	t.at = at
	return t.n
}

// crossing adds a remark about a comment that does not begin a line and ends in
// another block.
func (c *candidate) crossing(stop int) int {
	if !c.beginsLine() {
		c.remark(c.start, `the text from %% to the next %% is a comment and is not shown; write \%% for percent signs`)
	}
	return stop
}

// beforePercent matches the text before a mark that is a percent sign: a digit or a
// verb of printf.
var beforePercent = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:\d|%[-+ #0-9.*]{0,9}[a-zA-Z])$`)
})

// quotes are the opening quotes and brackets, each with its closing one.
var quotes = map[rune]rune{'"': '"', '\'': '\'', '“': '”', '„': '“', '‘': '’', '‚': '‘', '«': '»', '»': '«', '(': ')', '[': ']', '{': '}'}

// isPercentSign reports whether a mark looks like a percent sign that is written
// twice.
func (c *candidate) isPercentSign() bool {
	before, after := c.around()
	if before == "" || unicode.IsLetter(after) || unicode.IsDigit(after) {
		return false
	}
	return beforePercent().MatchString(before) || c.isQuoted()
}

// isQuoted reports whether the mark has quotes or brackets on both sides.
func (c *candidate) isQuoted() bool {
	before, after := c.around()
	last, _ := utf8.DecodeLastRuneInString(before)
	closing, ok := quotes[last]
	return ok && (after == closing || after == '\\')
}

// isOperator reports whether the mark, or the mark that ends at stop, is between two
// numbers, as the remainder operator of R: 5 %% 3.
func (c *candidate) isOperator(stop int) bool {
	number := func(s string, at int) bool {
		s = strings.TrimLeft(s[at:], " ")
		return s != "" && '0' <= s[0] && s[0] <= '9'
	}
	before, _ := c.around()
	before = strings.TrimRight(before, " ")
	return before != "" && number(before, len(before)-1) && (number(c.String, c.markEnd) || number(c.String, stop))
}

// around returns the text on the line shortly before the mark, and the rune after it.
func (c *candidate) around() (before string, after rune) {
	before = c.String[max(0, c.start-16):c.start]
	after, _ = utf8.DecodeRuneInString(c.String[c.markEnd:])
	return before[strings.LastIndexByte(before, '\n')+1:], after
}
