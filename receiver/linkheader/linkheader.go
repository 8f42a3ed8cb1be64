package linkheader

import "strings"

// A Link is one link-value of a Link header field (RFC 8288 §3). Params
// holds the first value of each parameter under its lower-case name; further
// values must be ignored (§3.3).
type Link struct {
	Target string // a URI reference, as written
	Params map[string]string
}

// Parse reads field values as in RFC 8288 Appendix B.2, with one
// difference: it skips an invalid link-value up to the next comma instead of
// ending the list.
func Parse(fields []string) []Link {
	var links []Link
	for _, field := range fields {
		for field != "" {
			var link Link
			var ok bool
			if link, ok, field = cutLink(field); ok {
				links = append(links, link)
			}
		}
	}
	return links
}

// cutLink removes one link-value and the comma after it from s.
func cutLink(s string) (link Link, ok bool, rest string) {
	s = trimBlank(s)
	if !strings.HasPrefix(s, "<") {
		return link, false, skipToComma(s)
	}
	target, s, closed := strings.Cut(s[1:], ">")
	if !closed {
		return link, false, ""
	}
	link = Link{Target: strings.Trim(target, blank), Params: map[string]string{}}
	for s = trimBlank(s); strings.HasPrefix(s, ";"); s = trimBlank(s) {
		var name, value string
		name, value, s = cutParam(s[1:])
		if _, again := link.Params[name]; name != "" && !again {
			link.Params[name] = value
		}
	}
	return link, true, skipToComma(s)
}

// cutParam removes one link-param from s: a name, optionally with "=" and a
// token or a quoted-string (RFC 8288 §3, Appendix B.3).
func cutParam(s string) (name, value, rest string) {
	s = trimBlank(s)
	end := strings.IndexAny(s, blank+"=;,")
	if end < 0 {
		return strings.ToLower(s), "", ""
	}
	name, s = strings.ToLower(s[:end]), trimBlank(s[end:])
	if !strings.HasPrefix(s, "=") {
		return name, "", s
	}
	s = trimBlank(s[1:])
	if strings.HasPrefix(s, `"`) {
		value, rest = cutQuoted(s)
		return name, value, rest
	}
	if end = strings.IndexAny(s, ";,"); end < 0 {
		end = len(s)
	}
	return name, strings.TrimRight(s[:end], blank), s[end:]
}

// cutQuoted removes a quoted-string from s, which begins with the quote (RFC
// 9110 §5.6.4). Without a closing quote it extends to the end.
func cutQuoted(s string) (value, rest string) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

// skipToComma returns the text after the first comma of s outside of quotes.
func skipToComma(s string) string {
	for s != "" {
		switch s[0] {
		case ',':
			return s[1:]
		case '"':
			_, s = cutQuoted(s)
		default:
			s = s[1:]
		}
	}
	return ""
}

const blank = " \t" // OWS, RFC 9110 §5.6.3

func trimBlank(s string) string { return strings.TrimLeft(s, blank) }
