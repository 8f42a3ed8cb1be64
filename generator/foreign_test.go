package generator_test

import (
	"slices"
	"strings"
	"testing"
)

func TestTagsOfOtherGeneratorsAreNamed(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/a.md": note("2026-11-01", "title: From elsewhere",
			"{{< figure src=\"x.png\" >}}\n\nA {% include badge.html\nversion=\"1\" %} and `{{ code }}`.\n\n```\n{{ code }}\n```\n\n    {% code %}\n\n> [x]({{site.url}}/y)\n{: .note }\n\nNo {tags} { { here } }, {:} or {}.\n\n[Zola](@/b.md) [nowhere](@/c.md)"),
		"content/b.md": note("2026-11-02", "", strings.Repeat("{{x}} ", 150)),
	})
	r := s.build()
	if len(r.Problems) > 0 {
		t.Errorf("problems: %q", r.Problems)
	}
	const is = " is a tag of another generator, shown as it is; say it in Markdown"
	want := []string{
		`content/a.md:5: {{< figure src="x.png" >}}` + is,
		`content/a.md:7: {% include badge.html version="1" %}` + is,
		`content/a.md:16: {{site.url}}` + is,
		`content/a.md:17: {: .note }` + is,
		`content/a.md:21: links to @/c.md, where no published note is`,
	}
	if got := r.Warnings[:min(len(want), len(r.Warnings))]; !slices.Equal(got, want) {
		t.Errorf("warnings:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := len(r.Warnings) - len(want); n != 101 || !strings.Contains(strings.Join(r.Warnings, "\n"), "more than 100 tags") {
		t.Errorf("150 tags in one note give %d warnings, want 100 and one more", n)
	}
	if page := s.output("2026/11/a/index.html"); !strings.Contains(page, `href="/2026/11/b/">Zola</a>`) || !strings.Contains(page, "{{&lt; figure") {
		t.Errorf("the page:\n%s", page)
	}
}
