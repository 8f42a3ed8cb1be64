package media

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// maxTagBytes limits the kept tags of a sound file, and maxTagValueBytes each
// value. A longer value is removed.
const (
	maxTagBytes      = 64 << 10
	maxTagValueBytes = 1 << 10
)

// The kept frames of ID3v2.2, and of ID3v2.3 and 2.4: title, artist, album, track,
// genre, length.
const (
	id3Kept22 = " TT2 TP1 TAL TRK TCO TLE "
	id3Kept23 = " TIT2 TPE1 TALB TRCK TCON TLEN "
)

// cleanID3 rewrites the ID3v2 tag at the beginning of the upload, if any, with
// the kept frames only. Further tags after it are removed.
func cleanID3(s *stream) error {
	b, err := s.head(10)
	if err != nil {
		return err
	}
	if len(b) < 10 || string(b[:3]) != "ID3" {
		return nil
	}
	head := bytes.Clone(b)
	if _, err := s.take(10); err != nil {
		return err
	}
	end := s.at + int64(syncsafe(head[6:]))
	if end > s.size {
		return damaged("it ends in the middle of its ID3 tag")
	}
	version, flags := head[3], head[5]
	var kept []byte
	// Flags (ID3v2.4.0 §3.1, and similar in other versions) announce extended headers
	// and escaped bytes. A tag with any flag except "footer" is rare; it is removed.
	if flags&^0x10 == 0 && version >= 2 && version <= 4 {
		if kept, err = id3Frames(s, version, end); err != nil {
			return err
		}
	}
	if len(kept) > 0 {
		s.put([]byte{'I', 'D', '3', version, 0, 0})
		s.put(appendSyncsafe(nil, len(kept)))
		s.put(kept)
	}
	return s.drop(end - s.at)
}

// id3Frames returns the kept frames before end, unchanged.
func id3Frames(s *stream, version byte, end int64) ([]byte, error) {
	var kept []byte
	nameBytes, headBytes, names := 4, 10, id3Kept23
	if version == 2 {
		nameBytes, headBytes, names = 3, 6, id3Kept22
	}
	for end-s.at >= int64(headBytes) {
		head, err := s.take(headBytes)
		if err != nil {
			return nil, err
		}
		head = bytes.Clone(head)
		n := id3FrameSize(head, version)
		if head[0] == 0 || n > end-s.at { // padding, or a wrong size
			break
		}
		plain := version == 2 || head[9] == 0 // neither compressed nor encrypted
		name := " " + string(head[:nameBytes]) + " "
		if !plain || !strings.Contains(names, name) || n > maxTagValueBytes || len(kept) > maxTagBytes {
			if err := s.drop(n); err != nil {
				return nil, err
			}
			continue
		}
		data, err := s.take(int(n))
		if err != nil {
			return nil, err
		}
		if version > 2 {
			head[8] = 0 // flags about changes of the file
		}
		kept = append(append(kept, head...), data...)
	}
	return kept, nil
}

// id3FrameSize returns the number of bytes after the header of a frame
// (ID3v2.2.0 §3.2, ID3v2.3.0 §3.3, ID3v2.4.0 §4).
func id3FrameSize(head []byte, version byte) int64 {
	switch version {
	case 2:
		return int64(head[3])<<16 | int64(head[4])<<8 | int64(head[5])
	case 3:
		return int64(binary.BigEndian.Uint32(head[4:]))
	}
	return int64(syncsafe(head[4:]))
}

// syncsafe reads 28 bits from the lower seven bits of four bytes (ID3v2.4.0
// §6.2).
func syncsafe(b []byte) int {
	return int(b[0]&0x7f)<<21 | int(b[1]&0x7f)<<14 | int(b[2]&0x7f)<<7 | int(b[3]&0x7f)
}

func appendSyncsafe(b []byte, n int) []byte {
	return append(b, byte(n>>21&0x7f), byte(n>>14&0x7f), byte(n>>7&0x7f), byte(n&0x7f))
}
