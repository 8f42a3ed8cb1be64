package media_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"starpunk/site/media"
)

func TestShownSize(t *testing.T) {
	picture := image.NewGray(image.Rect(0, 0, 30, 20))
	var asGIF, asJPEG, asPNG bytes.Buffer
	for _, err := range []error{gif.Encode(&asGIF, picture, nil), jpeg.Encode(&asJPEG, picture, nil), png.Encode(&asPNG, picture)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	turned := func(order binary.AppendByteOrder, orientation uint16) string {
		return asJPEG.String()[:2] + segment(0xe1, "Exif\x00\x00"+exifData(order, orientation)) + asJPEG.String()[2:]
	}
	for _, tc := range []struct {
		name, data string
		want       image.Point
	}{
		{"GIF", asGIF.String(), image.Pt(30, 20)},
		{"PNG", asPNG.String(), image.Pt(30, 20)},
		{"JPEG", asJPEG.String(), image.Pt(30, 20)},
		{"upright", turned(binary.BigEndian, 1), image.Pt(30, 20)},
		{"turned by a half", turned(binary.LittleEndian, 3), image.Pt(30, 20)},
		{"turned by a quarter", turned(binary.LittleEndian, 6), image.Pt(20, 30)},
		{"turned by a quarter, in the other order of bytes", turned(binary.BigEndian, 8), image.Pt(20, 30)},
		{"cut off", asPNG.String()[:20], image.Point{}},
		{"text", "a text", image.Point{}},
		{"behind 1 MiB", asJPEG.String()[:2] + strings.Repeat(segment(0xe2, strings.Repeat("a", 65000)), 17) + asJPEG.String()[2:], image.Point{}},
	} {
		if got := media.ShownSize(strings.NewReader(tc.data)); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}
