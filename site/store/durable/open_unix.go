//go:build unix

package durable

import "syscall"

// NoFollowNoWait is a flag of [os.OpenFile]: a symbolic link is not followed, and a
// pipe without another end is not waited for.
const NoFollowNoWait = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
