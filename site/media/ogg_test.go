package media_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"starpunk/site/media"
)

const (
	oggContinued = 1
	oggFirst     = 2
	oggLast      = 4
)

// oggCRC returns the checksum of RFC 3533, computed bit by bit.
func oggCRC(page string) uint32 {
	var sum uint32
	for _, c := range []byte(page) {
		for i := range 8 {
			bit := sum>>31 ^ uint32(c)>>(7-i)&1
			sum = sum<<1 ^ bit*0x04c11db7
		}
	}
	return sum
}

// oggLaced returns a page of segments of the given sizes.
func oggLaced(flags byte, position, serial, sequence int, lacing, payload string) string {
	head := "OggS\x00" + string([]byte{flags}) + string(binary.LittleEndian.AppendUint64(nil, uint64(position))) + le32(serial) + le32(sequence)
	tail := string([]byte{byte(len(lacing))}) + lacing + payload
	return head + le32(int(oggCRC(head+"\x00\x00\x00\x00"+tail))) + tail
}

// oggPage returns a page of whole packets.
func oggPage(flags byte, position, serial, sequence int, packets ...string) string {
	var lacing string
	for _, p := range packets {
		lacing += strings.Repeat("\xff", len(p)/255) + string([]byte{byte(len(p) % 255)})
	}
	return oggLaced(flags, position, serial, sequence, lacing, strings.Join(packets, ""))
}

const (
	vorbisIdentification = "\x01vorbis\x00\x00\x00\x00\x01\x44\xac\x00\x00\x00\x00\x00\x00\x00\x77\x01\x00\x00\x00\x00\x00\xb8\x01"
	opusHead             = "OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00"
)

func commentHeader(magic, vendor string, comments ...string) string {
	h := magic + le32(len(vendor)) + vendor + le32(len(comments))
	for _, c := range comments {
		h += le32(len(c)) + c
	}
	return h
}

// songComments are the kept comments, with others between them.
var songComments = []string{"TITLE=A", "LOCATION=" + secret, "artist=B", "Album=C", "METADATA_BLOCK_PICTURE=" + strings.Repeat(secret, 50),
	"tracknumber=4", "GENRE=E", "TITLE=" + strings.Repeat(secret, 100), "contact=" + secret, "no name", ""}

var keptComments = []string{"TITLE=A", "artist=B", "Album=C", "tracknumber=4", "GENRE=E"}

// vorbisSetup fills several segments exactly.
var vorbisSetup = "\x05vorbis" + strings.Repeat("codebook", 1000)[:255*16-7]

// oggHeaders distributes packets over pages like an encoder: all pages except
// the last one are full.
func oggHeaders(serial int, packets ...string) (pages string, count int) {
	var lacing, payload string
	for _, p := range packets {
		lacing += strings.Repeat("\xff", len(p)/255) + string([]byte{byte(len(p) % 255)})
		payload += p
	}
	flags := byte(0)
	for count = 1; len(lacing) > 255; count++ {
		n, position := 0, -1
		for _, c := range []byte(lacing[:255]) {
			n += int(c)
			if c < 255 {
				position = 0 // a packet ends here
			}
		}
		pages += oggLaced(flags, position, serial, count, lacing[:255], payload[:n])
		flags = 0
		if lacing[254] == 255 {
			flags = oggContinued
		}
		lacing, payload = lacing[255:], payload[n:]
	}
	return pages + oggLaced(flags, 0, serial, count, lacing, payload), count
}

// oggSound returns two pages with a packet that spans both.
func oggSound(serial, sequence int) string {
	return oggLaced(0, -1, serial, sequence, "\x03\xff", "abc"+strings.Repeat("s", 255)) +
		oggLaced(oggContinued|oggLast, 960, serial, sequence+1, "\x02\x05", "ssfghij")
}

func vorbisFile(serial int) string {
	headers, n := oggHeaders(serial, commentHeader("\x03vorbis", "Encoder by "+secret, songComments...)+"\x01", vorbisSetup)
	return oggPage(oggFirst, 0, serial, 0, vorbisIdentification) + headers + oggSound(serial, n+1)
}

func opusFile(serial int) string {
	headers, n := oggHeaders(serial, commentHeader("OpusTags", "Encoder by "+secret, songComments...)+strings.Repeat("\x00", 512)+secret)
	return oggPage(oggFirst, 0, serial, 0, opusHead) + headers + oggSound(serial, n+1)
}

func TestOggKeepsSoundAndTitles(t *testing.T) {
	t.Parallel()
	vorbis := oggPage(oggFirst, 0, 7, 0, vorbisIdentification) +
		oggPage(0, 0, 7, 1, commentHeader("\x03vorbis", "", keptComments...)+"\x01", vorbisSetup) + oggSound(7, 2)
	opus := oggPage(oggFirst, 0, 7, 0, opusHead) + oggPage(0, 0, 7, 1, commentHeader("OpusTags", "", keptComments...)) + oggSound(7, 2)
	for _, c := range []struct{ name, file, want string }{
		{"Vorbis", vorbisFile(7), vorbis},
		{"Opus", opusFile(7), opus},
		{"two consecutive streams", vorbisFile(7) + opusFile(7), vorbis + opus},
		{"a first stream without an end", strings.TrimSuffix(opus, oggSound(7, 2)) + vorbisFile(7), strings.TrimSuffix(opus, oggSound(7, 2)) + vorbis},
	} {
		if out := mustClean(t, c.file); out != c.want {
			t.Errorf("%s: %q; want %q", c.name, out, c.want)
		}
	}
}

func TestOggSpreadsLongHeaders(t *testing.T) {
	t.Parallel()
	setup := "\x05vorbis" + strings.Repeat("codebook", 20_000)
	file := func(comments ...string) string {
		headers, n := oggHeaders(7, commentHeader("\x03vorbis", "", comments...)+"\x01", setup)
		return oggPage(oggFirst, 0, 7, 0, vorbisIdentification) + headers + oggSound(7, n+1)
	}
	want := file(keptComments...)
	for _, in := range []string{want, file(append([]string{"picture=" + strings.Repeat(secret, 10_000)}, keptComments...)...)} {
		if out := mustClean(t, in); out != want {
			t.Errorf("%d bytes became %d; want %d", len(in), len(out), len(want))
		}
	}
}

func TestDamagedOgg(t *testing.T) {
	t.Parallel()
	first := oggPage(oggFirst, 0, 7, 0, opusHead)
	tags := oggPage(0, 0, 7, 1, commentHeader("OpusTags", ""))
	vorbis := oggPage(oggFirst, 0, 7, 0, vorbisIdentification)
	comments := commentHeader("\x03vorbis", "") + "\x01"
	for name, file := range map[string]string{
		"a wrong checksum":                  first + strings.Replace(tags, "OpusTags", "OpusTagt", 1),
		"noise between pages":               first + tags + secret,
		"no comments":                       first,
		"another packet for comments":       first + oggPage(0, 0, 7, 1, "something else entirely"),
		"truncated comments":                first + oggPage(0, 0, 7, 1, "OpusTags"+le32(100)+"short"),
		"fewer comments than declared":      first + oggPage(0, 0, 7, 1, "OpusTags"+le32(0)+"\xff\xff\xff\xff"+le32(3)+"a=b"),
		"a comment of four gigabytes":       first + oggPage(0, 0, 7, 1, "OpusTags"+le32(0)+le32(1)+"\xff\xff\xff\xffa=b"),
		"a comment header without an end":   first + oggLaced(0, -1, 7, 1, "\xff", pad("OpusTags", 255)),
		"no setup header":                   vorbis + oggPage(0, 0, 7, 1, comments),
		"another packet for the setup":      vorbis + oggPage(0, 0, 7, 1, comments, "something else"),
		"sound on the page of the comments": first + oggPage(0, 0, 7, 1, commentHeader("OpusTags", ""), "sound"),
		"a setup header of two megabytes":   vorbis + mustHeaders(7, comments, "\x05vorbis"+strings.Repeat("c", 2<<20)),
		"a later part of another kind":      opusFile(7) + oggPage(oggFirst, 0, 8, 0, "\x7fFLAC"),
		"a truncated page":                  strings.TrimSuffix(opusFile(7), "j"),
		"a page of a later version of Ogg":  first + strings.Replace(tags, "OggS\x00", "OggS\x01", 1),
	} {
		if _, _, err := clean(file); !errors.Is(err, media.ErrDamaged) {
			t.Errorf("%s: %v; want %v", name, err, media.ErrDamaged)
		}
	}
}

func mustHeaders(serial int, packets ...string) string {
	pages, _ := oggHeaders(serial, packets...)
	return pages
}
