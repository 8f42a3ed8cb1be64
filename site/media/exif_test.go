package media_test

import (
	"encoding/binary"
	"strings"
	"testing"
)

// exifData returns a TIFF file with the orientation of a camera, its location,
// and a thumbnail.
func exifData(order binary.AppendByteOrder, orientation uint16) string {
	u16 := func(n int) string { return string(order.AppendUint16(nil, uint16(n))) }
	u32 := func(n int) string { return string(order.AppendUint32(nil, uint32(n))) }
	entry := func(tag, typ, count int, value string) string { return u16(tag) + u16(typ) + u32(count) + value }
	begin := "MM"
	if u16(1) == "\x01\x00" {
		begin = "II"
	}
	const text, gps, places, thumbnail = 8 + 2 + 3*12 + 4, 100, 200, 300
	directory := u16(3) +
		entry(0x010f, 2, len(secret), u32(text)) + // Make
		entry(0x0112, 3, 1, u16(int(orientation))+u16(0)) +
		entry(0x8825, 4, 1, u32(gps)) + u32(thumbnail)
	file := begin + u16(42) + u32(8) + directory + secret
	file = pad(file, gps) + u16(1) + entry(2, 5, 3, u32(places)) + u32(0)
	file = pad(file, places) + gpsBytes
	file = pad(file, thumbnail) + u16(1) + entry(0x0201, 4, 1, u32(thumbnail+18)) + u32(0)
	return file + "\xff\xd8" + secret + "\xff\xd9"
}

func pad(s string, n int) string { return s + strings.Repeat("\x00", n-len(s)) }

// onlyOrientation returns EXIF data with nothing else.
func onlyOrientation(o byte) string {
	return "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(o) + "\x00\x00\x00\x00\x00\x00"
}

func TestOrientationIsKept(t *testing.T) {
	t.Parallel()
	for o := range uint16(11) {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			data := exifData(order, o)
			for name, file := range map[string]string{
				"JPEG": jpegWith(segment(0xe1, "Exif\x00\x00"+data)),
				"PNG":  pngWith(chunk("eXIf", data)),
				"WebP": webpWith(riffChunk("EXIF", data)),
			} {
				out := mustClean(t, file)
				if o < 2 || o > 8 {
					if strings.Contains(out, "MM\x00*") || strings.Contains(out, "II*\x00") {
						t.Errorf("%s, %v, orientation %d: EXIF remains in %q", name, order, o, out)
					}
				} else if want := onlyOrientation(byte(o)); strings.Count(out, want) != 1 {
					t.Errorf("%s, %v, orientation %d: %q is not exactly once in %q", name, order, o, want, out)
				}
			}
		}
	}
}

func TestInvalidExifIsRemoved(t *testing.T) {
	t.Parallel()
	upright := mustClean(t, jpegWith(""))
	for name, data := range map[string]string{
		"empty":                          "",
		"another format":                 "JPEG\x00\x00\x00\x08",
		"a directory beyond the end":     "MM\x00*\xff\xff\xff\xff\x00\x01",
		"a directory at the end":         "MM\x00*\x00\x00\x00\x08",
		"fewer entries than declared":    "MM\x00*\x00\x00\x00\x08\xff\xff\x01\x12\x00\x03",
		"an orientation of another type": "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x02\x00\x00\x00\x01\x00\x06\x00\x00",
	} {
		if got := mustClean(t, jpegWith(segment(0xe1, "Exif\x00\x00"+data))); got != upright {
			t.Errorf("%s: %q; want %q", name, got, upright)
		}
	}
}
