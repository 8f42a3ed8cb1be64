package filelock_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"runtime"
	"testing"

	"starpunk/site/store/filelock"
)

func ExampleAcquire() {
	dir, err := os.MkdirTemp("", "filelock")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	lock, err := filelock.Acquire(context.Background(), dir, "content.lock")
	if err != nil {
		log.Fatal(err)
	}
	free, err := filelock.New(dir, "content.lock").Try()
	fmt.Println(free, err)
	fmt.Println(lock.Unlock())
	// Output:
	// false <nil>
	// <nil>
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	held, err := filelock.Acquire(t.Context(), dir, "x.lock")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := filelock.Acquire(ctx, dir, "x.lock"); !errors.Is(err, context.Canceled) {
		t.Errorf("Acquire = %v, want %v", err, context.Canceled)
	}
}

func TestProcessesShareALock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 2 {
		lock := filelock.New(dir, "x.lock")
		if ok, err := lock.TryShared(); !ok || err != nil {
			t.Errorf("TryShared %d = %v, %v", i, ok, err)
		}
		defer lock.Unlock()
	}
	if ok, err := filelock.New(dir, "x.lock").Try(); ok || err != nil {
		t.Errorf("Try of a shared lock = %v, %v", ok, err)
	}
}

// TestOtherUsersCannotTakeALock holds also with a umask of 0: to lock a file, the right
// to read it is enough.
func TestOtherUsersCannotTakeALock(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no such permissions")
	}
	lock, err := filelock.Acquire(t.Context(), t.TempDir(), "x.lock")
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Unlock()
	info, err := os.Stat(lock.Path())
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		t.Errorf("mode %v: other users could hold the lock for ever", info.Mode())
	}
}
