package generator

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"starpunk/generator/theme"
	"starpunk/site/store"

	"github.com/fsnotify/fsnotify"
)

const (
	quietTime  = 100 * time.Millisecond // after another program's last write to a file
	lookAgain  = time.Millisecond       // after a change of a file, to see whether its receiver queued it; then less and less often
	pollEvery  = 10 * time.Second       // where no watch is to be had
	idleTime   = 2 * time.Second        // before outputs are made durable
	safeEvery  = 30 * time.Second       // at most
	reportWait = time.Second            // at most, while files change
	retryAfter = time.Second            // after a build failed
	retryMost  = time.Minute
)

// Watch brings the output folder up to date and then follows every change of
// content, static files, uploads and layouts until ctx ends. ready is called
// once the first build is done. The caller holds the build lock.
//
// A build that fails is logged and tried again: a full disk or a broken layout
// leaves the old site up until it is mended. Only if the first one fails it ends
// Watch, unless Options.Retry says otherwise: then ready is called all the same.
func (g *Generator) Watch(ctx context.Context, ready func()) error {
	// The watches stand before the first look, so that nothing slips between.
	w := g.newWatcher()
	defer w.close()
	defer w.following.Wait()
	err := w.begin(ctx)
	if err != nil {
		if !g.retry || ctx.Err() != nil {
			return err
		}
		if err := g.store.Scan(ctx); err != nil { // a receiver waits for that, and for no more
			g.log.Debug("the notes can't be read yet", "error", err)
		}
		w.fail(err)
	}
	ready()
	return w.run(ctx)
}

// begin does the first build.
func (w *watcher) begin(ctx context.Context) error {
	w.lastWork = time.Now()
	if w.g.retry { // the layouts may be others than when it was made
		if err := w.g.loadTheme(); err != nil {
			return err
		}
	}
	first, err := w.g.build(ctx)
	if err != nil {
		return err
	}
	w.logNew(first)
	w.g.prepare(ctx)
	// A first build may have taken ten times what is needed from now on.
	if err := w.g.store.Shrink(); err != nil {
		return err
	}
	debug.FreeOSMemory()
	w.begun = true
	w.following.Go(func() { w.g.hook.Follow(ctx) })
	w.g.hook.Start()
	return nil
}

// prepare does what the first note that comes would wait for: it loads the plan,
// compiles the layouts, and reads the notes that the front page and the feed show beside it.
func (g *Generator) prepare(ctx context.Context) {
	page := g.newPage(homeList)
	page.Note, page.List = &theme.Note{Author: &g.site.Author}, &theme.List{}
	g.layouts.Prepare(page)
	defer g.notes.endBatch()
	if err := g.sync(ctx); err != nil {
		g.log.Debug("the plan can't be loaded yet", "error", err)
		return
	}
	for _, address := range []string{homeList, feedList} {
		if _, err := g.list(ctx, &store.ListState{Address: address}, &store.ListState{Address: address}); err != nil {
			g.log.Debug("a list can't be rendered yet", "list", address, "error", err)
		}
	}
}

// A place is something below one of the folders that are watched beside
// content/.
type place struct {
	root string
	rel  string // with slashes; "" for root itself
}

// A watcher is the state of one Watch.
type watcher struct {
	g       *Generator
	notify  *fsnotify.Watcher                                      // nil: changes can't be watched
	folders map[string]bool                                        // names by which folders are watched
	trouble chan error                                             // what the watches fail with; one stands for all that come with it
	moved   bool                                                   // some folder may not be where its watch says
	roots   map[string]func(ctx context.Context, rel string) error // folder → what to do when something at a path below it changed

	begun     bool           // the first build is done
	following sync.WaitGroup // the command after publishing

	changed    map[string]time.Time // names below content/ and when they last changed
	touched    map[place]time.Time  // places below the roots likewise
	latest     time.Time            // when the last of these did
	wakeUpFile string               // a file that other processes write to when a client waits
	written    <-chan struct{}      // closed when this process changed the index after the last look at the queue
	polling    bool                 // some folder can't be watched
	news       bool                 // something was looked at since the last report
	failures   int
	told       map[string]bool // errors that were logged since a build went well
	refused    string          // why the layouts are not in use as they are now; it was logged
	lastFail   time.Time
	lastSafe   time.Time
	lastSecond time.Time // when missing files were last looked for again
	lastWork   time.Time // when it last looked at what changed
	lastReport time.Time
}

func (g *Generator) newWatcher() *watcher {
	w := &watcher{
		g:       g,
		written: g.store.Written(),
		told:    map[string]bool{},
		changed: map[string]time.Time{},
		touched: map[place]time.Time{},
		roots: map[string]func(context.Context, string) error{
			filepath.Join(g.cfg.Root, "static"): g.copyStatic,
			g.cfg.MediaDir():                    g.copyMedia,
		},
	}
	w.roots[g.cfg.LayoutsDir()] = w.reload
	var err error
	if w.wakeUpFile, err = g.store.WakeUpFile(); err != nil {
		g.log.Debug("what other processes write is looked for a little later", "error", err)
	}
	w.open()
	return w
}

// open watches the folders that there are.
func (w *watcher) open() {
	w.folders, w.moved = map[string]bool{}, false
	var err error
	if w.notify, err = fsnotify.NewWatcher(); err != nil {
		w.g.log.Warn("changes of files can't be watched; they are looked for every 10 seconds", "error", err)
		w.notify, w.polling = nil, true
		return
	}
	w.trouble = make(chan error, 1)
	go listen(w.notify, w.trouble)
	if w.wakeUpFile != "" {
		w.add(w.wakeUpFile)
	}
	// Folders that come to be later are seen from the site's own.
	w.add(w.g.cfg.Root)
	w.addContent()
	for root := range w.roots {
		w.addTree(root)
	}
}

// listen takes in the errors of the watches until they are closed. They never
// wait: the library holds its lock while it tells some, and whoever should hear
// them may be about to add a watch, which needs it.
func listen(notify *fsnotify.Watcher, trouble chan<- error) {
	for err := range notify.Errors {
		select {
		case trouble <- err:
		default: // everything will be looked at already
		}
	}
}

// reopen gives up all watches and begins anew. The watch of a folder that moved
// keeps its old name (the kernel knows it by what it is, not by where), and so do
// those of the folders below it.
func (w *watcher) reopen() {
	w.close()
	w.open()
}

func (w *watcher) close() {
	if w.notify != nil {
		_ = w.notify.Close() // nothing was written through it
	}
}

// add watches one folder. Where the system refuses, the site is scanned at
// intervals instead.
func (w *watcher) add(dir string) {
	if w.notify == nil {
		return
	}
	err := w.notify.Add(dir)
	if err == nil {
		w.folders[dir] = true
		return
	}
	if errors.Is(err, fs.ErrNotExist) || w.polling {
		return
	}
	w.g.log.Warn("a folder can't be watched; changes are looked for every 10 seconds", "folder", dir, "error", err,
		"remedy", "raise the limit of inotify watches (fs.inotify.max_user_watches)")
	w.polling = true
}

// addContent watches content/, which may be a link: it is walked as what it leads
// to, by its own name.
func (w *watcher) addContent() {
	w.addTree(w.g.cfg.ContentDir() + string(filepath.Separator))
}

// addTree watches a folder and those below it.
func (w *watcher) addTree(dir string) {
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			w.add(filepath.Clean(name))
		}
		return nil // what can't be read is reported by the scan
	})
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

// next waits for one thing to happen and deals with it. It reports whether that
// may have changed how long nothing needs to be done.
func (w *watcher) next(ctx context.Context, due <-chan time.Time) bool {
	var events chan fsnotify.Event
	if w.notify != nil {
		events = w.notify.Events
	}
	written := w.written
	if w.failures > 0 {
		written = nil // to fail is no reason to try again at once
	}
	select {
	case <-ctx.Done():
	case <-written:
		w.tick(ctx)
	case e := <-events:
		if e.Name != w.wakeUpFile {
			return w.event(e)
		}
		if w.failures == 0 { // else it is no reason to try again at once, either
			w.tick(ctx)
		}
	case err := <-w.trouble:
		w.failed(err)
	case <-due:
		if !w.isEarly(ctx) {
			w.tick(ctx)
		}
	}
	return true
}

// isEarly reports whether all that changed is not quiet yet, and nothing is queued:
// a receiver that cannot write to the wake-up file may have queued it.
func (w *watcher) isEarly(ctx context.Context) bool {
	if !w.begun || w.failures > 0 || len(w.changed)+len(w.touched) == 0 || w.hasQuiet(time.Now()) {
		return false
	}
	waiting, err := w.g.store.Waiting(ctx)
	return err == nil && !waiting
}

// hasQuiet reports whether something changed and has been quiet since.
func (w *watcher) hasQuiet(now time.Time) bool {
	for _, at := range w.changed {
		if now.Sub(at) >= quietTime {
			return true
		}
	}
	for _, at := range w.touched {
		if now.Sub(at) >= quietTime {
			return true
		}
	}
	return false
}

// stop leaves the outputs durable and their marks true.
func (w *watcher) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return w.g.makeDurable(ctx)
}

// wait is how long nothing needs to be done if nothing happens.
func (w *watcher) wait(ctx context.Context) time.Duration {
	if w.failures > 0 {
		next := w.lastFail.Add(min(retryAfter<<min(w.failures-1, 10), retryMost))
		// A change of layouts may mend it, and is tried once it is quiet.
		if at, ok := w.touched[place{w.g.cfg.LayoutsDir(), ""}]; ok && at.Add(quietTime).After(w.lastWork) && at.Add(quietTime).Before(next) {
			next = at.Add(quietTime)
		}
		return max(lookAgain, time.Until(next))
	}
	if len(w.changed) > 0 || len(w.touched) > 0 {
		since := time.Since(w.latest)
		return max(lookAgain, min(since, quietTime-since))
	}
	d := min(pollEvery, w.untilSecondLook(ctx))
	if w.g.unsynced > 0 {
		d = max(idleTime, safeEvery-time.Since(w.lastSafe))
	}
	due, err := w.g.store.NextDue(ctx)
	if err == nil && !due.IsZero() {
		d = min(d, max(0, due.Sub(w.g.now())))
	}
	return d
}

// event notes what changed, and reports whether that matters. Nothing is read yet:
// a program that saves a file often changes it more than once.
func (w *watcher) event(e fsnotify.Event) bool {
	rel, isContent := below(w.g.cfg.ContentDir(), e.Name)
	if isContent && strings.HasPrefix(filepath.Base(rel), ".starpunk-") {
		return false // a file that a writer is about to give its name
	}
	// A change of permissions may let us in.
	if e.Has(fsnotify.Create) || e.Has(fsnotify.Chmod) {
		if info, err := os.Lstat(e.Name); err == nil && info.IsDir() && w.watched(e.Name) {
			w.addTree(e.Name)
		}
	}
	now := time.Now()
	if w.folders[e.Name] && (e.Has(fsnotify.Rename) || e.Has(fsnotify.Remove)) {
		delete(w.folders, e.Name)
		if e.Has(fsnotify.Rename) {
			w.moved = true
			w.lookAtAll(now)
			w.latest = now
		}
	}
	if isContent {
		w.latest = now
		w.changed[filepath.ToSlash(rel)] = now
		return true
	}
	for root := range w.roots {
		if rel, ok := below(root, e.Name); ok {
			if root == w.g.cfg.LayoutsDir() {
				rel = "" // they are read together
			}
			w.latest = now
			w.touched[place{root, filepath.ToSlash(rel)}] = now
		}
	}
	return true
}

// watched says whether changes below a folder concern the site.
func (w *watcher) watched(name string) bool {
	if _, ok := below(w.g.cfg.ContentDir(), name); ok {
		return true
	}
	for root := range w.roots {
		if _, ok := below(root, name); ok {
			return true
		}
	}
	return false
}

// below returns the path of name relative to root, "" for root itself.
func below(root, name string) (rel string, ok bool) {
	if name == root {
		return "", true
	}
	return strings.CutPrefix(name, root+string(filepath.Separator))
}

// failed handles an error of the watch. When the kernel's queue ran over,
// events are lost, and a scan finds what they would have said.
func (w *watcher) failed(err error) {
	if errors.Is(err, fsnotify.ErrEventOverflow) {
		w.g.counters.overflows.Add(1)
		w.g.log.Warn("too many changes at once to follow one by one; everything is looked at again")
	} else {
		w.g.log.Warn("watch of files", "error", err)
	}
	w.moved = true // it may be what the event would have said
	w.lookAtAll(longAgo())
}

// lookAtAll has everything looked at as if it had changed at some time.
func (w *watcher) lookAtAll(changed time.Time) {
	w.changed[""] = changed
	for root := range w.roots {
		w.touched[place{root, ""}] = changed
	}
}

func longAgo() time.Time { return time.Now().Add(-time.Hour) }

// tick does what is due now.
func (w *watcher) tick(ctx context.Context) {
	quiet := len(w.changed) == 0 && len(w.touched) == 0
	if quiet && w.polling && time.Since(w.lastWork) >= pollEvery {
		w.lookAtAll(longAgo())
	}
	if quiet {
		w.lookAgainAtMissing(ctx)
	}
	var err error
	if !w.begun {
		err = w.begin(ctx)
	}
	if ctx.Err() != nil {
		return
	}
	ctx = context.WithoutCancel(ctx) // what has begun is finished
	if err == nil {
		err = w.work(ctx)
	}
	if err != nil {
		w.fail(err)
		return
	}
	if w.failures > 0 {
		w.g.log.Info("what kept the site from being built is gone", "failures", w.failures)
	}
	w.failures = 0
	clear(w.told)
	if quiet && w.g.unsynced > 0 && time.Since(w.lastSafe) >= safeEvery {
		w.lastSafe = time.Now()
		if err := w.g.makeDurable(ctx); err != nil {
			w.g.log.Warn("outputs can't be made durable yet", "error", err)
		}
	}
}

// untilSecondLook returns the time until the second look at a folder with missing
// files; if none is due, longer than anything else.
func (w *watcher) untilSecondLook(ctx context.Context) time.Duration {
	looks, err := w.g.store.SecondLooks(ctx)
	d := time.Duration(math.MaxInt64)
	if err != nil {
		return d
	}
	for _, l := range looks {
		d = min(d, max(lookAgain, l.At.Sub(w.g.now()), pollEvery-time.Since(w.lastSecond)))
	}
	return d
}

// lookAgainAtMissing has folders with missing files looked at again, if it is time.
// A folder where a disk was mounted again is another folder, and nothing tells of
// that: all watches are set anew.
func (w *watcher) lookAgainAtMissing(ctx context.Context) {
	looks, err := w.g.store.SecondLooks(ctx)
	if err != nil || time.Since(w.lastSecond) < pollEvery {
		return
	}
	for _, l := range looks {
		if l.At.After(w.g.now()) {
			continue
		}
		w.lastSecond = time.Now()
		w.moved = true
		if root := filepath.Join(w.g.cfg.Root, l.Folder); l.Folder == "content" {
			w.changed[""] = longAgo()
		} else {
			w.touched[place{root, ""}] = longAgo()
		}
	}
}

func (w *watcher) fail(err error) {
	w.failures++
	w.g.counters.failures.Add(1)
	w.lastFail = time.Now()
	w.complain(err)
}

// maxTold is how many errors are logged until a build goes well again.
const maxTold = 10

// complain logs why a build failed: once, not each time that it is tried again.
func (w *watcher) complain(err error) {
	why, level := err.Error(), slog.LevelDebug
	if !w.told[why] && len(w.told) < maxTold {
		w.told[why], level = true, slog.LevelError
	}
	w.g.log.Log(context.Background(), level, "build failed; the site stays as it was, and it is tried again until it goes well", "error", err)
}

// work does what is due. What fails stays, and keeps nothing else from being done.
func (w *watcher) work(ctx context.Context) error {
	// What the receiver wrote is in the index already, and somebody waits.
	w.written = w.g.store.Written()
	failed := w.publish(ctx)
	// Also if that fails: a change of a layout may be what mends it.
	looked, err := w.look(ctx, time.Now())
	if looked {
		w.news = true
		failed = w.publish(ctx)
	}
	if err = errors.Join(failed, err); err != nil {
		return err
	}
	w.g.hook.Start()
	if !w.news || len(w.changed)+len(w.touched) > 0 && time.Since(w.lastReport) < reportWait {
		return nil // or there is a look, and a report, as soon as files are quiet
	}
	return w.report(ctx)
}

// look looks at what changed and has been quiet since, and says whether there
// was anything.
func (w *watcher) look(ctx context.Context, now time.Time) (looked bool, err error) {
	w.lastWork = now
	var names []string
	for name, at := range w.changed {
		if now.Sub(at) >= quietTime {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		if err = w.refresh(ctx, names); err == nil {
			for _, name := range names {
				delete(w.changed, name)
			}
			looked = true
		}
	}
	places := slices.SortedFunc(maps.Keys(w.touched), func(a, b place) int { // what fails is said the same way each time
		return cmp.Or(strings.Compare(a.root, b.root), strings.Compare(a.rel, b.rel))
	})
	for _, p := range places {
		if now.Sub(w.touched[p]) < quietTime {
			continue
		}
		if failed := w.roots[p.root](ctx, p.rel); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		delete(w.touched, p)
		looked = true
	}
	return looked, err
}

func (w *watcher) refresh(ctx context.Context, names []string) error {
	for _, name := range names {
		if name == "" {
			if w.moved {
				w.reopen()
			} else {
				w.addContent()
			}
			return w.g.store.Scan(ctx)
		}
	}
	return w.g.store.Refresh(ctx, names...)
}

// publish does what is left to do and logs what came of it.
func (w *watcher) publish(ctx context.Context) error {
	if w.g.out.Deleted() {
		w.g.log.Warn("the output folder is gone; it is made again", "folder", w.g.cfg.Build.Output)
		w.lookAtAll(longAgo()) // also if that fails: what is copied is to be copied again
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
	w.news = true
	return nil
}

// report logs problems that were not there the last time.
func (w *watcher) report(ctx context.Context) error {
	r, err := w.g.report(ctx, time.Now())
	if err != nil {
		return err
	}
	w.news, w.lastReport = false, time.Now()
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

// reload takes changed layouts into use and has everything built with them. A
// mistake in one is for its author to mend: to try again would not help.
func (w *watcher) reload(ctx context.Context, _ string) error {
	if err := w.g.loadTheme(); err != nil {
		if w.refused != err.Error() {
			w.refused = err.Error()
			w.g.log.Error("the layouts as they were stay in use", "error", err)
		}
		return nil
	}
	w.refused = ""
	return w.g.checkFingerprint(ctx)
}
