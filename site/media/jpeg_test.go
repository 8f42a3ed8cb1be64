package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"reflect"
	"strings"
	"testing"

	"starpunk/site/media"
)

// picture returns a picture with many colours.
func picture() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 24, 17))
	for i := range m.Pix {
		m.Pix[i] = byte(i * i)
	}
	m.Set(3, 3, color.Transparent)
	return m
}

func segment(marker byte, data string) string {
	return "\xff" + string([]byte{marker}) + be16(len(data)+2) + data
}

// jpegWith returns a picture with more segments at its beginning.
func jpegWith(segments string) string {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(), nil); err != nil {
		panic(err)
	}
	return "\xff\xd8" + segments + b.String()[2:]
}

const colorProfile = "ICC_PROFILE\x00\x01\x01not really a profile"

// jpegFile returns a JPEG with every kind of segment in which cameras and
// programs write private data, and a video at its end.
func jpegFile(orientation uint16) string {
	return jpegWith(segment(0xe0, "JFIF\x00\x01\x02\x01\x00\x48\x00\x48\x02\x01"+secret)+
		segment(0xe0, "JFXX\x00\x10"+secret)+
		segment(0xe1, "Exif\x00\x00"+exifData(binary.LittleEndian, orientation))+
		segment(0xe1, "Exif\x00\x00"+exifData(binary.BigEndian, 3))+
		segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"+secret)+
		segment(0xe1, "http://ns.adobe.com/xmp/extension/\x00"+secret)+
		segment(0xe2, colorProfile)+
		segment(0xe2, "MPF\x00"+secret)+
		segment(0xe3, secret)+segment(0xec, "Ducky"+secret)+
		segment(0xed, "Photoshop 3.0\x008BIM\x04\x04"+secret)+
		segment(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x01"+secret)+
		segment(0xef, secret)+
		segment(0xfe, "<script>"+secret+"</script>")+
		secret+"\xff\xff\xff") + jpegWith(segment(0xfe, secret)) + video("mp42", videoTrack).file
}

func TestJPEGKeepsThePicture(t *testing.T) {
	t.Parallel()
	in := jpegFile(6)
	out := mustClean(t, in)
	want, err := jpeg.Decode(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	got, err := jpeg.Decode(strings.NewReader(out))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the picture has changed (%v)", err)
	}
	begin := "\xff\xd8" + segment(0xe0, "JFIF\x00\x01\x02\x01\x00\x48\x00\x48\x00\x00") +
		segment(0xe1, "Exif\x00\x00"+onlyOrientation(6)) + segment(0xe2, colorProfile) +
		segment(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x01") + "\xff\xdb"
	if !strings.HasPrefix(out, begin) {
		t.Errorf("the file begins with %q; want %q", out[:len(begin)], begin)
	}
}

// TestJPEGKeepsScansUnchanged uses a file that the standard library cannot write: it is
// progressive, with restart markers and escaped bytes.
func TestJPEGKeepsScansUnchanged(t *testing.T) {
	t.Parallel()
	frame := "\x08\x00\x08\x00\x08\x01\x01\x11\x00"
	codes := "\x00" + strings.Repeat("\x00", 15) + "\x01\x07"
	in := "\xff\xd8" + segment(0xdb, "\x00"+strings.Repeat("\x01", 64)+"\x11"+strings.Repeat("\x01", 128)) +
		segment(0xc2, frame) + segment(0xc4, codes+codes) + segment(0xdd, "\x00\x01") +
		segment(0xda, "\x01\x01\x00\x00\x3f\x00") + "\x12\xff\x00\x34\xff\xd0\x56\xff\xd7\xff\x00" +
		segment(0xc4, codes) + segment(0xda, "\x01\x01\x00\x00\x3f\x00") + strings.Repeat("\x5a\xff\x00", 100_000) + "\xff\xd9"
	if out := mustClean(t, in); out != in {
		t.Errorf("%d bytes became %d", len(in), len(out))
	}
}

func TestDamagedJPEG(t *testing.T) {
	t.Parallel()
	frame, scan := segment(0xc0, "\x08\x00\x08\x00\x08\x01\x01\x11\x00"), segment(0xda, "\x01\x01\x00\x00\x3f\x00")
	for name, file := range map[string]string{
		"no picture":                      "\xff\xd8\xff\xd9",
		"no end":                          "\xff\xd8" + frame + scan + "\x00\x00",
		"a scan before its frame":         "\xff\xd8" + scan + "\x00\xff\xd9",
		"two frames":                      "\xff\xd8" + frame + frame + scan + "\xff\xd9",
		"a frame with extra data":         "\xff\xd8" + segment(0xc0, "\x08\x00\x08\x00\x08\x01\x01\x11\x00"+secret) + scan + "\xff\xd9",
		"a scan header with extra data":   "\xff\xd8" + frame + segment(0xda, "\x01\x01\x00\x00\x3f\x00"+secret) + "\xff\xd9",
		"a quantization table with extra": "\xff\xd8" + segment(0xdb, "\x00"+strings.Repeat("\x01", 64)+secret) + frame + scan + "\xff\xd9",
		"a Huffman table with extra data": "\xff\xd8" + segment(0xc4, "\x00"+strings.Repeat("\x00", 16)+"\x00"+secret) + frame + scan + "\xff\xd9",
		"a restart interval with extra":   "\xff\xd8" + segment(0xdd, "\x00\x01"+secret) + frame + scan + "\xff\xd9",
		"a segment of a negative length":  "\xff\xd8\xff\xfe\x00\x01" + frame + scan + "\xff\xd9",
		"a second beginning":              "\xff\xd8\xff\xd8\x00\x02" + frame + scan + "\xff\xd9",
		"a segment beyond the end":        "\xff\xd8\xff\xfe\xff\xff" + frame + scan + "\xff\xd9",
	} {
		if _, _, err := clean(file); !errors.Is(err, media.ErrDamaged) {
			t.Errorf("%s: %v; want %v", name, err, media.ErrDamaged)
		}
	}
}
