package assets

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
	"sync/atomic"
	"syscall"

	"starpunk/generator/output"
	"starpunk/generator/precedence"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/content"
	"starpunk/site/store/durable"
	"starpunk/site/store/loss"
	"starpunk/site/store/queue"

	"golang.org/x/text/unicode/norm"
)

// A Copier copies the files of a site into its output folder. Only one goroutine may use
// it, except for Attach.
type Copier struct {
	cfg     *site.Config
	store   *store.Builder
	sources *precedence.Sources
	out     *output.Folder
	writer  *precedence.Writer
	looked  *atomic.Int64

	skipped content.SkippedFiles // files of static/ and media/
}

// Options are the options of a Copier. All are required.
type Options struct {
	Config  *site.Config
	Store   *store.Builder
	Sources *precedence.Sources
	Output  *output.Folder
	Looked  *atomic.Int64 // counts the files of static/ and media/ that are compared with their copies
}

// New returns a Copier.
func New(o Options) *Copier {
	return &Copier{cfg: o.Config, store: o.Store, sources: o.Sources, out: o.Output, writer: o.Sources.Writer(o.Output), looked: o.Looked}
}

// Skipped returns the files of static/ and media/ that are not published, each with its
// reason.
func (c *Copier) Skipped() []string { return c.skipped.Lines("") }

// All brings the copies of static/ and media/ up to date, before the pages that show them
// are built. Like [Copier.Static] and [Copier.Media] it returns the number of the build with
// the copies, 0 if nothing was copied.
func (c *Copier) All(ctx context.Context) (number int64, err error) {
	static, err := c.Static(ctx, "")
	media, failed := c.Media(ctx, "")
	return max(static, media), errors.Join(err, failed)
}

// Static copies the changed files at or below a path in static/ to the top of the output.
func (c *Copier) Static(ctx context.Context, rel string) (number int64, err error) {
	return c.copyPath(ctx, "static", rel, "")
}

// Media copies the changed files at or below a path in media/ to /media/.
func (c *Copier) Media(ctx context.Context, rel string) (number int64, err error) {
	return c.copyPath(ctx, "media", rel, "media")
}

// copyPath brings the copies of a file, or of a folder and its folders, up to date. below
// is the folder of the output for the files of the site's folder. A file that did not
// change is not read. If many files are missing, their copies stay: see
// [loss.Losses.Believe].
func (c *Copier) copyPath(ctx context.Context, folder, rel, below string) (number int64, err error) {
	known, err := c.store.Copies.In(ctx, path.Join(folder, rel))
	if err != nil {
		return 0, err
	}
	c.skipped.Forget(path.Join(folder, rel))
	s := scan{Copier: c, folder: folder, below: below, known: known}
	if err := s.walk(ctx, rel); err != nil {
		return 0, fmt.Errorf("copy %s: %w", path.Join(folder, rel), err)
	}
	believed, err := c.store.Believe(ctx, loss.Loss{
		Folder: folder, Files: slices.Collect(maps.Keys(known)), Appeared: s.appeared, Whole: rel == "", Known: c.store.Copies.Count(folder),
	})
	if err != nil {
		return 0, err
	}
	if !believed {
		clear(known)
	}
	number, err = c.copyFiles(ctx, s.changed, known)
	if err != nil || believed || rel == "" {
		return number, err
	}
	again, err := c.copyPath(ctx, folder, "", below) // to count all missing files
	return max(number, again), err
}

// A scan compares the files of static/ or media/ with their copies.
type scan struct {
	*Copier
	folder   string                // "static" or "media"
	below    string                // the folder of the output for its files
	known    map[string]queue.Copy // copies whose files were not found yet, by source
	changed  []queue.Copy          // copies that must be made
	appeared int                   // files without a copy
}

// walk compares the files at or below a path in the folder with their copies.
func (s *scan) walk(ctx context.Context, rel string) error {
	root := filepath.Join(s.cfg.Root, s.folder)
	return filepath.WalkDir(filepath.Join(root, filepath.FromSlash(rel)), func(name string, d fs.DirEntry, err error) error {
		s.looked.Add(1)
		if isMissing(err) {
			return nil
		}
		rel, relErr := filepath.Rel(root, name)
		if relErr != nil {
			return relErr
		}
		if err := s.visit(filepath.ToSlash(rel), d, err); err != nil {
			return err
		}
		return ctx.Err()
	})
}

// visit compares a file of the folder with its copy. err is the error of reading it.
func (s *scan) visit(rel string, d fs.DirEntry, err error) error {
	source := path.Join(s.folder, rel)
	switch {
	case errors.Is(err, fs.ErrPermission):
		s.skipped.Set(source, durable.Unreadable(err)+"; its copies stay as they are")
		maps.DeleteFunc(s.known, func(known string, _ queue.Copy) bool {
			return known == source || strings.HasPrefix(known, source+"/")
		})
		return nil
	case err == nil && site.IsConflictCopy(rel):
		s.skipped.Set(source, site.ConflictCopy)
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	case err != nil || d.IsDir() || isPrivate(d.Name()):
		return err
	}
	if why := durable.Irregular(d.Type()); why != "" {
		s.skipped.Set(source, why)
		return nil
	}
	info, err := d.Info()
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	s.compare(rel, info)
	return nil
}

// compare compares a regular file of the folder with its copy.
func (s *scan) compare(rel string, info fs.FileInfo) {
	source := path.Join(s.folder, rel)
	composed := norm.NFC.String(rel)
	if composed != rel {
		root := filepath.Join(s.cfg.Root, s.folder)
		if _, err := os.Lstat(filepath.Join(root, filepath.FromSlash(composed))); err == nil && !sameName(root, composed, info) {
			s.skipped.Set(source, "another file has the same name in another Unicode form, and so the same address; rename one")
			return
		}
	}
	c := queue.NewCopy(source, path.Join(s.below, composed), info)
	old, copied := s.known[source]
	if old != c {
		s.changed = append(s.changed, c)
	}
	if !copied {
		s.appeared++
	}
	delete(s.known, source)
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

// Uploads copies the uploads that the receiver stored a moment ago, before the pages
// that show them are built. It does not look at other uploads.
func (c *Copier) Uploads(ctx context.Context, number int64) error {
	wanted, err := c.store.Copies.WantedUploads(ctx)
	if err != nil || len(wanted) == 0 {
		return err
	}
	var copied []queue.Copy
	for _, source := range wanted {
		c.looked.Add(1)
		info, err := os.Lstat(filepath.Join(c.cfg.Root, filepath.FromSlash(source)))
		if isMissing(err) {
			if err := c.store.Copies.ForgetUpload(ctx, source); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("copy %s: %w", source, err)
		}
		upload := queue.NewCopy(source, source, info)
		err = c.out.Copy(upload.Output, filepath.Join(c.cfg.Root, filepath.FromSlash(source)))
		if errors.Is(err, output.ErrSource) {
			c.skipped.Set(source, durable.Unreadable(err))
			err = c.store.Copies.ForgetUpload(ctx, source)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		copied = append(copied, upload)
	}
	return c.store.Copies.Mark(ctx, number, copied, nil)
}

// isPrivate reports whether a file is one of an editor or of the system, and not part of
// the site. Other hidden files, such as .well-known and .htaccess, are copied.
func isPrivate(name string) bool {
	return strings.HasSuffix(name, "~") || site.IsEditorCopy(name) ||
		strings.HasPrefix(name, ".#") || strings.HasPrefix(name, ".starpunk") || name == ".DS_Store" || name == ".gitkeep" || name == ".gitignore"
}

// copyFiles copies files, and records them and the copies whose files were removed. It
// returns the number of the build with them.
func (c *Copier) copyFiles(ctx context.Context, changed []queue.Copy, removed map[string]queue.Copy) (number int64, err error) {
	if len(changed) == 0 && len(removed) == 0 {
		return 0, nil
	}
	number, err = c.store.Begin(ctx) // before the first output: see [queue.Queue.Interrupted]
	if err != nil {
		return 0, err
	}
	var copied []queue.Copy
	for _, file := range changed {
		err := c.writer.CopyOver(ctx, file)
		if errors.Is(err, output.ErrSource) {
			c.skipped.Set(file.Source, durable.Unreadable(err))
			continue
		}
		if err != nil {
			return 0, err
		}
		copied = append(copied, file)
	}
	return number, c.store.Copies.Mark(ctx, number, copied, slices.Collect(maps.Values(removed)))
}
