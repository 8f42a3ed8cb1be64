package site

import (
	"html"
	"regexp"
	"strings"
	"testing"
)

// The patterns that plainMarkdown stands for: what they leave of a text, it
// must leave.
var (
	slowMarks = regexp.MustCompile("(?m)^(?:\\s{0,3}(?:#{1,6}\\s+|>\\s?|[-*+]\\s+(?:\\[[ xX]\\]\\s+)?|\\d{1,9}[.)]\\s+))+|^\\s*(?:```|~~~).*$|^\\s*\\[\\^?[^\\]]+\\]:.*$|^\\s*(?:[-*_]\\s*){3,}$")
	slowImage = regexp.MustCompile(`!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])`)
	slowLink  = regexp.MustCompile(`\[([^\]^][^\]]*)\](?:\([^)]*\)|\[[^\]]*\])`)
	slowNote  = regexp.MustCompile(`\[\^[^\]]+\]`)
	slowEmph  = regexp.MustCompile("\\\\[!-/:-@\\[-`{-~]|\\*{1,3}|_{2,3}|~~|`+")
)

func slowPlainMarkdown(s string) string {
	s = slowMarks.ReplaceAllString(s, "")
	s = slowImage.ReplaceAllString(s, "$1")
	s = slowLink.ReplaceAllString(s, "$1")
	s = slowNote.ReplaceAllString(s, "")
	s = autoLink.ReplaceAllString(s, "$1")
	s = slowEmph.ReplaceAllStringFunc(s, func(mark string) string {
		escaped, _ := strings.CutPrefix(mark, `\`)
		if escaped == mark {
			return ""
		}
		return escaped
	})
	return html.UnescapeString(s)
}

var markedTexts = []string{
	"plain", "*a* **b** ***c*** ****d****", "_a_ __b__ ___c___ ____ _____", "~a~ ~~b~~ ~~~", `\* \_ \a \`, "`code` ``x``",
	"[a](b) ![c](d) [e][f] ![][g] [](h) [^1] [^] [^^] [[a](b)", "[a](b", "[a] (b)", "![a", "[a][", "[", "](", "[a](b)[c](d)",
	"# h\n## i\n\n> q\n- l\n* [x] m\n+ n\n1. o\n12) p\n1234567890. no", "```go\ncode\n```\n~~~\n", "---\n***\n_ _ _\n-_*",
	"[ref]: https://example.org/\n[^1]: note", "<https://example.org/> <b> &amp; &lt;", "a\n\n  - b\n\t# c", "- \n-\n-\n", "  \n# x", "- [x] a\n- [x]b\n* [ ]\n+ [y] c",
	"---\n\n***\nx", "- - -\n---x\n--- \n\n y", "[\na]: b\n[]: c\n[d] : e", "#######\n###### a\n > > - 1. b", "\n\n\n\n> c", "é[ü](ö)–*",
}

func FuzzPlainMarkdown(f *testing.F) {
	for _, s := range markedTexts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		if got, want := plainMarkdown(s), slowPlainMarkdown(s); got != want {
			t.Errorf("plainMarkdown(%q) = %q, the patterns leave %q", s, got, want)
		}
	})
}
