package scan

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"strings"
	"sync"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/durable"
	"starpunk/site/store/filestamp"
	"starpunk/site/store/query"

	"golang.org/x/sync/errgroup"
	"zombiezen.com/go/sqlite"
)

// A walk is one walk through folders. While it continues, the files of the folders that it
// has passed are compared with their rows.
type walk struct {
	*Scanner
	missing *missing
	seen    map[string]bool // folders
	temps   []string        // files
	folders errgroup.Group

	mu       sync.Mutex
	changed  revisions // files that must still be read
	attached []attachment
}

// scanBelow compares the files at and below a name with the index. The name may be that of
// a folder, of a file, or of one that does not exist any more. temps has the temporary
// files of writers. Missing files are added to m.
func (s *Scanner) scanBelow(ctx context.Context, name string, m *missing) (temps []string, err error) {
	w := &walk{Scanner: s, missing: m, seen: map[string]bool{}, changed: revisions{}}
	stat := os.Lstat
	if name == "" {
		stat = os.Stat // content/ itself may be a link, which its owner made
	}
	s.Content.Skipped.Forget(name)
	if info, err := stat(s.Content.Path(name)); err == nil && info.IsDir() {
		w.folders.SetLimit(runtime.GOMAXPROCS(0))
		err := w.tree(ctx, name)
		if err = errors.Join(err, w.folders.Wait()); err != nil {
			return w.temps, err
		}
	} else {
		if err == nil {
			s.noteIrregular(name, info.Mode())
		}
		if w.attached, err = s.attachmentAt(ctx, name); err != nil {
			return nil, err
		}
	}
	if err := s.saveAttachments(ctx, w.attached); err != nil {
		return w.temps, err
	}
	if err := s.update(ctx, w.changed, m); err != nil {
		return w.temps, err
	}
	if err := s.dropAttachments(ctx, name, w.seen); err != nil {
		return w.temps, err
	}
	return w.temps, s.dropFolders(ctx, name, w.seen, m)
}

// tree compares a folder and those below it with the index.
func (w *walk) tree(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(w.Content.Path(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		w.Content.Skipped.SetUnreadable(dir, durable.Unreadable(err)+"; its notes stay as they are")
		w.seen[dir] = true
		return nil
	}
	w.seen[dir] = true
	w.folders.Go(func() error { return w.folder(ctx, dir, entries) })
	if err := w.updateMany(ctx); err != nil {
		return err
	}
	for _, e := range entries {
		name := content.Join(dir, e.Name())
		if site.IsConflictCopy(e.Name()) {
			w.noteConflictCopy(name)
		}
		if !e.IsDir() {
			if durable.IsTemp(e.Name()) {
				w.temps = append(w.temps, w.Content.Path(name))
			}
			w.noteIrregular(name, e.Type())
			continue
		}
		if w.Content.Skips(name) {
			continue
		}
		if err := w.tree(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// folder compares the files of one folder, whose entries are sorted, with its rows.
func (w *walk) folder(ctx context.Context, dir string, entries []fs.DirEntry) error {
	rows, err := w.stamps(ctx, dir)
	if err != nil {
		return err
	}
	changed := w.compare(dir, entries, rows)
	attached, err := w.attachments(ctx, dir, entries)
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.Copy(w.changed, changed)
	w.attached = append(w.attached, attached...)
	return err
}

// compare returns the files of a folder that differ from their rows, that may differ, or
// that are missing. Entries and rows are sorted.
func (w *walk) compare(dir string, entries []fs.DirEntry, rows []known) revisions {
	// A name in an open folder is found faster than a path. If the folder can't be opened,
	// its files are read, which reports the reason.
	folder, err := filestamp.OpenFolder(w.Content.Path(dir))
	if err == nil {
		defer folder.Close()
	}
	opened := err == nil
	changed := revisions{}
	for _, e := range entries {
		file := content.Join(dir, e.Name())
		for len(rows) > 0 && rows[0].file < file { // a row without a file
			changed[rows[0].file] = rows[0].rev
			rows = rows[1:]
		}
		if e.IsDir() || !w.Config.IsNote(file) {
			continue
		}
		row := known{}
		if len(rows) > 0 && rows[0].file == file {
			row, rows = rows[0], rows[1:]
		}
		if row.settled && !content.IsBundle(file) && opened {
			if stamp, err := folder.Stamp(e.Name()); err == nil && stamp == row.stamp {
				continue
			}
		}
		changed[file] = row.rev
	}
	for _, row := range rows {
		changed[row.file] = row.rev
	}
	return changed
}

// updateMany reads the files that were collected so far, if they are many.
func (w *walk) updateMany(ctx context.Context) error {
	w.mu.Lock()
	if len(w.changed) < scanStep {
		w.mu.Unlock()
		return nil
	}
	changed := w.changed
	w.changed = revisions{}
	w.mu.Unlock()
	return w.update(ctx, changed, w.missing)
}

// A known is what the index has of a note's file.
type known struct {
	file    string
	stamp   filestamp.Stamp
	settled bool
	rev     int64
}

// stamps returns what the index has of the files of a folder, in their order.
func (s *Scanner) stamps(ctx context.Context, dir string) (rows []known, err error) {
	err = s.DB.Each(ctx, "stamps", query.Args{":dir": dir}, func(stmt *sqlite.Stmt) error {
		rows = append(rows, known{
			stmt.ColumnText(0),
			query.Stamp(stmt, 1),
			stmt.ColumnBool(5), stmt.ColumnInt64(6),
		})
		return nil
	})
	return rows, err
}

// dropFolders looks again at the notes of the folders at and below dir that seen does
// not name.
func (s *Scanner) dropFolders(ctx context.Context, dir string, seen map[string]bool, m *missing) error {
	var files []string
	err := s.DB.Read(ctx, func(conn *sqlite.Conn) error {
		end := dir + "0" // behind all that begins with dir and a slash
		if dir == "" {
			end = "\U0010FFFF"
		}
		return query.Exec(conn, "folders", query.Args{":dir": dir, ":end": end}, func(stmt *sqlite.Stmt) error {
			folder := stmt.ColumnText(0)
			if seen[folder] || s.Content.Skipped.Unreadable(folder) {
				return nil
			}
			return query.Exec(conn, "stamps", query.Args{":dir": folder}, func(stmt *sqlite.Stmt) error {
				files = append(files, stmt.GetText("file"))
				return nil
			})
		})
	})
	if err != nil {
		return err
	}
	return s.refresh(ctx, files, m)
}

// noteIrregular records that a name is a symbolic link, a pipe or a device. If it has
// the name of a note, its row has the problem. Skipped and deleted files are not reported.
func (s *Scanner) noteIrregular(name string, mode fs.FileMode) {
	why := durable.Irregular(mode)
	if why != "" && !s.Config.IsNote(name) && !s.Content.Skips(name) && !strings.HasPrefix(name, site.TrashDir+"/") {
		s.Content.Skipped.Set(name, why)
	}
}

// noteConflictCopy records that a file or a folder is skipped because a program that syncs
// files made it. In the trash it needs no merge.
func (s *Scanner) noteConflictCopy(name string) {
	if !site.IsConflictCopy(name) || strings.HasPrefix(name, site.TrashDir+"/") {
		return
	}
	why := site.ConflictCopy
	if _, err := os.Lstat(s.Content.Path(name)); err != nil {
		why = ""
	}
	s.Content.Skipped.Set(name, why)
}
