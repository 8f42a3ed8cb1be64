package store

import (
	"context"
	"sync/atomic"

	"starpunk/site/store/content"
	"starpunk/site/store/query"
	"starpunk/site/store/table"

	"zombiezen.com/go/sqlite"
)

// A Builder is a [Store] with the methods that only the generator needs: the queue of
// stale outputs, the built marks, lists, removals, copies, and the places that pages
// link to. One process at a time builds a site, under the lock of [Store.LockBuild].
type Builder struct {
	*Store

	whole wholeLists

	// Numbers of builds of this process; 0: none.
	undurable atomic.Int64 // the last, if not all builds are recorded as durable
	recorded  atomic.Int64 // the last that the index has
	finished  atomic.Int64 // the last after which nothing was left to do
	restyling atomic.Bool  // pages are rendered with other layouts
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

// NeedsNameChecks reports whether a file was removed whose outputs still exist, and
// whether a permalink has a capital letter. If not, no note has moved, and no two
// permalinks differ only by case.
func (b *Builder) NeedsNameChecks(ctx context.Context) (gone, capital bool, err error) {
	err = b.db.Each(ctx, "needs_name_checks", nil, func(stmt *sqlite.Stmt) error {
		gone, capital = stmt.ColumnBool(0), stmt.ColumnBool(1)
		return nil
	})
	return gone, capital, err
}

// MovedFrom returns the permalink of a note whose file was removed and had the content
// that a file has now; "" if there is none. The index has it until the outputs of that
// file are removed.
func (b *Builder) MovedFrom(ctx context.Context, hash content.Hash) (string, error) {
	return b.db.Text(ctx, "moved_from", query.Args{":hash": hash[:]})
}

// CaseTwin returns a permalink that differs from the given one only in the case of
// ASCII letters, with its file; "" if no note has one.
func (b *Builder) CaseTwin(ctx context.Context, permalink string) (twin, file string, err error) {
	err = b.db.Each(ctx, "case_twin", query.Args{":permalink": permalink}, func(stmt *sqlite.Stmt) error {
		twin, file = stmt.ColumnText(0), stmt.ColumnText(1)
		return nil
	})
	return twin, file, err
}

// PagePermalinks returns the permalinks of the public pages without a date that
// have their outputs, in order.
func (b *Builder) PagePermalinks(ctx context.Context) ([]string, error) {
	return b.db.Texts(ctx, "page_permalinks", nil)
}

// RowOf returns the row of a brief of a note that was never rendered, with all data that
// it is rendered from. Its file can be parsed.
func (b *Builder) RowOf(brief table.Brief) *Row { return b.table.RowOf(brief) }
