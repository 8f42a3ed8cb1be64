package media

import (
	"bytes"
	"encoding/binary"
)

// chainFrames is the number of consecutive MPEG frames after which bytes count
// as sound. Two bytes of synchronisation occur in any noise.
const chainFrames = 3

// sameStream has the bits of a frame header that are equal in all frames of a
// file: synchronisation, version, layer and sampling rate (ISO 11172-3,
// 2.4.1.3).
const sameStream = 0xfffe0c00

// cleanMP3 keeps frames of sound, and a few frames of an ID3v2 tag before them.
// It removes all data between and after the frames: ID3v1, APE and Lyrics3
// tags, the tags of concatenated files, and a truncated last frame.
func cleanMP3(s *stream) error {
	if err := cleanID3(s); err != nil {
		return err
	}
	stream, err := findMP3(s, 0)
	if err != nil {
		return err
	}
	if stream == 0 {
		return notAccepted("There is no MP3 sound in the file. " + sendOther)
	}
	for stream != 0 {
		b, err := s.head(4)
		if err != nil {
			return err
		}
		header, n := mp3Frame(b)
		switch {
		case n == 0 || header&sameStream != stream:
			stream, err = findMP3(s, stream)
		case int64(n) > s.left():
			return nil
		default:
			err = s.keep(int64(n))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// findMP3 moves to the next chain of frames, of the given stream unless that is
// 0. It returns the common bits of its headers; 0 if there is none.
func findMP3(s *stream, stream uint32) (uint32, error) {
	for s.left() > 0 {
		b, err := s.head(chainFrames * maxMP3Frame)
		if err != nil {
			return 0, err
		}
		if header := mp3Chain(b); header != 0 && (stream == 0 || stream == header) {
			return header, nil
		}
		next := 1 + bytes.IndexByte(b[1:], 0xff)
		if next == 0 {
			next = len(b)
		}
		if err := s.drop(int64(next)); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// mp3Chain returns the common bits of the headers of the frames at the
// beginning of b, or 0 if there are too few frames.
func mp3Chain(b []byte) uint32 {
	first, _ := mp3Frame(b)
	for range chainFrames {
		header, n := mp3Frame(b)
		if n == 0 || n > len(b) || (header^first)&sameStream != 0 {
			return 0
		}
		b = b[n:]
	}
	return first & sameStream
}

// maxMP3Frame is the largest size that mp3Frame returns.
const maxMP3Frame = 144*320000/32000 + 1

// mp3Frame reads the header of a frame of MPEG layer III and returns it with
// the size of the frame; 0, 0 if b does not begin with one. It does not support
// "free" bit rates, for which the header does not contain the size.
func mp3Frame(b []byte) (header uint32, size int) {
	if len(b) < 4 {
		return 0, 0
	}
	header = binary.BigEndian.Uint32(b)
	version, layer := header>>19&3, header>>17&3
	rate, frequency := header>>12&15, header>>10&3
	if header>>21 != 0x7ff || version == 1 || layer != 1 || rate == 0 || rate == 15 || frequency == 3 {
		return 0, 0
	}
	hertz := [...]int{44100, 48000, 32000}[frequency]
	padding := int(header >> 9 & 1)
	if version == 3 { // MPEG-1
		kbits := [...]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}[rate]
		return header, 144*1000*kbits/hertz + padding
	}
	hertz /= 2 // MPEG-2
	if version == 0 {
		hertz /= 2 // "MPEG-2.5"
	}
	kbits := [...]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}[rate]
	return header, 72*1000*kbits/hertz + padding
}

// isMP3Header reports whether a file without an ID3v2 tag may be sound.
func isMP3Header(head string) bool {
	_, n := mp3Frame([]byte(head))
	return n > 0
}
