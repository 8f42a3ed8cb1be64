package site

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSimpleLines bounds the lines of front matter that simpleFields reads. Longer
// front matter is usually written by a program.
const maxSimpleLines = 100

// simpleFields reads front matter as people and most programs write it: in each line
// one key and a word, a date, a quoted text or a short list of words. It returns
// false for anything else, which a YAML parser then reads. The parser would return
// the same fields. The reason is speed: for three such lines, the parser needs a
// third of the time that goldmark needs for the note below them, and a build reads
// them twice.
func simpleFields(front string) (fields []Field, ok bool) {
	for line := range strings.Lines(front) {
		line, ended := strings.CutSuffix(line, "\n")
		key, rest, found := strings.Cut(line, ": ")
		if !ended || !found || !isSimpleKey(key) || len(fields) == maxSimpleLines {
			return nil, false
		}
		value, ok := simpleValue(strings.Trim(rest, " "))
		if !ok {
			return nil, false
		}
		fields = append(fields, Field{key, value, len(fields) + 2}) // the fence is line 1
	}
	return fields, true
}

func isSimpleKey(key string) bool {
	if key == "" || len(key) > 64 || !isASCIILetter(key[0]) {
		return false
	}
	for i := range len(key) {
		if c := key[i]; !isASCIILetter(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func simpleValue(s string) (any, bool) {
	switch {
	case s == "":
		return nil, false
	case s == "true", s == "false":
		return s == "true", true
	case s[0] == '"', s[0] == '\'':
		return simpleQuoted(s)
	case s[0] == '[':
		return simpleList(s)
	case isSimpleDate(s):
		return s, true
	}
	return s, isSimpleText(s, "-._/,+()!?'=;:")
}

// simpleQuoted reads text in quotes that has neither escapes nor quotes.
func simpleQuoted(s string) (any, bool) {
	quote := s[:1]
	if len(s) < 2 || !strings.HasSuffix(s, quote) {
		return nil, false
	}
	s = s[1 : len(s)-1]
	for _, r := range s {
		if r == '\\' || r == '"' || r == '\'' || r < ' ' || r == 0x7f || r >= utf8.RuneSelf && !isPlainRune(r) {
			return nil, false
		}
	}
	return s, true
}

func simpleList(s string) (any, bool) {
	if !strings.HasSuffix(s, "]") {
		return nil, false
	}
	var list []any
	for item := range strings.SplitSeq(s[1:len(s)-1], ",") {
		item = strings.Trim(item, " ")
		if !isSimpleText(item, "-._/") {
			return nil, false
		}
		list = append(list, item)
	}
	return list, true
}

// isSimpleDate reports whether s begins with a day, and continues only with
// characters of dates. No number has this form.
func isSimpleDate(s string) bool {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		digit := '0' <= c && c <= '9'
		if i < 10 && i != 4 && i != 7 && !digit || i >= 10 && !digit && strings.IndexByte("TZ:+-.", c) < 0 {
			return false
		}
	}
	return s[len(s)-1] != ':'
}

// isSimpleText reports whether s, without quotes, is text in YAML, too: it begins
// with a letter, is not a word with a meaning, and has only letters, digits, spaces
// and the given marks.
func isSimpleText(s, marks string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(first) || isMeaningful(s) {
		return false
	}
	for i, r := range s {
		switch {
		case r == ':':
			if i+1 == len(s) || s[i+1] == ' ' || !strings.ContainsRune(marks, ':') {
				return false
			}
		case r == ' ', r < utf8.RuneSelf && isASCIILetter(byte(r)), '0' <= r && r <= '9':
		case r < utf8.RuneSelf:
			if !strings.ContainsRune(marks, r) {
				return false
			}
		case !isPlainRune(r):
			return false
		}
	}
	return true
}

// isMeaningful reports whether any version of YAML may read a word as something other
// than text.
func isMeaningful(s string) bool {
	if len(s) > 5 {
		return false
	}
	switch strings.ToLower(s) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return true
	}
	return false
}

// isPlainRune reports whether r is a letter or a digit. YAML has special rules for
// spaces, line ends and control characters beyond ASCII.
func isPlainRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func isASCIILetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
