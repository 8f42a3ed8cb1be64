package generator_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

func pngOf(t *testing.T, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gifOf(t *testing.T, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// jpegOf is a JPEG with segments between its first marker and the rest.
func jpegOf(t *testing.T, width, height int, segments ...string) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	return b.String()[:2] + strings.Join(segments, "") + b.String()[2:]
}

func segment(marker byte, data string) string {
	return string(binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(data)+2))) + data
}

// exif returns the segment in which a camera records its orientation.
func exif(order binary.AppendByteOrder, mark string, orientation uint16) string {
	b := []byte(mark)
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8) // where the directory is
	b = order.AppendUint16(b, 2) // entries
	for _, e := range [][2]uint16{{0x010F, 1}, {0x0112, orientation}} {
		b = order.AppendUint16(b, e[0])
		b = order.AppendUint16(b, 3) // a SHORT
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, e[1])
		b = order.AppendUint16(b, 0)
	}
	return segment(0xE1, "Exif\x00\x00"+string(b))
}

// webpOf returns the beginning of an extended WebP, which has its size.
func webpOf(width, height int) string {
	b := append([]byte("RIFF\x00\x01\x00\x00WEBPVP8X"), 10, 0, 0, 0, 0, 0, 0, 0)
	for _, side := range []int{width - 1, height - 1} {
		b = append(b, byte(side), byte(side>>8), byte(side>>16))
	}
	return string(b)
}

// pictures are the img elements of an output that match, each as "WIDTHxHEIGHT",
// "x" where it has no size, and "lazy" if it can wait.
func (s *testSite) pictures(name, selector string) []string {
	s.t.Helper()
	doc, err := html.Parse(strings.NewReader(s.output(name)))
	if err != nil {
		s.t.Fatal(err)
	}
	var found []string
	for _, img := range cascadia.QueryAll(doc, cascadia.MustCompile(selector)) {
		has := map[string]string{}
		for _, a := range img.Attr {
			has[a.Key] = a.Val
		}
		found = append(found, strings.TrimSpace(has["width"]+"x"+has["height"]+" "+has["loading"]))
	}
	return found
}

func TestPicturesHaveTheirSizes(t *testing.T) {
	photo := func(value string) string { return "photo: " + value }
	cases := []struct {
		name, file, data string // a file of the site
		front, body      string
		want             string
	}{
		{"an upload", "media/aa/a.jpg", jpegOf(t, 60, 40), photo("/media/aa/a.jpg"), "", "60x40"},
		{"a static file", "static/a b.png", pngOf(t, 6, 4), photo("/static/a%20b.png"), "", "6x4"},
		{"a GIF", "static/a.gif", gifOf(t, 7, 9), photo("/static/a.gif"), "", "7x9"},
		{"a WebP", "static/a.webp", webpOf(1234, 567), photo("/static/a.webp"), "", "1234x567"},
		{"a capital extension", "static/A.PNG", pngOf(t, 6, 4), photo("/static/A.PNG"), "", "6x4"},
		{"a picture turned by a quarter", "media/a.jpg", jpegOf(t, 60, 40, exif(binary.LittleEndian, "II", 6)), photo("/media/a.jpg"), "", "40x60"},
		{"in the other byte order", "media/a.jpg", jpegOf(t, 60, 40, segment(0xE0, "JFIF\x00"), exif(binary.BigEndian, "MM", 8)), photo("/media/a.jpg"), "", "40x60"},
		{"a picture turned upside down", "media/a.jpg", jpegOf(t, 60, 40, exif(binary.LittleEndian, "II", 3)), photo("/media/a.jpg"), "", "60x40"},
		{"an orientation that there is not", "media/a.jpg", jpegOf(t, 60, 40, exif(binary.LittleEndian, "II", 77)), photo("/media/a.jpg"), "", "60x40"},
		{"a directory that points nowhere", "media/a.jpg", jpegOf(t, 60, 40, segment(0xE1, "Exif\x00\x00II*\x00\xFF\xFF\xFF\xFF")), photo("/media/a.jpg"), "", "60x40"},
		{"a directory that is cut off", "media/a.jpg", jpegOf(t, 60, 40, segment(0xE1, "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x09\x01")), photo("/media/a.jpg"), "", "60x40"},
		{"in the text", "static/a.png", pngOf(t, 6, 4), "", "![x](/static/a.png)", "6x4"},
		{"at the site's whole address", "static/a.png", pngOf(t, 6, 4), "", "![x](https://alice.example/static/a.png)", "6x4"},
		{"in HTML", "static/a.png", pngOf(t, 6, 4), "format: html", `<p><img src="/static/a.png">`, "6x4"},
		{"in HTML with a size of its own", "static/a.png", pngOf(t, 6, 4), "format: html", `<p><img src="/static/a.png" width="3" height="2">`, "3x2"},
		{"beside a bundle", "content/a.png", pngOf(t, 6, 4), "", "![x](a.png)", "6x4"},
		{"no file", "static/other.png", pngOf(t, 6, 4), "", "![x](/static/a.png)", "x"},
		{"no picture", "static/a.png", "text", "", "![x](/static/a.png)", "x"},
		{"a format without pixels", "static/a.svg", "<svg/>", "", "![x](/static/a.svg)", "x"},
		{"a size beyond the bound", "static/a.webp", webpOf(1<<16+1, 5), "", "![x](/static/a.webp)", "x"},
		{"a size behind the bound", "static/a.jpg", jpegOf(t, 60, 40, strings.Repeat(segment(0xE2, strings.Repeat("x", 65000)), 17)), "", "![x](/static/a.jpg)", "x"},
		{"a path that climbs out", "", "", "", "![x](/media/../../a.png)", "x"},
		{"of another site", "static/a.png", pngOf(t, 6, 4), "", "![x](https://alice.example.org/static/a.png)", "x"},
	}
	// Each case has files and a note of its own, in one site.
	s := newTestSite(t, nil)
	s.extra = "[home]\ncount = 100\n"
	for i, tc := range cases {
		own := fmt.Sprintf("/case%d/", i)
		for _, old := range []string{"static/", "media/", "content/"} {
			if name, ok := strings.CutPrefix(tc.file, old); ok {
				s.write(old+own[1:]+name, tc.data)
			}
		}
		address := strings.NewReplacer("/media/", "/media"+own, "/static/", own)
		s.write(fmt.Sprintf("content%sindex.md", own), note("2026-11-20T09:00:00Z", address.Replace(tc.front), address.Replace(tc.body)))
	}
	s.write("a.png", pngOf(t, 6, 4)) // beside the site's folders: it is not published
	s.build()
	for i, tc := range cases {
		if got := s.pictures(fmt.Sprintf("2026/11/case%d/index.html", i), ".entry > .photos img, .prose img"); len(got) != 1 || got[0] != tc.want {
			t.Errorf("%s: the page has %q, want %q", tc.name, got, tc.want)
		}
	}
	if all := s.pictures("index.html", ".entry > .photos img, .prose img"); len(all) != len(cases) {
		t.Errorf("the front page has %d pictures", len(all))
	}
}

func TestOnlyTheFirstPictureOfAPageIsLoadedAtOnce(t *testing.T) {
	photos := "photo: [/a.png, /b.png]"
	s := newTestSite(t, map[string]string{
		"static/a.png":            pngOf(t, 1, 1),
		"content/index.md":        "![mine](/a.png)",
		"content/2026-11-01-a.md": note("2026-11-01", photos, "![c](/a.png) ![d](https://example.org/d.png)"),
		"content/2026-11-02-b.md": note("2026-11-02", "", "![c](/a.png)\n\n<!--more-->\n\n![d](/a.png)"),
		"content/2026-11-03-c.md": note("2026-11-03", "summary: In short", "![c](/a.png)"),
	})
	s.build()
	for page, want := range map[string]string{
		"2026/11/a/index.html": "[1x1 x lazy 1x1 lazy x lazy]",
		"2026/11/b/index.html": "[1x1 1x1 lazy]",
		"2026/11/c/index.html": "[1x1]",
		"index.html":           "[1x1 1x1 lazy 1x1 lazy x lazy 1x1 lazy x lazy]",
	} {
		if got := fmt.Sprint(s.pictures(page, ".entry > .photos img, .prose img")); got != want {
			t.Errorf("%s: %s, want %s", page, got, want)
		}
	}
}

func TestAPictureThatChangesChangesItsPages(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/2026-11-01-a.md": note("2026-11-01", "", "![c](/a.png)"),
		"content/index.md":        "![c](/a.png)",
	})
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"before it exists", func() {}, "x"},
		{"when it comes", func() { s.write("static/a.png", pngOf(t, 1, 2)) }, "1x2"},
		{"when another takes its place", func() { s.write("static/a.png", pngOf(t, 30, 40)) }, "30x40"},
		{"when it goes", func() { s.remove("static/a.png") }, "x"},
	} {
		step.do()
		s.build()
		if got := s.pictures("2026/11/a/index.html", ".prose img"); got[0] != step.want {
			t.Errorf("%s: the page has %q, want %q", step.name, got, step.want)
		}
		if got := s.pictures("index.html", ".prose img"); got[0] != step.want || got[1] != step.want+" lazy" {
			t.Errorf("%s: the front page has %q, want %q", step.name, got, step.want)
		}
	}
}
