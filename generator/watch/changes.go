package watch

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// QuietTime is the time after the last change of a file until it is quiet.
const QuietTime = 100 * time.Millisecond

// A Path is a path in a watched folder of a site.
type Path struct {
	Root string // the folder
	Rel  string // with slashes; "" for the whole folder
}

// Changes has the paths that changed and were not read since. The zero value has none.
type Changes struct {
	at     map[Path]time.Time // of the last change
	latest time.Time          // of the last event of the kernel
}

// Mark records a change of a path at a time. The path counts as quiet if the time is long
// ago.
func (c *Changes) Mark(p Path, at time.Time) {
	if c.at == nil {
		c.at = map[Path]time.Time{}
	}
	c.at[p] = at
}

// Len returns the number of paths.
func (c *Changes) Len() int { return len(c.at) }

// ChangedAt returns the time of the last change of a path. ok is false if it did not change.
func (c *Changes) ChangedAt(p Path) (at time.Time, ok bool) {
	at, ok = c.at[p]
	return at, ok
}

// Quiet returns the paths that did not change for QuietTime. They are sorted, so that the
// text of an error is the same each time.
func (c *Changes) Quiet(now time.Time) []Path {
	paths := slices.SortedFunc(maps.Keys(c.at), func(a, b Path) int {
		return cmp.Or(strings.Compare(a.Root, b.Root), strings.Compare(a.Rel, b.Rel))
	})
	return slices.DeleteFunc(paths, func(p Path) bool { return now.Sub(c.at[p]) < QuietTime })
}

// HasQuiet reports whether some path is quiet.
func (c *Changes) HasQuiet(now time.Time) bool {
	for _, at := range c.at {
		if now.Sub(at) >= QuietTime {
			return true
		}
	}
	return false
}

// Remove removes a path that was read.
func (c *Changes) Remove(p Path) { delete(c.at, p) }

// SinceLatest returns the time since the last event of a file.
func (c *Changes) SinceLatest() time.Duration { return time.Since(c.latest) }
