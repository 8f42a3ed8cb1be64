package upload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"starpunk/site/store/durable"
	"starpunk/site/store/filelock"
	"starpunk/site/store/query"
)

// ErrTooLarge means that an upload has more bytes than are allowed.
var ErrTooLarge = errors.New("upload is too large")

// A Cleaner copies an upload, the first size bytes of src, to dst without its private data,
// and returns the extension of its name, without a dot. It does not change an upload that
// is clean.
type Cleaner func(dst io.Writer, src io.ReaderAt, size int64) (ext string, err error)

// An Upload is a file that was received and cleaned, and that has no name in media/ yet.
type Upload struct {
	// Path is its future path on the site, media/HH/HASH.EXT by the SHA-256 of its clean
	// bytes, so that a file that is sent twice is one file: "/media/3f/3f9a….jpg".
	Path string

	folder *Folder
	temp   string         // beside media/HH: complete and synced
	lock   *filelock.Lock // on temp
}

// Receive receives an upload of at most limit bytes. It is never in memory as a whole, and
// the content lock is not held while it is received or cleaned. An error of clean is
// returned unchanged. For a larger upload the error is [ErrTooLarge]. The caller closes the
// Upload.
func (m *Folder) Receive(ctx context.Context, upload io.Reader, limit int64, clean Cleaner) (_ *Upload, err error) {
	raw, size, err := m.spool(upload, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = errors.Join(raw.Close(), os.Remove(raw.Name())) }() // the file has lost its name already, if the system allows it
	u := &Upload{folder: m}
	f, err := u.claim(ctx)
	if err != nil {
		return nil, fmt.Errorf("save upload: %w", err)
	}
	defer func() {
		if err != nil {
			u.Close()
		}
	}()
	h := sha256.New()
	var ext string
	err = m.Disk.Do(durable.Op{Name: "write", Path: f.Name()}, func() (err error) {
		ext, err = clean(io.MultiWriter(f, h), raw, size)
		return err
	})
	if err == nil {
		err = m.Disk.Sync(f)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	hash := hex.EncodeToString(h.Sum(nil))
	u.Path = path.Join("/media", hash[:2], hash+"."+ext)
	return u, nil
}

// claim makes the temporary file of an upload. A lock on it shows a scan that the file is
// in use. Until that lock is taken, the content lock protects the file.
func (u *Upload) claim(ctx context.Context) (*os.File, error) {
	lock, err := u.folder.Content.Lock(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	dir := u.folder.Config.MediaDir()
	if err := u.folder.checkMedia(dir); err != nil {
		return nil, err
	}
	if err := u.folder.Disk.MakeDirs(u.folder.Config.Root, dir); err != nil {
		return nil, err
	}
	f, err := u.folder.Disk.CreateTemp(dir)
	if err != nil {
		return nil, err
	}
	u.temp = f.Name()
	u.lock = filelock.New(filepath.Split(u.temp))
	if free, err := u.lock.Try(); err != nil || !free {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", u.temp, err), f.Close(), u.folder.Disk.Remove(u.temp))
	}
	return f, nil
}

// Keep gives an upload its name in media/. When it returns without an error the file is
// durable. If a file has the name already, it has the same bytes.
func (u *Upload) Keep(ctx context.Context) error {
	lock, err := u.folder.Content.Lock(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	source := u.Path[1:]
	name := filepath.Join(u.folder.Config.MediaDir(), filepath.FromSlash(u.Path[len("/media/"):]))
	disk, dir := u.folder.Disk, filepath.Dir(name)
	if err := u.folder.checkMedia(dir); err != nil {
		return fmt.Errorf("save upload: %w", err)
	}
	if err := disk.MakeDirs(u.folder.Config.Root, dir); err != nil {
		return fmt.Errorf("save upload: %w", err)
	}
	err = disk.Link(u.temp, name)
	if errors.Is(err, fs.ErrExist) {
		u.renew(name)
	} else if err != nil {
		return fmt.Errorf("save upload: %w", err)
	}
	_ = disk.Remove(u.temp) // now: it changes the stamp of the file, which its copy is compared with
	if err := disk.SyncDir(dir); err != nil {
		return fmt.Errorf("save upload: %w", err)
	}
	err = u.folder.DB.Run(context.WithoutCancel(ctx), "upload_add", query.Args{":source": source})
	if err != nil {
		u.folder.Log.Error("upload is kept but not indexed; the next scan of media/ finds it", "file", source, "error", err)
	}
	u.folder.Wakeups.WakeBuilders()
	return nil
}

// renew gives a file that was uploaded before the time of this upload: a note that shows it
// may follow, and [Grace] begins again.
func (u *Upload) renew(name string) {
	now := u.folder.Now()
	if err := os.Chtimes(name, now, now); err != nil {
		u.folder.Log.Warn("an existing upload can't be marked as sent again", "file", u.Path[1:], "error", err)
	}
}

// Close removes the temporary file of an upload. A file in media/ stays.
func (u *Upload) Close() {
	_ = u.lock.Unlock()                      // the kernel releases it when this process ends
	_ = u.folder.Disk.RemoveIfExists(u.temp) // if it fails, the next scan removes the file
}

// spool writes an upload to a temporary file, which loses its name at once: the kernel
// removes the file when this process ends. It need not be durable.
func (m *Folder) spool(upload io.Reader, limit int64) (f *os.File, size int64, err error) {
	if err := os.MkdirAll(m.Config.LockDir(), 0o777); err != nil {
		return nil, 0, fmt.Errorf("receive upload: %w", err)
	}
	if f, err = os.CreateTemp(m.Config.LockDir(), "upload-*"); err != nil {
		return nil, 0, fmt.Errorf("receive upload: %w", err)
	}
	_ = os.Remove(f.Name()) // on a system where an open file can't lose its name, it is removed after it is closed
	size, err = io.Copy(f, io.LimitReader(upload, limit+1))
	if err == nil && size > limit {
		err = ErrTooLarge
	}
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("receive upload: %w", err), f.Close())
	}
	return f, size, nil
}
