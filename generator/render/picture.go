package render

import (
	"context"
	"errors"
	"image"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"starpunk/generator/precedence"
	"starpunk/site"
	"starpunk/site/store"

	"golang.org/x/text/unicode/norm"
)

// A pagePictures has the state of the pictures of one page while it is rendered: browsers
// load the first picture at once, and the others when the reader comes near them.
type pagePictures struct {
	r     *Renderer
	begun bool // there was a picture
}

// lazy reports whether the next picture may be loaded later.
func (p *pagePictures) lazy() bool {
	before := p.begun
	p.begun = true
	return before
}

// of returns the pictures of a note on the page, none of which is looked up yet.
func (p *pagePictures) of(row *store.Row) *notePictures {
	return &notePictures{page: p, row: row, bundle: p.r.sources.BundlePaths(row), sources: map[string]bool{}, attached: map[string]string{}, folders: map[string]*store.Row{}}
}

// A notePictures finds the files of the pictures, sounds and videos that a note shows.
type notePictures struct {
	page    *pagePictures
	row     *store.Row
	bundle  precedence.BundlePaths
	sources map[string]bool // copied files that were looked up, relative to the site

	attached map[string]string // attachments below content/, by their addresses

	folders map[string]*store.Row // notes at addresses of folders; nil: there is none
}

// maxFolders is how many folders a notePictures has at most.
const maxFolders = 100

// noteAt finds the note at the address of a folder once: the row of one with many
// links is large, and most files of a page are in the same few folders.
func (p *notePictures) noteAt(ctx context.Context, address string) (*store.Row, error) {
	row, known := p.folders[address]
	if !known {
		var err error
		row, err = p.page.r.store.ByPermalink(ctx, address)
		if err != nil && !errors.Is(err, store.ErrNotExist) {
			return nil, err
		}
		if len(p.folders) < maxFolders {
			p.folders[address] = row
		}
	}
	if row == nil {
		return nil, store.ErrNotExist
	}
	return row, nil
}

// fit returns the size of a picture at an address, if it is a file of this site, and
// reports whether it may be loaded later.
func (p *notePictures) fit(address string) (size image.Point, lazy bool) {
	if file, _ := p.find(address); file != "" {
		size = p.page.r.pictures.Of(file)
	}
	return size, p.page.lazy()
}

// missing reports whether an address is one of this site without a file, and without a
// page or bundle of a note. The copy of an attachment does not count: it is removed with
// the last page that is recorded as showing it.
func (p *notePictures) missing(ctx context.Context, address string) (bool, error) {
	file, output := p.find(address)
	if file == "" {
		return false, nil
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	by, err := p.page.r.sources.PageOrFileBelow(ctx, output, p.noteAt)
	return err == nil && (by == "" || site.IsAttachment(by)), err
}

// find returns the file at an address that a note shows, and its output; "" if the
// address is not one of this site. It adds static files and uploads to p.sources, whether
// they exist or not: the page is stale when one appears, changes or disappears. The files
// of a bundle are a part of their note.
func (p *notePictures) find(address string) (file, output string) {
	cfg := p.page.r.cfg
	u, err := url.Parse(strings.TrimPrefix(address, strings.TrimSuffix(cfg.URL, "/")))
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") || path.Ext(u.Path) == "" {
		return "", ""
	}
	name := norm.NFC.String(u.Path[1:])
	if file, ok := p.attached["/"+name]; ok {
		return filepath.Join(cfg.ContentDir(), filepath.FromSlash(file)), name
	}
	if strings.HasPrefix(u.Path, p.row.Permalink) {
		if file, ok := p.bundle(u.Path); ok {
			return file, name
		}
	}
	source := path.Join("static", name)
	if strings.HasPrefix(name, "media/") {
		source = name
	}
	if !filepath.IsLocal(filepath.FromSlash(source)) || path.Clean(name) != name {
		return "", ""
	}
	p.sources[source] = true
	return inEitherForm(filepath.Join(cfg.Root, filepath.FromSlash(source))), name
}

// links returns the copied files that were looked up, as links of the note.
func (p *notePictures) links() map[string]string {
	links := make(map[string]string, len(p.sources))
	for source := range p.sources {
		links[source] = ""
	}
	return links
}

// inEitherForm returns the name of a file in the Unicode form in which it exists: some
// systems write decomposed names.
func inEitherForm(name string) string {
	decomposed := norm.NFD.String(name)
	if decomposed == name {
		return name
	}
	if _, err := os.Lstat(name); err == nil {
		return name
	}
	if _, err := os.Lstat(decomposed); err == nil {
		return decomposed
	}
	return name
}
