//go:build !unix

package store

import "io/fs"

// On a system without times of change and inodes, the time of the last write is used for
// both.
func stampOf(info fs.FileInfo) stamp {
	return stamp{size: info.Size(), mtime: info.ModTime().UnixNano(), ctime: info.ModTime().UnixNano()}
}
