package media_test

import (
	"strings"
	"testing"

	"starpunk/site/media"
)

// mp3Header is the header of a frame of MPEG-1 layer III, 128 kbit/s, 44.1 kHz.
const mp3Header = "\xff\xfb\x90\x00"

// mp3Frame returns a frame filled with one byte.
func mp3Frame(fill string) string { return mp3Header + strings.Repeat(fill, 417-4) }

func mp3Frames() string { return mp3Frame("a") + mp3Frame("b") + mp3Frame("c") + mp3Frame("d") }

func syncsafe(n int) string {
	return string([]byte{byte(n >> 21 & 127), byte(n >> 14 & 127), byte(n >> 7 & 127), byte(n & 127)})
}

func id3Tag(version byte, frames ...string) string {
	body := strings.Join(frames, "")
	return "ID3" + string([]byte{version}) + "\x00\x00" + syncsafe(len(body)) + body
}

// id3Frame returns a frame of the given version. name is a name of version 2.
func id3Frame(version byte, name, data string) string {
	if version == 2 {
		return name + be32(len(data))[1:] + data
	}
	name = map[string]string{"TT2": "TIT2", "TP1": "TPE1", "TAL": "TALB", "TRK": "TRCK", "TCO": "TCON", "TLE": "TLEN", "PIC": "APIC", "GEO": "GEOB", "TXX": "TXXX"}[name]
	if version == 3 {
		return name + be32(len(data)) + "\x00\x00" + data
	}
	return name + syncsafe(len(data)) + "\x00\x00" + data
}

// songTitles returns the kept frames.
func songTitles(version byte) string {
	var frames string
	for _, name := range []string{"TT2", "TP1", "TAL", "TRK", "TCO", "TLE"} {
		frames += id3Frame(version, name, "\x00"+"of "+name)
	}
	return frames
}

// mp3File returns a file with tags before, between and after the sound.
func mp3File(version byte) string {
	tag := id3Tag(version, id3Frame(version, "TXX", "\x00"+secret), songTitles(version), id3Frame(version, "PIC", strings.Repeat(secret, 20)),
		id3Frame(version, "GEO", secret), id3Frame(version, "TT2", strings.Repeat(secret, 100)), strings.Repeat("\x00", 50), secret)
	return tag + id3Tag(version, secret) + mp3Frames() + id3Tag(3, id3Frame(3, "TXX", secret)) + mp3Frames() +
		"APETAGEX" + secret + "LYRICSBEGIN" + secret + mp3Header + secret + pad("TAG"+secret, 128)
}

func TestMP3KeepsSoundAndTitles(t *testing.T) {
	t.Parallel()
	for version := byte(2); version <= 4; version++ {
		want := id3Tag(version, songTitles(version)) + mp3Frames() + mp3Frames()
		if out := mustClean(t, mp3File(version)); out != want {
			t.Errorf("version %d: %q; want %q", version, out, want)
		}
	}
}

func TestMP3Tags(t *testing.T) {
	t.Parallel()
	title := id3Frame(4, "TT2", "\x03A")
	for _, c := range []struct{ name, tag, want string }{
		{"an empty tag is removed", id3Tag(4), ""},
		{"padding is removed", id3Tag(4, title, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), id3Tag(4, title)},
		{"a footer is removed", "ID3\x04\x00\x10" + syncsafe(len(title)) + title + "3DI\x04\x00\x10" + syncsafe(len(title)), id3Tag(4, title)},
		{"an escaped tag is removed", "ID3\x03\x00\x80" + syncsafe(len(title)) + title, ""},
		{"a tag of a later version is removed", id3Tag(5, title), ""},
		{"a compressed frame is removed", id3Tag(4, "TIT2\x00\x00\x00\x02\x00\x08\x03A", title), id3Tag(4, title)},
		{"flags about changes are cleared", id3Tag(4, "TIT2\x00\x00\x00\x02\x60\x00\x03A"), id3Tag(4, title)},
		{"a frame longer than its tag ends it", id3Tag(4, title, "TPE1\x00\x00\x00\x7f\x00\x00", secret), id3Tag(4, title)},
		{"a title may be empty", id3Tag(3, "TIT2\x00\x00\x00\x00\x00\x00"), id3Tag(3, "TIT2\x00\x00\x00\x00\x00\x00")},
		{"a long title is removed", id3Tag(4, id3Frame(4, "TT2", strings.Repeat("A", 1025)), id3Frame(4, "TP1", strings.Repeat("B", 1024))), id3Tag(4, id3Frame(4, "TP1", strings.Repeat("B", 1024)))},
	} {
		if out := mustClean(t, c.tag+mp3Frames()); out != c.want+mp3Frames() {
			t.Errorf("%s: %.80q; want %.80q", c.name, out, c.want)
		}
	}
	endless := strings.Repeat(id3Frame(4, "TT2", strings.Repeat("A", 1000)), 1000)
	if out := mustClean(t, id3Tag(4, endless)+mp3Frames()); len(out) > 70_000 {
		t.Errorf("%d bytes of a thousand titles are left", len(out))
	}
}

func TestMP3Frames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, header string
		size         int
	}{
		{"MPEG-1, 320 kbit/s, 32 kHz, padded", "\xff\xfb\xea\x00", 1441},
		{"MPEG-1, 32 kbit/s, 48 kHz, mono", "\xff\xfb\x14\xc0", 96},
		{"MPEG-2, 64 kbit/s, 22.05 kHz", "\xff\xf3\x80\xc4", 208},
		{"MPEG-2.5, 8 kbit/s, 8 kHz", "\xff\xe3\x18\xc4", 72},
	} {
		frame := c.header + strings.Repeat("s", c.size-4)
		if out, want := mustClean(t, frame+frame+frame+frame[:20]), frame+frame+frame; out != want {
			t.Errorf("%s: %d bytes; want three frames of %d", c.name, len(out), c.size)
		}
	}
	other := "\xff\xf3\x80\xc4" + strings.Repeat("s", 204)
	if out := mustClean(t, mp3Frames()+strings.Repeat(other, 5)); out != mp3Frames() {
		t.Errorf("frames of another sampling rate are left: %d bytes", len(out))
	}
	for name, file := range map[string]string{
		"two frames":           mp3Frame("a") + mp3Frame("b"),
		"a free bit rate":      strings.Repeat("\xff\xfb\x00\x00"+strings.Repeat("s", 413), 5),
		"layer II":             strings.Repeat("\xff\xfd\x90\x00"+strings.Repeat("s", 413), 5),
		"sound of raw AAC":     strings.Repeat("\xff\xf1\x50\x80"+strings.Repeat("s", 413), 5),
		"an unknown frequency": strings.Repeat("\xff\xfb\x9c\x00"+strings.Repeat("s", 413), 5),
	} {
		if _, typ, err := clean(file); err == nil {
			t.Errorf("%s: %v; want a refusal", name, typ)
		}
	}
	if _, _, err := clean("ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + mp3Frames()); err == nil || !strings.Contains(err.Error(), media.ErrDamaged.Error()) {
		t.Errorf("a tag beyond the end: %v; want %v", err, media.ErrDamaged)
	}
}
