package media_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"starpunk/site/media"
)

func riffChunk(name string, parts ...string) string {
	data := strings.Join(parts, "")
	return name + le32(len(data)) + data + strings.Repeat("\x00", len(data)%2)
}

func webpOf(chunks ...string) string { return riffChunk("RIFF", "WEBP", strings.Join(chunks, "")) }

// webpHeader returns VP8X of a picture of 16 by 16 pixels.
func webpHeader(flags byte) string {
	return riffChunk("VP8X", string([]byte{flags})+"\x00\x00\x00\x0f\x00\x00\x0f\x00\x00")
}

func webpWith(chunks string) string {
	return webpOf(webpHeader(0x0c), riffChunk("VP8L", "a picture"), chunks)
}

func webpSimple() string {
	return webpOf(riffChunk("VP8 ", "a picture"), riffChunk("EXIF", secret), riffChunk("XMP ", secret))
}

func webpExtended() string {
	return webpOf(webpHeader(0x3c), riffChunk("ICCP", "a profile"), riffChunk("ALPH", "see through"), riffChunk("abcd", secret),
		riffChunk("VP8 ", "a picture"), riffChunk("EXIF", "Exif\x00\x00", exifData(binary.LittleEndian, 6)), riffChunk("EXIF", exifData(binary.LittleEndian, 3)),
		riffChunk("XMP ", secret), riffChunk("VP8X", secret))
}

func webpAnimated() string {
	frame := strings.Repeat("\x01", 16)
	return webpOf(webpHeader(0x0e), riffChunk("ANIM", be32(0), "\x00\x00"),
		riffChunk("ANMF", frame, riffChunk("ALPH", "odd"), riffChunk("abcd", secret), riffChunk("VP8 ", "first")),
		riffChunk("ANMF", frame, riffChunk("VP8L", "second"), riffChunk("wxyz", secret)),
		riffChunk("XMP ", secret))
}

func TestWebPKeepsThePicture(t *testing.T) {
	t.Parallel()
	frame := strings.Repeat("\x01", 16)
	for _, c := range []struct{ name, file, want string }{
		{"a simple file keeps only its picture", webpSimple(), webpOf(riffChunk("VP8 ", "a picture"))},
		{"an extended file loses its metadata and the flags", webpExtended(),
			webpOf(webpHeader(0x38), riffChunk("ICCP", "a profile"), riffChunk("ALPH", "see through"), riffChunk("VP8 ", "a picture"), riffChunk("EXIF", onlyOrientation(6)))},
		{"an upright picture has no EXIF flag", webpWith(riffChunk("EXIF", exifData(binary.BigEndian, 1))),
			webpOf(webpHeader(0), riffChunk("VP8L", "a picture"))},
		{"frames lose their unknown chunks", webpAnimated(),
			webpOf(webpHeader(0x02), riffChunk("ANIM", be32(0), "\x00\x00"),
				riffChunk("ANMF", frame, riffChunk("ALPH", "odd"), riffChunk("VP8 ", "first")),
				riffChunk("ANMF", frame, riffChunk("VP8L", "second")))},
		{"padding is zero", strings.Replace(webpOf(riffChunk("VP8 ", "odd")), "odd\x00", "oddX", 1), webpOf(riffChunk("VP8 ", "odd"))},
	} {
		if out := mustClean(t, c.file); out != c.want {
			t.Errorf("%s: %q; want %q", c.name, out, c.want)
		}
	}
}

func TestDamagedWebP(t *testing.T) {
	t.Parallel()
	frame := strings.Repeat("\x01", 16)
	for name, file := range map[string]string{
		"no chunks":                      webpOf(),
		"no picture":                     webpOf(webpHeader(0)),
		"metadata first":                 webpOf(riffChunk("EXIF", secret), riffChunk("VP8 ", "a picture")),
		"a header of the wrong size":     webpOf(riffChunk("VP8X", "short"), riffChunk("VP8 ", "a picture")),
		"a file shorter than declared":   "RIFF" + le32(len(webpSimple())) + webpSimple()[8:],
		"a chunk beyond the end":         webpOf(webpHeader(0), "VP8 \xff\xff\xff\xff"),
		"a frame without a header":       webpOf(webpHeader(2), riffChunk("ANMF", "short")),
		"a frame within a frame":         webpOf(webpHeader(2), riffChunk("ANMF", frame, riffChunk("ANMF", frame, riffChunk("VP8 ", "x")))),
		"a chunk beyond the frame's end": webpOf(webpHeader(2), riffChunk("ANMF", frame, "VP8 \xff\x00\x00\x00")+strings.Repeat("\x00", 300)),
		"a declared size of 0":           "RIFF\x00\x00\x00\x00WEBPVP8 \x02\x00\x00\x00ab",
	} {
		if _, _, err := clean(file); !errors.Is(err, media.ErrDamaged) {
			t.Errorf("%s: %v; want %v", name, err, media.ErrDamaged)
		}
	}
}
