package generator

import (
	"fmt"
	"strings"
	"testing"

	"starpunk/site"
)

// What a note says beyond the bounds is text, and all of it is there.
func TestMarkdownBeyondItsBoundsIsText(t *testing.T) {
	lines := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for _, tc := range []struct {
		name, body, tag string
		most            int    // tags
		last            string // what the end of the text has become
	}{
		{"emphasis", strings.Repeat("*a* ", maxMarks), "<em>", maxMarks / 2, "*a*</p>"},
		{"that never ends", strings.Repeat("*a_ ", 100_000), "<em>", 0, "*a_</p>"},
		{"strokes", strings.Repeat("~~a~~ ", maxMarks), "<del>", maxMarks / 2, "~~a~~</p>"},
		{"links", strings.Repeat("[a](/) ", maxMarks), "<a ", maxMarks / 2, "[a](/)</p>"},
		{"brackets", strings.Repeat("[", 100_000) + "a" + strings.Repeat("]", 100_000), "<a ", 0, "]</p>"},
		{"a paragraph of its own", strings.Repeat(strings.Repeat("*a* ", maxMarks/2)+"\n\n", 3), "<em>", 3 * maxMarks / 2, "<em>a</em></p>"},
		{"quotations", strings.Repeat(">", 100_000) + " a", "<blockquote>", maxDepth, ""},
		{"lists", strings.Repeat("* ", 10_000) + "a", "<ul>", maxDepth, ""},
		{"a table", strings.Repeat("|a", 2000) + "\n" + strings.Repeat("|-", 2000) + strings.Repeat("\n|b", 2000), "<table>", 0, "|b</p>"},
		{"a long table", "|a\n|-" + strings.Repeat("\n|b", maxCells/2-2), "<table>", 1, "</table>"},
		{"footnotes", lines(maxFootnotes+9, "[^%d]\n\n") + lines(maxFootnotes+9, "[^%d]: a\n\n"), "<li id=\"fn:", maxFootnotes, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := renderText(t, site.Markdown{HardWraps: "none"}, "", tc.body).html
			if n := strings.Count(got, tc.tag); n != tc.most {
				t.Errorf("%s stands %d times, want %d", tc.tag, n, tc.most)
			}
			if !strings.HasSuffix(strings.TrimSpace(got), tc.last) {
				t.Errorf("ends with %q, want %q", got[max(0, len(got)-40):], tc.last)
			}
		})
	}
}
