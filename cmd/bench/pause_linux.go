package main

import (
	"syscall"
	"time"
)

// pause waits for a short time d. [time.Sleep] may take a whole millisecond: if all
// goroutines wait, the runtime waits for files and timers with epoll, which counts in
// milliseconds.
func pause(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&t, nil) // to wake early does no harm
}
