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

// Options describe an import.
type Options struct {
	Dir       string // the old site, or its folder of notes
	From      Tool   // "": detected
	Permalink string // the old site's pattern of addresses, in its tool's syntax; "": its configuration's
	DryRun    bool   // write nothing
	MaxFiles  int    // of the old site, with its folders; 0: 100,000
	All       bool   // also report findings about notes that are on this site already
}

// A run is one import.
type run struct {
	cfg   *site.Config
	store *store.Store
	old   *oldSite
	dry   bool
	all   bool

	pages      []*page
	links      map[string]string // file of the old site → file of this one, from the top of content/
	byAddress  map[string]string // former address → the same
	assetAt    map[string]string // former address of a file of a bundle → its new one
	redirected map[string]bool   // addresses with a redirect
	feedsLeft  int               // how many more feeds may be copied to further addresses
	report     *Report
}

// Run imports the notes of an old site into the site of s, which must have been
// scanned. With DryRun the report is the same, and no file is written.
//
// Another run makes no second note: a note is present if its former address
// leads to a note of the site.
func Run(ctx context.Context, cfg *site.Config, s *store.Store, o Options) (*Report, error) {
	old, err := openOldSite(o)
	if err != nil {
		return nil, err
	}
	for _, m := range old.mounts {
		if err := checkApart(cfg.ContentDir(), m.dir); err != nil {
			return nil, err
		}
	}
	r := &run{cfg: cfg, store: s, old: old, dry: o.DryRun, all: o.All, redirected: configured(cfg), report: &Report{From: old.tool}}
	r.reportUnread()
	r.report.Static = old.staticFolders()
	if zone := old.text("timezone", ""); zone != "" && old.zone == nil {
		r.report.find(old.file, 1, "timezone", "timezone %q is unknown: dates without an offset are read in this site's time zone, %s", zone, cfg.Timezone)
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
		if err := r.importPage(ctx, p); err != nil {
			return r.report, err
		}
	}
	if !r.all {
		r.dropKnownFindings()
	}
	r.report.sort()
	return r.report, nil
}

// reportUnread reports folders that the old site's configuration names and that
// are not read, and a missing configuration.
func (r *run) reportUnread() {
	for _, dir := range r.old.unread {
		r.report.find(r.old.file, 1, "mount", "%s is mounted as content, but is not below the site: import it separately", dir)
	}
	if !r.old.known {
		r.report.find(r.old.file, 1, "configuration", "no configuration of %s was found: former addresses follow its default rules; --permalink sets another pattern", r.old.tool)
	}
}

// dropKnownFindings removes the findings about notes that are present already: an
// earlier run reported them.
func (r *run) dropKnownFindings() {
	present := map[string]bool{}
	for _, p := range r.pages {
		present[p.where] = p.present
	}
	r.report.Findings = slices.DeleteFunc(r.report.Findings, func(f Finding) bool {
		return present[f.File] && f.Kind != alreadyHere
	})
}

// checkApart refuses an old site inside or around the new site's content: the
// import would read its own output.
func checkApart(content, old string) error {
	content, old = realPath(content), realPath(old)
	for _, pair := range [][2]string{{content, old}, {old, content}} {
		if rel, err := filepath.Rel(pair[0], pair[1]); err == nil && filepath.IsLocal(rel) {
			return fmt.Errorf("%s overlaps this site's own content/: move the old site elsewhere first", old)
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

// read reads one file. A file with a mistake is skipped and reported.
func (r *run) read(src *source) {
	p, err := r.old.readPage(src, r.cfg, r.report)
	var syntax *site.SyntaxError
	switch {
	case errors.As(err, &syntax):
		r.report.skip(src.where, syntax.Line, "%s", syntax.Msg)
	case err != nil:
		r.report.skip(src.where, 1, "%v", err)
	case p != nil:
		r.pages = append(r.pages, p)
	}
}

// importPage writes the files of a bundle, and then its note.
func (r *run) importPage(ctx context.Context, p *page) error {
	if p.present {
		r.report.Present++
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
		_, err = site.Parse(p.note.File, data, r.cfg.Location) // as a build does
	}
	if err != nil {
		r.report.skip(p.where, 1, "cannot be written as a note: %v", err)
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
		r.report.skip(p.where, 1, "content/%s appeared during the import; run it again", p.note.File)
		return nil
	}
	if err != nil {
		return err
	}
	r.report.imported(p)
	return nil
}

// copyAsset copies a file of a bundle byte for byte. A file that exists already is
// from an earlier run that was interrupted.
func (r *run) copyAsset(ctx context.Context, from, to string) error {
	if r.cfg.Skipped(to) {
		r.report.find(from, 1, "file", "StarPunk does not publish files with such a name; not copied")
		return nil
	}
	f, err := os.Open(from)
	if err != nil {
		r.report.skip(from, 1, "cannot be read: %v", err)
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() > int64(r.cfg.Receiver.MaxUpload) {
		r.report.skip(from, 1, "is larger than receiver.max_upload, %d bytes", r.cfg.Receiver.MaxUpload)
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
