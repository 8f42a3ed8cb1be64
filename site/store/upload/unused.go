package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"starpunk/site/store/filestamp"
)

// Grace is the time for which an upload is kept although nothing refers to it: apps
// send a picture before the note that shows it, and a draft may wait in the app.
const Grace = 24 * time.Hour

// hashDigits is the length of an upload's name, a SHA-256 in hexadecimal.
const hashDigits = 64

// Unused returns the uploads, older than [Grace], that nothing refers to: no
// file below content/ of any kind, also in the trash, no layout, no static file, and not the
// configuration. A reference is the name of the upload, at any place in a file.
func (m *Folder) Unused(ctx context.Context) ([]File, error) {
	files, err := m.List(ctx)
	if err != nil {
		return nil, err
	}
	return m.unused(ctx, files, time.Time{})
}

// DeleteUnused deletes the uploads that [Folder.Unused] returns, and returns them. No
// writer can add a reference to one meanwhile.
func (m *Folder) DeleteUnused(ctx context.Context) (deleted []File, err error) {
	began := time.Now()
	files, err := m.Unused(ctx)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	lock, err := m.Content.Lock(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	// Only files that changed since then are read again while others wait.
	if files, err = m.unused(ctx, files, began.Add(-filestamp.Delay)); err != nil {
		return nil, err
	}
	for _, f := range files {
		name := filepath.Join(m.Config.Root, filepath.FromSlash(f.Source))
		info, err := os.Lstat(name)
		if err == nil && m.Now().Sub(info.ModTime()) <= Grace {
			continue // sent again since it was listed
		}
		if err := os.Remove(name); err != nil {
			return deleted, fmt.Errorf("delete upload: %w", err)
		}
		_ = os.Remove(filepath.Dir(name)) // unless it holds others
		deleted = append(deleted, f)
	}
	return deleted, m.forgetCopies(ctx, deleted)
}

// forgetCopies has the copies of deleted uploads removed.
func (m *Folder) forgetCopies(ctx context.Context, deleted []File) error {
	sources := make([]string, len(deleted))
	for i, f := range deleted {
		sources[i] = f.Source
	}
	defer m.Wakeups.WakeOtherProcesses()
	return m.Copies.Remove(ctx, sources)
}

// unused returns the uploads of files that are old enough and that no file names which
// changed after since.
func (m *Folder) unused(ctx context.Context, files []File, since time.Time) ([]File, error) {
	free := make(map[string]bool, len(files))
	for _, f := range files {
		if m.Now().Sub(f.Time) > Grace {
			free[uploadHash(path.Base(f.Source))] = true
		}
	}
	for _, name := range []string{"content", "layouts", "static", "starpunk.toml"} {
		if err := m.findNamed(ctx, filepath.Join(m.Config.Root, name), free, since); err != nil {
			return nil, fmt.Errorf("look for what refers to uploads: %w", err)
		}
	}
	var unused []File
	for _, f := range files {
		if free[uploadHash(path.Base(f.Source))] {
			unused = append(unused, f)
		}
	}
	return unused, nil
}

// findNamed removes the hashes from free that files at or below root have. A file that
// can't be read is an error: it may refer to any upload.
func (m *Folder) findNamed(ctx context.Context, root string, free map[string]bool, since time.Time) error {
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() || len(free) == 0 {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if stamp := filestamp.Of(info); max(stamp.Mtime, stamp.Ctime) < since.UnixNano() && !since.IsZero() {
			return nil
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		return errors.Join(takeNamed(f, free), f.Close(), ctx.Err())
	})
}

// takeNamed removes the hashes from free that a text has. It keeps no more of the text than
// a buffer.
func takeNamed(text io.Reader, free map[string]bool) error {
	buffer := make([]byte, hashDigits+64<<10)
	kept := 0 // bytes of the last read, in which a hash may have begun
	for {
		n, err := text.Read(buffer[kept:])
		window := buffer[:kept+n]
		digits := 0
		for i, c := range window {
			if digits++; !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
				digits = 0
			}
			if digits >= hashDigits {
				delete(free, string(window[i+1-hashDigits:i+1]))
			}
		}
		kept = copy(buffer, window[len(window)-min(len(window), hashDigits-1):])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
