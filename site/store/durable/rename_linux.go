package durable

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

// exchange exchanges the names of two files. Both names exist at every moment.
func exchange(a, b string) error {
	return renameat2("exchange", a, b, unix.RENAME_EXCHANGE)
}

func renameat2(op, from, to string, flags uint) error {
	if err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, flags); err != nil {
		return &os.LinkError{Op: op, Old: from, New: to, Err: err}
	}
	return nil
}

// isUnsupported reports whether err means that the system or the file system does
// not support the call.
func isUnsupported(err error) bool {
	return errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EOPNOTSUPP)
}

// isOpenForWriting reports whether a process has a file open for writing: then the
// kernel grants no read lease. If a file system has no leases, the result is false.
func isOpenForWriting(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close() // which releases the lease
	_, err = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	return errors.Is(err, unix.EAGAIN)
}
