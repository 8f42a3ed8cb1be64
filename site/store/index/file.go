package index

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"zombiezen.com/go/sqlite"
)

// errLost is the reason why an index is not written any more.
var errLost = errors.New("the index was deleted or replaced while it was in use, and is made again from the files")

// An openFile is the file of an open index, as far as it can be examined without
// SQLite. Several goroutines may use it at once.
type openFile struct {
	info fs.FileInfo
	size atomic.Int64 // the largest that was seen: the file never shrinks

	once sync.Once
	lost chan struct{} // closed when the index is lost
}

// setOpened records which file has the name of the index.
func (f *openFile) setOpened(name string) (err error) {
	f.info, err = os.Stat(name)
	return err
}

// lose records that the index can't be used any more. It returns true the first time.
func (f *openFile) lose() (first bool) {
	f.once.Do(func() {
		first = true
		close(f.lost)
	})
	return first
}

// Lost returns a channel that is closed when the index can't be used any more, because
// it was found damaged, deleted or replaced. It is not written from then on. The next
// Open makes it again.
func (x *Index) Lost() <-chan struct{} { return x.file.lost }

// Check returns an error if the file of the index is not the one that was opened, or
// was truncated: SQLite would continue with the pages that it has in memory. It costs one
// look at the file.
func (x *Index) Check() error {
	select {
	case <-x.file.lost:
		return errLost
	default:
	}
	before := x.file.size.Load()
	info, err := os.Stat(x.o.File)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !os.SameFile(info, x.file.info):
		if x.file.lose() {
			x.o.Log.Error(errLost.Error(), "index", x.o.File)
		}
		return errLost
	case err != nil:
		return nil // SQLite will report it
	case info.Size() < before:
		err := fmt.Errorf("index: it was cut from %d to %d bytes: %w", before, info.Size(), sqlite.ResultCorrupt.ToError())
		x.condemn(err)
		return err
	}
	x.file.size.Store(info.Size())
	return nil
}
