package generator

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"math"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"starpunk/generator/watch"
	"starpunk/site"
	"starpunk/site/store/queue"
)

const (
	minWait    = time.Millisecond // after a change of a file, before the queue is checked for the note of a receiver; each next wait is longer
	scanEvery  = 10 * time.Second // if files can't be watched
	idleTime   = 2 * time.Second  // before outputs are made durable
	syncEvery  = 30 * time.Second // outputs are made durable at most so often
	reportWait = time.Second      // between two reports while files change
	retryAfter = time.Second      // after a build failed; doubled for each further failure

	maxRetryAfter = time.Minute
)

// Watch brings the output folder up to date and then follows every change of
// content, static files, uploads and layouts until ctx ends. ready is called
// after the first build. The caller holds the build lock.
//
// A build that fails is logged and retried: while the disk is full or a layout has a
// mistake, the old site stays. If the first build fails, Watch returns its error, unless
// Options.Retry is set: then ready is called as well.
func (g *Generator) Watch(ctx context.Context, ready func()) error {
	// The watches precede the first scan, so that no change is missed in between.
	w := g.newWatcher()
	defer w.files.Close()
	defer w.following.Wait()
	err := w.begin(ctx)
	if err != nil {
		if !g.retry || ctx.Err() != nil {
			return err
		}
		if err := g.store.Scan(ctx); err != nil { // a receiver waits only for this
			g.log.Debug("the notes can't be read yet", "error", err)
		}
		w.recordFailure(err)
	}
	ready()
	return w.run(ctx)
}

// begin does the first build.
func (w *watcher) begin(ctx context.Context) error {
	w.lastWork = time.Now()
	if w.g.retry { // the layouts may have changed since New
		if err := w.g.render.LoadTheme(); err != nil {
			return err
		}
	}
	first, err := w.g.build(ctx)
	if err != nil {
		return err
	}
	w.logNew(first)
	w.g.prepare(ctx)
	// A first build may have used ten times the memory that later builds need.
	if err := w.g.store.Shrink(); err != nil {
		return err
	}
	debug.FreeOSMemory()
	w.begun = true
	w.following.Go(func() { w.g.hook.Follow(ctx) })
	w.g.hook.Start()
	return nil
}

// prepare does the work for which the first new note would wait: it loads the plan,
// compiles the layouts, and reads the notes that the front page and the feed show.
func (g *Generator) prepare(ctx context.Context) {
	g.render.Prepare()
	defer g.render.EndBatch()
	if err := g.sync(ctx); err != nil {
		g.log.Debug("the plan can't be loaded yet", "error", err)
		return
	}
	for _, address := range []string{site.HomeList, site.FeedList} {
		if _, err := g.render.List(ctx, g.plan, &queue.ListState{Address: address}, &queue.ListState{Address: address}); err != nil {
			g.log.Debug("a list can't be rendered yet", "list", address, "error", err)
		}
	}
}

// A watcher is the state of one Watch.
type watcher struct {
	g     *Generator
	files *watch.Files
	roots map[string]func(ctx context.Context, rel string) error // by folder except content/, the function that handles a change at a path in it

	begun     bool           // the first build succeeded
	following sync.WaitGroup // the goroutine of the hook build.after

	written    <-chan struct{} // closed when this process writes to the index after the last publish
	unreported bool            // something changed since the last report
	failures   int
	logged     map[string]bool // errors that were logged since the last successful build
	refused    string          // the mistake in the present layouts, which was logged; the former ones are in use
	failure    string          // the error of the last build, if it failed
	stuck      string          // the reason that Options.Stuck has

	lastFail    time.Time
	lastSync    time.Time
	lastRecheck time.Time // of folders with missing files
	lastWork    time.Time // the last time that changes were read
	lastReport  time.Time
}

func (g *Generator) newWatcher() *watcher {
	w := &watcher{
		g:       g,
		written: g.store.Written(),
		logged:  map[string]bool{},
		roots: map[string]func(context.Context, string) error{
			filepath.Join(g.cfg.Root, "static"): func(ctx context.Context, rel string) error { return g.copied(g.assets.Static(ctx, rel)) },
			g.cfg.MediaDir():                    func(ctx context.Context, rel string) error { return g.copied(g.assets.Media(ctx, rel)) },
		},
	}
	w.roots[g.cfg.LayoutsDir()] = w.reload
	wakeUpFile, err := g.store.WakeUpFile()
	if err != nil {
		g.log.Debug("other processes can't wake up this one; their notes are found a little later", "error", err)
	}
	w.files = watch.Open(watch.Options{
		Site: g.cfg.Root, Content: g.cfg.ContentDir(), Folders: slices.Sorted(maps.Keys(w.roots)), Whole: g.cfg.LayoutsDir(),
		WakeUpFile: wakeUpFile, Logger: g.log, Overflows: &g.counters.overflows,
	})
	return w
}

func (w *watcher) run(ctx context.Context) error {
	for ctx.Err() == nil {
		timer := time.NewTimer(w.wait(ctx))
		for !w.next(ctx, timer.C) {
		}
		timer.Stop()
	}
	return w.stop()
}

// next waits for one wake-up and handles it: see the documentation of the package. It
// reports whether the time of the next timer may have changed.
func (w *watcher) next(ctx context.Context, due <-chan time.Time) bool {
	written := w.written
	if w.failures > 0 {
		written = nil // a failed build writes to the index, too, and must not wake up itself
	}
	select {
	case <-ctx.Done():
	case <-written:
		w.tick(ctx)
	case e := <-w.files.Events():
		if !w.files.IsWakeUp(e) {
			return w.files.Event(e)
		}
		if w.failures == 0 { // likewise
			w.tick(ctx)
		}
	case err := <-w.files.Errors():
		w.files.Failed(err)
	case <-due:
		if !w.isEarly(ctx) {
			w.tick(ctx)
		}
	}
	return true
}

// isEarly reports whether files changed, none of them is quiet yet, and nothing is queued.
// A receiver that cannot write to the wake-up file may have queued a note.
func (w *watcher) isEarly(ctx context.Context) bool {
	if !w.begun || w.failures > 0 || w.files.Len() == 0 || w.files.HasQuiet(time.Now()) {
		return false
	}
	waiting, err := w.g.store.Waiting(ctx)
	return err == nil && !waiting
}

// stop makes the outputs durable.
func (w *watcher) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return w.g.makeDurable(ctx)
}

// wait returns the time until the next timer.
func (w *watcher) wait(ctx context.Context) time.Duration {
	if w.failures > 0 {
		next := w.lastFail.Add(min(retryAfter<<min(w.failures-1, 10), maxRetryAfter))
		// A change of a layout may correct the mistake: the build is retried when it is quiet.
		if at, ok := w.files.ChangedAt(watch.Path{Root: w.g.cfg.LayoutsDir()}); ok && at.Add(watch.QuietTime).After(w.lastWork) && at.Add(watch.QuietTime).Before(next) {
			next = at.Add(watch.QuietTime)
		}
		return max(minWait, time.Until(next))
	}
	if w.files.Len() > 0 {
		since := w.files.SinceLatest()
		return max(minWait, min(since, watch.QuietTime-since))
	}
	d := min(scanEvery, w.untilRecheck(ctx))
	if w.g.unsynced > 0 {
		d = max(idleTime, syncEvery-time.Since(w.lastSync))
	}
	due, err := w.g.store.NextDue(ctx)
	if err == nil && !due.IsZero() {
		d = min(d, max(0, due.Sub(w.g.now())))
	}
	return d
}

// tick does all work that is due now.
func (w *watcher) tick(ctx context.Context) {
	quiet := w.files.Len() == 0
	if quiet && w.files.Polling() && time.Since(w.lastWork) >= scanEvery {
		w.files.MarkAll(watch.LongAgo())
	}
	if quiet {
		w.recheckMissing(ctx)
	}
	var err error
	if !w.begun {
		err = w.begin(ctx)
	}
	if ctx.Err() != nil {
		return
	}
	ctx = context.WithoutCancel(ctx) // work that has begun is finished
	if err == nil {
		err = w.work(ctx)
	}
	if err != nil {
		w.recordFailure(err)
		return
	}
	if w.failures > 0 {
		w.g.log.Info("the build succeeds again", "failures", w.failures)
	}
	w.failures, w.failure = 0, ""
	w.reportStuck()
	clear(w.logged)
	if quiet && w.g.unsynced > 0 && time.Since(w.lastSync) >= syncEvery {
		w.lastSync = time.Now()
		if err := w.g.makeDurable(ctx); err != nil {
			w.g.log.Warn("cannot make outputs durable yet", "error", err)
		}
	}
}

// untilRecheck returns the time until the next recheck of a folder with missing files; if
// there is none, the longest duration.
func (w *watcher) untilRecheck(ctx context.Context) time.Duration {
	looks, err := w.g.store.SecondLooks(ctx)
	d := time.Duration(math.MaxInt64)
	if err != nil {
		return d
	}
	for _, l := range looks {
		d = min(d, max(minWait, l.At.Sub(w.g.now()), scanEvery-time.Since(w.lastRecheck)))
	}
	return d
}

// recheckMissing has folders with missing files scanned again, if the time has come. If a
// disk was mounted again, its folder is another one, which no event reports: all watches
// are opened again.
func (w *watcher) recheckMissing(ctx context.Context) {
	looks, err := w.g.store.SecondLooks(ctx)
	if err != nil || time.Since(w.lastRecheck) < scanEvery {
		return
	}
	for _, l := range looks {
		if l.At.After(w.g.now()) {
			continue
		}
		w.lastRecheck = time.Now()
		w.files.FoldersMoved()
		root := filepath.Join(w.g.cfg.Root, l.Folder)
		if l.Folder == "content" {
			root = w.g.cfg.ContentDir()
		}
		w.files.Mark(watch.Path{Root: root}, watch.LongAgo())
	}
}

// recordFailure counts and logs the error of a build, which is then retried.
func (w *watcher) recordFailure(err error) {
	w.failures++
	w.g.counters.failures.Add(1)
	w.lastFail = time.Now()
	w.logFailure(err)
	w.failure = err.Error()
	w.reportStuck()
}

// reportStuck passes on why the outputs do not follow changes, if that is new.
func (w *watcher) reportStuck() {
	reason := cmp.Or(w.refused, w.failure)
	if reason != w.stuck && w.g.stuck != nil {
		w.g.stuck(reason)
	}
	w.stuck = reason
}

// maxLogged is how many errors are logged until a build succeeds again.
const maxLogged = 10

// logFailure logs the error of a build as an error the first time, and in later attempts
// only for debugging.
func (w *watcher) logFailure(err error) {
	why, level := err.Error(), slog.LevelDebug
	if !w.logged[why] && len(w.logged) < maxLogged {
		w.logged[why], level = true, slog.LevelError
	}
	w.g.log.Log(context.Background(), level, "build failed; the site stays as it was, and the build is retried until it succeeds", "error", err)
}

// work publishes notes of the receiver, and then reads the changes of files and publishes
// again. A change that fails is read again the next time, and does not delay others.
func (w *watcher) work(ctx context.Context) error {
	// A note of the receiver is in the index already, and its client waits.
	w.written = w.g.store.Written()
	failed := w.publish(ctx)
	// Also if this failed: the change of a layout may correct the mistake.
	changed, err := w.readChanges(ctx, time.Now())
	if changed {
		w.unreported = true
		failed = w.publish(ctx)
	}
	if err = errors.Join(failed, err); err != nil {
		return err
	}
	w.g.hook.Start()
	if !w.unreported || w.files.Len() > 0 && time.Since(w.lastReport) < reportWait {
		return nil // the report follows as soon as the files are quiet
	}
	return w.report(ctx)
}

// readChanges reads the changed files that are quiet. It reports whether there were any.
func (w *watcher) readChanges(ctx context.Context, now time.Time) (changed bool, err error) {
	w.lastWork = now
	content := w.g.cfg.ContentDir()
	quiet := w.files.Quiet(now)
	var notes []watch.Path
	for _, p := range quiet {
		if p.Root == content {
			notes = append(notes, p)
		}
	}
	if len(notes) > 0 {
		if err = w.refresh(ctx, notes); err == nil {
			for _, p := range notes {
				w.files.Remove(p)
			}
			changed = true
		}
	}
	for _, p := range quiet {
		if p.Root == content {
			continue
		}
		if failed := w.roots[p.Root](ctx, p.Rel); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		w.files.Remove(p)
		changed = true
	}
	return changed, err
}

// refresh reads changed files below content/ into the index, or all of them if the folder
// itself counts as changed.
func (w *watcher) refresh(ctx context.Context, notes []watch.Path) error {
	names := make([]string, len(notes))
	for i, p := range notes {
		if names[i] = p.Rel; p.Rel == "" {
			w.files.Renew()
			return w.g.store.Scan(ctx)
		}
	}
	return w.g.store.Refresh(ctx, names...)
}

// publish builds everything that is stale, and logs the numbers of outputs.
func (w *watcher) publish(ctx context.Context) error {
	if w.g.out.Deleted() {
		w.g.log.Warn("the output folder was removed; it is made again", "folder", w.g.cfg.Build.Output)
		w.files.MarkAll(watch.LongAgo()) // static files and uploads must be copied again, also if reopen fails
		return w.g.reopen(ctx)
	}
	out := w.g.out
	writtenBefore, _, removedBefore := out.Counts()
	start := time.Now()
	w.g.changed.clear()
	if err := w.g.publish(ctx); err != nil {
		return err
	}
	written, _, removed := out.Counts()
	written, removed = written-writtenBefore, removed-removedBefore
	if written+removed == 0 {
		return nil
	}
	w.g.log.Info("published", "notes", w.g.changed.String(), "written", written, "removed", removed, "took", time.Since(start).Round(time.Microsecond))
	w.unreported = true
	return nil
}

// report logs the problems that the last report did not have.
func (w *watcher) report(ctx context.Context) error {
	r, err := w.g.report(ctx, time.Now())
	if err != nil {
		return err
	}
	w.unreported, w.lastReport = false, time.Now()
	w.logNew(r)
	return nil
}

func (w *watcher) logNew(r *Report) {
	for _, problem := range append(r.Problems, r.Warnings...) {
		if !w.g.reported[problem] {
			w.g.log.Warn(problem)
		}
	}
	w.g.reported = map[string]bool{}
	for _, problem := range append(r.Problems, r.Warnings...) {
		w.g.reported[problem] = true
	}
}

// reload reads changed layouts and makes all outputs stale. A mistake in a layout is
// logged and not retried: its author must correct it.
func (w *watcher) reload(ctx context.Context, _ string) error {
	if err := w.g.render.LoadTheme(); err != nil {
		if w.refused != err.Error() {
			w.refused = err.Error()
			w.g.log.Error("cannot use the changed layouts; the former ones stay in use", "error", err)
			w.reportStuck()
		}
		return nil
	}
	w.refused = ""
	w.reportStuck()
	return w.g.checkFingerprint(ctx)
}
