package store

import (
	"golang.org/x/sys/unix"
)

// A folder is open, so that its files are found by their names alone. It is not
// [os.Root], which makes several objects for each look.
type folder struct{ fd int }

func openFolder(name string) (*folder, error) {
	for {
		fd, err := unix.Open(name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != unix.EINTR {
			return &folder{fd}, err
		}
	}
}

func (f *folder) close() { _ = unix.Close(f.fd) } // nothing was written

// stamp returns the stamp of a file, also of a link.
func (f *folder) stamp(name string) (stamp, error) {
	var st unix.Stat_t
	for {
		err := unix.Fstatat(f.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW)
		if err != unix.EINTR {
			return stamp{st.Size, st.Mtim.Nano(), st.Ctim.Nano(), int64(st.Ino)}, err
		}
	}
}
