package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// ErrLink means that the folder of a write is a symbolic link, which is
// not followed: the files that it leads to are not published. The error names the folder.
var ErrLink = errors.New("a symbolic link, which is not followed; put the folder itself there, or mount it")

// CheckPlace returns an error that wraps [ErrLink] if a note of that time cannot be
// created, since a folder on the way to it is a symbolic link.
func (s *Store) CheckPlace(published time.Time) error {
	return s.checkLinks(monthDir(published) + "/x")
}

// checkLinks returns an error that wraps [ErrLink] if a folder on the way from
// content/, which may be a link itself, to a file is one.
func (s *Store) checkLinks(file string) error {
	for dir := dirOf(file); dir != ""; dir = dirOf(dir) {
		if err := refuseLink(s.contentPath(dir)); err != nil {
			return err
		}
	}
	return nil
}

// refuseLink returns an error if there is a symbolic link.
func refuseLink(name string) error {
	if info, err := os.Lstat(name); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("%s: %w", name, ErrLink)
	}
	return nil
}

// checkMedia returns an error that wraps [ErrLink] if a folder of uploads is a
// symbolic link.
func (s *Store) checkMedia(dir string) error {
	if err := refuseLink(s.cfg.MediaDir()); err != nil {
		return err
	}
	return refuseLink(filepath.Clean(dir))
}
