package store

import (
	"context"

	"starpunk/site/store/content"
	"starpunk/site/store/query"
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

// RefreshTimed reads the notes again that became visible or hidden only by the clock.
func (b *Builder) RefreshTimed(ctx context.Context) error {
	files, err := b.db.Texts(ctx, "turned", query.Args{":now": b.now().Unix()})
	if err != nil || len(files) == 0 {
		return err
	}
	m := &missing{}
	if err := b.refresh(ctx, files, m); err != nil {
		return err
	}
	_, err = b.dropMissing(ctx, m)
	return err
}
