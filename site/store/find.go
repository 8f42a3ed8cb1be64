package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// ByFile finds a row by its file, relative to content/; nil if there is none.
func (s *Store) ByFile(ctx context.Context, file string) (*Row, error) {
	return s.table.FindOne(ctx, "row_by_file", query.Args{":dir": content.Dir(file), ":file": file})
}

// ByPermalink finds the note that has an address, or [ErrNotExist]. Of several
// it is the one that has the page; a deleted note comes last.
func (s *Store) ByPermalink(ctx context.Context, permalink string) (*Row, error) {
	s.indexer.catchUp(ctx)
	row, err := s.table.FindOne(ctx, "row_by_permalink", query.Args{":permalink": permalink})
	if err == nil && row == nil {
		err = fmt.Errorf("%w: %s", ErrNotExist, permalink)
	}
	return row, err
}

// ByAlias finds the note that has an address among its aliases, or
// [ErrNotExist]. Of several it is one that has a page; a deleted note comes
// last.
func (s *Store) ByAlias(ctx context.Context, address string) (*Row, error) {
	row, err := s.table.FindOne(ctx, "row_by_alias", query.Args{":address": address, ":now": s.table.NowSeconds()})
	if err == nil && row == nil {
		err = fmt.Errorf("%w: %s", ErrNotExist, address)
	}
	return row, err
}

// FilesAt returns the files of the notes that have an address as their permalink or among
// their aliases, relative to content/, at most limit of them: first notes with the
// permalink, and of each kind first notes that have a page. A file may be missing.
func (s *Store) FilesAt(ctx context.Context, address string, limit int) ([]string, error) {
	return s.db.Texts(ctx, "files_at", query.Args{":address": address, ":limit": limit})
}

// Read reads the note in content/file, as it is now.
func (s *Store) Read(file string) (*site.Note, error) {
	_, n, err := s.content.Read(file)
	s.notesRead.Add(1)
	return n, err
}

// ReadRow reads the note of a row from its file, as it is now. same reports whether it
// certainly is the note of the row: for a bundle, which has other files, it is false.
func (s *Store) ReadRow(r *Row) (n *site.Note, same bool, err error) {
	data, n, err := s.content.Read(r.File)
	s.notesRead.Add(1)
	return n, err == nil && sha256.Sum256(data) == r.Hash, err
}

// Tags returns all tags in the order of their addresses.
func (s *Store) Tags(ctx context.Context) ([]Tag, error) { return s.table.Tags(ctx) }

// Problems returns the reasons why files are not shown, in the order of their names: the
// mistakes of files that can't be read as notes, the owners of the addresses of shadowed
// notes, and the files that this process may not read or does not follow.
func (s *Store) Problems(ctx context.Context) ([]string, error) {
	problems, err := s.losses.Problems(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Texts(ctx, "problems", nil)
	if err != nil {
		return nil, err
	}
	problems = append(problems, rows...)
	err = s.db.Each(ctx, "shadowed", nil, func(stmt *sqlite.Stmt) error {
		file, permalink := stmt.ColumnText(0), stmt.ColumnText(1)
		if own := site.OwnFile(permalink); own != "" {
			problems = append(problems, fmt.Sprintf("content/%s:1: its address %s belongs to the site's own %s", file, permalink, own))
		}
		return nil
	})
	problems = append(problems, s.content.Skipped.Lines("content")...)
	slices.Sort(problems)
	return problems, err
}

// Notices returns the remarks of [site.Parse] about files that can be read in spite of
// them, in the order of the files and of their lines, whether the note has a page or not.
// Deleted notes have none.
func (s *Store) Notices(ctx context.Context) ([]string, error) {
	return s.db.Texts(ctx, "notices", nil)
}

// Unread returns the files below content/ that look like notes to their author, and that
// are not read as notes, each with the reason. The files of bundles are published as they
// are. It examines the whole folder.
func (s *Store) Unread(ctx context.Context) ([]string, error) { return s.content.Unread(ctx) }

// AllowRemovals has the process that builds the site take the files that are missing now for
// deleted. It reports whether any are.
func (s *Store) AllowRemovals(ctx context.Context) (any bool, err error) {
	any, err = s.losses.AllowHeld(ctx)
	if any && err == nil {
		s.wakeups.WakeBuilders()
	}
	return any, err
}
