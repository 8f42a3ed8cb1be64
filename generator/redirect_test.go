package generator_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAFormerAddressLeadsToTheNote(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/notes/a.md": note("2026-11-20", "aliases: [/old/, /2026/11/b/, /feed.xml, /about/, /photo.jpg/, /2026/11/, /logo/x/]", "Text"),
		"content/notes/b.md": note("2026-11-21", "", "Another"),
		"content/about.md":   "About\n",
		"static/logo":        "a file",
	})
	s.build()
	if page := s.output("old/index.html"); !strings.Contains(page, `url=https://alice.example/2026/11/a/"`) || !strings.Contains(page, `rel="canonical"`) {
		t.Errorf("the redirect is\n%s", page)
	}
	for _, name := range []string{"2026/11/b/index.html", "about/index.html", "2026/11/index.html"} {
		if strings.Contains(s.output(name), "has moved") {
			t.Errorf("a redirect shadows %s", name)
		}
	}
	for _, name := range []string{"feed.xml", "logo"} {
		if s.output(name) == "" {
			t.Errorf("a redirect shadows %s", name)
		}
	}
	// It is written when the page is removed, and removed with its note.
	s.remove("content/notes/b.md")
	s.build()
	if page := s.output("2026/11/b/index.html"); !strings.Contains(page, "has moved") {
		t.Errorf("the redirect did not come:\n%s", page)
	}
	s.write("content/notes/a.md", note("2026-11-20", "aliases: [/old/]\ndraft: true", "Text"))
	s.build()
	for _, name := range []string{"2026/11/b/index.html", "old/index.html"} {
		if s.hasOutput(name) {
			t.Errorf("%s leads to a draft", name)
		}
	}
}

func TestAnAddressThatNamesTheFileOfAPageIsThatOfThePage(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/about.md":   "About\n",
		"content/notes/a.md": note("2026-11-20", "aliases: [/2026/11/a/index.html, /about/index.html, /old/index.html]", "Text"),
		"content/notes/x.md": note("2026-11-20", "permalink: /x/index.html", "One"),
		"content/notes/y.md": note("2026-11-21", "permalink: /x/", "Two"),
	})
	r := s.build()
	for _, name := range []string{"2026/11/a/index.html", "about/index.html"} {
		if strings.Contains(s.output(name), "has moved") {
			t.Errorf("a redirect shadows %s", name)
		}
	}
	if !strings.Contains(s.output("old/index.html"), "has moved") {
		t.Error("an address without a page does not lead to the note")
	}
	if want := "content/notes/y.md:1: its address /x/ belongs to content/notes/x.md"; !slices.Contains(r.Problems, want) {
		t.Errorf("%q is not among the problems %q", want, r.Problems)
	}
	s.remove("content/notes/a.md")
	s.build()
	if !strings.Contains(s.output("about/index.html"), "About") || s.hasOutput("old") {
		t.Error("the redirect to a deleted note is still there")
	}
}

func TestAnAliasMayBeAWholeAddressOfTheSite(t *testing.T) {
	const front = `aliases: ["https://alice.example/one/", "http://ALICE.example/two%20words", "https://b.example/three/", "/?p=4"]`
	s := newTestSite(t, map[string]string{"content/notes/a.md": note("2026-11-20", front, "Text")})
	r := s.build()
	want := []string{
		`content/notes/a.md:1: aliases: "/?p=4" leads nowhere: it can't be the address of a page of this site`,
		`content/notes/a.md:1: aliases: "https://b.example/three/" leads nowhere: it can't be the address of a page of this site`,
	}
	if !slices.Equal(r.Warnings, want) {
		t.Errorf("warnings:\n%s\nwant:\n%s", strings.Join(r.Warnings, "\n"), strings.Join(want, "\n"))
	}
	for where, files := range map[string]map[string]string{"the site": s.outputs(), "its preview": s.preview()} {
		for _, name := range []string{"one/index.html", "two words/index.html"} {
			if !strings.Contains(files[name], "has moved") {
				t.Errorf("in %s nothing leads from %s to the note", where, name)
			}
		}
	}
	if feed := s.output("feed.xml"); !strings.Contains(feed, "https://alice.example/one/</guid>") {
		t.Errorf("the first address of the note is not its id:\n%s", feed)
	}
	s.write("content/notes/a.md", note("2026-11-20", "aliases: [\"https://alice.example/one/\"]\nslug: b", "Text"))
	if r := s.build(); s.hasOutput("two words") || !slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.Contains(w, "its page was at /2026/11/a/") }) {
		t.Errorf("a removed alias still has its page, or a missing one is not reported: %q", r.Warnings)
	}
}

func TestADeletedNoteLeavesAMark(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/.trash/notes/public.md":  note("2026-11-20", "", "Text"),
		"content/.trash/notes/draft.md":   note("2026-11-20", "draft: true", "Text"),
		"content/.trash/notes/private.md": note("2026-11-20", "visibility: private", "Text"),
		"content/.trash/notes/future.md":  note("2026-11-30", "", "Text"),
		"content/.trash/about.md":         "About\n",
	})
	s.build()
	for name, want := range map[string]bool{
		"2026/11/public/.gone": true, "about/.gone": true,
		"2026/11/draft/.gone": false, "2026/11/private/.gone": false, "2026/11/future/.gone": false,
		"2026/11/public/index.html": false,
	} {
		if s.hasOutput(name) != want {
			t.Errorf("%s: %v, want %v", name, !want, want)
		}
	}
	// Not if another note has the address, and not if the note is removed from the trash.
	s.write("content/notes/other.md", note("2026-11-21", "slug: public", "Text"))
	s.build()
	if s.hasOutput("2026/11/public/.gone") {
		t.Error("a page has a mark of a deleted note beside it")
	}
	s.remove("content/notes/other.md")
	s.build()
	if !s.hasOutput("2026/11/public/.gone") {
		t.Error("the mark did not come back")
	}
	s.write("content/notes/other.md", note("2026-11-21", "slug: public", "Text"))
	s.build()
	s.write("content/notes/other.md", note("2026-11-21", "slug: another", "Text"))
	s.build()
	if !s.hasOutput("2026/11/public/.gone") {
		t.Error("the mark did not come back when the other note moved away")
	}
	s.remove("content/.trash")
	s.build()
	if s.hasOutput("2026/11/public/.gone") || s.hasOutput("about") {
		t.Error("the mark is still there after the trash was removed")
	}
}

func TestAFileAtTheAddressOfAFolderStopsNothing(t *testing.T) {
	files := map[string]string{
		"content/about.md":             "About\n",
		"content/feed.md":              "---\npermalink: /notes/feed.xml/\n---\nA page in the place of a feed.\n",
		"content/notes/a.md":           note("2026-11-20", "aliases: [/2026/11/sea/waves.svg/, /v1.x/, /old.php, /feed.json/, /style.css/, /about.txt/x/]", "Text"),
		"content/sea/index.md":         note("2026-11-21", "", "![Waves](waves.svg)"),
		"content/sea/waves.svg":        "<svg/>",
		"content/.trash/notes/v1.2.md": note("2026-11-20", "slug: v1.x", "Text"),
	}
	static := map[string]string{"static/about": "a file", "static/about.txt": "another", "static/robots.txt/x": "below"}
	s := newTestSite(t, files)
	s.build()
	plain := s.outputs()
	for _, name := range []string{"v1.x/index.html", "old.php/index.html", "about.txt/x/index.html"} {
		if !strings.Contains(plain[name], "has moved") {
			t.Errorf("%s is not a redirect: %q", name, plain[name])
		}
	}
	if plain["2026/11/sea/waves.svg"] != "<svg/>" || !strings.Contains(plain["notes/feed.xml/index.html"], "in the place of a feed") || plain["feed.json"] == "" {
		t.Error("a redirect or a list takes precedence over a page or a bundle")
	}
	if _, ok := plain["2026/11/v1.x/.gone"]; !ok {
		t.Error("a deleted note whose address looks like a file name left no mark")
	}
	for name, text := range static {
		s.write(name, text)
	}
	r := s.build()
	got := s.outputs()
	if got["about"] != "a file" || got["about.txt"] != "another" || got["robots.txt/x"] != "below" || got["2026/11/a/index.html"] == "" {
		t.Errorf("static files do not take precedence: %q", slices.Sorted(maps.Keys(got)))
	}
	if !slices.Contains(r.Warnings, "content/about.md:1: its address /about/ belongs to static/about") {
		t.Errorf("warnings: %q", r.Warnings)
	}
	// Two steps have the same result as one.
	s.remove("public")
	s.remove(".starpunk")
	r = s.build()
	if d := diff(got, s.outputs()); d != "" {
		t.Errorf("built in two steps (got) and in one (want):\n%s", d)
	}
	for _, want := range []string{
		"content/notes/a.md:1: aliases: /2026/11/sea/waves.svg/ leads nowhere: content/sea/index.md is in the way",
		"content/notes/a.md:1: aliases: /feed.json/ leads nowhere: the site's own /feed.json is in the way",
		"content/notes/a.md:1: aliases: /style.css/ leads nowhere: the site's own /style.css is in the way",
		"content/notes/a.md:1: aliases: /about.txt/x/ leads nowhere: static/about.txt is in the way",
	} {
		if !slices.Contains(r.Warnings, want) {
			t.Errorf("%q is not among the warnings %q", want, r.Warnings)
		}
	}
	s.remove("static")
	s.build()
	if d := diff(s.outputs(), plain); d != "" {
		t.Errorf("after the static files were removed:\n%s", d)
	}
}

func TestANoteThatWasMovedByHandIsReportedWithAnAlias(t *testing.T) {
	files := map[string]string{
		"content/notes/a.md":      note("2026-11-20", "", "One"),
		"content/notes/b.md":      note("2026-11-20", "", "Two"),
		"content/notes/c.md":      note("2026-11-20", "", "Three"),
		"content/notes/other.md":  note("2026-11-20", "", "Four"),
		"content/sea/index.md":    note("2026-11-20", "", "Five"),
		"content/sea/picture.svg": "<svg/>",
	}
	s := newTestSite(t, files)
	if r := s.build(); len(r.Warnings) > 0 {
		t.Fatalf("warnings: %q", r.Warnings)
	}
	s.remove("content/notes/a.md") // another name
	s.write("content/notes/moved.md", files["content/notes/a.md"])
	s.write("content/notes/b.md", note("2026-11-20", "slug: better", "Two")) // another slug
	s.write("content/notes/c.md", note("2026-11-20", "slug: best\naliases: [/2026/11/c/]", "Three"))
	s.write("content/notes/other.md", note("2026-10-20", "", "Four")) // its address has a new owner
	s.write("content/notes/new.md", note("2026-11-20", "slug: other", "Six"))
	if err := os.Rename(s.path("content/sea"), s.path("content/ocean")); err != nil {
		t.Fatal(err)
	}
	r := s.build()
	want := []string{
		`content/notes/b.md:1: its page was at /2026/11/b/; add a line "aliases: [/2026/11/b/]" to lead readers there to /2026/11/better/`,
		`content/notes/moved.md:1: its page was at /2026/11/a/; add a line "aliases: [/2026/11/a/]" to lead readers there to /2026/11/moved/`,
	}
	if len(r.Warnings) != 3 || !slices.Equal(r.Warnings[:2], want) || !strings.HasPrefix(r.Warnings[2], "content/ocean/index.md:1: its page was at /2026/11/sea/;") {
		t.Errorf("warnings:\n%s\nwant:\n%s\nand one of the bundle", strings.Join(r.Warnings, "\n"), strings.Join(want, "\n"))
	}
	s.write("content/notes/moved.md", strings.Replace(files["content/notes/a.md"], "---\n", "---\naliases: [/2026/11/a/]\n", 1))
	if r := s.build(); len(r.Warnings) > 0 || !strings.Contains(s.output("2026/11/a/index.html"), "has moved") {
		t.Errorf("after the line was added: %q", r.Warnings)
	}
}

func TestAddressesThatDifferOnlyByCaseAreReported(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/a.md": note("2026-11-20", "permalink: /Blog/Hello/", "One"),
		"content/b.md": note("2026-11-20", "permalink: /blog/hello/", "Two"),
		"content/c.md": note("2026-11-20", "permalink: /Blog/other/", "Three"),
	})
	r := s.build()
	want := []string{
		"content/a.md:1: its address /Blog/Hello/ and /blog/hello/ of content/b.md differ only by case; many file systems have room for one of them",
		"content/b.md:1: its address /blog/hello/ and /Blog/Hello/ of content/a.md differ only by case; many file systems have room for one of them",
	}
	if !slices.Equal(r.Warnings, want) {
		t.Errorf("warnings:\n%s\nwant:\n%s", strings.Join(r.Warnings, "\n"), strings.Join(want, "\n"))
	}
}

func TestAScheduledNoteShadowsNoOther(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/a.md": note("2026-11-23T12:00:00Z", "slug: same", "Scheduled, and first by its path"),
		"content/b.md": note("2026-11-20T12:00:00Z", "slug: same", "Published"),
	})
	s.build()
	if page := s.output("2026/11/same/index.html"); !strings.Contains(page, "Published") {
		t.Errorf("before its time a note takes the address of another:\n%s", page)
	}
	s.now = s.now.Add(48 * time.Hour)
	s.build()
	got := s.outputs()
	if !strings.Contains(got["2026/11/same/index.html"], "Scheduled") {
		t.Error("when it is due, the first path has not the address")
	}
	s.remove("public")
	s.remove(".starpunk")
	s.build()
	if d := diff(got, s.outputs()); d != "" {
		t.Errorf("the same built at once (want) is another:\n%s", d)
	}
}
