package durable

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// ErrConflict means that another program changed a file while it was updated.
var ErrConflict = errors.New("the file kept changing while it was updated")

// maxRestores bounds how often a file is restored that another program saved at
// the moment of an update, and then saved again each time.
const maxRestores = 100

// restorePause lets a program finish that is writing a file.
const restorePause = time.Millisecond

// Replace gives the file temp, whose bytes are after, the name of a file whose bytes
// are before. If name does not have these bytes, the error is [ErrConflict]. In
// both cases temp does not exist afterwards.
//
// A check before a rename would lose the bytes that an editor saves between the
// two. So the two files exchange names, and the file that the exchange returns is
// checked: if it does not have the bytes before, it is restored.
func (d *Disk) Replace(temp, name string, before, after []byte) error {
	if err := checkBytes(name, before); err != nil {
		return errors.Join(err, d.Remove(temp))
	}
	err := d.exchange(temp, name)
	if isUnsupported(err) {
		err = d.renameOver(temp, name)
		if err != nil {
			err = errors.Join(err, d.Remove(temp))
		}
		return err
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrConflict // another program removed it a moment ago
	}
	if err != nil {
		return errors.Join(err, d.Remove(temp))
	}
	if isFinal(temp, before) {
		_ = d.Remove(temp) // if it fails, the next scan removes the file
		return nil
	}
	return d.restore(temp, name, after)
}

// isFinal reports whether a file has these bytes and no process has it open for
// writing.
func isFinal(name string, data []byte) bool {
	return !isOpenForWriting(name) && checkBytes(name, data) == nil // in this order
}

// checkBytes returns [ErrConflict] if a file does not have these bytes.
func checkBytes(name string, data []byte) error {
	now, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil || !bytes.Equal(now, data) {
		return ErrConflict
	}
	return nil
}

// restore gives name back to the file that an exchange took it from, and returns
// [ErrConflict]. put has the bytes that the exchange gave to name. If the second
// exchange returns a file with other bytes, another program saved it in between: it
// is the newest, and is restored in turn.
func (d *Disk) restore(temp, name string, put []byte) error {
	for range maxRestores {
		next, err := os.ReadFile(temp)
		if err == nil {
			err = d.exchange(temp, name)
		}
		if errors.Is(err, fs.ErrNotExist) { // another program removed the file: its older bytes are not needed
			return errors.Join(ErrConflict, d.Remove(temp))
		}
		if err != nil {
			return d.saveBeside(temp, name, err)
		}
		if isFinal(temp, put) {
			return errors.Join(ErrConflict, d.Remove(temp))
		}
		put = next
		time.Sleep(restorePause)
	}
	return d.saveBeside(temp, name, ErrConflict)
}

// saveBeside keeps a file that another program saved and that could not be
// restored, under a name that is neither temporary nor a note's.
func (d *Disk) saveBeside(temp, name string, cause error) error {
	saved := name + ".saved-" + rand.Text() + "~"
	if err := d.MoveTo(temp, saved); err != nil {
		return errors.Join(cause, err)
	}
	return fmt.Errorf("%w; the text that another program saved to it at that moment is in %s", cause, saved)
}

// exchange exchanges the names of two files. An exchange that took effect in spite
// of an error counts as done.
func (d *Disk) exchange(temp, name string) error {
	info, err := os.Lstat(temp)
	if err != nil {
		return err
	}
	err = d.Do(Op{"exchange", temp, name}, func() error { return exchange(temp, name) })
	if now, statErr := os.Lstat(name); err != nil && statErr == nil && os.SameFile(info, now) {
		return nil
	}
	return err
}

// renameOver renames a file over another.
func (d *Disk) renameOver(temp, name string) error {
	info, err := os.Lstat(temp)
	if err != nil {
		return err
	}
	err = d.Do(Op{"rename", temp, name}, func() error { return os.Rename(temp, name) })
	if now, statErr := os.Lstat(name); err != nil && statErr == nil && os.SameFile(info, now) {
		return nil
	}
	return err
}
