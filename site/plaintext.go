package site

import (
	"html"
	"regexp"
	"strings"
)

var autoLink = regexp.MustCompile(`<(https?://[^>\s]+)>`)

// plainMarkdown is Markdown without its marks. Regular expressions would take
// longer over a note than all of its rendering does: what they would say is
// written out.
func plainMarkdown(s string) string {
	s = unmarkLines(s)
	s = unlink(s, "![")
	s = unlink(s, "[")
	s = dropReferences(s)
	if strings.Contains(s, "<http") {
		s = autoLink.ReplaceAllString(s, "$1")
	}
	return html.UnescapeString(unmark(s))
}

const space = "\t\n\f\r "

// unmarkLines takes away what marks a line as a heading, a quote or an item, and
// the whole of a line that is a fence, a rule or the definition of a reference.
func unmarkLines(s string) string {
	var b strings.Builder
	done := 0
	for i := 0; i < len(s); {
		end := i + markAt(s[i:])
		if end > i {
			b.WriteString(s[done:i])
			done, i = end, end
			if s[end-1] == '\n' {
				continue
			}
		}
		next := strings.IndexByte(s[i:], '\n')
		if next < 0 {
			break
		}
		i += next + 1
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// markAt is the length of the marks at the beginning of a line; 0: there is none.
func markAt(s string) int {
	if n := blockMarks(s); n > 0 {
		return n
	}
	start := skipSpace(s, 0)
	line := s[start:]
	switch {
	case strings.HasPrefix(line, "```"), strings.HasPrefix(line, "~~~"):
		return start + lineEnd(line)
	case strings.HasPrefix(line, "["):
		shut := strings.IndexByte(line, ']')
		if shut > 1 && strings.HasPrefix(line[shut+1:], ":") {
			return start + shut + lineEnd(line[shut:])
		}
	case line != "" && isRule(line[0]):
		return rule(s, start)
	}
	return 0
}

// blockMarks is the length of the marks of headings, quotes and items, of which
// one may stand within the other, with the white space behind them.
func blockMarks(s string) (end int) {
	for {
		i := end
		for i < len(s) && i < end+3 && isSpace(s[i]) {
			i++
		}
		if i == len(s) {
			return end
		}
		switch c := s[i]; {
		case c == '>':
			if i++; i < len(s) && isSpace(s[i]) {
				i++
			}
			end = i
			continue
		case c == '#':
			for n := 0; n < 6 && i < len(s) && s[i] == '#'; n++ {
				i++
			}
		case c == '-', c == '*', c == '+':
			i++
		case '0' <= c && c <= '9':
			for n := 0; n < 9 && i < len(s) && '0' <= s[i] && s[i] <= '9'; n++ {
				i++
			}
			if i == len(s) || s[i] != '.' && s[i] != ')' {
				return end
			}
			i++
		default:
			return end
		}
		after := skipSpace(s, i)
		if after == i {
			return end
		}
		end = after
		if s[i-1] == '-' || s[i-1] == '*' || s[i-1] == '+' {
			end = skipBox(s, end)
		}
	}
}

// skipBox skips the box of a task, "[ ] " or "[x] ".
func skipBox(s string, i int) int {
	if len(s) < i+4 || s[i] != '[' || s[i+2] != ']' || !strings.Contains(" xX", s[i+1:i+2]) {
		return i
	}
	if end := skipSpace(s, i+3); end > i+3 {
		return end
	}
	return i
}

// rule is where a line ends that is a rule, "---" or "* * *", which begins at
// start; several may follow each other. It is 0 if it is none.
func rule(s string, start int) int {
	end := start
	for end < len(s) && (isRule(s[end]) || isSpace(s[end])) {
		end++
	}
	if end < len(s) { // something follows: what is before its line may be rules
		end = start + max(strings.LastIndexByte(s[start:end], '\n'), 0)
	}
	marks := 0
	for i := start; i < end; i++ {
		if isRule(s[i]) {
			marks++
		}
	}
	if marks < 3 {
		return 0
	}
	return end
}

func isRule(c byte) bool { return c == '-' || c == '*' || c == '_' }

func isSpace(c byte) bool { return strings.IndexByte(space, c) >= 0 }

func skipSpace(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

func lineEnd(s string) int {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		return n
	}
	return len(s)
}

// unlink leaves the text of links that begin with open, "[" or "![": what is
// within the first brackets of "[text](address)" and "[text][reference]".
func unlink(s, open string) string {
	if !strings.Contains(s, "](") && !strings.Contains(s, "][") {
		return s
	}
	var b strings.Builder
	done, i := 0, 0
	for {
		at := strings.Index(s[i:], open)
		if at < 0 {
			break
		}
		at += i
		text, end := linkAt(s, at+len(open))
		if end < 0 || open == "[" && (text == "" || text[0] == '^') {
			i = at + 1
			continue
		}
		b.WriteString(s[done:at])
		b.WriteString(text)
		done, i = end, end
	}
	b.WriteString(s[done:])
	return b.String()
}

// linkAt reads a link behind its opening bracket: its text and where it ends;
// -1 if it is none.
func linkAt(s string, start int) (text string, end int) {
	n := strings.IndexByte(s[start:], ']')
	if n < 0 || start+n+1 == len(s) {
		return "", -1
	}
	text, rest := s[start:start+n], start+n+1
	shut := byte(')')
	switch s[rest] {
	case '(':
	case '[':
		shut = ']'
	default:
		return "", -1
	}
	n = strings.IndexByte(s[rest+1:], shut)
	if n < 0 {
		return "", -1
	}
	return text, rest + 1 + n + 1
}

// dropReferences takes footnote references away: "[^1]".
func dropReferences(s string) string {
	var b strings.Builder
	done, i := 0, 0
	for {
		at := strings.Index(s[i:], "[^")
		if at < 0 {
			break
		}
		at += i
		n := strings.IndexByte(s[at+2:], ']')
		if n < 0 {
			break
		}
		if n == 0 {
			i = at + 1
			continue
		}
		b.WriteString(s[done:at])
		done = at + 2 + n + 1
		i = done
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// unmark takes away what makes text loud, struck out or code, and the
// backslashes before marks that are meant as they are.
func unmark(s string) string {
	if !strings.ContainsAny(s, "\\*_~`") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		next := byte(0)
		if i+1 < len(s) {
			next = s[i+1]
		}
		switch c := s[i]; {
		case c == '\\' && isPunctuation(next):
			b = append(b, next)
			i++
		case c == '*', c == '`':
		case c == '~' && next == '~':
			i++
		case c == '_' && next == '_': // two or three at once
			i++
			if i+1 < len(s) && s[i+1] == '_' {
				i++
			}
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

func isPunctuation(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}
