package site

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An inlineText is the text of one block on its way from Markdown. A mark that
// is taken away again is overwritten by a zero byte, and all of them leave in
// the end. See [Inlines].
//
// [Inlines]: https://spec.commonmark.org/0.31.2/#inlines
type inlineText struct {
	out      []byte
	runs     []run
	brackets []bracket
	spent    int   // so many brackets from the first open no link, since one is in them
	dry      []run // a copy of runs, to try
}

// A run is one of "*", "_" or "~" that may begin or end emphasis.
type run struct {
	at, length    int // where it stands in the text, and its length there
	left          int // how much of it was not used
	c             byte
	opens, closes bool
}

// A bracket is one that may open a link or, behind "!", an image.
type bracket struct {
	at, length int
	runs       int // how many runs are before it
}

// inlineMarks are the bytes that marks begin with.
var inlineMarks = [256]bool{
	'\\': true, '`': true, '*': true, '_': true, '~': true, '[': true, ']': true, '!': true, '<': true, '&': true, ':': true, '.': true,
}

// nextMark returns the place of the first mark of s from i on, or its end.
func nextMark(s string, i int) int {
	for i < len(s) && !inlineMarks[s[i]] {
		i++
	}
	return i
}

// add adds the text of a block to out, without marks. It may stop when it has more
// than enough runes that nothing after them can change. What was used for the block
// before is used again.
func (t *inlineText) add(out []byte, s string, enough int) []byte {
	if nextMark(s, 0) == len(s) {
		return append(out, s...)
	}
	t.out, t.runs, t.brackets, t.spent = out, t.runs[:0], t.brackets[:0], 0
	start := len(out)
	look := saturated(start, enough)
	for i := 0; i < len(s); {
		next := nextMark(s, i)
		t.out = append(t.out, s[i:next]...)
		if i = next; i == len(s) {
			break
		}
		i += t.mark(s, i)
		if len(t.out) <= look {
			continue
		}
		look = saturated(len(t.out), enough)
		if t.settle() && countRunes(t.out[start:]) > enough {
			break
		}
	}
	t.emphasize(0)
	if bytes.IndexByte(t.out[start:], 0) < 0 {
		return t.out
	}
	return append(t.out[:start], slices.DeleteFunc(t.out[start:], func(c byte) bool { return c == 0 })...)
}

// saturated is a+b for numbers that are not negative, or the largest number.
func saturated(a, b int) int {
	if b > math.MaxInt-a {
		return math.MaxInt
	}
	return a + b
}

// countRunes returns how many runes of a text are shown on one line, without marks
// that were taken away.
func countRunes(text []byte) (count int) {
	between := false
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if ' ' < r && r < utf8.RuneSelf && !between { // as nearly all
			count++
			i++
			continue
		}
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text[i:])
		}
		i += size
		switch {
		case r == 0:
		case unicode.IsSpace(r):
			between = count > 0
		case between:
			count += 2
			between = false
		default:
			count++
		}
	}
	return count
}

// settle takes away the marks so far that are emphasis, if those that come later can
// change none of it. It reports whether that is so.
func (t *inlineText) settle() bool {
	if len(t.brackets) > 0 {
		return false
	}
	t.dry = append(t.dry[:0], t.runs...)
	if leavesOpen(t.dry, nil) {
		return false
	}
	t.emphasize(0)
	return true
}

// mark takes over what begins with the mark at i and returns how long that is.
func (t *inlineText) mark(s string, i int) int {
	text, n := s[i:i+1], 1
	switch c := s[i]; c {
	case '\\':
		switch next := byteAt(s, i+1); {
		case next == '\n':
			text = "" // the line is to end here
		case isPunctuation(next):
			text, n = s[i+1:i+2], 2
		}
	case '`':
		text, n = codeSpan(s[i:])
	case '*', '_', '~':
		n = t.addRun(s, i)
		text = s[i : i+n]
	case '!':
		if link, length := wikiText(s[i:]); length > 0 {
			text, n = link, length
		} else if byteAt(s, i+1) == '[' {
			text, n = "![", 2
			t.brackets = append(t.brackets, bracket{len(t.out), n, len(t.runs)})
		}
	case '[':
		if n = footnote(s[i:]); n > 0 {
			text = ""
			break
		}
		if link, length := wikiText(s[i:]); length > 0 {
			text, n = link, length
			break
		}
		n = 1
		t.brackets = append(t.brackets, bracket{len(t.out), n, len(t.runs)})
	case ']':
		if n = t.closeLink(s[i+1:]); n > 0 {
			return n + 1
		}
		n = 1
	case '<':
		if m := autoLink().FindStringSubmatch(s[i:]); m != nil {
			text, n = m[1], len(m[0])
		} else if m := inlineTag().FindString(s[i:]); m != "" {
			text, n = m, len(m)
		}
	case '&':
		if decoded, length := reference(s[i:]); length > 0 {
			text, n = decoded, length
		}
	case ':', '.':
		if _, end, ok := AddressBefore(s, i); ok && len(t.brackets) == 0 {
			text, n = s[i:end], end-i
		}
	}
	t.out = append(t.out, text...)
	return n
}

// codeSpan is the text of the code that s begins with, else of the backticks.
func codeSpan(s string) (text string, length int) {
	ticks := len(s) - len(strings.TrimLeft(s, "`"))
	for i := ticks; ; {
		next := strings.IndexByte(s[i:], '`')
		if next < 0 {
			return s[:ticks], ticks
		}
		i += next
		n := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		if n == ticks {
			text = s[ticks:i]
			if len(text) > 1 && isSpace(text[0]) && isSpace(text[len(text)-1]) && strings.Trim(text, space) != "" {
				text = text[1 : len(text)-1]
			}
			return text, i + n
		}
		i += n
	}
}

// footnote is the length of a reference to a footnote, "[^1]".
func footnote(s string) int {
	if byteAt(s, 1) != '^' {
		return 0
	}
	end := strings.IndexAny(s[2:], "[]\n")
	if end <= 0 || s[2+end] != ']' {
		return 0
	}
	return 2 + end + 1
}

// wikiText is what a reader sees of the wikilink that s begins with, and its length.
// What an address follows is a link of Markdown.
func wikiText(s string) (text string, length int) {
	link, length := ReadWikiLink(s)
	if length == 0 || linkTarget(s[length:]) > 0 && !strings.HasPrefix(s[length:], "[[") {
		return "", 0
	}
	return link.Shown(), length
}

// addRun notes a run of marks that may be emphasis, by what stands before and
// behind it: https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run
func (t *inlineText) addRun(s string, i int) (length int) {
	end := i + 1
	for end < len(s) && s[end] == s[i] {
		end++
	}
	before, after := ' ', ' '
	if i > 0 {
		before, _ = utf8.DecodeLastRuneInString(s[:i])
	}
	if end < len(s) {
		after, _ = utf8.DecodeRuneInString(s[end:])
	}
	left := !unicode.IsSpace(after) && (!isMark(after) || unicode.IsSpace(before) || isMark(before))
	right := !unicode.IsSpace(before) && (!isMark(before) || unicode.IsSpace(after) || isMark(after))
	r := run{at: len(t.out), length: end - i, left: end - i, c: s[i], opens: left, closes: right}
	switch {
	case r.c == '_':
		r.opens, r.closes = left && (!right || isMark(before)), right && (!left || isMark(after))
	case r.c == '~' && (r.length > 2 || before == '~'): // GitHub Flavored Markdown §6.5
		return r.length
	}
	t.runs = append(t.runs, r)
	return r.length
}

func isMark(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

// emphasize takes away the runs from the given one on that are emphasis or
// strike out: https://spec.commonmark.org/0.31.2/#process-emphasis
func (t *inlineText) emphasize(first int) {
	leavesOpen(t.runs[first:], t.out)
	t.runs = t.runs[:first]
}

// leavesOpen pairs runs and overwrites those that are used in out, which may be
// nil. It reports whether any of them could still begin emphasis.
func leavesOpen(runs []run, out []byte) bool {
	if len(runs) < 2 {
		return len(runs) == 1 && runs[0].opens
	}
	var open []int              // runs that may still begin emphasis
	var bottom [128][2][3]int32 // closers of such a kind find no opener before this run
	for i := range runs {
		closer := &runs[i]
		before := &bottom[closer.c][0][closer.length%3]
		if closer.opens {
			before = &bottom[closer.c][1][closer.length%3]
		}
		for closer.closes && closer.left > 0 {
			n := len(open)
			for n > 0 && open[n-1] >= int(*before) && !runs[open[n-1]].pairs(closer) {
				n--
			}
			if n == 0 || open[n-1] < int(*before) {
				*before = int32(i)
				break
			}
			opener := &runs[open[n-1]]
			used := min(2, opener.left, closer.left)
			opener.use(used, out)
			closer.use(used, out)
			if opener.left == 0 {
				n--
			}
			open = open[:n]
		}
		if closer.opens && closer.left > 0 {
			open = append(open, i)
		}
	}
	return len(open) > 0
}

// pairs says whether a run can begin what the other one ends.
func (r *run) pairs(closer *run) bool {
	if r.c != closer.c {
		return false
	}
	either := r.closes || closer.opens
	return !either || (r.length+closer.length)%3 != 0 || closer.length%3 == 0
}

// use takes n marks of a run away, also in out, if that is not nil.
func (r *run) use(n int, out []byte) {
	for range n {
		r.left--
		if out != nil {
			out[r.at+r.left] = 0
		}
	}
}

// closeLink ends a link at a closing bracket, behind which rest stands, and
// returns the length of its address there; 0: it is no link.
func (t *inlineText) closeLink(rest string) (length int) {
	last := len(t.brackets) - 1
	if last < 0 {
		return 0
	}
	b := t.brackets[last]
	t.brackets = t.brackets[:last]
	isLink := b.length == 1
	if !isLink || last >= t.spent {
		length = linkTarget(rest)
	}
	t.spent = min(t.spent, last)
	if length == 0 {
		return 0
	}
	t.emphasize(b.runs)
	for i := range b.length {
		t.out[b.at+i] = 0
	}
	if isLink {
		t.spent = last
	}
	return length
}

// linkTarget is the length of "(address)" or "[reference]", which may stand
// behind the text of a link: https://spec.commonmark.org/0.31.2/#links
func linkTarget(s string) int {
	if byteAt(s, 0) == '[' {
		end := strings.IndexAny(s[1:], "[]")
		if end < 0 || s[1+end] == '[' || s[1] == '^' {
			return 0
		}
		return 1 + end + 1
	}
	if byteAt(s, 0) != '(' {
		return 0
	}
	i := skipSpace(s, 1)
	i = linkDestination(s, i)
	if i < 0 {
		return 0
	}
	title := skipSpace(s, i)
	if title > i {
		if title = linkTitle(s, title); title < 0 {
			return 0
		}
	}
	if title = skipSpace(s, title); byteAt(s, title) != ')' {
		return 0
	}
	return title + 1
}

// maxParentheses within each other are read in an address: a limit that the
// specification allows.
const maxParentheses = 32

// linkDestination is where the address ends that begins at i; -1: never.
func linkDestination(s string, i int) int {
	angled, depth := byteAt(s, i) == '<', 0
	if angled {
		i++
	}
	for j := i; j < len(s); j++ {
		switch c := s[j]; {
		case c == '\\' && isPunctuation(byteAt(s, j+1)):
			j++
		case angled && c == '>':
			return j + 1
		case c == '\n' && angled, c == '<' && angled:
			return -1
		case angled:
		case c == '(':
			if depth++; depth > maxParentheses {
				return -1
			}
		case c == ')' && depth == 0, isSpace(c):
			return j
		case c == ')':
			depth--
		}
	}
	return -1
}

// linkTitle is where the title ends that begins at i, if one does; -1: never.
func linkTitle(s string, i int) int {
	closing := byteAt(s, i)
	switch closing {
	case '(':
		closing = ')'
	case '"', '\'':
	default:
		return i
	}
	for j := i + 1; j < len(s); j++ {
		switch {
		case s[j] == '\\':
			j++
		case s[j] == closing:
			return j + 1
		case s[j] == '(' && closing == ')':
			return -1
		}
	}
	return -1
}

func skipSpace(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

func isPunctuation(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}
