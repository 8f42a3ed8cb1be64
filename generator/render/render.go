package render

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"starpunk/generator/markdown"
	"starpunk/generator/picture"
	"starpunk/generator/precedence"
	"starpunk/generator/theme"
	"starpunk/site"
	"starpunk/site/store"
)

// A Renderer turns the notes and lists of a site into the bytes of their outputs. Its
// methods may be called by several goroutines at once, except LoadTheme, OpenCache,
// CloseCache and EndBuild.
type Renderer struct {
	cfg      *site.Config
	store    *store.Builder
	sources  *precedence.Sources
	log      *slog.Logger
	now      func() time.Time
	version  string
	markdown *markdown.Renderer
	pictures *picture.Sizes
	layouts  *theme.Theme
	site     theme.Site
	notes    *noteCache
	contents *contentCache // open while many pages are rendered; nil: it is closed

	fallbacks *atomic.Int64
}

// Options are the options of a Renderer. All are required.
type Options struct {
	Config  *site.Config
	Store   *store.Builder
	Sources *precedence.Sources
	Logger  *slog.Logger
	Now     func() time.Time
	Version string // of the program
	// RoomFor is called before a text of some bytes is rendered, and the function that
	// it returns after that.
	RoomFor func(bytes int) (restore func())
	// Fallbacks counts the pages that html/template made although their layout is
	// compiled.
	Fallbacks *atomic.Int64
}

// New returns a Renderer, which can render after LoadTheme.
func New(o Options) *Renderer {
	return &Renderer{
		cfg: o.Config, store: o.Store, sources: o.Sources, log: o.Logger, now: o.Now, version: o.Version, fallbacks: o.Fallbacks,
		markdown: markdown.New(o.Config.Markdown, o.RoomFor),
		pictures: picture.NewSizes(),
		notes:    newNoteCache(),
	}
}

// LoadTheme reads the layouts. If it returns an error, the former ones stay in use.
func (r *Renderer) LoadTheme() error {
	set, err := theme.Load(r.cfg.LayoutsDir())
	if err != nil {
		return err
	}
	set.Fallbacks = r.fallbacks
	layouts, model := r.layouts, r.site
	r.layouts = set
	r.site = r.siteModel()
	if err := r.checkFrontPage(); err != nil {
		r.layouts, r.site = layouts, model
		return err
	}
	return nil
}

// Theme returns the layouts that are in use.
func (r *Renderer) Theme() *theme.Theme { return r.layouts }

// Prepare compiles the layouts, for which the first page would wait.
func (r *Renderer) Prepare() {
	page := r.newPage(site.HomeList)
	page.Note, page.List = &theme.Note{Author: &r.site.Author}, &theme.List{}
	r.layouts.Prepare(page)
}

// Rendered returns how many texts of notes were rendered. Another goroutine may render
// meanwhile.
func (r *Renderer) Rendered() int64 { return r.markdown.Rendered() }

// CacheNote adds a note to the cache for feeds and the front page, if its content is
// self-contained and one of its lists shows it. See [Renderer.Page] for same.
func (r *Renderer) CacheNote(row *store.Row, n *site.Note, same bool, page *Page, lists []string) {
	if same && row.Listed && page.SelfContained {
		r.notes.put(row, n, page.HTML, lists, r.cfg.Feed.Count)
	}
}

// EndBatch removes the notes from the cache that were valid for one batch of lists.
func (r *Renderer) EndBatch() { r.notes.endBatch() }

// EndBuild removes all notes from the cache if it is too large to be held between builds.
func (r *Renderer) EndBuild() { r.notes.endBuild() }

// OpenCache opens the file of rendered content beside the index, unless it is open. It has
// the content of an earlier build with the same [queue.Fingerprint].Meaning.
func (r *Renderer) OpenCache(meaning string) {
	if r.contents == nil {
		r.contents = openContentCache(r.cfg.Index, meaning, contentCacheMost, r.log)
	}
}

// CloseCache closes the file of rendered content. all reports whether all pages were
// rendered with it.
func (r *Renderer) CloseCache(all bool) {
	r.contents.close(all)
	r.contents = nil
}

// RemoveCache removes the file of rendered content beside an index.
func RemoveCache(index string) error {
	if err := os.Remove(contentCacheFile(index)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove rendered content: %w", err)
	}
	return nil
}
