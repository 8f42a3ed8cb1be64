package generator_test

import (
	"slices"
	"strings"
	"testing"
)

func TestTheMediaOfABundleStandBesideItsPage(t *testing.T) {
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

func TestMediaThatLeadNowhereAreNamedByFileAndLine(t *testing.T) {
	const end = " is neither a file of the note's bundle nor an http(s) URL nor a path such as \"/media/a.jpg\"; it is left out"
	for _, tc := range []struct{ rule, file, front, want string }{
		{"no such file", "content/b/index.md", "title: T\nphoto: gone.png", `content/b/index.md:4: photo: "gone.png"` + end},
		{"no bundle", "content/b/2026-11-20-c.md", "photo: pic.png", `content/b/2026-11-20-c.md:3: photo: "pic.png"` + end},
		{"a file of another folder", "content/b/index.md", "audio: ../other/a.mp3", `content/b/index.md:3: audio: "../other/a.mp3"` + end},
		{"a name that is no address", "content/b/index.md", "photo: 100%.png", `content/b/index.md:3: photo: "100%.png"` + end},
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
