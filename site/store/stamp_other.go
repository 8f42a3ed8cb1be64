//go:build !unix

package store

import "io/fs"

// Where the system keeps no time of change and no inode, the time of the last
// write stands for both.
func stampOf(info fs.FileInfo) stamp {
	return stamp{size: info.Size(), mtime: info.ModTime().UnixNano(), ctime: info.ModTime().UnixNano()}
}
