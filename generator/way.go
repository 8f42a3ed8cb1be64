package generator

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"starpunk/generator/output"
	"starpunk/site"
	"starpunk/site/store"
)

// Two sources of one output: a static file goes before a page, a page before a
// list, a list before a redirect. No page goes before what every site has: see
// [site.OwnFile]. The same holds where a file of one would stand in place of a
// folder that the other needs; of two pages the file goes first.

// put writes an output. If something lies in its way that does not go before
// it, that makes way: it is a list, or left of what went. by is who goes first;
// then nothing is written. below says whether pages below the output, as if it
// were a folder, do.
func (g *Generator) put(ctx context.Context, name string, below bool, write func() error) (by string, err error) {
	err = write()
	if !errors.Is(err, output.ErrBlocked) {
		return "", err
	}
	if by, err := g.above(ctx, name); by != "" || err != nil {
		return by, err
	}
	if by, err := g.store.Below(ctx, name, below); by != "" || err != nil {
		return by, err
	}
	if err := g.out.Clear(name); err != nil {
		return "", err
	}
	return "", write()
}

// above is the static file, page or bundle that has a file where an output
// needs a folder; "" if there is none.
func (g *Generator) above(ctx context.Context, name string) (string, error) {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if by, err := g.pageOrFile(ctx, dir); by != "" || err != nil {
			return by, err
		}
	}
	return "", nil
}

// putPage writes the page of a note that no static file has the place of, and says
// who else goes before it, if anybody.
func (g *Generator) putPage(ctx context.Context, name string, html []byte) (by string, err error) {
	// Of two pages that are built at this moment either may be there first, and
	// the file is the one that goes first. Folders with a dot are rare.
	if strings.Contains(path.Dir(name), ".") && path.Dir(name) != "." {
		if by, err = g.above(ctx, name); by != "" || err != nil {
			return by, err
		}
	}
	return g.put(ctx, name, false, func() error { return g.out.Write(name, html) })
}

// pageOrFile is the static file, or the source of the page or of the bundle,
// that an output belongs to.
func (g *Generator) pageOrFile(ctx context.Context, name string) (string, error) {
	return g.pageOrFileBelow(ctx, name, g.store.ByPermalink)
}

// pageOrFileBelow is pageOrFile with a function that finds the note at the address of
// a folder, or returns [store.ErrNotExist].
func (g *Generator) pageOrFileBelow(ctx context.Context, name string, noteAt func(ctx context.Context, address string) (*store.Row, error)) (string, error) {
	if source, err := g.store.Covered(ctx, name); source != "" || err != nil {
		return source, err
	}
	row, err := g.store.ByPermalink(ctx, "/"+name)
	if err == nil && row.HasPage {
		return "content/" + row.File, nil
	}
	if err != nil && !errors.Is(err, store.ErrNotExist) {
		return "", err
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		row, err := noteAt(ctx, "/"+dir+"/")
		if errors.Is(err, store.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		for _, f := range g.bundle(row) {
			if row.HasPage && f.output == name {
				return "content/" + row.File, nil
			}
		}
	}
	return "", nil
}

// A displaced output of a list is one that belongs to somebody who goes before.
type displaced struct {
	output string
	by     string // "content/tags.md"
}

// displacedWarnings returns a warning for each page that shadows a list or a part of
// it. A static file is put there on purpose, and a redirect is not a list.
func displacedWarnings(list string, back []displaced) (warnings []string) {
	var seen []string
	for _, d := range back {
		if !strings.HasPrefix(d.by, "content/") || slices.Contains(seen, d.by) || parseList(list).kind == noList {
			continue
		}
		seen = append(seen, d.by)
		address := "/" + strings.TrimSuffix(d.output, "index.html")
		warnings = append(warnings, fmt.Sprintf("%s:1: its page takes the place of the list %s", d.by, address))
	}
	return warnings
}

// redirectBlocked is what keeps a redirect page from lying at an address: its
// folder is a file of somebody's; "" if nothing does.
func (g *Generator) redirectBlocked(ctx context.Context, address string) (string, error) {
	if own := site.OwnFile(address); own != "" {
		return "the site's own " + own, nil
	}
	for dir := path.Dir(site.OutputFile(address)); dir != "."; dir = path.Dir(dir) {
		if isListFile("/" + dir) {
			return "the site's own /" + dir, nil
		}
		owner := g.store.Covered
		if strings.Contains(path.Base(dir), ".") { // as the files of pages and bundles have, but for a few: put finds those
			owner = g.pageOrFile
		}
		if by, err := owner(ctx, dir); by != "" || err != nil {
			return by, err
		}
	}
	return "", nil
}

// isListFile says whether an address is that of a feed, a site map or another
// file that the generator makes of lists, now or later.
func isListFile(address string) bool {
	switch parseList(address).kind {
	case fixedList, tagFeed, typeFeed, sitemapShard:
		return path.Ext(address) != ""
	}
	return address == atomFeed || address == jsonFeed
}
