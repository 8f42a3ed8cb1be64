package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image/png"
	"reflect"
	"strings"
	"testing"

	"starpunk/site/media"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

func chunk(name, data string) string {
	return be32(len(data)) + name + data + be32(int(crc32.ChecksumIEEE([]byte(name+data))))
}

// pngWith returns a picture with more chunks after its header.
func pngWith(chunks string) string {
	var b bytes.Buffer
	if err := png.Encode(&b, picture()); err != nil {
		panic(err)
	}
	header := len(pngSignature) + 25
	return b.String()[:header] + chunks + b.String()[header:]
}

// shownChunks returns chunks that change the appearance of a picture.
func shownChunks() string {
	return chunk("gAMA", be32(45455)) + chunk("pHYs", be32(2835)+be32(2835)+"\x01") + chunk("cICP", "\x01\x0d\x00\x01")
}

// pngFile returns a picture with the data that programs add before and after
// it.
func pngFile(orientation uint16) string {
	texts := chunk("tEXt", "Author\x00"+secret) + chunk("zTXt", "Comment\x00\x00"+secret) +
		chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+secret) + chunk("tIME", "\x07\xea\x0b\x16\x09\x1e\x00") +
		chunk("prVt", secret) + chunk("vpAg", secret)
	file := pngWith(texts + shownChunks() + chunk("eXIf", exifData(binary.BigEndian, orientation)))
	end := strings.LastIndex(file, "\x00\x00\x00\x00IEND")
	return file[:end] + texts + chunk("eXIf", exifData(binary.LittleEndian, 3)) + file[end:]
}

func TestPNGKeepsThePicture(t *testing.T) {
	t.Parallel()
	out := mustClean(t, pngFile(8))
	if want := pngWith(shownChunks() + chunk("eXIf", onlyOrientation(8))); out != want {
		t.Errorf("the file is %q; want %q", out, want)
	}
	got, err := png.Decode(strings.NewReader(out))
	if err != nil || !reflect.DeepEqual(got, picture()) {
		t.Errorf("the picture has changed (%v)", err)
	}
}

func TestAnimatedPNGKeepsItsFrames(t *testing.T) {
	t.Parallel()
	in := pngWith(chunk("acTL", be32(2)+be32(0)) + chunk("fcTL", strings.Repeat("\x00", 26)))
	end := strings.LastIndex(in, "\x00\x00\x00\x00IEND")
	in = in[:end] + chunk("fcTL", strings.Repeat("\x01", 26)) + chunk("fdAT", be32(2)+"a frame") + in[end:]
	if out := mustClean(t, in); out != in {
		t.Errorf("the file is %q; want %q", out, in)
	}
}

func TestDamagedPNG(t *testing.T) {
	t.Parallel()
	whole := pngWith("")
	header := whole[:len(pngSignature)+25]
	data := strings.TrimPrefix(whole, header)
	end := chunk("IEND", "")
	for name, file := range map[string]string{
		"no picture":                    header + end,
		"no end":                        strings.TrimSuffix(whole, end),
		"no header":                     pngSignature + data,
		"two headers":                   header + chunk("IHDR", strings.Repeat("\x01", 13)) + data,
		"an interrupted picture":        strings.TrimSuffix(whole, end) + chunk("tEXt", "a") + data,
		"an unknown critical chunk":     header + chunk("CgBI", "\x50\x00\x20\x06") + data,
		"a chunk with extra data":       header + chunk("gAMA", be32(45455)+secret) + data,
		"an end with extra data":        strings.TrimSuffix(whole, end) + chunk("IEND", secret),
		"a chunk with a wrong checksum": header + "\x00\x00\x00\x01sRGB\x00\x00\x00\x00\x00" + data,
		"a chunk beyond the end":        header + "\x7f\xff\xff\xfftEXt" + data,
		"a chunk far beyond the end":    header + "\xff\xff\xff\xfftEXt" + data,
	} {
		if _, _, err := clean(file); !errors.Is(err, media.ErrDamaged) {
			t.Errorf("%s: %v; want %v", name, err, media.ErrDamaged)
		}
	}
}
