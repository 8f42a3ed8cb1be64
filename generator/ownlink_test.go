package generator_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"starpunk/generator"
	"starpunk/site/store"
)

func TestLinksToAddressesOfTheSiteWhereNothingIsAreReported(t *testing.T) {
	for _, tc := range []struct{ name, link, want string }{
		{"from the top", "[x](/nope/)", "links to /nope/, which does not exist"},
		{"a month without notes", "[x](/2020/01/)", "links to /2020/01/, which does not exist"},
		{"from the page", "[x](../nope/)", "links to ../nope/, which does not exist"},
		{"a file", "[x](nope.html)", "links to nope.html, which does not exist"},
		{"the whole address", "[x](https://alice.example/nope/)", "links to https://alice.example/nope/, which does not exist"},
		{"a bare address", "See https://alice.example/nope/ there", "links to https://alice.example/nope/, which does not exist"},
		{"an address in angle brackets", "<https://alice.example/nope/>", "links to https://alice.example/nope/, which does not exist"},
		{"without a scheme", "[x](example.org/y)", "links to example.org/y (if another site is meant, write https://example.org/y), which does not exist"},
		{"a reference", "[x][y]\n\n[y]: /nope/", "links to /nope/, which does not exist"},
		{"a part of this page", "[x](#nope)", "links to #nope, which does not exist"},
		{"a part of another page", "[x](/2026/11/b/#nope)", "links to /2026/11/b/#nope, which does not exist"},
		{"a part of another note", "[x](b.md#nope)", "links to b.md#nope, which does not exist"},

		{"a page", "[x](/2026/11/b/)", ""},
		{"a page without its slash", "[x](/2026/11/b)", ""},
		{"a page by its file", "[x](/2026/11/b/index.html)", ""},
		{"with a query", "[x](/2026/11/b/?x=y)", ""},
		{"an alias", "[x](/old/)", ""},
		{"a part of an alias", "[x](/old/#part)", ""},
		{"a list", "[x](/tags/go/)", ""},
		{"a part of a list", "[x](/tags/#go)", ""},
		{"a month", "[x](/2026/11/)", ""},
		{"the front page", "[x](/)", ""},
		{"a feed", "[x](/feed.atom)", ""},
		{"a static file", "[x](/files/a%20b.txt)", ""},
		{"an upload", "[x](/media/3f/a.zip)", ""},
		{"a file of a bundle", "[x](/2026/11/bundle/data.csv)", ""},
		{"a heading", "[x](b.md#über-uns)", ""},
		{"a heading, encoded", "[x](/2026/11/b/#%C3%BCber-uns)", ""},
		{"a footnote", "[x](#fn:1) y[^1]\n\n[^1]: z", ""},
		{"the top", "[x](#top) [y](#)", ""},
		{"a part of the layout", "[x](#main)", ""},
		{"another site", "[x](https://example.org/nope/) <mailto:a@alice.example>", ""},
		{"the receiver", "[x](/micropub?q=config)", ""},
		{"code", "`[x](/nope/)`", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newTestSite(t, map[string]string{
				"content/a.md":            note("2026-11-01", "", "First line\n\n"+tc.link),
				"content/b.md":            note("2026-11-02", "tags: [go]\naliases: [/old/]", "## Über uns"),
				"content/bundle/index.md": note("2026-11-03", "", "Files"),
				"content/bundle/data.csv": "1,2",
				"static/files/a b.txt":    "text",
				"media/3f/a.zip":          "zip",
			})
			var want []string
			if tc.want != "" {
				line := "6"
				want = []string{"content/a.md:" + line + ": " + tc.want}
			}
			for _, turn := range []string{"first", "unchanged"} {
				if r := s.build(); !slices.Equal(r.Warnings, want) && len(r.Warnings)+len(want) > 0 {
					t.Errorf("%s build: warnings %q, want %q", turn, r.Warnings, want)
				}
			}
		})
	}
}

func TestALinkToAnAddressIsCheckedWhenItsTargetChanges(t *testing.T) {
	s := newTestSite(t, map[string]string{"content/a.md": note("2026-11-01", "", "[x](/2026/11/b/) [y](/2026/11/b/#part) [z](/tags/go/) [f](/f.txt)")})
	dead := func(links ...string) (want []string) {
		for _, l := range links {
			want = append(want, "content/a.md:4: links to "+l+", which does not exist")
		}
		slices.Sort(want)
		return want
	}
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		for _, step := range []struct {
			name string
			do   func()
			want []string
		}{
			{"no target exists", func() {}, dead("/2026/11/b/", "/2026/11/b/#part", "/f.txt", "/tags/go/")},
			{"the page comes", func() { s.write("content/b.md", note("2026-11-02", "", "Text")) }, dead("/2026/11/b/#part", "/f.txt", "/tags/go/")},
			{"the part and the list come", func() { s.write("content/b.md", note("2026-11-02", "tags: [go]", "## Part")) }, dead("/f.txt")},
			{"the file comes", func() { s.write("static/f.txt", "x") }, nil},
			{"the part goes", func() { s.write("content/b.md", note("2026-11-02", "tags: [go]", "## Other")) }, dead("/2026/11/b/#part")},
			{"the page moves", func() { s.write("content/b.md", note("2026-11-02", "tags: [go]\nslug: c", "## Part")) }, dead("/2026/11/b/", "/2026/11/b/#part")},
			{"it leaves a redirect", func() {
				s.write("content/b.md", note("2026-11-02", "tags: [go]\nslug: c\naliases: [/2026/11/b/]", "## Part"))
			}, nil},
			{"the page goes", func() { s.remove("content/b.md") }, dead("/2026/11/b/", "/2026/11/b/#part", "/tags/go/")},
			{"the file goes", func() { s.remove("static/f.txt") }, dead("/2026/11/b/", "/2026/11/b/#part", "/f.txt", "/tags/go/")},
			{"the links go", func() { s.write("content/a.md", note("2026-11-01", "", "[x](https://example.org/)")) }, nil},
		} {
			step.do()
			r, err := g.Build(context.Background())
			if err != nil {
				return err
			}
			got := slices.DeleteFunc(r.Warnings, func(w string) bool { return strings.Contains(w, "its page was at") })
			if !slices.Equal(got, step.want) && len(got)+len(step.want) > 0 {
				t.Errorf("%s: warnings\n%s\nwant\n%s", step.name, strings.Join(got, "\n"), strings.Join(step.want, "\n"))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A warning from rendering a page holds until its cause is corrected.
func TestWarningsAreRepeatedByABuildThatRendersNothing(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/a.md":    note("2026-11-01", "aliases: [/tags/x/y/, \"/?p=4\"]\nphoto: /media/gone.jpg", "![x](/gone.png) [y](gone.md)\n\n{{< figure >}}"),
		"content/tags.md": "A page that shadows a list",
	})
	first := s.build()
	if len(first.Warnings) < 6 {
		t.Errorf("warnings: %q", first.Warnings)
	}
	if r := s.build(); r.Written != 0 || !slices.Equal(r.Warnings, first.Warnings) {
		t.Errorf("an unchanged build wrote %d files, its warnings are\n%s\nwant\n%s", r.Written, strings.Join(r.Warnings, "\n"), strings.Join(first.Warnings, "\n"))
	}
	s.remove("content/tags.md")
	s.write("content/a.md", note("2026-11-01", "", "Corrected"))
	if r := s.build(); len(r.Warnings) > 0 {
		t.Errorf("after the correction: %q", r.Warnings)
	}
}

func TestABrokenNoteKeepsItsLinksUntilItIsCorrected(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/a.md": note("2026-11-01", "", "[x](/2026/11/b/)"),
		"content/b.md": note("2026-11-02", "", "Text"),
	})
	s.build()
	s.write("content/a.md", "---\ndate: yesterday\n---\n[x](/2026/11/b/)")
	s.build()
	s.remove("content/b.md")
	if r := s.build(); len(r.Warnings) > 0 {
		t.Errorf("a file that can't be read has warnings: %q", r.Warnings)
	}
	s.write("content/a.md", note("2026-11-01", "", "[x](/2026/11/b/)"))
	if r := s.build(); len(r.Warnings) != 1 {
		t.Errorf("after the correction: %q", r.Warnings)
	}
}

func TestEntriesOfTheNavigationThatLeadNowhereAreReported(t *testing.T) {
	s := newTestSite(t, map[string]string{"content/b.md": note("2026-11-02", "tags: [go]", "## Part")})
	config := "nav = [\n{name = \"B\", url = \"/2026/11/b/#part\"},\n{name = \"Tags\", url = \"/tags/\"},\n{name = \"Gone\", url = \"/gone/\"},\n{name = \"Else\", url = \"https://example.org/\"}]\n" + strings.Replace(testConfig, "nav", "#", 1)
	s.write("starpunk.toml", config)
	want := []string{`starpunk.toml:4: nav: "Gone" leads to /gone/, which does not exist`}
	for range 2 {
		err := s.with(s.configOf(config), func(_ *store.Store, g *generator.Generator) error {
			r, err := g.Build(context.Background())
			if err == nil && !slices.Equal(r.Warnings, want) {
				t.Errorf("warnings %q, want %q", r.Warnings, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestNoMoreThanAThousandLinksOfAPageAreLookedAt(t *testing.T) {
	var body strings.Builder
	for i := range 1500 {
		body.WriteString("[x](/n" + strings.Repeat("o", i%50) + "/" + strings.Repeat("p", i/50) + "/)\n\n")
	}
	s := newTestSite(t, map[string]string{"content/a.md": note("2026-11-01", "", body.String())})
	if r := s.build(); len(r.Warnings) != 1000 {
		t.Errorf("%d warnings", len(r.Warnings))
	}
}
