package filelock

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// A Lock is a lock on a file, which one process holds, or which several processes
// share.
type Lock struct{ f *flock.Flock }

// pollInterval is the time between two attempts of a waiting process. Locks are held for
// milliseconds, except for that of a build, where a fraction of a second does not
// matter.
const pollInterval = 2 * time.Millisecond

// lockMode is that of a new lock. A user who may read the file can hold the
// lock, so that no other user of the machine may. Users of a group may share a site.
const lockMode = 0o660

// New returns the lock called name in the folder dir, not held.
func New(dir, name string) *Lock {
	return &Lock{flock.New(filepath.Join(dir, name), flock.SetPermissions(lockMode))}
}

// Acquire makes the folder dir if it does not exist, and waits for the lock called
// name until ctx ends.
func Acquire(ctx context.Context, dir, name string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("lock folder: %w", err)
	}
	l := New(dir, name)
	if _, err := l.f.TryLockContext(ctx, pollInterval); err != nil {
		return nil, fmt.Errorf("lock %s: %w", l.Path(), err)
	}
	return l, nil
}

// Try takes the lock if it is free, and reports whether it did.
func (l *Lock) Try() (bool, error) { return l.f.TryLock() }

// TryShared takes the lock together with other processes that share it, unless a
// process holds it alone, and reports whether it did. The error is [fs.ErrNotExist] if
// the folder of the lock does not exist.
func (l *Lock) TryShared() (bool, error) { return l.f.TryRLock() }

// Path returns the name of the file.
func (l *Lock) Path() string { return l.f.Path() }

// Unlock releases the lock. The file stays: if it was deleted, processes that have
// it open and processes that open it next would hold two different locks.
func (l *Lock) Unlock() error { return l.f.Unlock() }
