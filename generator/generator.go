package generator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"starpunk/generator/hook"
	"starpunk/generator/markdown"
	"starpunk/generator/output"
	"starpunk/generator/plan"
	"starpunk/generator/theme"
	"starpunk/site"
	"starpunk/site/store"

	"golang.org/x/sync/errgroup"
)

const (
	batchNotes = 256            // rows rendered and marked together
	stepNotes  = 8 * batchNotes // rows of one step: a batch is rendered while that before it is marked
	batchLists = 256
)

// A Generator builds one site into one output folder. Only one goroutine may
// use it.
type Generator struct {
	cfg     *site.Config
	store   *store.Store
	log     *slog.Logger
	now     func() time.Time
	version string
	goOn    bool

	plan     *plan.Plan         // nil: to be loaded from the index
	restyle  *store.Fingerprint // all pages must be rendered with it; nil: they are
	styled   *store.Fingerprint // they were, and that must be recorded; nil: it is
	markdown *markdown.Renderer
	pictures *pictureSizes
	layouts  *theme.Theme
	site     theme.Site
	out      *output.Folder
	outID    string
	unknown  bool // the output is another than that of the last build, and was not made now
	hook     *hook.Hook
	moved    redirects // what the maps of redirects have
	behind   bool      // the clock was found to be behind the last build
	counters counters
	concerns concerned // what the log is to name of the next build

	interrupted int64 // number of the last build, if it was cut short or failed: see [store.Store.Interrupted]

	gone     bool // some file went: a new one may be the same note
	capital  bool // some permalink has a capital letter: another may differ only by case
	progress progress
	notes    *noteCache
	contents *contentCache // open while many pages are built; nil: it is closed

	leftOut  store.LeftOut // of static/ and media/
	mu       sync.Mutex
	moves    map[string]string // remarks about notes whose address changed in this build, by file
	built    int64             // number of the last build whose outputs are not known to be durable; 0: none
	reported map[string]bool   // problems that were logged
}

// Options are what a Generator needs beside the configuration and the store.
type Options struct {
	Logger  *slog.Logger // nil: silent
	Version string       // of the program: "0.1.0"
	// Progress is told now and then how far a build has come; nil: nobody is.
	Progress func(Progress)
	// GoOn has Watch try again, rather than end, if its first build fails: for a
	// process that runs already and takes up another configuration, another index
	// or another's work. Watch, not New, then reports a mistake in a layout.
	GoOn bool
	// Now is the clock that decides which notes are due; nil: time.Now. It must
	// be the store's.
	Now func() time.Time
}

// New returns a Generator that is ready to build. It reads the layouts: a
// mistake in one is reported with its file and line.
func New(cfg *site.Config, s *store.Store, o Options) (*Generator, error) {
	g := &Generator{
		cfg: cfg, store: s, log: o.Logger, now: o.Now, version: o.Version, goOn: o.GoOn,
		markdown: markdown.New(cfg.Markdown, roomFor),
		pictures: newPictureSizes(),
		moves:    map[string]string{},
		progress: progress{tell: o.Progress},
		notes:    newNoteCache(),
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.now == nil {
		g.now = time.Now
	}
	if err := g.loadTheme(); err != nil && !g.goOn {
		return nil, err
	}
	return g, nil
}

// loadTheme takes the layouts into use as they are now, or leaves all as it was.
func (g *Generator) loadTheme() error {
	set, err := theme.Load(g.cfg.LayoutsDir())
	if err != nil {
		return err
	}
	set.Fallbacks = &g.counters.fallbacks
	layouts, model := g.layouts, g.site
	g.layouts = set
	g.site = g.siteModel()
	if err := g.checkFrontPage(); err != nil {
		g.layouts, g.site = layouts, model
		return err
	}
	return nil
}

// A Report is what a build did.
type Report struct {
	Written   int64         `json:"written"`   // files new or changed
	Unchanged int64         `json:"unchanged"` // files that would have been written with the bytes they have
	Removed   int64         `json:"removed"`
	Problems  []string      `json:"problems"` // files that are left out, and why; the command build.after, if it failed
	Warnings  []string      `json:"warnings"`
	Duration  time.Duration `json:"nanoseconds"`
}

// Build brings the output folder up to date with everything it depends on, and
// runs the command build.after if that changed anything. The caller holds the
// build lock.
func (g *Generator) Build(ctx context.Context) (*Report, error) {
	report, err := g.build(ctx)
	if err != nil {
		return nil, err
	}
	if err := g.hook.Finish(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		report.Problems = append(report.Problems, err.Error())
	}
	return report, nil
}

func (g *Generator) build(ctx context.Context) (*Report, error) {
	start := time.Now()
	defer relaxCollector()()
	if err := g.open(ctx); err != nil {
		return nil, err
	}
	return g.bring(ctx, start)
}

// bring brings the output folder up to date, which is open.
func (g *Generator) bring(ctx context.Context, start time.Time) (*Report, error) {
	defer g.store.KeepParsed(parsedMemory)()
	g.progress.begin("reading")
	if err := g.store.Scan(ctx); err != nil {
		return nil, err
	}
	if err := g.checkLoss(ctx); err != nil {
		return nil, err
	}
	g.progress.begin("copying")
	if err := g.copyAll(ctx); err != nil {
		return nil, err
	}
	if err := g.publish(ctx); err != nil {
		return nil, err
	}
	if err := g.sweep(ctx); err != nil {
		return nil, err
	}
	if err := g.settle(ctx); err != nil {
		return nil, err
	}
	return g.report(ctx, start)
}

// checkLoss refuses to take the pages of notes out of an output that the index does
// not know, where there is no note: the index is lost, and with it what tells that
// there were notes.
func (g *Generator) checkLoss(ctx context.Context) error {
	if !g.unknown {
		return nil
	}
	lost, err := g.store.LostAll(ctx)
	if err != nil || !lost {
		return err
	}
	maps, err := filepath.Glob(g.out.Path("sitemap-[0-9]*.xml"))
	if err != nil || len(maps) == 0 {
		return err
	}
	return fmt.Errorf("content/ has no notes, but %s has pages of notes, which stay: put the notes back; "+
		"or, to begin anew, run \"starpunk build --allow-empty\"", g.cfg.Build.Output)
}

// hookFile is the file in the lock folder that records whether build.after has work.
const hookFile = "after"

// buildMemory is the limit of memory during a build, in bytes. Garbage is collected
// more often above it. memoryOfByte is how much the limit is raised for each byte
// of a large text.
const (
	buildMemory  = 160 << 20
	memoryOfByte = 90
)

// parsedMemory is how many bytes the notes take at most that are kept from the scan
// until their pages are made.
const parsedMemory = 32 << 20

// roomFor raises the limit of memory for a large text until the returned function
// is called. Without it the collector runs again and again, and a text of 4 MiB
// takes three times as long. A limit that the owner has set stays.
func roomFor(text int) (restore func()) {
	if debug.SetMemoryLimit(-1) != buildMemory {
		return func() {}
	}
	debug.SetMemoryLimit(buildMemory + memoryOfByte*int64(text))
	return func() { debug.SetMemoryLimit(buildMemory) }
}

// relaxCollector lets the heap grow to several times of what is alive, and not
// beyond 160 MiB, until the function that it returns is called: a build makes
// garbage for a few seconds and is done. GOGC and GOMEMLIMIT in the
// environment go before.
func relaxCollector() (restore func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	percent, limit := debug.SetGCPercent(400), debug.SetMemoryLimit(buildMemory)
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// Force has the next Build look at every output, also at those of which nothing
// changed: one that was altered or removed by hand is written again, and one
// that nobody made is removed. The caller holds the build lock.
func (g *Generator) Force(ctx context.Context) error {
	if err := os.Remove(contentCacheFile(g.cfg.Index)); ignoreNotExist(err) != nil {
		return fmt.Errorf("remove rendered content: %w", err)
	}
	return g.store.Rebuild(ctx)
}

// open opens the output folder and makes the queue speak of it.
func (g *Generator) open(ctx context.Context) error {
	out, id, err := output.Open(g.cfg.Build.Output)
	if err != nil {
		return err
	}
	g.out, g.outID = out, id
	g.hook, err = hook.New(hook.Options{
		Command: g.cfg.Build.After, Dir: g.cfg.Root, File: filepath.Join(g.cfg.LockDir(), hookFile),
		Output: id, Outputs: g.store.Outputs, Logger: g.log,
	})
	if err != nil {
		return err
	}
	g.out.BeforeChange, g.out.BeforeRemove = g.hook.Changed, g.hook.Removed
	g.counters.output.Store(out)
	g.counters.hook.Store(g.hook)
	if err := g.openRedirects(ctx); err != nil {
		return err
	}
	if g.interrupted, err = g.store.Interrupted(ctx); err != nil {
		return err
	}
	return g.claim(ctx)
}

// reopen makes the output folder again, which somebody removed, and everything in
// it.
func (g *Generator) reopen(ctx context.Context) error {
	out, id, err := output.Open(g.cfg.Build.Output)
	if err != nil {
		return err
	}
	g.out.New, g.outID = out.New, id
	g.hook.Moved(id)
	if err := g.openRedirects(ctx); err != nil {
		return err
	}
	if err := g.claim(ctx); err != nil {
		return err
	}
	_, err = g.bring(ctx, time.Now())
	return err
}

// claim makes the queue speak of the output folder that is open.
func (g *Generator) claim(ctx context.Context) error {
	g.plan = nil
	known, err := g.store.ClaimOutput(ctx, g.outID)
	if err != nil {
		return err
	}
	g.unknown = !known && !g.out.New
	if !known {
		g.log.Debug("output folder is new to the index: everything is built", "folder", g.cfg.Build.Output)
	}
	return g.resume(ctx)
}

// resume has everything built again if what notes are built with changed.
func (g *Generator) resume(ctx context.Context) error {
	fingerprint, err := g.fingerprint()
	if err != nil {
		return err
	}
	g.plan, g.restyle, g.styled = nil, nil, nil
	restyled, err := g.store.Resume(ctx, fingerprint)
	if err != nil {
		return err
	}
	if restyled {
		g.restyle = &fingerprint
	}
	if err := g.touchFixed(ctx); err != nil {
		return err
	}
	return g.buildStyles(ctx)
}

// buildStyles writes the style sheets before all pages: no reader is to see one
// without.
func (g *Generator) buildStyles(ctx context.Context) error {
	stale, err := g.store.StaleLists(ctx)
	if err != nil {
		return err
	}
	stale = slices.DeleteFunc(stale, func(l store.ListState) bool { return l.Address != styleList && l.Address != feedStyle })
	if len(stale) == 0 {
		return nil
	}
	number, err := g.store.Begin(ctx)
	if err != nil {
		return err
	}
	g.built = max(g.built, number)
	return g.buildLists(ctx, number, stale, nil)
}

// touchFixed makes the lists stale that every site has, and the redirects of the
// configuration, if they do not exist yet.
func (g *Generator) touchFixed(ctx context.Context) error {
	missing, err := g.store.UnknownLists(ctx, slices.Concat(fixedLists, g.cfg.RedirectAddresses()))
	if err != nil || len(missing) == 0 {
		return err
	}
	return g.store.TouchLists(ctx, missing...)
}

// fingerprint stands for all that outputs depend on beside the files that are
// tracked one by one: configuration, layouts, program.
func (g *Generator) fingerprint() (store.Fingerprint, error) {
	cfg := *g.cfg
	cfg.Receiver = site.Receiver{URL: cfg.Receiver.URL}
	cfg.Build, cfg.Index, cfg.Root, cfg.Metrics = site.Build{}, "", "", site.Metrics{}
	cfg.Location, cfg.Warnings = nil, nil
	data, err := json.Marshal(&cfg)
	if err != nil {
		return store.Fingerprint{}, fmt.Errorf("fingerprint of the configuration: %w", err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", data, programID())
	return store.Fingerprint{Meaning: hex.EncodeToString(h.Sum(nil)), Look: g.layouts.Hash}, nil
}

// programID changes whenever the program does: its file's size and time say so
// without reading it.
func programID() string {
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(name)
	if err != nil {
		return ""
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano())
}

// publish does what is left to do: pages first, then the lists that link to
// them, then removals. A note that somebody waits for goes before all others,
// with its lists. When ctx ends, the batch under way is finished: the queue
// knows what is left.
func (g *Generator) publish(ctx context.Context) (err error) {
	start := time.Now()
	defer g.notes.endBuild()
	last, idle, stop := int64(0), 0, ctx
	restyled := false
	defer func() { g.closeContents(restyled) }()
	defer func() {
		if err != nil {
			g.interrupted = max(g.interrupted, last)
			g.plan = nil // it may have what the index has not
		}
	}()
	ctx = context.WithoutCancel(ctx)
	if err := g.store.Mature(ctx); err != nil {
		return err
	}
	hidden, err := g.store.Rewind(ctx)
	if err != nil {
		return err
	}
	if hidden > 0 && !g.behind {
		g.log.Warn("the clock is behind the last build; the notes that it puts into the future stay public", "notes", hidden)
	}
	g.behind = hidden > 0
	if err := g.store.Turn(ctx); err != nil {
		return err
	}
	if g.plan != nil {
		g.plan.Retry()
	}
	for {
		if err := stop.Err(); err != nil {
			return err
		}
		if g.store.Finished(last) {
			break
		}
		waiting, err := g.store.Waiting(ctx)
		if err != nil {
			return err
		}
		if !waiting && !g.isRestyling() {
			break
		}
		if err := g.store.SettleDue(ctx); err != nil {
			return err
		}
		if err := g.sync(ctx); err != nil {
			return err
		}
		if last, err = g.store.Begin(ctx); err != nil {
			return err
		}
		did, err := g.step(ctx, stop, last)
		if err != nil {
			return err
		}
		if did {
			idle = 0
		} else if idle++; idle > 2 {
			return errIdle
		} else {
			g.plan = nil // unless there was an upload, it is not that of the index
		}
	}
	if g.interrupted != 0 {
		if err := g.sweep(ctx); err != nil {
			return err
		}
	}
	if err := g.saveRedirects(ctx); err != nil {
		return err
	}
	if err := g.lookAtPlaces(ctx); err != nil {
		return err
	}
	if g.restyle != nil {
		g.restyle, g.styled, restyled = nil, g.restyle, true
	}
	g.count(start, last != 0)
	if last == 0 {
		return nil
	}
	g.built = last
	if g.store.Finished(last) {
		return nil
	}
	return g.store.MarkAll(ctx, last)
}

// step does some batches of the most urgent kind of work, fewer if stop ends. It
// reports whether there were any.
func (g *Generator) step(ctx, stop context.Context, number int64) (did bool, err error) {
	if err := g.copyUploads(ctx, number); err != nil {
		return false, err
	}
	ids, waited := g.plan.Next(stepNotes)
	if len(ids) > 0 {
		if g.gone, g.capital, err = g.store.Odd(ctx); err != nil {
			return false, err
		}
		if waited {
			return true, g.buildWaited(ctx, number, ids)
		}
		if err := g.openContents(len(ids)); err != nil {
			return false, err
		}
		_, err = g.buildPages(ctx, number, ids, func() (more bool, err error) { return g.goesOn(ctx, stop) })
		return true, err
	}
	lists, err := g.store.StaleLists(ctx)
	if err != nil {
		return false, err
	}
	if len(lists) > 0 {
		return true, g.buildListsInTurn(ctx, stop, number, lists)
	}
	removed, err := g.removeOutputs(ctx, number)
	return removed > 0, err
}

// openContents opens the cache of rendered content, if it is worth it for a number of
// pages.
func (g *Generator) openContents(pages int) error {
	if g.contents != nil || pages < batchNotes && g.restyle == nil {
		return nil
	}
	f, err := g.fingerprint()
	if err != nil {
		return err
	}
	g.contents = openContentCache(g.cfg.Index, f.Meaning, contentCacheMost, g.log)
	return nil
}

// closeContents closes the cache of rendered content; all reports whether all pages were
// rendered with it.
func (g *Generator) closeContents(all bool) {
	g.contents.close(all)
	g.contents = nil
}

// errIdle is the error of a build that finds nothing to do, though the index has
// something.
var errIdle = errors.New("the index has something left to do that can't be found")

// goesOn reports whether a step may do one more batch: stop has not ended, and
// nothing is more urgent.
func (g *Generator) goesOn(ctx, stop context.Context) (bool, error) {
	if stop.Err() != nil {
		return false, nil
	}
	urgent, err := g.store.Urgent(ctx)
	return !urgent, err
}

// buildWaited writes the pages of notes that clients wait for, and their lists.
func (g *Generator) buildWaited(ctx context.Context, number int64, ids []int64) error {
	all := func() (more bool, err error) { return true, nil }
	results, err := g.buildPages(ctx, number, ids, all)
	if err != nil {
		return err
	}
	touched := map[string]bool{}
	rows := make([]*store.Row, len(results))
	for i := range results {
		rows[i] = results[i].Row
		for _, b := range []*store.Built{rows[i].Built, results[i].Built} {
			if b != nil {
				for _, address := range b.Lists {
					touched[address] = true
					touched[namedBy(parseList(address))] = true
				}
			}
		}
	}
	stale, err := g.store.StaleLists(ctx)
	if err != nil {
		return err
	}
	stale = slices.DeleteFunc(stale, func(l store.ListState) bool { return !touched[l.Address] })
	if len(stale) == 0 && g.store.Finished(number) {
		return nil // they are on no list
	}
	return g.buildLists(ctx, number, stale, rows)
}

// buildPages writes the pages of some notes, and records each batch of them while it
// renders the next. After each batch, more reports whether to render another one.
func (g *Generator) buildPages(ctx context.Context, number int64, ids []int64, more func() (bool, error)) ([]store.Result, error) {
	results := make([]store.Result, 0, len(ids))
	var marking errgroup.Group
	for batch := range slices.Chunk(ids, batchNotes) {
		done, err := g.renderPages(ctx, batch)
		if err = errors.Join(marking.Wait(), err); err != nil {
			return nil, err
		}
		results = append(results, done...)
		marks := g.marksOf(batch, done)
		marking.Go(func() error {
			if err := g.store.MarkBuilt(ctx, number, marks); err != nil {
				return err
			}
			return g.advance(ctx, stageNotes, len(batch))
		})
		again, err := more()
		if err != nil {
			return nil, errors.Join(marking.Wait(), err)
		}
		if !again {
			break
		}
	}
	return results, marking.Wait()
}

func (g *Generator) renderPages(ctx context.Context, ids []int64) ([]store.Result, error) {
	rows, err := g.rows(ctx, ids)
	if err != nil {
		return nil, err
	}
	g.concerns.add(rows)
	beside := g.neighbours(rows)
	covered, err := g.store.CoveredOf(ctx, outputsOf(rows))
	if err != nil {
		return nil, err
	}
	results := make([]store.Result, len(rows))
	err = onAllCores(len(rows), func(i int) (err error) {
		results[i], err = g.buildNote(ctx, rows[i], beside[i], covered)
		return err
	})
	return results, err
}

func outputsOf(rows []*store.Row) []string {
	names := make([]string, 0, len(rows))
	for _, r := range rows {
		if r.HasPage {
			names = append(names, site.OutputFile(r.Permalink))
		}
	}
	return names
}

// onAllCores calls do for each number below n, until one fails. A goroutine does
// many: the stack that SQLite needs is made once for each.
func onAllCores(n int, do func(i int) error) error {
	var group errgroup.Group
	var taken atomic.Int64
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() error {
			for {
				i := int(taken.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := do(i); err != nil {
					taken.Store(int64(n))
					return err
				}
			}
		})
	}
	return group.Wait()
}

// buildNote writes the outputs of one row. covered are the static files that
// have its page's place, or those of others.
func (g *Generator) buildNote(ctx context.Context, row *store.Row, beside *neighbours, covered map[string]string) (store.Result, error) {
	result := store.Result{Row: row, Built: row.Built}
	if row.Problem != "" && !row.Withheld {
		// The last good page stays; the lists find out by themselves.
		if result.Built != nil {
			kept := *result.Built
			kept.Hash = row.Hash
			result.Built = &kept
		}
		return result, nil
	}
	if !row.HasPage {
		built, err := g.mark(ctx, row)
		result.Built = built
		return result, err
	}
	note, same, err := g.store.TakeRow(row)
	if err != nil {
		var syntax *site.SyntaxError
		if errors.Is(err, fs.ErrNotExist) || errors.As(err, &syntax) {
			// It changed since the index looked: the next look sorts it out.
			return result, g.store.Refresh(ctx, row.File)
		}
		return result, err
	}
	aliases, _ := g.cfg.AliasPaths(note)
	built := &store.Built{
		Hash: row.Hash, Permalink: row.Permalink, Published: row.Published,
		Lists: append(g.listsOf(row), aliases...),
	}
	result.Built = built
	if row.Kind == site.KindHome {
		home, err := g.homeText(ctx, row, note, &pagePictures{g: g})
		if err == nil {
			result.Links, result.OwnLinks, built.Warnings = home.Links, home.OwnLinks, home.Warnings
			err = g.attach(ctx, &result)
		}
		return result, err
	}
	page, err := g.notePage(ctx, row, note, same, beside)
	if err != nil {
		return result, err
	}
	result.Links, result.OwnLinks, result.Beside = page.Links, page.OwnLinks, beside.sum()
	if same && row.Listed && page.SelfContained {
		g.notes.put(row, note, page.HTML, built.Lists, g.cfg.Feed.Count)
	}
	if built.Outputs, err = g.writeBundle(ctx, row, page); err != nil {
		return result, err
	}
	if err := g.attach(ctx, &result); err != nil {
		return result, err
	}
	name := site.OutputFile(row.Permalink)
	by := covered[name]
	if by == "" {
		by, err = g.putPage(ctx, name, page.data)
		g.layouts.Reuse(page.data)
	}
	switch {
	case err != nil:
		return result, err
	case by == "":
		built.Outputs = append(built.Outputs, name)
	default:
		page.Warnings = append(page.Warnings, fmt.Sprintf("content/%s:1: its address %s belongs to %s", row.File, row.Permalink, by))
	}
	err = g.checkAddress(ctx, row, note, page)
	built.Warnings = append(built.Warnings, page.Warnings...)
	return result, err
}

// buildListsInTurn writes lists batch by batch, as long as nothing is more urgent.
func (g *Generator) buildListsInTurn(ctx, stop context.Context, number int64, lists []store.ListState) error {
	sortLists(lists)
	for batch := range slices.Chunk(lists, batchLists) {
		if err := g.buildLists(ctx, number, batch, nil); err != nil {
			return err
		}
		if more, err := g.goesOn(ctx, stop); err != nil || !more {
			return err
		}
	}
	return nil
}

// buildLists writes lists and records it. waited are notes that clients wait for; with
// these, all their lists are written.
func (g *Generator) buildLists(ctx context.Context, number int64, lists []store.ListState, waited []*store.Row) error {
	defer g.notes.endBatch()
	sortLists(lists)
	results := make([]store.ListResult, len(lists))
	owners, err := g.ownersOf(ctx, lists)
	if err != nil {
		return err
	}
	for from := 0; from < len(lists); {
		to := from + 1
		for to < len(lists) && listTurn(&lists[to]) == listTurn(&lists[from]) {
			to++
		}
		err := onAllCores(to-from, func(n int) error {
			i := from + n
			now, err := g.buildList(ctx, lists[i], owners)
			results[i] = store.ListResult{Old: lists[i], Now: now}
			return err
		})
		if err != nil {
			return err
		}
		from = to
	}
	if err := g.store.MarkLists(ctx, number, results, waited); err != nil {
		return err
	}
	return g.advance(ctx, stageLists, len(lists))
}

// An owners is who takes precedence over the outputs of some lists, as far as they were
// expected.
type owners struct {
	expected map[string][]string          // outputs by the addresses of the lists
	taken    map[string]map[string]string // sources of static files and pages, likewise by output
}

// ownersOf looks up at once who takes precedence over the outputs that some lists had, or
// are expected to have.
func (g *Generator) ownersOf(ctx context.Context, lists []store.ListState) (owners, error) {
	o := owners{expected: make(map[string][]string, len(lists))}
	for _, l := range lists {
		names := append([]string{site.OutputFile(l.Address)}, l.Outputs...)
		if l.Address == feedList {
			names = append(names, atomFeed[1:], jsonFeed[1:])
		}
		o.expected[l.Address] = names
	}
	var err error
	o.taken, err = g.store.TakenOf(ctx, o.expected)
	return o, err
}

// taken returns who takes precedence over files of a list, by their names.
func (g *Generator) taken(ctx context.Context, o owners, address string, files []file) (map[string]string, error) {
	names := make([]string, len(files))
	expected := true
	for i, f := range files {
		names[i] = f.name
		expected = expected && slices.Contains(o.expected[address], f.name)
	}
	if expected {
		return o.taken[address], nil
	}
	return g.store.Taken(ctx, address, names)
}

// The turns of lists. A list that has no output yet is written before any page links
// to it. Of the others, those come first that most readers see.
const (
	newTurn    = iota
	namingTurn // lists that link to other lists
	seenTurn
	lastTurn
)

func listTurn(l *store.ListState) int {
	address := parseList(l.Address)
	switch {
	case naming(address):
		return namingTurn
	case l.Address == homeList, l.Address == feedList:
		return seenTurn
	case len(l.Outputs) == 0 && address.kind != typeFeed && address.kind != tagFeed:
		return newTurn
	}
	return lastTurn
}

func sortLists(lists []store.ListState) {
	slices.SortStableFunc(lists, func(a, b store.ListState) int { return listTurn(&a) - listTurn(&b) })
}

// buildList writes the outputs of one list. It has none if it is empty, or if
// a page or a static file has its address.
func (g *Generator) buildList(ctx context.Context, old store.ListState, owners owners) (store.ListState, error) {
	now := store.ListState{Address: old.Address}
	files, err := g.list(ctx, &old, &now)
	if err != nil {
		return now, fmt.Errorf("list %s: %w", old.Address, err)
	}
	if len(files) == 0 {
		files, err = g.redirect(ctx, old.Address)
		if err != nil {
			return now, fmt.Errorf("redirect %s: %w", old.Address, err)
		}
		now.Redirect = len(files) > 0
	}
	if old.Redirect || now.Redirect {
		g.moved.change(old.Address)
	}
	taken, err := g.taken(ctx, owners, old.Address, files)
	if err != nil {
		return now, err
	}
	var shadowed []shadowedOutput
	for _, f := range files {
		by := taken[f.name]
		if by == "" && !f.same {
			by, err = g.put(ctx, f.name, true, func() error { return g.out.Write(f.name, f.data) })
		}
		if f.page {
			g.layouts.Reuse(f.data)
		}
		if err != nil {
			return now, err
		}
		if by == "" {
			now.Outputs = append(now.Outputs, f.name)
		} else {
			shadowed = append(shadowed, shadowedOutput{f.name, by})
		}
	}
	now.Shadowed = len(files) > 0 && len(now.Outputs) == 0
	now.Warnings = shadowedWarnings(old.Address, shadowed)
	return now, nil
}

// removeOutputs deletes what is no longer wanted. By now nothing links to it.
func (g *Generator) removeOutputs(ctx context.Context, number int64) (removed int, err error) {
	outputs, err := g.store.Removals(ctx)
	if err != nil || len(outputs) == 0 {
		return 0, err
	}
	for _, name := range outputs {
		owned, err := g.store.Owned(ctx, name)
		if err != nil {
			return 0, err
		}
		if owned {
			continue
		}
		if err := g.out.Remove(name); err != nil {
			return 0, err
		}
	}
	return len(outputs), g.store.MarkRemoved(ctx, number, outputs)
}

// sweep removes files that nobody made: once for each output folder, and after
// a build that was cut short or failed, and may have written what no row tells of.
func (g *Generator) sweep(ctx context.Context) error {
	swept, err := g.store.Swept(ctx, g.outID)
	if err != nil || swept && g.interrupted == 0 {
		return err
	}
	if !g.out.New || g.interrupted != 0 { // nobody else can have left anything in a folder that was made a moment ago
		wanted := map[string]bool{}
		if err := g.store.Outputs(ctx, func(name string) { wanted[name] = true }); err != nil {
			return err
		}
		if err := g.out.Sweep(ctx, wanted); err != nil {
			return err
		}
	}
	g.out.New = false // it is full: folders are seldom missing from now on
	g.built = max(g.built, g.interrupted)
	g.interrupted = 0
	return g.store.MarkSwept(ctx, g.outID)
}

// settle makes the outputs durable, so that their marks count after a crash.
func (g *Generator) settle(ctx context.Context) error {
	if g.built == 0 {
		return nil
	}
	if err := g.out.Sync(); err != nil {
		return err
	}
	if err := g.store.MarkSafe(ctx, g.built); err != nil {
		return err
	}
	if g.styled != nil {
		if err := g.store.MarkStyled(ctx, *g.styled); err != nil {
			return err
		}
		g.styled = nil
	}
	g.built = 0
	return nil
}

// noteMove keeps a remark about a note whose address changed, "" for none, until
// this process ends: the next build knows nothing of the former address.
func (g *Generator) noteMove(file, remark string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.moves, file)
	if remark != "" {
		g.moves[file] = remark
	}
}

func (g *Generator) report(ctx context.Context, start time.Time) (*Report, error) {
	problems, err := g.store.Problems(ctx)
	if err != nil {
		return nil, err
	}
	notices, err := g.store.Notices(ctx)
	if err != nil {
		return nil, err
	}
	warnings, err := g.lastingWarnings(ctx)
	if err != nil {
		return nil, err
	}
	written, unchanged, removed := g.out.Counts()
	r := &Report{
		Written: written, Unchanged: unchanged, Removed: removed,
		Problems: append(append([]string{}, problems...), g.leftOut.Lines("")...), Warnings: append(append([]string{}, notices...), warnings...), Duration: time.Since(start), // lists in JSON, too
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	r.Warnings = append(r.Warnings, g.layouts.Warnings...)
	for _, remark := range g.moves {
		r.Warnings = append(r.Warnings, remark)
	}
	slices.SortFunc(r.Warnings, compareWarnings)
	return r, nil
}
