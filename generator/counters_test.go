package generator_test

import (
	"context"
	"testing"

	"starpunk/generator"
	"starpunk/site/store"
)

// A compiled layout that cannot make a page makes it at the speed of html/template.
func TestNoPageOfTheDefaultThemeNeedsAFallback(t *testing.T) {
	s := newTestSite(t, small())
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		r, err := g.Build(context.Background())
		if n := g.Counters().Fallbacks; err == nil && (n > 0 || r.Written < 20) {
			t.Errorf("%d of %d files needed a fallback", n, r.Written)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
