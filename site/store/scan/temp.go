package scan

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"starpunk/site/store/durable"
	"starpunk/site/store/filelock"
)

// removeTemps deletes the temporary files of writers that were killed: temps, which are
// below content/, and the files below media/. Under the content lock only uploads are
// written, which have locks on their files.
func (s *Scanner) removeTemps(ctx context.Context, temps []string) error {
	err := filepath.WalkDir(s.Config.MediaDir(), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && durable.IsTemp(d.Name()) {
			temps = append(temps, name)
		}
		return ctx.Err()
	})
	if err != nil || len(temps) == 0 {
		return err
	}
	lock, err := s.Content.Lock(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	for _, name := range temps {
		if err := s.removeTemp(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.Log.Warn("left-over temporary file can't be removed", "file", name, "error", err)
		}
	}
	return nil
}

// removeTemp deletes a temporary file, unless a process holds a lock on it.
func (s *Scanner) removeTemp(name string) error {
	if _, err := os.Lstat(name); err != nil {
		return err
	}
	lock := filelock.New(filepath.Split(name))
	free, err := lock.Try()
	if err != nil || !free {
		return err
	}
	return errors.Join(s.Disk.Remove(name), lock.Unlock())
}
