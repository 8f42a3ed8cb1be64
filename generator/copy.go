package generator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"starpunk/generator/output"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/durable"

	"golang.org/x/text/unicode/norm"
)

// copyAll brings the copies of static/ and media/ up to date: before the pages
// that show them.
func (g *Generator) copyAll(ctx context.Context) error {
	return errors.Join(g.copyStatic(ctx, ""), g.copyMedia(ctx, ""))
}

// copyStatic copies what changed at or below a path in static/ to the top of
// the output.
func (g *Generator) copyStatic(ctx context.Context, rel string) error {
	return g.copyPath(ctx, "static", rel, "")
}

// copyMedia copies what changed at or below a path in media/ to /media/.
func (g *Generator) copyMedia(ctx context.Context, rel string) error {
	return g.copyPath(ctx, "media", rel, "media")
}

// copyPath brings the copies of a file, or of a folder and those below it, up to
// date. A copy stays if its file is missing and that is not believed. below is where the files of the site's folder go in the output. Files
// that did not change are not read.
func (g *Generator) copyPath(ctx context.Context, folder, rel, below string) error {
	known, err := g.store.Copies(ctx, path.Join(folder, rel))
	if err != nil {
		return err
	}
	appeared := 0
	g.leftOut.Forget(path.Join(folder, rel))
	var changed []store.Copy
	root := filepath.Join(g.cfg.Root, folder)
	err = filepath.WalkDir(filepath.Join(root, filepath.FromSlash(rel)), func(name string, d fs.DirEntry, err error) error {
		g.counters.looked.Add(1)
		if isGone(err) {
			return nil
		}
		rel, relErr := filepath.Rel(root, name)
		if relErr != nil {
			return relErr
		}
		rel = filepath.ToSlash(rel)
		if source := path.Join(folder, rel); errors.Is(err, fs.ErrPermission) {
			g.leftOut.Set(source, durable.Unreadable(err)+"; its copies stay as they are")
			maps.DeleteFunc(known, func(s string, _ store.Copy) bool { return s == source || strings.HasPrefix(s, source+"/") })
			return nil
		}
		if err == nil && site.IsConflictCopy(rel) {
			g.leftOut.Set(path.Join(folder, rel), site.ConflictCopy)
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if err != nil || d.IsDir() || isPrivate(d.Name()) {
			return err
		}
		if why := durable.Irregular(d.Type()); why != "" {
			g.leftOut.Set(path.Join(folder, rel), why)
			return nil
		}
		info, err := d.Info()
		if isGone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		composed := norm.NFC.String(rel)
		if composed != rel {
			if _, err := os.Lstat(filepath.Join(root, filepath.FromSlash(composed))); err == nil && !sameName(root, composed, info) {
				g.leftOut.Set(path.Join(folder, rel), "another file has the same name in another Unicode form, and so the same address; rename one")
				return nil
			}
		}
		c := store.NewCopy(path.Join(folder, rel), path.Join(below, composed), info)
		old, copied := known[c.Source]
		if old != c {
			changed = append(changed, c)
		}
		if !copied {
			appeared++
		}
		delete(known, c.Source)
		return ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("copy %s: %w", path.Join(folder, rel), err)
	}
	believed, err := g.store.Believe(ctx, store.Loss{
		Folder: folder, Files: slices.Collect(maps.Keys(known)), Appeared: appeared, Whole: rel == "", Known: g.store.CountCopies(folder),
	})
	if err != nil {
		return err
	}
	if !believed {
		clear(known)
	}
	if err := g.copyFiles(ctx, changed, known); err != nil || believed || rel == "" {
		return err
	}
	return g.copyPath(ctx, folder, "", below) // to know how many are missing
}

// sameName reports whether a name below a folder is that of a file, as on systems
// where both forms of a name are one.
func sameName(root, name string, info fs.FileInfo) bool {
	other, err := os.Lstat(filepath.Join(root, filepath.FromSlash(name)))
	return err == nil && os.SameFile(info, other)
}

// isGone says whether a look found nothing: also where a file has taken the place
// of a folder.
func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// copyUploads copies what the receiver kept a moment ago, without looking at
// all other uploads: before the pages that show it.
func (g *Generator) copyUploads(ctx context.Context, number int64) error {
	wanted, err := g.store.WantedUploads(ctx)
	if err != nil || len(wanted) == 0 {
		return err
	}
	var copied []store.Copy
	for _, source := range wanted {
		g.counters.looked.Add(1)
		info, err := os.Lstat(filepath.Join(g.cfg.Root, filepath.FromSlash(source)))
		if isGone(err) {
			if err := g.store.ForgetUpload(ctx, source); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("copy %s: %w", source, err)
		}
		c := store.NewCopy(source, source, info)
		err = g.out.Copy(c.Output, filepath.Join(g.cfg.Root, filepath.FromSlash(source)))
		if errors.Is(err, output.ErrSource) {
			g.leftOut.Set(source, durable.Unreadable(err))
			err = g.store.ForgetUpload(ctx, source)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		copied = append(copied, c)
	}
	return g.store.MarkCopied(ctx, number, copied, nil)
}

// isPrivate says whether a file is an editor's or a system's, not the site's.
// Other hidden files are copied: .well-known and .htaccess are meant to be.
func isPrivate(name string) bool {
	return strings.HasSuffix(name, "~") || site.IsEditorCopy(name) ||
		strings.HasPrefix(name, ".#") || strings.HasPrefix(name, ".starpunk") || name == ".DS_Store" || name == ".gitkeep" || name == ".gitignore"
}

func (g *Generator) copyFiles(ctx context.Context, changed []store.Copy, gone map[string]store.Copy) error {
	if len(changed) == 0 && len(gone) == 0 {
		return nil
	}
	number, err := g.store.Begin(ctx) // first: see [store.Store.Interrupted]
	if err != nil {
		return err
	}
	var copied []store.Copy
	for _, c := range changed {
		err := g.copyOver(ctx, c)
		if errors.Is(err, output.ErrSource) {
			g.leftOut.Set(c.Source, durable.Unreadable(err))
			continue
		}
		if err != nil {
			return err
		}
		copied = append(copied, c)
	}
	g.built = max(g.built, number)
	var dropped []store.Copy
	for _, c := range gone {
		dropped = append(dropped, c)
	}
	return g.store.MarkCopied(ctx, number, copied, dropped)
}

// A bundleFile is a file that a bundle publishes beside its page.
type bundleFile struct {
	source string // on this system
	output string // below the output folder, with slashes
}

func (g *Generator) bundle(row *store.Row) []bundleFile {
	files, _ := g.bundleAndTwins(row)
	return files
}

// bundleAndTwins returns the files of a bundle, and the names of those that have no
// address of their own: another name differs only by the Unicode form of its
// letters.
func (g *Generator) bundleAndTwins(row *store.Row) (files []bundleFile, twins []string) {
	if !strings.HasSuffix(row.Permalink, "/") {
		return nil, nil
	}
	dir, names := g.store.BundleFiles(row.File)
	taken := map[string]bool{site.OutputFile(row.Permalink): true}
	for _, composed := range []bool{true, false} { // the name that is the address comes first
		for _, name := range names {
			if norm.NFC.IsNormalString(name) != composed {
				continue
			}
			output := path.Join(strings.TrimPrefix(row.Permalink, "/"), norm.NFC.String(filepath.ToSlash(name)))
			switch {
			case !taken[output]:
				files = append(files, bundleFile{filepath.Join(dir, name), output})
			case output != site.OutputFile(row.Permalink):
				twins = append(twins, name)
			}
			taken[output] = true
		}
	}
	return files, twins
}

// writeBundle copies the files of a bundle and returns their outputs. A static
// file goes before.
func (g *Generator) writeBundle(ctx context.Context, row *store.Row, page *renderedPage) (outputs []string, err error) {
	for _, f := range page.bundle {
		by, err := g.store.Covered(ctx, f.output)
		if by == "" && err == nil {
			by, err = g.put(ctx, f.output, false, func() error { return g.out.Copy(f.output, f.source) })
		}
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, output.ErrSource) {
			continue // it went away, or the store says why it is left out; its folder will be looked at again
		}
		if err != nil {
			return nil, fmt.Errorf("bundle content/%s: %w", row.File, err)
		}
		if by != "" {
			page.Warnings = append(page.Warnings, fmt.Sprintf("content/%s:1: the address of its file /%s belongs to %s", row.File, f.output, by))
			continue
		}
		outputs = append(outputs, f.output)
	}
	return outputs, nil
}
