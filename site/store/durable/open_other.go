//go:build !unix

package durable

// NoFollowNoWait is a flag of [os.OpenFile], without effect on this system: its
// file systems have no pipes.
const NoFollowNoWait = 0
