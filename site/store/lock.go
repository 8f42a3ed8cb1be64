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
	"time"

	"github.com/gofrs/flock"
)

// A Lock is a kernel file lock: held by one process, freed by its death.
type Lock struct {
	f    *flock.Flock
	held *atomic.Bool // of a Store: it holds the lock; nil: not recorded
}

// The lock files of a site, in its lock folder.
const (
	contentLock = "content.lock" // from slug choice to the folder's fsync: whoever writes below content/ or media/
	buildLock   = "build.lock"   // while a watcher or a build lives
	openLock    = "open.lock"    // while the index is created, migrated or set aside
)

// lockPoll is how often a waiter looks again. Locks are held for milliseconds,
// but for build.lock, where a fraction of a second does not matter.
const lockPoll = 2 * time.Millisecond

// acquire waits for the lock called name until ctx ends.
func acquire(ctx context.Context, dir, name string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("lock folder: %w", err)
	}
	l := newLock(dir, name)
	if _, err := l.f.TryLockContext(ctx, lockPoll); err != nil {
		return nil, fmt.Errorf("lock %s: %w", filepath.Join(dir, name), err)
	}
	return l, nil
}

func newLock(dir, name string) *Lock {
	return &Lock{f: flock.New(filepath.Join(dir, name), flock.SetPermissions(0o666))}
}

// Unlock frees the lock. The file stays: deleting it would part those who have
// it open from those who open it next.
func (l *Lock) Unlock() error {
	if l.held != nil {
		l.held.Store(false)
	}
	return l.f.Unlock()
}

// ErrBuilding means that another process holds the build lock.
var ErrBuilding = errors.New("another process is building this site")

// LockBuild takes the build lock, waiting until ctx ends. It then returns an
// error that wraps [ErrBuilding] and names the process that holds it.
func (s *Store) LockBuild(ctx context.Context) (*Lock, error) {
	l, err := acquire(ctx, s.cfg.LockDir(), s.buildLockName())
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w: %s; stop it, or let it do the work", ErrBuilding, s.holder())
	}
	if err != nil {
		return nil, err
	}
	// Who holds it, for people: the lock itself is the kernel's.
	if err := os.WriteFile(l.f.Path(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o666); err != nil {
		_ = l.Unlock() // the write's error says more
		return nil, fmt.Errorf("build lock: %w", err)
	}
	l.held = &s.builds
	s.builds.Store(true)
	return l, nil
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
	l := newLock(s.cfg.LockDir(), s.buildLockName())
	// A shared lock: two receivers that look at once must not see each other.
	free, err := l.f.TryRLock()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // not even the folder is there
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

func (s *Store) holder() string {
	data, err := os.ReadFile(filepath.Join(s.cfg.LockDir(), s.buildLockName()))
	if pid := strings.TrimSpace(string(data)); err == nil && pid != "" {
		return "process " + pid
	}
	return "an unknown process"
}
