package compile

import (
	"html/template"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// The functions that html/template adds to a pipeline to escape its value.
const (
	escapeHTML   = "_html_template_htmlescaper"   // in text
	escapeAttr   = "_html_template_attrescaper"   // in a quoted attribute
	escapeRCDATA = "_html_template_rcdataescaper" // in a title
	filterURL    = "_html_template_urlfilter"
	normalizeURL = "_html_template_urlnormalizer"
)

// write compiles an action that writes a value: a pipeline that ends with what
// html/template added to it.
func (s *scope) write(p *parse.PipeNode) step {
	cmds := p.Cmds
	var added []string
	for len(cmds) > 0 {
		last := cmds[len(cmds)-1]
		name, ok := last.Args[0].(*parse.IdentifierNode)
		if !ok || len(last.Args) > 1 || !strings.HasPrefix(name.Ident, "_html_template_") {
			break
		}
		added = append([]string{name.Ident}, added...)
		cmds = cmds[:len(cmds)-1]
	}
	if len(cmds) == 0 || len(added) == 0 {
		fail("{{%s}} is not escaped as usual", p)
	}
	e := s.commands(cmds)
	switch e.typ {
	case stringType:
		return writeText(e, added)
	case reflect.TypeFor[template.HTML]():
		if len(added) == 1 && added[0] == escapeHTML {
			return writeHTML(e)
		}
	case intType:
		if len(added) == 1 && added[0] != filterURL && added[0] != normalizeURL {
			return writeNumber(e)
		}
	}
	fail("{{%s}}, of type %v", p, e.typ)
	return nil
}

func writeHTML(e expr) step {
	text := e.text()
	return func(f *frame, dot reflect.Value) control {
		f.out = append(f.out, text(f, dot)...)
		return onward
	}
}

// writeNumber writes a number: nothing in it needs to be escaped.
func writeNumber(e expr) step {
	return func(f *frame, dot reflect.Value) control {
		f.out = strconv.AppendInt(f.out, e.value(f, dot).Int(), 10)
		return onward
	}
}

func writeText(e expr, added []string) step {
	text := e.text()
	last := len(added) - 1
	for _, name := range added[:last] {
		inner := text
		switch name {
		case filterURL:
			text = func(f *frame, dot reflect.Value) string { return filteredURL(inner(f, dot)) }
		case normalizeURL:
			text = func(f *frame, dot reflect.Value) string { return normalizedURL(inner(f, dot)) }
		default:
			fail("the function %s", name)
		}
	}
	switch added[last] {
	case escapeHTML, escapeAttr, escapeRCDATA: // they are one for plain text
		if add := e.add; add != nil && last == 0 {
			return func(f *frame, dot reflect.Value) control {
				start := len(f.out)
				add(f, dot)
				if i := slices.IndexFunc(f.out[start:], func(c byte) bool { return escapes[c] != "" }); i >= 0 {
					f.out = appendEscaped(f.out[:start+i], string(f.out[start+i:]))
				}
				return onward
			}
		}
		return func(f *frame, dot reflect.Value) control {
			f.out = appendEscaped(f.out, text(f, dot))
			return onward
		}
	}
	fail("the function %s", added[last])
	return nil
}

// escapes are the replacements of the characters with a meaning in HTML.
var escapes = [256]string{
	0: "\uFFFD", '"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;",
}

// appendEscaped writes plain text so that it is shown as it is in HTML's text, in
// RCDATA and in quoted attributes.
func appendEscaped(out []byte, s string) []byte {
	written := 0
	for i := range len(s) {
		if escaped := escapes[s[i]]; escaped != "" {
			out = append(out, s[written:i]...)
			out = append(out, escaped...)
			written = i + 1
		}
	}
	return append(out, s[written:]...)
}

// filteredURL returns an address that may be linked to, or else one that leads
// nowhere. html/template allows the schemes http, https and mailto.
func filteredURL(s string) string {
	scheme, _, ok := strings.Cut(s, ":")
	if !ok || strings.Contains(scheme, "/") {
		return s
	}
	for _, safe := range []string{"http", "https", "mailto"} {
		if strings.EqualFold(scheme, safe) {
			return s
		}
	}
	return "#ZgotmplZ"
}

// inURLs are the characters that are not encoded in an address, without the percent
// sign.
var inURLs = func() (is [256]bool) {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!#$&*+,/:;=?@[]"
	for i := range len(plain) {
		is[plain[i]] = true
	}
	return is
}()

// normalizedURL percent-encodes the characters that an address cannot have.
func normalizedURL(s string) string {
	const digits = "0123456789abcdef"
	var b []byte
	written := 0
	for i := range len(s) {
		c := s[i]
		if inURLs[c] || c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			continue
		}
		b = append(append(b, s[written:i]...), '%', digits[c>>4], digits[c&15])
		written = i + 1
	}
	if written == 0 {
		return s
	}
	return string(append(b, s[written:]...))
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
