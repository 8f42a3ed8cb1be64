package generator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"starpunk/site"
	"starpunk/site/store"
)

// redirect is the page at an address that a note had before. To the queue it is
// a list of one note: it stands back behind pages and static files, and comes
// when they go.
func (g *Generator) redirect(ctx context.Context, address string) ([]file, error) {
	g.moved.Store(true)
	row, err := g.store.ByAlias(ctx, address)
	if errors.Is(err, store.ErrNotExist) {
		return nil, nil
	}
	if err != nil || !row.HasPage || row.Permalink == address {
		return nil, err
	}
	name := site.OutputFile(address)
	if by, err := g.redirectBlocked(ctx, address); by != "" || err != nil {
		return nil, err
	}
	p := g.newPage(address)
	p.Target = g.cfg.Absolute(site.EscapePath(row.Permalink))
	return g.htmlFile(name, "redirect.html", p)
}

// checkAliases reports the aliases of a note that can't be redirect pages.
func (g *Generator) checkAliases(ctx context.Context, row *store.Row, n *site.Note, page *renderedPage) error {
	for _, address := range n.Aliases {
		by, err := g.redirectBlocked(ctx, address)
		if err != nil {
			return err
		}
		if by != "" {
			page.warnings = append(page.warnings, fmt.Sprintf("content/%s:1: aliases: %s leads nowhere: %s is in the way", row.File, address, by))
		}
	}
	return nil
}

// goneFile in the folder of a page tells a web server that the page was
// deleted: it answers 410 then, not 404.
const goneFile = ".gone"

// mark leaves that file at the address of a deleted note that anybody could
// read. It returns nil for all other notes without a page: they leave nothing.
func (g *Generator) mark(ctx context.Context, row *store.Row) (*store.Built, error) {
	if row.Status != store.StatusDeleted || row.Future || !strings.HasSuffix(row.Permalink, "/") {
		return nil, nil
	}
	note, err := g.store.Read(row.File)
	var syntax *site.SyntaxError
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.As(err, &syntax):
		return nil, nil // the next look at the trash sorts it out
	case err != nil:
		return nil, err
	case note.Draft, note.Visibility == site.Private, note.Kind == site.KindHome:
		return nil, nil
	}
	if other, err := g.store.ByPermalink(ctx, row.Permalink); err != nil || other.ID != row.ID {
		return nil, ignoreMissing(err)
	}
	name := path.Join(path.Dir(site.OutputFile(row.Permalink)), goneFile)
	if by, err := g.redirectBlocked(ctx, row.Permalink); by != "" || err != nil {
		return nil, err
	}
	built := &store.Built{
		Hash: row.Hash, Permalink: row.Permalink, Published: row.Published, Label: row.Label, Outputs: []string{name},
	}
	by, err := g.put(ctx, name, true, func() error { return g.out.write(name, nil) })
	if by != "" {
		return nil, nil
	}
	return built, err
}

// ignoreMissing is for a row that went away a moment ago.
func ignoreMissing(err error) error {
	if errors.Is(err, store.ErrNotExist) {
		return nil
	}
	return err
}
