package generator_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"starpunk/generator"
	"starpunk/site"
	"starpunk/site/store"
)

// siteOfMany returns the files of a site with some notes, static files and uploads.
func siteOfMany(n int) map[string]string {
	files := map[string]string{"content/me.md": "Me\n", "content/index.md": "Hello\n"}
	for i := range n {
		files[fmt.Sprintf("content/notes/n%02d.md", i)] = note(fmt.Sprintf("2026-10-%02d", i%28+1), "tags: [t]", "Text")
		files[fmt.Sprintf("static/s%02d.txt", i)] = "static"
		files[fmt.Sprintf("media/ab/m%02d.txt", i)] = "media"
	}
	return files
}

// buildAllowed builds as "build --allow-empty" does.
func (s *testSite) buildAllowed() *generator.Report {
	s.t.Helper()
	s.guarded = false
	defer func() { s.guarded = true }()
	return s.build()
}

var ownLink = regexp.MustCompile(`(?:href|src)="?(/[^"# >]*)`)

// checkLinks reports links of pages to addresses without an output.
func (s *testSite) checkLinks() {
	s.t.Helper()
	outputs := s.outputs()
	for name, page := range outputs {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		for _, m := range ownLink.FindAllStringSubmatch(page, -1) {
			address, _, _ := strings.Cut(m[1], "?")
			if _, ok := outputs[site.OutputFile(address)]; !ok && !strings.HasPrefix(address, "/micropub") {
				s.t.Errorf("%s links to %s, which does not exist", name, address)
			}
		}
	}
}

func TestFilesThatAreMissingAllAtOnceKeepTheirOutputs(t *testing.T) {
	gone := func(folder string) func(s *testSite) { return func(s *testSite) { s.remove(folder) } }
	emptied := func(folder string) func(s *testSite) {
		return func(s *testSite) {
			s.remove(folder)
			if err := os.Mkdir(s.path(folder), 0o777); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	most := func(pattern string) func(s *testSite) {
		return func(s *testSite) {
			for i := range 11 {
				s.remove(fmt.Sprintf(pattern, i))
			}
		}
	}
	for _, test := range []struct {
		name   string
		notes  int
		change func(*testSite)
		report string
	}{
		{"content/ is empty", 3, emptied("content"), "content/: was found empty: 5 notes are missing"},
		{"most notes", 14, most("content/notes/n%02d.md"), "content/: 11 notes are missing"},
		{"static/ is missing", 3, gone("static"), "static/: was found empty: 3 files are missing, such as static/s00.txt"},
		{"static/ is empty", 3, emptied("static"), "static/: was found empty: 3 files are missing"},
		{"most of static/", 14, most("static/s%02d.txt"), "static/: 11 files are missing"},
		{"media/ is missing", 3, gone("media"), "media/: was found empty: 3 files are missing"},
		{"media/ is empty", 3, emptied("media"), "media/: was found empty: 3 files are missing"},
		{"most of media/", 14, most("media/ab/m%02d.txt"), "media/: 11 files are missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newTestSite(t, siteOfMany(test.notes))
			s.guarded = true
			s.build()
			before := s.outputs()
			test.change(s)
			for range 2 { // the second as after a restart
				r := s.build()
				if !slices.ContainsFunc(r.Problems, func(p string) bool { return strings.HasPrefix(p, test.report) }) {
					t.Errorf("%q is not among the problems %q", test.report, r.Problems)
				}
				if d := diff(s.outputs(), before); d != "" {
					t.Fatalf("the output (got) is another than before (want):\n%s", d)
				}
			}
			// A new note is published meanwhile, and all links lead somewhere.
			s.write("content/notes/new.md", note("2026-11-20", "tags: [t]", "New"))
			s.build()
			s.checkLinks()
			if !s.hasOutput("2026/11/new/index.html") || !s.hasOutput("2026/10/n00/index.html") || !s.hasOutput("s00.txt") || !s.hasOutput("media/ab/m00.txt") {
				t.Error("a new note is not published, or something old is removed")
			}
			s.buildAllowed()
			got := s.outputs()
			if r := s.build(); len(r.Problems) > 0 {
				t.Errorf("after the removal was allowed: %q", r.Problems)
			}
			s.remove("public")
			s.remove(".starpunk")
			s.build()
			if d := diff(got, s.outputs()); d != "" {
				t.Errorf("after the removal was allowed (got) and in a new output (want):\n%s", d)
			}
		})
	}
}

func TestEverythingBuiltAgainKeepsThePagesOfMissingNotes(t *testing.T) {
	s := newTestSite(t, siteOfMany(5))
	s.guarded = true
	s.build()
	if err := os.Rename(s.path("content"), s.path("elsewhere")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(s.path("content"), 0o777); err != nil {
		t.Fatal(err)
	}
	s.extra = "[home]\ncount = 3\n" // another configuration makes every page stale
	s.build()
	for i := range 5 {
		if name := fmt.Sprintf("2026/10/n%02d/index.html", i); !s.hasOutput(name) {
			t.Errorf("%s was removed", name)
		}
	}
	s.checkLinks()
	s.remove("content")
	if err := os.Rename(s.path("elsewhere"), s.path("content")); err != nil {
		t.Fatal(err)
	}
	r := s.build()
	if len(r.Problems) > 0 {
		t.Errorf("problems after the notes are back: %q", r.Problems)
	}
	got := s.outputs()
	s.remove("public")
	s.remove(".starpunk")
	s.build()
	if d := diff(got, s.outputs()); d != "" {
		t.Errorf("after the notes are back (got) and in a new output (want):\n%s", d)
	}
}

func TestAnIndexThatIsLostWithTheNotesLeavesTheOutput(t *testing.T) {
	s := newTestSite(t, siteOfMany(5))
	s.guarded = true
	s.build()
	before := s.outputs()
	s.remove("content")
	s.remove(".starpunk")
	if err := os.Mkdir(s.path("content"), 0o777); err != nil {
		t.Fatal(err)
	}
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		_, err := g.Build(context.Background())
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "--allow-empty") {
		t.Errorf("Build: %v", err)
	}
	after := s.outputs()
	for name := range before {
		if _, ok := after[name]; !ok {
			t.Errorf("%s was removed", name)
		}
	}
	s.buildAllowed()
	if s.hasOutput("2026/10/n00/index.html") {
		t.Error("a page stays though its removal was allowed")
	}
}

func TestAWatcherKeepsTheOutputsOfMissingFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("waits half a minute")
	}
	s := newTestSite(t, siteOfMany(14))
	s.guarded = true
	start, ahead := time.Now(), atomic.Int64{}
	s.clock = func() time.Time { return start.Add(time.Duration(ahead.Load())) }
	s.build()
	before := s.outputs()
	held := func(st *store.Store, what string) func() bool {
		return func() bool {
			problems, err := st.Problems(t.Context())
			return err == nil && slices.ContainsFunc(problems, func(p string) bool { return strings.HasPrefix(p, what) })
		}
	}
	quiet := func(st *store.Store) func() bool {
		return func() bool { problems, err := st.Problems(t.Context()); return err == nil && len(problems) == 0 }
	}
	s.watch(func(st *store.Store) {
		for _, folder := range []string{"content", "static", "media"} {
			if err := os.Rename(s.path(folder), s.path("elsewhere")); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(s.path(folder), 0o777); err != nil {
				t.Fatal(err)
			}
			s.await(folder+"/ is reported as empty", held(st, folder+"/: was found empty"))
			ahead.Add(int64(time.Hour)) // no time makes that believable
			s.write("content/more/"+folder+".md", note("2026-11-20", "slug: "+folder, "New"))
			s.eventually("a new note", "2026/11/"+folder+"/index.html", "New")
			s.remove(folder)
			if err := os.Rename(s.path("elsewhere"), s.path(folder)); err != nil {
				t.Fatal(err)
			}
			s.remove("content/more")
			s.await(folder+"/ is back", func() bool { ahead.Add(int64(time.Second)); return quiet(st)() })
			s.eventually("a note that is gone", "2026/11/"+folder+"/index.html", "")
		}
		s.await("all as before", func() bool { return diff(s.outputs(), before) == "" })
		// Eleven files of a folder that has others count as deleted after the recheck.
		s.removeAtOnce("content/notes", 11)
		s.removeAtOnce("static", 11)
		s.await("missing notes", held(st, "content/: 11 notes are missing"))
		s.await("missing files", held(st, "static/: "))
		if !s.hasOutput("2026/10/n00/index.html") {
			t.Error("a page of a missing note is removed at once")
		}
		ahead.Add(int64(2 * time.Minute))
		s.eventually("the second look", "2026/10/n00/index.html", "")
		s.await("the second look at static/", quiet(st))
	})
}

// removeAtOnce removes the first files of a folder, so that no look finds only some of
// them missing: the folder is replaced by one that has the others.
func (s *testSite) removeAtOnce(folder string, count int) {
	s.t.Helper()
	entries, err := os.ReadDir(s.path(folder))
	if err != nil || len(entries) <= count {
		s.t.Fatalf("%s has %d files, %v", folder, len(entries), err)
	}
	rest := s.path("rest")
	if err := os.Mkdir(rest, 0o777); err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries[count:] {
		if err := os.Link(filepath.Join(s.path(folder), e.Name()), filepath.Join(rest, e.Name())); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := errors.Join(os.Rename(s.path(folder), s.path("removed")), os.Rename(rest, s.path(folder)), os.RemoveAll(s.path("removed"))); err != nil {
		s.t.Fatal(err)
	}
}

func TestMissingNotesThatComeBackUnderAnotherNameAreNotMissing(t *testing.T) {
	for _, test := range []struct{ name, file, page string }{
		{"in another folder", "content/zettel/n%02d.md", "2026/10/n00/index.html"},
		{"at another address", "content/zettel/z%02d.md", "2026/10/z00/index.html"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newTestSite(t, siteOfMany(14))
			s.guarded = true
			s.build()
			s.remove("content/notes")
			if r := s.build(); len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "14 notes are missing") {
				t.Fatalf("problems while the notes are elsewhere: %q", r.Problems)
			}
			for i := range 14 {
				s.write(fmt.Sprintf(test.file, i), note("2026-10-01", "tags: [t]", "Changed"))
			}
			if r := s.build(); len(r.Problems) > 0 {
				t.Errorf("problems after the notes came back: %q", r.Problems)
			}
			got := s.outputs()
			if !strings.Contains(got[test.page], "Changed") {
				t.Errorf("%s does not show the file that exists", test.page)
			}
			s.remove("public")
			s.remove(".starpunk")
			s.build()
			if d := diff(got, s.outputs()); d != "" {
				t.Errorf("after the notes came back (got) and in a new output (want):\n%s", d)
			}
		})
	}
}

func TestAWatcherFindsMissingNotesUnderAnotherName(t *testing.T) {
	s := newTestSite(t, siteOfMany(14))
	s.guarded, s.now = true, time.Now()
	s.build()
	s.watch(func(st *store.Store) {
		if err := os.Rename(s.path("content/notes"), s.path("elsewhere")); err != nil {
			t.Fatal(err)
		}
		problems := func() []string {
			problems, err := st.Problems(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return problems
		}
		s.await("a report of the missing notes", func() bool { return len(problems()) == 1 })
		if err := os.Rename(s.path("elsewhere"), s.path("content/zettel")); err != nil {
			t.Fatal(err)
		}
		// The clock of the site does not move: no second look is due.
		s.await("nothing is missing", func() bool { return len(problems()) == 0 })
		s.write("content/zettel/n00.md", note("2026-10-01", "tags: [t]", "Changed"))
		s.eventually("a change of a note that came back", "2026/10/n00/index.html", "Changed")
	})
}
