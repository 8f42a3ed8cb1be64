package content

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"

	"starpunk/site"
	"starpunk/site/store/durable"
)

// A Hash is the SHA-256 of a note's file as it was read.
type Hash [sha256.Size]byte

// Read reads the note in a file, as it is now, with the bytes of the file. If the file can't
// be read as a note, the error is a [*site.SyntaxError].
func (f *Folder) Read(file string) (data []byte, n *site.Note, err error) {
	name := f.Path(file)
	info, err := os.Lstat(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read note: %w", err)
	}
	data, problem, err := ReadNote(name, info)
	if err != nil {
		return nil, nil, fmt.Errorf("read note: %w", err)
	}
	if problem != "" {
		return nil, nil, &site.SyntaxError{File: "content/" + file, Line: 1, Msg: problem}
	}
	n, err = site.Parse(file, data, f.cfg.Location)
	return data, n, err
}

// ReadNote reads a regular file that is not too large for a note. For other files it
// returns a problem.
func ReadNote(name string, info fs.FileInfo) (data []byte, problem string, err error) {
	if problem := durable.Irregular(info.Mode()); problem != "" {
		return nil, problem, nil
	}
	if info.Size() > site.MaxNoteBytes {
		return nil, fmt.Sprintf("larger than %d MiB, too large for a note", site.MaxNoteBytes>>20), nil
	}
	data, err = durable.ReadRegular(name, site.MaxNoteBytes)
	if os.IsPermission(err) {
		return nil, durable.Unreadable(err), nil
	}
	return data, "", err
}
