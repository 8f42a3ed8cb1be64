//go:build !unix

package output

import (
	"bytes"
	"errors"
	"os"
)

// writeNew makes a file with these bytes. It fails if there is a file of that name.
func writeNew(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// hasBytes reports whether a file has exactly these bytes.
func hasBytes(name string, data []byte) (bool, error) {
	current, err := os.ReadFile(name)
	return err == nil && bytes.Equal(current, data), err
}

// rename replaces a file.
func rename(from, to string) error { return os.Rename(from, to) }
