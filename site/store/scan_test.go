package store_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/site/store/durable"
	"starpunk/site/store/queue"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func TestScanFindsChangesMadeWithoutAWatcher(t *testing.T) {
	const date = "2024-11-05T10:00:00Z"
	tests := []struct {
		name   string
		change func(s *testSite)
		built  []string // files whose outputs are stale
		gone   []string // outputs that will be removed
	}{
		{"nothing", func(*testSite) {}, nil, nil},
		{"a new file", func(s *testSite) { s.post("blog/new.md", date) }, []string{"blog/new.md"}, nil},
		{"a new file with the other suffix", func(s *testSite) { s.post("blog/new.markdown", date) }, []string{"blog/new.markdown"}, nil},
		{"a new folder", func(s *testSite) { s.post("x/y/z/new.md", date) }, []string{"x/y/z/new.md"}, nil},
		{"a change in place", func(s *testSite) { s.post("blog/a.md", "2024-10-01T10:00:00Z", "title: Changed") }, []string{"blog/a.md"}, nil},
		{"a change by rename, as editors do", func(s *testSite) {
			s.post("blog/.a.md.swp", "2024-10-01T10:00:00Z", "title: Changed")
			s.rename("content/blog/.a.md.swp", "content/blog/a.md")
		}, []string{"blog/a.md"}, nil},
		{"a touch", func(s *testSite) {
			if err := os.Chtimes(s.path("content/blog/a.md"), time.Now(), time.Now()); err != nil {
				s.t.Fatal(err)
			}
		}, nil, nil},
		{"the same bytes by rename", func(s *testSite) {
			s.write("content/blog/tmp", s.read("content/blog/a.md"))
			s.rename("content/blog/tmp", "content/blog/a.md")
		}, nil, nil},
		{"a removal", func(s *testSite) { s.remove("content/blog/a.md") }, []string{"blog/a.md"}, []string{"2024/10/a/index.html"}},
		{"a removed folder", func(s *testSite) { s.remove("content/blog") }, []string{"blog/a.md", "blog/deep/b.md"},
			[]string{"2024/10/a/index.html", "2024/10/b/index.html"}},
		{"a move that keeps the address", func(s *testSite) { s.rename("content/blog/a.md", "content/moved/a.md") },
			[]string{"blog/a.md", "moved/a.md"}, nil},
		{"a rename that changes the address", func(s *testSite) { s.rename("content/blog/a.md", "content/blog/c.md") },
			[]string{"blog/a.md", "blog/c.md"}, []string{"2024/10/a/index.html"}},
		{"a renamed folder", func(s *testSite) { s.rename("content/blog", "content/diary") },
			[]string{"blog/a.md", "blog/deep/b.md", "diary/a.md", "diary/deep/b.md"}, nil},
		{"a folder that was hidden", func(s *testSite) { s.rename("content/blog", "content/_blog") }, []string{"blog/a.md", "blog/deep/b.md"},
			[]string{"2024/10/a/index.html", "2024/10/b/index.html"}},
		{"a note put in the trash", func(s *testSite) { s.rename("content/blog/a.md", "content/.trash/blog/a.md") },
			[]string{".trash/blog/a.md", "blog/a.md"}, []string{"2024/10/a/index.html"}},
		{"a file instead of a folder", func(s *testSite) {
			s.remove("content/blog")
			s.write("content/blog", "no folder any more")
		}, []string{"blog/a.md", "blog/deep/b.md"}, []string{"2024/10/a/index.html", "2024/10/b/index.html"}},
		{"a folder instead of a file", func(s *testSite) {
			s.remove("content/blog/a.md")
			s.post("blog/a.md/c.md", date)
		}, []string{"blog/a.md", "blog/a.md/c.md"}, []string{"2024/10/a/index.html"}},
		{"a file that the configuration ignores now", func(s *testSite) { s.extra = "[content]\nignore = [\"blog/a.md\"]\n" },
			[]string{"blog/a.md"}, []string{"2024/10/a/index.html"}},
		{"a folder that the configuration ignores now", func(s *testSite) { s.extra = "[content]\nignore = [\"blog/**\"]\n" },
			[]string{"blog/a.md", "blog/deep/b.md"}, []string{"2024/10/a/index.html", "2024/10/b/index.html"}},
	}
	shared := newSite(t)
	st := shared.open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.again(t, st)
			s.post("blog/a.md", "2024-10-01T10:00:00Z")
			s.post("blog/deep/b.md", "2024-10-02T10:00:00Z")
			s.post("other.md", "2024-10-03T10:00:00Z") // keeps the month
			s.scan(st)
			s.build(st)
			test.change(s)
			st := st
			if s.extra != "" {
				st = s.open() // as another process that starts later
			}
			s.scan(st)
			files := filesOf(s.pending(st))
			slices.Sort(files)
			sameStrings(t, "pending", files, test.built...)
			sameStrings(t, "removed", s.build(st), test.gone...)
		})
	}
}

func TestRefreshFollowsOneName(t *testing.T) {
	const date = "2024-11-05T10:00:00Z"
	tests := []struct {
		name   string
		change func(s *testSite)
		names  []string // below content/
		built  []string
		gone   []string
	}{
		{"a new file", func(s *testSite) { s.post("blog/new.md", date) }, []string{"blog/new.md"}, []string{"blog/new.md"}, nil},
		{"a change", func(s *testSite) { s.post("blog/a.md", "2024-10-01T10:00:00Z", "title: Changed") }, []string{"blog/a.md"}, []string{"blog/a.md"}, nil},
		{"only the name that is given", func(s *testSite) {
			s.post("blog/a.md", "2024-10-01T10:00:00Z", "title: Changed")
			s.post("blog/deep/b.md", "2024-10-01T10:00:00Z", "title: Changed")
		}, []string{"blog/a.md"}, []string{"blog/a.md"}, nil},
		{"a removal", func(s *testSite) { s.remove("content/blog/a.md") }, []string{"blog/a.md"}, []string{"blog/a.md"}, []string{"2024/10/a/index.html"}},
		{"a new folder with all in it", func(s *testSite) { s.post("x/y/new.md", date) }, []string{"x"}, []string{"x/y/new.md"}, nil},
		{"a removed folder with all that was in it", func(s *testSite) { s.remove("content/blog") }, []string{"blog"},
			[]string{"blog/a.md", "blog/deep/b.md"}, []string{"2024/10/a/index.html", "2024/10/b/index.html"}},
		{"a folder whose name begins like another's", func(s *testSite) { s.remove("content/blog") }, []string{"blo"}, nil, nil},
		{"a folder that follows in the alphabet", func(s *testSite) { s.remove("content/blog-2") }, []string{"blog"}, nil, nil},
		{"a renamed folder", func(s *testSite) { s.rename("content/blog", "content/diary") }, []string{"blog", "diary"},
			[]string{"blog/a.md", "blog/deep/b.md", "diary/a.md", "diary/deep/b.md"}, nil},
		{"all of content", func(s *testSite) { s.remove("content/blog/deep") }, []string{""}, []string{"blog/deep/b.md"}, []string{"2024/10/b/index.html"}},
		{"a file instead of a folder", func(s *testSite) {
			s.remove("content/blog")
			s.write("content/blog", "no folder any more")
		}, []string{"blog"}, []string{"blog/a.md", "blog/deep/b.md"}, []string{"2024/10/a/index.html", "2024/10/b/index.html"}},
		{"a folder instead of a file", func(s *testSite) {
			s.remove("content/blog/a.md")
			s.post("blog/a.md/c.md", date)
		}, []string{"blog/a.md"}, []string{"blog/a.md", "blog/a.md/c.md"}, []string{"2024/10/a/index.html"}},
		{"a file of a bundle", func(s *testSite) { s.write("content/trip/map.svg", "<svg/>") }, []string{"trip/map.svg"}, []string{"trip/index.md"}, nil},
		{"a file deep in a bundle", func(s *testSite) { s.write("content/trip/data/track.gpx", "<gpx/>") }, []string{"trip/data"}, []string{"trip/index.md"}, nil},
		{"a removed file of a bundle", func(s *testSite) { s.remove("content/trip/sea.jpg") }, []string{"trip/sea.jpg"}, []string{"trip/index.md"}, nil},
		{"a file that belongs to no note", func(s *testSite) { s.write("content/blog/x.txt", "x") }, []string{"blog/x.txt"}, nil, nil},
		{"a hidden folder", func(s *testSite) { s.post(".git/x.md", date) }, []string{".git"}, nil, nil},
		{"a folder named almost like the trash", func(s *testSite) { s.post(".trashed/x.md", date) }, []string{".trashed"}, nil, nil},
		{"the trash", func(s *testSite) { s.rename("content/blog/a.md", "content/.trash/blog/a.md") }, []string{".trash", "blog/a.md"},
			[]string{".trash/blog/a.md", "blog/a.md"}, []string{"2024/10/a/index.html"}},
		{"a file that never was", func(*testSite) {}, []string{"blog/none.md", "none"}, nil, nil},
	}
	shared := newSite(t)
	st := shared.open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.again(t, st)
			s.post("blog/a.md", "2024-10-01T10:00:00Z")
			s.post("blog/deep/b.md", "2024-10-02T10:00:00Z")
			s.post("blog-2/c.md", "2024-10-03T10:00:00Z")
			s.post("trip/index.md", "2024-09-02T10:00:00Z")
			s.write("content/trip/sea.jpg", "a picture")
			s.scan(st)
			s.build(st)
			test.change(s)
			s.refresh(st, test.names...)
			files := filesOf(s.pending(st))
			slices.Sort(files)
			sameStrings(t, "pending", files, test.built...)
			sameStrings(t, "removed", s.build(st), test.gone...)
		})
	}
}

func TestScanSkipsFilesThatAreNotNotes(t *testing.T) {
	s := newSite(t)
	s.extra = "[content]\nignore = [\"templates/**\", \"*.draft.md\"]\n"
	for _, file := range []string{
		".hidden.md", "_x.md", "~x.md", "x.md~", "x.txt", "x.MD.bak", "_drafts/x.md", ".obsidian/x.md", "~old/x.md",
		"templates/x.md", "templates/deep/x.md", "x.draft.md", ".trash/_x.md", ".trash/.trash/x.md", "blog/.trash/x.md",
	} {
		s.post(file, "2024-11-05")
	}
	s.post("templates.md", "2024-11-05")
	st := s.scanned()
	sameStrings(t, "pending", filesOf(s.pending(st)), "templates.md")
	sameStrings(t, "problems", s.problems(st))
}

// forgeStamps writes the present stamps of all files into the index, as if no file had
// changed since it was read: like on a file system whose clock did not advance.
func (s *testSite) forgeStamps() {
	s.t.Helper()
	extra := s.extra
	s.extra = "index = \"forged/index.db\"\n"
	forged := s.config().Index
	s.scanned()
	s.extra = extra
	conn, err := sqlite.OpenConn(s.config().Index, sqlite.OpenReadWrite)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.Execute(conn, "attach ? as forged", &sqlitex.ExecOptions{Args: []any{forged}}); err != nil {
		s.t.Fatal(err)
	}
	err = sqlitex.Execute(conn, `update notes set (size, mtime, ctime, inode) =
		(select f.size, f.mtime, f.ctime, f.inode from forged.notes f where f.file = notes.file)`, nil)
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestAChangeThatTheStampDoesNotShowIsSeenSoonAfterARead(t *testing.T) {
	tests := []struct {
		name  string
		later time.Duration // between the change of the file and the first look at it
		seen  bool
	}{
		{"read at once", 0, true},
		{"read within two seconds", 1900 * time.Millisecond, true},
		{"read long after: the stamp is believed", time.Minute, false},
		{"read when the clock was behind", -time.Hour, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t)
			s.now = time.Now().Add(test.later)
			s.write("content/a.md", "---\ndate: 2024-11-05\n---\nbefore\n")
			st := s.scanned()
			s.build(st)
			s.write("content/a.md", "---\ndate: 2024-11-05\n---\nbehind\n")
			s.forgeStamps()
			s.scan(st)
			if files := filesOf(s.pending(st)); (len(files) == 1) != test.seen {
				t.Errorf("pending: %q; seen should be %v", files, test.seen)
			}
		})
	}
}

func TestAFileOlderThanTheIndexThinksIsStillRead(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-11-05", "title: Before")
	st := s.scanned()
	s.build(st)
	s.index("update notes set ctime = ?", time.Now().Add(24*time.Hour).UnixNano()) // as if the clock had been wrong
	s.post("a.md", "2024-11-05", "title: After")
	s.scan(st)
	if row := s.row(st, "a.md"); row.Label != "After" {
		t.Errorf("after the change the index calls the note %q", row.Label)
	}
	sameStrings(t, "pending", filesOf(s.pending(st)), "a.md")
	s.index("update notes set ctime = ?", time.Now().Add(24*time.Hour).UnixNano())
	s.write("content/a.md", "---\ndate: no\n---\n")
	s.scan(st)
	sameStrings(t, "problems", s.problems(st), `content/a.md:2: date: "no" is not a date and time such as 2026-11-22T09:30:00+01:00`)
}

func TestAnUnreadableNoteIsReportedAndTheRestIndexed(t *testing.T) {
	tests := []struct {
		name, data string
		problem    string
	}{
		{"a front matter that is not YAML", "---\ntags: [a\n---\n", "content/bad.md:2: "},
		{"a front matter without an end", "---\ndate: 2024-01-01\n", "content/bad.md:1: "},
		{"an invalid date", "---\ntitle: x\ndate: yesterday\n---\n", "content/bad.md:3: "},
		{"no UTF-8", "---\ndate: 2024-01-01\n---\ngood\nb\xffd\n", "content/bad.md:5: "},
		{"far too large", "---\ndate: 2024-01-01\n---\n" + strings.Repeat("x", 10<<20), "content/bad.md:1: larger than 10 MiB"},
	}
	shared := newSite(t)
	st := shared.open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.again(t, st)
			s.write("content/bad.md", test.data)
			s.post("good.md", "2024-11-05")
			s.scan(st)
			sameStrings(t, "pending", filesOf(s.pending(st)), "good.md")
			if problems := s.problems(st); len(problems) != 1 || !strings.HasPrefix(problems[0], test.problem) {
				t.Errorf("problems: %q; want one that begins with %q", problems, test.problem)
			}
		})
	}
}

func TestALastGoodPageStaysUntilItsFileIsCorrected(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-11-05", "tags: [go]")
	st := s.scanned()
	s.build(st)
	good := s.read("content/a.md")
	s.write("content/a.md", "---\ndate: yesterday\n---\n")
	s.scan(st)
	rows := s.pending(st)
	sameStrings(t, "pending", filesOf(rows), "a.md")
	if r := rows[0]; r.Problem == "" || r.Permalink != "/2024/11/a/" || !r.HasPage || r.Built == nil {
		t.Errorf("the row of the broken file is %+v", r)
	}
	if b := s.briefs(st); len(b) != 1 || !b[0].Broken || !b[0].Linked || !b[0].Listed || !b[0].Rendered {
		t.Errorf("Briefs = %+v; want a broken note, the last good page of which is still linked", b)
	}
	kept := *rows[0].Built
	kept.Hash = rows[0].Hash
	s.markBuilt(st, queue.Result{Row: rows[0], Built: &kept})
	sameStrings(t, "removals", s.removals(st))
	s.write("content/a.md", good)
	s.scan(st)
	sameStrings(t, "pending after it was mended", filesOf(s.pending(st)), "a.md")
	sameStrings(t, "problems after it was mended", s.problems(st))
}

func TestABrokenFileThatIsRemovedIsForgotten(t *testing.T) {
	s := newSite(t)
	s.write("content/bad.md", "---\ndate: no\n---\n")
	st := s.scanned()
	s.build(st)
	s.remove("content/bad.md")
	s.scan(st)
	sameStrings(t, "problems", s.problems(st))
	s.build(st)
	if row, err := st.ByFile(t.Context(), "bad.md"); err != nil || row != nil {
		t.Errorf("ByFile = %+v, %v; want no row", row, err)
	}
}

func TestLeftOversGoAlsoWhenAScanFails(t *testing.T) {
	s := newSite(t)
	full := false
	st := s.openAround(func(op durable.Op, do func() error) error {
		if full && op.Name == "commit" {
			return errors.New("the disk is full")
		}
		return do()
	})
	s.post("a.md", "2024-11-22")
	s.write("content/notes/.starpunk-ABC.tmp", "half")
	s.write("media/3f/.starpunk-GHI.tmp", "half")
	full = true
	if err := st.Scan(t.Context()); err == nil {
		t.Error("a scan that can't write the index succeeds")
	}
	sameStrings(t, "files", append(s.files("content"), s.files("media")...), "a.md")
}

func TestScanRemovesTemporaryFilesThatWereLeftBehind(t *testing.T) {
	s := newSite(t)
	s.write("content/notes/2024/11/.starpunk-ABC.tmp", "---\nhalf a no")
	s.write("content/.trash/.starpunk-DEF.tmp", "half")
	s.write("media/3f/.starpunk-GHI.tmp", "half")
	s.write("content/.starpunk-mine", "not ours")
	s.write("content/.other.tmp", "not ours")
	st := s.scanned()
	sameStrings(t, "files", append(s.files("content"), s.files("media")...), ".other.tmp", ".starpunk-mine")
	sameStrings(t, "pending", filesOf(s.pending(st)))
}

func TestScannedReportsWhetherAllFilesWereSeen(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-11-05")
	st := s.open()
	if st.Scanned() {
		t.Error("Scanned() before a scan")
	}
	s.refresh(st, "a.md")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := st.Scan(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Scan = %v, want %v", err, context.Canceled)
	}
	if st.Scanned() {
		t.Error("Scanned() after a scan that was broken off")
	}
	s.scan(st)
	if !st.Scanned() {
		t.Error("not Scanned() after a scan")
	}
}

func TestScanOfASiteWithoutContentFindsNothing(t *testing.T) {
	s := newSite(t)
	s.remove("content")
	st := s.scanned()
	sameStrings(t, "pending", filesOf(s.pending(st)))
}

func TestScanTakesManyFilesInBatches(t *testing.T) {
	s := newSite(t)
	files := numbered("blog/note-%03d.md", 210)
	for _, file := range files {
		s.post(file, "2024-11-05T10:00:00Z")
	}
	st := s.scanned()
	got := filesOf(s.pending(st))
	slices.Sort(got)
	sameStrings(t, "pending", got, files...)
	s.remove("content/blog")
	s.scan(st)
	for _, r := range s.pending(st) {
		if r.HasPage {
			t.Errorf("%s has a page after its file was removed", r.File)
		}
	}
}

func TestASecondIndexOfTheSameFilesIsTheSame(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-11-05", "tags: [Go]")
	s.post("b.md", "2024-11-05", "draft: true")
	s.write("content/about.md", "A page.\n")
	first := s.scanned()
	a := s.row(first, "a.md")
	s.extra = "index = \"elsewhere/index.db\"\n"
	second := s.scanned()
	b := s.row(second, "a.md")
	if a.Hash != b.Hash || a.Permalink != b.Permalink || a.Label != b.Label || !slices.Equal(a.Tags, b.Tags) || !a.Published.Equal(b.Published) {
		t.Errorf("one index has %+v, the other %+v", a, b)
	}
	sameStrings(t, "pending", filesOf(s.pending(second)), filesOf(s.pending(first))...)
}

// A watcher is notified of each note that the receiver of its own process wrote.
func TestAnUnchangedRowIsNotWrittenAgain(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-11-01", "tags: [go]")
	st := s.scanned()
	s.build(st)
	before := s.row(st, "a.md")
	if err := st.Refresh(t.Context(), "a.md"); err != nil {
		t.Fatal(err)
	}
	if row := s.row(st, "a.md"); row.Rev != before.Rev {
		t.Errorf("revision %d, want %d: the file is as it was", row.Rev, before.Rev)
	}
	s.post("a.md", "2024-11-01", "tags: [rust]")
	if err := st.Refresh(t.Context(), "a.md"); err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "pending", filesOf(s.pending(st)), "a.md")
}
