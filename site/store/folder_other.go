//go:build !linux

package store

import "os"

// A folder is open, so that its files are found by their names alone.
type folder struct{ root *os.Root }

func openFolder(name string) (*folder, error) {
	root, err := os.OpenRoot(name)
	return &folder{root}, err
}

func (f *folder) close() { _ = f.root.Close() } // nothing was written

// stamp returns the stamp of a file, also of a link.
func (f *folder) stamp(name string) (stamp, error) {
	info, err := f.root.Lstat(name)
	if err != nil {
		return stamp{}, err
	}
	return stampOf(info), nil
}
