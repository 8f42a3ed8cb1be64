package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"starpunk/site/media"
)

// The files of the tests have these two wherever a file may contain a location or an
// owner.
const (
	secret = "52.520008N 13.404954E, by Ada's telephone"
	// degrees, minutes and seconds in EXIF
	gpsBytes = "\x00\x00\x00\x34\x00\x00\x00\x01\x00\x00\x00\x1f\x00\x00\x00\x01\x00\x00\x04\xb0\x00\x00\x00\x64"
)

// A sample is a file with secrets.
type sample struct {
	name string
	want media.Type
	file string
	open bool // has no end mark
}

func samples() []sample {
	jpg, png := media.Type{MIME: "image/jpeg", Ext: "jpg"}, media.Type{MIME: "image/png", Ext: "png"}
	gif, webp := media.Type{MIME: "image/gif", Ext: "gif"}, media.Type{MIME: "image/webp", Ext: "webp"}
	mp4, mov := media.Type{MIME: "video/mp4", Ext: "mp4"}, media.Type{MIME: "video/quicktime", Ext: "mov"}
	m4a, webm := media.Type{MIME: "audio/mp4", Ext: "m4a"}, media.Type{MIME: "video/webm", Ext: "webm"}
	mp3, ogg := media.Type{MIME: "audio/mpeg", Ext: "mp3"}, media.Type{MIME: "audio/ogg", Ext: "ogg"}
	return []sample{
		{name: "JPEG", want: jpg, file: jpegFile(6)},
		{name: "PNG", want: png, file: pngFile(6)},
		{name: "GIF", want: gif, file: gifFile()},
		{name: "WebP, simple", want: webp, file: webpSimple()},
		{name: "WebP, extended", want: webp, file: webpExtended()},
		{name: "WebP, animated", want: webp, file: webpAnimated()},
		{name: "MP4", want: mp4, file: video("isom", videoTrack, soundTrack, gpsTrack).file},
		{name: "MP4, fragmented", want: mp4, file: fragmentedVideo(videoTrack, soundTrack)},
		{name: "MOV", want: mov, file: video("qt  ", videoTrack, soundTrack, gpsTrack).file},
		{name: "MOV without a file type", want: mov, file: video("", videoTrack, soundTrack).file},
		{name: "M4A", want: m4a, file: video("M4A ", soundTrack).file},
		{name: "WebM", want: webm, file: webmFile(false)},
		{name: "WebM, recorded live", want: webm, file: webmFile(true), open: true},
		{name: "MP3 with ID3v2.2", want: mp3, file: mp3File(2)},
		{name: "MP3 with ID3v2.3", want: mp3, file: mp3File(3)},
		{name: "MP3 with ID3v2.4", want: mp3, file: mp3File(4)},
		{name: "Ogg Vorbis", want: ogg, file: vorbisFile(7)},
		{name: "Ogg Opus", want: ogg, file: opusFile(7)},
		{name: "Ogg, chained", want: ogg, file: opusFile(7) + vorbisFile(8)},
	}
}

// clean returns the cleaned file.
func clean(file string) (string, media.Type, error) {
	var out strings.Builder
	typ, err := media.Clean(&out, strings.NewReader(file), int64(len(file)))
	return out.String(), typ, err
}

// mustClean cleans a file and checks that a second cleaning changes nothing.
func mustClean(t *testing.T, file string) string {
	t.Helper()
	out, typ, err := clean(file)
	if err != nil {
		t.Fatalf("Clean: %v", err)
	}
	again, typ2, err := clean(out)
	if err != nil || typ2 != typ || again != out {
		t.Fatalf("Clean of its own output, %v of %d bytes: %v of %d bytes, error %v; want the same", typ, len(out), typ2, len(again), err)
	}
	return out
}

func TestCleanRemovesSecretsFromEveryType(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			if !strings.Contains(s.file, secret) {
				t.Fatal("the test file has no secret")
			}
			_, typ, err := clean(s.file)
			if err != nil || typ != s.want {
				t.Fatalf("Clean: %v, %v; want %v", typ, err, s.want)
			}
			out := mustClean(t, s.file)
			for _, word := range []string{secret, gpsBytes, "Ada"} {
				if i := strings.Index(out, word); i >= 0 {
					t.Errorf("%q is left at %d of %d", word, i, len(out))
				}
			}
		})
	}
}

func TestCleanRemovesDataAfterTheEnd(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		if s.open {
			continue
		}
		for _, more := range []string{"<script>" + secret + "</script>", "PK\x03\x04" + secret, "\x00", strings.Repeat("\xff", 100)} {
			want := mustClean(t, s.file)
			if got := mustClean(t, s.file+more); got != want {
				t.Errorf("%s: followed by %.12q it becomes %d bytes; without, %d", s.name, more, len(got), len(want))
			}
		}
	}
}

// TestCleanHandlesBrokenFiles checks that a file which is truncated at any position, or
// has a changed byte, is refused as damaged or as another type, or becomes a clean file.
func TestCleanHandlesBrokenFiles(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		for at := 0; at < len(s.file); at += 1 + len(s.file)/150 {
			changed := s.file[:at] + string(s.file[at]^0xff) + s.file[at+1:]
			for _, file := range []string{s.file[:at], changed} {
				if _, _, err := clean(file); err != nil {
					checkRefusal(t, err)
				} else {
					mustClean(t, file)
				}
			}
		}
	}
}

func checkRefusal(t *testing.T, err error) {
	t.Helper()
	var refusal *media.Error
	if !errors.As(err, &refusal) || !errors.Is(err, media.ErrNotAccepted) && !errors.Is(err, media.ErrDamaged) {
		t.Fatalf("Clean: %v; want an Error of one of the two kinds", err)
	}
	if !strings.HasSuffix(refusal.Sentence, ".") {
		t.Errorf("%q is not a sentence", refusal.Sentence)
	}
}

func TestCleanRefusesOtherTypes(t *testing.T) {
	t.Parallel()
	iPhone := "send JPEG (iOS: Settings › Camera › Most Compatible)"
	for _, c := range []struct{ name, file, sentence string }{
		{"an empty file", "", "Send JPEG"},
		{"SVG", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "Send JPEG"},
		{"HTML", "<!doctype html><script>alert(1)</script>", "Send JPEG"},
		{"text in UTF-16", "\xff\xfea\x00b\x00c\x00d\x00e\x00f\x00", "Send JPEG"},
		{"PDF", "%PDF-1.7\n%\xff\xd8\xff", "Send JPEG"},
		{"an archive", "PK\x03\x04\x14\x00\x00\x00\x08\x00", "Send JPEG"},
		{"sound of another kind in a wave file", "RIFF\x24\x00\x00\x00WAVEfmt ", "Send JPEG"},
		{"HEIC", box("ftyp", "heic", be32(0), "mif1heic") + box("meta", be32(0)), iPhone},
		{"HEIF without a codec", box("ftyp", "mif1", be32(0), "mif1"), iPhone},
		{"a sequence of HEIC pictures", box("ftyp", "isom", be32(0), "hevc"), iPhone},
		{"AVIF", box("ftyp", "avif", be32(0), "mif1avif"), "AVIF is not accepted. Send JPEG"},
		{"an unknown brand", box("ftyp", "crx ", be32(1), "crx "), "Send JPEG"},
		{"Matroska", ebml(0x1a45dfa3, ebml(0x4282, "matroska")) + ebml(0x18538067), "Send WebM"},
		{"Ogg with FLAC", oggPage(oggFirst, 0, 1, 0, "\x7fFLAC\x01\x00\x00\x01fLaC"), "Ogg"},
		{"Ogg with a video and sound", oggPage(oggFirst, 0, 1, 0, vorbisIdentification) + oggPage(oggFirst, 0, 2, 0, "\x80theora"), "more than one sound"},
		{"an ID3 tag before FLAC", "ID3\x04\x00\x00\x00\x00\x00\x00fLaC\x00\x00\x00\x22", "no MP3 sound"},
		{"a kind of JPEG that browsers do not show", "\xff\xd8\xff\xc9\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00", "Send a common JPEG"},
		{"a fragmented video with a track of locations", fragmentedVideo(videoTrack, gpsTrack), "Export it as a common MP4"},
		{"encrypted WebM", webmOf(false, ebml(0x1654ae6b, webmTrack(1, 1, ebml(0x6d80, secret)))), "encrypted"},
	} {
		_, _, err := clean(c.file)
		var refusal *media.Error
		if !errors.As(err, &refusal) || !errors.Is(err, media.ErrNotAccepted) || !strings.Contains(refusal.Sentence, c.sentence) {
			t.Errorf("%s: %v; want a refusal with %q", c.name, err, c.sentence)
		}
	}
}

// TestCleanRefusesFilesOfTooManyParts: a file of millions of parts could use
// much time or memory.
func TestCleanRefusesFilesOfTooManyParts(t *testing.T) {
	t.Parallel()
	withTables := func(tables string) string { return fileType("isom") + box("moov", videoTrack.trak(tables)) }
	data, voids := strings.Repeat("x", 4<<20), strings.Repeat("\xec\x80", 1<<21)
	comments, _ := oggHeaders(7, "OpusTags"+le32(0)+le32(1<<16+1)+strings.Repeat(le32(0), 1<<16+1))
	for name, file := range map[string]string{
		"boxes":                      withTables("") + strings.Repeat(box("mdat"), 1<<18),
		"boxes that are overwritten": withTables("") + strings.Repeat(box("skip", "x"), 1<<16) + box("mdat"),
		"gaps between samples":       withTables(scattered(1<<16+1)) + box("mdat", data),
		"samples":                    withTables(scattered(1<<18+1)) + box("mdat", data),
		"elements":                   webmOf(false, webmTracks, webmClusters(false), voids),
		"elements of a track":        webmOf(false, ebml(0x1654ae6b, webmTrack(1, 1, voids))),
		"comments":                   oggPage(oggFirst, 0, 7, 0, opusHead) + comments,
	} {
		if _, _, err := clean(file); !errors.Is(err, media.ErrDamaged) || !strings.Contains(err.Error(), "too many parts") {
			t.Errorf("%s: %v; want the error of too many parts", name, err)
		}
	}
}

// A failing is a source and a destination that always fails.
type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestFailuresToReadAndWriteAreNotRefusals(t *testing.T) {
	t.Parallel()
	disk := errors.New("disk failure")
	for _, s := range samples() {
		_, readErr := media.Clean(io.Discard, brokenAt{strings.NewReader(s.file), int64(len(s.file) / 2), disk}, int64(len(s.file)))
		_, writeErr := media.Clean(failing{disk}, strings.NewReader(s.file), int64(len(s.file)))
		_, deadErr := media.Clean(io.Discard, failing{disk}, int64(len(s.file)))
		for what, err := range map[string]error{"reading half": readErr, "writing": writeErr, "reading": deadErr} {
			if refusal := (*media.Error)(nil); !errors.Is(err, disk) || errors.As(err, &refusal) {
				t.Errorf("%s: %s fails: %v; want %v", s.name, what, err, disk)
			}
		}
	}
}

// A brokenAt fails to read beyond an offset.
type brokenAt struct {
	io.ReaderAt
	end int64
	err error
}

func (b brokenAt) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > b.end {
		return 0, b.err
	}
	return b.ReaderAt.ReadAt(p, at)
}

// FuzzClean checks that every accepted file becomes a clean file of the same
// type and of limited size, and that no file causes a panic.
func FuzzClean(f *testing.F) {
	for _, s := range samples() {
		f.Add([]byte(s.file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var out, again bytes.Buffer
		typ, err := media.Clean(&out, bytes.NewReader(file), int64(len(file)))
		if err != nil {
			checkRefusal(t, err)
			return
		}
		if out.Len() > 2*len(file)+100 {
			t.Errorf("%v of %d bytes became %d", typ, len(file), out.Len())
		}
		typ2, err := media.Clean(&again, bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil || typ2 != typ || !bytes.Equal(again.Bytes(), out.Bytes()) {
			t.Errorf("cleaned again, %v of %d bytes: %v of %d bytes, error %v; want the same", typ, out.Len(), typ2, again.Len(), err)
		}
	})
}

func be16(n int) string               { return string(binary.BigEndian.AppendUint16(nil, uint16(n))) }
func be32(n int) string               { return string(binary.BigEndian.AppendUint32(nil, uint32(n))) }
func be64[N int | uint64](n N) string { return string(binary.BigEndian.AppendUint64(nil, uint64(n))) }
func le32(n int) string               { return string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }
