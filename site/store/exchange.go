package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// maxPutBacks bounds how often a file goes back that another program saved at
// the very moment of an update, and then once more each time.
const maxPutBacks = 100

// putBackPause is for a program that is in the middle of writing.
const putBackPause = time.Millisecond

// swap puts the file temp, which holds after, in the place of name if that
// still holds before; else the error is [ErrConflict]. Temp is gone then, one
// way or the other.
//
// A look before a rename would lose what an editor saves between the two. So
// the two files exchange names, and what came out is looked at: if it is not
// what went into the update, it goes back.
func (d *disk) swap(temp, name string, before, after []byte) error {
	if err := unchanged(name, before); err != nil {
		return errors.Join(err, d.remove(temp))
	}
	err := d.exchange(temp, name)
	if lacking(err) {
		err = d.renameOver(temp, name)
		if err != nil {
			err = errors.Join(err, d.remove(temp))
		}
		return err
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrConflict // removed a moment ago
	}
	if err != nil {
		return errors.Join(err, d.remove(temp))
	}
	if settled(temp, before) {
		_ = d.remove(temp) // else the next scan does it
		return nil
	}
	return d.putBack(temp, name, after)
}

// settled says whether a file holds these bytes and nobody is about to write
// others.
func settled(name string, data []byte) bool {
	return !beingWritten(name) && unchanged(name, data) == nil // in this order
}

// unchanged is [ErrConflict] if a file does not hold these bytes.
func unchanged(name string, data []byte) error {
	now, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil || !bytes.Equal(now, data) {
		return ErrConflict
	}
	return nil
}

// putBack gives name to the file that the exchange took it from. What comes out
// should be what was put there; if it is not, it was saved since, is the
// newest, and goes back in turn.
func (d *disk) putBack(temp, name string, put []byte) error {
	for range maxPutBacks {
		next, err := os.ReadFile(temp)
		if err == nil {
			err = d.exchange(temp, name)
		}
		if errors.Is(err, fs.ErrNotExist) { // another program removed the note: what it had is past
			return errors.Join(ErrConflict, d.remove(temp))
		}
		if err != nil {
			return d.spare(temp, name, err)
		}
		if settled(temp, put) {
			return errors.Join(ErrConflict, d.remove(temp))
		}
		put = next
		time.Sleep(putBackPause)
	}
	return d.spare(temp, name, ErrConflict)
}

// spare keeps what another program saved and what could not go back. No scan
// takes the file for a temporary one, or for a note.
func (d *disk) spare(temp, name string, cause error) error {
	spared := name + ".saved-" + rand.Text() + "~"
	if err := d.moveTo(temp, spared); err != nil {
		return errors.Join(cause, err)
	}
	return fmt.Errorf("%w; what another program saved to it at that moment is in %s", cause, spared)
}

// exchange has two files change their names. An error in spite of which they
// did is none.
func (d *disk) exchange(temp, name string) error {
	info, err := os.Lstat(temp)
	if err != nil {
		return err
	}
	err = d.do(Op{"exchange", temp, name}, func() error { return exchange(temp, name) })
	if now, statErr := os.Lstat(name); err != nil && statErr == nil && os.SameFile(info, now) {
		return nil
	}
	return err
}

// renameOver renames a file over another.
func (d *disk) renameOver(temp, name string) error {
	info, err := os.Lstat(temp)
	if err != nil {
		return err
	}
	err = d.do(Op{"rename", temp, name}, func() error { return os.Rename(temp, name) })
	if now, statErr := os.Lstat(name); err != nil && statErr == nil && os.SameFile(info, now) {
		return nil
	}
	return err
}
