package media_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"starpunk/site/media"
)

// box returns a box of ISO 14496-12.
func box(typ string, parts ...string) string {
	body := strings.Join(parts, "")
	return be32(8+len(body)) + typ + body
}

// A testTrack is a track of a test video.
type testTrack struct {
	handler string
	entry   string // how the samples are encoded
	samples []string
	id      int
}

// birth is the time of creation of the videos and their tracks.
const birth = "\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8"

// appleMeta and androidUser are the locations that telephones record.
var (
	appleMeta = box("meta", box("hdlr", be32(0), "mhlrmdta", be32(0), be32(0), be32(0), secret),
		box("keys", be32(0), be32(1), box("mdta", "com.apple.quicktime.location.ISO6709")),
		box("ilst", box("\x00\x00\x00\x01", box("data", be32(1), be32(0), secret))))
	androidUser = box("udta", box("\xa9xyz", be16(len(secret)), "\x15\xc7", secret), box("loci", be32(0), secret),
		box("\xa9mak", secret), box("meta", be32(0), box("ilst", box("\xa9nam", box("data", be32(1), be32(0), secret)))))
	adobeXMP = box("uuid", "\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac", secret)
)

var (
	videoTrack = testTrack{"vide", box("avc1", strings.Repeat("\x00", 7), "\x01", be32(0), "secr", be64(0), strings.Repeat("\x01", 18), pad("\x1f"+secret[:31], 32), "\x00\x18\xff\xff",
		box("avcC", "how to decode it"), adobeXMP, box("pasp", be32(1), be32(1))), []string{"picture 1", "picture two", "picture III"}, 0}
	soundTrack = testTrack{"soun", box("mp4a", strings.Repeat("\x00", 7), "\x01", be32(0), "secr", be16(2), be16(16), be32(0), be16(44100), be16(0),
		box("esds", "how to hear it"), adobeXMP, be32(0)), []string{"sound 1", "sound two"}, 0}
	gpsTrack = testTrack{"meta", box("mett", strings.Repeat("\x00", 7), "\x01", "gps", secret), []string{secret, "Ada was here", gpsBytes}, 0}
)

func (t testTrack) media() string {
	if t.handler == "soun" {
		return box("smhd", be32(0), be32(0))
	}
	return box("vmhd", be32(1), be64(0))
}

// trak returns the box of the track with the given table of samples.
func (t testTrack) trak(tables ...string) string {
	return box("trak", box("tkhd", be32(7), birth, be32(t.id), strings.Repeat("\x00", 68)), box("edts", box("elst", be32(0), be32(0))),
		box("tref", box("cdsc", be32(3))), androidUser,
		box("mdia", box("mdhd", "\x01\x00\x00\x00", birth, birth, be32(600), be64(60), be32(0)), box("hdlr", be32(0), "mhlr", t.handler, "appl", be64(0), secret),
			box("minf", t.media(), box("hdlr", be32(0), "dhlralis", be32(0), be64(0), secret), box("gmin", secret),
				box("dinf", box("dref", be32(0), be32(1), box("alis", be32(0), "/home/ada/"+secret))),
				box("stbl", box("stsd", be32(0), be32(1), t.entry), box("stts", be32(0), be32(0)), strings.Join(tables, ""), box("senc", secret)))),
		appleMeta, be32(0))
}

// tables returns tables of samples that have a chunk each.
func (t testTrack) tables(offsets []int) string {
	chunks, sizes := be32(0)+be32(len(offsets)), be32(0)+be32(0)+be32(len(offsets))
	for i, at := range offsets {
		chunks += be32(at)
		sizes += be32(len(t.samples[i]))
	}
	return box("stsc", be32(0), be32(1), be32(1), be32(1), be32(1)) + box("stsz", sizes) + box("stco", chunks)
}

// A testVideo is a video with the offsets of its samples.
type testVideo struct {
	file    string
	samples map[string]int
}

// fileType returns the file type box; it is empty for the oldest QuickTime.
func fileType(brand string) string {
	if brand == "" {
		return ""
	}
	return box("ftyp", brand, be32(0x200), brand)
}

// video returns a video of tracks with alternating samples, and with secrets
// between them.
func video(brand string, tracks ...testTrack) testVideo {
	begin := fileType(brand) + box("wide") + box("free", "freeGPS "+secret)
	if brand == "" {
		begin = box("wide") + box("free", secret)
	}
	f := testVideo{samples: map[string]int{}}
	offsets := make([][]int, len(tracks))
	data := "freeGPS " + secret
	for i := range 3 {
		for n, t := range tracks {
			if i < len(t.samples) {
				at := len(begin) + 8 + len(data)
				offsets[n] = append(offsets[n], at)
				f.samples[t.samples[i]] = at
				data += t.samples[i] + secret
			}
		}
	}
	moov := []string{box("mvhd", be32(0), birth, strings.Repeat("\x00", 88)), box("iods", secret)}
	for n, t := range tracks {
		moov = append(moov, t.trak(t.tables(offsets[n])))
	}
	moov = append(moov, androidUser, appleMeta, adobeXMP, box("gps ", secret), be32(0))
	f.file = begin + box("mdat", data) + adobeXMP + box("moov", moov...) + box("meta", be32(0), secret) + box("free", secret)
	return f
}

// fragmentedVideo returns a video as a browser records it, with secrets between
// its samples. Each fragment has a sample of each track.
func fragmentedVideo(tracks ...testTrack) string {
	moov := []string{box("mvhd", be32(0), birth, strings.Repeat("\x00", 88))}
	defaults := []string{box("mehd", be64(9))}
	for i, t := range tracks {
		t.id = i + 1
		moov = append(moov, t.trak(t.tables(nil)))
		defaults = append(defaults, box("trex", be32(0), be32(t.id), be32(1), be32(0), be32(0), be32(0), secret))
	}
	moov = append(moov, box("mvex", defaults...), androidUser)
	file := fileType("iso5") + box("moov", moov...) + box("styp", "msdh", secret[:4], "msdh", secret[:8]) + box("emsg", secret)
	for n := range 2 {
		data, fragments := secret, []string{box("mfhd", be64(n), secret)}
		for i, t := range tracks {
			run := box("trun", be32(0x201), be32(1), be32(fragmentLength(tracks)+len(data)), be32(len(t.samples[n])), secret)
			fragments = append(fragments, box("traf", box("tfhd", be32(0x20000), be32(i+1), secret), box("tfdt", be64(n), secret), run, box("uuid", secret)))
			data += t.samples[n] + secret
		}
		file += box("moof", append(fragments, box("free", secret))...) + box("mdat", data)
	}
	return file + box("mfra", box("tfra", be32(0), be32(1), be32(0), be32(0), secret), box("mfro", be32(0), be32(0), secret), box("skip", secret)) + box("free", secret)
}

// fragmentLength returns the offset of the data of a fragment from its
// beginning.
func fragmentLength(tracks []testTrack) int {
	traf := len(box("traf", box("tfhd", be64(0), secret), box("tfdt", be64(0), secret), box("trun", be64(0), be64(0), secret), box("uuid", secret)))
	return len(box("moof", box("mfhd", be64(0), secret), box("free", secret))) + len(tracks)*traf + 8
}

func TestAVideoKeepsItsSamplesInPlace(t *testing.T) {
	t.Parallel()
	f := video("isom", videoTrack, soundTrack, gpsTrack)
	out := mustClean(t, f.file)
	for _, track := range []testTrack{videoTrack, soundTrack, gpsTrack} {
		for _, s := range track.samples {
			want := s
			if track.handler == "meta" {
				want = strings.Repeat("\x00", len(s))
			}
			if got := out[f.samples[s]:][:len(s)]; got != want {
				t.Errorf("the %s sample %q is %q; want %q", track.handler, s, got, want)
			}
		}
	}
	for _, word := range []string{birth[:4], "secr", "appl", "/home", "com.apple"} {
		if strings.Contains(out, word) {
			t.Errorf("%q is left", word)
		}
	}
	for _, word := range []string{"how to decode it", "how to hear it", "mhlrvide", "mhlrsoun", "pasp", "elst"} {
		if !strings.Contains(out, word) {
			t.Errorf("%q was removed", word)
		}
	}
	moov := strings.Index(f.file, "moov") - 4
	if end := moov + int(f.file[moov+2])<<8 + int(f.file[moov+3]); len(out) != end {
		t.Errorf("the file has %d bytes; want %d, up to the end of moov", len(out), end)
	}
}

func TestAFragmentedVideoKeepsItsMediaData(t *testing.T) {
	t.Parallel()
	in := fragmentedVideo(videoTrack)
	out := mustClean(t, in)
	for _, word := range []string{"picture 1", "picture two"} {
		if got, want := strings.Index(out, word), strings.Index(in, word); got != want {
			t.Errorf("%q is at %d; want %d", word, got, want)
		}
	}
}

// A fragment can describe the positions of its samples in many ways.
func TestAFragmentedVideoMayHaveEveryFormOfRuns(t *testing.T) {
	t.Parallel()
	const data = "SECRET one 2 III SECRET"
	begin := func(defaults ...string) string {
		track := videoTrack
		track.id = 7
		return fileType("iso5") + box("moov", track.trak(track.tables(nil)), box("mvex", defaults...))
	}
	trex := func(id, size int) string {
		return box("trex", be32(0), be32(id), be32(1), be32(0), be32(size), be32(0))
	}
	for _, c := range []struct {
		name  string
		moov  string
		trafs func(moof, at int) []string // at is the offset of the data from the beginning of the fragment
		want  string
	}{
		{"sizes in the run", begin(), func(_, at int) []string {
			return []string{box("traf", box("tfhd", be32(0x20000), be32(7)), box("trun", be32(0x201), be32(2), be32(at+7), be32(3), be32(2)))}
		}, "one 2"},
		{"sizes among other fields", begin(), func(_, at int) []string {
			return []string{box("traf", box("tfhd", be32(0x20000), be32(7)), box("trun", be32(0xf05), be32(1), be32(at+7), be32(9), be32(8), be32(3), be32(6), be32(5)))}
		}, "one"},
		{"the size of all samples of the track", begin(trex(7, 3), trex(8, 1)), func(_, at int) []string {
			return []string{box("traf", box("tfhd", be32(0x20000), be32(7)), box("trun", be32(1), be32(1), be32(at+7)))}
		}, "one"},
		{"the size of all samples of the fragment", begin(trex(7, 9)), func(_, at int) []string {
			return []string{box("traf", box("tfhd", be32(0x2003a), be32(7), be32(1), be32(2), be32(5), be32(4)), box("trun", be32(1), be32(1), be32(at+7)))}
		}, "one 2"},
		{"an offset from the beginning of the file", begin(trex(7, 1)), func(moof, at int) []string {
			return []string{box("traf", box("tfhd", be32(1), be32(7), be64(moof+at)), box("trun", be32(1), be32(3), be32(7)))}
		}, "one"},
		{"consecutive runs", begin(trex(7, 1)), func(moof, at int) []string {
			return []string{box("traf", box("tfhd", be32(1), be32(7), be64(moof+at+7)), box("trun", be32(0), be32(3)), box("trun", be32(0), be32(2)))}
		}, "one 2"},
		{"consecutive tracks", begin(trex(7, 1)), func(_, at int) []string {
			return []string{box("traf", box("tfhd", be32(0), be32(7)), box("trun", be32(1), be32(3), be32(at+7))),
				box("traf", box("tfhd", be32(0), be32(7)), box("trun", be32(0), be32(2)))}
		}, "one 2"},
		{"a track without a description", begin(trex(7, 1)), func(_, at int) []string {
			return []string{box("traf", box("tfhd", be32(0x20000), be32(7)), box("trun", be32(1), be32(3), be32(at+7))),
				box("traf", box("tfhd", be32(0x20000), be32(9)), box("trun", be32(0x201), be32(1), be32(at), be32(20)))}
		}, "one"},
		{"no run", begin(), func(int, int) []string { return nil }, ""},
	} {
		length := len(box("moof", append([]string{box("mfhd", be64(1))}, c.trafs(0, 0)...)...))
		in := c.moov + box("moof", append([]string{box("mfhd", be64(1))}, c.trafs(len(c.moov), length+8)...)...) + box("mdat", data)
		out := mustClean(t, in)
		want := pad("", 7) + pad(c.want, 16)
		if got := out[len(out)-len(data):]; got != want {
			t.Errorf("%s: %q; want %q", c.name, got, want)
		}
	}
}

// stuffed adds a secret to each box of a video, whose samples come before
// "moov": after the fields of a box and, in a box of boxes, as further boxes.
func stuffed(boxes string) (file string) {
	others := secretBoxes()
	for len(boxes) >= 8 { // QuickTime may end a list with four zeros
		n := int(binary.BigEndian.Uint32([]byte(boxes)))
		typ, body := boxes[4:8], boxes[8:n]
		boxes = boxes[n:]
		switch typ {
		case "moov", "trak", "edts", "mdia", "minf", "dinf", "stbl":
			body = stuffed(body) + others
		case "mvhd", "tkhd", "mdhd", "vmhd", "smhd", "elst", "stts", "stsc", "stsz", "stco":
			body += secret
		}
		file += box(typ, body)
	}
	return file
}

// secretBoxes returns boxes that programs add anywhere.
func secretBoxes() (boxes string) {
	for _, typ := range []string{"free", "skip", "wide", "uuid", "udta", "meta", "sdtp", "pdin", "prfl", "name", "\xa9day", "SDLN", "Xtra"} {
		boxes += box(typ, secret)
	}
	return boxes + box("sgpd", "\x01\x00\x00\x00", "Ada ", be32(len(secret)), be32(1), secret) + box("sgpd", "\x01\x00\x00\x00", "roll", be32(2), be32(1), be16(1), secret) +
		box("sbgp", be32(0), "roll", be32(1), be64(1), secret) + box("sbgp", be32(0), "Ada ", be32(1), be64(1))
}

func TestNoBoxOfAVideoKeepsText(t *testing.T) {
	t.Parallel()
	f := video("isom", videoTrack, soundTrack).file
	moov := strings.Index(f, "moov") - 4
	end := moov + int(binary.BigEndian.Uint32([]byte(f[moov:])))
	track := videoTrack
	track.id = 1
	index := box("sidx", be32(0), be32(1), be32(600), be64(0), be32(1), be32(9), be64(0), secret)
	blank := box("mvhd", be32(0), birth, strings.Repeat("\x00", 60), "Ada was here, was Ada! :", be32(2))
	for name, file := range map[string]string{
		"everywhere in moov":    f[:moov] + stuffed(f[moov:end]) + secretBoxes(),
		"between the boxes":     secretBoxesAfter(fileType("isom")) + box("moov", blank, track.trak("")),
		"the brands":            box("ftyp", "isom", secret[:4], "isomAda MSNV", secret[:8]) + box("moov", track.trak("")),
		"the brands of MOV":     box("ftyp", "qt  ", secret[:4], "qt  Ada ", be32(0)) + box("moov", track.trak("")),
		"a brand of a maker":    box("ftyp", "Ada ", secret[:4], "mp42isom") + box("moov", track.trak("")),
		"the type of a segment": fileType("isom") + box("styp", "Ada ", secret) + box("moov", track.trak("")),
		"the index":             fileType("isom") + box("moov", track.trak("")) + index,
		"fragments":             fragmentedVideo(videoTrack, soundTrack),
		"another random access": fragmentedVideo(videoTrack) + box("mfra", box("uuid", secret), box("tfra", be32(0), be32(1), be32(0), be32(0), secret)),
		"a removed chunk":       fileType("isom") + box("moov", track.trak(box("stsc", be32(0), be32(1), be32(1), be32(1), be32(1))+box("stsz", be32(0), be32(0), be32(0))+box("stco", be32(0), be32(1), be32(2000)))) + box("skip", strings.Repeat(secret, 40)),
	} {
		out := mustClean(t, file)
		for _, word := range []string{secret, secret[:4], secret[:8], "Ada"} {
			if i := strings.Index(out, word); i >= 0 {
				t.Errorf("%s: %q is left at %d of %d: %q", name, word, i, len(out), out[max(0, i-40):i+20])
			}
		}
	}
}

// secretBoxesAfter returns a file's first box and others after it.
func secretBoxesAfter(first string) string { return first + secretBoxes() }

// TestAVideoMayHaveEveryFormOfTables checks all forms of tables of samples. Each must
// lead to the samples, and to nothing else.
func TestAVideoMayHaveEveryFormOfTables(t *testing.T) {
	t.Parallel()
	const at, data = 36, "chunk one, chunk 2 and chunk III"
	sound := func(format, version, extra string) testTrack {
		return testTrack{handler: "soun", entry: box(format, be32(0), be32(1), version, be16(0), be32(0), be16(2), be16(16), be64(0), extra)}
	}
	runs := func(list ...int) string {
		entries := be32(0) + be32(len(list)/2)
		for i := 0; i < len(list); i += 2 {
			entries += be32(list[i]) + be32(list[i+1]) + be32(1)
		}
		return box("stsc", entries)
	}
	chunks := box("stco", be32(0), be32(3), be32(at), be32(at+11), be32(at+23))
	six := runs(1, 1, 2, 3, 3, 2)
	sizes := be32(9) + be32(4) + be32(2) + be32(1) + be32(7) + be32(2)
	const kept = "chunk one\x00\x00chunk 2\x00\x00\x00\x00\x00chunk III"
	for _, c := range []struct {
		name   string
		track  testTrack
		tables string
		want   string
	}{
		{"runs of chunks", videoTrack, six + box("stsz", be32(0), be32(0), be32(6), sizes) + chunks, kept},
		{"offsets of 64 bits", videoTrack, six + box("stsz", be32(0), be32(0), be32(6), sizes) +
			box("co64", be32(0), be32(3), be64(at), be64(at+11), be64(at+23)), kept},
		{"sizes of 4 bits", videoTrack, six + box("stz2", be32(0), be32(4), be32(6), "\x94\x21\x72") + chunks, kept},
		{"sizes of 8 bits", videoTrack, six + box("stz2", be32(0), be32(8), be32(6), "\x09\x04\x02\x01\x07\x02") + chunks, kept},
		{"sizes of 16 bits", videoTrack, six + box("stz2", be32(0), be32(16), be32(6), be16(9)+be16(4)+be16(2)+be16(1)+be16(7)+be16(2)) + chunks, kept},
		{"equal sizes", videoTrack, runs(1, 1, 2, 2) + box("stsz", be32(0), be32(4), be32(5)) + chunks, "chun" + strings.Repeat("\x00", 7) + "chunk 2 " + "\x00\x00\x00\x00" + "chunk II\x00"},
		{"uncompressed sound", sound("sowt", be16(0), ""), runs(1, 1) + box("stsz", be32(0), be32(1), be32(3)) + chunks, "chun" + strings.Repeat("\x00", 7) + "chun" + strings.Repeat("\x00", 8) + "chun" + strings.Repeat("\x00", 5)},
		{"telephone sound", sound("ulaw", be16(0), ""), runs(1, 2) + box("stsz", be32(0), be32(1), be32(5)) + chunks,
			"chun" + strings.Repeat("\x00", 7) + "chun" + strings.Repeat("\x00", 8) + "ch" + strings.Repeat("\x00", 7)},
		{"sound in samples of known size", sound("samr", be16(0), ""), runs(1, 1) + box("stsz", be32(0), be32(3), be32(3)) + chunks,
			"chu" + strings.Repeat("\x00", 8) + "chu" + strings.Repeat("\x00", 9) + "chu" + strings.Repeat("\x00", 6)},
		{"sound in packets", sound("ima4", be16(1), be32(2)+be32(0)+be32(3)+be32(0)), runs(1, 3) + box("stsz", be32(0), be32(1), be32(9)) + chunks, "chunk \x00\x00\x00\x00\x00" + "chunk \x00\x00\x00\x00\x00\x00" + "chunk \x00\x00\x00"},
		{"sound of the second version", sound("lpcm", be16(2), be32(72)+be64(0)+be32(2)+be32(0x7f000000)+be32(16)+be32(12)+be32(5)+be32(1)), runs(1, 1) + box("stsz", be32(0), be32(1), be32(3)) + chunks,
			"chunk\x00\x00\x00\x00\x00\x00" + "chunk\x00\x00\x00\x00\x00\x00\x00" + "chunk\x00\x00\x00\x00"},
		{"more chunks than samples", videoTrack, runs(1, 1) + box("stsz", be32(0), be32(0), be32(1), be32(9)) + chunks, "chunk one" + strings.Repeat("\x00", 23)},
		{"chunks that touch each other", videoTrack, runs(1, 1) + box("stsz", be32(0), be32(4), be32(3)) +
			box("stco", be32(0), be32(3), be32(at), be32(at+4), be32(at+8)), "chunk one, c" + strings.Repeat("\x00", 20)},
		{"overlapping chunks without an order", videoTrack, runs(1, 1) + box("stsz", be32(0), be32(4), be32(3)) +
			box("stco", be32(0), be32(3), be32(at+28), be32(at+1), be32(at)), "chunk" + strings.Repeat("\x00", 23) + " III"},
		{"no tables", videoTrack, "", strings.Repeat("\x00", 32)},
	} {
		in := box("ftyp", "isom", be32(0), "isomiso2") + box("mdat", data[:32]) + box("moov", box("mvhd", be32(0), birth), c.track.trak(c.tables))
		if !strings.HasPrefix(in[at-4:], "mdat") {
			in = box("ftyp", "isom", be32(0), "isomiso2", "mp41") + in[24:]
		}
		start := strings.Index(in, data)
		if start != at {
			t.Fatalf("the test has its data at %d, not at %d", start, at)
		}
		if got := mustClean(t, in)[at:][:32]; got != c.want {
			t.Errorf("%s: %q; want %q", c.name, got, c.want)
		}
	}
}

func TestAVideoMayHaveBoxesOf64Bits(t *testing.T) {
	t.Parallel()
	large := func(typ, body string) string { return be32(1) + typ + be64(16+len(body)) + body }
	moov := box("moov", videoTrack.trak(videoTrack.tables(nil)), large("udta", secret))
	out := mustClean(t, fileType("isom")+large("skip", secret)+moov+be32(0)+"mdat"+secret)
	if strings.Contains(out, "Ada") || !strings.Contains(out, be32(1)+"free"+be64(16+len(secret))+"\x00") {
		t.Errorf("the file is %q", out)
	}
}

// scattered returns tables of n samples of one byte, with a byte between them.
func scattered(n int) string {
	var offsets strings.Builder
	for i := range n {
		offsets.WriteString(be32(2*i + 2<<20))
	}
	return box("stsc", be32(0), be32(1), be32(1), be32(1), be32(1)) + box("stsz", be32(0), be32(1), be32(n)) + box("stco", be32(0), be32(n), offsets.String())
}

func TestDamagedVideo(t *testing.T) {
	t.Parallel()
	moov := func(tables string) string { return fileType("isom") + box("moov", videoTrack.trak(tables)) }
	one := box("stsc", be32(0), be32(1), be32(1), be32(1), be32(1))
	huge := "\xff\xff\xff\xff"
	for name, file := range map[string]string{
		"no movie":                          fileType("isom"),
		"no tracks":                         fileType("isom") + box("moov", box("mvhd", be32(0), birth)),
		"two movies":                        moov("") + box("moov"),
		"a malformed file type":             box("ftyp", "isom", be32(0), "abc"),
		"a file type without a version":     box("ftyp", "isom"),
		"a file type beyond the end":        be32(100) + "ftypisom",
		"media data beyond the end":         moov("") + be32(100) + "mdat" + secret,
		"a box of less than its own size":   moov("") + be32(7) + "mdat",
		"a negative size of 64 bits":        moov("") + be32(1) + "mdat" + huge + huge,
		"a track longer than the movie":     fileType("isom") + box("moov", be32(1000)+"trak"+secret),
		"a track without media":             fileType("isom") + box("moov", box("trak", box("tkhd", be32(0), birth))),
		"a track of two kinds":              fileType("isom") + box("moov", box("trak", box("mdia", box("hdlr", be32(0), "mhlrvide"), box("hdlr", be32(0), "mhlrmeta")))),
		"truncated times":                   fileType("isom") + box("moov", box("mvhd", be32(0)), videoTrack.trak("")),
		"a truncated description":           fileType("isom") + box("moov", testTrack{handler: "vide", entry: box("avc1", "short")}.trak("")),
		"a truncated description of sound":  fileType("isom") + box("moov", testTrack{handler: "soun", entry: box("mp4a", "short")}.trak("")),
		"fewer offsets than declared":       moov(one + box("stsz", be32(0), be32(1), be32(1)) + box("stco", be32(0), huge)),
		"fewer sizes than declared":         moov(one + box("stsz", be32(0), be32(0), huge) + box("stco", be32(0), be32(1), be32(0))),
		"fewer runs than declared":          moov(box("stsc", be32(0), huge) + box("stco", be32(0), be32(1), be32(0))),
		"a table without a number":          moov(box("stco", be32(0))),
		"a sample beyond the end":           moov(one + box("stsz", be32(0), be32(9), be32(1)) + box("stco", be32(0), be32(1), huge)),
		"samples of more bytes than exist":  moov(box("stsc", be32(0), be32(1), be32(1), huge, be32(1)) + box("stsz", be32(0), huge, huge) + box("stco", be32(0), be32(1), be32(0))),
		"samples outside of the media data": moov(one+box("stsz", be32(0), be32(9), be32(1))+box("stco", be32(0), be32(1), be32(0))) + box("mdat", "no sample"),
		"a negative offset":                 moov(one + box("stsz", be32(0), be32(9), be32(1)) + box("co64", be32(0), be32(1), huge, huge)),
		"sizes of five bits":                moov(one + box("stz2", be32(0), be32(5), be32(1))),
		"too many tracks":                   fileType("isom") + box("moov", strings.Repeat(videoTrack.trak(""), 65)),
		"a track whose media has no size":   fileType("isom") + box("moov", box("trak", be32(0)+"mdia"+box("hdlr", be64(0), "vide"))),
	} {
		if _, _, err := clean(file); !errors.Is(err, media.ErrDamaged) {
			t.Errorf("%s: %v; want %v", name, err, media.ErrDamaged)
		}
	}
}
