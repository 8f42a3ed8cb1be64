package store

import (
	"context"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/loss"
	"starpunk/site/store/queue"
)

// A Builder is a [Store] with all that only the generator needs: the queue of stale outputs,
// and the methods below. One process at a time builds a site, under the lock of
// [Store.LockBuild].
type Builder struct {
	*Store
	*queue.Queue
}

// Builder returns the builder of a Store, always the same one.
func (s *Store) Builder() *Builder { return s.builder }

// BundleFiles returns the files that the bundle content/file publishes beside its page,
// relative to its folder, with the system's separators. It returns none for a note that
// is not a bundle.
func (b *Builder) BundleFiles(file string) (dir string, names []string) {
	if !content.IsBundle(file) {
		return "", nil
	}
	return b.content.Path(content.Dir(file)), b.content.BundleFiles(content.Dir(file))
}

// Written returns a channel that is closed when this process has put into the index
// something that a builder must act on: see [wakeup.Wakeups.Written].
func (b *Builder) Written() <-chan struct{} { return b.wakeups.Written() }

// WakeUpFile returns the name of the file that wakes a builder: see [wakeup.Wakeups.File].
func (b *Builder) WakeUpFile() (name string, err error) { return b.wakeups.File() }

// LostAll reports whether the index has no note, and the owner did not allow that.
func (b *Builder) LostAll(ctx context.Context) (bool, error) {
	if b.losses.Allow {
		return false, nil
	}
	known, err := b.table.Count(ctx, 1)
	return known == 0, err
}

// Believe reports whether missing files count as deleted: see [loss.Losses.Believe].
func (b *Builder) Believe(ctx context.Context, l loss.Loss) (bool, error) {
	return b.losses.Believe(ctx, l)
}

// SecondLooks returns the times at which folders with missing files are compared again.
func (b *Builder) SecondLooks(ctx context.Context) ([]loss.SecondLook, error) {
	return b.losses.SecondLooks(ctx)
}

// KeepParsed keeps the notes that scans parse from now on for [Builder.TakeRow], so
// that their files are not read again, until the returned function is called. If
// they take more than about limit bytes of memory, none is kept. A process that
// builds nothing has no use for them.
func (b *Builder) KeepParsed(limit int) (forget func()) {
	b.scanner.Parsed.Reset(limit)
	return func() { b.scanner.Parsed.Reset(0) }
}

// TakeRow is like [Store.ReadRow], but returns a note as a scan has parsed it, if
// that is kept and is of the row's revision: its file may have changed since. The
// note is not kept any longer.
func (b *Builder) TakeRow(r *Row) (n *site.Note, same bool, err error) {
	if n := b.scanner.Parsed.Take(r.File, r.Hash); n != nil {
		b.notesRead.Add(1)
		return n, !content.IsBundle(r.File), nil
	}
	return b.ReadRow(r)
}

// RefreshTimed reads the notes again that became visible or hidden only by the clock.
func (b *Builder) RefreshTimed(ctx context.Context) error { return b.scanner.RefreshTimed(ctx) }
