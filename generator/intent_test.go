package generator_test

import (
	"strings"
	"testing"
	"time"
)

func TestANoteIsShownWithinItsTimeOnly(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/notes/2026/11/21-always.md": note("2026-11-21T09:00:00Z", "", "Always"),
		"content/notes/2026/11/20-some.md":   note("2026-11-20T09:00:00Z", "publishDate: 2026-11-23\nexpiryDate: 2026-11-24\ntags: [x]", "For a day"),
	})
	shown := func(want bool, when string) {
		t.Helper()
		s.build()
		inFeed := strings.Contains(s.output("feed.xml"), "For a day")
		if page := s.hasOutput("2026/11/some/index.html"); page != want || inFeed != want || s.hasOutput("tags/x/index.html") != want {
			t.Errorf("%s it is shown on its page: %v, in the feed: %v; want %v", when, page, inFeed, want)
		}
	}
	shown(false, "before its time")
	s.now = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	shown(true, "from its time")
	s.now = s.now.Add(24 * time.Hour)
	shown(false, "when it expired")
	s.now = s.now.Add(time.Hour)
	if r := s.build(); r.Written+r.Removed > 0 {
		t.Errorf("a later build changes %d and removes %d", r.Written, r.Removed)
	}
}

func TestAnIntentThatIsAddedTakesThePageDown(t *testing.T) {
	for _, intent := range []string{"Draft: yes", "published: no", "drfat: true", "draft: maybe", "private: true", "expiryDate: 2026-11-20", "publishDate: 2999-01-01"} {
		s := newTestSite(t, map[string]string{"content/a.md": note("2026-11-01", "slug: a", "SECRET"), "content/b.md": note("2026-11-02", "slug: b", "Other")})
		s.build()
		s.write("content/a.md", note("2026-11-01", "slug: a\n"+intent, "SECRET"))
		s.build()
		if s.hasOutput("2026/11/a/index.html") || strings.Contains(s.output("feed.xml")+s.output("index.html"), "SECRET") {
			t.Errorf("%s: it is still there", intent)
		}
	}
}
