package filestamp

import (
	"golang.org/x/sys/unix"
)

// A Folder is an open folder, so that its files are found by their names. It is not
// [os.Root], which makes several objects for each file.
type Folder struct{ fd int }

// OpenFolder opens a folder. The caller closes it.
func OpenFolder(name string) (*Folder, error) {
	for {
		fd, err := unix.Open(name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != unix.EINTR {
			return &Folder{fd}, err
		}
	}
}

// Close closes the folder.
func (f *Folder) Close() { _ = unix.Close(f.fd) } // nothing was written

// Stamp returns the stamp of a file, also of a link.
func (f *Folder) Stamp(name string) (Stamp, error) {
	var st unix.Stat_t
	for {
		err := unix.Fstatat(f.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW)
		if err != unix.EINTR {
			return Stamp{st.Size, st.Mtim.Nano(), st.Ctim.Nano(), int64(st.Ino)}, err
		}
	}
}
