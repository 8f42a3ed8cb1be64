package media

import (
	"bufio"
	"errors"
	"io"
)

// bufferBytes is the size of the buffer. It is not less than a JPEG segment or
// an Ogg page, the largest units that are read as a whole.
const bufferBytes = 64 << 10

// A stream is an upload that is being cleaned. It has the bytes that are left
// to read and the output. Errors of writing are returned at the end, by
// out.Flush, or earlier by keep, so that it does not copy in vain.
type stream struct {
	section *io.SectionReader
	in      *bufio.Reader
	out     *bufio.Writer
	at      int64 // offset of the next byte
	size    int64 // of the upload

	measuring bool  // count the bytes in written, and write nothing
	written   int64 // while measuring
}

func (s *stream) left() int64 { return s.size - s.at }

// head returns the next n bytes, or fewer at the end, and does not move. They
// are valid until the next call.
func (s *stream) head(n int) ([]byte, error) {
	b, err := s.in.Peek(n)
	if err == io.EOF {
		err = nil
	}
	return b, err
}

// peek returns the next n bytes and does not move. They are valid until the
// next call.
func (s *stream) peek(n int) ([]byte, error) {
	b, err := s.in.Peek(n)
	if err != nil {
		return nil, readError(err)
	}
	return b, nil
}

// take returns the next n bytes and moves past them. They are valid until the
// next call.
func (s *stream) take(n int) ([]byte, error) {
	b, err := s.peek(n)
	if err != nil {
		return nil, err
	}
	s.at += int64(n)
	_, err = s.in.Discard(n)
	return b, err
}

// some returns between one and n bytes, n > 0, and moves past them.
func (s *stream) some(n int64) ([]byte, error) {
	if s.in.Buffered() == 0 {
		if _, err := s.peek(1); err != nil {
			return nil, err
		}
	}
	return s.take(int(min(n, int64(s.in.Buffered()))))
}

// drop skips the next n bytes.
func (s *stream) drop(n int64) error {
	if n < 0 || n > s.left() {
		return readError(io.ErrUnexpectedEOF)
	}
	s.at += n
	if n <= int64(s.in.Buffered()) {
		_, err := s.in.Discard(int(n))
		return err
	}
	return s.seek(s.at)
}

// seek moves to an offset.
func (s *stream) seek(at int64) error {
	s.at = at
	_, err := s.section.Seek(at, io.SeekStart)
	s.in.Reset(s.section)
	return err
}

// read returns a copy of n bytes at an offset, and does not move.
func (s *stream) read(at int64, n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := s.section.ReadAt(b, at); err != nil {
		return nil, readError(err)
	}
	return b, nil
}

// put writes b.
func (s *stream) put(b []byte) {
	if s.measuring {
		s.written += int64(len(b))
		return
	}
	s.out.Write(b)
}

// keep copies the next n bytes.
func (s *stream) keep(n int64) error {
	if n < 0 || n > s.left() {
		return readError(io.ErrUnexpectedEOF)
	}
	if s.measuring {
		s.written += n
		return s.drop(n)
	}
	for n > 0 {
		b, err := s.some(n)
		if err != nil {
			return err
		}
		if _, err := s.out.Write(b); err != nil {
			return err
		}
		n -= int64(len(b))
	}
	return nil
}

// zero writes n zeros.
func (s *stream) zero(n int64) {
	block := make([]byte, min(max(n, 0), 4096))
	for ; n > 0; n -= int64(len(block)) {
		s.put(block[:min(n, int64(len(block)))])
	}
}

// measure returns the number of bytes that write would write, and moves back to
// the beginning.
func (s *stream) measure(write func() error) (int64, error) {
	at, measuring, written := s.at, s.measuring, s.written
	s.measuring, s.written = true, 0
	err := write()
	n := s.written
	s.measuring, s.written = measuring, written
	if err != nil {
		return 0, err
	}
	return n, s.seek(at)
}

// readError returns an error that separates a truncated file from a failure to
// read.
func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return damaged("it ends in the middle")
	}
	return err
}
