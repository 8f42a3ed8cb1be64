package generator_test

import (
	"slices"
	"strings"
	"testing"
)

func TestANoteAnswersAnotherByItsFile(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/notes/a.md":    note("2026-05-01", "in-reply-to: b.md", "To a file beside it"),
		"content/notes/b.md":    note("2026-05-02", "like-of: \"[[tides]]\"", "A wikilink"),
		"content/c.md":          note("2026-05-03", "bookmark-of: notes/b.md#part", "From the top"),
		"content/d.md":          note("2026-05-04", "repost-of: {type: [h-cite], properties: {url: [notes/a.md], name: [The first]}}", "An object"),
		"content/e.md":          note("2026-05-05", "in-reply-to: gone.md\nlike-of: [draft.md, /nope/]", "Nothing"),
		"content/draft.md":      note("2026-05-06", "draft: true", "Draft"),
		"content/deep/tides.md": note("2026-05-07", "", "Tides"),
	})
	r := s.build()
	want := []string{
		`content/e.md:3: in-reply-to: "gone.md" is not the file of a published note`,
		`content/e.md:4: like-of: "draft.md" is not the file of a published note`,
		`content/e.md:4: links to /nope/, which does not exist`,
	}
	if !slices.Equal(r.Warnings, want) {
		t.Errorf("warnings:\n%s\nwant:\n%s", strings.Join(r.Warnings, "\n"), strings.Join(want, "\n"))
	}
	for page, mark := range map[string]string{
		"a": `<a class="u-in-reply-to" href="https://alice.example/2026/05/b/">`,
		"b": `<a class="u-like-of" href="https://alice.example/2026/05/tides/">`,
		"c": `<a class="u-bookmark-of" href="https://alice.example/2026/05/b/#part">`,
		"d": `<a class="u-url p-name" href="https://alice.example/2026/05/a/"`,
	} {
		if html := s.output("2026/05/" + page + "/index.html"); !strings.Contains(html, mark) {
			t.Errorf("%s lacks %s: %s", page, mark, html)
		}
	}
	if feed := s.output("feed.xml"); !strings.Contains(feed, "https://alice.example/2026/05/b/") {
		t.Error("the feed does not name the page that is answered")
	}
	if s.output("2026/05/e/index.html"); strings.Contains(s.output("2026/05/e/index.html"), "draft/") {
		t.Error("a page names a draft")
	}
	s.write("content/notes/b.md", note("2026-05-02", "slug: moved", "A wikilink"))
	s.write("content/gone.md", note("2026-05-08", "", "It came"))
	s.build()
	if html := s.output("2026/05/a/index.html"); !strings.Contains(html, `href="https://alice.example/2026/05/moved/"`) {
		t.Error("the reply did not follow the note")
	}
	if html := s.output("2026/05/e/index.html"); !strings.Contains(html, `u-in-reply-to" href="https://alice.example/2026/05/gone/"`) {
		t.Error("the reply did not find the note that came")
	}
}
