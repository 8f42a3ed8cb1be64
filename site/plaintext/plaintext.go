package plaintext

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markdown returns the text of Markdown on one line, cut between words after at
// most limit runes and then with an ellipsis. HTML in it is text. It reads only as
// much of the Markdown as it needs.
func Markdown(markdown string, limit int) string {
	return Shorten(oneLine(markdown, limit), limit)
}

// MarkdownWithHTML is [Markdown] for a site on which HTML in Markdown is HTML.
func MarkdownWithHTML(markdown string, limit int) string {
	if !strings.Contains(markdown, "<") {
		return Markdown(markdown, limit)
	}
	// The first paragraphs are usually enough.
	if end := strings.Index(markdown[min(limit, len(markdown)):], "\n\n"); end >= 0 {
		if start := oneLineWithHTML(markdown[:limit+end], limit); utf8.RuneCountInString(start) > limit {
			return Shorten(start, limit)
		}
	}
	return Shorten(oneLineWithHTML(markdown, limit), limit)
}

// HTML returns the text of HTML on one line, at most limit runes as [Markdown] does.
func HTML(html string, limit int) string {
	return Shorten(strings.Join(strings.Fields(htmlText(html, false)), " "), limit)
}

// Title returns the title s without the backticks around code, the only marks that a
// title has.
func Title(s string) string {
	if !strings.Contains(s, "`") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		next := strings.IndexAny(s[i:], "`\\")
		if next < 0 {
			next = len(s) - i
		}
		b.WriteString(s[i : i+next])
		if i += next; i == len(s) {
			break
		}
		text, n := s[i:min(i+2, len(s))], 2 // escaped
		if s[i] == '`' {
			text, n = codeSpan(s[i:])
		}
		b.WriteString(text)
		i += n
	}
	return b.String()
}

// oneLineWithHTML is [oneLine] for Markdown in which HTML is HTML.
func oneLineWithHTML(markdown string, limit int) string {
	if !strings.Contains(markdown, "<") {
		return oneLine(markdown, limit)
	}
	e := excerpt{limit: limit}
	e.add([]byte(renderedText(markdown)))
	return string(e.text)
}

// oneLine returns the text of Markdown on one line, at most limit+1 runes of it. The
// Markdown after these is not read.
func oneLine(markdown string, limit int) string {
	size := min(len(markdown), 2*limit)
	r, e := blockReader{out: make([]byte, 0, size)}, excerpt{limit: limit, text: make([]byte, 0, size)}
	for line := range strings.Lines(markdown) {
		r.enough = limit - e.runes
		r.line(strings.TrimSuffix(line, "\n"))
		if e.add(r.out) {
			return string(e.text)
		}
		r.out = r.out[:0]
	}
	r.enough = limit - e.runes
	r.endParagraph()
	e.add(r.out)
	return string(e.text)
}

// An excerpt holds the words of a text with one space between them, at most limit+1
// runes.
type excerpt struct {
	text  []byte
	runes int
	limit int
}

// add adds the words of more text, which begins with a new word. It reports whether
// there are more than limit runes.
func (e *excerpt) add(text []byte) (full bool) {
	for e.runes <= e.limit {
		text = bytes.TrimLeftFunc(text, unicode.IsSpace)
		if len(text) == 0 {
			break
		}
		if len(e.text) > 0 {
			e.text = append(e.text, ' ')
			e.runes++
		}
		size, runes := firstWord(text, e.limit+1-e.runes)
		e.text = append(e.text, text[:size]...)
		e.runes += runes
		text = text[size:]
	}
	return e.runes > e.limit
}

// firstWord returns the length of the first word of a text in bytes and in runes,
// up to most runes.
func firstWord(text []byte, most int) (size, runes int) {
	for size < len(text) && runes < most {
		if c := text[size]; ' ' < c && c < utf8.RuneSelf {
			size++
		} else {
			r, n := utf8.DecodeRune(text[size:])
			if unicode.IsSpace(r) {
				break
			}
			size += n
		}
		runes++
	}
	return size, runes
}

// Shorten cuts s between words after at most limit runes, and adds an ellipsis where
// it cut.
func Shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	end := 0
	for i := range s {
		if limit == 0 {
			end = i
			break
		}
		limit--
	}
	cut := s[:end]
	if s[end] != ' ' {
		if i := strings.LastIndexByte(cut, ' '); i > 0 {
			cut = cut[:i]
		}
	}
	return strings.TrimRight(cut, " ,;:.-–—") + "…"
}
