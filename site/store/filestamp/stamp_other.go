//go:build !unix

package filestamp

import "io/fs"

// Of returns the stamp of a file. This system has no times of change and no inodes: the
// time of the last write is used instead.
func Of(info fs.FileInfo) Stamp {
	return Stamp{Size: info.Size(), Mtime: info.ModTime().UnixNano(), Ctime: info.ModTime().UnixNano()}
}
