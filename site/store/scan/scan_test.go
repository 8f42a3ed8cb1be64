package scan_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/site/store/durable"
	"starpunk/site/store/internal/storetest"
	"starpunk/site/store/queue"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func TestScanFindsChangesMadeWithoutAWatcher(t *testing.T) {
	const date = "2024-11-05T10:00:00Z"
	tests := []struct {
		name   string
		change func(s *storetest.Site)
		built  []string // files whose outputs are stale
		gone   []string // outputs that will be removed
	}{
		{"nothing", func(*storetest.Site) {}, nil, nil},
		{"a new file", func(s *storetest.Site) { s.Post("blog/new.md", date) }, []string{"blog/new.md"}, nil},
		{"a new file with the other suffix", func(s *storetest.Site) { s.Post("blog/new.markdown", date) }, []string{"blog/new.markdown"}, nil},
		{"a new folder", func(s *storetest.Site) { s.Post("x/y/z/new.md", date) }, []string{"x/y/z/new.md"}, nil},
		{"a change in place", func(s *storetest.Site) { s.Post("blog/a.md", "2024-10-01T10:00:00Z", "title: Changed") }, []string{"blog/a.md"}, nil},
		{"a change by rename, as editors do", func(s *storetest.Site) {
			s.Post("blog/.a.md.swp", "2024-10-01T10:00:00Z", "title: Changed")
			s.Rename("content/blog/.a.md.swp", "content/blog/a.md")
		}, []string{"blog/a.md"}, nil},
		{"a touch", func(s *storetest.Site) {
			if err := os.Chtimes(s.Path("content/blog/a.md"), time.Now(), time.Now()); err != nil {
				s.T.Fatal(err)
			}
		}, nil, nil},
		{"the same bytes by rename", func(s *storetest.Site) {
			s.Write("content/blog/tmp", s.Read("content/blog/a.md"))
			s.Rename("content/blog/tmp", "content/blog/a.md")
		}, nil, nil},
		{"a removal", func(s *storetest.Site) { s.Remove("content/blog/a.md") }, []string{"blog/a.md"}, []string{"2024/10/a/index.html"}},
		{"a removed folder", func(s *storetest.Site) { s.Remove("content/blog") }, []string{"blog/a.md", "blog/deep/b.md"},
			[]string{"2024/10/a/index.html", "2024/10/b/index.html"}},
		{"a move that keeps the address", func(s *storetest.Site) { s.Rename("content/blog/a.md", "content/moved/a.md") },
			[]string{"blog/a.md", "moved/a.md"}, nil},
		{"a rename that changes the address", func(s *storetest.Site) { s.Rename("content/blog/a.md", "content/blog/c.md") },
			[]string{"blog/a.md", "blog/c.md"}, []string{"2024/10/a/index.html"}},
		{"a renamed folder", func(s *storetest.Site) { s.Rename("content/blog", "content/diary") },
			[]string{"blog/a.md", "blog/deep/b.md", "diary/a.md", "diary/deep/b.md"}, nil},
		{"a folder that was hidden", func(s *storetest.Site) { s.Rename("content/blog", "content/_blog") }, []string{"blog/a.md", "blog/deep/b.md"},
			[]string{"2024/10/a/index.html", "2024/10/b/index.html"}},
		{"a note put in the trash", func(s *storetest.Site) { s.Rename("content/blog/a.md", "content/.trash/blog/a.md") },
			[]string{".trash/blog/a.md", "blog/a.md"}, []string{"2024/10/a/index.html"}},
		{"a file instead of a folder", func(s *storetest.Site) {
			s.Remove("content/blog")
			s.Write("content/blog", "no folder any more")
		}, []string{"blog/a.md", "blog/deep/b.md"}, []string{"2024/10/a/index.html", "2024/10/b/index.html"}},
		{"a folder instead of a file", func(s *storetest.Site) {
			s.Remove("content/blog/a.md")
			s.Post("blog/a.md/c.md", date)
		}, []string{"blog/a.md", "blog/a.md/c.md"}, []string{"2024/10/a/index.html"}},
		{"a file that the configuration ignores now", func(s *storetest.Site) { s.Extra = "[content]\nignore = [\"blog/a.md\"]\n" },
			[]string{"blog/a.md"}, []string{"2024/10/a/index.html"}},
		{"a folder that the configuration ignores now", func(s *storetest.Site) { s.Extra = "[content]\nignore = [\"blog/**\"]\n" },
			[]string{"blog/a.md", "blog/deep/b.md"}, []string{"2024/10/a/index.html", "2024/10/b/index.html"}},
	}
	shared := storetest.New(t)
	st := shared.Open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.Again(t, st)
			s.Post("blog/a.md", "2024-10-01T10:00:00Z")
			s.Post("blog/deep/b.md", "2024-10-02T10:00:00Z")
			s.Post("other.md", "2024-10-03T10:00:00Z") // keeps the month
			s.Scan(st)
			s.Build(st)
			test.change(s)
			st := st
			if s.Extra != "" {
				st = s.Open() // as another process that starts later
			}
			s.Scan(st)
			files := storetest.FilesOf(s.Pending(st))
			slices.Sort(files)
			storetest.SameStrings(t, "pending", files, test.built...)
			storetest.SameStrings(t, "removed", s.Build(st), test.gone...)
		})
	}
}

func TestRefreshFollowsOneName(t *testing.T) {
	const date = "2024-11-05T10:00:00Z"
	tests := []struct {
		name   string
		change func(s *storetest.Site)
		names  []string // below content/
		built  []string
		gone   []string
	}{
		{"a new file", func(s *storetest.Site) { s.Post("blog/new.md", date) }, []string{"blog/new.md"}, []string{"blog/new.md"}, nil},
		{"a change", func(s *storetest.Site) { s.Post("blog/a.md", "2024-10-01T10:00:00Z", "title: Changed") }, []string{"blog/a.md"}, []string{"blog/a.md"}, nil},
		{"only the name that is given", func(s *storetest.Site) {
			s.Post("blog/a.md", "2024-10-01T10:00:00Z", "title: Changed")
			s.Post("blog/deep/b.md", "2024-10-01T10:00:00Z", "title: Changed")
		}, []string{"blog/a.md"}, []string{"blog/a.md"}, nil},
		{"a removal", func(s *storetest.Site) { s.Remove("content/blog/a.md") }, []string{"blog/a.md"}, []string{"blog/a.md"}, []string{"2024/10/a/index.html"}},
		{"a new folder with all in it", func(s *storetest.Site) { s.Post("x/y/new.md", date) }, []string{"x"}, []string{"x/y/new.md"}, nil},
		{"a removed folder with all that was in it", func(s *storetest.Site) { s.Remove("content/blog") }, []string{"blog"},
			[]string{"blog/a.md", "blog/deep/b.md"}, []string{"2024/10/a/index.html", "2024/10/b/index.html"}},
		{"a folder whose name begins like another's", func(s *storetest.Site) { s.Remove("content/blog") }, []string{"blo"}, nil, nil},
		{"a folder that follows in the alphabet", func(s *storetest.Site) { s.Remove("content/blog-2") }, []string{"blog"}, nil, nil},
		{"a renamed folder", func(s *storetest.Site) { s.Rename("content/blog", "content/diary") }, []string{"blog", "diary"},
			[]string{"blog/a.md", "blog/deep/b.md", "diary/a.md", "diary/deep/b.md"}, nil},
		{"all of content", func(s *storetest.Site) { s.Remove("content/blog/deep") }, []string{""}, []string{"blog/deep/b.md"}, []string{"2024/10/b/index.html"}},
		{"a file instead of a folder", func(s *storetest.Site) {
			s.Remove("content/blog")
			s.Write("content/blog", "no folder any more")
		}, []string{"blog"}, []string{"blog/a.md", "blog/deep/b.md"}, []string{"2024/10/a/index.html", "2024/10/b/index.html"}},
		{"a folder instead of a file", func(s *storetest.Site) {
			s.Remove("content/blog/a.md")
			s.Post("blog/a.md/c.md", date)
		}, []string{"blog/a.md"}, []string{"blog/a.md", "blog/a.md/c.md"}, []string{"2024/10/a/index.html"}},
		{"a file of a bundle", func(s *storetest.Site) { s.Write("content/trip/map.svg", "<svg/>") }, []string{"trip/map.svg"}, []string{"trip/index.md"}, nil},
		{"a file deep in a bundle", func(s *storetest.Site) { s.Write("content/trip/data/track.gpx", "<gpx/>") }, []string{"trip/data"}, []string{"trip/index.md"}, nil},
		{"a removed file of a bundle", func(s *storetest.Site) { s.Remove("content/trip/sea.jpg") }, []string{"trip/sea.jpg"}, []string{"trip/index.md"}, nil},
		{"a file that belongs to no note", func(s *storetest.Site) { s.Write("content/blog/x.txt", "x") }, []string{"blog/x.txt"}, nil, nil},
		{"a hidden folder", func(s *storetest.Site) { s.Post(".git/x.md", date) }, []string{".git"}, nil, nil},
		{"a folder named almost like the trash", func(s *storetest.Site) { s.Post(".trashed/x.md", date) }, []string{".trashed"}, nil, nil},
		{"the trash", func(s *storetest.Site) { s.Rename("content/blog/a.md", "content/.trash/blog/a.md") }, []string{".trash", "blog/a.md"},
			[]string{".trash/blog/a.md", "blog/a.md"}, []string{"2024/10/a/index.html"}},
		{"a file that never was", func(*storetest.Site) {}, []string{"blog/none.md", "none"}, nil, nil},
	}
	shared := storetest.New(t)
	st := shared.Open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.Again(t, st)
			s.Post("blog/a.md", "2024-10-01T10:00:00Z")
			s.Post("blog/deep/b.md", "2024-10-02T10:00:00Z")
			s.Post("blog-2/c.md", "2024-10-03T10:00:00Z")
			s.Post("trip/index.md", "2024-09-02T10:00:00Z")
			s.Write("content/trip/sea.jpg", "a picture")
			s.Scan(st)
			s.Build(st)
			test.change(s)
			s.Refresh(st, test.names...)
			files := storetest.FilesOf(s.Pending(st))
			slices.Sort(files)
			storetest.SameStrings(t, "pending", files, test.built...)
			storetest.SameStrings(t, "removed", s.Build(st), test.gone...)
		})
	}
}

func TestScanSkipsFilesThatAreNotNotes(t *testing.T) {
	s := storetest.New(t)
	s.Extra = "[content]\nignore = [\"templates/**\", \"*.draft.md\"]\n"
	for _, file := range []string{
		".hidden.md", "_x.md", "~x.md", "x.md~", "x.txt", "x.MD.bak", "_drafts/x.md", ".obsidian/x.md", "~old/x.md",
		"templates/x.md", "templates/deep/x.md", "x.draft.md", ".trash/_x.md", ".trash/.trash/x.md", "blog/.trash/x.md",
	} {
		s.Post(file, "2024-11-05")
	}
	s.Post("templates.md", "2024-11-05")
	st := s.Scanned()
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), "templates.md")
	storetest.SameStrings(t, "problems", s.Problems(st))
}

// forgeStamps writes the present stamps of all files into the index, as if no file had
// changed since it was read: like on a file system whose clock did not advance.
func forgeStamps(s *storetest.Site) {
	s.T.Helper()
	extra := s.Extra
	s.Extra = "index = \"forged/index.db\"\n"
	forged := s.Config().Index
	s.Scanned()
	s.Extra = extra
	conn, err := sqlite.OpenConn(s.Config().Index, sqlite.OpenReadWrite)
	if err != nil {
		s.T.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.Execute(conn, "attach ? as forged", &sqlitex.ExecOptions{Args: []any{forged}}); err != nil {
		s.T.Fatal(err)
	}
	err = sqlitex.Execute(conn, `update notes set (size, mtime, ctime, inode) =
		(select f.size, f.mtime, f.ctime, f.inode from forged.notes f where f.file = notes.file)`, nil)
	if err != nil {
		s.T.Fatal(err)
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
			s := storetest.New(t)
			s.Now = time.Now().Add(test.later)
			s.Write("content/a.md", "---\ndate: 2024-11-05\n---\nbefore\n")
			st := s.Scanned()
			s.Build(st)
			s.Write("content/a.md", "---\ndate: 2024-11-05\n---\nbehind\n")
			forgeStamps(s)
			s.Scan(st)
			if files := storetest.FilesOf(s.Pending(st)); (len(files) == 1) != test.seen {
				t.Errorf("pending: %q; seen should be %v", files, test.seen)
			}
		})
	}
}

func TestAFileOlderThanTheIndexThinksIsStillRead(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-11-05", "title: Before")
	st := s.Scanned()
	s.Build(st)
	s.Index("update notes set ctime = ?", time.Now().Add(24*time.Hour).UnixNano()) // as if the clock had been wrong
	s.Post("a.md", "2024-11-05", "title: After")
	s.Scan(st)
	if row := s.Row(st, "a.md"); row.Label != "After" {
		t.Errorf("after the change the index calls the note %q", row.Label)
	}
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), "a.md")
	s.Index("update notes set ctime = ?", time.Now().Add(24*time.Hour).UnixNano())
	s.Write("content/a.md", "---\ndate: no\n---\n")
	s.Scan(st)
	storetest.SameStrings(t, "problems", s.Problems(st), `content/a.md:2: date: "no" is not a date and time such as 2026-11-22T09:30:00+01:00`)
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
	shared := storetest.New(t)
	st := shared.Open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.Again(t, st)
			s.Write("content/bad.md", test.data)
			s.Post("good.md", "2024-11-05")
			s.Scan(st)
			storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), "good.md")
			if problems := s.Problems(st); len(problems) != 1 || !strings.HasPrefix(problems[0], test.problem) {
				t.Errorf("problems: %q; want one that begins with %q", problems, test.problem)
			}
		})
	}
}

func TestALastGoodPageStaysUntilItsFileIsCorrected(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-11-05", "tags: [go]")
	st := s.Scanned()
	s.Build(st)
	good := s.Read("content/a.md")
	s.Write("content/a.md", "---\ndate: yesterday\n---\n")
	s.Scan(st)
	rows := s.Pending(st)
	storetest.SameStrings(t, "pending", storetest.FilesOf(rows), "a.md")
	if r := rows[0]; r.Problem == "" || r.Permalink != "/2024/11/a/" || !r.HasPage || r.Built == nil {
		t.Errorf("the row of the broken file is %+v", r)
	}
	if b := s.Briefs(st); len(b) != 1 || !b[0].Broken || !b[0].Linked || !b[0].Listed || !b[0].Rendered {
		t.Errorf("Briefs = %+v; want a broken note, the last good page of which is still linked", b)
	}
	kept := *rows[0].Built
	kept.Hash = rows[0].Hash
	s.MarkBuilt(st, queue.Result{Row: rows[0], Built: &kept})
	storetest.SameStrings(t, "removals", s.Removals(st))
	s.Write("content/a.md", good)
	s.Scan(st)
	storetest.SameStrings(t, "pending after it was mended", storetest.FilesOf(s.Pending(st)), "a.md")
	storetest.SameStrings(t, "problems after it was mended", s.Problems(st))
}

func TestABrokenFileThatIsRemovedIsForgotten(t *testing.T) {
	s := storetest.New(t)
	s.Write("content/bad.md", "---\ndate: no\n---\n")
	st := s.Scanned()
	s.Build(st)
	s.Remove("content/bad.md")
	s.Scan(st)
	storetest.SameStrings(t, "problems", s.Problems(st))
	s.Build(st)
	if row, err := st.ByFile(t.Context(), "bad.md"); err != nil || row != nil {
		t.Errorf("ByFile = %+v, %v; want no row", row, err)
	}
}

func TestLeftOversGoAlsoWhenAScanFails(t *testing.T) {
	s := storetest.New(t)
	full := false
	st := s.OpenAround(func(op durable.Op, do func() error) error {
		if full && op.Name == "commit" {
			return errors.New("the disk is full")
		}
		return do()
	})
	s.Post("a.md", "2024-11-22")
	s.Write("content/notes/.starpunk-ABC.tmp", "half")
	s.Write("media/3f/.starpunk-GHI.tmp", "half")
	full = true
	if err := st.Scan(t.Context()); err == nil {
		t.Error("a scan that can't write the index succeeds")
	}
	storetest.SameStrings(t, "files", append(s.Files("content"), s.Files("media")...), "a.md")
}

func TestScanRemovesTemporaryFilesThatWereLeftBehind(t *testing.T) {
	s := storetest.New(t)
	s.Write("content/notes/2024/11/.starpunk-ABC.tmp", "---\nhalf a no")
	s.Write("content/.trash/.starpunk-DEF.tmp", "half")
	s.Write("media/3f/.starpunk-GHI.tmp", "half")
	s.Write("content/.starpunk-mine", "not ours")
	s.Write("content/.other.tmp", "not ours")
	st := s.Scanned()
	storetest.SameStrings(t, "files", append(s.Files("content"), s.Files("media")...), ".other.tmp", ".starpunk-mine")
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)))
}

func TestScannedReportsWhetherAllFilesWereSeen(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-11-05")
	st := s.Open()
	if st.Scanned() {
		t.Error("Scanned() before a scan")
	}
	s.Refresh(st, "a.md")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := st.Scan(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Scan = %v, want %v", err, context.Canceled)
	}
	if st.Scanned() {
		t.Error("Scanned() after a scan that was broken off")
	}
	s.Scan(st)
	if !st.Scanned() {
		t.Error("not Scanned() after a scan")
	}
}

func TestScanOfASiteWithoutContentFindsNothing(t *testing.T) {
	s := storetest.New(t)
	s.Remove("content")
	st := s.Scanned()
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)))
}

func TestScanTakesManyFilesInBatches(t *testing.T) {
	s := storetest.New(t)
	files := storetest.Numbered("blog/note-%03d.md", 210)
	for _, file := range files {
		s.Post(file, "2024-11-05T10:00:00Z")
	}
	st := s.Scanned()
	got := storetest.FilesOf(s.Pending(st))
	slices.Sort(got)
	storetest.SameStrings(t, "pending", got, files...)
	s.Remove("content/blog")
	s.Scan(st)
	for _, r := range s.Pending(st) {
		if r.HasPage {
			t.Errorf("%s has a page after its file was removed", r.File)
		}
	}
}

func TestASecondIndexOfTheSameFilesIsTheSame(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-11-05", "tags: [Go]")
	s.Post("b.md", "2024-11-05", "draft: true")
	s.Write("content/about.md", "A page.\n")
	first := s.Scanned()
	a := s.Row(first, "a.md")
	s.Extra = "index = \"elsewhere/index.db\"\n"
	second := s.Scanned()
	b := s.Row(second, "a.md")
	if a.Hash != b.Hash || a.Permalink != b.Permalink || a.Label != b.Label || !slices.Equal(a.Tags, b.Tags) || !a.Published.Equal(b.Published) {
		t.Errorf("one index has %+v, the other %+v", a, b)
	}
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(second)), storetest.FilesOf(s.Pending(first))...)
}

// A watcher is notified of each note that the receiver of its own process wrote.
func TestAnUnchangedRowIsNotWrittenAgain(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-11-01", "tags: [go]")
	st := s.Scanned()
	s.Build(st)
	before := s.Row(st, "a.md")
	if err := st.Refresh(t.Context(), "a.md"); err != nil {
		t.Fatal(err)
	}
	if row := s.Row(st, "a.md"); row.Rev != before.Rev {
		t.Errorf("revision %d, want %d: the file is as it was", row.Rev, before.Rev)
	}
	s.Post("a.md", "2024-11-01", "tags: [rust]")
	if err := st.Refresh(t.Context(), "a.md"); err != nil {
		t.Fatal(err)
	}
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), "a.md")
}
