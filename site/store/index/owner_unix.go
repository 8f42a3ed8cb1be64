//go:build unix

package index

import (
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// ownerOf returns the user and the group that a file belongs to.
func ownerOf(info fs.FileInfo) string {
	sys, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "an unknown user"
	}
	group := strconv.Itoa(int(sys.Gid))
	if g, err := user.LookupGroupId(group); err == nil {
		group = g.Name
	}
	return userName(int(sys.Uid)) + ", group " + group
}

// isOwner reports whether a file belongs to the user of this process.
func isOwner(info fs.FileInfo) bool {
	sys, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(sys.Uid) == os.Geteuid()
}

// processUser returns the name of the user of this process.
func processUser() string { return userName(os.Geteuid()) }

func userName(id int) string {
	number := strconv.Itoa(id)
	if u, err := user.LookupId(number); err == nil {
		return u.Username
	}
	return "user " + number
}
