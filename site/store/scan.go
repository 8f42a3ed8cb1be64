package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/durable"
	"starpunk/site/store/filelock"
	"starpunk/site/store/filestamp"
	"starpunk/site/store/query"
	"starpunk/site/store/table"

	"golang.org/x/sync/errgroup"
	"zombiezen.com/go/sqlite"
)

const (
	scanBatch = 400           // rows that one transaction of a scan writes: 25 ms of work
	scanStep  = 8 * scanBatch // files that a scan collects before it reads them
)

// Scan compares every file below content/ with the index and brings the index
// up to date. Files whose size, times and inode are as they were are not read.
// It may run while others write: their later changes stay.
func (s *Store) Scan(ctx context.Context) error {
	if err := s.checkContent(ctx); err != nil {
		return err
	}
	s.syncDirs() // folders that could not be synced before
	if err := s.scanAll(ctx); err != nil {
		return err
	}
	s.scanned.Store(true)
	return nil
}

// checkContent returns an error if the content folder does not exist, for example because a
// disk is not mounted: that does not count as the removal of every note.
func (s *Store) checkContent(ctx context.Context) error {
	_, err := os.Stat(s.cfg.ContentDir())
	if !errors.Is(err, fs.ErrNotExist) || s.allowRemovals {
		return nil // other problems are found when it is read
	}
	files, err := s.db.Texts(ctx, "any_file", nil)
	if err == nil && len(files) > 0 {
		err = fmt.Errorf("folder %s does not exist, and neither does any note: put it back; or, to start over without notes, run \"starpunk build --allow-empty\"", s.cfg.ContentDir())
	}
	return err
}

// Refresh brings the index up to date for some names below content/, each a
// file or a folder that was made, changed or removed.
func (s *Store) Refresh(ctx context.Context, names ...string) error {
	if err := s.checkContent(ctx); err != nil {
		return err
	}
	var files []string
	m := &missing{}
	for _, name := range names {
		if s.content.Skips(name) {
			s.noteConflictCopy(name)
			continue
		}
		if _, err := s.scanBelow(ctx, name, m); err != nil {
			return err
		}
		if s.cfg.IsNote(name) {
			files = append(files, name)
		}
		bundle, err := s.bundleOf(ctx, name)
		if err != nil {
			return err
		}
		files = append(files, bundle...)
	}
	if err := s.refresh(ctx, files, m); err != nil {
		return err
	}
	dropped, err := s.dropMissing(ctx, m)
	if err == nil && dropped && m.appeared > 0 {
		// A new file may be one of the missing notes under another name.
		var held *heldLoss
		held, err = s.held(ctx, "content")
		dropped = held == nil
	}
	if err != nil || dropped {
		return err
	}
	return s.scanAll(ctx) // to count the missing files
}

// scanAll compares every file with the index.
func (s *Store) scanAll(ctx context.Context) error {
	m := &missing{whole: true}
	temps, err := s.scanBelow(ctx, "", m)
	if err == nil {
		_, err = s.dropMissing(ctx, m)
	}
	// Also after an error: the disk may be full of them.
	return errors.Join(err, s.removeTemps(ctx, temps))
}

// missing has the files that are in the index and that a scan did not find.
type missing struct {
	files    []string
	appeared int // files that the index did not have
	whole    bool
}

// dropMissing drops the rows of missing files, if these are believed to be deleted.
func (s *Store) dropMissing(ctx context.Context, m *missing) (dropped bool, err error) {
	lost, deleted, err := s.sortMissing(ctx, m)
	if err != nil {
		return false, err
	}
	names := make([]string, len(lost))
	for i, file := range lost {
		names[i] = "content/" + file
	}
	dropped, err = s.Believe(ctx, Loss{Folder: "content", Files: names, Appeared: m.appeared, Whole: m.whole, Known: s.table.Count})
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
func (s *Store) sortMissing(ctx context.Context, m *missing) (lost, deleted []string, _ error) {
	slices.Sort(m.files)
	m.files = slices.Compact(m.files)
	err := s.db.Read(ctx, func(conn *sqlite.Conn) error {
		for _, file := range m.files {
			row, err := s.table.RowByFile(conn, file)
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
func (s *Store) hasMoved(conn *sqlite.Conn, missing *Row) (moved bool, _ error) {
	if missing.Permalink == "" {
		return false, nil
	}
	err := query.Exec(conn, "others_at", query.Args{":permalink": missing.Permalink, ":file": missing.File}, func(stmt *sqlite.Stmt) error {
		if _, err := os.Lstat(s.content.Path(stmt.ColumnText(0))); err == nil {
			moved = true
		}
		return nil
	})
	return moved, err
}

// bundleOf returns the index notes of the folder of a file below content/ and of the
// folders above it: the file may belong to one of these bundles.
func (s *Store) bundleOf(ctx context.Context, name string) (files []string, err error) {
	var dirs []string
	for dir := content.Dir(name); dir != ""; dir = content.Dir(dir) {
		dirs = append(dirs, dir)
	}
	if len(dirs) == 0 {
		return nil, nil
	}
	wanted, err := query.List(dirs)
	if err != nil {
		return nil, err
	}
	files, err = s.db.Texts(ctx, "indexes_in", query.Args{":dirs": wanted})
	return slices.DeleteFunc(files, func(file string) bool { return file == name }), err
}

// scanBelow compares the files at and below a name with the index. The name may be that of
// a folder, of a file, or of one that does not exist any more. temps has the temporary
// files of writers. Missing files are added to m.
func (s *Store) scanBelow(ctx context.Context, name string, m *missing) (temps []string, err error) {
	sc := &scan{Store: s, missing: m, seen: map[string]bool{}, changed: revisions{}}
	stat := os.Lstat
	if name == "" {
		stat = os.Stat // content/ itself may be a link, which its owner made
	}
	s.content.Skipped.Forget(name)
	if info, err := stat(s.content.Path(name)); err == nil && info.IsDir() {
		sc.folders.SetLimit(runtime.GOMAXPROCS(0))
		err := sc.tree(ctx, name)
		if err = errors.Join(err, sc.folders.Wait()); err != nil {
			return sc.temps, err
		}
	} else {
		if err == nil {
			s.noteIrregular(name, info.Mode())
		}
		if sc.attached, err = s.attachmentAt(ctx, name); err != nil {
			return nil, err
		}
	}
	if err := s.saveAttachments(ctx, sc.attached); err != nil {
		return sc.temps, err
	}
	if err := s.update(ctx, sc.changed, m); err != nil {
		return sc.temps, err
	}
	if err := s.dropAttachments(ctx, name, sc.seen); err != nil {
		return sc.temps, err
	}
	return sc.temps, s.dropFolders(ctx, name, sc.seen, m)
}

// A scan is one walk through folders. While it continues, the files of the folders that it
// has passed are compared with their rows.
type scan struct {
	*Store
	missing *missing
	seen    map[string]bool // folders
	temps   []string        // files
	folders errgroup.Group

	mu       sync.Mutex
	changed  revisions // files that must still be read
	attached []attachment
}

// revisions has the revisions of the rows of files below content/; 0: no row.
type revisions map[string]int64

// tree compares a folder and those below it with the index.
func (s *scan) tree(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.content.Path(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		s.content.Skipped.SetUnreadable(dir, durable.Unreadable(err)+"; its notes stay as they are")
		s.seen[dir] = true
		return nil
	}
	s.seen[dir] = true
	s.folders.Go(func() error { return s.folder(ctx, dir, entries) })
	if err := s.updateMany(ctx); err != nil {
		return err
	}
	for _, e := range entries {
		name := content.Join(dir, e.Name())
		if site.IsConflictCopy(e.Name()) {
			s.noteConflictCopy(name)
		}
		if !e.IsDir() {
			if durable.IsTemp(e.Name()) {
				s.temps = append(s.temps, s.content.Path(name))
			}
			s.noteIrregular(name, e.Type())
			continue
		}
		if s.content.Skips(name) {
			continue
		}
		if err := s.tree(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// noteIrregular records that a name is neither that of a file nor of a folder. If it has
// the name of a note, its row has the problem. Skipped and deleted files are not reported.
func (s *Store) noteIrregular(name string, mode fs.FileMode) {
	why := durable.Irregular(mode)
	if why != "" && !s.cfg.IsNote(name) && !s.content.Skips(name) && !strings.HasPrefix(name, site.TrashDir+"/") {
		s.content.Skipped.Set(name, why)
	}
}

// noteConflictCopy records that a file or a folder is skipped because a program that syncs
// files made it. In the trash it needs no merge.
func (s *Store) noteConflictCopy(name string) {
	if !site.IsConflictCopy(name) || strings.HasPrefix(name, site.TrashDir+"/") {
		return
	}
	why := site.ConflictCopy
	if _, err := os.Lstat(s.content.Path(name)); err != nil {
		why = ""
	}
	s.content.Skipped.Set(name, why)
}

// folder compares the files of one folder, whose entries are sorted, with its rows.
func (s *scan) folder(ctx context.Context, dir string, entries []fs.DirEntry) error {
	rows, err := s.stamps(ctx, dir)
	if err != nil {
		return err
	}
	// A name in an open folder is found faster than a path. If the folder can't be opened,
	// its files are read, which reports the reason.
	folder, err := filestamp.OpenFolder(s.content.Path(dir))
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
		if e.IsDir() || !s.cfg.IsNote(file) {
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
	attached, err := s.attachments(ctx, dir, entries)
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.changed, changed)
	s.attached = append(s.attached, attached...)
	return err
}

// updateMany reads the files that were collected so far, if they are many.
func (s *scan) updateMany(ctx context.Context) error {
	s.mu.Lock()
	if len(s.changed) < scanStep {
		s.mu.Unlock()
		return nil
	}
	changed := s.changed
	s.changed = revisions{}
	s.mu.Unlock()
	return s.update(ctx, changed, s.missing)
}

// refresh reads files again, also if their stamps are unchanged. Missing files are added to
// m; if that is nil, their rows are dropped.
func (s *Store) refresh(ctx context.Context, files []string, m *missing) error {
	revs, err := s.revs(ctx, files)
	if err != nil {
		return err
	}
	return s.update(ctx, revs, m)
}

// update reads files again and writes their rows in batches, one while it reads the next. A
// row that changed since its revision was read has a later state of the file: the file is
// read once more. For m see refresh.
func (s *Store) update(ctx context.Context, revs revisions, m *missing) error {
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
func (s *Store) unwritten(ctx context.Context, files []string, sources map[string]*table.Source, revs revisions) (differ []string, err error) {
	err = s.db.Read(ctx, func(conn *sqlite.Conn) error {
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
func (s *Store) putSources(ctx context.Context, files []string, sources map[string]*table.Source, revs revisions, m *missing) (changed []string, err error) {
	if files, err = s.unwritten(ctx, files, sources, revs); err != nil || len(files) == 0 {
		return nil, err
	}
	err = s.db.Write(ctx, func(conn *sqlite.Conn) error {
		for _, file := range files {
			src := sources[file]
			old, err := s.table.RowByFile(conn, file)
			switch {
			case err != nil:
			case old != nil && old.Rev != revs[file]:
				changed = append(changed, file)
			case src == nil && m != nil && s.cfg.IsNote(file):
				m.files = append(m.files, file)
			case src == nil:
				err = s.table.Drop(conn, old, table.TodoChanged)
			default:
				if m != nil && (old == nil || old.Gone) {
					m.appeared++
				}
				err = s.table.Put(conn, old, src, table.TodoChanged)
				s.parsed.keep(src)
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
func (s *Store) revs(ctx context.Context, files []string) (revisions, error) {
	revs := make(revisions, len(files))
	err := s.db.Read(ctx, func(conn *sqlite.Conn) error {
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
func (s *Store) readSources(files []string) map[string]*table.Source {
	sources := make(map[string]*table.Source, len(files))
	linked := map[string]bool{} // folders that are behind a link, or not
	for _, file := range files {
		if !s.cfg.IsNote(file) { // since the configuration changed
			sources[file] = nil
			continue
		}
		dir := content.Dir(file)
		behindLink, known := linked[dir]
		if !known {
			behindLink = s.content.BehindLink(dir)
			linked[dir] = behindLink
		}
		src, err := s.table.ReadSourceIn(file, behindLink)
		// ENOTDIR: a file has replaced the folder.
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			s.content.Skipped.Set(file, durable.Unreadable(err)+"; its page stays as it is")
			continue
		}
		s.content.Skipped.Set(file, "")
		sources[file] = src
	}
	return sources
}

// A known is what the index has of a note's file.
type known struct {
	file    string
	stamp   filestamp.Stamp
	settled bool
	rev     int64
}

// stamps returns what the index has of the files of a folder, in their order.
func (s *Store) stamps(ctx context.Context, dir string) (rows []known, err error) {
	err = s.db.Each(ctx, "stamps", query.Args{":dir": dir}, func(stmt *sqlite.Stmt) error {
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
func (s *Store) dropFolders(ctx context.Context, dir string, seen map[string]bool, m *missing) error {
	var files []string
	err := s.db.Read(ctx, func(conn *sqlite.Conn) error {
		end := dir + "0" // behind all that begins with dir and a slash
		if dir == "" {
			end = "\U0010FFFF"
		}
		return query.Exec(conn, "folders", query.Args{":dir": dir, ":end": end}, func(stmt *sqlite.Stmt) error {
			folder := stmt.ColumnText(0)
			if seen[folder] || s.content.Skipped.Unreadable(folder) {
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

// removeTemps deletes the temporary files of writers that were killed: temps, which are
// below content/, and the files below media/. Under the content lock only uploads are
// written, which have locks on their files.
func (s *Store) removeTemps(ctx context.Context, temps []string) error {
	err := filepath.WalkDir(s.cfg.MediaDir(), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && durable.IsTemp(d.Name()) {
			temps = append(temps, name)
		}
		return ctx.Err()
	})
	if err != nil || len(temps) == 0 {
		return err
	}
	lock, err := s.content.Lock(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	for _, name := range temps {
		if err := s.removeTemp(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.log.Warn("left-over temporary file can't be removed", "file", name, "error", err)
		}
	}
	return nil
}

// removeTemp deletes a temporary file, unless a process holds a lock on it.
func (s *Store) removeTemp(name string) error {
	if _, err := os.Lstat(name); err != nil {
		return err
	}
	lock := filelock.New(filepath.Split(name))
	free, err := lock.Try()
	if err != nil || !free {
		return err
	}
	return errors.Join(s.disk.Remove(name), lock.Unlock())
}
