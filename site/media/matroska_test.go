package media_test

import (
	"errors"
	"math/bits"
	"strings"
	"testing"

	"starpunk/site/media"
)

// ebmlID returns an ID, which contains its own length.
func ebmlID(id uint32) string { return be32(int(id))[bits.LeadingZeros32(id)/8:] }

// ebml returns an element of RFC 8794 with a size of eight bytes.
func ebml(id uint32, parts ...string) string {
	body := strings.Join(parts, "")
	return ebmlID(id) + be64(1<<56|uint64(len(body))) + body
}

// ebmlOpen returns an element of unknown size.
func ebmlOpen(id uint32, parts ...string) string {
	return ebmlID(id) + "\xff" + strings.Join(parts, "")
}

var webmHeader = ebml(0x1a45dfa3, ebml(0x4286, "\x01"), ebml(0x4282, "webm"), ebml(0x4287, "\x04"), ebml(0xec, secret))

func webmTrack(number, kind byte, more ...string) string {
	return ebml(0xae, ebml(0xd7, string([]byte{number})), ebml(0x536e, secret), ebml(0x83, string([]byte{kind})), ebml(0x86, "V_VP9"), strings.Join(more, ""))
}

func webmOf(open bool, parts ...string) string {
	if open {
		return webmHeader + ebmlOpen(0x18538067, parts...)
	}
	return webmHeader + ebml(0x18538067, parts...)
}

// webmTracks are tracks of pictures, sound and locations.
var webmTracks = ebml(0x1654ae6b, ebml(0xbf, "\x01\x02\x03\x04"), webmTrack(1, 1, ebml(0xe0, ebml(0xb0, "\x10"), ebml(0xec, secret))), webmTrack(2, 2), webmTrack(3, 0x11, secret))

// webmClusters returns two pictures, a sound and three locations.
func webmClusters(open bool) string {
	cluster := func(parts ...string) string {
		if open {
			return ebmlOpen(0x1f43b675, parts...)
		}
		return ebml(0x1f43b675, parts...)
	}
	return cluster(ebml(0xe7, "\x00"), ebml(0xa3, "\x81\x00\x00\x80picture 1"), ebml(0xa3, "\x83\x00\x00\x80"+secret), ebml(0xec, secret)) +
		cluster(ebml(0xe7, "\x01"), ebml(0xa0, ebml(0xa1, "\x81\x00\x00\x00picture 2"), ebml(0x9b, "\x05")),
			ebml(0xa0, ebml(0xa1, "\x83\x00\x00\x00"+secret), ebml(0x9b, "\x05")), ebml(0xa3, "\x40\x03\x00\x00\x80"+secret), ebml(0xa3, "\x82\x00\x00\x80sound 1"))
}

// webmFile returns a file with tags, a title, an attachment and a track of
// locations.
func webmFile(open bool) string {
	return webmOf(open,
		ebml(0x114d9b74, ebml(0x4dbb, ebml(0x53ab, "\x16\x54\xae\x6b"), ebml(0x53ac, "\x40")), ebml(0x4dbb, ebml(0x53ab, "\x12\x54\xc3\x67"), ebml(0x53ac, "\x50"))),
		ebml(0x1549a966, ebml(0x2ad7b1, "\x0f\x42\x40"), ebml(0x7ba9, secret), ebml(0x4461, birth), ebml(0x4d80, "muxer of "+secret), ebml(0x5741, secret), ebml(0x73a4, secret)),
		ebml(0x1043a770, secret), webmTracks, ebml(0x1254c367, strings.Repeat(secret, 10)), webmClusters(open),
		ebml(0x1c53bb6b, ebml(0xbb, ebml(0xb3, "\x00"), ebml(0xb7, ebml(0xf7, "\x01"), ebml(0xf1, "\x20")))),
		ebml(0x1941a469, secret))
}

func TestWebMKeepsItsBlocksInPlace(t *testing.T) {
	t.Parallel()
	for _, open := range []bool{false, true} {
		in := webmFile(open)
		out := mustClean(t, in)
		if len(out) != len(in) {
			t.Fatalf("%d bytes became %d", len(in), len(out))
		}
		for _, word := range []string{"picture 1", "picture 2", "sound 1", ebml(0xb0, "\x10"), ebml(0x2ad7b1, "\x0f\x42\x40"), ebml(0xf1, "\x20"), "\x16\x54\xae\x6b\x53\xac"} {
			if got, want := strings.Index(out, word), strings.Index(in, word); got != want {
				t.Errorf("%q is at %d; want %d", word, got, want)
			}
		}
		for _, word := range []string{birth, "\x12\x54\xc3\x67", "\x73\xa4", ebml(0xbf, "\x01\x02\x03\x04")} {
			if strings.Contains(out, word) {
				t.Errorf("%q is left", word)
			}
		}
		if got := strings.Count(out, ebml(0x9b, "\x05")); got != 1 {
			t.Errorf("%d block groups are left; want the one of the picture", got)
		}
	}
}

func TestElementsOfEverySizeAreVoided(t *testing.T) {
	t.Parallel()
	frame := ebml(0x1f43b675, ebml(0xa3, "\x81\x00\x00\x80picture 1"))
	for _, n := range []int{0, 1, 7, 110, 115, 116, 117, 118, 119, 126, 127, 128, 300} {
		in := webmOf(false, webmTracks, ebml(0x1254c367, strings.Repeat("x", n)), "\x80\x81x", frame)
		out := mustClean(t, in)
		if strings.Contains(out, "xx") || strings.Contains(out, "\x80\x81x") || strings.Index(out, frame) != strings.Index(in, frame) || len(out) != len(in) {
			t.Errorf("tags of %d bytes: the file is %q", n, out)
		}
	}
}

func TestDamagedWebM(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"nothing after the header":       webmHeader,
		"a truncated header":             webmHeader[:20],
		"two headers":                    webmHeader + webmHeader,
		"no pictures":                    webmOf(false, webmTracks),
		"pictures before their tracks":   webmOf(false, webmClusters(false), webmTracks),
		"an element beyond the end":      webmOf(false, ebmlID(0x1654ae6b)+be64[uint64](1<<56|1<<40)),
		"a child longer than its parent": webmOf(false, webmTracks, ebml(0x1f43b675, "\xa3\xfe"), webmClusters(false)),
		"an ID without a length":         webmOf(false, webmTracks, webmClusters(false), "\x00\x00\x00\x00"),
		"an ID of five bytes":            webmOf(false, webmTracks, webmClusters(false), "\x08\x01\x02\x03\x04\x81x"),
		"a size of nine bytes":           webmOf(false, webmTracks, webmClusters(false), "\xec\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
		"tracks without a size":          webmOf(true, ebmlOpen(0x1654ae6b, webmTrack(1, 1))),
		"tags without a size":            webmOf(true, webmTracks, ebmlOpen(0x1254c367, secret)),
		"a number of nine bytes":         webmOf(false, ebml(0x1549a966, ebml(0x4489, "123456789"))),
		"a block without a size":         webmOf(true, webmTracks, ebmlOpen(0x1f43b675, ebmlOpen(0xa3, "\x81\x00\x00\x80x"))),
		"live, truncated in an element":  strings.TrimSuffix(webmOf(true, webmTracks, webmClusters(true)), "1"),
	} {
		if _, _, err := clean(file); !errors.Is(err, media.ErrDamaged) {
			t.Errorf("%s: %v; want %v", name, err, media.ErrDamaged)
		}
	}
	many := webmOf(false, ebml(0x1654ae6b, manyTracks(65)), webmClusters(false))
	if _, _, err := clean(many); !errors.Is(err, media.ErrNotAccepted) {
		t.Errorf("65 tracks: %v; want %v", err, media.ErrNotAccepted)
	}
}

func manyTracks(n byte) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(webmTrack(i+1, 1))
	}
	return b.String()
}
