package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"starpunk/site/store/filelock"
)

// buildLock is a lock file in the lock folder. It is held while a watcher or a build runs.
const buildLock = "build.lock"

// A Lock is the build lock of a site, which one process holds.
type Lock struct {
	*filelock.Lock
	held *atomic.Bool // of the Store that took it
}

// Unlock releases the lock.
func (l *Lock) Unlock() error {
	l.held.Store(false)
	return l.Lock.Unlock()
}

// ErrBuilding means that another process holds the build lock.
var ErrBuilding = errors.New("another process is building this site")

// LockBuild takes the build lock, waiting until ctx ends. It then returns an
// error that wraps [ErrBuilding] and names the process that holds it.
func (s *Store) LockBuild(ctx context.Context) (*Lock, error) {
	l, err := filelock.Acquire(ctx, s.cfg.LockDir(), s.buildLockName())
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w: %s; stop it, or let it do the work", ErrBuilding, s.lockHolder())
	}
	if err != nil {
		return nil, err
	}
	// The number of the process is for people.
	if err := os.WriteFile(l.Path(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o666); err != nil {
		_ = l.Unlock() // the error of the write has the cause
		return nil, fmt.Errorf("build lock: %w", err)
	}
	s.builds.Store(true)
	return &Lock{l, &s.builds}, nil
}

// BuildsItself reports whether the build lock was taken by [Store.LockBuild] of
// this very Store: [Store.Published] then notifies of all that is built.
func (s *Store) BuildsItself() bool { return s.builds.Load() }

// Building reports whether some process holds the build lock, so that a new note
// will soon be a page.
func (s *Store) Building() (bool, error) {
	if s.BuildsItself() {
		return true, nil
	}
	l := filelock.New(s.cfg.LockDir(), s.buildLockName())
	free, err := l.TryShared() // so that two receivers that check at once both see that it is free
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // the lock folder does not exist
	}
	if err != nil {
		return false, fmt.Errorf("look at the build lock: %w", err)
	}
	if free {
		err = l.Unlock()
	}
	return !free, err
}

// buildLockName keeps a preview and the real site apart: they build into
// different folders from different indexes.
func (s *Store) buildLockName() string {
	if s.cfg.Preview {
		return "dev-" + buildLock
	}
	return buildLock
}

// lockHolder names the process that holds the build lock.
func (s *Store) lockHolder() string {
	data, err := os.ReadFile(filepath.Join(s.cfg.LockDir(), s.buildLockName()))
	if pid := strings.TrimSpace(string(data)); err == nil && pid != "" {
		return "process " + pid
	}
	return "an unknown process"
}
