package output

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Sync makes the outputs durable: everything in the file system of the folder, in one
// call for any number of files.
func (o *Folder) Sync() error {
	d, err := os.Open(o.dir)
	if err != nil {
		return fmt.Errorf("sync outputs: %w", err)
	}
	if err := errors.Join(unix.Syncfs(int(d.Fd())), d.Close()); err != nil {
		return fmt.Errorf("sync outputs: %w", err)
	}
	return nil
}
