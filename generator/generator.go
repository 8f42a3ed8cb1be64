package generator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"starpunk/generator/assets"
	"starpunk/generator/hook"
	"starpunk/generator/list"
	"starpunk/generator/output"
	"starpunk/generator/plan"
	"starpunk/generator/precedence"
	"starpunk/generator/redirect"
	"starpunk/generator/render"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/queue"
)

// A Generator builds one site into one output folder. Only one goroutine may
// use it.
type Generator struct {
	cfg   *site.Config
	store *store.Builder
	log   *slog.Logger
	now   func() time.Time
	retry bool // see Options.Retry

	plan         *plan.Plan         // nil: it must be loaded from the index
	restyle      *queue.Fingerprint // all pages must be rendered with it; nil: they are
	styled       *queue.Fingerprint // they were, and that must be recorded; nil: it is
	render       *render.Renderer
	out          *output.Folder
	outID        string
	sources      *precedence.Sources
	writer       *precedence.Writer // to out
	assets       *assets.Copier     // to out
	redirects    *redirect.Redirects
	redirectMaps *redirect.Maps
	hook         *hook.Hook
	counters     counters
	changed      changedNotes // of the next line of the log

	outUnknown  bool // the output folder existed, and the index has built into another one
	clockBehind bool // the clock is behind the last build

	interrupted int64 // number of the last build, if it was interrupted or failed: see [queue.Queue.Interrupted]
	unsynced    int64 // number of the last build whose outputs may not be durable; 0: none

	leftovers bool // some output is of a deleted file: a new file may be the same note
	capitals  bool // some permalink has a capital letter: another may differ only by case
	progress  progress
	stuck     func(reason string) // nil: see [Options]

	mu       sync.Mutex
	moves    map[string]string // remarks about notes whose address changed in this build, by file
	reported map[string]bool   // problems that were logged
}

// Options are the options of a Generator besides the configuration and the store.
type Options struct {
	Logger  *slog.Logger // nil: silent
	Version string       // of the program: "0.1.0"
	// Progress is called from time to time during a build; nil: it is not.
	Progress func(Progress)
	// Retry has Watch retry its first build if that fails, instead of returning the
	// error. It is for a process that already runs, and takes over another
	// configuration, another index or the work of another process. Watch, not New,
	// then reports a mistake in a layout.
	Retry bool
	// Stuck is called by Watch with the reason why the outputs do not follow changes, such
	// as a mistake in a layout, and with "" when they do again; nil: it is not.
	Stuck func(reason string)
	// Now is the clock that decides which notes are due; nil: time.Now. It must
	// be the store's.
	Now func() time.Time
}

// New returns a Generator that is ready to build. It reads the layouts: a
// mistake in one is reported with its file and line.
func New(cfg *site.Config, s *store.Store, o Options) (*Generator, error) {
	g := &Generator{
		cfg: cfg, store: s.Builder(), log: o.Logger, now: o.Now, retry: o.Retry,
		moves:    map[string]string{},
		progress: progress{report: o.Progress},
		stuck:    o.Stuck,
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.now == nil {
		g.now = time.Now
	}
	g.sources = precedence.New(cfg, g.store)
	g.redirects, g.redirectMaps = redirect.New(cfg, g.store), redirect.NewMaps(cfg, g.store)
	g.render = render.New(render.Options{
		Config: cfg, Store: g.store, Sources: g.sources, Logger: g.log, Now: g.now, Version: o.Version,
		RoomFor: roomFor, Fallbacks: &g.counters.fallbacks,
	})
	if err := g.render.LoadTheme(); err != nil && !g.retry {
		return nil, err
	}
	return g, nil
}

// Build brings the output folder up to date with everything it depends on, and
// runs the hook build.after if outputs changed. The caller holds the build lock.
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
	return g.update(ctx, start)
}

// update brings the output folder, which must be open, up to date.
func (g *Generator) update(ctx context.Context, start time.Time) (*Report, error) {
	defer g.store.KeepParsed(parsedMemory)()
	g.progress.begin("reading")
	if err := g.store.Scan(ctx); err != nil {
		return nil, err
	}
	if err := g.checkLoss(ctx); err != nil {
		return nil, err
	}
	g.progress.begin("copying")
	if err := g.copied(g.assets.All(ctx)); err != nil {
		return nil, err
	}
	if err := g.publish(ctx); err != nil {
		return nil, err
	}
	if err := g.sweep(ctx); err != nil {
		return nil, err
	}
	if err := g.makeDurable(ctx); err != nil {
		return nil, err
	}
	return g.report(ctx, start)
}

// copied records the number of a build that copied files, whose outputs may not be durable.
func (g *Generator) copied(number int64, err error) error {
	g.unsynced = max(g.unsynced, number)
	return err
}

// checkLoss returns an error if the site has no notes, but an output folder that the index
// does not know has pages of notes: the index was lost, and with it the record of these
// notes. Their pages must not be removed.
func (g *Generator) checkLoss(ctx context.Context) error {
	if !g.outUnknown {
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
		"or, to start over, run \"starpunk build --allow-empty\"", g.cfg.Build.Output)
}

// hookFile is the file in the lock folder that records whether the hook build.after must
// run.
const hookFile = "after"

// Force makes all outputs stale: the next Build writes again the outputs that were changed
// or removed by hand, and removes files that it did not write. The caller holds the build
// lock.
func (g *Generator) Force(ctx context.Context) error {
	if err := render.RemoveCache(g.cfg.Index); err != nil {
		return err
	}
	return g.store.Rebuild(ctx)
}

// open opens the output folder and claims it in the index.
func (g *Generator) open(ctx context.Context) error {
	out, id, err := output.Open(g.cfg.Build.Output)
	if err != nil {
		return err
	}
	g.out, g.outID, g.writer = out, id, g.sources.Writer(out)
	g.assets = assets.New(assets.Options{Config: g.cfg, Store: g.store, Sources: g.sources, Output: out, Looked: &g.counters.looked})
	g.hook, err = hook.New(hook.Options{
		Command: g.cfg.Build.After, Dir: g.cfg.Root, File: filepath.Join(g.cfg.LockDir(), hookFile),
		Output: id, Outputs: g.store.Outputs.All, Logger: g.log,
	})
	if err != nil {
		return err
	}
	g.out.BeforeChange, g.out.BeforeRemove = g.hook.Changed, g.hook.Removed
	g.counters.output.Store(out)
	g.counters.hook.Store(g.hook)
	if err := g.redirectMaps.Open(ctx); err != nil {
		return err
	}
	if g.interrupted, err = g.store.Interrupted(ctx); err != nil {
		return err
	}
	return g.claim(ctx)
}

// reopen makes an output folder that was removed again, and everything in it.
func (g *Generator) reopen(ctx context.Context) error {
	out, id, err := output.Open(g.cfg.Build.Output)
	if err != nil {
		return err
	}
	g.out.New, g.outID = out.New, id
	g.hook.Moved(id)
	if err := g.redirectMaps.Open(ctx); err != nil {
		return err
	}
	if err := g.claim(ctx); err != nil {
		return err
	}
	_, err = g.update(ctx, time.Now())
	return err
}

// claim records in the index that its built marks are about the output folder that is
// open. All outputs are stale if they were about another one.
func (g *Generator) claim(ctx context.Context) error {
	g.plan = nil
	known, err := g.store.Outputs.Claim(ctx, g.outID)
	if err != nil {
		return err
	}
	g.outUnknown = !known && !g.out.New
	if !known {
		g.log.Debug("output folder is new to the index: everything is built", "folder", g.cfg.Build.Output)
	}
	return g.checkFingerprint(ctx)
}

// checkFingerprint makes all outputs stale if the configuration, the layouts or the
// program changed, and writes the style sheets.
func (g *Generator) checkFingerprint(ctx context.Context) error {
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

// buildStyles writes the style sheets before all pages: no reader must see a page without
// them.
func (g *Generator) buildStyles(ctx context.Context) error {
	stale, err := g.store.Lists.Stale(ctx)
	if err != nil {
		return err
	}
	stale = slices.DeleteFunc(stale, func(l queue.ListState) bool { return l.Address != site.StyleSheet && l.Address != site.FeedStyle })
	if len(stale) == 0 {
		return nil
	}
	number, err := g.store.Begin(ctx)
	if err != nil {
		return err
	}
	g.unsynced = max(g.unsynced, number)
	return g.buildLists(ctx, number, stale, nil)
}

// touchFixed makes the lists stale that every site has, and the redirects of the
// configuration, if they do not exist yet.
func (g *Generator) touchFixed(ctx context.Context) error {
	missing, err := g.store.Lists.Unknown(ctx, slices.Concat(list.OfEverySite(), g.cfg.RedirectAddresses()))
	if err != nil || len(missing) == 0 {
		return err
	}
	return g.store.Lists.Touch(ctx, missing...)
}

// fingerprint returns a hash of everything that outputs depend on, except the files that
// the index has one by one: configuration, layouts, program.
func (g *Generator) fingerprint() (queue.Fingerprint, error) {
	cfg := *g.cfg
	cfg.Receiver = site.Receiver{URL: cfg.Receiver.URL}
	cfg.Build, cfg.Index, cfg.Root, cfg.Metrics = site.Build{}, "", "", site.Metrics{}
	cfg.Location, cfg.Warnings = nil, nil
	data, err := json.Marshal(&cfg)
	if err != nil {
		return queue.Fingerprint{}, fmt.Errorf("fingerprint of the configuration: %w", err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", data, programID())
	return queue.Fingerprint{Meaning: hex.EncodeToString(h.Sum(nil)), Look: g.render.Theme().Hash}, nil
}

// programID returns a text that changes when the program changes: the size and time of its
// file, which need not be read.
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
