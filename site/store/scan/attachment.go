package scan

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/filestamp"
	"starpunk/site/store/link"
	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// An attachment is a file below content/ that is not a note, and that notes may show or
// link to.
type attachment struct {
	file  string
	stamp filestamp.Stamp
	gone  bool
}

// attachments compares the entries of a folder with its rows in the index, and returns
// the attachments that appeared, changed or were removed.
func (s *Scanner) attachments(ctx context.Context, dir string, entries []fs.DirEntry) (changed []attachment, err error) {
	known := map[string]filestamp.Stamp{}
	err = s.DB.Each(ctx, "attachments_in", query.Args{":dir": dir}, func(stmt *sqlite.Stmt) error {
		known[stmt.ColumnText(0)] = query.Stamp(stmt, 1)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !site.IsAttachment(e.Name()) {
			continue // like most files
		}
		file := content.Join(dir, e.Name())
		if !s.Content.IsAttachment(file) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // it was removed a moment ago
		}
		if old, ok := known[file]; !ok || old != filestamp.Of(info) {
			changed = append(changed, attachment{file: file, stamp: filestamp.Of(info)})
		}
		delete(known, file)
	}
	for file := range known {
		changed = append(changed, attachment{file: file, gone: true})
	}
	return changed, nil
}

// attachmentAt compares one name with the index: that of a file, or of a folder, or of
// one that does not exist any more.
func (s *Scanner) attachmentAt(ctx context.Context, name string) (changed []attachment, err error) {
	info, statErr := os.Lstat(s.Content.Path(name))
	if statErr == nil && info.Mode().IsRegular() && s.Content.IsAttachment(name) && !s.Content.BehindLink(content.Dir(name)) {
		changed = append(changed, attachment{file: name, stamp: filestamp.Of(info)})
	}
	if statErr != nil && !errors.Is(statErr, fs.ErrNotExist) {
		return nil, nil // it can't be examined: its rows stay
	}
	if statErr == nil && info.IsDir() {
		return nil, nil
	}
	below, err := s.DB.Texts(ctx, "attachments_below", query.Args{":file": name, ":begin": name + "/", ":end": name + "0"})
	for _, file := range below {
		if !slices.ContainsFunc(changed, func(a attachment) bool { return a.file == file }) {
			changed = append(changed, attachment{file: file, gone: true})
		}
	}
	return changed, err
}

// saveAttachments records attachments that appeared, changed or were removed. It makes
// the pages stale that show them or link to them, also if the attachments are new.
func (s *Scanner) saveAttachments(ctx context.Context, changed []attachment) error {
	slices.SortFunc(changed, func(a, b attachment) int { return strings.Compare(a.file, b.file) })
	for batch := range slices.Chunk(changed, scanBatch) {
		err := s.DB.Write(ctx, func(conn *sqlite.Conn) error {
			linked, err := query.Has(conn, "any_link", nil)
			for _, a := range batch {
				if err == nil {
					err = saveAttachment(conn, a)
				}
				if err == nil && linked {
					err = link.StaleLinkers(conn, a.file, s.Table.NowSeconds())
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func saveAttachment(conn *sqlite.Conn, a attachment) error {
	if a.gone {
		return query.Exec(conn, "delete_attachment", query.Args{":file": a.file}, nil)
	}
	return query.Exec(conn, "put_attachment", query.Args{
		":file": a.file, ":dir": content.Dir(a.file), ":name": link.NameOf(a.file),
		":size": a.stamp.Size, ":mtime": a.stamp.Mtime, ":ctime": a.stamp.Ctime, ":inode": a.stamp.Inode,
	}, nil)
}

// dropAttachments drops the rows of attachments of the folders at and below dir that seen does
// not have.
func (s *Scanner) dropAttachments(ctx context.Context, dir string, seen map[string]bool) error {
	end := dir + "0"
	if dir == "" {
		end = "\U0010FFFF"
	}
	folders, err := s.DB.Texts(ctx, "attachment_folders", query.Args{":dir": dir, ":end": end})
	var gone []attachment
	for _, folder := range folders {
		if seen[folder] || s.Content.Skipped.Unreadable(folder) {
			continue
		}
		lost, err := s.attachments(ctx, folder, nil)
		if err != nil {
			return err
		}
		gone = append(gone, lost...)
	}
	if err != nil {
		return err
	}
	return s.saveAttachments(ctx, gone)
}
