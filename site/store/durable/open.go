package durable

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrIrregular means that a name is not one of a regular file: it is a symbolic
// link, a folder, a pipe, a socket or a device.
var ErrIrregular = errors.New("not a regular file")

// OpenRegular opens a file for reading. It follows no symbolic link at the end of
// the name, and does not wait for the other end of a pipe, also if another program
// replaced the file a moment ago: then the error is [ErrIrregular].
func OpenRegular(name string) (*os.File, error) {
	f, _, err := openRegular(name)
	return f, err
}

func openRegular(name string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|NoFollowNoWait, 0)
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

// ReadRegular reads a file of at most limit bytes, like [OpenRegular].
func ReadRegular(name string, limit int64) ([]byte, error) {
	f, info, err := openRegular(name)
	if err != nil {
		return nil, err
	}
	data := bytes.NewBuffer(make([]byte, 0, min(info.Size(), limit)+bytes.MinRead)) // with space for the read that finds the end
	_, err = data.ReadFrom(io.LimitReader(f, limit+1))
	if err == nil && int64(data.Len()) > limit {
		err = &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("larger than %d bytes", limit)}
	}
	return data.Bytes(), errors.Join(err, f.Close())
}

// Irregular returns the reason why a file of this mode is not published, and the
// remedy. It returns "" for a regular file and for a folder.
func Irregular(mode fs.FileMode) string {
	switch {
	case mode.IsRegular() || mode.IsDir():
		return ""
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link, which is not followed; put the file or the folder itself here"
	}
	return ErrIrregular.Error()
}

// Unreadable returns the reason why a file or a folder can't be read, without its
// name.
func Unreadable(err error) string {
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err
	}
	return "can't be read: " + err.Error()
}
