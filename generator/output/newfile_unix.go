//go:build unix

package output

import (
	"bytes"
	"io"
	"syscall"
)

// Pages are written and compared without an [os.File]: the runtime tries to add
// each one to its poller, which takes no regular files.

const (
	maxWrite = 1 << 30  // bytes of one call: some systems take no 2 GiB
	readSize = 16 << 10 // bytes of one call: most pages are smaller
)

// writeNew makes a file with these bytes. It fails if there is a file of that name.
func writeNew(name string, data []byte) (err error) {
	fd, err := open(name, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_EXCL|syscall.O_CLOEXEC)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := syscall.Close(fd); err == nil {
			err = closeErr
		}
	}()
	for len(data) > 0 {
		n, err := syscall.Write(fd, data[:min(len(data), maxWrite)])
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return io.ErrShortWrite
		}
		data = data[n:]
	}
	return nil
}

// hasBytes reports whether a regular file has exactly these bytes. A symbolic link
// is not followed.
func hasBytes(name string, data []byte) (bool, error) {
	fd, err := open(name, syscall.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|syscall.O_CLOEXEC)
	if err != nil {
		return false, err
	}
	defer func() { _ = syscall.Close(fd) }() // nothing was written to it
	var buffer [readSize]byte
	for {
		n, err := syscall.Read(fd, buffer[:])
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return false, err
		case n == 0:
			return len(data) == 0, nil
		case n > len(data) || !bytes.Equal(buffer[:n], data[:n]):
			return false, nil
		case n == len(data) && n < readSize:
			return true, nil // a file gives fewer bytes than requested at its end alone
		default:
			data = data[n:]
		}
	}
}

func open(name string, flags int) (fd int, err error) {
	for {
		fd, err = syscall.Open(name, flags, 0o666)
		if err != syscall.EINTR {
			return fd, err
		}
	}
}

// rename replaces a file. [os.Rename] would look first whether a folder is there:
// the call itself reports that.
func rename(from, to string) error {
	for {
		err := syscall.Rename(from, to)
		if err != syscall.EINTR {
			return err
		}
	}
}
