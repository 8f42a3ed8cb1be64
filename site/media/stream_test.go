package media_test

import (
	"io"
	"runtime"
	"strings"
	"testing"

	"starpunk/site/media"
)

// A longFile is a beginning, a repeated part, and an end. It exists nowhere as
// a whole.
type longFile struct {
	begin, part string
	times       int
	end         string
}

func (l longFile) size() int64 { return int64(len(l.begin) + l.times*len(l.part) + len(l.end)) }

func (l longFile) ReadAt(p []byte, at int64) (int, error) {
	n := 0
	for n < len(p) {
		rest := l.from(at + int64(n))
		if rest == "" {
			return n, io.EOF
		}
		n += copy(p[n:], rest)
	}
	return n, nil
}

// from returns the data at an offset.
func (l longFile) from(at int64) string {
	if at < int64(len(l.begin)) {
		return l.begin[at:]
	}
	at -= int64(len(l.begin))
	if at < int64(l.times*len(l.part)) {
		return l.part[at%int64(len(l.part)):]
	}
	return l.end[min(at-int64(l.times*len(l.part)), int64(len(l.end))):]
}

// TestLargeFilesTakeLittleMemory checks that files of any size pass through the same
// small buffers. It does not run in parallel, because it measures all allocations.
func TestLargeFilesTakeLittleMemory(t *testing.T) {
	const most = 2 << 20
	const size = 64 << 20
	zeros := strings.Repeat("\x00", 1<<16)
	jpegBegin := "\xff\xd8" + segment(0xc0, "\x08\x00\x08\x00\x08\x01\x01\x11\x00") + segment(0xda, "\x01\x01\x00\x00\x3f\x00")
	riff := webpHeader(0) + riffChunk("EXIF", secret)
	header := "\x2c" + strings.Repeat("\x00", 9) + "\x02"
	tags := commentHeader("OpusTags", "")
	fullPage := func(flags byte, begin string) string {
		return oggLaced(flags, -1, 7, 1, strings.Repeat("\xff", 255), pad(begin, 255*255))
	}
	comment := "OpusTags" + le32(0) + le32(1)
	comment += le32(255*255*(1+size>>16) - len(comment) - 4)
	for _, c := range []struct {
		name string
		file longFile
	}{
		{"JPEG", longFile{jpegBegin, zeros, size >> 16, "\xff\xd9"}},
		{"PNG comment", longFile{pngSignature + pngWith("")[8:33] + be32(size) + "prVt", zeros, size >> 16, be32(0) + pngWith("")[33:]}},
		{"GIF", longFile{"GIF89a\x01\x00\x01\x00\x00\x00\x00" + header, "\xff" + zeros[:255], size >> 11, "\x00;"}},
		{"WebP", longFile{"RIFF" + le32(4+len(riff)+8+size) + "WEBP" + riff + "VP8L" + le32(size), zeros, size >> 16, ""}},
		{"MP4", longFile{fileType("isom") + box("moov", videoTrack.trak("")) + be32(8+4*size) + "mdat", zeros, 4 * size >> 16, ""}},
		{"MOV with a longFile comment", longFile{fileType("qt  ") + box("moov", videoTrack.trak("")) + be32(8+size) + "skip", zeros, size >> 16, box("mdat", "x")}},
		{"WebM", longFile{webmHeader + ebmlOpen(0x18538067, webmTracks), ebml(0x1f43b675, ebml(0xa3, "\x81"+zeros)), size >> 16, ""}},
		{"MP3", longFile{mp3File(4), mp3Frame("x"), size >> 11, ""}},
		{"Ogg with a longFile comment", longFile{oggPage(oggFirst, 0, 7, 0, opusHead) + fullPage(0, comment), fullPage(oggContinued, ""), size >> 16,
			oggLaced(oggContinued, 0, 7, 1, "\x00", "") + oggSound(7, 2)}},
		{"Ogg", longFile{oggPage(oggFirst, 0, 7, 0, opusHead) + oggPage(0, 0, 7, 1, tags), fullPage(0, ""), size >> 18, ""}},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := media.Clean(io.Discard, c.file, c.file.size())
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > most {
			t.Errorf("%s of %d MiB: %d KiB were allocated; want at most %d", c.name, c.file.size()>>20, n>>10, most>>10)
		}
	}
}
