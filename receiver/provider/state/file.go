package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"starpunk/site"
	"starpunk/site/store/durable"
	"starpunk/site/store/filelock"
)

const (
	maxFileBytes = 8 << 20
	fileMode     = 0o600
	lockName     = "provider.lock"
	lockTimeout  = 10 * time.Second
	maxAttempts  = 3
)

// A File is a State on the disk, or in memory. It is safe for concurrent use, also
// by several processes.
type File struct {
	path    string // "" in memory
	lockDir string
	disk    *durable.Disk

	mu     sync.Mutex // guards memory, and orders the writers of this process
	memory *State

	cacheMu sync.Mutex
	cache   *State      // the last state that was read; nil for none
	cached  fs.FileInfo // of its file
}

// settled is the age from which a file's time shows each later change.
const settled = 2 * time.Second

// NewFile returns the file at path, which need not exist. lockDir is the folder of
// its lock.
func NewFile(path, lockDir string) *File {
	return &File{path: path, lockDir: lockDir, disk: durable.NewDisk(nil)}
}

// InMemory returns a File that ends with the process.
func InMemory() *File { return &File{memory: newState()} }

// Read returns a copy of the state. A mistake in the file is a [*site.SyntaxError]
// with its line. A file that has not changed is not parsed again: strangers can
// cause as many reads as they like.
func (f *File) Read() (*State, error) {
	if f.memory != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.memory.clone(), nil
	}
	f.cacheMu.Lock()
	defer f.cacheMu.Unlock()
	info, err := os.Lstat(f.path)
	if err == nil && f.cache != nil && isUnchanged(f.cached, info) {
		return f.cache.clone(), nil
	}
	f.cache = nil
	s, _, readErr := f.read()
	if readErr == nil && err == nil && time.Since(info.ModTime()) > settled {
		f.cache, f.cached = s.clone(), info
	}
	return s, readErr
}

// isUnchanged reports whether a file is still the one that was read. Writers of this
// package give the name to another file each time; a person's editor may not.
func isUnchanged(before, now fs.FileInfo) bool {
	return os.SameFile(before, now) && before.Size() == now.Size() && before.ModTime().Equal(now.ModTime())
}

// Exposed reports whether other users of the machine may read the file.
func (f *File) Exposed() bool {
	info, err := os.Lstat(f.path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0
}

// Update changes the state by change, and stores it durably. If change returns an
// error, nothing is stored, and Update returns that error, except for [ErrReused],
// which Update returns after it has stored the state.
func (f *File) Update(ctx context.Context, change func(*State) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.memory != nil {
		s := f.memory.clone()
		err := change(s)
		if err == nil || errors.Is(err, ErrReused) {
			f.memory = s
		}
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	lock, err := filelock.Acquire(ctx, f.lockDir, lockName)
	if err != nil {
		return err
	}
	err = f.update(change)
	return errors.Join(err, lock.Unlock())
}

// update changes the file. The caller holds the lock. If a person edits the file at
// the same moment, it begins again from the edited one.
func (f *File) update(change func(*State) error) error {
	for attempt := 1; ; attempt++ {
		s, before, err := f.read()
		if err != nil {
			return err
		}
		changeErr := change(s)
		if changeErr != nil && !errors.Is(changeErr, ErrReused) {
			return changeErr
		}
		switch err = f.write(s, before); {
		case err == nil:
			return changeErr
		case !errors.Is(err, durable.ErrConflict) || attempt == maxAttempts:
			return err
		}
	}
}

// read returns the state and the bytes of the file, which are nil if it does not
// exist.
func (f *File) read() (*State, []byte, error) {
	data, err := durable.ReadRegular(f.path, maxFileBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return newState(), nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the provider's file: %w", err)
	}
	s, err := parse(filepath.Base(f.path), data)
	return s, data, err
}

// write replaces the bytes before, or makes a new file.
func (f *File) write(s *State, before []byte) error {
	after, err := s.format()
	if err != nil {
		return err
	}
	dir := filepath.Dir(f.path)
	f.removeTemps(dir)
	temp, err := f.disk.WriteTemp(dir, bytes.NewReader(after), fileMode)
	if err != nil {
		return fmt.Errorf("write the provider's file: %w", err)
	}
	if before == nil {
		err = f.disk.Link(temp, f.path)
		if errors.Is(err, fs.ErrExist) {
			err = durable.ErrConflict
		}
		err = errors.Join(err, f.disk.Remove(temp))
	} else {
		err = f.disk.Replace(temp, f.path, before, after)
	}
	if err != nil {
		return fmt.Errorf("write the provider's file: %w", err)
	}
	return f.disk.SyncDir(dir)
}

// removeTemps removes the temporary files that a crash left. The caller holds the
// lock, and no other package makes such files in the site's folder.
func (f *File) removeTemps(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // the write that follows reports it
	}
	for _, e := range entries {
		if durable.IsTemp(e.Name()) {
			_ = f.disk.Remove(filepath.Join(dir, e.Name())) // tried again by the next write
		}
	}
}

// format returns the bytes of the file.
func (s *State) format() ([]byte, error) {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, err
	}
	if len(data) >= maxFileBytes {
		return nil, fmt.Errorf("the provider's file would be larger than %d bytes; revoke some apps", maxFileBytes)
	}
	return append(data, '\n'), nil
}

// parse reads the bytes of the file. It refuses keys that it does not know: the
// next write would lose them.
func parse(name string, data []byte) (*State, error) {
	s := &State{}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	err := dec.Decode(s)
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			err = s.check()
		} else {
			err = errors.New("text after the end of the object")
		}
	}
	if err != nil {
		line := 1 + bytes.Count(data[:offsetOf(err, dec, data)], []byte("\n"))
		return nil, &site.SyntaxError{File: name, Line: line, Msg: err.Error() + "; correct the file, or restore it from a backup"}
	}
	return s, nil
}

// offsetOf returns the place of a mistake in data. An error of [State.check] has
// none, and is reported at the end.
func offsetOf(err error, dec *json.Decoder, data []byte) int {
	offset := dec.InputOffset()
	var syntax *json.SyntaxError
	var badType *json.UnmarshalTypeError
	key, isKey := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &badType):
		offset = badType.Offset
	case errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(data))
	case isKey:
		offset = int64(max(bytes.Index(data, []byte(key)), 0))
	}
	return min(int(offset), len(data))
}

// clone returns a copy. Changes of one do not change the other.
func (s *State) clone() *State {
	c := *s
	c.Passkeys = slices.Clone(s.Passkeys)
	c.Apps = slices.Clone(s.Apps)
	for i := range c.Apps {
		c.Apps[i].Access = slices.Clone(c.Apps[i].Access)
	}
	return &c
}
