package site

import (
	"html"
	"regexp"
	"strings"
)

var (
	markdownMarks = regexp.MustCompile("(?m)^(?:\\s{0,3}(?:#{1,6}\\s+|>\\s?|[-*+]\\s+(?:\\[[ xX]\\]\\s+)?|\\d{1,9}[.)]\\s+))+|^\\s*(?:```|~~~).*$|^\\s*\\[\\^?[^\\]]+\\]:.*$|^\\s*(?:[-*_]\\s*){3,}$")
	autoLink      = regexp.MustCompile(`<(https?://[^>\s]+)>`)
)

// plainMarkdown is Markdown without its marks. A regular expression would take
// longer over a note than all of its rendering does, so that most of this is
// written out, and the one for marks at the beginnings of lines is asked only
// where such a line may be.
func plainMarkdown(s string) string {
	if hasMarkedLine(s) {
		s = markdownMarks.ReplaceAllString(s, "")
	}
	s = unlink(s, "![")
	s = unlink(s, "[")
	s = dropReferences(s)
	if strings.Contains(s, "<http") {
		s = autoLink.ReplaceAllString(s, "$1")
	}
	return html.UnescapeString(unmark(s))
}

const space = "\t\n\f\r "

// hasMarkedLine says whether a line may begin with a mark: true too often,
// never too seldom.
func hasMarkedLine(s string) bool {
	for line := s; line != ""; _, line, _ = strings.Cut(line, "\n") {
		line = strings.TrimLeft(line, space)
		if mayBeMarked(line) {
			return true
		}
	}
	return false
}

func mayBeMarked(line string) bool {
	if line == "" {
		return false
	}
	next := byte('\n')
	if len(line) > 1 {
		next = line[1]
	}
	switch c := line[0]; {
	case c == '#', c == '>', c == '[':
		return true
	case c == '-', c == '*', c == '+', c == '_':
		return strings.IndexByte(space+"-*_", next) >= 0
	case c == '`', c == '~':
		return next == c
	case '0' <= c && c <= '9':
		after := strings.TrimLeft(line, "0123456789")
		return after != "" && (after[0] == '.' || after[0] == ')')
	}
	return false
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
