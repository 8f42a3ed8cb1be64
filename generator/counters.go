package generator

import (
	"sync/atomic"
	"time"

	"starpunk/generator/hook"
	"starpunk/generator/output"
)

// Counters has the work of a Generator since it was made.
type Counters struct {
	Builds         int64         // that had something to do
	BuildTime      time.Duration // of these, together
	BuildFailures  int64
	LastGood       time.Time // when everything was last up to date; zero: not yet
	Written        int64     // files new or changed
	Removed        int64
	Rendered       int64 // texts of notes that were rendered
	Looked         int64 // files of static/ and media/ that were compared with their copies
	WatchOverflows int64 // overflows of the kernel's queue of changes
	Fallbacks      int64 // pages that html/template made although their layout is compiled: see package compile
	AfterRuns      int64 // of the hook build.after
	AfterFailures  int64 // of these
}

type counters struct {
	builds, buildTime, failures, lastGood, overflows, looked, fallbacks atomic.Int64
	output                                                              atomic.Pointer[output.Folder]
	hook                                                                atomic.Pointer[hook.Hook]
}

// Counters returns the counts as they are now. It may be called while another
// goroutine builds.
func (g *Generator) Counters() Counters {
	c := Counters{
		Builds: g.counters.builds.Load(), BuildTime: time.Duration(g.counters.buildTime.Load()),
		BuildFailures: g.counters.failures.Load(), WatchOverflows: g.counters.overflows.Load(),
		Rendered: g.render.Rendered(), Looked: g.counters.looked.Load(),
	}
	if at := g.counters.lastGood.Load(); at != 0 {
		c.LastGood = time.Unix(0, at)
	}
	if out := g.counters.output.Load(); out != nil {
		c.Written, _, c.Removed = out.Counts()
	}
	c.AfterRuns, c.AfterFailures = g.counters.hook.Load().Counts()
	return c
}

// count counts a build that began at start; worked reports whether it had work.
func (g *Generator) count(start time.Time, worked bool) {
	now := time.Now()
	g.counters.lastGood.Store(now.UnixNano())
	if worked {
		g.counters.builds.Add(1)
		g.counters.buildTime.Add(int64(now.Sub(start)))
	}
}
