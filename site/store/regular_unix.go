//go:build unix

package store

import "syscall"

const neitherFollowNorWait = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
