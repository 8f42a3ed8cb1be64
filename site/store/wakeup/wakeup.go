package wakeup

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"

	"starpunk/site/store/durable"
	"starpunk/site/store/index"
)

// fileName is the name of a file in the lock folder. A process that changed the index
// writes to it, which notifies the watcher of another process. Its bytes have no meaning.
const fileName = "bell"

// Wakeups are the wake-ups of one site. Several goroutines may use them at once.
type Wakeups struct {
	file string
	log  *slog.Logger

	written   index.Signal // sent when this process put work for a builder into the index
	published index.Signal // sent when this process recorded that an output is published or removed
	isWoken   atomic.Bool  // this process is the builder that other processes wake
}

// New returns the wake-ups of the site that has a lock folder.
func New(lockDir string, log *slog.Logger) *Wakeups {
	return &Wakeups{file: filepath.Join(lockDir, fileName), log: log}
}

// Written returns a channel that is closed when this process has put into the
// index something that a builder must act on: a note, an upload, a removal. A builder
// gets the channel first, then looks for work, then waits. The builder's own marks do
// not close it, and other processes do not close it.
func (w *Wakeups) Written() <-chan struct{} { return w.written.Next() }

// Published is like [Wakeups.Written], for changes of the output: the channel is closed
// when one may have been made that a client waits for.
func (w *Wakeups) Published() <-chan struct{} { return w.published.Next() }

// File makes the file that other processes write to when they put something into
// the index that a client waits for, and returns its name. It is for a builder, which
// is notified of the changes of its own process by [Wakeups.Written].
func (w *Wakeups) File() (name string, err error) {
	w.isWoken.Store(true)
	f, err := os.OpenFile(w.file, os.O_WRONLY|os.O_CREATE|durable.NoFollowNoWait, 0o666)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return "", fmt.Errorf("wake-up file: %w", err)
	}
	return w.file, nil
}

// WakeBuilders notifies the builders of the site, in this process and in others. It is
// called after an error, too: the change may be in the index in spite of it.
func (w *Wakeups) WakeBuilders() {
	w.WakeBuilder()
	w.WakeOtherProcesses()
}

// WakeBuilder notifies the builder in this process.
func (w *Wakeups) WakeBuilder() { w.written.Send() }

// WakeWaiters notifies the goroutines of this process that wait for an output.
func (w *Wakeups) WakeWaiters() { w.published.Send() }

// WakeOtherProcesses notifies builders in other processes. A builder that gets no
// wake-up looks for work a little later.
func (w *Wakeups) WakeOtherProcesses() {
	if w.isWoken.Load() {
		return
	}
	f, err := os.OpenFile(w.file, os.O_WRONLY|durable.NoFollowNoWait, 0)
	if err != nil {
		return // no builder has made it, or it is another user's
	}
	_, err = f.WriteString("\n")
	if err = errors.Join(err, f.Close()); err != nil {
		w.log.Debug("cannot wake the builders of this site", "error", err)
	}
}
