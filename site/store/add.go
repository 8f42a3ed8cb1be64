package store

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Add writes a new file below content/, such as an imported note or a picture of its
// bundle. The pictures must be added first, since a note is shown as soon as it exists. A
// file that exists is never replaced: then the error is [fs.ErrExist]. No client waits
// for the page of such a note: during a large import a post of an app is built first.
//
// When Add returns without an error the file exists, and complete reports whether it is
// durable and indexed. If it is not, the failure is logged, and the next save or scan
// repairs it.
func (s *Store) Add(ctx context.Context, file string, data io.Reader) (complete bool, err error) {
	if !filepath.IsLocal(filepath.FromSlash(file)) || s.content.Skips(file) || strings.HasPrefix(file, ".") {
		return false, fmt.Errorf("add %s: not the name of a file of content/", file)
	}
	lock, err := s.content.Lock(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	if err := s.content.CheckLinks(file); err != nil {
		return false, fmt.Errorf("add %s: %w", file, err)
	}
	name := s.content.Path(file)
	if err := s.disk.MakeDirs(s.cfg.Root, filepath.Dir(name)); err != nil {
		return false, fmt.Errorf("add %s: %w", file, err)
	}
	if err := s.disk.CreateFile(name, data); err != nil {
		return false, fmt.Errorf("add %s: %w", file, err)
	}
	complete = s.syncDirs(filepath.Dir(name))
	if s.cfg.IsNote(file) {
		s.indexer.behind.add([]string{file})
		complete = s.indexer.catchUp(context.WithoutCancel(ctx)) && complete
	}
	return complete, nil
}
