package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"starpunk/site/store/durable"
)

// wakeUpFile is a file in the lock folder. A process that changed the index writes to
// it, which notifies the watcher of another process. Its bytes have no meaning.
const wakeUpFile = "bell"

// Written returns a channel that is closed when this process has put into the
// index something that a builder must act on: a note, an upload, a removal. A builder
// gets the channel first, then looks for work, then waits. The builder's own marks do
// not close it, and other processes do not close it.
func (b *Builder) Written() <-chan struct{} { return b.written.Next() }

// Published is like [Builder.Written], for the results of [Store.Live], [Store.Gone] and
// [Store.Copied]: the channel is closed when one of them may have become true.
func (s *Store) Published() <-chan struct{} { return s.published.Next() }

// WakeUpFile makes the file that other processes write to when they put something into
// the index that a client waits for, and returns its name. It is for a builder, which
// is notified of the changes of its own process by [Builder.Written].
func (b *Builder) WakeUpFile() (name string, err error) {
	b.isWoken.Store(true)
	name = filepath.Join(b.cfg.LockDir(), wakeUpFile)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|durable.NoFollowNoWait, 0o666)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return "", fmt.Errorf("wake-up file: %w", err)
	}
	return name, nil
}

// wakeBuilders notifies the builders of the site, in this process and in others. It is
// called after an error, too: the change may be in the index in spite of it.
func (s *Store) wakeBuilders() {
	s.written.Send()
	s.wakeOtherProcesses()
}

// wakeOtherProcesses notifies builders in other processes. A builder that gets no
// wake-up looks for work a little later.
func (s *Store) wakeOtherProcesses() {
	if s.isWoken.Load() {
		return
	}
	f, err := os.OpenFile(filepath.Join(s.cfg.LockDir(), wakeUpFile), os.O_WRONLY|durable.NoFollowNoWait, 0)
	if err != nil {
		return // no builder has made it, or it is another user's
	}
	_, err = f.WriteString("\n")
	if err = errors.Join(err, f.Close()); err != nil {
		s.log.Debug("cannot wake the builders of this site", "error", err)
	}
}
