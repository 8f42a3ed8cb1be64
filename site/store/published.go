package store

import (
	"context"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// Left counts the stale rows and the stale lists. It takes a while if there are many.
func (s *Store) Left(ctx context.Context) (notes, lists int, err error) {
	err = s.db.Each(ctx, "left", query.Args{":now": s.table.NowSeconds()}, func(stmt *sqlite.Stmt) error {
		notes, lists = stmt.ColumnInt(0), stmt.ColumnInt(1)
		return nil
	})
	return notes, lists, err
}

// Live reports whether all outputs that show the note in content/file are on disk: its
// page, its lists and its feeds. They show the text with the given hash, which must have
// been in the index, or a text that was saved later: then the earlier text is never built,
// and no client should wait for it.
func (s *Store) Live(ctx context.Context, file string, hash content.Hash) (live bool, err error) {
	err = s.db.Each(ctx, "live", query.Args{":dir": content.Dir(file), ":file": file, ":hash": hash[:]}, func(stmt *sqlite.Stmt) error {
		live = stmt.ColumnBool(0)
		return nil
	})
	return live, err
}

// Gone reports whether all outputs are removed that content/file had at an address and
// has no more: no list links to the address, and no file is on disk.
func (s *Store) Gone(ctx context.Context, file, address string) (gone bool, err error) {
	named := query.Args{":dir": content.Dir(file), ":file": file, ":output": site.OutputFile(address), ":now": s.table.NowSeconds()}
	err = s.db.Each(ctx, "gone", named, func(stmt *sqlite.Stmt) error {
		gone = stmt.ColumnBool(0)
		return nil
	})
	return gone, err
}

// Published returns a channel that is closed when this process recorded that an output is
// published or removed: when the result of [Store.Live], [Store.Gone] or [upload.Folder.Copied] may
// have become true.
func (s *Store) Published() <-chan struct{} { return s.wakeups.Published() }
