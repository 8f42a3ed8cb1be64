package scan

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"syscall"

	"starpunk/site/store/content"
	"starpunk/site/store/durable"
	"starpunk/site/store/query"
	"starpunk/site/store/table"

	"golang.org/x/sync/errgroup"
	"zombiezen.com/go/sqlite"
)

// revisions has the revisions of the rows of files below content/; 0: no row.
type revisions map[string]int64

// Reread reads files again, also if their stamps are unchanged. The rows of missing files
// are dropped.
func (s *Scanner) Reread(ctx context.Context, files ...string) error {
	return s.refresh(ctx, files, nil)
}

// refresh reads files again, also if their stamps are unchanged. Missing files are added to
// m; if that is nil, their rows are dropped.
func (s *Scanner) refresh(ctx context.Context, files []string, m *missing) error {
	revs, err := s.revs(ctx, files)
	if err != nil {
		return err
	}
	return s.update(ctx, revs, m)
}

// update reads files again and writes their rows in batches, one while it reads the next. A
// row that changed since its revision was read has a later state of the file: the file is
// read once more. For m see refresh.
func (s *Scanner) update(ctx context.Context, revs revisions, m *missing) error {
	var again []string
	var writing errgroup.Group
	for batch := range slices.Chunk(slices.Sorted(maps.Keys(revs)), scanBatch) {
		sources := s.readSources(batch)
		if err := writing.Wait(); err != nil {
			return err
		}
		writing.Go(func() error {
			changed, err := s.putSources(ctx, batch, sources, revs, m)
			again = append(again, changed...)
			return err
		})
	}
	if err := writing.Wait(); err != nil || len(again) == 0 {
		return err
	}
	return s.refresh(ctx, again, m)
}

// unwritten returns the files whose rows differ from their sources. A watcher also reads
// files that the receiver wrote and indexed a moment ago.
func (s *Scanner) unwritten(ctx context.Context, files []string, sources map[string]*table.Source, revs revisions) (differ []string, err error) {
	err = s.DB.Read(ctx, func(conn *sqlite.Conn) error {
		for _, file := range files {
			src, ok := sources[file]
			if !ok {
				continue
			}
			same, err := src.IsIn(conn, revs[file])
			if err != nil {
				return err
			}
			if !same {
				differ = append(differ, file)
			}
		}
		return nil
	})
	return differ, err
}

// putSources writes the rows of files. It returns the files whose rows changed since revs,
// and does not write them.
func (s *Scanner) putSources(ctx context.Context, files []string, sources map[string]*table.Source, revs revisions, m *missing) (changed []string, err error) {
	if files, err = s.unwritten(ctx, files, sources, revs); err != nil || len(files) == 0 {
		return nil, err
	}
	err = s.DB.Write(ctx, func(conn *sqlite.Conn) error {
		for _, file := range files {
			src := sources[file]
			old, err := s.Table.RowByFile(conn, file)
			switch {
			case err != nil:
			case old != nil && old.Rev != revs[file]:
				changed = append(changed, file)
			case src == nil && m != nil && s.Config.IsNote(file):
				m.files = append(m.files, file)
			case src == nil:
				err = s.Table.Drop(conn, old, table.TodoChanged)
			default:
				if m != nil && (old == nil || old.Gone) {
					m.appeared++
				}
				err = s.Table.Put(conn, old, src, table.TodoChanged)
				s.Parsed.keep(src)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return changed, err
}

// revs returns the revisions of the rows of files.
func (s *Scanner) revs(ctx context.Context, files []string) (revisions, error) {
	revs := make(revisions, len(files))
	err := s.DB.Read(ctx, func(conn *sqlite.Conn) error {
		for _, file := range files {
			revs[file] = 0
			err := query.Exec(conn, "rev", query.Args{":dir": content.Dir(file), ":file": file}, func(stmt *sqlite.Stmt) error {
				revs[file] = stmt.ColumnInt64(0)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return revs, err
}

// readSources reads files. The source of a file is nil if it is not a note, or does not
// exist any more. Files that the system refuses to read are skipped.
func (s *Scanner) readSources(files []string) map[string]*table.Source {
	sources := make(map[string]*table.Source, len(files))
	linked := map[string]bool{} // by folder: whether it is behind a link
	for _, file := range files {
		if !s.Config.IsNote(file) { // since the configuration changed
			sources[file] = nil
			continue
		}
		dir := content.Dir(file)
		behindLink, known := linked[dir]
		if !known {
			behindLink = s.Content.BehindLink(dir)
			linked[dir] = behindLink
		}
		src, err := s.Table.ReadSourceIn(file, behindLink)
		// ENOTDIR: a file has replaced the folder.
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			s.Content.Skipped.Set(file, durable.Unreadable(err)+"; its page stays as it is")
			continue
		}
		s.Content.Skipped.Set(file, "")
		sources[file] = src
	}
	return sources
}
