package media

import (
	"bytes"
	"encoding/binary"
)

// Flags of the VP8X chunk (WebP Container Specification, "Extended File Format").
const (
	webpXMP  = 0x04
	webpEXIF = 0x08
)

// A webpCleaner copies a WebP file chunk by chunk.
type webpCleaner struct {
	*stream
	begin, end  int64 // of the chunks in the upload
	picture     bool  // whether it was copied
	exifSeen    bool
	orientation byte // 0 before the EXIF chunk
}

// cleanWebP keeps the chunks that show the picture, and the orientation. The
// flags and sizes at the beginning depend on the kept chunks. So the file is
// processed twice: to measure it, and to write it.
func cleanWebP(s *stream) error {
	b, err := s.take(12)
	if err != nil {
		return err
	}
	w := &webpCleaner{stream: s, begin: s.at, end: int64(binary.LittleEndian.Uint32(b[4:])) + 8}
	if w.end > s.size {
		return damaged("it is shorter than the length in the WebP header")
	}
	n, err := w.measure(w.chunks)
	if err != nil {
		return err
	}
	s.put([]byte("RIFF"))
	s.put(binary.LittleEndian.AppendUint32(nil, uint32(4+n)))
	s.put([]byte("WEBP"))
	return w.chunks()
}

// chunks copies the parts of the file: one chunk of the simple format, or all
// known chunks of the extended format, which begins with VP8X.
func (w *webpCleaner) chunks() error {
	first, err := w.peek(4)
	if err != nil {
		return err
	}
	name := string(first)
	extended := name == "VP8X"
	if !extended && name != "VP8 " && name != "VP8L" {
		return damaged("the WebP file does not begin with a picture")
	}
	w.picture, w.exifSeen = false, false
	for w.end-w.at >= 8 && (extended || !w.picture) {
		if err := w.chunk(w.end); err != nil {
			return err
		}
	}
	if !w.picture {
		return damaged("the WebP file has no picture")
	}
	return nil
}

// chunk copies or skips a chunk, which must not extend beyond end.
func (w *webpCleaner) chunk(end int64) error {
	at := w.at
	b, err := w.take(8)
	if err != nil {
		return err
	}
	name, n := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
	if n > end-w.at {
		return damaged("it ends in the middle of the WebP chunk %q", name)
	}
	next := min(w.at+n+n&1, end) // chunks are padded to an even size
	switch {
	case name == "VP8X" && at == w.begin:
		err = w.header(n)
	case name == "ANMF":
		err = w.frame(n)
	case name == "VP8 " || name == "VP8L":
		w.picture = true
		err = w.keepChunk(name, n)
	case name == "ICCP" || name == "ANIM" || name == "ALPH":
		err = w.keepChunk(name, n)
	case name == "EXIF":
		err = w.exif(n)
	}
	if err != nil {
		return err
	}
	return w.drop(next - w.at)
}

func (w *webpCleaner) putHead(name string, n int64) {
	w.put([]byte(name))
	w.put(binary.LittleEndian.AppendUint32(nil, uint32(n)))
}

func (w *webpCleaner) keepChunk(name string, n int64) error {
	w.putHead(name, n)
	if err := w.keep(n); err != nil {
		return err
	}
	w.zero(n & 1)
	return nil
}

// header writes VP8X with the flags of the kept chunks.
func (w *webpCleaner) header(n int64) error {
	if n != 10 {
		return damaged("the WebP chunk \"VP8X\" has the wrong size")
	}
	b, err := w.take(10)
	if err != nil {
		return err
	}
	fields := bytes.Clone(b)
	fields[0] &^= webpXMP | webpEXIF
	if w.orientation > 1 {
		fields[0] |= webpEXIF
	}
	w.putHead("VP8X", n)
	w.put(fields)
	return nil
}

// frame copies a frame of an animation: a chunk that has a header of 16 bytes
// and more chunks.
func (w *webpCleaner) frame(n int64) error {
	end := w.at + n
	body := func() error {
		if err := w.keep(16); err != nil {
			return err
		}
		for end-w.at >= 8 {
			b, err := w.peek(4)
			if err != nil {
				return err
			}
			if name := string(b); name == "ANMF" || name == "EXIF" {
				return damaged("a frame of the WebP file contains the chunk %q", name)
			}
			if err := w.chunk(end); err != nil {
				return err
			}
		}
		return nil
	}
	if n < 16 {
		return damaged("a frame of the WebP file is malformed")
	}
	size, err := w.measure(body)
	if err != nil {
		return err
	}
	w.putHead("ANMF", size)
	return body()
}

// exif writes the orientation alone, if the first chunk of EXIF data has one
// other than upright.
func (w *webpCleaner) exif(n int64) error {
	if w.exifSeen {
		return nil
	}
	w.exifSeen = true
	b, err := w.peek(int(min(n, maxExifBytes)))
	if err != nil {
		return err
	}
	w.orientation = orientation(bytes.TrimPrefix(b, []byte(exifPrefix))) // some programs write the prefix of JPEG
	if w.orientation > 1 {
		data := orientationOnly(w.orientation)
		w.putHead("EXIF", int64(len(data)))
		w.put(data)
	}
	return nil
}
