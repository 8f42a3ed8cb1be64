package site

import "testing"

func TestLabelsWithRawHTML(t *testing.T) {
	for _, tc := range []struct{ rule, front, body, want string }{
		{"tags are not text", "", "Water is H<sub>2</sub>O; press <kbd>Ctrl</kbd>.<br>Next.", "Water is H2O; press Ctrl. Next."},
		{"capitals, attributes, lines", "", "<P>A <A HREF=\"/x?a>b\">link</A> <b\nclass='x'>bold</b></P>", "A link bold"},
		{"entities", "", "a&nbsp;&amp;&lt;b&gt; <i>c</i>", "a &<b> c"},
		{"scripts and styles are not text", "", "<script>\nx\n\ny\n</script>\n\na <style>b</style>c", "a c"},
		{"blocks are separate", "", "<h2>a</h2><p>b<p>c\n\n<ul><li>d<li>e</ul>", "a b c d e"},
		{"Markdown in it", "", "**a** <i>*b*</i> `<c>` ![d](e.png)[^1]\n\n[^1]: f", "a b <c> d"},
		{"a wikilink", "", "<b>a</b> [[b|c & *d*]] ![[e]]", "a c & *d* e"},
		{"a note in HTML", "format: html", "<p>H<sub>2</sub>O<BR>a<!-- b", "H2O a"},
	} {
		n := mustParse(t, "a/b.md", "---\ndate: 2026-01-01\n"+tc.front+"\n---\n"+tc.body)
		if got := n.Label(Markdown{RawHTML: true}); got != tc.want {
			t.Errorf("%s: the label of %q is %q, want %q", tc.rule, tc.body, got, tc.want)
		}
	}
	n := mustParse(t, "a/b.md", "---\ndate: 2026-01-01\n---\nH<sub>2</sub>O")
	if got := n.Label(Markdown{}); got != "H<sub>2</sub>O" {
		t.Errorf("tags that the page shows are not in the label: %q", got)
	}
}

func TestTitlesAsText(t *testing.T) {
	for title, want := range map[string]string{
		"Using `go vet`":              "Using go vet",
		"``a`b`` and `c":              "a`b and `c",
		"A \"quoted\" *title* & <b>":  "A \"quoted\" *title* & <b>",
		"\\`a\\`":                     "\\`a\\`",
		"a %%b%% `%%c%%`":             "a  %%c%%",
		"100%% sure":                  "100%% sure",
		"%%only a comment%%":          "",
		"a <!-- b":                    "a",
		"{% comment %}a{% endcomment": "",
	} {
		n := &Note{Name: title}
		if got := n.TitleText(); got != want {
			t.Errorf("TitleText of %q = %q, want %q", title, got, want)
		}
	}
}
