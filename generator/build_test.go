package generator_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/generator"
	"starpunk/site"
	"starpunk/site/store"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// small is a site with one note of most kinds.
func small() map[string]string {
	return map[string]string{
		"content/index.md":                  "Welcome to *this*.",
		"content/about.md":                  "---\ntitle: About\n---\nMe. See [the article](notes/2026/11/02-files.md#why).",
		"content/notes/2026/11/01-hello.md": note("2026-11-01T09:00:00+01:00", "tags: [IndieWeb, C++]", "Hello **world**\nsecond line with #hashtag and https://example.org/"),
		"content/notes/2026/11/02-files.md": note("2026-11-02T09:00:00+01:00", "title: On files\nsummary: Why files.\ntags: [indieweb]",
			"## Why\n\nText[^1] with `code`.\n\n```go\nfunc main() {}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\n[^1]: A footnote."),
		"content/notes/2026/10/05-reply.md":    note("2026-10-05T23:30:00-07:00", "in-reply-to: https://example.org/post", "I agree."),
		"content/notes/2026/10/06-like.md":     note("2026-10-06T09:00:00Z", "like-of: https://example.org/other", ""),
		"content/notes/2025/01/01-photo.md":    note("2025-01-01T09:00:00Z", "photo:\n  - value: /media/aa/aabb.png\n    alt: A dot", "Look"),
		"content/trips/sea/index.md":           note("2026-07-01T10:00:00+02:00", "title: The sea\ntags: [trips]", "![Waves](waves.svg)\n\n[the track](data/track.gpx)"),
		"content/trips/sea/waves.svg":          "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
		"content/trips/sea/data/track.gpx":     "<gpx/>",
		"content/notes/2026/11/03-draft.md":    note("2026-11-03T09:00:00Z", "draft: true", "A draft"),
		"content/notes/2026/11/04-secret.md":   note("2026-11-04T09:00:00Z", "visibility: private", "A secret"),
		"content/notes/2026/11/05-hidden.md":   note("2026-11-05T09:00:00Z", "visibility: unlisted\ntags: [hidden]", "Unlisted"),
		"content/notes/2099/01/01-later.md":    note("2099-01-01T09:00:00Z", "", "The future"),
		"content/.trash/notes/2026/11/06-x.md": note("2026-11-06T09:00:00Z", "", "Deleted"),
		"media/aa/aabb.png":                    "PNG",
		"static/.well-known/test":              "static",
		"static/favicon.svg":                   "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
	}
}

func TestPagesAndFeedsAreAsInTheGoldenFiles(t *testing.T) {
	s := newTestSite(t, small())
	if r := s.build(); len(r.Problems)+len(r.Warnings) > 0 {
		t.Errorf("problems %q, warnings %q", r.Problems, r.Warnings)
	}
	got := s.outputs()
	delete(got, "style.css") // the theme's own
	compareGolden(t, filepath.Join("testdata", "golden"), got)
}

var sheetVersion = regexp.MustCompile(`(\.css)\?[0-9a-f]{8}`)

// compareGolden compares outputs with the files of a folder, or writes them
// there. The versions of style sheets are removed: a change of a style sheet is not a
// change of the pages.
func compareGolden(t *testing.T, golden string, got map[string]string) {
	t.Helper()
	for name, text := range got {
		got[name] = sheetVersion.ReplaceAllString(text, "$1")
	}
	if *update {
		if err := os.RemoveAll(golden); err != nil {
			t.Fatal(err)
		}
		for name, text := range got {
			file := filepath.Join(golden, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if d := diff(got, readTree(t, golden)); d != "" {
		t.Errorf("run \"go test ./generator -update\" and read the difference in review:\n%s", d)
	}
}

func TestNotesThatAreNotPublicHaveNoOutput(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	for name, text := range s.outputs() {
		for _, secret := range []string{"A draft", "A secret", "The future", "Deleted"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s contains %q", name, secret)
			}
		}
		if strings.Contains(text, "2026/11/hidden") && name != "2026/11/hidden/index.html" {
			t.Errorf("%s links to an unlisted note", name)
		}
	}
	if page := s.output("2026/11/hidden/index.html"); !strings.Contains(page, `content="noindex"`) {
		t.Error("an unlisted page is not marked noindex")
	}
}

func TestAPreviewShowsDraftsAndTheFuture(t *testing.T) {
	s := newTestSite(t, small())
	out := s.preview()
	for _, page := range []string{"2026/11/draft/index.html", "2099/01/later/index.html"} {
		if _, ok := out[page]; !ok {
			t.Errorf("%s is not in the preview", page)
		}
	}
	for list, mark := range map[string]string{"2026/11/index.html": "Draft", "2099/01/index.html": "Scheduled"} {
		if !strings.Contains(out[list], "<strong>"+mark+"</strong>") {
			t.Errorf("%s marks no line %q", list, mark)
		}
	}
	if _, ok := out["2026/11/secret/index.html"]; ok {
		t.Error("a private note is in the preview")
	}
	if s.hasOutput("index.html") {
		t.Error("a preview wrote to the real output")
	}
}

func TestInAPreviewANoteIsScheduledUntilItsTime(t *testing.T) {
	s := newTestSite(t, map[string]string{"content/a.md": note("2026-11-22T12:01:00Z", "", "Soon")})
	pages := []string{"index.html", "2026/11/index.html", "2026/11/a/index.html", "notes/index.html", "notes/2026/index.html"}
	for _, scheduled := range []bool{true, false} {
		out := s.preview()
		for _, page := range pages {
			if strings.Contains(out[page], "<strong>Scheduled</strong>") != scheduled {
				t.Errorf("at %v %s shows the note as scheduled: want %v", s.now, page, scheduled)
			}
		}
		s.now = s.now.Add(time.Hour)
	}
}

func TestTheIndexAndTheOutputCanBeDeleted(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	want := s.outputs()
	for name, lose := range map[string]func(){
		"the index":  func() { s.remove(".starpunk") },
		"the output": func() { s.remove("public") },
		"both":       func() { s.remove(".starpunk"); s.remove("public") },
		"the mark":   func() { s.remove("public/.starpunk"); s.remove("public") },
	} {
		lose()
		s.build()
		if d := diff(s.outputs(), want); d != "" {
			t.Errorf("without %s the site is another:\n%s", name, d)
		}
	}
}

func TestAnUnchangedBuildWritesNothing(t *testing.T) {
	s := newTestSite(t, small())
	first := s.build()
	if first.Written == 0 {
		t.Fatal("nothing was written")
	}
	if r := s.build(); r.Written != 0 || r.Removed != 0 {
		t.Errorf("%d written, %d removed", r.Written, r.Removed)
	}
	// Without an index everything is rendered, and found to be there.
	s.remove(".starpunk")
	if r := s.build(); r.Written != 0 || r.Removed != 0 || r.Unchanged != first.Written {
		t.Errorf("without an index: %d written, %d unchanged, %d removed; the first build wrote %d", r.Written, r.Unchanged, r.Removed, first.Written)
	}
}

func TestTheNumberOfCoresDoesNotMatter(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := newTestSite(t, small())
	one.build()
	runtime.GOMAXPROCS(8)
	eight := newTestSite(t, small())
	eight.build()
	if d := diff(eight.outputs(), one.outputs()); d != "" {
		t.Error(d)
	}
}

func TestStrayOutputsOfAnEarlierIndexAreRemoved(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	s.remove(".starpunk")
	s.remove("content/notes/2026/11/01-hello.md")
	s.write("public/.git/config", "mine")
	s.write("public/2026/.starpunk-ABC.tmp", "left by a crash")
	s.build()
	if s.hasOutput("2026/11/hello/index.html") || s.hasOutput("2026/.starpunk-ABC.tmp") {
		t.Error("a stray output is still there")
	}
	if !s.hasOutput(".git/config") {
		t.Error("a hidden folder of the host's was removed")
	}
}

// TestLeftoversOfACrashInTheOutputAreRemoved makes the files that a build leaves if it is
// killed between writing a file and recording it.
func TestLeftoversOfACrashInTheOutputAreRemoved(t *testing.T) {
	s := newTestSite(t, map[string]string{"content/a.md": "---\ndate: 2026-11-22\n---\nText\n"})
	s.build()
	clean := s.outputs()
	s.write("public/2026/11/.starpunk-ABC.tmp", "half of a p")
	s.write("public/2026/11/b/index.html", "page of a note that was deleted meanwhile")
	s.build()
	if _, kept := s.outputs()["2026/11/b/index.html"]; !kept {
		t.Fatal("the output is swept at every start")
	}
	err := s.with(s.config(), func(st *store.Store, _ *generator.Generator) error {
		_, err := st.Builder().Begin(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.build()
	if got := s.outputs(); !maps.Equal(got, clean) {
		t.Errorf("after a crash there are %q, want %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(clean)))
	}
	s.write("public/stray.html", "not of a crash")
	s.build()
	if _, kept := s.outputs()["stray.html"]; !kept {
		t.Error("the output is swept at every start after a crash")
	}
}

func TestAFolderThatIsNotOursIsLeftAlone(t *testing.T) {
	s := newTestSite(t, small())
	s.write("public/precious.txt", "mine")
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		_, err := g.Build(context.Background())
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "was not made by StarPunk") {
		t.Errorf("Build: %v", err)
	}
	if got := s.outputs(); len(got) != 1 || got["precious.txt"] != "mine" {
		t.Errorf("the folder holds %d files now", len(got))
	}
}

func TestAMissingContentFolderRemovesNoPage(t *testing.T) {
	s := newTestSite(t, small())
	s.guarded = true
	s.build()
	before := s.outputs()
	if err := os.Rename(s.path("content"), s.path("unmounted")); err != nil {
		t.Fatal(err)
	}
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		_, err := g.Build(context.Background())
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "does not exist, and neither does any note") {
		t.Errorf("Build: %v", err)
	}
	if d := diff(s.outputs(), before); d != "" {
		t.Errorf("the site changed:\n%s", d)
	}
	s.write("content/index.md", "A new beginning.")
	s.buildAllowed()
	if s.hasOutput("2026/11/hello/index.html") || !strings.Contains(s.output("index.html"), "A new beginning") {
		t.Error("an empty folder is not taken for a new beginning")
	}
}

func TestABrokenNoteWithoutAPageIsNotANeighbour(t *testing.T) {
	files := map[string]string{
		"content/notes/a.md": note("2026-11-01", "", "A"),
		"content/notes/b.md": note("2026-11-02", "tags: [t]", "B"),
		"content/notes/c.md": note("2026-11-03", "", "C"),
	}
	broken := note("2026-11-02", "tags: [t]\ndate: twice", "B")
	s := newTestSite(t, files)
	scan := func() { // as a watcher does before it builds
		err := s.with(s.config(), func(st *store.Store, _ *generator.Generator) error { return st.Scan(t.Context()) })
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string) {
		t.Helper()
		for range 2 {
			s.build()
			err := s.with(s.config(), func(st *store.Store, _ *generator.Generator) error { s.checkNeighbours(st); return nil })
			if err != nil {
				t.Fatal(err)
			}
			for name, page := range s.outputs() {
				if strings.Contains(page, "/2026/11/b/") && !s.hasOutput("2026/11/b/index.html") {
					t.Errorf("%s, %s names a broken note without a page", when, name)
				}
			}
			if page := s.output("2026/11/a/index.html"); !strings.Contains(page, "/2026/11/c/") && !s.hasOutput("2026/11/b/index.html") {
				t.Errorf("%s, the notes beside the broken one are not each other's neighbours", when)
			}
		}
	}
	scan()
	s.write("content/notes/b.md", broken)
	check("broken before it was built")
	s.write("content/notes/b.md", files["content/notes/b.md"])
	check("mended")
	s.write("content/notes/b.md", broken)
	s.remove("public")
	check("broken when the output was deleted")
	s.write("content/notes/b.md", files["content/notes/b.md"])
	s.build()
	s.write("content/notes/b.md", note("2026-11-02", "slug: other", "B")) // moved, and broken before that was built
	scan()
	s.write("content/notes/b.md", broken)
	check("moved and broken")
	if strings.Contains(s.output("2026/11/c/index.html"), "/2026/11/other/") {
		t.Error("a neighbour links to the address that a broken note was to get")
	}
}

func TestTheOutputIsDeletedWhileNotesAreMissing(t *testing.T) {
	s := newTestSite(t, siteOfMany(3))
	s.guarded = true
	s.build()
	back := s.unmount("content")
	s.build()
	s.remove("public")
	s.write("content/new.md", note("2026-10-02", "slug: new", "New"))
	for range 2 {
		s.build()
		s.checkLinks()
	}
	back()
	s.now = s.now.Add(time.Hour)
	s.build()
	s.now = s.now.Add(time.Hour)
	s.build()
	if !s.hasOutput("2026/10/n02/index.html") {
		t.Error("a page is not built again when its note is back")
	}
	got := s.outputs()
	s.remove("public")
	s.remove(".starpunk")
	s.build()
	if d := diff(got, s.outputs()); d != "" {
		t.Errorf("after the notes are back (got) and in a new output (want):\n%s", d)
	}
}

func TestABrokenNoteKeepsItsLastGoodPage(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	page := s.output("2026/11/hello/index.html")
	s.write("content/notes/2026/11/01-hello.md", "---\ndate: yesterday\n---\nBroken")
	s.write("content/notes/2026/11/07-new.md", note("2026-11-07T09:00:00Z", "", "A new note"))
	r := s.build()
	if !slices.Contains(r.Problems, `content/notes/2026/11/01-hello.md:2: date: "yesterday" is not a date and time such as 2026-11-22T09:30:00+01:00`) {
		t.Errorf("problems: %q", r.Problems)
	}
	if s.output("2026/11/hello/index.html") != page {
		t.Error("its page changed")
	}
	if strings.Contains(s.output("feed.xml"), "Hello") || strings.Contains(s.output("index.html"), "Hello") {
		t.Error("front page or feed show a note that can't be read")
	}
	if !s.hasOutput("2026/11/new/index.html") {
		t.Error("another note was not built")
	}
	s.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "", "Corrected"))
	if r := s.build(); len(r.Problems) > 0 || !strings.Contains(s.output("2026/11/hello/index.html"), "Corrected") {
		t.Errorf("after the correction: problems %q", r.Problems)
	}
}

// A file that is saved in place is empty for a moment; then it may be removed.
func TestABrokenNoteThatIsRemovedLosesItsPage(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	for _, broken := range []string{"", "---\ndate: yesterday\n---\nBroken\n"} {
		s.write("content/notes/2026/11/01-hello.md", broken)
		if r := s.build(); len(r.Problems) != 1 || !s.hasOutput("2026/11/hello/index.html") {
			t.Errorf("of %q the problems are %q", broken, r.Problems)
		}
		s.remove("content/notes/2026/11/01-hello.md")
		if r := s.build(); len(r.Problems) > 0 || s.hasOutput("2026/11/hello/index.html") {
			t.Errorf("%q was removed; the problems are %q, and its page is still there", broken, r.Problems)
		}
		s.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "", "Again"))
		s.build()
	}
}

func TestAScheduledNoteAppearsWhenItIsDue(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/notes/2026/11/22-now.md":  note("2026-11-22T09:00:00Z", "", "Now"),
		"content/notes/2026/11/22-soon.md": note("2026-11-22T12:00:01Z", "tags: [x]", "Soon"),
	})
	s.build()
	if s.hasOutput("2026/11/soon/index.html") {
		t.Fatal("it appeared too early")
	}
	s.now = s.now.Add(time.Second)
	s.build()
	if !s.hasOutput("2026/11/soon/index.html") || !strings.Contains(s.output("feed.xml"), "Soon") || !s.hasOutput("tags/x/index.html") {
		t.Error("it did not appear")
	}
	if !strings.Contains(s.output("2026/11/now/index.html"), `rel="next" href="/2026/11/soon/"`) {
		t.Error("its neighbour does not link to it")
	}
	s.write("content/notes/2026/11/22-soon.md", note("2026-11-22T13:00:00Z", "tags: [x]", "Soon"))
	s.build()
	if s.hasOutput("2026/11/soon/index.html") || s.hasOutput("tags/x/index.html") {
		t.Error("it did not disappear when its date was put off")
	}
	s.now = s.now.Add(time.Hour)
	s.build()
	if !s.hasOutput("2026/11/soon/index.html") {
		t.Error("it did not appear a second time")
	}
}

func TestTwoSourcesOfOneOutput(t *testing.T) {
	files := map[string]string{
		"content/a/2026-01-01-x.md": note("2026-01-01", "", "First"),
		"content/b/2026-01-02-x.md": note("2026-01-02", "", "Second"),
		"content/tags.md":           "---\ntitle: My tags\n---\nA page in the place of a list.",
		"content/about.md":          "A page",
		"static/about/index.html":   "A static file",
		"content/c.md":              note("2026-01-03", "tags: [t]", "Tagged"),
	}
	s := newTestSite(t, files)
	r := s.build()
	if !strings.Contains(s.output("2026/01/x/index.html"), "First") {
		t.Error("of two notes the first path does not win")
	}
	if !slices.Contains(r.Problems, "content/b/2026-01-02-x.md:1: its address /2026/01/x/ belongs to content/a/2026-01-01-x.md") {
		t.Errorf("problems: %q", r.Problems)
	}
	if s.output("about/index.html") != "A static file" {
		t.Error("a static file does not take precedence over a page")
	}
	if !slices.Contains(r.Warnings, "content/about.md:1: its address /about/ belongs to static/about/index.html") {
		t.Errorf("warnings: %q", r.Warnings)
	}
	if !strings.Contains(s.output("tags/index.html"), "A page in the place of a list") {
		t.Error("a page does not take precedence over a list")
	}
	s.remove("content/a/2026-01-01-x.md")
	s.remove("static/about/index.html")
	s.remove("content/tags.md")
	s.build()
	clean := newTestSite(t, map[string]string{
		"content/b/2026-01-02-x.md": files["content/b/2026-01-02-x.md"],
		"content/about.md":          files["content/about.md"],
		"content/c.md":              files["content/c.md"],
	})
	clean.build()
	if d := diff(s.outputs(), clean.outputs()); d != "" {
		t.Errorf("after the first sources were removed:\n%s", d)
	}
}

func TestLongPeriodsArePartedFromTheirOldest(t *testing.T) {
	files := map[string]string{}
	for i := range 205 {
		at := time.Date(2026, 10, 1, 0, i, 0, 0, time.UTC)
		files[fmt.Sprintf("content/notes/2026/10/01-n%03d.md", i)] = note(at.Format(time.RFC3339), "", fmt.Sprintf("Note %d", i))
	}
	s := newTestSite(t, files)
	s.build()
	for _, part := range []struct{ file, oldest, newest string }{
		{"2026/10/index.html", "/n000/", "/n099/"},
		{"2026/10/2/index.html", "/n100/", "/n199/"},
		{"2026/10/3/index.html", "/n200/", "/n204/"},
	} {
		page := s.output(part.file)
		if !strings.Contains(page, part.oldest) || !strings.Contains(page, part.newest) {
			t.Errorf("%s lacks %s or %s", part.file, part.oldest, part.newest)
		}
	}
	first, second := s.output("2026/10/index.html"), s.output("2026/10/2/index.html")
	s.write("content/notes/2026/10/02-new.md", note("2026-10-02T00:00:00Z", "", "New"))
	s.build()
	if s.output("2026/10/index.html") != first || s.output("2026/10/2/index.html") != second {
		t.Error("a new note changed parts that were full")
	}
	for i := 100; i < 205; i++ {
		s.remove(fmt.Sprintf("content/notes/2026/10/01-n%03d.md", i))
	}
	s.build()
	if s.hasOutput("2026/10/3/index.html") || !s.hasOutput("2026/10/2/index.html") {
		t.Error("parts did not shrink with the month")
	}
}

// A layout that is put back while pages are rendered with another one is on all pages in
// the end: the pages to which lists link, and all others.
func TestALayoutThatIsPutBackIsOnAllPages(t *testing.T) {
	files := map[string]string{
		"content/about.md":    "---\ntitle: About\n---\nAbout [a note](hidden.md).\n",
		"content/hidden.md":   note("2026-11-02", "visibility: unlisted", "Hidden"),
		"content/later.md":    note("2026-12-24", "", "Later"),
		"layouts/note.html":   "one {{.Note.Name}}{{with .Prev}}{{.Path}}{{end}}",
		"content/linking.md":  note("2026-11-03", "", "[a](n001.md)"),
		"content/n001.md":     note("2026-11-04", "tags: [a]", "A"),
		"content/bundle/a.md": note("2026-11-05", "", "B"),
	}
	for i := range 600 { // more than one batch
		files[fmt.Sprintf("content/notes/m%03d.md", i)] = note(fmt.Sprintf("2025-%02d-%02d", 1+i%12, 1+i%28), "", "Text")
	}
	s := newTestSite(t, files)
	s.build()
	before := s.outputs()
	s.write("layouts/note.html", "two {{.Note.Name}}")
	ctx, cancel := context.WithCancel(t.Context())
	s.progress = func(p generator.Progress) {
		if p.Done > 0 {
			cancel() // after the first batch
		}
	}
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		_, err := g.Build(ctx)
		return err
	})
	if err == nil || diff(s.outputs(), before) == "" {
		t.Fatalf("the build was not cut short in its middle: %v", err)
	}
	s.progress = nil
	s.write("layouts/note.html", files["layouts/note.html"])
	s.build()
	if d := diff(s.outputs(), before); d != "" {
		t.Errorf("pages have another layout than the one that was put back:\n%s", d)
	}
	s.write("layouts/note.html", "three {{.Note.Name}}")
	s.build()
	s.checkClean("with another layout")
	if r := s.build(); r.Written > 0 {
		t.Errorf("%d files are written again", r.Written)
	}
}

func TestALayoutOfTheSitesOwnReplacesTheDefault(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	s.write("layouts/note.html", "<h1>{{.Note.URL}}</h1>")
	s.build()
	if got := s.output("2026/11/hello/index.html"); got != "<h1>https://alice.example/2026/11/hello/</h1>" {
		t.Errorf("page: %s", got)
	}
	before := s.outputs()
	for text, want := range map[string]string{
		"<p>\n{{.Note.Nmae}}": "layouts/note.html:2",
		"<p>\n\n{{if}}":       "layouts/note.html:3",
	} {
		s.write("layouts/note.html", text)
		err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
			_, err := g.Build(context.Background())
			return err
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want …%s…", text, err, want)
		}
		if d := diff(s.outputs(), before); d != "" {
			t.Errorf("a broken layout changed the site:\n%s", d)
		}
	}
}

func TestALinkToANoteFollowsIt(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	if page := s.output("about/index.html"); !strings.Contains(page, `href="/2026/11/files/#why"`) {
		t.Errorf("about links elsewhere: %s", page)
	}
	s.write("content/notes/2026/11/02-files.md", note("2026-11-02T09:00:00+01:00", "title: On files\nslug: on-files", "## Why"))
	s.build()
	if page := s.output("about/index.html"); !strings.Contains(page, `href="/2026/11/on-files/#why"`) {
		t.Error("the link did not follow the new slug")
	}
	s.remove("content/notes/2026/11/02-files.md")
	r := s.build()
	if !slices.Contains(r.Warnings, "content/about.md:4: links to notes/2026/11/02-files.md#why, where no published note is") {
		t.Errorf("warnings: %q", r.Warnings)
	}
	if page := s.output("about/index.html"); strings.Contains(page, "on-files") || !strings.Contains(page, "See the article.") {
		t.Error("a dangling link does not become text")
	}
	s.write("content/notes/2026/11/02-files.md", note("2026-11-02T09:00:00+01:00", "title: On files", "## Why"))
	s.build()
	if page := s.output("about/index.html"); !strings.Contains(page, `href="/2026/11/files/#why"`) {
		t.Error("the link did not come back with the note")
	}
}

func TestALinkInHTMLFollowsItsNote(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/about.md":            "---\nformat: html\n---\n<p><a href=\"2026-11-02-files.md#why\">x</a></p>",
		"content/2026-11-01-x.md":     note("2026-11-01", "format: html", `<p><a href="/2026-11-02-files.md">x</a></p>`),
		"content/2026-11-02-files.md": note("2026-11-02", "title: On files", `<h2 id="why">Why</h2>`),
	})
	for _, step := range []struct{ slug, want string }{{"files", "/2026/11/files/"}, {"on-files", "/2026/11/on-files/"}} {
		s.write("content/2026-11-02-files.md", note("2026-11-02", "title: On files\nslug: "+step.slug, "## Why"))
		s.build()
		for name, want := range map[string]string{"about/index.html": step.want + `#why"`, "2026/11/x/index.html": step.want + `"`, "index.html": step.want + `"`, "feed.xml": `href="https://alice.example` + step.want + `"`} {
			if text := s.output(name); !strings.Contains(text, want) || strings.Contains(text, "files.md") {
				t.Errorf("%s does not link to %s", name, want)
			}
		}
	}
	s.remove("content/2026-11-02-files.md")
	r := s.build()
	if !slices.Contains(r.Warnings, "content/about.md:4: links to 2026-11-02-files.md#why, where no published note is") || strings.Contains(s.output("about/index.html"), "files") {
		t.Errorf("a dangling link is on the page, or not in the warnings: %q", r.Warnings)
	}
}

// Most edits of a long list leave all but its last part as they are, which is
// not even looked at then.
func TestAnyHistoryOfALongListEndsInTheSameSite(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			begin := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
			files := map[string]string{}
			put := func(i, minutes int) {
				front := fmt.Sprintf("title: Title %d\ntags: [%s]", random.IntN(100), []string{"a", "A", "a, b", "c"}[random.IntN(4)])
				at := begin.Add(time.Duration(minutes) * time.Minute)
				files[fmt.Sprintf("content/notes/n%03d.md", i)] = note(at.Format(time.RFC3339), front, "Text")
			}
			size := 195 + random.IntN(20) // about where a third part begins
			for i := range size {
				put(i, i/(1+random.IntN(2))) // several at one moment
			}
			s := newTestSite(t, files)
			s.now = begin.Add(240 * time.Minute) // of some the time is still to come
			err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
				for range 40 {
					clear(files)
					switch random.IntN(9) {
					case 0:
						s.remove(fmt.Sprintf("content/notes/n%03d.md", random.IntN(size)))
					case 1:
						s.remove(fmt.Sprintf("content/notes/n%03d.md", size-1-random.IntN(8)))
					case 2:
						put(random.IntN(size), random.IntN(240))
					case 3:
						s.now = s.now.Add(time.Minute)
					case 4:
						if name := "static/2026/10/2/index.html"; random.IntN(2) == 0 {
							s.write(name, "a static file")
						} else {
							s.remove("static/2026")
						}
					case 5: // a note that shadows a part
						name, slug := "content/notes/part.md", []string{"2", "3", "4", "two"}[random.IntN(4)]
						at := begin.Add(time.Duration(random.IntN(240)) * time.Minute).Format(time.RFC3339)
						if s.remove(name); random.IntN(4) > 0 {
							s.write(name, note(at, "slug: \""+slug+"\"", "Text"))
						}
					default:
						put(size-1+random.IntN(3), size+random.IntN(40))
					}
					for name, text := range files {
						s.write(name, text)
					}
					if random.IntN(2) == 0 {
						continue
					}
					if _, err := g.Build(context.Background()); err != nil {
						return err
					}
				}
				_, err := g.Build(context.Background())
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			got := s.outputs()
			s.remove("public")
			s.remove(".starpunk")
			s.build()
			if d := diff(got, s.outputs()); d != "" {
				t.Errorf("incremental (got) and clean (want) differ:\n%s", d)
			}
		})
	}
}

// Posts of one second, and notes with a day and no time, may begin a part in the
// middle of a moment.
func TestOnlyTheLastPartIsWrittenThoughItBeginsWithinASecond(t *testing.T) {
	const day = "2026-10-01"
	files := map[string]string{}
	for i := range 150 {
		files[fmt.Sprintf("content/notes/n%03d.md", i)] = note(day, "", fmt.Sprintf("Note %d", i))
	}
	s := newTestSite(t, files)
	s.build()
	for _, tc := range []struct {
		name   string
		edit   func()
		second bool // only the second part is written
	}{
		{name: "a note after all others", edit: func() { s.write("content/notes/n200.md", note(day, "", "New")) }, second: true},
		{name: "the first note of the last part, called otherwise", edit: func() { s.write("content/notes/n100.md", note(day, "", "Otherwise")) }, second: true},
		{name: "the first note of the last part, deleted", edit: func() { s.remove("content/notes/n100.md") }, second: true},
		{name: "a note of the first part, called otherwise", edit: func() { s.write("content/notes/n099.md", note(day, "", "Otherwise")) }},
		{name: "a note between the parts", edit: func() { s.write("content/notes/n099a.md", note(day, "", "Between")) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			const month = "public/2026/10/index.html"
			if err := os.WriteFile(s.path(month), []byte("as it was"), 0o666); err != nil {
				t.Fatal(err)
			}
			tc.edit()
			s.build()
			if same := s.output("2026/10/index.html") == "as it was"; same != tc.second {
				t.Errorf("the first part was left alone: %v, want %v", same, tc.second)
			}
			clean := newTestSite(t, nil)
			if err := os.CopyFS(clean.path("content"), os.DirFS(s.path("content"))); err != nil {
				t.Fatal(err)
			}
			clean.build()
			if want := clean.output("2026/10/2/index.html"); s.output("2026/10/2/index.html") != want {
				t.Error("the second part is not that of a clean build")
			}
			// The file that was changed by hand is restored for the next case.
			if err := os.WriteFile(s.path(month), []byte(clean.output("2026/10/index.html")), 0o666); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAPartComesBackThoughOnlyTheLastOneGetsANote(t *testing.T) {
	files := map[string]string{}
	for i := range 205 {
		at := time.Date(2026, 10, 1, 0, i, 0, 0, time.UTC)
		files[fmt.Sprintf("content/notes/2026/10/01-n%03d.md", i)] = note(at.Format(time.RFC3339), "", fmt.Sprintf("Note %d", i))
	}
	s := newTestSite(t, files)
	s.write("static/2026/10/2/index.html", "a static file")
	s.build()
	s.remove("static/2026")
	s.write("content/notes/2026/10/02-new.md", note("2026-10-02T00:00:00Z", "", "New"))
	s.build()
	if !s.hasOutput("2026/10/2/index.html") || !strings.Contains(s.output("2026/10/2/index.html"), "/n150/") {
		t.Error("the second part is missing")
	}
	if !strings.Contains(s.output("2026/10/3/index.html"), "/new/") {
		t.Error("the third part lacks the new note")
	}
}

// unmount leaves an empty folder in place of one, until back is called.
func (s *testSite) unmount(folder string) (back func()) {
	s.t.Helper()
	if err := os.Rename(s.path(folder), s.path("elsewhere")); errors.Is(err, fs.ErrNotExist) {
		return func() {}
	} else if err != nil {
		s.t.Fatal(err)
	}
	if err := os.Mkdir(s.path(folder), 0o777); err != nil {
		s.t.Fatal(err)
	}
	return func() {
		s.remove(folder)
		if err := os.Rename(s.path("elsewhere"), s.path(folder)); err != nil {
			s.t.Fatal(err)
		}
	}
}

var neighbourLink = regexp.MustCompile(`<a rel="(?:prev|next)" href="([^"]+)"`)

// checkNeighbours reports pages that link to a page before or after them which does
// not exist. The last good page of a note that cannot be read stays as it is.
func (s *testSite) checkNeighbours(st *store.Store) {
	s.t.Helper()
	outputs := s.outputs()
	for name, page := range outputs {
		row, err := st.ByPermalink(context.Background(), "/"+strings.TrimSuffix(name, "index.html"))
		if err != nil || row.Problem != "" {
			continue
		}
		if _, err := os.Stat(s.path("content/" + row.File)); err != nil {
			continue
		}
		for _, m := range neighbourLink.FindAllStringSubmatch(page, -1) {
			address, err := url.PathUnescape(m[1])
			if err != nil {
				s.t.Fatal(err)
			}
			if _, ok := outputs[site.OutputFile(address)]; !ok && !blocked(outputs, site.OutputFile(address)) {
				s.t.Errorf("%s links to its neighbour %s, which does not exist", name, address)
			}
		}
	}
}

// blocked reports whether a file is in place of a folder that an output needs, or
// the reverse: such a page is reported, and has no output.
func blocked(outputs map[string]string, name string) bool {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, ok := outputs[dir]; ok {
			return true
		}
	}
	for other := range outputs {
		if strings.HasPrefix(other, name+"/") {
			return true
		}
	}
	return false
}

func TestOneNoteRewritesAFixedNumberOfFiles(t *testing.T) {
	const perMonth = 8 // so that a year has less than one page of a list holds
	type cost struct{ written, rendered int64 }
	costs := map[int]cost{}
	for _, size := range []int{100, 1000} {
		files := map[string]string{}
		for i := range size {
			month := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC).AddDate(0, -i/perMonth, 0)
			at := month.Add(time.Duration(i%perMonth) * time.Hour)
			files[fmt.Sprintf("content/notes/%s-%04d.md", at.Format("2006/01/02"), i)] =
				note(at.Format(time.RFC3339), "tags: [a, b]", fmt.Sprintf("Note %d", i))
		}
		s := newTestSite(t, files)
		s.build()
		s.write("content/notes/2026/10/20-new.md", note("2026-10-20T00:00:00Z", "tags: [a, b]", "New"))
		r := s.build()
		costs[size] = cost{r.Written, r.Written + r.Unchanged}
	}
	if costs[100] != costs[1000] {
		t.Errorf("one more note costs %+v at 100 notes and %+v at 1,000", costs[100], costs[1000])
	}
	if most := int64(15 + 4*2); costs[1000].rendered > most {
		t.Errorf("%d outputs were rendered, want at most %d", costs[1000].rendered, most)
	}
}

func TestBuildLocksExcludeEachOther(t *testing.T) {
	s := newTestSite(t, small())
	err := s.with(s.config(), func(st *store.Store, _ *generator.Generator) error {
		lock, err := st.LockBuild(context.Background())
		if err != nil {
			return err
		}
		if building, err := st.Building(); err != nil || !building {
			t.Errorf("Building: %v, %v", building, err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		if _, err := st.LockBuild(ctx); !errors.Is(err, store.ErrBuilding) || !strings.Contains(err.Error(), fmt.Sprint("process ", os.Getpid())) {
			t.Errorf("a second lock: %v", err)
		}
		if err := lock.Unlock(); err != nil {
			return err
		}
		building, err := st.Building()
		if building {
			t.Error("Building after Unlock")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// If a list changed after a list that names it was written, the change would be lost: it
// makes the other list stale, which is recorded as written in the same step.
func TestListsOfListsAreMadeAfterTheListsThatTheyName(t *testing.T) {
	var tags []string
	for i := range 60 { // 180 lists, which are one step
		tags = append(tags, fmt.Sprintf("t%d", i))
	}
	s := newTestSite(t, map[string]string{"content/notes/a.md": "---\ndate: 2026-11-22\ntags: [" + strings.Join(tags, ", ") + "]\n---\nText"})
	s.build()
	written := func(name string) time.Time {
		info, err := os.Stat(s.path("public/" + name))
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime()
	}
	for _, tag := range tags {
		if written("tags/" + tag + "/index.html").After(written("tags/index.html")) {
			t.Fatalf("the list of all tags was written before that of %s", tag)
		}
	}
	if written("2026/11/index.html").After(written("2026/index.html")) || written("sitemap-2026-11.xml").After(written("sitemap.xml")) {
		t.Error("the year or the map of site maps was written before what it names")
	}
}

// A note that a client waits for is built before all others, with its lists. One of these
// that names other lists must also name a list whose notes are all stale.
func TestListsThatNameListsForgetNone(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/e.md":         note("2026-05-01T12:00:00Z", "tags: [edited]", "Edited"),
		"content/like.md":      note("2025-03-01T12:00:00Z", "like-of: https://b.example/", ""),
		"content/2024-01-a.md": note("2024-01-01T12:00:00Z", "tags: [alone]", "A"),
	})
	s.build()
	err := s.with(s.config(), func(st *store.Store, g *generator.Generator) error {
		if err := st.Scan(t.Context()); err != nil {
			return err
		}
		_, err := st.Create(t.Context(), &site.Note{
			H: "entry", Slug: "posted", Content: "Posted", Visibility: site.Public, Category: []string{"new"},
			Published: time.Date(2023, 11, 9, 0, 0, 0, 0, time.UTC),
		})
		if err != nil {
			return err
		}
		s.write("content/e.md", note("2026-06-01T12:00:00Z", "tags: [edited]", "Edited"))
		s.write("content/like.md", note("2025-03-02T12:00:00Z", "slug: liked\nlike-of: https://b.example/", ""))
		s.write("content/2024-01-a.md", note("2024-01-02T12:00:00Z", "slug: b\ntags: [alone]", "A"))
		_, err = g.Build(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got := s.outputs()
	s.remove("public")
	s.remove(".starpunk")
	s.build()
	want := s.outputs()
	for _, name := range []string{"2023/11/posted/index.html", "tags/new/index.html"} {
		if want[name] == "" {
			t.Errorf("there is no %s", name)
		}
	}
	if d := diff(got, want); d != "" {
		t.Errorf("after an edit (got) and from scratch (want):\n%s", d)
	}
}
