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
	"starpunk/site/store/durable"
	"starpunk/site/store/loss"
	"starpunk/site/store/queue"

	"golang.org/x/text/unicode/norm"
)

// copyAll brings the copies of static/ and media/ up to date, before the pages that show
// them are built.
func (g *Generator) copyAll(ctx context.Context) error {
	return errors.Join(g.copyStatic(ctx, ""), g.copyMedia(ctx, ""))
}

// copyStatic copies the changed files at or below a path in static/ to the top of the
// output.
func (g *Generator) copyStatic(ctx context.Context, rel string) error {
	return g.copyPath(ctx, "static", rel, "")
}

// copyMedia copies the changed files at or below a path in media/ to /media/.
func (g *Generator) copyMedia(ctx context.Context, rel string) error {
	return g.copyPath(ctx, "media", rel, "media")
}

// copyPath brings the copies of a file, or of a folder and its folders, up to date. below
// is the folder of the output for the files of the site's folder. A file that did not
// change is not read. If many files are missing, their copies stay: see
// [loss.Losses.Believe].
func (g *Generator) copyPath(ctx context.Context, folder, rel, below string) error {
	known, err := g.store.Copies.In(ctx, path.Join(folder, rel))
	if err != nil {
		return err
	}
	appeared := 0
	g.skipped.Forget(path.Join(folder, rel))
	var changed []queue.Copy
	root := filepath.Join(g.cfg.Root, folder)
	err = filepath.WalkDir(filepath.Join(root, filepath.FromSlash(rel)), func(name string, d fs.DirEntry, err error) error {
		g.counters.looked.Add(1)
		if isMissing(err) {
			return nil
		}
		rel, relErr := filepath.Rel(root, name)
		if relErr != nil {
			return relErr
		}
		rel = filepath.ToSlash(rel)
		if source := path.Join(folder, rel); errors.Is(err, fs.ErrPermission) {
			g.skipped.Set(source, durable.Unreadable(err)+"; its copies stay as they are")
			maps.DeleteFunc(known, func(s string, _ queue.Copy) bool { return s == source || strings.HasPrefix(s, source+"/") })
			return nil
		}
		if err == nil && site.IsConflictCopy(rel) {
			g.skipped.Set(path.Join(folder, rel), site.ConflictCopy)
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if err != nil || d.IsDir() || isPrivate(d.Name()) {
			return err
		}
		if why := durable.Irregular(d.Type()); why != "" {
			g.skipped.Set(path.Join(folder, rel), why)
			return nil
		}
		info, err := d.Info()
		if isMissing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		composed := norm.NFC.String(rel)
		if composed != rel {
			if _, err := os.Lstat(filepath.Join(root, filepath.FromSlash(composed))); err == nil && !sameName(root, composed, info) {
				g.skipped.Set(path.Join(folder, rel), "another file has the same name in another Unicode form, and so the same address; rename one")
				return nil
			}
		}
		c := queue.NewCopy(path.Join(folder, rel), path.Join(below, composed), info)
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
	believed, err := g.store.Believe(ctx, loss.Loss{
		Folder: folder, Files: slices.Collect(maps.Keys(known)), Appeared: appeared, Whole: rel == "", Known: g.store.Copies.Count(folder),
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
	return g.copyPath(ctx, folder, "", below) // to count all missing files
}

// sameName reports whether a name below a folder is that of a file, as on systems
// where both forms of a name are one.
func sameName(root, name string, info fs.FileInfo) bool {
	other, err := os.Lstat(filepath.Join(root, filepath.FromSlash(name)))
	return err == nil && os.SameFile(info, other)
}

// isMissing reports whether an error is that of a file that does not exist, or of one in a
// folder that a file has replaced.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// copyUploads copies the uploads that the receiver stored a moment ago, before the pages
// that show them are built. It does not look at other uploads.
func (g *Generator) copyUploads(ctx context.Context, number int64) error {
	wanted, err := g.store.Copies.WantedUploads(ctx)
	if err != nil || len(wanted) == 0 {
		return err
	}
	var copied []queue.Copy
	for _, source := range wanted {
		g.counters.looked.Add(1)
		info, err := os.Lstat(filepath.Join(g.cfg.Root, filepath.FromSlash(source)))
		if isMissing(err) {
			if err := g.store.Copies.ForgetUpload(ctx, source); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("copy %s: %w", source, err)
		}
		c := queue.NewCopy(source, source, info)
		err = g.out.Copy(c.Output, filepath.Join(g.cfg.Root, filepath.FromSlash(source)))
		if errors.Is(err, output.ErrSource) {
			g.skipped.Set(source, durable.Unreadable(err))
			err = g.store.Copies.ForgetUpload(ctx, source)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		copied = append(copied, c)
	}
	return g.store.Copies.Mark(ctx, number, copied, nil)
}

// isPrivate reports whether a file is one of an editor or of the system, and not part of
// the site. Other hidden files, such as .well-known and .htaccess, are copied.
func isPrivate(name string) bool {
	return strings.HasSuffix(name, "~") || site.IsEditorCopy(name) ||
		strings.HasPrefix(name, ".#") || strings.HasPrefix(name, ".starpunk") || name == ".DS_Store" || name == ".gitkeep" || name == ".gitignore"
}

// copyFiles copies files, and records them and the copies whose files were removed.
func (g *Generator) copyFiles(ctx context.Context, changed []queue.Copy, removed map[string]queue.Copy) error {
	if len(changed) == 0 && len(removed) == 0 {
		return nil
	}
	number, err := g.store.Begin(ctx) // before the first output: see [queue.Queue.Interrupted]
	if err != nil {
		return err
	}
	var copied []queue.Copy
	for _, c := range changed {
		err := g.writer.CopyOver(ctx, c)
		if errors.Is(err, output.ErrSource) {
			g.skipped.Set(c.Source, durable.Unreadable(err))
			continue
		}
		if err != nil {
			return err
		}
		copied = append(copied, c)
	}
	g.unsynced = max(g.unsynced, number)
	return g.store.Copies.Mark(ctx, number, copied, slices.Collect(maps.Values(removed)))
}
