package generator_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestNoPageShadowsAnOutputOfEverySite(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/notes/a.md": note("2026-11-20", "", "Text"),
		"content/about.md":   "About\n",
	})
	s.build()
	plain := s.outputs()
	dated := func(front string) string { return note("2026-11-20", front, "Not to be seen") }
	files := map[string]struct{ text, address, own string }{
		"notes/feed.md":            {dated("url: /feed.xml"), "/feed.xml/", "/feed.xml"},
		"notes/missing.md":         {dated("permalink: /404.html"), "/404.html", "/404.html"},
		"notes/below.md":           {dated("permalink: /feed.json/below/"), "/feed.json/below/", "/feed.json"},
		"notes/capital.md":         {dated("permalink: /Feed.Atom/"), "/Feed.Atom/", "/Feed.Atom"},
		"notes/index.html.md":      {dated(""), "/2026/11/index.html/", "/2026/11/index.html"},
		"index.html.md":            {"A page", "/index.html/", "/index.html"},
		"style.css.md":             {"A page", "/style.css/", "/style.css"},
		"feed.css/index.md":        {dated("path: feed.css"), "/feed.css/", "/feed.css"},
		"sitemap.xml.md":           {"A page", "/sitemap.xml/", "/sitemap.xml"},
		"sitemap-pages.xml.md":     {"A page", "/sitemap-pages.xml/", "/sitemap-pages.xml"},
		"sitemap-2026-11.xml.md":   {"A page", "/sitemap-2026-11.xml/", "/sitemap-2026-11.xml"},
		"pages/robots.txt/x.md":    {"A page", "/robots.txt/x/", "/robots.txt"},
		"pages/about/index.htm.md": {"A page", "/about/index.htm/", ""}, // a name like another
		"pages/about/index.html.md": {
			"A page", "/about/index.html/", "/about/index.html"},
		".trash/index.html.md":             {"A page", "", ""},
		".trash/notes/index.html.md":       {dated(""), "", ""},
		".trash/notes/feed.md":             {dated("url: /feed.xml"), "", ""},
		"feed.css/beside.txt":              {"a file of a bundle", "", ""},
		"notes/redirects.md":               {dated("draft: true\naliases: [/404.html]"), "", ""},
		"notes/scheduled-for-ever-more.md": {note("2027-11-20", "url: /style.css/", "Later"), "/style.css/", "/style.css"},
	}
	for name, f := range files {
		s.write("content/"+name, f.text)
	}
	check := func(when string, r []string) {
		t.Helper()
		got := s.outputs()
		if !strings.Contains(got["about/index.htm/index.html"], "A page") {
			t.Errorf("%s: a page with a name of its own is missing", when)
		}
		delete(got, "about/index.htm/index.html")
		want := maps.Clone(plain)
		want["sitemap-pages.xml"] = strings.Replace(plain["sitemap-pages.xml"], "</urlset>",
			"  <url>\n    <loc>https://alice.example/about/index.htm/</loc>\n  </url>\n</urlset>", 1)
		if d := diff(got, want); d != "" {
			t.Errorf("%s:\n%s", when, d)
		}
		for name, f := range files {
			want := fmt.Sprintf("content/%s:1: its address %s belongs to the site's own %s", name, f.address, f.own)
			if f.own != "" && !slices.Contains(r, want) {
				t.Errorf("%s: %q is not among the problems %q", when, want, r)
			}
		}
	}
	check("added", s.build().Problems)
	check("seen again", s.build().Problems)
	s.remove("public")
	s.remove(".starpunk")
	check("built at once", s.build().Problems)

	s.write("content/notes/feed.md", dated("")) // to an address of its own, and back
	s.build()
	if !strings.Contains(s.output("2026/11/feed/index.html"), "Not to be seen") || !strings.Contains(s.output("feed.xml"), "/2026/11/feed/") {
		t.Error("a note that has another address has no page there")
	}
	s.write("content/notes/feed.md", files["notes/feed.md"].text)
	check("moved back", s.build().Problems)
}

func TestAPageThatShadowsAListIsReported(t *testing.T) {
	files := map[string]string{
		"content/tags.md":           "My tags\n",
		"content/notes.md":          "My notes\n",
		"content/pages/articles.md": "A page like the list of a type that the site has not\n",
		"content/2026.md":           "My year\n",
		"content/feed.md":           "---\npermalink: /tags/go/feed.xml/\n---\nIn the place of a feed\n",
		"content/notes/go.md":       note("2026-11-20", "tags: [go]", "Tagged"),
	}
	want := []string{
		"content/2026.md:1: its page shadows the list /2026/",
		"content/feed.md:1: its page shadows the list /tags/go/feed.xml",
		"content/notes.md:1: its page shadows the list /notes/",
		"content/tags.md:1: its page shadows the list /tags/",
	}
	s := newTestSite(t, files)
	if r := s.build(); !slices.Equal(r.Warnings, want) {
		t.Errorf("warnings %q, want %q", r.Warnings, want)
	}
	if !strings.Contains(s.output("notes/index.html"), "My notes") || !strings.Contains(s.output("tags/go/feed.xml/index.html"), "In the place") {
		t.Error("a page does not take precedence over a list")
	}
	// Also if the list was written before.
	at := func(name string) func() { return func() { s.write(name, files[name]) } }
	for name, warning := range map[string]string{"content/2026.md": want[0], "content/feed.md": want[1], "content/notes.md": want[2], "content/tags.md": want[3]} {
		s.remove(name)
		if r := s.build(); slices.Contains(r.Warnings, warning) {
			t.Errorf("without %s there is a warning %q", name, warning)
		}
		at(name)()
		if r := s.build(); !slices.Contains(r.Warnings, warning) {
			t.Errorf("with %s the warnings are %q, want %q", name, r.Warnings, warning)
		}
	}
}

func TestANoteThatShadowsAPartOfAListIsReported(t *testing.T) {
	const second = "2026/10/2/index.html"
	files := map[string]string{}
	for i := range 205 {
		at := time.Date(2026, 10, 1, 0, i, 0, 0, time.UTC)
		files[fmt.Sprintf("content/notes/n%03d.md", i)] = note(at.Format(time.RFC3339), "", fmt.Sprintf("Note %d", i))
	}
	s := newTestSite(t, files)
	s.build()
	list := s.output(second)
	warning := []string{"content/notes/2.md:1: its page shadows the list /2026/10/2/"}
	check := func(when string, warnings []string) {
		t.Helper()
		if !strings.Contains(s.output(second), "In the middle") {
			t.Errorf("%s: the list shadows the note", when)
		}
		if !slices.Equal(warnings, warning) {
			t.Errorf("%s: the warnings are %q, want %q", when, warnings, warning)
		}
	}
	s.write("content/notes/2.md", note("2026-10-01T03:20:30Z", "", "In the middle")) // in the last part
	check("added", s.build().Warnings)
	s.write("content/notes/more.md", note("2026-10-02T00:00:00Z", "", "The last"))
	check("with another note", s.build().Warnings)
	got := s.outputs()
	s.remove("public")
	s.remove(".starpunk")
	check("built at once", s.build().Warnings)
	if d := diff(got, s.outputs()); d != "" {
		t.Errorf("built in steps (got) and at once (want):\n%s", d)
	}
	s.write("content/notes/2.md", note("2026-10-01T03:20:30Z", "slug: two", "In the middle"))
	if r := s.build(); s.output(second) != list {
		t.Errorf("the list did not come back when the note moved, %q", r.Warnings)
	}
	s.write("content/notes/2.md", note("2026-10-01T03:20:30Z", "slug: \"4\"", "In the middle")) // there is no part 4
	if r := s.build(); slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.Contains(w, "shadows") }) {
		t.Errorf("a list that is not there is reported: %q", r.Warnings)
	}
}

// A shadowed list is written when the source that shadows it, at its address or at a
// folder above it, is removed: notes and the front page link to it.
func TestAShadowedListComesBack(t *testing.T) {
	files := map[string]string{
		"content/n.md":     note("2026-01-01", "tags: [t]", "One"),
		"content/like.md":  note("2025-01-01", "tags: [t, u]\nlike-of: https://b.example/", ""),
		"content/title.md": note("2025-02-01", "title: An article", "Text"),
	}
	for _, in := range []string{
		"tags", "tags/index.html", "tags/t", "tags/t/index.html", "tags/t/2026", "tags/t/2026/index.html", "tags/t/feed.xml",
		"tags/t/feed.xml/x", "notes", "notes/index.html", "notes/2026", "notes/feed.xml", "likes", "likes/2025", "articles/2025",
		"2026", "2026/01", "2025/index.html", "2025/01/index.html", "feed.xml", "feed.json/x", "sitemap-2026-01.xml", "sitemap.xml/x",
	} {
		t.Run(strings.ReplaceAll(in, "/", "_"), func(t *testing.T) {
			t.Parallel()
			s := newTestSite(t, files)
			s.build()
			s.write("static/"+in, "a static file")
			s.build()
			s.checkClean("with static/" + in)
			s.remove("static")
			s.build()
			s.checkClean("without static/" + in)
		})
	}
	for _, permalink := range []string{"/tags/", "/tags/t/", "/tags/t/2026/", "/tags/t/2/", "/notes/", "/notes/2026/", "/2026/", "/2026/01/", "/tags/t", "/notes/2026", "/tags/t/feed.xml"} {
		t.Run("page"+strings.ReplaceAll(permalink, "/", "_"), func(t *testing.T) {
			t.Parallel()
			s := newTestSite(t, files)
			s.write("content/page.md", "---\npermalink: "+permalink+"\ntitle: A page\n---\nText\n")
			s.build()
			s.checkClean("with a page at " + permalink)
			s.remove("content/page.md")
			s.build()
			s.checkClean("without a page at " + permalink)
		})
	}
}
