package media_test

import (
	"bytes"
	"errors"
	"image"
	"image/color/palette"
	"image/gif"
	"reflect"
	"strings"
	"testing"

	"starpunk/site/media"
)

// gifAnimation returns three frames with five repetitions.
func gifAnimation() *gif.GIF {
	g := &gif.GIF{LoopCount: 5}
	for i := range 3 {
		m := image.NewPaletted(image.Rect(0, 0, 20, 10), palette.WebSafe)
		for j := range m.Pix {
			m.Pix[j] = byte(i+1) * byte(j) % 216
		}
		g.Image = append(g.Image, m)
		g.Delay = append(g.Delay, 10*(i+1))
		g.Disposal = append(g.Disposal, gif.DisposalBackground)
	}
	return g
}

func encodeGIF(g *gif.GIF) string {
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		panic(err)
	}
	return b.String()
}

func subBlocks(data string) string {
	var b strings.Builder
	for len(data) > 0 {
		n := min(len(data), 255)
		b.WriteString(string([]byte{byte(n)}) + data[:n])
		data = data[n:]
	}
	return b.String() + "\x00"
}

// gifControl is the beginning of the graphic control extensions of the
// animation.
const gifControl = "\x21\xf9\x04"

// gifFile returns an animation with a comment, an XMP packet and a text before
// each frame.
func gifFile() string {
	extensions := "\x21\xfe" + subBlocks("*/=1;alert(1)//"+strings.Repeat(secret, 20)) +
		"\x21\xff\x0bXMP DataXMP" + subBlocks(secret) +
		"\x21\xff\x0bNETSCAPE2.0" + subBlocks("\x02"+secret) +
		gifControl + "\x00\x05\x00\x00\x00" + "\x21\x01\x0c" + strings.Repeat("\x01", 12) + subBlocks(secret) +
		"\x21\x77" + subBlocks(secret)
	file := strings.ReplaceAll(encodeGIF(gifAnimation()), gifControl, extensions+gifControl)
	return strings.TrimSuffix(file, ";") + gifControl + "\x00\x05\x00\x00\x00" + extensions + ";"
}

func TestGIFKeepsTheAnimation(t *testing.T) {
	t.Parallel()
	out := mustClean(t, gifFile())
	if want := encodeGIF(gifAnimation()); out != want {
		t.Errorf("the file is %q; want %q", out, want)
	}
	got, err := gif.DecodeAll(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	want := gifAnimation()
	if got.LoopCount != want.LoopCount || !reflect.DeepEqual(got.Delay, want.Delay) || !reflect.DeepEqual(got.Image[2].Pix, want.Image[2].Pix) {
		t.Errorf("the animation is %v; want %v", got, want)
	}
}

func TestGIFWithoutATrailerGetsOne(t *testing.T) {
	t.Parallel()
	want := encodeGIF(gifAnimation())
	if out := mustClean(t, strings.TrimSuffix(want, ";")); out != want {
		t.Errorf("%d bytes; want %d", len(out), len(want))
	}
}

func TestGIFKeepsTheControlOfItsOwnImage(t *testing.T) {
	t.Parallel()
	image := "\x2c" + strings.Repeat("\x00", 9) + "\x02" + subBlocks("\x44\x01")
	in := "GIF89a\x01\x00\x01\x00\x00\x00\x00" + gifControl + "\x00\x05\x00\x00\x00" + image + image + ";"
	if out := mustClean(t, in); out != in {
		t.Errorf("the file is %q; want %q", out, in)
	}
}

func TestDamagedGIF(t *testing.T) {
	t.Parallel()
	begin := "GIF89a\x01\x00\x01\x00\x00\x00\x00"
	image := "\x2c" + strings.Repeat("\x00", 9) + "\x02" + subBlocks("\x44\x01")
	for name, file := range map[string]string{
		"no image":                      begin + ";",
		"only a header":                 begin,
		"a colour table beyond the end": "GIF89a\x01\x00\x01\x00\xf7\x00\x00" + image + ";",
		"an unknown block":              begin + image + "\x00;",
		"an image that ends early":      begin + strings.TrimSuffix(image, "\x00"),
		"a control extension with more": begin + "\x21\xf9" + subBlocks(secret) + image + ";",
		"a comment without an end":      begin + image + "\x21\xfe\xff" + secret,
		"an extension without a label":  begin + image + "\x21",
		"a truncated loop extension":    begin + image + "\x21\xff\x0bNETSCAPE2.0\x03\x01",
	} {
		if _, _, err := clean(file); !errors.Is(err, media.ErrDamaged) {
			t.Errorf("%s: %v; want %v", name, err, media.ErrDamaged)
		}
	}
}
