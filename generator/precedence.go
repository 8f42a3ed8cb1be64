package generator

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"starpunk/generator/list"
	"starpunk/generator/output"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/queue"
)

// This file has the precedence of outputs. Two sources may have the same output path, or
// one needs a file where the other needs a folder. Then one takes precedence, and the
// other is shadowed: it has no output until the first is removed. An earlier row takes
// precedence over all later ones:
//
//	source                        where it is checked
//	outputs of every site           site.OwnFile, for pages, attachments and redirects
//	static file, upload             copyOver; store.Covered, store.CoveredOf
//	page, file of a bundle          put, pageOrFile; store.Taken, for lists
//	attachment of a page            attachmentBlocked
//	list, feed, site map            store.Taken; list.IsFile, for redirects below its file
//	alias, mark of a deleted note   redirect, writeGoneFile, redirectBlocked
//	redirect of the configuration   redirectAt
//
// Of two pages, of which one is a file at the path that is a folder of the other, the
// file takes precedence. Of two notes with the same permalink the index decides. A page
// that is shadowed, and a page that shadows a list, are reported.

// put writes an output with the function write. If a file or a folder without precedence
// blocks its path, such as a list or a leftover of a deleted note, put removes it. by is
// the source that takes precedence; if there is one, nothing is written. below reports
// whether pages below the output, as if it were a folder, take precedence, too.
func (g *Generator) put(ctx context.Context, name string, below bool, write func() error) (by string, err error) {
	err = write()
	if !errors.Is(err, output.ErrBlocked) {
		return "", err
	}
	if by, err := g.fileAbove(ctx, name); by != "" || err != nil {
		return by, err
	}
	if by, err := g.store.Outputs.Below(ctx, name, below); by != "" || err != nil {
		return by, err
	}
	if err := g.out.Clear(name); err != nil {
		return "", err
	}
	return "", write()
}

// fileAbove returns the static file, page or bundle that has a file where an output
// needs a folder; "" if there is none.
func (g *Generator) fileAbove(ctx context.Context, name string) (string, error) {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if by, err := g.pageOrFile(ctx, dir); by != "" || err != nil {
			return by, err
		}
	}
	return "", nil
}

// putPage writes the page of a note that no static file shadows. by is the source that
// takes precedence, "" if there is none.
func (g *Generator) putPage(ctx context.Context, name string, html []byte) (by string, err error) {
	// Of two pages that are built at this moment either may be written first, and
	// the one that is a file takes precedence. Folders with a dot are rare.
	if strings.Contains(path.Dir(name), ".") && path.Dir(name) != "." {
		if by, err = g.fileAbove(ctx, name); by != "" || err != nil {
			return by, err
		}
	}
	return g.put(ctx, name, false, func() error { return g.out.Write(name, html) })
}

// pageOrFile returns the static file, or the source of the page or of the bundle, that
// has an output; "" if none has.
func (g *Generator) pageOrFile(ctx context.Context, name string) (string, error) {
	return g.pageOrFileBelow(ctx, name, g.store.ByPermalink)
}

// pageOrFileBelow is pageOrFile with a function that finds the note at the address of
// a folder, or returns [store.ErrNotExist].
func (g *Generator) pageOrFileBelow(ctx context.Context, name string, noteAt func(ctx context.Context, address string) (*store.Row, error)) (string, error) {
	if source, err := g.store.Outputs.Covered(ctx, name); source != "" || err != nil {
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

// attachmentBlocked returns the source that takes precedence over the copy of an
// attachment; "" if there is none.
func (g *Generator) attachmentBlocked(ctx context.Context, c queue.Copy) (string, error) {
	if own := site.OwnFile("/" + c.Output); own != "" {
		return "the site's own " + own, nil
	}
	by, err := g.pageOrFile(ctx, c.Output)
	if by == c.Source || g.wasRenamed(by, c.Source) {
		return "", err
	}
	return by, err
}

// redirectBlocked returns the source that prevents a redirect page at an address,
// because it has a file where the page needs a folder; "" if there is none.
func (g *Generator) redirectBlocked(ctx context.Context, address string) (string, error) {
	if own := site.OwnFile(address); own != "" {
		return "the site's own " + own, nil
	}
	for dir := path.Dir(site.OutputFile(address)); dir != "."; dir = path.Dir(dir) {
		if list.IsFile("/" + dir) {
			return "the site's own /" + dir, nil
		}
		owner := g.store.Outputs.Covered
		if strings.Contains(path.Base(dir), ".") { // like most files of pages and bundles: put finds the others
			owner = g.pageOrFile
		}
		if by, err := owner(ctx, dir); by != "" || err != nil {
			return by, err
		}
	}
	return "", nil
}

// copyOver copies a static file or an upload. It takes precedence over all other files at
// its path: the index makes their pages and lists stale, which are then shadowed.
func (g *Generator) copyOver(ctx context.Context, c queue.Copy) error {
	source := filepath.Join(g.cfg.Root, filepath.FromSlash(c.Source))
	err := g.out.Copy(c.Output, source)
	if !errors.Is(err, output.ErrBlocked) {
		return err
	}
	if err := g.store.Outputs.Displace(ctx, c.Output); err != nil {
		return err
	}
	if err := g.out.Clear(c.Output); err != nil {
		return err
	}
	return g.out.Copy(c.Output, source)
}

// A shadowedOutput is an output of a list over which another source takes precedence.
type shadowedOutput struct {
	output string
	by     string // "content/tags.md"
}

// shadowedWarnings returns a warning for each page that shadows a list or a part of
// it. A static file is put there on purpose, and a redirect is not a list.
func shadowedWarnings(address string, shadowed []shadowedOutput) (warnings []string) {
	var seen []string
	for _, s := range shadowed {
		if !strings.HasPrefix(s.by, "content/") || slices.Contains(seen, s.by) || list.Parse(address).Kind == list.None {
			continue
		}
		seen = append(seen, s.by)
		warnings = append(warnings, fmt.Sprintf("%s:1: its page shadows the list /%s", s.by, strings.TrimSuffix(s.output, "index.html")))
	}
	return warnings
}
