package store

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

// tempPrefix marks files that are being written. A scan deletes those that a
// crash left behind.
const tempPrefix = ".starpunk-"

func isTemp(name string) bool {
	return strings.HasPrefix(name, tempPrefix) && strings.HasSuffix(name, ".tmp")
}

func tempIn(dir string) string {
	return filepath.Join(dir, tempPrefix+rand.Text()+".tmp")
}

// An Op is one step on the way of a note or an upload to the disk.
type Op struct {
	Name string // create, write, chmod, sync, link, move, exchange, rename, remove, mkdir, rmdir, syncdir, commit
	Path string // what is worked on; of a commit, the index
	To   string // of link, move, exchange and rename: the other name
}

// A disk is the file system as notes and uploads are written to it. Every
// change goes through its methods, so that a test can record them, have each
// fail, or stop the process at each.
type disk struct {
	around func(op Op, do func() error) error // nil: do

	mu       sync.Mutex
	kept     map[string]fs.FileInfo // folders whose entries in their parents are on the disk
	unsynced map[string]bool        // folders that changed and could not be synced
}

func newDisk(around func(Op, func() error) error) *disk {
	return &disk{around: around, kept: map[string]fs.FileInfo{}, unsynced: map[string]bool{}}
}

func (d *disk) do(op Op, do func() error) error {
	if d.around == nil {
		return do()
	}
	return d.around(op, do)
}

// createTemp makes and opens a temporary file in dir, with the permissions that
// the process's umask leaves, as an editor would.
func (d *disk) createTemp(dir string) (f *os.File, err error) {
	name := tempIn(dir)
	err = d.do(Op{Name: "create", Path: name}, func() (err error) {
		f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		return err
	})
	if err != nil && f != nil {
		err = errors.Join(err, f.Close(), os.Remove(name))
	}
	return f, err
}

// sync makes the bytes of a file durable; its name is so when its folder is.
func (d *disk) sync(f *os.File) error {
	return d.do(Op{Name: "sync", Path: f.Name()}, f.Sync)
}

// writeTemp writes and syncs a temporary file in dir. mode, if it is not 0, are
// its permissions.
func (d *disk) writeTemp(dir string, data io.Reader, mode fs.FileMode) (name string, err error) {
	f, err := d.createTemp(dir)
	if err != nil {
		return "", err
	}
	name = f.Name()
	err = d.do(Op{Name: "write", Path: name}, func() error {
		_, err := io.Copy(f, data)
		return err
	})
	if err == nil && mode != 0 {
		err = d.do(Op{Name: "chmod", Path: name}, func() error { return f.Chmod(mode) })
	}
	if err == nil {
		err = d.sync(f)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, d.remove(name))
	}
	return name, nil
}

func (d *disk) remove(name string) error {
	return d.do(Op{Name: "remove", Path: name}, func() error { return os.Remove(name) })
}

// createFile puts a new file in place, whole, or fails with fs.ErrExist and
// leaves what is there. Its bytes are on the disk then; its name is, once its
// folder is synced.
func (d *disk) createFile(name string, data io.Reader) error {
	dir := filepath.Dir(name)
	temp, err := d.writeTemp(dir, data, 0)
	if err != nil {
		return err
	}
	err = d.link(temp, name)
	_ = d.remove(temp) // else the next scan does it
	if err != nil {
		return fmt.Errorf("put in place: %w", err)
	}
	return nil
}

// link gives a file a second name. Unlike a rename it never replaces a file
// that appeared meanwhile: the error is fs.ErrExist then. An error in spite of
// which it has the name, as of a network mount that lost an answer, is none.
func (d *disk) link(from, to string) error {
	err := d.do(Op{"link", from, to}, func() error { return os.Link(from, to) })
	if err != nil && sameFileAt(from, to) {
		return nil
	}
	return err
}

// sameFileAt says whether two names are of one file.
func sameFileAt(a, b string) bool {
	infoA, errA := os.Lstat(a)
	infoB, errB := os.Lstat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// moveTo moves a file or a folder to a name that nothing has, or fails with
// fs.ErrExist.
func (d *disk) moveTo(source, target string) error {
	info, err := os.Lstat(source)
	if err != nil {
		return err
	}
	err = d.do(Op{"move", source, target}, func() error { return renameNew(source, target) })
	if lacking(err) && info.IsDir() {
		return d.moveDirInSteps(source, target)
	}
	if lacking(err) {
		return d.moveFileInSteps(source, target)
	}
	if other, statErr := os.Lstat(target); err != nil && statErr == nil && os.SameFile(info, other) {
		// It is there in spite of the error, or a move in steps was cut short.
		return d.removeIfThere(source)
	}
	return err
}

// moveFileInSteps is moveTo where a rename can't be told to spare what is there.
func (d *disk) moveFileInSteps(source, target string) error {
	if err := d.link(source, target); err != nil {
		return err
	}
	err := d.syncDir(filepath.Dir(target)) // else a power cut might keep the removal alone
	if err == nil {
		err = d.removeIfThere(source)
	}
	if err != nil {
		err = errors.Join(err, d.remove(target))
	}
	return err
}

// removeIfThere removes a file. An error in spite of which it is gone is none.
func (d *disk) removeIfThere(name string) error {
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err := d.remove(name)
	if _, statErr := os.Lstat(name); errors.Is(statErr, fs.ErrNotExist) {
		return nil
	}
	return err
}

// moveDirInSteps claims the name by an empty folder, which a rename replaces.
func (d *disk) moveDirInSteps(source, target string) error {
	if err := d.do(Op{Name: "mkdir", Path: target}, func() error { return os.Mkdir(target, 0o777) }); err != nil {
		return err
	}
	// The system's own rename: that of os refuses the folder it finds.
	err := d.do(Op{"rename", source, target}, func() error { return syscall.Rename(source, target) })
	if _, statErr := os.Lstat(source); err != nil && errors.Is(statErr, fs.ErrNotExist) {
		return nil // in spite of the error
	}
	if err != nil {
		d.removeEmpty(target)
	}
	return err
}

// removeEmpty removes a folder if nothing is in it. What else it may be stays.
func (d *disk) removeEmpty(dir string) {
	_ = d.do(Op{Name: "rmdir", Path: dir}, func() error { return syscall.Rmdir(dir) }) // it is not empty, or no folder: then it stays
}

// makeDirs makes the folder dir below root, which is there, and those between.
// It syncs the parent of each that this process has not seen on the disk
// before: without that, a power cut could take a whole new folder with all in
// it. That another process made it is no proof: it may have died before it
// synced.
func (d *disk) makeDirs(root, dir string) error {
	if dir == root || dir == filepath.Dir(dir) {
		return nil
	}
	parent := filepath.Dir(dir)
	if err := d.makeDirs(root, parent); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		mkdirErr := d.do(Op{Name: "mkdir", Path: dir}, func() error { return os.Mkdir(dir, 0o777) })
		if info, err = os.Stat(dir); err != nil {
			return errors.Join(mkdirErr, err)
		}
	}
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
	case d.isKept(dir, info):
		return nil
	}
	if err := d.syncDir(parent); err != nil {
		return err
	}
	d.keep(dir, info)
	return nil
}

func (d *disk) isKept(dir string, info fs.FileInfo) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.kept[dir]
	return known != nil && os.SameFile(known, info)
}

func (d *disk) keep(dir string, info fs.FileInfo) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept[dir] = info
}

// syncDir makes the names in a folder durable.
func (d *disk) syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.do(Op{Name: "syncdir", Path: dir}, f.Sync)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}

// settle syncs folders, and those that could not be synced before. It returns
// why some still can't.
func (d *disk) settle(dirs ...string) map[string]error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, dir := range dirs {
		d.unsynced[dir] = true
	}
	failed := map[string]error{}
	for dir := range d.unsynced {
		err := d.syncDir(dir)
		if err == nil || errors.Is(err, fs.ErrNotExist) { // gone, and its names with it
			delete(d.unsynced, dir)
			continue
		}
		failed[dir] = err
	}
	return failed
}
