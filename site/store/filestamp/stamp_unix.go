//go:build unix

package filestamp

import (
	"io/fs"
	"syscall"
)

// Of returns the stamp of a file.
func Of(info fs.FileInfo) Stamp {
	st := Stamp{Size: info.Size(), Mtime: info.ModTime().UnixNano()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		st.Ctime, st.Inode = changeTime(sys), int64(sys.Ino)
	}
	return st
}
