package store

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"starpunk/site/store/content"
	"starpunk/site/store/query"
	"starpunk/site/store/scan"
	"starpunk/site/store/table"
	"starpunk/site/store/wakeup"

	"zombiezen.com/go/sqlite"
)

// An indexer brings the index up to date for files that this process wrote. Several
// goroutines may use it at once.
type indexer struct {
	log     *slog.Logger
	db      *query.DB
	table   *table.Table
	scanner *scan.Scanner
	wakeups *wakeup.Wakeups

	behind backlog // files that are written, and not indexed
}

// update brings the index up to date for a file that a client waits for, and for others
// that changed with it. The next save or scan repairs a failure.
func (x *indexer) update(ctx context.Context, file string, others ...string) (hash content.Hash, indexed bool) {
	x.catchUp(context.WithoutCancel(ctx))
	sources := map[string]*table.Source{}
	var err error
	names := append(others, file)
	for _, name := range names {
		src, readErr := x.table.ReadSource(name)
		if readErr != nil && !errors.Is(readErr, fs.ErrNotExist) {
			err = readErr
		}
		sources[name] = src
	}
	if src := sources[file]; src != nil {
		hash = src.Hash
	}
	if err == nil {
		err = x.writeSources(context.WithoutCancel(ctx), sources)
	}
	if err != nil {
		x.behind.add(names)
		x.log.Error("note is written but not indexed; the next save or scan indexes it", "file", "content/"+file, "error", err)
	}
	x.wakeups.WakeBuilders()
	return hash, err == nil
}

// writeSources updates the rows of files in one transaction.
func (x *indexer) writeSources(ctx context.Context, sources map[string]*table.Source) error {
	return x.db.Write(ctx, func(conn *sqlite.Conn) error {
		for name, src := range sources {
			if err := x.updateRow(conn, name, src); err != nil {
				return err
			}
		}
		return nil
	})
}

// updateRow updates the row of a file; a nil source records that the file does not exist.
func (x *indexer) updateRow(conn *sqlite.Conn, name string, src *table.Source) error {
	old, err := x.table.RowByFile(conn, name)
	if err != nil {
		return err
	}
	if src == nil {
		return x.table.Drop(conn, old, table.TodoWaited)
	}
	return x.table.Put(conn, old, src, table.TodoWaited)
}

// catchUp indexes the files that could not be indexed when they were written. It reports
// whether that succeeded.
func (x *indexer) catchUp(ctx context.Context) bool {
	names := x.behind.take()
	if len(names) == 0 {
		return true
	}
	err := x.scanner.Reread(ctx, names...)
	x.wakeups.WakeBuilder()
	if err != nil {
		x.behind.add(names)
		x.log.Error("written files are not indexed yet", "files", names, "error", err)
		return false
	}
	return true
}

// A backlog has the names of files that must be indexed. Several goroutines may use it at
// once.
type backlog struct {
	mu    sync.Mutex
	names map[string]bool
}

func (b *backlog) add(names []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.names == nil {
		b.names = map[string]bool{}
	}
	for _, name := range names {
		b.names[name] = true
	}
}

// take empties the backlog.
func (b *backlog) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := slices.Collect(maps.Keys(b.names))
	clear(b.names)
	return names
}
