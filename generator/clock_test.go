package generator_test

import (
	"strings"
	"testing"
	"time"
)

// A clock that was ahead is corrected, for example by a time server after a start without a
// network. Notes that are in the future again are not public, and notes that had expired
// are public again.
func TestAClockThatWasAheadIsPutRight(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/out.md":   note("2026-11-20T09:00:00Z", "tags: [a]", "Out"),
		"content/soon.md":  note("2026-12-24T09:00:00Z", "tags: [b]\naliases: [/present/]", "Scheduled [out](out.md)"),
		"content/link.md":  note("2026-11-21T09:00:00Z", "", "[soon](soon.md)"),
		"content/until.md": note("2026-11-19T09:00:00Z", "expiryDate: 2026-12-25T09:00:00Z", "Until Christmas"),
		"content/from.md":  note("2026-11-18T09:00:00Z", "publishDate: 2026-12-25T09:00:00Z", "From Christmas"),
	})
	right := s.now
	s.build()
	before := s.outputs()
	if before["2026/11/until/index.html"] == "" || before["2026/12/soon/index.html"] != "" || before["2026/11/from/index.html"] != "" {
		t.Fatal("the notes are not shown at their times")
	}
	s.now = right.AddDate(1, 0, 0)
	s.build()
	s.checkClean("a year later")
	if !s.hasOutput("2026/12/soon/index.html") || s.hasOutput("2026/11/until/index.html") || !s.hasOutput("2026/11/from/index.html") {
		t.Fatal("a year later the notes are not as they should be")
	}
	s.now = right
	s.build()
	if d := diff(s.outputs(), before); d != "" {
		t.Errorf("when the clock is right again, got and want differ:\n%s", d)
	}
	s.now = right.Add(40 * 24 * time.Hour)
	s.build()
	if !strings.Contains(s.output("feed.xml"), "Scheduled") {
		t.Error("when its time has come indeed the note is not public")
	}
	s.checkClean("when its time has come")
}
