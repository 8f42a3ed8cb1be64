package store

import (
	"context"

	"starpunk/site"

	"zombiezen.com/go/sqlite"
)

// Left counts the rows whose outputs are to be built, and the lists that are to
// be written. It takes a while where they are many.
func (s *Store) Left(ctx context.Context) (notes, lists int, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "left", args{":now": s.nowSeconds()}, func(stmt *sqlite.Stmt) error {
			notes, lists = stmt.ColumnInt(0), stmt.ColumnInt(1)
			return nil
		})
	})
	return notes, lists, err
}

// Live says whether everything that shows the note in content/file is on disk, its
// page, its lists, its feeds: as the file had it with the given hash, which the index
// must have known, or as it was saved since. What was overtaken is never built, and
// nobody should wait for it.
func (s *Store) Live(ctx context.Context, file string, hash Hash) (live bool, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "live", args{":dir": dirOf(file), ":file": file, ":hash": hash[:]}, func(stmt *sqlite.Stmt) error {
			live = stmt.ColumnBool(0)
			return nil
		})
	})
	return live, err
}

// Gone says whether nothing is left of what content/file had at an address and
// has there no more: no list links to it, and it is not on disk.
func (s *Store) Gone(ctx context.Context, file, address string) (gone bool, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		named := args{":dir": dirOf(file), ":file": file, ":output": site.OutputFile(address), ":now": s.nowSeconds()}
		return exec(conn, "gone", named, func(stmt *sqlite.Stmt) error {
			gone = stmt.ColumnBool(0)
			return nil
		})
	})
	return gone, err
}
