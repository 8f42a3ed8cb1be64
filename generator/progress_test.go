package generator_test

import (
	"context"
	"fmt"
	"testing"

	"starpunk/generator"
	"starpunk/site/store"
)

func TestABuildTellsHowFarItHasCome(t *testing.T) {
	const notes = 300 // more than one batch
	s := newTestSite(t, nil)
	for i := range notes {
		s.write(fmt.Sprintf("content/notes/%03d.md", i), note("2026-10-01", fmt.Sprintf("slug: n%d\ntags: [t%d]", i, i%50), "Text"))
	}
	cfg := s.config()
	var told []generator.Progress
	st, err := store.Open(t.Context(), cfg, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	g, err := generator.New(cfg, st, generator.Options{Version: "test", Progress: func(p generator.Progress) { told = append(told, p) }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Build(context.Background()); err != nil {
		t.Fatal(err)
	}
	last := map[string]generator.Progress{}
	var order []string
	for _, p := range told {
		if before, ok := last[p.Doing]; !ok {
			order = append(order, p.Doing)
		} else if p.Done <= before.Done || p.Total < before.Total { // it grows with neighbours that are to be built again
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
