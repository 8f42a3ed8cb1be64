package generator_test

import (
	"context"
	"strings"
	"testing"

	"starpunk/generator"
	"starpunk/site/store"
)

// A process caches notes for its feeds between builds. Other files that a note shows may
// change meanwhile.
func TestCachedNotesOfFeedsAreNotStale(t *testing.T) {
	a := note("2026-11-02T09:00:00Z", "audio: /media/a.mp3", "A sound")
	for _, test := range []struct {
		name    string
		a       string // the note in question
		change  func(s *testSite)
		want    string
		content bool // the front page has it, too
	}{
		{"a note that is edited", note("2026-11-02T09:00:00Z", "", "Before"), func(s *testSite) {
			s.write("content/a.md", note("2026-11-02T09:00:00Z", "", "After"))
		}, "After", true},
		{"a note that moves", note("2026-11-02T09:00:00Z", "", "It [stays](x/)"), func(s *testSite) {
			s.write("content/a.md", note("2026-11-02T09:00:00Z", "slug: moved", "It [stays](x/)"))
		}, "/2026/11/moved/x/", true},
		{"a link to a note that moves", note("2026-11-02T09:00:00Z", "", "See [it](b.md)"), func(s *testSite) {
			s.write("content/b.md", note("2026-11-01T09:00:00Z", "slug: moved", "B"))
		}, "/2026/11/moved/\"", true},
		{"a file that is replaced", a, func(s *testSite) { s.write("media/a.mp3", strings.Repeat("x", 4321)) }, `length="4321"`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newTestSite(t, map[string]string{
				"content/a.md": test.a, "content/b.md": note("2026-11-01T09:00:00Z", "", "B"), "media/a.mp3": "x",
			})
			err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
				if _, err := g.Build(context.Background()); err != nil {
					return err
				}
				test.change(s)
				s.write("content/c.md", note("2026-11-03T09:00:00Z", "", "Another"))
				_, err := g.Build(context.Background())
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			outputs := s.outputs()
			names := []string{"feed.xml"}
			if test.content {
				names = append(names, "index.html", "feed.json")
			}
			for _, name := range names {
				if text := strings.ReplaceAll(outputs[name], `\"`, `"`); !strings.Contains(text, test.want) {
					t.Errorf("%s does not have %s:\n%s", name, test.want, outputs[name])
				}
			}
		})
	}
}
