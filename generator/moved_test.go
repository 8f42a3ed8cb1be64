package generator_test

import (
	"strings"
	"testing"
)

func TestAFormerAddressLeadsToTheNote(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/notes/a.md": note("2026-11-20", "aliases: [/old/, /2026/11/b/, /feed.xml, /about/, /photo.jpg/, /2026/11/, /logo/x/]", "Text"),
		"content/notes/b.md": note("2026-11-21", "", "Another"),
		"content/about.md":   "About\n",
		"static/logo":        "a file",
	})
	s.build()
	if page := s.output("old/index.html"); !strings.Contains(page, `url=https://alice.example/2026/11/a/"`) || !strings.Contains(page, `rel="canonical"`) {
		t.Errorf("the redirect is\n%s", page)
	}
	for _, name := range []string{"2026/11/b/index.html", "about/index.html", "2026/11/index.html"} {
		if strings.Contains(s.output(name), "has moved") {
			t.Errorf("a redirect stands in the place of %s", name)
		}
	}
	for _, name := range []string{"feed.xml", "logo"} {
		if s.output(name) == "" {
			t.Errorf("a redirect stands in the way of %s", name)
		}
	}
	// It comes when the page goes, and goes with its note.
	s.remove("content/notes/b.md")
	s.build()
	if page := s.output("2026/11/b/index.html"); !strings.Contains(page, "has moved") {
		t.Errorf("the redirect did not come:\n%s", page)
	}
	s.write("content/notes/a.md", note("2026-11-20", "aliases: [/old/]\ndraft: true", "Text"))
	s.build()
	for _, name := range []string{"2026/11/b/index.html", "old/index.html"} {
		if s.hasOutput(name) {
			t.Errorf("%s leads to a draft", name)
		}
	}
}

func TestADeletedNoteLeavesAMark(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/.trash/notes/public.md":  note("2026-11-20", "", "Text"),
		"content/.trash/notes/draft.md":   note("2026-11-20", "draft: true", "Text"),
		"content/.trash/notes/private.md": note("2026-11-20", "visibility: private", "Text"),
		"content/.trash/notes/future.md":  note("2026-11-30", "", "Text"),
		"content/.trash/about.md":         "About\n",
	})
	s.build()
	for name, want := range map[string]bool{
		"2026/11/public/.gone": true, "about/.gone": true,
		"2026/11/draft/.gone": false, "2026/11/private/.gone": false, "2026/11/future/.gone": false,
		"2026/11/public/index.html": false,
	} {
		if s.hasOutput(name) != want {
			t.Errorf("%s: %v, want %v", name, !want, want)
		}
	}
	// Not where another note stands, and not when it is thrown away for good.
	s.write("content/notes/other.md", note("2026-11-21", "slug: public", "Text"))
	s.build()
	if s.hasOutput("2026/11/public/.gone") {
		t.Error("a mark of a deleted note lies beside a page")
	}
	s.remove("content/notes/other.md")
	s.build()
	if !s.hasOutput("2026/11/public/.gone") {
		t.Error("the mark did not come back")
	}
	s.remove("content/.trash")
	s.build()
	if s.hasOutput("2026/11/public/.gone") || s.hasOutput("about") {
		t.Error("a mark stays of what nobody has")
	}
}
