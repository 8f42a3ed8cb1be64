package generator_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"starpunk/generator"
	"starpunk/site"
	"starpunk/site/store"
)

func TestABuildReportsItsProgress(t *testing.T) {
	const notes = 300 // more than one batch
	s := newTestSite(t, nil)
	for i := range notes {
		s.write(fmt.Sprintf("content/notes/%03d.md", i), note("2026-10-01", fmt.Sprintf("slug: n%d\ntags: [t%d]", i, i%50), "Text"))
	}
	var reports []generator.Progress
	s.progress = func(p generator.Progress) { reports = append(reports, p) }
	s.build()
	last := map[string]generator.Progress{}
	var order []string
	for _, p := range reports {
		if before, ok := last[p.Doing]; !ok {
			order = append(order, p.Doing)
		} else if p.Done <= before.Done || p.Total < before.Total { // it grows with neighbours that became stale
			t.Errorf("after %+v came %+v", before, p)
		}
		last[p.Doing] = p
	}
	if fmt.Sprint(order) != "[reading copying pages lists]" {
		t.Errorf("it did %q", order)
	}
	for doing, least := range map[string]int{"pages": notes, "lists": 50} {
		if p := last[doing]; p.Done != p.Total || p.Done < least {
			t.Errorf("%s ended at %d of %d, want all of at least %d", doing, p.Done, p.Total, least)
		}
	}
}

// soon is how many pages a build may still render when a client waits: two batches, and
// the pages until the test has recorded the note.
const soon = 1000

func TestANoteThatAClientWaitsForIsBuiltBeforeTheRest(t *testing.T) {
	s := newTestSite(t, manyNotes(2400))
	var st *store.Store
	posted, done := false, 0
	s.progress = func(p generator.Progress) {
		switch {
		case p.Doing != "pages":
		case !posted:
			posted = true
			if _, err := st.Create(t.Context(), &site.Note{Slug: "posted", Published: s.now, Content: "By Micropub"}); err != nil {
				t.Error(err)
			}
		case done == 0 && s.hasOutput("2026/11/posted/index.html"):
			done = p.Done
		}
	}
	err := s.with(s.config(), func(opened *store.Store, g *generator.Generator) error {
		st = opened
		_, err := g.Build(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if done == 0 || done > soon {
		t.Errorf("its page was there after %d pages, want at most %d", done, soon)
	}
}

func TestABuildThatIsToStopEndsWithItsBatch(t *testing.T) {
	s := newTestSite(t, manyNotes(2400))
	ctx, cancel := context.WithCancel(t.Context())
	done := 0
	s.progress = func(p generator.Progress) {
		if p.Doing == "pages" {
			done = p.Done
			cancel()
		}
	}
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		_, err := g.Build(ctx)
		return err
	})
	if !errors.Is(err, context.Canceled) || done == 0 || done > soon {
		t.Errorf("it ended with %v after %d pages, want at most %d", err, done, soon)
	}
}
