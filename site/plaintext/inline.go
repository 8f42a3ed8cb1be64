package plaintext

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An inlineReader reads the text of one block, without its marks. It first copies
// marks that may be literal. If such a mark has a meaning, a zero byte overwrites it;
// at the end all zero bytes are removed. See [Inlines].
//
// [Inlines]: https://spec.commonmark.org/0.31.2/#inlines
type inlineReader struct {
	out      []byte
	runs     []run
	brackets []bracket
	spent    int   // the number of first brackets that cannot open a link, since a link is in them
	trial    []run // a copy of runs, to try
}

// A run is one of "*", "_" or "~" that may begin or end emphasis.
type run struct {
	at, length    int // its place and its length in out
	left          int // its length without the marks that were used
	c             byte
	opens, closes bool
}

// A bracket may open a link or, after "!", an image.
type bracket struct {
	at, length int // its place and its length in out, with "!"
	runs       int // the number of runs before it
}

// inlineMarks has the first bytes of marks.
var inlineMarks = [256]bool{
	'\\': true, '`': true, '*': true, '_': true, '~': true, '[': true, ']': true, '!': true, '<': true, '&': true, ':': true, '.': true,
}

// nextMark returns the index of the first mark of s at or after i, or the length of s.
func nextMark(s string, i int) int {
	for i < len(s) && !inlineMarks[s[i]] {
		i++
	}
	return i
}

// add adds the text of a block to out, without marks. It may stop when it has more
// than enough runes which no later mark can change. It uses the memory of the block
// before again.
func (r *inlineReader) add(out []byte, s string, enough int) []byte {
	if nextMark(s, 0) == len(s) {
		return append(out, s...)
	}
	r.out, r.runs, r.brackets, r.spent = out, r.runs[:0], r.brackets[:0], 0
	start := len(out)
	look := saturated(start, enough)
	for i := 0; i < len(s); {
		next := nextMark(s, i)
		r.out = append(r.out, s[i:next]...)
		if i = next; i == len(s) {
			break
		}
		i += r.mark(s, i)
		if len(r.out) <= look {
			continue
		}
		look = saturated(len(r.out), enough)
		if r.fix() && countRunes(r.out[start:]) > enough {
			break
		}
	}
	r.emphasize(0)
	if bytes.IndexByte(r.out[start:], 0) < 0 {
		return r.out
	}
	return append(r.out[:start], slices.DeleteFunc(r.out[start:], func(c byte) bool { return c == 0 })...)
}

// saturated returns a+b for numbers that are not negative, or the largest number.
func saturated(a, b int) int {
	if b > math.MaxInt-a {
		return math.MaxInt
	}
	return a + b
}

// countRunes returns the number of runes of a text on one line, without overwritten
// marks.
func countRunes(text []byte) (count int) {
	between := false
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if ' ' < r && r < utf8.RuneSelf && !between { // nearly all runes
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

// fix removes the marks of emphasis so far, if no later mark can change them. It
// reports whether it did so.
func (r *inlineReader) fix() bool {
	if len(r.brackets) > 0 {
		return false
	}
	r.trial = append(r.trial[:0], r.runs...)
	if leavesOpen(r.trial, nil) {
		return false
	}
	r.emphasize(0)
	return true
}

// mark reads the mark at i with the text that belongs to it, adds their text, and
// returns their length.
func (r *inlineReader) mark(s string, i int) int {
	text, n := s[i:i+1], 1
	switch c := s[i]; c {
	case '\\':
		switch next := byteAt(s, i+1); {
		case next == '\n':
			text = "" // a hard line break
		case isPunctuation(next):
			text, n = s[i+1:i+2], 2
		}
	case '`':
		text, n = codeSpan(s[i:])
	case '*', '_', '~':
		n = r.addRun(s, i)
		text = s[i : i+n]
	case '!':
		if link, length := wikiText(s[i:]); length > 0 {
			text, n = link, length
		} else if byteAt(s, i+1) == '[' {
			text, n = "![", 2
			r.brackets = append(r.brackets, bracket{len(r.out), n, len(r.runs)})
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
		r.brackets = append(r.brackets, bracket{len(r.out), n, len(r.runs)})
	case ']':
		if n = r.closeLink(s[i+1:]); n > 0 {
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
		if _, end, ok := AddressAround(s, i); ok && len(r.brackets) == 0 {
			text, n = s[i:end], end-i
		}
	}
	r.out = append(r.out, text...)
	return n
}

// codeSpan returns the text of the code span at the beginning of s, and its length.
// If the span has no end, it returns the backticks.
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

// footnote returns the length of the reference to a footnote, "[^1]", at the
// beginning of s; 0 if there is none.
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

// wikiText returns the text that a reader sees of the wikilink at the beginning of s,
// and its length. Double brackets before an address are a link of Markdown.
func wikiText(s string) (text string, length int) {
	link, length := ReadWikiLink(s)
	if length == 0 || linkTarget(s[length:]) > 0 && !strings.HasPrefix(s[length:], "[[") {
		return "", 0
	}
	return link.Shown(), length
}

// addRun records a run of marks that may be emphasis. The runes before and after it
// decide what it can do: https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run
func (r *inlineReader) addRun(s string, i int) (length int) {
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
	found := run{at: len(r.out), length: end - i, left: end - i, c: s[i], opens: left, closes: right}
	switch {
	case found.c == '_':
		found.opens, found.closes = left && (!right || isMark(before)), right && (!left || isMark(after))
	case found.c == '~' && (found.length > 2 || before == '~'): // GitHub Flavored Markdown §6.5
		return found.length
	}
	r.runs = append(r.runs, found)
	return found.length
}

// isMark reports whether r is what CommonMark calls Unicode punctuation.
func isMark(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

// emphasize removes the marks of emphasis and strikethrough from the runs at and
// after first: https://spec.commonmark.org/0.31.2/#process-emphasis
func (r *inlineReader) emphasize(first int) {
	leavesOpen(r.runs[first:], r.out)
	r.runs = r.runs[:first]
}

// leavesOpen pairs runs, and overwrites the used ones in out, which may be nil. It
// reports whether any run could still begin emphasis.
func leavesOpen(runs []run, out []byte) bool {
	if len(runs) < 2 {
		return len(runs) == 1 && runs[0].opens
	}
	var open []int              // runs that may still begin emphasis
	var bottom [128][2][3]int32 // a closer of this kind has no opener before this run
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

// pairs reports whether r can begin the emphasis that closer ends.
func (r *run) pairs(closer *run) bool {
	if r.c != closer.c {
		return false
	}
	either := r.closes || closer.opens
	return !either || (r.length+closer.length)%3 != 0 || closer.length%3 == 0
}

// use removes n marks of a run, also in out unless that is nil.
func (r *run) use(n int, out []byte) {
	for range n {
		r.left--
		if out != nil {
			out[r.at+r.left] = 0
		}
	}
}

// closeLink ends a link at a closing bracket, which rest follows. It returns the
// length of the link's address in rest; 0 if this is not a link.
func (r *inlineReader) closeLink(rest string) (length int) {
	last := len(r.brackets) - 1
	if last < 0 {
		return 0
	}
	b := r.brackets[last]
	r.brackets = r.brackets[:last]
	isLink := b.length == 1
	if !isLink || last >= r.spent {
		length = linkTarget(rest)
	}
	r.spent = min(r.spent, last)
	if length == 0 {
		return 0
	}
	r.emphasize(b.runs)
	for i := range b.length {
		r.out[b.at+i] = 0
	}
	if isLink {
		r.spent = last
	}
	return length
}

// linkTarget returns the length of "(address)" or "[reference]" at the beginning of
// s, which follows the text of a link; 0 if there is neither:
// https://spec.commonmark.org/0.31.2/#links
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

// maxParentheses bounds the nesting of parentheses in an address. The specification
// allows such a limit.
const maxParentheses = 32

// linkDestination returns the end of the address that begins at i, -1 if it has none.
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

// linkTitle returns the end of the title that begins at i, -1 if it has none, and i if
// no title begins there.
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
