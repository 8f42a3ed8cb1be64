// Package filelock has locks of the kernel on files. The kernel releases a lock when
// the process that holds it ends, in whatever way.
//
// The package has no names of locks, and no order between them: the caller has both.
package filelock
