package generator_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestNoPageTakesThePlaceOfWhatEverySiteHas(t *testing.T) {
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
