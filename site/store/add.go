package store

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Add puts a new file below content/, such as a note that comes from elsewhere
// or a picture of its bundle: the pictures first, since a note is shown as soon
// as it is there. A file that exists is never replaced: the error is
// [fs.ErrExist] then. Nobody waits for the page of such a note: in a large import
// a post that comes meanwhile is built first.
//
// When Add returns without an error the file is there, and durable if settled;
// if not, what failed after it was there is logged, and healed by the next save
// or scan.
func (s *Store) Add(ctx context.Context, file string, data io.Reader) (settled bool, err error) {
	if !filepath.IsLocal(filepath.FromSlash(file)) || s.skipped(file) || strings.HasPrefix(file, ".") {
		return false, fmt.Errorf("add %s: it is no place for a file of content/", file)
	}
	lock, err := s.lockContent(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	if err := s.checkLinks(file); err != nil {
		return false, fmt.Errorf("add %s: %w", file, err)
	}
	name := s.contentPath(file)
	if err := s.disk.MakeDirs(s.cfg.Root, filepath.Dir(name)); err != nil {
		return false, fmt.Errorf("add %s: %w", file, err)
	}
	if err := s.disk.CreateFile(name, data); err != nil {
		return false, fmt.Errorf("add %s: %w", file, err)
	}
	settled = s.syncDirs(filepath.Dir(name))
	if s.cfg.IsNote(file) {
		s.behind.add([]string{file})
		settled = s.catchUp(context.WithoutCancel(ctx)) && settled
	}
	return settled, nil
}
