package watch

import (
	"slices"
	"testing"
	"time"
)

func TestAPathIsQuietSomeTimeAfterItsLastChange(t *testing.T) {
	now := time.Now()
	var c Changes
	fresh, old := Path{"/site/content", "fresh.md"}, Path{"/site/content", "old.md"}
	c.Mark(old, now.Add(-2*QuietTime))
	c.Mark(fresh, now.Add(-2*QuietTime))
	c.Mark(fresh, now)
	if got := c.Quiet(now); !slices.Equal(got, []Path{old}) || !c.HasQuiet(now) {
		t.Errorf("quiet are %v, want %v", got, old)
	}
	c.Remove(old)
	if got := c.Quiet(now); len(got) > 0 || c.HasQuiet(now) || c.Len() != 1 {
		t.Errorf("quiet are %v, want nothing", got)
	}
	if got := c.Quiet(now.Add(QuietTime)); !slices.Equal(got, []Path{fresh}) {
		t.Errorf("later quiet are %v, want %v", got, fresh)
	}
}
