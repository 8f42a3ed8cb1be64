package generator_test

import (
	"strings"
	"testing"
)

// A list comes back when what had its address, or a folder above it, is removed:
// notes and the front page link to it.
func TestListsComeBackWhenTheirPlaceIsFree(t *testing.T) {
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
