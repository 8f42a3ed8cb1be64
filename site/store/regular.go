package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrIrregular is the error of opening what is no file with bytes of its own: a
// symbolic link, a folder, a pipe, a socket, a device.
var ErrIrregular = errors.New("not a regular file")

// OpenRegular opens a file for reading. It follows no symbolic link at its end
// and waits for nobody, as opening a pipe would, also if the file was replaced
// a moment ago: else it fails with [ErrIrregular].
func OpenRegular(name string) (*os.File, error) {
	f, _, err := openRegular(name)
	return f, err
}

func openRegular(name string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|neitherFollowNorWait, 0)
	if err != nil {
		if info, statErr := os.Lstat(name); statErr == nil && !info.Mode().IsRegular() {
			err = &fs.PathError{Op: "open", Path: name, Err: ErrIrregular}
		}
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: ErrIrregular}
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// readRegular reads a file of at most limit bytes.
func readRegular(name string, limit int64) ([]byte, error) {
	f, info, err := openRegular(name)
	if err != nil {
		return nil, err
	}
	data := bytes.NewBuffer(make([]byte, 0, min(info.Size(), limit)+bytes.MinRead)) // room to see its end, too
	_, err = data.ReadFrom(io.LimitReader(f, limit+1))
	if err == nil && int64(data.Len()) > limit {
		err = &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("larger than %d bytes", limit)}
	}
	return data.Bytes(), errors.Join(err, f.Close())
}

// Irregular says why something is no file to be published, and what to do; ""
// for a regular file and for a folder.
func Irregular(mode fs.FileMode) string {
	switch {
	case mode.IsRegular() || mode.IsDir():
		return ""
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link, which is not followed; put the file or the folder itself here"
	}
	return ErrIrregular.Error()
}
