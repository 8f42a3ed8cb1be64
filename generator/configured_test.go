package generator_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"starpunk/generator"
	"starpunk/site/store"
)

const formerAddresses = `[redirects]
"/old/" = "/about/"
"/old.php" = "/about/"
"/away/" = "https://other.example/?a=b"
"/2019/" = "/about/"
"/index.xml" = "/feed.xml"
"/atom.xml" = "/feed.atom"
"/feed/" = "/feed.xml"
"/tags/b/feed.xml" = "/tags/a/feed.xml"
`

func TestFormerAddressesOfTheConfiguration(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/about.md":   "About\n",
		"content/notes/a.md": note("2026-11-20", "tags: [a]", "First"),
	})
	s.extra = formerAddresses
	if r := s.build(); len(r.Warnings) > 0 {
		t.Errorf("warnings: %q", r.Warnings)
	}
	for name, to := range map[string]string{
		"old/index.html": "https://alice.example/about/", "old.php/index.html": "https://alice.example/about/",
		"2019/index.html": "https://alice.example/about/", "away/index.html": "https://other.example/?a=b",
	} {
		if page := s.output(name); !strings.Contains(page, `content="0; url=`+to+`"`) {
			t.Errorf("%s does not lead to %s:\n%s", name, to, page)
		}
	}
	copies := map[string]string{"index.xml": "feed.xml", "feed/index.html": "feed.xml", "atom.xml": "feed.atom", "tags/b/feed.xml": "tags/a/feed.xml"}
	check := func(when string) {
		t.Helper()
		for name, feed := range copies {
			if s.output(name) != s.output(feed) || s.output(feed) == "" {
				t.Errorf("%s, %s is not a copy of %s", when, name, feed)
			}
		}
	}
	check("at first")
	wantMap := "\"/2019/\" \"/about/\"\n\"/atom.xml\" \"/feed.atom\"\n" +
		"\"/away/\" \"https://other.example/?a=b\"\n\"/feed/\" \"/feed.xml\"\n" +
		"\"/index.xml\" \"/feed.xml\"\n\"/old.php/\" \"/about/\"\n" +
		"\"/old/\" \"/about/\"\n\"/tags/b/feed.xml\" \"/tags/a/feed.xml\"\n"
	if got := s.redirects("caddy"); got != wantMap {
		t.Errorf("the map for Caddy is\n%s\nwant\n%s", got, wantMap)
	}
	s.write("content/notes/b.md", note("2026-11-21", "tags: [a, b]", "Second"))
	s.build()
	delete(copies, "tags/b/feed.xml")
	check("after a note")
	if feed := s.output("tags/b/feed.xml"); strings.Contains(feed, "First") || !strings.Contains(feed, "Second") {
		t.Errorf("the feed of a tag is not in place of the redirect:\n%s", feed)
	}
	if strings.Contains(s.redirects("caddy"), "/tags/b/") {
		t.Error("the map leads away from a feed that exists")
	}
	s.extra = ""
	s.build()
	for _, name := range []string{"old", "old.php", "2019", "index.xml", "atom.xml", "feed"} {
		if s.hasOutput(name) {
			t.Errorf("%s stays after its redirect was removed", name)
		}
	}
	if got := s.redirects("nginx"); got != "" {
		t.Errorf("the map is %q", got)
	}
}

// Each of these sources shadows a redirect, in two steps or in one.
func TestSourcesThatShadowARedirectOfTheConfiguration(t *testing.T) {
	s := newTestSite(t, map[string]string{"content/about.md": "About\n", "content/notes/a.md": note("2026-11-20", "", "First")})
	s.extra = `[redirects]
"/page/" = "/about/"
"/photos/" = "/about/"
"/2020/" = "/about/"
"/alias/" = "/about/"
"/static.txt" = "/about/"
"/index.xml" = "/feed.xml"
"/feed/" = "/feed.xml"
"/2026/11/sea/waves.xml" = "/feed.xml"
"/below/x/" = "/about/"
"/nowhere/" = "/missing/"
`
	lines := map[string]string{}
	for i, line := range strings.Split(testConfig+s.extra, "\n") {
		from, _, _ := strings.Cut(strings.TrimPrefix(line, `"`), `"`)
		lines[from] = fmt.Sprintf("starpunk.toml:%d: redirects: ", i+1)
	}
	nowhere := lines["/nowhere/"] + "/nowhere/ leads to /missing/, which does not exist"
	if r := s.build(); !slices.Equal(r.Warnings, []string{nowhere}) {
		t.Errorf("warnings: %q", r.Warnings)
	}
	before := s.outputs()
	files := map[string]string{
		"content/page.md":       "A page\n",
		"content/feed.md":       "A page about feeds\n",
		"content/notes/p.md":    note("2020-03-01", "photo: /p.jpg\naliases: [/alias/]", "A photo"),
		"content/sea/index.md":  note("2026-11-21", "", "[Waves](waves.xml)"),
		"content/sea/waves.xml": "<waves/>",
		"static/static.txt":     "a file",
		"static/index.xml":      "another",
		"static/below":          "a file in place of a folder",
		"static/p.jpg":          "",
	}
	for name, text := range files {
		s.write(name, text)
	}
	r := s.build()
	for _, want := range []string{
		lines["/page/"] + "/page/ has no effect: content/page.md takes precedence",
		lines["/photos/"] + "/photos/ has no effect: the list at this address takes precedence",
		lines["/2020/"] + "/2020/ has no effect: the list at this address takes precedence",
		lines["/alias/"] + "/alias/ has no effect: it is an alias of the note at /2020/03/p/",
		lines["/static.txt"] + "/static.txt/ has no effect: static/static.txt takes precedence",
		lines["/index.xml"] + "/index.xml has no effect: static/index.xml takes precedence",
		lines["/feed/"] + "/feed/ has no effect: content/feed.md takes precedence",
		lines["/2026/11/sea/waves.xml"] + "/2026/11/sea/waves.xml has no effect: content/sea/index.md takes precedence",
		lines["/below/x/"] + "/below/x/ has no effect: static/below takes precedence",
		nowhere,
	} {
		if !slices.Contains(r.Warnings, want) {
			t.Errorf("%q is not among the warnings\n%s", want, strings.Join(r.Warnings, "\n"))
		}
	}
	both := s.outputs()
	for name, want := range map[string]string{"static.txt": "a file", "index.xml": "another", "2026/11/sea/waves.xml": "<waves/>", "feed/index.html": "A page about feeds", "page/index.html": "A page"} {
		if !strings.Contains(both[name], want) {
			t.Errorf("%s: got %q, want %q", name, both[name], want)
		}
	}
	if want := "\"/alias/\" \"/2020/03/p/\"\n\"/nowhere/\" \"/missing/\"\n"; s.redirects("caddy") != want {
		t.Errorf("the map is\n%s\nwant\n%s", s.redirects("caddy"), want)
	}
	if again := s.build(); !slices.Equal(again.Warnings, r.Warnings) {
		t.Errorf("an unchanged build does not repeat the warnings: %q", again.Warnings)
	}
	s.remove("public")
	s.remove(".starpunk")
	s.build()
	if d := diff(both, s.outputs()); d != "" {
		t.Errorf("built in two steps (got) and in one (want):\n%s", d)
	}
	for name := range files {
		s.remove(name)
	}
	s.build()
	if d := diff(s.outputs(), before); d != "" {
		t.Errorf("after they were removed (got) and before they came (want):\n%s", d)
	}
}

func TestACopyOfAFeedCostsTheSameOnASiteOfAnySize(t *testing.T) {
	var written []int64
	for _, notes := range []int{30, 300} {
		s := newTestSite(t, nil)
		s.extra = formerAddresses
		for i := range notes {
			s.write(fmt.Sprintf("content/notes/%04d.md", i), note(fmt.Sprintf("%d-%02d-%02d", 2015+i%10, i%12+1, i%28+1), "", "Text"))
		}
		s.build()
		s.write("content/notes/new.md", note("2026-11-21", "", "New"))
		err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
			r, err := g.Build(context.Background())
			if err == nil {
				written = append(written, r.Written)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if written[0] != written[1] {
		t.Errorf("one note writes %d files on a small site, %d on a large one", written[0], written[1])
	}
}
