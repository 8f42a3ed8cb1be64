package media

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Type is the type of a file by its content.
type Type struct {
	MIME string // such as "image/jpeg"
	Ext  string // the usual extension, without a dot, such as "jpg"
}

// The two reasons for which an upload is refused; test with [errors.Is].
var (
	ErrNotAccepted = errors.New("media type is not accepted")
	ErrDamaged     = errors.New("media file is damaged")
)

// An Error is the reason for which an upload is refused. Any other error of
// [Clean] is a failure to read or write and implies nothing about the file.
type Error struct {
	Kind     error  // ErrNotAccepted or ErrDamaged
	Sentence string // for the person who sent the file
}

func (e *Error) Error() string { return e.Kind.Error() + ": " + e.Sentence }

func (e *Error) Unwrap() error { return e.Kind }

func notAccepted(sentence string) error { return &Error{ErrNotAccepted, sentence} }

// damaged returns the error for a file with a valid beginning and a mistake.
func damaged(format string, args ...any) error {
	return &Error{ErrDamaged, "The file is damaged: " + fmt.Sprintf(format, args...) + "."}
}

// tooManyParts returns the error for a file that would take much time or memory
// without a reason.
func tooManyParts() error { return damaged("it consists of too many parts") }

const sendOther = "Send JPEG, PNG, GIF, WebP, MP4, MOV, WebM, MP3, M4A or Ogg (Vorbis or Opus)."

// Clean copies the first size bytes of src, an upload, to dst and returns its
// type. It removes all data about the place, time, device and owner of the
// recording. After an error, the caller must discard the data in dst.
//
// The error is an [Error] of kind [ErrNotAccepted] for a file of any type
// except JPEG, PNG, GIF, WebP, MP4, MOV, M4A, WebM, MP3 and Ogg with Vorbis or
// Opus. It is of kind [ErrDamaged] for a file that begins like one of these
// types and has a mistake.
func Clean(dst io.Writer, src io.ReaderAt, size int64) (Type, error) {
	s := newStream(dst, src, size)
	typ, err := s.clean()
	if err == nil {
		err = s.out.Flush()
	}
	if refusal := (*Error)(nil); err != nil && !errors.As(err, &refusal) {
		err = fmt.Errorf("clean upload: %w", err)
	}
	if err != nil {
		return Type{}, err
	}
	return typ, nil
}

// clean determines the type by the first bytes and cleans the file.
func (s *stream) clean() (Type, error) {
	first, err := s.head(12)
	if err != nil {
		return Type{}, err
	}
	head := string(first)
	starts := func(at int, magic string) bool {
		return len(head) >= at+len(magic) && head[at:at+len(magic)] == magic
	}
	switch {
	case starts(0, "\xff\xd8\xff"):
		return Type{"image/jpeg", "jpg"}, cleanJPEG(s)
	case starts(0, pngSignature):
		return Type{"image/png", "png"}, cleanPNG(s)
	case starts(0, "GIF87a"), starts(0, "GIF89a"):
		return Type{"image/gif", "gif"}, cleanGIF(s)
	case starts(0, "RIFF") && starts(8, "WEBP"):
		return Type{"image/webp", "webp"}, cleanWebP(s)
	case len(head) >= 8 && strings.Contains(" ftyp wide mdat moov free skip ", " "+head[4:8]+" "):
		return cleanISOBMFF(s)
	case starts(0, "\x1a\x45\xdf\xa3"):
		return Type{"video/webm", "webm"}, cleanWebM(s)
	case starts(0, "OggS"):
		return Type{"audio/ogg", "ogg"}, cleanOgg(s)
	case starts(0, "ID3"), isMP3Header(head):
		return Type{"audio/mpeg", "mp3"}, cleanMP3(s)
	}
	return Type{}, notAccepted("This type of file is not accepted. " + sendOther)
}

// newStream returns a stream at the first of the size bytes of src.
func newStream(dst io.Writer, src io.ReaderAt, size int64) *stream {
	section := io.NewSectionReader(src, 0, size)
	return &stream{
		section: section,
		in:      bufio.NewReaderSize(section, bufferBytes),
		out:     bufio.NewWriterSize(dst, bufferBytes),
		size:    size,
	}
}
