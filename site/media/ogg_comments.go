package media

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
)

// commentsKept are the names of the kept comments, in capitals.
var commentsKept = []string{"TITLE", "ARTIST", "ALBUM", "TRACKNUMBER", "GENRE"}

// maxComments is the largest number of comments in a header. A song has about
// ten.
const maxComments = 1 << 16

// cleanComments reads a comment header (Vorbis I §5.2.1, RFC 7845 §5.2), which
// begins with magic. It returns the header with the kept comments, and without
// the name of the program and the padding.
func cleanComments(packet io.Reader, magic string) ([]byte, error) {
	r := bufio.NewReader(packet)
	kept, err := keptComments(r, magic)
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = damaged("the comment header of the Ogg file is malformed")
	}
	if err != nil {
		return nil, err
	}
	header := append([]byte(magic), 0, 0, 0, 0) // the vendor's name is empty
	header = binary.LittleEndian.AppendUint32(header, uint32(len(kept)))
	for _, comment := range kept {
		header = binary.LittleEndian.AppendUint32(header, uint32(len(comment)))
		header = append(header, comment...)
	}
	if magic == vorbisComments {
		header = append(header, 1) // framing bit
	}
	return header, nil
}

// keptComments reads the header up to the last comment and returns the kept
// comments.
func keptComments(r io.Reader, magic string) ([][]byte, error) {
	begin := make([]byte, len(magic))
	if _, err := io.ReadFull(r, begin); err != nil {
		return nil, err
	}
	if string(begin) != magic {
		return nil, io.ErrUnexpectedEOF
	}
	if _, err := commentOrSkip(r, 0); err != nil { // the vendor
		return nil, err
	}
	var count uint32
	if err := binary.Read(r, binary.LittleEndian, &count); err != nil {
		return nil, err
	}
	if count > maxComments {
		return nil, tooManyParts()
	}
	var kept [][]byte
	total := 0
	for range count {
		comment, err := commentOrSkip(r, maxTagValueBytes)
		if err != nil {
			return nil, err
		}
		name, _, _ := bytes.Cut(comment, []byte("="))
		if total < maxTagBytes && slices.Contains(commentsKept, strings.ToUpper(string(name))) {
			kept = append(kept, comment)
			total += len(comment)
		}
	}
	return kept, nil
}

// commentOrSkip reads a length and as many bytes. It skips more than limit
// bytes and returns nil.
func commentOrSkip(r io.Reader, limit uint32) ([]byte, error) {
	var n uint32
	if err := binary.Read(r, binary.LittleEndian, &n); err != nil {
		return nil, err
	}
	if n > limit {
		_, err := io.CopyN(io.Discard, r, int64(n))
		return nil, err
	}
	comment := make([]byte, n)
	_, err := io.ReadFull(r, comment)
	return comment, err
}
