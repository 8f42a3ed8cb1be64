package markdown

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store/link"
)

// hiddenPieces are the parts of the texts of [FuzzComments]: a byte of the input
// chooses each. Those with "hush" are comments.
var hiddenPieces = []string{
	"a", " ", "\n", "\n\n", "- ", "> ", "    ", "`x`", "`` y` ``", "```\n", "~~~\n", "# ", "*", "[", "](b)", "| c | d |\n|---|---|\n",
	"100% ", "{", "}", "\\*", "<i>", "</i>", "[^1]", "\n[^1]: ", "]: ", "\t",
	" %%hush%% ", "\n%%\nhush\n\nhush\n%%\n", "\n\n %%hush\n> - hush%% ", " %%%%",
	"{::comment}hush{:/comment}", "\n{::comment}\nhush\n\n- hush\n{:/}\n",
	"\n\n{% comment %}hush\n\nhush{% endcomment %}", "\n\n{%- comment -%}\n\thush{%- endcomment -%}", "{% # hush %}",
	"{{/* hush */}}", "\n\n{{< comment >}}hush\n{{< /comment >}}", "{# hush #}", "{{! hush }}", "{/* hush */}", "{>>hush<<}",
	"<!-- hush -->", "\n\n<!-- hush\n\nhush -->", "\n<!--\nhush\n-->\n", "<!--[if IE]>hush<![endif]-->",
}

var (
	shownCode = regexp.MustCompile(`(?s)<code>.*?</code>`)
	// The id of a heading has the words of the code in it.
	idOfCode = regexp.MustCompile(`(<h[1-6]) id="[^"]*"(>[^\n]*<code>[^<]*hush)`)
)

// FuzzComments puts comments between pieces of Markdown. No page and no label shows
// them, unless they are code.
func FuzzComments(f *testing.F) {
	for _, s := range []string{"\x00\x1a\x00", "\x00\x1b\x00", "\x09\x1b\x09", "\x05\x04\x1c", "\x07\x1d\x07\x1a", "\x04\x20\x06\x29", "\x22\x09\x1a\x09"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var text strings.Builder
		for i := range min(len(s), 40) {
			text.WriteString(hiddenPieces[int(s[i])%len(hiddenPieces)])
		}
		for _, cfg := range []site.Markdown{{HardWraps: "notes"}, {HardWraps: "none", RawHTML: true}} {
			n := &site.Note{File: "a.md", Content: site.NormalText(text.String()), Published: time.Unix(0, 0)}
			r, err := New(cfg, nil).Render(n, Page{Resolve: func(string) (link.Target, error) { return link.Target{}, nil }})
			if err != nil {
				t.Fatal(err)
			}
			if shown := shownCode.ReplaceAllString(idOfCode.ReplaceAllString(r.HTML, "$1$2"), ""); strings.Contains(shown, "hush") {
				t.Errorf("the page of %q shows a comment:\n%s", n.Content, r.HTML)
			}
			if label := n.Label(cfg); strings.Contains(label, "hush") && !strings.Contains(r.HTML, "hush") {
				t.Errorf("the label of %q shows a comment that its page does not: %q", n.Content, label)
			}
		}
	})
}
