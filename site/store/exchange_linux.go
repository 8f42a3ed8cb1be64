package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// renameNew renames a file or a folder, or fails with fs.ErrExist if the name
// is taken.
func renameNew(from, to string) error {
	return renameat2("rename", from, to, unix.RENAME_NOREPLACE)
}

// exchange has two files change their names, so that neither is ever missing.
func exchange(a, b string) error {
	return renameat2("exchange", a, b, unix.RENAME_EXCHANGE)
}

func renameat2(op, from, to string, flags uint) error {
	if err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, flags); err != nil {
		return &os.LinkError{Op: op, Old: from, New: to, Err: err}
	}
	return nil
}

// lacking says whether err means that the system or the file system can't do
// what was asked for.
func lacking(err error) bool {
	return errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EOPNOTSUPP)
}

// beingWritten says whether some process has a file open for writing. The
// kernel grants a read lease only where nobody has. Where it grants none at all
// the answer is no.
func beingWritten(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close() // and with it goes the lease
	_, err = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	return errors.Is(err, unix.EAGAIN)
}
