package media

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// Markers of a JPEG file (ITU-T T.81, table B.1).
const (
	markerSOF0 = 0xc0 // baseline
	markerSOF2 = 0xc2 // progressive
	markerDHT  = 0xc4
	markerJPG  = 0xc8 // reserved
	markerDAC  = 0xcc
	markerSOFF = 0xcf
	markerRST0 = 0xd0
	markerRST7 = 0xd7
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerDQT  = 0xdb
	markerDRI  = 0xdd
	markerAPP0 = 0xe0
	markerAPP1 = 0xe1
	markerAPP2 = 0xe2
	markerAPPE = 0xee
)

const exifPrefix = "Exif\x00\x00" // Exif 2.32, 4.7.2

// A jpegCleaner copies a JPEG file segment by segment.
type jpegCleaner struct {
	*stream
	frame, scan, jfif, exif, adobe bool // whether such a segment was processed
}

// cleanJPEG keeps the tables and scans of the picture, the JFIF header without
// its thumbnail, ICC profiles, Adobe's colour transform, and the orientation.
// The file ends at its EOI marker. The pictures of an MPF file, gain maps and
// the video of a "motion photo" come after it and are removed.
func cleanJPEG(s *stream) error {
	j := &jpegCleaner{stream: s}
	if _, err := j.take(2); err != nil {
		return err
	}
	j.put([]byte{0xff, markerSOI})
	for {
		marker, err := j.marker()
		if err != nil {
			return err
		}
		if marker == markerEOI {
			break
		}
		if err := j.segment(marker); err != nil {
			return err
		}
	}
	if !j.scan {
		return damaged("the JPEG file has no picture")
	}
	j.put([]byte{0xff, markerEOI})
	return nil
}

// marker moves to the next marker, past fill bytes and bytes outside of
// segments, and returns it.
func (j *jpegCleaner) marker() (byte, error) {
	for {
		b, err := j.take(1)
		if err != nil {
			return 0, err
		}
		if b[0] != 0xff {
			continue
		}
		for b[0] == 0xff {
			if b, err = j.take(1); err != nil {
				return 0, err
			}
		}
		if b[0] > 1 && (b[0] < markerRST0 || b[0] > markerRST7) { // 1 is TEM, which has no segment
			return b[0], nil
		}
	}
}

// segment copies, changes or removes a segment. Its two bytes of length are
// included in the length.
func (j *jpegCleaner) segment(marker byte) error {
	b, err := j.take(2)
	if err != nil {
		return err
	}
	n := int(binary.BigEndian.Uint16(b)) - 2
	if n < 0 || marker == markerSOI {
		return damaged("a JPEG segment is malformed")
	}
	data, err := j.take(n)
	if err != nil {
		return err
	}
	switch marker {
	case markerAPP0, markerAPP1, markerAPP2, markerAPPE:
		j.application(marker, data)
		return nil
	case markerDHT, markerDQT, markerDRI:
		return j.table(marker, data)
	case markerSOS:
		return j.scanData(data)
	}
	if marker >= markerSOF0 && marker <= markerSOFF && marker != markerJPG && marker != markerDAC {
		return j.frameHeader(marker, data)
	}
	return nil
}

func (j *jpegCleaner) putSegment(marker byte, data []byte) {
	j.put(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2)))
	j.put(data)
}

// application keeps the parts of application segments that decoders need for
// colours and orientation.
func (j *jpegCleaner) application(marker byte, data []byte) {
	text := string(data)
	switch {
	case marker == markerAPP0 && !j.jfif && len(data) >= 14 && strings.HasPrefix(text, "JFIF\x00"):
		j.jfif = true
		// The last two bytes are the size of the thumbnail (JFIF 1.02, page 5).
		j.putSegment(marker, append(bytes.Clone(data[:12]), 0, 0))
	case marker == markerAPP1 && !j.exif && strings.HasPrefix(text, exifPrefix):
		j.exif = true
		if o := orientation(data[len(exifPrefix):]); o > 1 {
			j.putSegment(marker, append([]byte(exifPrefix), orientationOnly(o)...))
		}
	case marker == markerAPP2 && strings.HasPrefix(text, "ICC_PROFILE\x00"):
		j.putSegment(marker, data)
	case marker == markerAPPE && !j.adobe && len(data) >= 12 && strings.HasPrefix(text, "Adobe"):
		j.adobe = true
		j.putSegment(marker, data[:12])
	}
}

// table keeps a segment of tables if it has nothing else (T.81 B.2.4).
func (j *jpegCleaner) table(marker byte, data []byte) error {
	rest := data
	for len(rest) > 0 {
		n := 2 // DRI
		switch {
		case marker == markerDQT:
			n = 1 + 64<<(rest[0]>>4&1)
		case marker == markerDHT && len(rest) >= 17:
			n = 17
			for _, codes := range rest[1:17] {
				n += int(codes)
			}
		}
		if n > len(rest) || marker == markerDRI && len(data) != n {
			return damaged("a table of the JPEG file has the wrong length")
		}
		rest = rest[n:]
	}
	j.putSegment(marker, data)
	return nil
}

// frameHeader keeps the frame header (T.81 B.2.2) of the kinds of JPEG that
// browsers show.
func (j *jpegCleaner) frameHeader(marker byte, data []byte) error {
	if marker > markerSOF2 {
		return notAccepted("Browsers do not show this kind of JPEG (lossless, hierarchical or arithmetic). Send a common JPEG.")
	}
	if j.frame || len(data) < 6 || len(data) != 6+3*int(data[5]) {
		return damaged("the JPEG file's frame header is malformed")
	}
	j.frame = true
	j.putSegment(marker, data)
	return nil
}

// scanData keeps a scan: its header (T.81 B.2.3) and its entropy-coded data, up
// to the next marker that is not a restart marker.
func (j *jpegCleaner) scanData(header []byte) error {
	if !j.frame || len(header) < 1 || len(header) != 4+2*int(header[0]) {
		return damaged("a scan header of the JPEG file is malformed")
	}
	j.scan = true
	j.putSegment(markerSOS, header)
	for {
		if _, err := j.peek(2); err != nil {
			return err
		}
		b, _ := j.peek(j.in.Buffered())
		n := bytes.IndexByte(b[:len(b)-1], 0xff)
		switch {
		case n < 0: // the meaning of the last byte depends on the next one
			n = len(b) - 1
		case b[n+1] == 0 || b[n+1] >= markerRST0 && b[n+1] <= markerRST7:
			n += 2
		case n == 0:
			return nil
		}
		if err := j.keep(int64(n)); err != nil {
			return err
		}
	}
}
