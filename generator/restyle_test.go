package generator_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"starpunk/generator"
	"starpunk/site/store"
)

const itsLayout = `<!doctype html><title>{{.Title}}</title><p>1</p>{{with .Note}}{{.Content}}{{end}}<p>{{.Description}}</p>`

// rendered builds the site and returns how many texts of notes were rendered.
func (s *testSite) rendered() (count int64) {
	s.t.Helper()
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		_, err := g.Build(context.Background())
		count = g.Counters().Rendered
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return count
}

// relayout writes another layout for notes.
func (s *testSite) relayout(name string) {
	s.t.Helper()
	s.write("layouts/note.html", strings.Replace(itsLayout, "<p>1</p>", "<p>"+name+"</p>", 1))
}

func TestAChangedLayoutRendersNoTextAgain(t *testing.T) {
	files := manyNotes(300)
	files["content/about.md"] = "A page\n"
	files["content/more.md"] = note("2026-11-21T12:00:00Z", "summary: Short", "One\n\n<!--more-->\n\n# Two\n\n[gone](/nowhere/)")
	s := newTestSite(t, files)
	s.build()
	s.relayout("another")
	if n := s.rendered(); n != 0 {
		t.Errorf("%d texts were rendered for another layout, want none", n)
	}
	s.checkClean("with another layout")

	s.write("content/more.md", note("2026-11-21T12:00:00Z", "", "Edited"))
	s.write("content/shows.md", note("2026-11-22T12:00:00Z", "", "See [it](more.md) and ![a picture](/a.png)"))
	s.relayout("a third")
	// A note with a picture is rendered for its page, the front page and the feeds.
	if n := s.rendered(); n != 1+3 {
		t.Errorf("%d texts were rendered for another layout and two notes", n)
	}
	s.checkClean("with a third layout and an edited note")

	s.extra = "[markdown]\nhard_wraps = \"all\"\n"
	if n := s.rendered(); n < int64(len(files)) {
		t.Errorf("%d texts were rendered with another configuration, want all", n)
	}
	s.checkClean("with another configuration")
	s.relayout("a fourth")
	if n := s.rendered(); n != 3 {
		t.Errorf("%d texts were rendered for a fourth layout, want the one with a picture, three times", n)
	}
	s.checkClean("with a fourth layout")
}

// Warnings and links of a note are recorded with its page, also if its content is from the
// cache.
func TestAChangedLayoutLosesNoWarning(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/a.md": note("2026-11-01T12:00:00Z", "photo: /media/none.jpg", "A [dead link](/nowhere/), and [another](javascript:x)"),
	})
	before := s.build().Warnings
	for _, layout := range []string{"another", "a third"} {
		s.relayout(layout)
		after := s.build().Warnings
		if len(before) < 3 || strings.Join(after, "\n") != strings.Join(before, "\n") {
			t.Errorf("with %s layout the warnings are\n%s\nand were\n%s", layout, strings.Join(after, "\n"), strings.Join(before, "\n"))
		}
	}
	s.write("content/nowhere.md", "Here it is\n")
	for _, w := range s.build().Warnings {
		if strings.Contains(w, "/nowhere/") {
			t.Errorf("the link leads somewhere, and it is reported: %s", w)
		}
	}
}

func TestAForcedBuildRendersEveryText(t *testing.T) {
	s := newTestSite(t, manyNotes(300))
	s.build()
	if _, err := os.Stat(s.path(".starpunk/index.db-content")); err != nil {
		t.Fatal(err)
	}
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		if err := g.Force(context.Background()); err != nil {
			return err
		}
		_, err := g.Build(context.Background())
		if n := g.Counters().Rendered; n < 300 {
			t.Errorf("%d of 300 texts were rendered", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
