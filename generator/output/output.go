package output

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"starpunk/site/store/durable"
)

// markFile marks an output folder of StarPunk's and has the folder's id in the index.
// Without it nothing is ever deleted there.
const markFile = ".starpunk"

const (
	tempPrefix = ".starpunk-"
	tempRandom = 13 // characters of five bits, so that no two processes have the same names
)

// A Folder is the folder that the site is written to. Its methods may be called by
// several goroutines at once, but not while its fields are set. Names of outputs are
// below the folder, with slashes.
type Folder struct {
	// New is true from the moment this process makes the folder until it is filled.
	// Write then makes a folder for each file before it looks whether there is one.
	New bool
	// BeforeChange and BeforeRemove are called with the name of an output before it
	// changes. An error prevents that. Nil: nothing is called.
	BeforeChange, BeforeRemove func(name string) error

	dir      string
	clearing sync.Mutex

	temp  string        // the beginning of the names of its temporary files
	temps atomic.Uint64 // the number of temporary files so far

	written   atomic.Int64
	unchanged atomic.Int64
	removed   atomic.Int64
}

// At returns the folder dir, which need not exist, for looking at outputs.
func At(dir string) *Folder { return &Folder{dir: dir} }

// Open opens the output folder dir, makes it where it does not exist, and returns the
// id in it. It refuses a folder that has other files.
func Open(dir string) (*Folder, string, error) {
	o := &Folder{dir: dir, temp: tempPrefix + rand.Text()[:tempRandom]}
	id, err := os.ReadFile(o.Path(markFile))
	if err == nil {
		return o, strings.TrimSpace(string(id)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, "", fmt.Errorf("output folder: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, "", fmt.Errorf("output folder: %w", err)
	}
	if len(entries) > 0 {
		return nil, "", fmt.Errorf("output folder %s is not empty and was not made by StarPunk (it has no file %s): "+
			"empty it, or name another one as build.output", dir, markFile)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, "", fmt.Errorf("output folder: %w", err)
	}
	newID := rand.Text()
	if err := os.WriteFile(o.Path(markFile), []byte(newID+"\n"), 0o666); err != nil {
		return nil, "", fmt.Errorf("output folder: %w", err)
	}
	o.New = true
	return o, newID, nil
}

// ErrDeleted is the error of a write to an output folder that was deleted.
var ErrDeleted = errors.New("the output folder was deleted")

// Counts returns how many files were written, found unchanged, and removed so far.
func (o *Folder) Counts() (written, unchanged, removed int64) {
	return o.written.Load(), o.unchanged.Load(), o.removed.Load()
}

// Deleted reports whether the folder was deleted, or its mark: then StarPunk must not
// write to it.
func (o *Folder) Deleted() bool {
	_, err := os.Lstat(o.Path(markFile))
	return errors.Is(err, fs.ErrNotExist)
}

// Path returns the path of an output in the file system.
func (o *Folder) Path(name string) string {
	return filepath.Join(o.dir, filepath.FromSlash(name))
}

// Write writes an output, unless the file has these bytes already. The error is
// [ErrBlocked] if a folder has the name of the file, or a file has the name of a folder
// above it.
func (o *Folder) Write(name string, data []byte) error {
	target := o.Path(name)
	if !o.makeFolder(target) {
		if same, err := holds(target, data); err != nil {
			return writing("write", name, err)
		} else if same {
			o.unchanged.Add(1)
			return nil
		}
	}
	if err := call(o.BeforeChange, name); err != nil {
		return err
	}
	err := o.replace(target, func(temp string) error { return writeNew(temp, data) })
	if err != nil {
		return writing("write", name, err)
	}
	o.written.Add(1)
	return nil
}

func call(before func(name string) error, name string) error {
	if before == nil {
		return nil
	}
	return before(name)
}

// makeFolder makes the folder of a file and reports whether it did: then the file
// can't exist, and need not be looked for. While an output folder is filled, most
// files are the first of their folders. Later, most of these calls would fail.
func (o *Folder) makeFolder(target string) bool {
	return o.New && os.Mkdir(filepath.Dir(target), 0o777) == nil
}

// holds reports whether a regular file has exactly these bytes.
func holds(name string, data []byte) (bool, error) {
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(data)) {
		return false, err
	}
	return hasBytes(name, data)
}

// ErrSource is the error of a copy whose source can't be read. The output is not at
// fault.
var ErrSource = errors.New("the source can't be copied")

// Copy writes a copy of a file. The system shares its blocks where it can. It is never
// a hard link, through which an edit of the output would change the source. The error
// is [ErrSource] or [ErrBlocked] in their cases.
func (o *Folder) Copy(name, source string) error {
	in, err := durable.OpenRegular(source)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, durable.ErrIrregular) {
		return fmt.Errorf("copy to %s: %w: %w", name, ErrSource, err)
	}
	if err != nil {
		return writing("copy to", name, err)
	}
	defer in.Close()
	target := o.Path(name)
	if !o.makeFolder(target) {
		if same, err := sameFile(target, in); err != nil {
			return writing("copy to", name, err)
		} else if same {
			o.unchanged.Add(1)
			return nil
		}
	}
	if err := call(o.BeforeChange, name); err != nil {
		return err
	}
	err = o.replace(target, func(temp string) error { return copyNew(temp, in) })
	if err != nil {
		return writing("copy to", name, err)
	}
	o.written.Add(1)
	return nil
}

// copyNew makes a file with what is left of another. It fails if there is a file of
// that name.
func copyNew(name string, in *os.File) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, in)
	return errors.Join(err, f.Close())
}

// sameFile reports whether target has the bytes of in, which it leaves at its
// start.
func sameFile(target string, in *os.File) (same bool, err error) {
	info, err := os.Lstat(target)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || !info.Mode().IsRegular() {
		return false, err
	}
	source, err := in.Stat()
	if err != nil || info.Size() != source.Size() {
		return false, err
	}
	out, err := durable.OpenRegular(target)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, durable.ErrIrregular) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer out.Close()
	defer func() {
		if _, seekErr := in.Seek(0, io.SeekStart); err == nil {
			err = seekErr
		}
	}()
	size := min(info.Size()+1, 64<<10) // room to see the end, too
	a, b := make([]byte, size), make([]byte, size)
	for {
		n, errIn := io.ReadFull(in, a)
		m, errOut := io.ReadFull(out, b)
		if !bytes.Equal(a[:n], b[:m]) {
			return false, nil
		}
		if errIn != nil || errOut != nil {
			ended := isEnd(errIn) && isEnd(errOut)
			if ended {
				return true, nil
			}
			return false, errors.Join(errIn, errOut)
		}
	}
}

func isEnd(err error) bool {
	return err == io.EOF || err == io.ErrUnexpectedEOF
}

// replace has a temporary file made beside target and renames it, so that a reader
// sees the old file or the new one, whole. The file gets the permissions that the
// process's umask leaves.
func (o *Folder) replace(target string, create func(temp string) error) error {
	dir := filepath.Dir(target)
	temp := dir + string(filepath.Separator) + o.temp + strconv.FormatUint(o.temps.Add(1), 36) + ".tmp"
	err := create(temp)
	if errors.Is(err, fs.ErrNotExist) { // most have their folder: to look first would cost more
		if err := o.missingFolder(dir); err != nil {
			return err
		}
		err = create(temp)
	}
	if err == nil {
		err = rename(temp, target)
	}
	if err == nil {
		return nil
	}
	_ = os.Remove(temp) // often it does not exist; else the build that failed is swept
	return withoutName(temp, err)
}

// missingFolder makes a folder in the output, if the output is still ours.
func (o *Folder) missingFolder(dir string) error {
	if dir == o.dir {
		return ErrDeleted
	}
	if os.Mkdir(dir, 0o777) == nil {
		return nil
	}
	// More than one is missing, or another goroutine made it just now.
	if o.Deleted() {
		return ErrDeleted
	}
	return os.MkdirAll(dir, 0o777)
}

// withoutName returns an error of a temporary file without its name, which is
// different each time: equal errors must look equal.
func withoutName(temp string, err error) error {
	var file *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &file) && file.Path == temp:
		return file.Err
	case errors.As(err, &link) && link.Old == temp:
		return link.Err
	}
	return err
}

// ErrBlocked is the error of a write that finds a file where it needs a folder, or a
// folder where it needs a file.
var ErrBlocked = errors.New("another file or folder blocks its path")

// writing adds the name of an output to an error, and [ErrBlocked] if it is one.
func writing(what, name string, err error) error {
	for _, is := range []error{syscall.ENOTDIR, syscall.EISDIR, syscall.EEXIST, syscall.ENOTEMPTY} {
		if errors.Is(err, is) {
			return fmt.Errorf("%s %s: %w: %w", what, name, ErrBlocked, err)
		}
	}
	return fmt.Errorf("%s %s: %w", what, name, err)
}

// Clear removes everything that blocks the path of an output: a folder with its name, and
// files with the names of folders above it.
func (o *Folder) Clear(name string) error {
	// Of two outputs that one file blocks, the second must find the folder of the first.
	o.clearing.Lock()
	defer o.clearing.Unlock()
	for dir := filepath.Dir(o.Path(name)); dir != o.dir && strings.HasPrefix(dir, o.dir); dir = filepath.Dir(dir) {
		if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
			if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("clear the path of %s: %w", name, err)
			}
		}
	}
	if err := os.RemoveAll(o.Path(name)); err != nil {
		return fmt.Errorf("clear the path of %s: %w", name, err)
	}
	return nil
}

// Remove deletes an output and the folders that it leaves empty.
func (o *Folder) Remove(name string) error {
	if err := call(o.BeforeRemove, name); err != nil {
		return err
	}
	if info, err := os.Lstat(o.Path(name)); err == nil && info.IsDir() {
		return nil // a folder replaced the file
	}
	err := os.Remove(o.Path(name))
	if errors.Is(err, syscall.ENOTDIR) {
		return nil // a file replaced its folder
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove output: %w", err)
	}
	if err == nil {
		o.removed.Add(1)
	}
	for dir := filepath.Dir(o.Path(name)); dir != o.dir && strings.HasPrefix(dir, o.dir); dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil { // not empty
			break
		}
	}
	return nil
}

// Sweep removes every file that is not a wanted output: files of an earlier index, and
// temporary files that a crash left. It keeps hidden files at the top, since they
// belong to the host (.git, .well-known, .nojekyll).
func (o *Folder) Sweep(ctx context.Context, wanted map[string]bool) error {
	var stray []string
	err := filepath.WalkDir(o.dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == o.dir {
			return err
		}
		name, err := filepath.Rel(o.dir, p)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		hidden := strings.HasPrefix(name, ".") && !strings.HasPrefix(name, tempPrefix)
		switch {
		case hidden && d.IsDir():
			return fs.SkipDir
		case !hidden && !d.IsDir() && !wanted[name] && name != markFile:
			stray = append(stray, name)
		}
		return ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("look for stray outputs: %w", err)
	}
	for _, name := range stray {
		if err := o.Remove(name); err != nil {
			return err
		}
	}
	return nil
}
