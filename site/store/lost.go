package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"zombiezen.com/go/sqlite"
)

// errLost is why nothing is written to an index any more.
var errLost = errors.New("the index was deleted or replaced while it was in use, and is made again from the files")

// An indexFile is the file of the index that is open, as far as can be told
// without SQLite. Its methods may be called by several goroutines at once.
type indexFile struct {
	info fs.FileInfo
	size atomic.Int64 // the largest that was seen: it never shrinks

	once sync.Once
	lost chan struct{} // closed when it is
}

// opened takes the file of this name for the one that is open.
func (f *indexFile) opened(name string) (err error) {
	f.info, err = os.Stat(name)
	return err
}

// lose says that the index can't be used any more. The first time it returns
// true.
func (f *indexFile) lose() (first bool) {
	f.once.Do(func() {
		first = true
		close(f.lost)
	})
	return first
}

// Lost returns a channel that is closed when the index can't be used any more,
// since it was found damaged, deleted or replaced. Nothing is written to it from
// then on. Who closes the Store and opens another has it made again.
func (s *Store) Lost() <-chan struct{} { return s.index.lost }

// LookAtIndex finds out whether the index is still there, which else is found
// out when it is written to. It costs no more than a look at its file.
func (s *Store) LookAtIndex() { _ = s.checkIndex() } // which has closed Lost, if it is not

// checkIndex is an error if the file of the index is not the one that was
// opened, or was cut: SQLite would go on with what it remembers of it.
func (s *Store) checkIndex() error {
	select {
	case <-s.index.lost:
		return errLost
	default:
	}
	before := s.index.size.Load()
	info, err := os.Stat(s.cfg.Index)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !os.SameFile(info, s.index.info):
		if s.index.lose() {
			s.log.Error(errLost.Error(), "index", s.cfg.Index)
		}
		return errLost
	case err != nil:
		return nil // SQLite will say
	case info.Size() < before:
		err := fmt.Errorf("index: it was cut from %d to %d bytes: %w", before, info.Size(), sqlite.ResultCorrupt.ToError())
		s.condemn(err)
		return err
	}
	s.index.size.Store(info.Size())
	return nil
}
