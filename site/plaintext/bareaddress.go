package plaintext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxHost bounds the host of an address, in bytes. A domain has 253 letters at most.
const maxHost = 512

const (
	sentenceMarks   = "。、，｡､"                                    // end an address anywhere in it
	trailingMarks   = "?!.,:*_~'\"" + "…！？．：；”’“‘»›«‹" + joiners // are not a part of the address at its end
	openingBrackets = "（「『【《〈〔［｛“«"
	closingBrackets = "）」』】》〉〕］｝”»"
	joiners         = "\u200C\u200D" // the only invisible characters in addresses: Persian words and emoji have them
)

// BareAddress returns the length of the web address at the beginning of a text, as
// people write it without any mark; 0 if the text does not begin with one. Such
// addresses are links: see [Autolinks]. An address has letters of every script. It
// ends before a space, a "<" or the marks that end a sentence.
//
// In scripts without spaces text can follow an address directly. So an address also
// ends:
//   - before an ideographic comma or full stop
//   - before a closing bracket or quote of such a script without an opening one in it
//   - before a closing bracket or quote of ASCII that a letter of such a script follows
//   - after a top-level domain in Latin letters that other letters follow
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

// addressPrefix returns the length of the scheme or the "www." at the beginning of a
// text; 0 if the text begins with neither.
func addressPrefix(s string) int {
	for _, prefix := range []string{"https://", "http://", "ftp://", "www."} {
		if len(s) > len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
			return len(prefix)
		}
	}
	return 0
}

// hostEnd returns the end of the host that begins at i, with its port; 0 if it is not
// a domain of at least this number of labels.
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

// topLevel returns the length of the top-level domain in the last label of a domain:
// it ends before a hyphen, and where another script follows Latin letters.
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

// pathEnd returns the end of an address whose path, query or fragment begins at i.
func pathEnd(s string, i int) int {
	end := i
	var depth map[rune]int // number of open brackets, by the closing one; nil before the first
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

// endsPath reports whether r ends every path.
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

// letterFollows reports whether a text begins with a letter outside of ASCII.
func letterFollows(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r >= utf8.RuneSelf && unicode.IsLetter(r)
}

// closingOf returns the bracket that closes an opening one. ok is false if r is not an
// opening bracket.
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
// and without closing brackets at its end that have no opening one in it.
func trimPath(s string) int {
	var more ['}' + 1]int // closing brackets minus opening ones
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

// runeIndex returns the index of a rune in a list, -1 if the list does not have it.
func runeIndex(list string, r rune) int {
	if r < utf8.RuneSelf {
		return -1
	}
	if at := strings.IndexRune(list, r); at >= 0 {
		return utf8.RuneCountInString(list[:at])
	}
	return -1
}

// AddressAround returns the bare address whose scheme or "www." ends with the byte at i
// of s, a ":" or a ".". ok is false if there is none. It finds addresses without a
// space before them; after a letter or digit of ASCII there is no address.
func AddressAround(s string, i int) (start, end int, ok bool) {
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
