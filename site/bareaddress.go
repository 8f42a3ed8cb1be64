package site

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxHost bounds the host of an address, in bytes. A domain has 253 letters at most.
const maxHost = 512

const (
	sentenceMarks   = "。、，｡､"                                    // end an address anywhere
	trailingMarks   = "?!.,:*_~'\"" + "…！？．：；”’“‘»›«‹" + joiners // are not the end of an address
	openingBrackets = "（「『【《〈〔［｛“«"
	closingBrackets = "）」』】》〉〕］｝”»"
	joiners         = "\u200C\u200D" // the only invisible signs in addresses: Persian words and emoji have them
)

// BareAddress returns the length of the web address that a text begins with, as
// people write it without any mark; 0: it begins with none. Such addresses are
// links: see [Autolinks]. They go on over letters of every script, up to a space or
// a "<", but not over what ends a sentence there.
//
// In scripts without spaces the text goes on right after an address. So it ends
// before an ideographic comma or full stop, before a bracket or quote of such a
// script that closes none of its own, before one of ASCII that such a letter
// follows, and after a top-level domain in Latin letters that others follow.
//
// [Autolinks]: https://github.github.com/gfm/#autolinks-extension-
func BareAddress(s string) int {
	host, labels := addressPrefix(s), 2
	if host == 0 {
		return 0
	}
	if host == len("www.") {
		host, labels = 0, 3
	}
	end := hostEnd(s, host, labels)
	if end > 0 && end < len(s) && strings.IndexByte("/?#", s[end]) >= 0 {
		end = pathEnd(s, end)
	}
	return end
}

// addressPrefix returns the length of what every bare address begins with: a scheme,
// or "www."; 0: the text begins with neither.
func addressPrefix(s string) int {
	for _, prefix := range []string{"https://", "http://", "ftp://", "www."} {
		if len(s) > len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
			return len(prefix)
		}
	}
	return 0
}

// hostEnd returns where the host that begins at i ends, with its port; 0: it is no
// domain of so many labels.
func hostEnd(s string, i, labels int) int {
	window := s[i:min(len(s), i+maxHost)]
	if at := strings.IndexFunc(window, func(r rune) bool { return !isUserinfo(r) }); at > 0 && window[at] == '@' {
		i, window = i+at+1, window[at+1:]
	}
	run := strings.IndexFunc(window, func(r rune) bool { return r != '.' && !isHostRune(r) })
	if run < 0 {
		if run = len(window); run == maxHost {
			return 0
		}
	}
	domain := window[:run]
	if at := strings.Index(domain, ".."); at >= 0 {
		domain = domain[:at]
	}
	domain = strings.TrimRight(domain, ".")
	dot := strings.LastIndexByte(domain, '.')
	domain = domain[:dot+1+topLevel(domain[dot+1:])]
	if strings.Count(domain, ".") < labels-1 || dot <= 0 || dot == len(domain)-1 || domain[0] == '.' {
		return 0
	}
	if second := strings.LastIndexByte(domain[:dot], '.'); strings.Contains(domain[second+1:], "_") {
		return 0
	}
	end := i + len(domain)
	if end < len(s) && s[end] == ':' {
		port := s[end+1 : min(len(s), end+len(":65535"))]
		if digits := len(port) - len(strings.TrimLeft(port, "0123456789")); digits > 0 {
			end += len(":") + digits
		}
	}
	return end
}

// topLevel returns how much of the last label of a domain is a top-level domain: up
// to a hyphen, and up to where another script follows Latin letters.
func topLevel(label string) int {
	if strings.HasPrefix(label, "xn--") {
		return len(label)
	}
	for i, r := range label {
		if r == '-' || r == '_' && i > 0 || i >= len("jp") && isOtherScript(r) && !strings.ContainsFunc(label[:i], isOtherScript) {
			return i
		}
	}
	return len(label)
}

// isOtherScript reports whether r is a letter of a script other than Latin.
func isOtherScript(r rune) bool {
	return r >= utf8.RuneSelf && unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r)
}

func isHostRune(r rune) bool {
	return r == '-' || r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

func isUserinfo(r rune) bool {
	return r < utf8.RuneSelf && (isASCIILetter(byte(r)) || r >= '0' && r <= '9' || strings.ContainsRune("-._~%+=:", r))
}

// pathEnd returns where an address ends whose path, query or fragment begins at i.
func pathEnd(s string, i int) int {
	end := i
	var depth map[rune]int // open brackets, by the one that closes them; nil: none yet
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		if endsPath(r) || r == '"' && letterFollows(s[end+size:]) {
			break
		}
		if closing, ok := closingOf(r); ok {
			if depth == nil {
				depth = map[rune]int{}
			}
			depth[closing]++
		} else if isClosing(r) {
			if depth == nil {
				depth = map[rune]int{}
			}
			if depth[r]--; depth[r] < 0 && (r >= utf8.RuneSelf || letterFollows(s[end+size:])) {
				break
			}
		}
		end += size
	}
	return i + trimPath(s[i:end])
}

// endsPath reports whether no path has the rune in it.
func endsPath(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r <= ' ' || r == '<' || r == '\\' || r == 0x7F
	case r == utf8.RuneError, unicode.IsSpace(r):
		return true
	case unicode.Is(unicode.Cf, r): // invisible, such as a mark of the direction of writing
		return !strings.ContainsRune(joiners, r)
	}
	return strings.ContainsRune(sentenceMarks, r)
}

// letterFollows reports whether a text begins with a letter that is not of ASCII.
func letterFollows(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r >= utf8.RuneSelf && unicode.IsLetter(r)
}

// closingOf returns the bracket that closes an opening one. ok is false if r is none.
func closingOf(r rune) (closing rune, ok bool) {
	switch r {
	case '(':
		return ')', true
	case '[', '{':
		return r + 2, true
	}
	if n := runeIndex(openingBrackets, r); n >= 0 {
		return []rune(closingBrackets)[n], true
	}
	return 0, false
}

func isClosing(r rune) bool {
	return r == ')' || r == ']' || r == '}' || runeIndex(closingBrackets, r) >= 0
}

// trimPath returns the length of a path without the marks of the sentence around it,
// and without brackets at its end that close none of its own.
func trimPath(s string) int {
	var more ['}' + 1]int // closing brackets than opening ones
	for i := range len(s) {
		switch c := s[i]; c {
		case ')', ']', '}':
			more[c]++
		case '(':
			more[')']--
		case '[', '{':
			more[c+2]--
		}
	}
	end := len(s)
	for end > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:end])
		switch {
		case strings.ContainsRune(trailingMarks, r), strings.ContainsRune(openingBrackets, r):
			end -= size
		case r <= '}' && more[r] > 0:
			more[r]--
			end--
		case r == ';':
			entity := strings.LastIndexByte(s[:end], '&')
			if entity < 1 || strings.Trim(s[entity+1:end-1], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" || entity+2 == end {
				return end
			}
			end = entity
		default:
			return end
		}
	}
	return end
}

// runeIndex returns the number of a rune in a list, -1 if it is not there.
func runeIndex(list string, r rune) int {
	if r < utf8.RuneSelf {
		return -1
	}
	if at := strings.IndexRune(list, r); at >= 0 {
		return utf8.RuneCountInString(list[:at])
	}
	return -1
}

// AddressBefore returns where the address begins that goes on with the mark at i of
// s, a ":" or a ".", and its end; ok is false if there is none. Such an address is
// searched for where no blank is before it: after a letter of ASCII it is none.
func AddressBefore(s string, i int) (start, end int, ok bool) {
	for _, begin := range []string{"https:", "http:", "ftp:", "www."} {
		if start = i + 1 - len(begin); s[i] != begin[len(begin)-1] || start < 0 || !strings.EqualFold(s[start:i+1], begin) {
			continue
		}
		if before, _ := utf8.DecodeLastRuneInString(s[:start]); before < utf8.RuneSelf && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
			return 0, 0, false
		}
		if end = BareAddress(s[start:]); end > 0 {
			return start, start + end, true
		}
	}
	return 0, 0, false
}
