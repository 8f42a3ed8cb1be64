package media

import (
	"bytes"
	"encoding/binary"
	"image"
	_ "image/gif"  // so that image.DecodeConfig supports the format
	_ "image/jpeg" // likewise
	_ "image/png"  // likewise
	"io"

	_ "golang.org/x/image/webp" // likewise
)

const (
	// maxHeaderBytes is the part of a picture in which its size is searched. A camera's
	// colour profile, thumbnail and metadata may precede it.
	maxHeaderBytes = 1 << 20
	// maxSide is the longest side that is accepted, in pixels.
	maxSide = 1 << 16
)

// ShownSize returns the width and height at which a GIF, JPEG, PNG or WebP is shown, in
// pixels; zero if r has no such picture. It reads at most 1 MiB.
func ShownSize(r io.Reader) image.Point {
	var header bytes.Buffer // it also has the orientation
	cfg, format, err := image.DecodeConfig(io.TeeReader(io.LimitReader(r, maxHeaderBytes), &header))
	if err != nil || cfg.Width < 1 || cfg.Height < 1 || cfg.Width > maxSide || cfg.Height > maxSide {
		return image.Point{}
	}
	shown := image.Pt(cfg.Width, cfg.Height)
	if format == "jpeg" && jpegOrientation(header.Bytes()) >= 5 { // turned by a quarter
		shown.X, shown.Y = shown.Y, shown.X
	}
	return shown
}

// jpegOrientation returns the orientation of a JPEG, of which only the beginning may be
// there; 1 if it has none. Values from 5 on exchange width and height (Exif 2.32,
// §4.6.4.A).
func jpegOrientation(jpeg []byte) byte {
	const app1, scan = 0xE1, 0xDA
	for at := 2; at+4 <= len(jpeg) && jpeg[at] == 0xFF && jpeg[at+1] != scan; {
		if jpeg[at+1] == 0xFF { // a fill byte
			at++
			continue
		}
		length := int(binary.BigEndian.Uint16(jpeg[at+2:])) // with its own two bytes
		if length < 2 || at+2+length > len(jpeg) {
			return 1
		}
		if exif, ok := bytes.CutPrefix(jpeg[at+4:at+2+length], []byte(exifPrefix)); ok && jpeg[at+1] == app1 {
			return orientation(exif)
		}
		at += 2 + length
	}
	return 1
}
