//go:build !linux

package filestamp

import "os"

// A Folder is an open folder, so that its files are found by their names.
type Folder struct{ root *os.Root }

// OpenFolder opens a folder. The caller closes it.
func OpenFolder(name string) (*Folder, error) {
	root, err := os.OpenRoot(name)
	return &Folder{root}, err
}

// Close closes the folder.
func (f *Folder) Close() { _ = f.root.Close() } // nothing was written

// Stamp returns the stamp of a file, also of a link.
func (f *Folder) Stamp(name string) (Stamp, error) {
	info, err := f.root.Lstat(name)
	if err != nil {
		return Stamp{}, err
	}
	return Of(info), nil
}
