package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"time"

	"starpunk/site/store/content"
	"starpunk/site/store/durable"
	"starpunk/site/store/filelock"
	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
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

	store *Store
	temp  string         // beside media/HH: complete and synced
	lock  *filelock.Lock // on temp
}

// Receive receives an upload of at most limit bytes. It is never in memory as a whole, and
// the content lock is not held while it is received or cleaned. An error of clean is
// returned unchanged. For a larger upload the error is [ErrTooLarge]. The caller closes the
// Upload.
func (s *Store) Receive(ctx context.Context, upload io.Reader, limit int64, clean Cleaner) (_ *Upload, err error) {
	raw, size, err := s.spool(upload, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = errors.Join(raw.Close(), os.Remove(raw.Name())) }() // the file has lost its name already, if the system allows it
	u := &Upload{store: s}
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
	err = s.disk.Do(durable.Op{Name: "write", Path: f.Name()}, func() (err error) {
		ext, err = clean(io.MultiWriter(f, h), raw, size)
		return err
	})
	if err == nil {
		err = s.disk.Sync(f)
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
	lock, err := u.store.content.Lock(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	dir := u.store.cfg.MediaDir()
	if err := u.store.checkMedia(dir); err != nil {
		return nil, err
	}
	if err := u.store.disk.MakeDirs(u.store.cfg.Root, dir); err != nil {
		return nil, err
	}
	f, err := u.store.disk.CreateTemp(dir)
	if err != nil {
		return nil, err
	}
	u.temp = f.Name()
	u.lock = filelock.New(filepath.Split(u.temp))
	if free, err := u.lock.Try(); err != nil || !free {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", u.temp, err), f.Close(), u.store.disk.Remove(u.temp))
	}
	return f, nil
}

// Keep gives an upload its name in media/. When it returns without an error the file is
// durable. If a file has the name already, it has the same bytes.
func (u *Upload) Keep(ctx context.Context) error {
	lock, err := u.store.content.Lock(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	source := u.Path[1:]
	name := filepath.Join(u.store.cfg.MediaDir(), filepath.FromSlash(u.Path[len("/media/"):]))
	disk, dir := u.store.disk, filepath.Dir(name)
	if err := u.store.checkMedia(dir); err != nil {
		return fmt.Errorf("save upload: %w", err)
	}
	if err := disk.MakeDirs(u.store.cfg.Root, dir); err != nil {
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
	err = u.store.db.Run(context.WithoutCancel(ctx), "upload_add", query.Args{":source": source})
	if err != nil {
		u.store.log.Error("upload is kept but not indexed; the next scan of media/ finds it", "file", source, "error", err)
	}
	u.store.wakeups.WakeBuilders()
	return nil
}

// renew gives a file that was uploaded before the time of this upload: a note that shows it
// may follow, and [UploadGrace] begins again.
func (u *Upload) renew(name string) {
	now := u.store.now()
	if err := os.Chtimes(name, now, now); err != nil {
		u.store.log.Warn("an existing upload can't be marked as sent again", "file", u.Path[1:], "error", err)
	}
}

// Close removes the temporary file of an upload. A file in media/ stays.
func (u *Upload) Close() {
	_ = u.lock.Unlock()                     // the kernel releases it when this process ends
	_ = u.store.disk.RemoveIfExists(u.temp) // if it fails, the next scan removes the file
}

// SaveUpload receives an upload and keeps it. It returns its path on the site.
func (s *Store) SaveUpload(ctx context.Context, upload io.Reader, limit int64, clean Cleaner) (string, error) {
	u, err := s.Receive(ctx, upload, limit, clean)
	if err != nil {
		return "", err
	}
	defer u.Close()
	return u.Path, u.Keep(ctx)
}

// spool writes an upload to a temporary file, which loses its name at once: the kernel
// removes the file when this process ends. It need not be durable.
func (s *Store) spool(upload io.Reader, limit int64) (f *os.File, size int64, err error) {
	if err := os.MkdirAll(s.cfg.LockDir(), 0o777); err != nil {
		return nil, 0, fmt.Errorf("receive upload: %w", err)
	}
	if f, err = os.CreateTemp(s.cfg.LockDir(), "upload-*"); err != nil {
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

// A MediaFile is an upload that is in the output.
type MediaFile struct {
	Path string // on the site: "/media/3f/3f9a….jpg"
	Time time.Time
}

// Media returns the uploads that are in the output, newest first, that follow after in that
// order; the zero MediaFile is before the first.
func (s *Store) Media(ctx context.Context, after MediaFile, limit, offset int) (files []MediaFile, err error) {
	named := query.Args{":mtime": int64(math.MaxInt64), ":source": "", ":limit": limit, ":offset": offset}
	if after.Path != "" {
		named[":mtime"], named[":source"] = after.Time.UnixNano(), after.Path[1:]
	}
	err = s.db.Each(ctx, "media", named, func(stmt *sqlite.Stmt) error {
		files = append(files, MediaFile{"/" + stmt.ColumnText(0), time.Unix(0, stmt.ColumnInt64(1))})
		return nil
	})
	return files, err
}

// Copied reports whether an upload, by its path on the site, is in the output.
func (s *Store) Copied(ctx context.Context, upload string) (bool, error) {
	sources, err := s.db.Texts(ctx, "copy_of", query.Args{":output": upload[1:]})
	return len(sources) > 0, err
}

// checkMedia returns an error that wraps [ErrLink] if a folder of uploads is a
// symbolic link.
func (s *Store) checkMedia(dir string) error {
	if err := content.RefuseLink(s.cfg.MediaDir()); err != nil {
		return err
	}
	return content.RefuseLink(filepath.Clean(dir))
}
