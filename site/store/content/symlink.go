package content

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrLink means that the folder of a write is a symbolic link, which is
// not followed: the files that it leads to are not published. The error names the folder.
var ErrLink = errors.New("a symbolic link, which is not followed; put the folder itself there, or mount it")

// CheckLinks returns an error that wraps [ErrLink] if a folder on the way from
// content/, which may be a link itself, to a file is one.
func (f *Folder) CheckLinks(file string) error {
	for dir := Dir(file); dir != ""; dir = Dir(dir) {
		if err := RefuseLink(f.Path(dir)); err != nil {
			return err
		}
	}
	return nil
}

// RefuseLink returns an error that wraps [ErrLink] if a path is that of a symbolic link.
func RefuseLink(name string) error {
	if info, err := os.Lstat(name); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("%s: %w", name, ErrLink)
	}
	return nil
}

// BehindLink reports whether a folder below content/, or one on the way to it, is a
// symbolic link: a file there is not the site's.
func (f *Folder) BehindLink(dir string) bool {
	for ; dir != ""; dir = Dir(dir) {
		if info, err := os.Lstat(f.Path(dir)); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return true
		}
	}
	return false
}
