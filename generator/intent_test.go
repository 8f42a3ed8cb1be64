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

// utf16Text returns a mark and ASCII text in UTF-16. The two numbers are how far the
// first and the second byte of a unit are shifted.
func utf16Text(mark rune, text string, first, second int) string {
	var b []byte
	for _, c := range string(mark) + text {
		b = append(b, byte(c>>first), byte(c>>second))
	}
	return string(b)
}

func TestAnIntentCountsInAFileWithAMistake(t *testing.T) {
	const good = "---\ndate: 2026-11-01\nslug: a\ntags: [x]\n---\nSECRET\n"
	for name, text := range map[string]string{
		"a title with a colon":   "---\ndate: 2026-11-01\nslug: a\ntitle: A: b\ndraft: true\n---\nSECRET\n",
		"a key twice":            "---\ndate: 2026-11-01\nslug: a\ndraft: false\nDraft: true\n---\nSECRET\n",
		"dashes of an editor":    "–––\ndate: 2026-11-01\nslug: a\ndraft: true\n–––\nSECRET\n",
		"a date that is none":    "---\ndate: never\nslug: a\nvisibility: private\n---\nSECRET\n",
		"no end":                 "---\ndate: 2026-11-01\npublished: no\n\nSECRET\n",
		"a merge":                "---\ndate: 2026-11-01\n<<<<<<< HEAD\n=======\ndraft: true\n>>>>>>> main\n---\nSECRET\n",
		"a misspelt key, merged": "---\ndate: 2026-11-01\nprivat: true\n---\n<<<<<<< HEAD\n=======\n>>>>>>> main\nSECRET\n",
		"UTF-16, big end first":  utf16Text(0xFEFF, "---\ndate: 2026-11-01\ndraft: true\n---\nSECRET\n", 8, 0),
		"UTF-16":                 utf16Text(0xFEFF, "---\r\ndate: 2026-11-01\r\ndraft: true\r\n---\r\nSECRET\r\n", 0, 8),
		"JSON":                   "{\n  \"slug\": \"a\",\n  \"draft\": true,\n}\nSECRET\n",
	} {
		s := newTestSite(t, map[string]string{"content/2026-11-01-a.md": good, "content/2026-11-02-b.md": "Other"})
		s.build()
		if !s.hasOutput("2026/11/a/index.html") {
			t.Fatal("it is not there before")
		}
		s.write("content/2026-11-01-a.md", text)
		if r := s.build(); len(r.Problems) != 1 {
			t.Errorf("%s: problems %q", name, r.Problems)
		}
		if s.hasOutput("2026/11/a/index.html") || s.hasOutput("tags/x/index.html") || strings.Contains(s.output("feed.xml")+s.output("index.html"), "SECRET") {
			t.Errorf("%s: it is still there", name)
		}
		s.write("content/2026-11-01-a.md", good)
		s.build()
		if !s.hasOutput("2026/11/a/index.html") || !s.hasOutput("tags/x/index.html") {
			t.Errorf("%s: it is not there again", name)
		}
	}
}
