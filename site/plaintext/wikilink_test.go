package plaintext

import (
	"strings"
	"testing"
)

func TestWikilinksAreShownAsTheirText(t *testing.T) {
	for text, want := range map[string]string{
		"See [[tides]].":                       "See tides.",
		"See [[folder/tides|the tides]].":      "See the tides.",
		"See [[tides#High water]].":            "See tides > High water.",
		"See [[#High water]].":                 "See High water.",
		"![[chart.png|A chart]] of ![[tides]]": "A chart of tides",
		"![[chart.png|300]]":                   "chart.png",
		"*[[a_b_c]]*":                          "a_b_c",
		"[[tides]][[ebb]]":                     "tidesebb",
		`\[[tides]]`:                           "[[tides]]",
		"`[[tides]]`":                          "[[tides]]",
		"[[1]](https://example.org/)":          "[1]",
		"[[a\nb]]":                             "[[a b]]",
		"if [[ -f x ]]; then":                  "if [[ -f x ]]; then",
		"[[" + strings.Repeat("a", 20):         "[[" + strings.Repeat("a", 20),
		"| a |\n|---|\n| [[x\\|y]] |":          "a y",
	} {
		if got := Markdown(text, 100); got != want {
			t.Errorf("Markdown(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzReadWikiLink(f *testing.F) {
	for _, s := range []string{"[[a]]", "![[a#b|c]]", "[[a\\|b]]", "[[#a^b]]", "[[]]", "[[a]", "![[a|1x2]]", "[[|]]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, n := ReadWikiLink(s)
		if n == 0 {
			return
		}
		if n > len(s) || n > 1100 || !strings.HasSuffix(s[:n], "]]") || l.Target == "" && l.Fragment == "" {
			t.Errorf("ReadWikiLink(%q) = %+v, %d", s, l, n)
		}
		l.Shown()
	})
}

func TestTheLengthOfAWikiLinkIsItsOwn(t *testing.T) {
	for _, after := range []int{0, 10, 1000, 5000} {
		if _, n := ReadWikiLink("![[a|b]]" + strings.Repeat("c", after)); n != len("![[a|b]]") {
			t.Errorf("with %d bytes after it: %d", after, n)
		}
	}
}
