package generator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Each has "hush" in a comment, and "shown" outside of it.
var textsWithComments = []string{
	"shown %%hush%% shown",
	"shown\n\n%%\nhush\n\n- hush\n%%\n\nshown",
	"> shown %%hush\n> hush%% shown",
	"- shown\n- %%hush%%\n- shown <!-- hush --> shown",
	"shown {::comment}hush{:/comment} shown {::comment}hush{:/}",
	"{::comment}\nhush\n\nhush\n{:/comment}\n\nshown",
	"shown {% comment %}hush\n\nhush{% endcomment %} shown {%- comment -%}hush{%- endcomment -%}",
	"shown {% # hush %} shown",
	"shown {{/* hush */}} shown {{- /* hush */ -}}",
	"shown {{< comment >}}hush{{< /comment >}} {{% comment %}}hush{{% /comment %}}",
	"shown {# hush #} shown",
	"shown <!-- hush --> shown",
	"shown\n\n<!-- hush\n\nhush -->\n\nshown <!--[if IE]>hush<![endif]-->",
	"shown <!-- hush\n\nhush --> shown",
	"<div>\n<!-- hush\n\nhush -->\nshown\n</div>",
	"<p title=\"%%hush%%\">shown</p>",
	"| shown <!-- hush --> | shown %%hush%% |\n|---|---|\n| {% comment %}hush{% endcomment %} | shown |",
	"# shown %%hush%%\n\nshown",
	"[shown %%hush%%](https://example.org/ \"shown <!-- hush -->\") ![shown {# hush #}](https://example.org/a.png)",
	"shown[^1]\n\n[^1]: shown\n\n    shown %%hush%%",
	"shown <!-- hush",
	"shown\n\n%%\nhush\n\nhush",
	"shown {% comment %} hush\n\nhush",
	"shown ~~%%hush%%~~ **{# hush #}** shown",
	"shown\n[//]: # (hush)",
}

func TestCommentsAreNowhere(t *testing.T) {
	for _, raw := range []bool{false, true} {
		files := map[string]string{"starpunk.toml": fmt.Sprintf("url = \"https://alice.example/\"\ntitle = \"Alice\"\n[markdown]\nraw_html = %v\n[feed]\ncount = 100\n", raw)}
		for i, text := range textsWithComments {
			files[fmt.Sprintf("content/notes/2026-11-01-untitled-%d.md", i)] = text
			files[fmt.Sprintf("content/notes/2026-11-02-titled-%d.md", i)] = "---\ntitle: \"shown %%hush%% <!-- hush -->\"\nsummary: shown {% comment %}hush{% endcomment %} shown %%hush\nphoto: {value: \"https://example.org/a.png\", alt: \"shown %%hush%%\"}\n---\n" + text
		}
		files["content/notes/2026-11-03-html.md"] = "---\nformat: html\n---\n<p>shown {% comment %}hush{% endcomment %}<!-- hush --> shown</p><!-- hush"
		files["content/index.md"] = "shown %%hush%% and <!-- hush -->"
		s := newTestSite(t, files)
		if r := s.build(); len(r.Problems) > 0 {
			t.Fatalf("problems: %q", r.Problems)
		}
		for name, data := range s.outputs() {
			if i := strings.Index(data, "hush"); i >= 0 {
				t.Errorf("raw_html = %v: %s has a comment: …%s…", raw, name, data[max(0, i-100):min(i+50, len(data))])
			}
		}
		for i, text := range textsWithComments {
			page := s.output(fmt.Sprintf("2026/11/untitled-%d/index.html", i))
			_, main, _ := strings.Cut(page, `<div class="prose`)
			main, _, _ = strings.Cut(main, "</article>")
			main = strings.ReplaceAll(main, `id="shown"`, "")
			if got, want := strings.Count(main, "shown"), strings.Count(text, "shown"); got != want {
				t.Errorf("raw_html = %v: %q shows %d of %d words:\n%s", raw, text, got, want, main)
			}
			if title, _, _ := strings.Cut(page, "</title>"); !strings.Contains(title, "shown") {
				t.Errorf("raw_html = %v: %q has no title", raw, text)
			}
		}
	}
}

func TestCodeWithMarksOfCommentsIsShown(t *testing.T) {
	for i, text := range []string{
		"`%%shown%%` and ``{% comment %}shown{% endcomment %}``",
		"```\n{{/* shown */}} <!-- shown -->\n```",
		"    %%shown%%",
		"- a\n\n  ~~~\n  {# shown #}\n  {::comment}shown{:/}\n  ~~~",
	} {
		s := newTestSite(t, map[string]string{"content/notes/2026-11-01-a.md": text})
		if r := s.build(); len(r.Warnings) > 0 {
			t.Errorf("%d: warnings: %q", i, r.Warnings)
		}
		page := s.output("2026/11/a/index.html")
		title, _, _ := strings.Cut(page, "</title>")
		for what, got := range map[string]string{"the title": title, "RSS": s.output("feed.xml"), "the month": s.output("2026/11/index.html"), "the page": page[strings.Index(page, "<div class=\"prose"):]} {
			if n, want := strings.Count(got, "shown"), strings.Count(text, "shown"); n < want {
				t.Errorf("%q: %s shows %d of %d words", text, what, n, want)
			}
		}
	}
}

func TestRemarksOnCommentsNameTheLine(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/a.md": "---\ndate: 2026-11-01\ntitle: T\nsummary: \"a {% comment %} b\"\n---\n%%\nx\n%%\n\n[a](gone.md) %%b%%\n\nfrom 50%% to 60%%\n\nc <!-- d\n",
		"content/b.md": note("2026-11-02", "", "100%% sure of `%%a%%`"),
	})
	want := []string{
		"content/a.md:4: summary: nothing closes the comment that begins with {%; the rest of the text is not shown",
		"content/a.md:10: links to gone.md, where no published note is",
		`content/a.md:12: the text between %% and %% is a comment and is not shown; write \%% for percent signs`,
		"content/a.md:14: nothing closes the comment that begins with <!--; the rest of its paragraph is not shown",
	}
	if got := s.build().Warnings; !slices.Equal(got, want) {
		t.Errorf("warnings:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
