package filestamp

import "time"

// A Stamp has the attributes of a file that change with its bytes. Times are in
// nanoseconds since the Unix epoch.
type Stamp struct {
	Size, Mtime, Ctime, Inode int64
}

// Delay is the time after a change from which on the stamp of a file proves that it is
// unchanged: file systems keep time in steps.
const Delay = 2 * time.Second
