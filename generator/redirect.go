package generator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"starpunk/generator/render"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/queue"
	"starpunk/site/store/table"
)

// redirect renders the output at a former address: a page that leads to the new one, or
// the copy of a feed. To the queue it is a list: pages, static files and lists take
// precedence, and it is written when they are removed.
func (g *Generator) redirect(ctx context.Context, address string) ([]render.File, error) {
	r, err := g.redirects.At(ctx, address)
	if err != nil || r.To == "" {
		return nil, err
	}
	if by, err := g.sources.RedirectBlocked(ctx, address); by != "" || err != nil {
		return nil, err
	}
	if r.Feed != "" {
		return g.feedCopy(ctx, r)
	}
	return g.render.Redirect(address, g.cfg.Absolute(r.To))
}

// feedCopy renders a feed again under a former address: feed readers do not read redirect
// pages, and a host of static files can't redirect in another way.
func (g *Generator) feedCopy(ctx context.Context, r site.Redirect) ([]render.File, error) {
	name := site.OutputFile(r.From)
	if by, err := g.sources.PageOrFile(ctx, name); by != "" || err != nil {
		return nil, err
	}
	list := r.Feed
	if feed, ok := site.MainFeed(list); ok {
		list = feed
	}
	files, err := g.render.List(ctx, g.plan, &queue.ListState{Address: list}, &queue.ListState{Address: list})
	for _, f := range files {
		if f.Name == strings.TrimPrefix(r.Feed, "/") {
			return []render.File{{Name: name, Data: f.Data}}, err
		}
	}
	return nil, err
}

// checkAddress adds warnings about a note's addresses: the note moved and has no alias for
// its former address, an alias can't be a redirect page, or another address is the same to
// some file systems.
func (g *Generator) checkAddress(ctx context.Context, row *store.Row, n *site.Note, page *render.Page) error {
	warn := func(format string, args ...any) {
		page.Warnings = append(page.Warnings, fmt.Sprintf("content/%s:1: ", row.File)+fmt.Sprintf(format, args...))
	}
	aliases, strays := g.cfg.AliasPaths(n)
	from, err := g.movedFrom(ctx, row, aliases)
	if err != nil {
		return err
	}
	remark := ""
	if from != "" {
		remark = fmt.Sprintf("content/%s:1: its page was at %s; add a line \"aliases: [%s]\" to lead readers there to %s", row.File, from, from, row.Permalink)
	}
	g.setMoveRemark(row.File, remark)
	for _, alias := range strays {
		warn("aliases: %q leads nowhere: it can't be the address of a page of this site", alias)
	}
	for _, address := range aliases {
		by, err := g.sources.RedirectBlocked(ctx, address)
		if err != nil {
			return err
		}
		if by != "" {
			warn("aliases: %s leads nowhere: %s is in the way", address, by)
		}
	}
	if !g.capitals {
		return nil
	}
	twin, file, err := g.store.Notes.CaseTwin(ctx, row.Permalink)
	if twin != "" {
		warn("its address %s and %s of content/%s differ only by case; many file systems have room for one of them", row.Permalink, twin, file)
	}
	return err
}

// movedFrom returns the former address of a note that moved, if none of its aliases is
// that address; otherwise "".
func (g *Generator) movedFrom(ctx context.Context, row *store.Row, aliases []string) (from string, err error) {
	if row.Built != nil {
		from = row.Built.Permalink
	} else if g.leftovers {
		if from, err = g.store.Notes.MovedFrom(ctx, row.Hash); err != nil {
			return "", err
		}
	}
	if from == "" || from == row.Permalink || slices.Contains(aliases, from) {
		return "", nil
	}
	other, err := g.store.ByPermalink(ctx, from)
	if err == nil && other.HasPage {
		return "", nil // another note has it now
	}
	return from, ignoreMissing(err)
}

// writeGoneFile writes a [site.GoneFile] at the address of a deleted note that was public.
// For all other notes without a page it writes nothing and returns nil.
func (g *Generator) writeGoneFile(ctx context.Context, row *store.Row) (*table.Built, error) {
	if row.Status != store.StatusDeleted || row.Future || !strings.HasSuffix(row.Permalink, "/") {
		return nil, nil
	}
	note, err := g.store.Read(row.File)
	var syntax *site.SyntaxError
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.As(err, &syntax):
		return nil, nil // the next scan of the trash corrects the row
	case err != nil:
		return nil, err
	case note.Draft, note.Visibility == site.Private, note.Kind == site.KindHome:
		return nil, nil
	}
	if other, err := g.store.ByPermalink(ctx, row.Permalink); err != nil || other.ID != row.ID {
		return nil, ignoreMissing(err)
	}
	name := path.Join(path.Dir(site.OutputFile(row.Permalink)), site.GoneFile)
	if by, err := g.sources.RedirectBlocked(ctx, row.Permalink); by != "" || err != nil {
		return nil, err
	}
	built := &table.Built{
		Hash: row.Hash, Permalink: row.Permalink, Published: row.Published, Outputs: []string{name},
	}
	by, err := g.writer.WriteList(ctx, name, nil)
	if by != "" {
		return nil, nil
	}
	return built, err
}

// ignoreMissing returns nil for the error of a row that was removed a moment ago.
func ignoreMissing(err error) error {
	if errors.Is(err, store.ErrNotExist) {
		return nil
	}
	return err
}
