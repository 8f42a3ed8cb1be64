package generator_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/generator"
	"starpunk/site/store"
)

// Of several notes with the same alias and a page, the first by path has it. When that note
// loses its page, the next one has it.
func TestAnAliasBelongsToANoteThatIsPublic(t *testing.T) {
	for _, front := range []string{"draft: true", "visibility: private", "date: 2026-11-23"} {
		t.Run(front, func(t *testing.T) {
			t.Parallel()
			date, held := "2026-01-02", front
			if rest, ok := strings.CutPrefix(front, "date: "); ok {
				date, held = rest, ""
			}
			held = strings.TrimPrefix(held+"\naliases: [/old/]", "\n")
			for name, order := range map[string][]string{"at once": nil, "the public one before": {"content/b.md"}, "the other one before": {"content/a.md"}} {
				s := newTestSite(t, nil)
				texts := map[string]string{"content/a.md": note(date, held, "A"), "content/b.md": note("2026-01-01", "aliases: [/old/]", "B")}
				for _, file := range order {
					s.write(file, texts[file])
					s.build()
				}
				for file, text := range texts {
					s.write(file, text)
				}
				s.build()
				if page := s.outputs()["old/index.html"]; !strings.Contains(page, "https://alice.example/2026/01/b/") {
					t.Errorf("%s: the alias does not lead to the note that is public: %q", name, page)
				}
				if !strings.Contains(s.redirects("nginx"), "/2026/01/b/") {
					t.Errorf("%s: the map does not lead to the note that is public: %q", name, s.redirects("nginx"))
				}
				s.checkClean(name)
				s.now = s.now.Add(48 * time.Hour) // the first may be due now
				s.build()
				s.checkClean(name + ", two days later")
				s.remove("content/b.md")
				s.build()
				s.checkClean(name + ", without the other")
			}
		})
	}
}

// A page below "/x.html/" needs a folder where the redirect page of an alias is a file.
func TestARedirectPageComesBackAfterAPageBelowIt(t *testing.T) {
	for _, below := range []string{"/x.html/y/", "/x.html/y/z/", "/x.html/y.txt"} {
		s := newTestSite(t, map[string]string{"content/a.md": "---\ndate: 2026-01-01\naliases: [/x.html/]\n---\nA\n"})
		s.build()
		s.write("content/b.md", "---\ndate: 2026-01-02\npermalink: "+below+"\n---\nB\n")
		s.build()
		s.checkClean("with a page at " + below)
		s.remove("content/b.md")
		s.build()
		s.checkClean("after the page at " + below)
		if page := s.outputs()["x.html"]; !strings.Contains(page, "/2026/01/a/") {
			t.Errorf("after the page at %s the redirect page is %q", below, page)
		}
	}
}

// A scheduled note that is broken before it is due never gets a page. The address that
// it claims belongs to another note.
func TestANoteThatNeverHadAPageTakesNoAlias(t *testing.T) {
	s := newTestSite(t, map[string]string{"content/a.md": "---\ndate: 2026-12-22\naliases: [/old/]\n---\nA\n"})
	s.build()
	s.write("content/a.md", "---\ndate: [2026-12-22\naliases: [/old/]\n---\nA\n")
	s.write("content/b.md", "---\ndate: 2026-11-20\naliases: [/old/]\n---\nB\n")
	s.build()
	s.now = s.now.AddDate(0, 2, 0)
	s.build()
	if page := s.outputs()["old/index.html"]; !strings.Contains(page, "/2026/11/b/") {
		t.Errorf("the alias leads to a note without a page: %q", page)
	}
	s.checkClean("with a broken note that is due")
}

// TestOneMoreAliasCostsTheSame counts the rows that are read.
func TestOneMoreAliasCostsTheSame(t *testing.T) {
	edits := []struct{ name, front string }{
		{"add an alias", "aliases: [/x/]"}, {"rename", "slug: y\naliases: [/x/, /2009/01/x/]"}, {"remove the aliases", ""},
	}
	count := func(size int) (rows []int64) {
		s := newTestSite(t, nil)
		for i := range size {
			s.write(fmt.Sprintf("content/n%04d.md", i), note(fmt.Sprintf("%d-%02d-%02d", 2010+i%16, 1+i%12, 1+i%28), fmt.Sprintf("aliases: [/old/n%d/]", i), "Text"))
		}
		s.write("content/x.md", note("2009-01-01", "", "X"))
		err := s.with(s.config(), func(st *store.Store, g *generator.Generator) error {
			if _, err := g.Build(context.Background()); err != nil {
				return err
			}
			for _, edit := range edits {
				s.write("content/x.md", note("2009-01-01", edit.front, "X"))
				before := st.Work().Rows
				if _, err := g.Build(context.Background()); err != nil {
					return err
				}
				rows = append(rows, st.Work().Rows-before)
				if strings.Count(s.redirects("nginx"), "\n") < size {
					t.Errorf("to %s leaves a map without the other redirects", edit.name)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	few, many := count(50), count(400)
	for i, edit := range edits {
		if most := few[i] + 20; many[i] > most { // some for the years
			t.Errorf("to %s reads %d rows on a site with 50 aliases, and %d on one with 400", edit.name, few[i], many[i])
		}
	}
	if slices.Contains(few, 0) {
		t.Errorf("rows that were read: %d", few)
	}
}
