package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// ErrTooLarge means that an upload has more bytes than are allowed.
var ErrTooLarge = errors.New("upload is too large")

// A Cleaner copies an upload, the first size bytes of src, to dst without what
// nobody but its owner should see, and returns the ending of its name, without
// a dot. It leaves an upload that is clean already as it is.
type Cleaner func(dst io.Writer, src io.ReaderAt, size int64) (ext string, err error)

// SaveUpload keeps an upload of at most limit bytes as media/HH/HASH.EXT, named
// by the SHA-256 of what clean made of it, so that the same file sent twice is
// one file. It returns its path on the site: "/media/3f/3f9a….jpg".
//
// The upload is never held in memory. When SaveUpload returns without an error
// the file is durable. An error of clean is returned as it is; a larger upload
// is [ErrTooLarge].
func (s *Store) SaveUpload(ctx context.Context, upload io.Reader, limit int64, clean Cleaner) (string, error) {
	raw, size, err := s.spool(upload, limit)
	if err != nil {
		return "", err
	}
	defer func() { _ = errors.Join(raw.Close(), os.Remove(raw.Name())) }() // it has no name any more where that is possible
	lock, err := acquire(ctx, s.cfg.LockDir(), contentLock)
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Unlock() }() // the kernel frees it at the latest when we end
	if err := makeDirs(s.cfg.MediaDir()); err != nil {
		return "", fmt.Errorf("save upload: %w", err)
	}
	temp := filepath.Join(s.cfg.MediaDir(), tempPrefix+rand.Text()+".tmp")
	defer func() { _ = os.Remove(temp) }() // else the next scan does it
	hash, ext, err := writeClean(temp, raw, size, clean)
	if err != nil {
		return "", err
	}
	name := path.Join(hash[:2], hash+"."+ext)
	if err := placeUpload(temp, filepath.Join(s.cfg.MediaDir(), filepath.FromSlash(name))); err != nil {
		return "", fmt.Errorf("save upload: %w", err)
	}
	return "/media/" + name, nil
}

// spool writes an upload to a temporary file, which loses its name at once: the
// kernel removes it with us. It need not be durable.
func (s *Store) spool(upload io.Reader, limit int64) (f *os.File, size int64, err error) {
	if err := os.MkdirAll(s.cfg.LockDir(), 0o777); err != nil {
		return nil, 0, fmt.Errorf("receive upload: %w", err)
	}
	if f, err = os.CreateTemp(s.cfg.LockDir(), "upload-*"); err != nil {
		return nil, 0, fmt.Errorf("receive upload: %w", err)
	}
	_ = os.Remove(f.Name()) // where an open file can't lose its name, it goes when it is closed
	size, err = io.Copy(f, io.LimitReader(upload, limit+1))
	if err == nil && size > limit {
		err = ErrTooLarge
	}
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("receive upload: %w", err), f.Close())
	}
	return f, size, nil
}

// writeClean writes the clean upload to a new file, and syncs it.
func writeClean(name string, raw io.ReaderAt, size int64, clean Cleaner) (hash, ext string, err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return "", "", fmt.Errorf("save upload: %w", err)
	}
	h := sha256.New()
	ext, err = clean(io.MultiWriter(f, h), raw, size)
	if err == nil {
		err = f.Sync()
	}
	return hex.EncodeToString(h.Sum(nil)), ext, errors.Join(err, f.Close())
}

// placeUpload gives a file the name that its content calls for. If that is
// taken, the same bytes are there already.
func placeUpload(temp, name string) error {
	if err := makeDirs(filepath.Dir(name)); err != nil {
		return err
	}
	if err := os.Link(temp, name); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(name))
}

// Copied says whether an upload, by its path on the site, is in the output.
func (s *Store) Copied(ctx context.Context, upload string) (bool, error) {
	source, err := s.Covered(ctx, upload[1:])
	return source != "", err
}
