package generator_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"starpunk/generator"
	"starpunk/site"
	"starpunk/site/store"
)

// Every list of a tag has the spelling of its oldest note, also the lists of other years.
func TestAllListsOfATagFollowItsSpelling(t *testing.T) {
	old, other := "content/old.md", note("2026-01-01", "tags: [vim]", "New")
	for name, inTheWay := range map[string]map[string]string{
		"nothing in the way":                  {},
		"a static file at the tag's address":  {"static/tags/vim/index.html": "A static file"},
		"a page at the tag's address":         {"content/vim.md": "---\npermalink: /tags/vim/\ntitle: Vim\n---\nText\n"},
		"a page at the address of all tags":   {"content/tags.md": "---\ntitle: Tags\n---\nText\n"},
		"a static file at that of a year":     {"static/tags/vim/2024/index.html": "A static file"},
		"a page at the address of its feed":   {"content/vim.md": "---\npermalink: /tags/vim/feed.xml\ntitle: Vim\n---\nText\n"},
		"a static file in place of its years": {"static/tags/vim/2024": "A static file"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestSite(t, map[string]string{old: note("2024-01-01", "tags: [vim]", "Old"), "content/other.md": other})
			for name, text := range inTheWay {
				s.write(name, text)
			}
			s.build()
			s.write(old, note("2024-01-01", "tags: [ViM]", "Old"))
			s.build()
			if page := s.output("tags/vim/2026/index.html"); !strings.Contains(page, "ViM") {
				t.Error("the list of another year has the former spelling")
			}
			s.checkClean("after the tag was spelled otherwise")
			for file := range inTheWay {
				s.remove(file)
			}
			s.build()
			s.checkClean("when nothing is in the way")
		})
	}
}

// While a tag waits for its lists with a new spelling, a post with a new tag has the
// list of all tags written.
func TestATagIsSpelledOtherwiseWhileAPostIsPublished(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/old.md":   note("2024-01-01", "tags: [vim]", "Old"),
		"content/other.md": note("2026-01-01", "tags: [vim]", "New"),
	})
	s.build()
	s.write("content/old.md", note("2024-01-01", "tags: [ViM]", "Old"))
	var st *store.Store
	posted := false
	s.progress = func(p generator.Progress) {
		if p.Doing == "pages" && !posted {
			posted = true
			for _, slug := range []string{"one", "two"} {
				published := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
				if _, err := st.Create(t.Context(), &site.Note{H: "entry", Slug: slug, Content: slug, Visibility: site.Public, Category: []string{slug}, Published: published}); err != nil {
					t.Error(err)
				}
			}
		}
	}
	err := s.with(s.config(), func(opened *store.Store, g *generator.Generator) error {
		st = opened
		_, err := g.Build(context.Background())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.checkClean("after the post")
}
