//go:build !linux

package output

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Sync makes the outputs durable. There is no call for one file system
// here, so each file is synced.
func (o *Folder) Sync() error {
	err := filepath.WalkDir(o.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		return f.Sync()
	})
	if err != nil {
		return fmt.Errorf("sync outputs: %w", err)
	}
	return nil
}
