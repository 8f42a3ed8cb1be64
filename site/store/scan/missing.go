package scan

import (
	"context"
	"os"
	"slices"
	"strings"

	"starpunk/site"
	"starpunk/site/store/loss"
	"starpunk/site/store/query"
	"starpunk/site/store/table"

	"zombiezen.com/go/sqlite"
)

// missing has the files that are in the index and that a scan did not find.
type missing struct {
	files    []string
	appeared int // files that the index did not have
	whole    bool
}

// dropMissing drops the rows of missing files, if these are believed to be deleted.
func (s *Scanner) dropMissing(ctx context.Context, m *missing) (dropped bool, err error) {
	lost, deleted, err := s.sortMissing(ctx, m)
	if err != nil {
		return false, err
	}
	names := make([]string, len(lost))
	for i, file := range lost {
		names[i] = "content/" + file
	}
	dropped, err = s.Losses.Believe(ctx, loss.Loss{Folder: "content", Files: names, Appeared: m.appeared, Whole: m.whole, Known: s.Table.Count})
	if err != nil {
		return false, err
	}
	if dropped {
		deleted = append(deleted, lost...)
	}
	return dropped || m.whole, s.refresh(ctx, deleted, nil)
}

// sortMissing divides the missing files into lost notes, and files whose rows can be
// dropped: a file in the trash was deleted before, and a note that moved has another
// file.
func (s *Scanner) sortMissing(ctx context.Context, m *missing) (lost, deleted []string, _ error) {
	slices.Sort(m.files)
	m.files = slices.Compact(m.files)
	err := s.DB.Read(ctx, func(conn *sqlite.Conn) error {
		for _, file := range m.files {
			row, err := s.Table.RowByFile(conn, file)
			if err != nil {
				return err
			}
			if row == nil || row.Gone {
				continue
			}
			moved, err := s.hasMoved(conn, row)
			if err != nil {
				return err
			}
			if moved || strings.HasPrefix(file, site.TrashDir+"/") {
				deleted = append(deleted, file)
			} else {
				lost = append(lost, file)
			}
		}
		return nil
	})
	return lost, deleted, err
}

// hasMoved reports whether another file exists that has the address of a note whose
// file is missing.
func (s *Scanner) hasMoved(conn *sqlite.Conn, missing *table.Row) (moved bool, _ error) {
	if missing.Permalink == "" {
		return false, nil
	}
	err := query.Exec(conn, "others_at", query.Args{":permalink": missing.Permalink, ":file": missing.File}, func(stmt *sqlite.Stmt) error {
		if _, err := os.Lstat(s.Content.Path(stmt.ColumnText(0))); err == nil {
			moved = true
		}
		return nil
	})
	return moved, err
}
