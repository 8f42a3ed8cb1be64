package durable

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// tempPrefix begins the names of files that are being written.
const tempPrefix = ".starpunk-"

// IsTemp reports whether a name, without its folder, is one of a temporary file. A
// crash may leave such a file behind; it can be removed while no process writes.
func IsTemp(name string) bool {
	return strings.HasPrefix(name, tempPrefix) && strings.HasSuffix(name, ".tmp")
}

func tempIn(dir string) string {
	return filepath.Join(dir, tempPrefix+rand.Text()+".tmp")
}

// An Op is one step on the way of a note or an upload to the disk.
type Op struct {
	Name string // create, write, chmod, sync, link, move, exchange, rename, remove, mkdir, rmdir, syncdir, commit
	Path string // the file or the folder; of a commit, the index
	To   string // of link, move, exchange and rename: the other name
}

// A Disk is the file system, for writing. Every change is made by its methods, so
// that a test can record all steps, have each fail, or stop the process at each.
// Several goroutines may use it at once.
type Disk struct {
	around func(op Op, do func() error) error // nil: do

	mu       sync.Mutex
	synced   map[string]fs.FileInfo // folders whose entries in their parents are on the disk
	unsynced map[string]bool        // folders that changed and could not be synced
}

// NewDisk returns a Disk. around, if it is not nil, is called instead of each step,
// which happens when around calls do.
func NewDisk(around func(op Op, do func() error) error) *Disk {
	return &Disk{around: around, synced: map[string]fs.FileInfo{}, unsynced: map[string]bool{}}
}

// Do runs a step.
func (d *Disk) Do(op Op, do func() error) error {
	if d.around == nil {
		return do()
	}
	return d.around(op, do)
}

// CreateTemp makes and opens a temporary file in dir, with the permissions that
// the process's umask leaves, as an editor would.
func (d *Disk) CreateTemp(dir string) (f *os.File, err error) {
	name := tempIn(dir)
	err = d.Do(Op{Name: "create", Path: name}, func() (err error) {
		f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		return err
	})
	if err != nil && f != nil {
		err = errors.Join(err, f.Close(), os.Remove(name))
	}
	return f, err
}

// Sync makes the bytes of a file durable. Its name is durable when its folder is
// synced.
func (d *Disk) Sync(f *os.File) error {
	return d.Do(Op{Name: "sync", Path: f.Name()}, f.Sync)
}

// WriteTemp writes and syncs a temporary file in dir. mode, if it is not 0, has its
// permissions.
func (d *Disk) WriteTemp(dir string, data io.Reader, mode fs.FileMode) (name string, err error) {
	f, err := d.CreateTemp(dir)
	if err != nil {
		return "", err
	}
	name = f.Name()
	if mode != 0 { // before the data: another user must not read a private file meanwhile
		err = d.Do(Op{Name: "chmod", Path: name}, func() error { return f.Chmod(mode) })
	}
	if err == nil {
		err = d.Do(Op{Name: "write", Path: name}, func() error {
			_, err := io.Copy(f, data)
			return err
		})
	}
	if err == nil {
		err = d.Sync(f)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, d.Remove(name))
	}
	return name, nil
}

// Remove removes a file.
func (d *Disk) Remove(name string) error {
	return d.Do(Op{Name: "remove", Path: name}, func() error { return os.Remove(name) })
}

// CreateFile makes a new file, whole, or fails with [fs.ErrExist] and leaves the
// existing file as it is. The new file's bytes are durable then; its name is
// durable after a sync of its folder.
func (d *Disk) CreateFile(name string, data io.Reader) error {
	dir := filepath.Dir(name)
	temp, err := d.WriteTemp(dir, data, 0)
	if err != nil {
		return err
	}
	err = d.Link(temp, name)
	_ = d.Remove(temp) // if it fails, the next scan removes the file
	if err != nil {
		return fmt.Errorf("put in place: %w", err)
	}
	return nil
}

// Link gives a file a second name. Unlike a rename it never replaces a file that
// appeared meanwhile: then the error is [fs.ErrExist].
func (d *Disk) Link(from, to string) error {
	err := d.Do(Op{"link", from, to}, func() error { return os.Link(from, to) })
	if err != nil && sameFile(from, to) {
		return nil // it took effect
	}
	return err
}

// sameFile reports whether two names are names of one file.
func sameFile(a, b string) bool {
	infoA, errA := os.Lstat(a)
	infoB, errB := os.Lstat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// MoveTo moves a file or a folder to a free name, or fails with [fs.ErrExist].
func (d *Disk) MoveTo(source, target string) error {
	info, err := os.Lstat(source)
	if err != nil {
		return err
	}
	err = d.Do(Op{"move", source, target}, func() error { return renameNew(source, target) })
	if isUnsupported(err) && info.IsDir() {
		return d.moveDirInSteps(source, target)
	}
	if isUnsupported(err) {
		return d.moveFileInSteps(source, target)
	}
	if other, statErr := os.Lstat(target); err != nil && statErr == nil && os.SameFile(info, other) {
		// The move took effect in spite of the error, or a move in steps was cut short.
		return d.RemoveIfExists(source)
	}
	return err
}

// moveFileInSteps moves a file on a system whose rename always replaces.
func (d *Disk) moveFileInSteps(source, target string) error {
	if err := d.Link(source, target); err != nil {
		return err
	}
	err := d.SyncDir(filepath.Dir(target)) // otherwise a power cut might keep only the removal
	if err == nil {
		err = d.RemoveIfExists(source)
	}
	if err != nil {
		err = errors.Join(err, d.Remove(target))
	}
	return err
}

// RemoveIfExists removes a file, if it exists. A removal that took effect in spite
// of an error counts as done.
func (d *Disk) RemoveIfExists(name string) error {
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err := d.Remove(name)
	if _, statErr := os.Lstat(name); errors.Is(statErr, fs.ErrNotExist) {
		return nil
	}
	return err
}

// moveDirInSteps reserves the name with an empty folder, which a rename replaces.
func (d *Disk) moveDirInSteps(source, target string) error {
	if err := d.Do(Op{Name: "mkdir", Path: target}, func() error { return os.Mkdir(target, 0o777) }); err != nil {
		return err
	}
	// The system's own rename: os.Rename refuses a folder as a target.
	err := d.Do(Op{"rename", source, target}, func() error { return syscall.Rename(source, target) })
	if _, statErr := os.Lstat(source); err != nil && errors.Is(statErr, fs.ErrNotExist) {
		return nil // it took effect
	}
	if err != nil {
		d.RemoveEmpty(target)
	}
	return err
}

// RemoveEmpty removes a folder if it is empty, and leaves anything else.
func (d *Disk) RemoveEmpty(dir string) {
	_ = d.Do(Op{Name: "rmdir", Path: dir}, func() error { return syscall.Rmdir(dir) }) // fails if it is not an empty folder
}

// MakeDirs makes the folder dir below the existing folder root, and all folders
// between. It syncs the parent of each folder that this process has not yet seen
// on the disk: without that, a power cut could remove a whole new folder with its
// files. A folder that another process made is synced, too: that process may have
// died before its sync.
func (d *Disk) MakeDirs(root, dir string) error {
	if dir == root || dir == filepath.Dir(dir) {
		return nil
	}
	parent := filepath.Dir(dir)
	if err := d.MakeDirs(root, parent); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		mkdirErr := d.Do(Op{Name: "mkdir", Path: dir}, func() error { return os.Mkdir(dir, 0o777) })
		if info, err = os.Stat(dir); err != nil {
			return errors.Join(mkdirErr, err)
		}
	}
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
	case d.isSynced(dir, info):
		return nil
	}
	if err := d.SyncDir(parent); err != nil {
		return err
	}
	d.setSynced(dir, info)
	return nil
}

func (d *Disk) isSynced(dir string, info fs.FileInfo) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.synced[dir]
	return known != nil && os.SameFile(known, info)
}

func (d *Disk) setSynced(dir string, info fs.FileInfo) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.synced[dir] = info
}

// SyncDir makes the names in a folder durable.
func (d *Disk) SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Do(Op{Name: "syncdir", Path: dir}, f.Sync)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}

// SyncDirs syncs folders, and all folders whose sync by SyncDirs failed before. It
// returns an error for each folder that is still not synced.
func (d *Disk) SyncDirs(dirs ...string) map[string]error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, dir := range dirs {
		d.unsynced[dir] = true
	}
	failed := map[string]error{}
	for dir := range d.unsynced {
		err := d.SyncDir(dir)
		if err == nil || errors.Is(err, fs.ErrNotExist) { // a removed folder has no names
			delete(d.unsynced, dir)
			continue
		}
		failed[dir] = err
	}
	return failed
}
