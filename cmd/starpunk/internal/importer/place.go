package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"starpunk/site"
)

// maxNames bounds the search for a free name: "hello", "hello-2", …, and the notes that
// are looked at for one address.
const maxNames = 1000

// A planner chooses the file of each note. Chosen files and addresses are in use.
type planner struct {
	*run
	files     map[string]bool
	addresses map[string]*page // former addresses, each with the first page that had it
	permalink map[string]bool  // new addresses
}

// placeAll chooses the file of each note: first of notes that can keep their
// address, then of the others, with translations last. Within each group the order
// is that of names, so that another run has the same result.
func (r *run) placeAll(ctx context.Context) error {
	pl := &planner{r, map[string]bool{}, map[string]*page{}, map[string]bool{}}
	pages := slices.Clone(r.pages)
	slices.SortStableFunc(pages, func(a, b *page) int {
		return cmp.Or(cmp.Compare(pl.moves(a), pl.moves(b)), cmp.Compare(len(a.language), len(b.language)))
	})
	for _, p := range pages {
		if err := pl.place(ctx, p); err != nil {
			return fmt.Errorf("choose a file for %s: %w", p.where, err)
		}
	}
	return nil
}

// moves returns 1 for a note whose address changes, otherwise 0.
func (pl *planner) moves(p *page) int {
	if p.address == pl.permalinkOf(p) {
		return 0
	}
	return 1
}

// permalinkOf returns the address that a note gets.
func (r *run) permalinkOf(p *page) string {
	if p.note.Kind == site.KindPage {
		return "/" + path.Join(p.folder(), p.note.Slug) + "/"
	}
	return p.note.Permalink(r.cfg.Permalink)
}

func (pl *planner) place(ctx context.Context, p *page) error {
	n := p.note
	hidden := n.Draft || n.Visibility == site.Private || !n.ShownFrom.IsZero() || !n.ShownUntil.IsZero()
	byFile := hidden || p.address == "" // an earlier import is recognized only by the file
	if first := pl.addresses[p.address]; first != nil && p.address != "" {
		pl.report.find(p.where, 1, "address", "its address %s is also that of %s, which keeps it", p.address, first.where)
		p.address, byFile = "", true
		if p.home {
			p.present = true // the front page has one text
			return nil
		}
	} else if p.address != "" {
		pl.addresses[p.address] = p
		file, err := pl.owner(ctx, p.address)
		if err != nil {
			return err
		}
		if file != "" {
			pl.foundAt(p, file)
			return nil
		}
	}
	pl.convertAliases(p)
	p.note.Aliases = append(p.note.Aliases, p.translations...)
	wanted := p.note.Slug
	for try := 1; try <= maxNames; try++ {
		if try > 1 {
			p.note.Slug = fmt.Sprintf("%s-%d", wanted, try)
		}
		p.note.File = p.target()
		free, err := pl.isFree(ctx, p, byFile)
		if err != nil || free || p.present {
			return err
		}
	}
	return fmt.Errorf("no free name like %q after %d tries", p.note.File, maxNames)
}

// owner returns the file of the note to which an address leads already, or "". A note
// whose file is missing does not count, although the index keeps its row for a while.
func (pl *planner) owner(ctx context.Context, address string) (string, error) {
	files, err := pl.store.FilesAt(ctx, address, maxNames)
	for _, file := range files {
		if _, err := os.Lstat(filepath.Join(pl.cfg.ContentDir(), filepath.FromSlash(file))); !errors.Is(err, fs.ErrNotExist) {
			return file, nil
		}
	}
	return "", err
}

// foundAt records that a note is on the site already. If its file has another name
// than an import would choose, it may be another note, and is reported.
func (pl *planner) foundAt(p *page, file string) {
	p.present = true
	p.note.File = p.target()
	stem := strings.TrimSuffix(strings.TrimSuffix(p.note.File, ".md"), "/index")
	if !strings.HasPrefix(file, stem) {
		pl.report.find(p.where, 1, alreadyHere, "its address %s is that of content/%s: taken to be the same note", p.address, file)
	}
	p.note.File = file
}

// target returns the name of the new file.
func (p *page) target() string {
	n := p.note
	var name string
	switch {
	case n.Kind == site.KindHome:
		return "index.md"
	case n.Kind == site.KindPage:
		name = path.Join("pages", p.folder(), cmp.Or(strings.TrimLeft(n.Slug, "._~"), "page")) // "_docs" would be skipped
	case p.draft && p.date.IsZero(): // not the time of the file, which a copy may not keep
		name = path.Join("notes/drafts", n.Slug)
	default:
		name = path.Join("notes", n.Published.Format("2006/01/02-")+n.Slug)
	}
	if p.bundle {
		return name + "/index.md"
	}
	return name + ".md"
}

// folder returns the folder of a page, which is a part of its address.
func (p *page) folder() string {
	dir := path.Dir(strings.TrimSuffix(p.address, "/"))
	if p.address == "" {
		dir = p.dir
	}
	var elements []string
	for element := range strings.SplitSeq(dir, "/") {
		if slug := strings.TrimLeft(site.FileSlug(element), "._"); slug != "" {
			elements = append(elements, slug)
		}
	}
	return path.Join(elements...)
}

// isFree reports whether a note can have its file: no such file exists, and no
// other note has the address that it would get. If byFile is set, an existing file
// is the note itself.
func (pl *planner) isFree(ctx context.Context, p *page, byFile bool) (bool, error) {
	n := p.note
	for _, file := range []string{n.File, path.Join(site.TrashDir, n.File)} {
		_, err := os.Lstat(filepath.Join(pl.cfg.ContentDir(), filepath.FromSlash(file)))
		switch {
		case err == nil && byFile && !pl.files[n.File]:
			p.present = true
			return false, nil
		case err == nil:
			return false, nil
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
	}
	permalink := pl.permalinkOf(p)
	owner, err := pl.owner(ctx, permalink)
	if err != nil || owner != "" || pl.files[n.File] || pl.permalink[permalink] {
		return false, err
	}
	if first := pl.addresses[permalink]; first != nil && first != p {
		return false, nil // it will redirect to that page's note
	}
	pl.files[n.File], pl.permalink[permalink] = true, true
	if p.address != "" && p.address != permalink && !n.Draft {
		n.Aliases = append([]string{p.address}, n.Aliases...)
	}
	n.Aliases = slices.DeleteFunc(n.Aliases, func(a string) bool { return a == permalink })
	return true, nil
}

// convertAliases replaces the note's aliases by addresses of this site.
func (pl *planner) convertAliases(p *page) {
	var kept []string
	addresses := pl.old.aliasesOf(p)
	for i, address := range addresses {
		switch {
		case address == "":
			pl.report.find(p.where, 1, "alias", "aliases: %q is not an address that can be kept", p.note.Aliases[i])
		case address != p.address && !slices.Contains(kept, address):
			kept = append(kept, address)
		}
	}
	p.note.Aliases = kept
}

// aliasesOf returns the aliases of a page as addresses of this site, "" for each
// alias that cannot be one.
func (old *oldSite) aliasesOf(p *page) (addresses []string) {
	for _, address := range p.note.Aliases {
		if !strings.HasPrefix(address, "/") && old.tool == Hugo {
			// Hugo, "Aliases": relative aliases begin at the folder of the page.
			address = path.Join(path.Dir(strings.TrimSuffix(p.address, "/")), address)
		} else if strings.HasPrefix(address, "/") {
			address = old.whole(address)
		}
		addresses = append(addresses, site.CleanAddress(address))
	}
	return addresses
}
