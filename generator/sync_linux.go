package generator

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// syncFolder makes everything durable that was written to the file system on
// which dir lies: one call for any number of files.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync outputs: %w", err)
	}
	if err := errors.Join(unix.Syncfs(int(d.Fd())), d.Close()); err != nil {
		return fmt.Errorf("sync outputs: %w", err)
	}
	return nil
}
