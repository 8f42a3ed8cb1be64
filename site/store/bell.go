package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"starpunk/site/store/durable"
)

// A bell wakes whoever waits in this process. It may be used by several
// goroutines at once; the zero value is ready.
type bell struct {
	mu   sync.Mutex
	next chan struct{} // closed when it rings; nil while nobody listens
}

// heard returns a channel that is closed at the next ring.
func (b *bell) heard() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}

// bellFile is written to, in the lock folder, when somebody waits for what was
// put into the index. What is in it says nothing.
const bellFile = "bell"

// Bell returns the name of a file that other processes write to when they put
// into the index what somebody waits for, and makes it. It is for a builder, which
// hears of what its own process writes by [Store.Written].
func (s *Store) Bell() (name string, err error) {
	s.ownBell.Store(true)
	name = filepath.Join(s.cfg.LockDir(), bellFile)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|durable.NoFollowNoWait, 0o666)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return "", fmt.Errorf("bell: %w", err)
	}
	return name, nil
}

// announce wakes the builders of the site, in this process and in others. It is
// called after an error, too: the change may be in the index all the same.
func (s *Store) announce() {
	s.written.ring()
	s.ringOut()
}

// ringOut lets builders in other processes know that somebody waits. One who
// can't hear it looks for itself a little later.
func (s *Store) ringOut() {
	if s.ownBell.Load() {
		return
	}
	f, err := os.OpenFile(filepath.Join(s.cfg.LockDir(), bellFile), os.O_WRONLY|durable.NoFollowNoWait, 0)
	if err != nil {
		return // no builder has made it, or it is another user's
	}
	_, err = f.WriteString("\n")
	if err = errors.Join(err, f.Close()); err != nil {
		s.log.Debug("builders of this site can't be told of a change", "error", err)
	}
}
