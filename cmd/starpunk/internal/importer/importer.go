package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"starpunk/site"
	"starpunk/site/store"
)

// Options say what is brought over.
type Options struct {
	Dir       string // the old site, or its folder of notes
	From      Tool   // "": found out
	Permalink string // the old site's pattern of addresses, in its tool's own words; "": its configuration's
	DryRun    bool   // write nothing
	MaxFiles  int    // of the old site, with its folders; 0: 100,000
	All       bool   // report what is odd about notes that are there already, too
}

// A run is one import on its way.
type run struct {
	cfg   *site.Config
	store *store.Store
	old   *oldSite
	dry   bool
	all   bool

	pages     []*page
	links     map[string]string // file of the old site → file of this one, from the top of content/
	byAddress map[string]string // former address → the same
	assetAt   map[string]string // former address of a file of a bundle → its new one
	leads     map[string]bool   // addresses that lead somewhere
	feedsLeft int               // how many feeds may be copied to further addresses
	report    *Report
}

// Run brings the notes of an old site over. s has scanned the new one. With
// DryRun the report is the same, and nothing is written.
//
// Running it again makes no second note: a note whose former address leads to
// one of the site already is there.
func Run(ctx context.Context, cfg *site.Config, s *store.Store, o Options) (*Report, error) {
	old, err := openOldSite(o)
	if err != nil {
		return nil, err
	}
	for _, m := range old.mounts {
		if err := apart(cfg.ContentDir(), m.dir); err != nil {
			return nil, err
		}
	}
	r := &run{cfg: cfg, store: s, old: old, dry: o.DryRun, all: o.All, leads: configured(cfg), report: &Report{From: old.tool}}
	r.reportUnread()
	r.report.Static = old.staticFolders()
	if zone := old.text("timezone", ""); zone != "" && old.zone == nil {
		r.report.find(old.file, 1, "timezone", "timezone %q is not known: dates without an offset are read in that of this site, %s", zone, cfg.Timezone)
	}
	sources, err := old.walk(ctx, r.report)
	if err != nil {
		return nil, err
	}
	for _, src := range sources {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r.read(src)
	}
	r.elsewhere()
	r.templates()
	r.sections()
	if err := r.placeAll(ctx); err != nil {
		return nil, err
	}
	r.findLinks()
	r.feeds()
	r.taxonomies()
	for _, p := range r.pages {
		if err := r.bring(ctx, p); err != nil {
			return r.report, err
		}
	}
	if !r.all {
		r.forgetKnown()
	}
	r.report.sort()
	return r.report, nil
}

// reportUnread reports what the configuration of the old site names, and is not
// read.
func (r *run) reportUnread() {
	for _, dir := range r.old.unread {
		r.report.find(r.old.file, 1, "mount", "%s is mounted as content, but is not below the site: import it by a run of its own", dir)
	}
	if !r.old.known {
		r.report.find(r.old.file, 1, "configuration", "no configuration of %s was found: former addresses follow its usual rules, unless --permalink says another", r.old.tool)
	}
}

// forgetKnown leaves out of the report what another run said of the notes that
// are there already.
func (r *run) forgetKnown() {
	there := map[string]bool{}
	for _, p := range r.pages {
		there[p.where] = p.there
	}
	r.report.Findings = slices.DeleteFunc(r.report.Findings, func(f Finding) bool {
		return there[f.File] && f.Kind != thereAlready
	})
}

// apart refuses an old site that is, holds or lies in the new one's content:
// what is written would be read again.
func apart(content, old string) error {
	content, old = realPath(content), realPath(old)
	for _, pair := range [][2]string{{content, old}, {old, content}} {
		if rel, err := filepath.Rel(pair[0], pair[1]); err == nil && filepath.IsLocal(rel) {
			return fmt.Errorf("%s is not apart from this site's own content/: move the old site elsewhere first", old)
		}
	}
	return nil
}

func realPath(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	return name
}

// read understands one file. A mistake in it leaves it out and is reported.
func (r *run) read(src *source) {
	p, err := r.old.readPage(src, r.cfg, r.report)
	var syntax *site.SyntaxError
	switch {
	case errors.As(err, &syntax):
		r.report.lose(src.where, syntax.Line, "%s", syntax.Msg)
	case err != nil:
		r.report.lose(src.where, 1, "%v", err)
	case p != nil:
		r.pages = append(r.pages, p)
	}
}

// bring writes a note and, before it, the files of its bundle.
func (r *run) bring(ctx context.Context, p *page) error {
	if p.there {
		r.report.There++
		if r.all {
			r.rewrite(p)
		}
		return nil
	}
	p.note.Content = r.rewrite(p)
	if p.children != nil {
		p.note.Content = p.links()
	}
	data, err := p.note.Format()
	if err == nil {
		_, err = site.Parse(p.note.File, data, r.cfg.Location) // what a build will do
	}
	if err != nil {
		r.report.lose(p.where, 1, "can't be written as a note: %v", err)
		return nil
	}
	for _, asset := range p.assets {
		target := path.Join(path.Dir(p.note.File), asset.name)
		if err := r.copyAsset(ctx, asset.where, target); err != nil {
			return err
		}
	}
	err = r.add(ctx, p.note.File, bytes.NewReader(data))
	if errors.Is(err, fs.ErrExist) {
		r.report.lose(p.where, 1, "content/%s appeared meanwhile; run it again", p.note.File)
		return nil
	}
	if err != nil {
		return err
	}
	r.report.imported(p)
	return nil
}

// copyAsset copies a file of a bundle, as it is. One that is there is of a run
// that was cut short.
func (r *run) copyAsset(ctx context.Context, from, to string) error {
	if r.cfg.Skipped(to) {
		r.report.find(from, 1, "file", "StarPunk does not publish files of such a name; not copied")
		return nil
	}
	f, err := os.Open(from)
	if err != nil {
		r.report.lose(from, 1, "can't be read: %v", err)
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() > int64(r.cfg.Receiver.MaxUpload) {
		r.report.lose(from, 1, "is larger than receiver.max_upload, %d bytes", r.cfg.Receiver.MaxUpload)
		return nil
	}
	err = r.add(ctx, to, io.LimitReader(f, int64(r.cfg.Receiver.MaxUpload)))
	if err == nil {
		r.report.Files++
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

func (r *run) add(ctx context.Context, file string, data io.Reader) error {
	if r.dry {
		return nil
	}
	_, err := r.store.Add(ctx, file, data)
	return err
}
