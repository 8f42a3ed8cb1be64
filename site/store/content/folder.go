package content

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"strings"

	"starpunk/site"
	"starpunk/site/store/filelock"
)

// contentLock is a lock file in the lock folder. Each writer of notes and uploads holds it,
// from the choice of a slug to the sync of the folder.
const contentLock = "content.lock"

// A Folder is the content folder of a site. Names in it are relative, with slashes; "" is
// the folder itself. Several goroutines may use it at once.
type Folder struct {
	cfg *site.Config

	// Skipped has the files that scans skip, without the files that have rows.
	Skipped SkippedFiles
}

// New returns the content folder of a site.
func New(cfg *site.Config) *Folder { return &Folder{cfg: cfg} }

// Lock waits for the content lock until ctx ends.
func (f *Folder) Lock(ctx context.Context) (*filelock.Lock, error) {
	return filelock.Acquire(ctx, f.cfg.LockDir(), contentLock)
}

// Path returns the path of a file or a folder on the system.
func (f *Folder) Path(name string) string {
	return filepath.Join(f.cfg.ContentDir(), filepath.FromSlash(name))
}

// Skips reports whether a name below content/ is not read. The trash is read: the slugs
// of deleted notes stay taken.
func (f *Folder) Skips(name string) bool {
	return name != site.TrashDir && f.cfg.Skipped(strings.TrimPrefix(name, site.TrashDir+"/"))
}

// IsAttachment reports whether a name below content/ is that of an attachment.
func (f *Folder) IsAttachment(name string) bool {
	return site.IsAttachment(name) && !strings.HasPrefix(name, site.TrashDir+"/") && !f.Skips(name)
}

// Exists reports whether there is a file or a folder of a name.
func (f *Folder) Exists(file string) bool {
	_, err := os.Lstat(f.Path(file))
	return err == nil
}

// Dir returns the folder of a file, "" for content/ itself.
func Dir(file string) string {
	if dir := path.Dir(file); dir != "." {
		return dir
	}
	return ""
}

// Join returns the path of a name in a folder. It is the reverse of [Dir].
func Join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}
