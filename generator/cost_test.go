package generator_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"starpunk/generator"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/durable"
)

var notes = flag.Int("notes", 1000, "notes of the larger site on which the cost of one edit is counted")

// An edit is what an author does to one note of a site with 80 notes a month.
type siteEdit struct {
	name string
	do   func(s *testSite)
}

const editedNote = "content/notes/2026/01/15-n040.md"

func edited(front, body string) func(*testSite) {
	return func(s *testSite) { s.write(editedNote, note("2026-01-15T12:00:00Z", front, body)) }
}

var siteEdits = []siteEdit{
	{"add", func(s *testSite) {
		s.write("content/notes/2026/01/31-new.md", note("2026-01-31T12:00:00Z", "tags: [a, b]", "New"))
	}},
	{"edit the body", edited("tags: [a, b]", "Other words")},
	{"give a title", edited("title: A title\ntags: [a, b]", "Other words")},
	{"change the tags", edited("title: A title\ntags: [b, c]", "Other words")},
	{"change the date", func(s *testSite) {
		s.write(editedNote, note("2026-01-02T12:00:00Z", "title: A title\ntags: [b, c]", "Other words"))
	}},
	{"delete", func(s *testSite) { s.move(editedNote, "content/.trash/notes/2026/01/15-n040.md") }},
	{"undelete", func(s *testSite) { s.move("content/.trash/notes/2026/01/15-n040.md", editedNote) }},
}

func (s *testSite) move(from, to string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.path(to)), 0o777); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(s.path(from), s.path(to)); err != nil {
		s.t.Fatal(err)
	}
}

// manyNotes is a site with 80 notes in each month, the newest in January, so
// that the year that edits fall into has as many in each site. Each has a few
// tags, but no tag has more notes of a year than a list shows.
func manyNotes(size int) map[string]string {
	files := map[string]string{}
	for i := range size {
		month := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, -i/80, 0)
		at := month.Add(time.Duration(i%80) * 9 * time.Hour)
		tags := ""
		if i%80 < 40 {
			tags = fmt.Sprintf("tags: [%c, t%d]", 'a'+rune(i%3), i%7)
		}
		files[fmt.Sprintf("content/notes/%s-n%03d.md", at.Format("2006/01/02"), i)] = note(at.Format(time.RFC3339), tags, fmt.Sprintf("Note %d", i))
	}
	delete(files, editedNote)
	files[editedNote] = note("2026-01-15T12:00:00Z", "tags: [a, b]", "Note 40")
	return files
}

// One edit costs the same on a site of any age, except one row for each year on the front
// page and in the list of the type and of each tag. To count on
// a site of ten years:
//
//	go test ./generator -run TestOneEditCosts -notes 10000
func TestOneEditCostsTheSameOnASiteOfAnyAge(t *testing.T) {
	type cost struct{ outputs, files, rows int64 }
	count := func(size int) map[string]cost {
		costs := map[string]cost{}
		s := newTestSite(t, manyNotes(size))
		s.build()
		for _, e := range siteEdits {
			e.do(s)
			err := s.with(s.config(), func(st *store.Store, g *generator.Generator) error {
				r, err := g.Build(context.Background())
				if err == nil {
					work := st.Work()
					costs[e.name] = cost{r.Written + r.Unchanged + r.Removed, work.Notes, work.Rows}
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return costs
	}
	small, large := count(100), count(*notes)
	years := int64(*notes/80)/12 + 1 // more than in the small site
	for _, e := range siteEdits {
		a, b := small[e.name], large[e.name]
		t.Logf("%-16s %+v at 100 notes, %+v at %d", e.name, a, b, *notes)
		if a.outputs != b.outputs || a.files != b.files {
			t.Errorf("to %s costs %+v at 100 notes and %+v at %d", e.name, a, b, *notes)
		}
		const tags = 4 // those from before and those from now
		if more := b.rows - a.rows; more > (2+tags)*years {
			t.Errorf("to %s reads %d rows more at %d notes", e.name, more, *notes)
		}
		if most := int64(15 + 4*tags); b.outputs > most {
			t.Errorf("to %s renders %d outputs, want at most %d", e.name, b.outputs, most)
		}
		if most := int64(20 * (4 + tags)); b.files > most {
			t.Errorf("to %s reads %d notes, want at most %d", e.name, b.files, most)
		}
	}
}

// A note that feeds will show is cached when its page is rendered, also in the feed of a
// rare tag.
func TestAFullBuildReadsANoteOnce(t *testing.T) {
	files := manyNotes(300)
	for i := range 30 {
		files[fmt.Sprintf("content/rare-%02d.md", i)] = note(fmt.Sprintf("2020-01-%02dT12:00:00Z", i+1), "tags: [rare]", "Rare")
	}
	s := newTestSite(t, files)
	err := s.with(s.config(), func(st *store.Store, g *generator.Generator) error {
		_, err := g.Build(context.Background())
		// The last note of a feed may not be cached: pages are not rendered exactly in the
		// order of their notes.
		if more := st.Work().Notes - int64(len(files)); more > 10 {
			t.Errorf("of %d notes %d are read again", len(files), more)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A process caches the notes that feeds show between builds: for a new note it reads
// little more than that note.
func TestANoteIsNotReadAgainForEachNewNote(t *testing.T) {
	s := newTestSite(t, manyNotes(100))
	err := s.with(s.config(), func(st *store.Store, g *generator.Generator) error {
		if _, err := g.Build(context.Background()); err != nil {
			return err
		}
		for _, e := range siteEdits {
			e.do(s)
			before := st.Work().Notes
			if _, err := g.Build(context.Background()); err != nil {
				return err
			}
			if read := st.Work().Notes - before; read > 10 {
				t.Errorf("to %s, %d notes are read", e.name, read)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A list with a hundred lines is not asked for again for each note that comes,
// however many of them change, nor is one that shows the newest alone.
func TestALineIsNotReadAgainForEachNewNote(t *testing.T) {
	files := map[string]string{}
	at := func(minute int) string {
		return time.Date(2026, 10, 1, 0, minute, 0, 0, time.UTC).Format(time.RFC3339)
	}
	for i := range 60 {
		files[fmt.Sprintf("content/notes/n%03d.md", i)] = note(at(i), "tags: [a]", "Note")
	}
	for i := range 19 { // one less than the page of a tag shows
		files[fmt.Sprintf("content/notes/o%03d.md", i)] = note(at(i), "tags: [b]", "Note")
	}
	s := newTestSite(t, files)
	build := func(g *generator.Generator) {
		if _, err := g.Build(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	err := s.with(s.config(), func(st *store.Store, g *generator.Generator) error {
		build(g)
		for i, edit := range []func(){
			func() {
				s.write("content/notes/n100.md", note(at(100), "tags: [a]", "Note"))
				s.write("content/notes/n101.md", note(at(101), "tags: [a, b]", "Note"))
				s.write("content/notes/n102.md", note(at(102), "tags: [b]", "Note"))
			},
			func() { s.remove("content/notes/n102.md") },
			func() { s.write("content/notes/n101.md", note(at(103), "title: Called\ntags: [a]", "Note")) },
		} {
			edit()
			before := st.Work().Rows
			build(g)
			read := st.Work().Rows - before
			t.Logf("edit %d reads %d rows", i, read)
			if read > 170 { // of which the feeds and the front page are most
				t.Errorf("edit %d reads %d rows", i, read)
			}
			got := s.outputs()
			clean := newTestSite(t, nil)
			if err := os.CopyFS(clean.path("content"), os.DirFS(s.path("content"))); err != nil {
				t.Fatal(err)
			}
			clean.build()
			if d := diff(got, clean.outputs()); d != "" {
				t.Errorf("after edit %d, incremental (got) and clean (want) differ:\n%s", i, d)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Nor does the first note wait that comes to a process which had nothing to
// build: what the feeds show beside it was read before the process was ready.
func TestTheFirstNoteOfAProcessReadsLittle(t *testing.T) {
	s := newTestSite(t, manyNotes(100))
	s.build()
	s.watch(func(st *store.Store) {
		before := st.Work().Notes
		s.write("content/notes/2026/01/31-new.md", note("2026-01-31T12:00:00Z", "", "New"))
		s.eventually("the note", "feed.xml", "/2026/01/new/")
		s.eventually("the note", "index.html", "/2026/01/new/")
		if read := st.Work().Notes - before; read > 10 {
			t.Errorf("%d notes are read", read)
		}
	})
}

// While a site is watched, unchanged parts of a list are not rendered again. A part that was
// shadowed meanwhile is restored.
func TestPartsThatAreNotRenderedAgainAreStillThere(t *testing.T) {
	files := map[string]string{}
	for i := range 230 {
		at := time.Date(2026, 10, 1, 0, i, 0, 0, time.UTC)
		files[fmt.Sprintf("content/notes/2026/10/01-n%03d.md", i)] = note(at.Format(time.RFC3339), "", fmt.Sprintf("Note %d", i))
	}
	s := newTestSite(t, files)
	s.now = time.Now()
	s.watch(func(*store.Store) {
		add := func(name string) {
			s.write("content/notes/2026/10/02-"+name+".md", note("2026-10-02T00:00:00Z", "", "New "+name))
			s.eventually("a new note", "2026/10/3/index.html", "/"+name+"/")
		}
		add("one")
		s.write("static/2026/10/2/index.html", "a static file")
		s.eventually("a static file in the place of a part", "2026/10/2/index.html", "a static file")
		add("two")
		s.remove("static/2026")
		s.eventually("the part", "2026/10/2/index.html", "/n150/")
		add("three")
		s.write("content/notes/2026/10/01-n150.md", note("2026-10-01T02:30:00Z", "title: Renamed", "Text"))
		s.eventually("a part with another title", "2026/10/2/index.html", "Renamed")
		s.write("layouts/list.html", "own list {{.List.Part}} {{range .List.Entries}}{{.Path}}{{end}}")
		s.eventually("all parts with another layout", "2026/10/index.html", "own list 1")
		s.eventually("all parts with another layout", "2026/10/3/index.html", "own list 3")
	})
	got := s.outputs()
	s.remove("public")
	s.remove(".starpunk")
	s.build()
	if d := diff(got, s.outputs()); d != "" {
		t.Errorf("what the watcher made (got) is not what a clean build makes (want):\n%s", d)
	}
}

func TestAnOutputAlteredByHandIsRestoredByForce(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	want := s.outputs()
	s.write("public/2026/11/hello/index.html", "altered")
	s.remove("public/feed.xml")
	if r := s.build(); r.Written != 0 {
		t.Fatalf("%d files were written without being asked", r.Written)
	}
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		if err := g.Force(context.Background()); err != nil {
			return err
		}
		r, err := g.Build(context.Background())
		if err == nil && r.Written != 2 {
			t.Errorf("%d files were written, want the two that were altered", r.Written)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(s.outputs(), want); d != "" {
		t.Error(d)
	}
}

// A posted note takes as few transactions as its order of steps allows: its request, its
// row, its build, its page, its lists, and the page of the note before it; and one when
// all is durable. A build that starts takes three more: for the marks of a crash, for the
// file, which it reads again, and for the plan.
func TestAPostTakesFewTransactions(t *testing.T) {
	s := newTestSite(t, manyNotes(20))
	commits := 0
	s.around = func(op durable.Op, do func() error) error {
		if op.Name == "commit" {
			commits++
		}
		return do()
	}
	err := s.with(s.config(), func(st *store.Store, g *generator.Generator) error {
		if _, err := g.Build(t.Context()); err != nil {
			return err
		}
		commits = 0
		n := &site.Note{Slug: "new", Published: s.now, Content: "New", Visibility: site.Public}
		created, err := st.CreateOnce(t.Context(), n, store.Digest{1})
		if err != nil {
			return err
		}
		if _, err := g.Build(t.Context()); err != nil {
			return err
		}
		if commits > 7+3 {
			t.Errorf("a post takes %d transactions", commits)
		}
		if live, err := st.Live(t.Context(), created.File, created.Hash); err != nil || !live {
			t.Errorf("Live = %v, %v after a build", live, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
