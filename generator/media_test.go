package generator_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTheMediaOfABundleAreBesideItsPage(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/b/index.md": note("2026-11-20", "photo:\n  - value: pic one.png\n    alt: A pixel\n  - sub/two.png\n  - https://else.example/three.png\nvideo: ./v.mp4\naudio: a%2B.mp3", "Look"),
		"content/about.md":   "Me", "content/b/pic one.png": pngOf(t, 30, 20), "content/b/sub/two.png": pngOf(t, 1, 1), "content/b/v.mp4": "video", "content/b/a+.mp3": "audio",
	})
	if r := s.build(); len(r.Problems)+len(r.Warnings) > 0 {
		t.Errorf("problems %q, warnings %q", r.Problems, r.Warnings)
	}
	page := s.output("2026/11/b/index.html")
	for _, want := range []string{`src="/2026/11/b/pic%20one.png"`, `width="30" height="20"`, `src="/2026/11/b/sub/two.png"`, `src="https://else.example/three.png"`, `src="/2026/11/b/v.mp4"`, `src="/2026/11/b/a%2B.mp3"`,
		`<meta property="og:image" content="https://alice.example/2026/11/b/pic%20one.png">`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, name := range []string{"feed.xml", "feed.atom", "feed.json", "index.html"} {
		if !strings.Contains(s.output(name), "/2026/11/b/pic%20one.png") {
			t.Errorf("%s lacks the picture", name)
		}
	}
	walkLinks(t, "https://alice.example/", s.outputs())
}

func TestAMissingPictureIsReportedWithFileAndLine(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/index.md":        "![a](/gone.png)",
		"content/b/index.md":      note("2026-11-20", "", "a\n![b](gone.png) ![c](gone.png)\n![d](there.png) ![e](https://b.example/x.png) ![f](/b.svg)\n\n![g](/2026/11/b/there.png)"),
		"content/notes/c.md":      note("2026-11-20", "format: html", "<p>\n<img src='/2026/11/b/there.png'>\n<img src=\"d.avif\">"),
		"content/notes/d.md":      note("2026-11-20", "title: D", "![a](../../../static.png) ![b](/media/3f/a.jpg) ![c](/about.html) ![d](/tags/)"),
		"content/pages/about.md":  "---\npermalink: /about.html\n---\nA page\n",
		"content/b/there.png":     "a picture",
		"static/static.png":       "a picture",
		"media/3f/a.jpg":          "a picture",
		"content/notes/unseen.md": note("2026-11-20", "draft: true", "![a](/unseen.png)"),
	})
	want := []string{
		"content/b/index.md:5: shows /2026/11/b/gone.png, and there is no such file",
		"content/b/index.md:6: shows /b.svg, and there is no such file",
		"content/index.md:1: shows /gone.png, and there is no such file",
		"content/notes/c.md:7: shows /2026/11/c/d.avif, and there is no such file",
	}
	if r := s.build(); !slices.Equal(r.Warnings, want) {
		t.Errorf("got %q\nwant %q", r.Warnings, want)
	}
	for i, file := range []string{"content/b/gone.png", "static/b.svg", "static/gone.png", "static/2026/11/c/d.avif"} {
		s.write(file, "a picture")
		if r := s.build(); slices.Contains(r.Warnings, want[i]) {
			t.Errorf("with %s there is a warning still: %s", file, want[i])
		}
	}
}

func TestOnlySoManyPicturesOfANoteAreLookedFor(t *testing.T) {
	var markdown, html strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&markdown, "![a](/%d.png)\n\n", i)
		fmt.Fprintf(&html, "<img src=\"/%d.png\">\n\n", i)
	}
	for format, text := range map[string]string{"markdown": markdown.String(), "html": html.String()} {
		s := newTestSite(t, map[string]string{"content/a.md": note("2026-11-20", "title: A\nformat: "+format, text)})
		r := s.build()
		if len(r.Warnings) != 1000 || !strings.HasPrefix(r.Warnings[999], "content/a.md:2004: shows /999.png,") {
			t.Errorf("%s: %d warnings, the last is %q", format, len(r.Warnings), r.Warnings[len(r.Warnings)-1])
		}
	}
}

func TestAFileThatIsSkippedTakesNothingFromItsBundle(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/b/index.md": note("2026-11-20", "", "A"), "content/b/c/d.txt": "d", "content/b/c/_e.md": "Not read",
		"content/b/f/g.txt": "g", "content/b/f/h.md": note("2026-11-20", "", "Read"),
	})
	s.build()
	if out := s.outputs(); out["2026/11/b/c/d.txt"] != "d" || out["2026/11/b/f/g.txt"] != "" {
		t.Errorf("of the bundle there are %v", slices.Sorted(maps.Keys(out)))
	}
}

func TestABundleWithTheAddressOfAFilePublishesNoFiles(t *testing.T) {
	s := newTestSite(t, map[string]string{"content/b/index.md": note("2026-11-20", "permalink: /old/b.html", "A"), "content/b/a.txt": "a"})
	want := "content/b/index.md:1: the files beside it are not published, since its address /old/b.html is not that of a folder: it must end in \"/\""
	if r := s.build(); !slices.Equal(r.Warnings, []string{want}) {
		t.Errorf("got %q\nwant %q", r.Warnings, want)
	}
	s.remove("content/b/a.txt")
	if r := s.build(); len(r.Warnings) > 0 {
		t.Errorf("without files: %q", r.Warnings)
	}
}

func TestFeedsHaveTheLengthsOfTheSitesFiles(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/b/index.md": note("2026-11-20", "audio: a.mp3\nvideo: [/v.mp4, /media/3f/m.mp4, https://b.example/x.mp4, /gone.mp4]", "Listen"),
		"content/b/a.mp3":    "12345", "static/v.mp4": "123456", "media/3f/m.mp4": "1234567",
	})
	lengths := func() (all []string) {
		for _, m := range regexp.MustCompile(`"size_in_bytes": ?(\d+)`).FindAllStringSubmatch(s.output("feed.json"), -1) {
			all = append(all, m[1])
		}
		return all
	}
	s.build()
	if !strings.Contains(s.output("feed.xml"), `/a.mp3" length="5"`) {
		t.Error("RSS lacks the length of the sound")
	}
	if got, want := lengths(), []string{"5", "6", "7"}; !slices.Equal(got, want) {
		t.Errorf("lengths %q, want %q", got, want)
	}
	for _, change := range []struct {
		file, text string
		want       []string
	}{
		{"static/v.mp4", "12", []string{"5", "2", "7"}},
		{"content/b/a.mp3", "123", []string{"3", "2", "7"}},
	} {
		s.write(change.file, change.text)
		s.build()
		if got := lengths(); !slices.Equal(got, change.want) {
			t.Errorf("after a change of %s: lengths %q, want %q", change.file, got, change.want)
		}
	}
}

func TestMediaThatLeadNowhereAreReportedWithFileAndLine(t *testing.T) {
	const end = " is neither a file of the note's bundle nor an http(s) URL nor a path such as \"/media/a.jpg\"; it is left out"
	for _, tc := range []struct{ rule, file, front, want string }{
		{"no such file", "content/b/index.md", "title: T\nphoto: gone.png", `content/b/index.md:4: photo: "gone.png"` + end},
		{"no bundle", "content/b/2026-11-20-c.md", "photo: pic.png", `content/b/2026-11-20-c.md:3: photo: "pic.png"` + end},
		{"a file of another folder", "content/b/index.md", "audio: ../other/a.mp3", `content/b/index.md:3: audio: "../other/a.mp3"` + end},
		{"a name that is not an address", "content/b/index.md", "photo: 100%.png", `content/b/index.md:3: photo: "100%.png"` + end},
		{"an upload that is not there", "content/b/index.md", "title: T\nphoto: {value: /media/3f/gone.jpg, alt: A}", `content/b/index.md:4: photo: "/media/3f/gone.jpg" is shown, and there is no such file`},
		{"a sound that is not there", "content/b/index.md", "audio: https://alice.example/gone.mp3", `content/b/index.md:3: audio: "https://alice.example/gone.mp3" is shown, and there is no such file`},
		{"below properties", "content/b/index.md", "title: T\nproperties:\n  video: [{value: gone.mp4}]", `content/b/index.md:4: video: "gone.mp4"` + end},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			s := newTestSite(t, map[string]string{tc.file: note("2026-11-20", tc.front, "Look"), "content/other/a.mp3": "audio"})
			s.write("content/b/pic.png", pngOf(t, 1, 1))
			r := s.build()
			if !slices.Equal(r.Warnings, []string{tc.want}) {
				t.Errorf("got %q\nwant %q", r.Warnings, tc.want)
			}
		})
	}
	s := newTestSite(t, map[string]string{"content/b/index.md": note("2026-11-20", "photo: pic.png", "Look")})
	s.build()
	s.write("content/b/pic.png", pngOf(t, 1, 1)) // it comes later
	if r := s.build(); len(r.Warnings) > 0 || !strings.Contains(s.output("2026/11/b/index.html"), "u-photo") || !strings.Contains(s.output("feed.xml"), "pic.png") {
		t.Errorf("a picture that came later is not on the page and in the feed: %q", r.Warnings)
	}
}
