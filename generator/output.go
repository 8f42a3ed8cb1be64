package generator

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
	"sync/atomic"
	"syscall"

	"starpunk/site/store"
)

// markFile lies in an output folder of ours and bears the id that the index
// knows it by. Without it nothing is ever deleted there.
const markFile = ".starpunk"

const (
	tempPrefix = ".starpunk-"
	tempRandom = 13 // characters of five bits, so that no two processes have the same names
)

// An output is the folder that the site is written to. Its methods may be
// called by several goroutines at once.
type output struct {
	fresh bool // the folder was made by this process, and is not filled yet
	dir   string
	after *after // hears of each file before it changes

	temp  string        // how the names of its temporary files begin
	temps atomic.Uint64 // how many there were

	written   atomic.Int64
	unchanged atomic.Int64
	removed   atomic.Int64
}

// openOutput opens the output folder, making it where there is none, and
// returns the id it bears. A folder that holds anything else is refused.
func openOutput(dir string) (*output, string, error) {
	o := &output{dir: dir, temp: tempPrefix + rand.Text()[:tempRandom]}
	id, err := os.ReadFile(o.path(markFile))
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
	newID := store.NewOutputID()
	if err := os.WriteFile(o.path(markFile), []byte(newID+"\n"), 0o666); err != nil {
		return nil, "", fmt.Errorf("output folder: %w", err)
	}
	o.fresh = true
	return o, newID, nil
}

// errGone is the error of a write to an output folder that somebody removed.
var errGone = errors.New("the output folder is gone")

// gone says whether somebody removed the folder, or our mark in it: then it is
// not ours to write to.
func (o *output) gone() bool {
	_, err := os.Lstat(o.path(markFile))
	return errors.Is(err, fs.ErrNotExist)
}

func (o *output) path(name string) string {
	return filepath.Join(o.dir, filepath.FromSlash(name))
}

// write puts a file in place, unless it holds these bytes already. name is
// below the folder, with slashes.
func (o *output) write(name string, data []byte) error {
	target := o.path(name)
	if !o.makeFolder(target) {
		if same, err := holds(target, data); err != nil {
			return writing("write", name, err)
		} else if same {
			o.unchanged.Add(1)
			return nil
		}
	}
	if err := o.after.change(name); err != nil {
		return err
	}
	err := o.replace(target, func(temp string) error { return writeNew(temp, data) })
	if err != nil {
		return writing("write", name, err)
	}
	o.written.Add(1)
	return nil
}

// makeFolder makes the folder of a file and reports whether it did: then the file
// can't exist, and need not be looked for. While an output folder is filled, most
// files are the first of their folders. Later, most of these calls would fail.
func (o *output) makeFolder(target string) bool {
	return o.fresh && os.Mkdir(filepath.Dir(target), 0o777) == nil
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

// errSource is the error of a copy whose source can't be read by us: which is no
// fault of the output.
var errSource = errors.New("the source can't be copied")

// copyFile puts a copy of a file in place. The system shares its blocks where
// it can; it is never a hard link, which would let an edit of the output reach
// the source.
func (o *output) copyFile(name, source string) error {
	in, err := store.OpenRegular(source)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, store.ErrIrregular) {
		return fmt.Errorf("copy to %s: %w: %w", name, errSource, err)
	}
	if err != nil {
		return writing("copy to", name, err)
	}
	defer in.Close()
	target := o.path(name)
	if !o.makeFolder(target) {
		if same, err := sameFile(target, in); err != nil {
			return writing("copy to", name, err)
		} else if same {
			o.unchanged.Add(1)
			return nil
		}
	}
	if err := o.after.change(name); err != nil {
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
	out, err := store.OpenRegular(target)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, store.ErrIrregular) {
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
func (o *output) replace(target string, create func(temp string) error) error {
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
func (o *output) missingFolder(dir string) error {
	if dir == o.dir {
		return errGone
	}
	if os.Mkdir(dir, 0o777) == nil {
		return nil
	}
	// More than one is missing, or another goroutine made it just now.
	if o.gone() {
		return errGone
	}
	return os.MkdirAll(dir, 0o777)
}

// withoutName is an error of a temporary file without its name, which is another
// one each time: it is to be seen that the error is the same.
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

// errInTheWay is the error of a write that finds a file where it needs a folder,
// or a folder where it wants to put a file.
var errInTheWay = errors.New("something else lies in the way")

// writing says which output an error is about, and marks it as
// [errInTheWay] if it is one.
func writing(what, name string, err error) error {
	for _, is := range []error{syscall.ENOTDIR, syscall.EISDIR, syscall.EEXIST, syscall.ENOTEMPTY} {
		if errors.Is(err, is) {
			return fmt.Errorf("%s %s: %w: %w", what, name, errInTheWay, err)
		}
	}
	return fmt.Errorf("%s %s: %w", what, name, err)
}

// clear makes way for a file: it removes a folder of that name, and any file
// that stands where a folder above it should be.
func (o *output) clear(name string) error {
	for dir := filepath.Dir(o.path(name)); dir != o.dir && strings.HasPrefix(dir, o.dir); dir = filepath.Dir(dir) {
		if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
			if err := os.Remove(dir); err != nil {
				return fmt.Errorf("make way for %s: %w", name, err)
			}
		}
	}
	if err := os.RemoveAll(o.path(name)); err != nil {
		return fmt.Errorf("make way for %s: %w", name, err)
	}
	return nil
}

// remove deletes a file and the folders that it leaves empty.
func (o *output) remove(name string) error {
	if err := o.after.remove(name); err != nil {
		return err
	}
	if info, err := os.Lstat(o.path(name)); err == nil && info.IsDir() {
		return nil // the file made way for it
	}
	err := os.Remove(o.path(name))
	if errors.Is(err, syscall.ENOTDIR) {
		return nil // a file took the place of its folder
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove output: %w", err)
	}
	if err == nil {
		o.removed.Add(1)
	}
	for dir := filepath.Dir(o.path(name)); dir != o.dir && strings.HasPrefix(dir, o.dir); dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil { // not empty
			break
		}
	}
	return nil
}

// sweep removes every file that the index does not know: what an earlier index
// had built, and what a crash left half written. Hidden files at the top are
// left alone: they belong to the host (.git, .well-known, .nojekyll).
func (o *output) sweep(ctx context.Context, s *store.Store) error {
	wanted := map[string]bool{markFile: true}
	if err := s.Outputs(ctx, func(name string) { wanted[name] = true }); err != nil {
		return err
	}
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
		case !hidden && !d.IsDir() && !wanted[name]:
			stray = append(stray, name)
		}
		return ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("look for stray outputs: %w", err)
	}
	for _, name := range stray {
		if err := o.remove(name); err != nil {
			return err
		}
	}
	return nil
}
