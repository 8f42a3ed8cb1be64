//go:build unix

package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"
	"starpunk/site/store/table"
)

func TestCreateNamesAFileByDateAndSlug(t *testing.T) {
	tests := []struct {
		name, date      string
		file, permalink string
	}{
		{"day and month have two digits", "2024-03-05T09:30:00Z", "notes/2024/03/05-hello.md", "/2024/03/hello/"},
		{"the date counts as it was written", "2024-12-31T23:30:00-08:00", "notes/2024/12/31-hello.md", "/2024/12/hello/"},
		{"also east of Greenwich", "2025-01-01T00:30:00+14:00", "notes/2025/01/01-hello.md", "/2025/01/hello/"},
		{"years have four digits", "0987-01-01T00:30:00Z", "notes/0987/01/01-hello.md", "/0987/01/hello/"},
	}
	shared := storetest.New(t)
	st := shared.Open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.Again(t, st)
			n := storetest.NewNote(t, "hello", test.date)
			created := s.Create(st, n)
			if created.File != test.file || created.Permalink != test.permalink || !created.Indexed {
				t.Errorf("Create = %+v, want %s at %s, indexed", created, test.file, test.permalink)
			}
			if n.File != test.file || n.Slug != "hello" || n.Kind != site.KindNote {
				t.Errorf("the note became %s, slug %s, kind %s", n.File, n.Slug, n.Kind)
			}
		})
	}
}

func TestCreateWritesWhatFormatSays(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	n := storetest.NewNote(t, "hello", "2024-11-22T09:30:00+01:00")
	n.Category = []string{"Go", "IndieWeb"}
	n.Properties = map[string][]any{"in-reply-to": {"https://example.org/post"}}
	created := s.Create(st, n)
	want, err := n.Format()
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Read("content/" + created.File); got != string(want) {
		t.Errorf("the file is\n%s\nwant\n%s", got, want)
	}
	read, err := st.Read(created.File)
	if err != nil || read.Content != n.Content || !slices.Equal(read.Category, n.Category) {
		t.Errorf("Read(%q) = %+v, %v", created.File, read, err)
	}
	row := s.Row(st, created.File)
	if row.Hash != created.Hash || row.Permalink != created.Permalink || row.Todo != table.TodoWaited || row.Type != "reply" {
		t.Errorf("the row is %+v, want it waited for, with the hash and the address of %+v", row, created)
	}
	s.Scan(st)
	if again := s.Row(st, created.File); again.Rev != row.Rev {
		t.Errorf("a scan touched the row of a file that Create wrote: rev %d, then %d", row.Rev, again.Rev)
	}
}

func TestCreateAppendsANumberToATakenSlug(t *testing.T) {
	const note = "---\ndate: 2024-11-05T10:00:00Z\n---\nThe first.\n"
	tests := []struct {
		name    string
		config  string
		file    string // below content/, there before
		data    string
		unknown bool // written after the scan: the index does not know it
	}{
		{name: "by a note of that day", file: "notes/2024/11/22-hello.md", data: note},
		{name: "by a note of another day of the month", file: "notes/2024/11/05-hello.md", data: note},
		{name: "by a draft", file: "notes/2024/11/05-hello.md", data: "---\ndate: 2024-11-05\ndraft: true\n---\n"},
		{name: "by a private note", file: "notes/2024/11/05-hello.md", data: "---\ndate: 2024-11-05\nvisibility: private\n---\n"},
		{name: "by a deleted note", file: ".trash/notes/2024/11/05-hello.md", data: note},
		{name: "by a deleted note elsewhere", file: ".trash/blog/hello.md", data: note},
		{name: "by front matter", file: "blog/other.md", data: "---\ndate: 2024-11-05\nslug: hello\n---\nText\n"},
		{name: "by a bundle", file: "trips/hello/index.md", data: note},
		{name: "by a scheduled note", file: "notes/2024/11/05-hello.md", data: "---\ndate: 2024-11-30T00:00:00Z\n---\nText\n"},
		{name: "by a note of another year, where addresses have no date", config: `permalink = "/:slug/"`, file: "notes/1999/01/05-hello.md", data: "---\ndate: 1999-01-05\n---\nText\n"},
		{name: "by a page, where addresses have no date", config: `permalink = "/:slug/"`, file: "hello.md", data: "A page.\n"},
		{name: "by a file that nobody looked at yet", file: "notes/2024/11/22-hello.md", data: note, unknown: true},
		{name: "by one of another day", file: "notes/2024/11/05-hello.markdown", data: note, unknown: true},
		{name: "by one whose name has no day", file: "notes/2024/11/hello.md", data: note, unknown: true},
		{name: "by one in the trash", file: ".trash/notes/2024/11/05-hello.md", data: note, unknown: true},
		{name: "by one that is no note", file: "notes/2024/11/22-hello.md", data: "\xff\xfe", unknown: true},
	}
	shared := storetest.New(t)
	st := shared.Open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, st := shared.Again(t, st), st
			if test.config != "" {
				s.Extra = test.config
				st = s.Open()
			}
			if !test.unknown {
				s.Write("content/"+test.file, test.data)
			}
			s.Scan(st)
			s.Write("content/"+test.file, test.data)
			for _, want := range []string{"hello-2", "hello-3"} {
				n := storetest.PlainNote("hello", "Another.")
				created := s.Create(st, n)
				if n.Slug != want || created.File != "notes/2024/11/22-"+want+".md" {
					t.Errorf("Create made %+v with slug %q, want %q", created, n.Slug, want)
				}
			}
			if got := s.Read("content/" + test.file); got != test.data {
				t.Errorf("%s was changed to %q", test.file, got)
			}
		})
	}
}

// A bot that posts under one slug every few minutes for a month is refused
// nothing.
func TestCreateFindsASlugAfterAnyNumberOfThoseInAMonth(t *testing.T) {
	s := storetest.New(t)
	st := s.Open()
	const before = 10_100
	dir := s.Path("content/notes/2024/11")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for i := range before {
		name := fmt.Sprintf("05-bot-%d.md", i+1)
		if i == 0 {
			name = "05-bot.md"
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	n := storetest.PlainNote("bot", "Once more.")
	s.Create(st, n)
	if want := fmt.Sprint("bot-", before+1); n.Slug != want {
		t.Errorf("the slug is %q, want %q", n.Slug, want)
	}
}

func TestCreateNeverReplacesAFileThatAppearsMeanwhile(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	s.Mkdir("content/notes/2024/11")
	const foreign = "Another program's words.\n"
	for round := range 50 {
		slug := fmt.Sprintf("race-%d-x", round)
		name := s.Path("content/notes/2024/11/22-" + slug + ".md")
		var wrote bool
		var group sync.WaitGroup
		group.Go(func() {
			f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
			if err != nil {
				return // Create was first
			}
			_, err = f.WriteString(foreign)
			wrote = storetest.FirstError(err, f.Close()) == nil
		})
		created := s.Create(st, storetest.PlainNote(slug, "Our words."))
		group.Wait()
		if data, err := os.ReadFile(name); wrote && string(data) != foreign {
			t.Fatalf("round %d: the other program's file holds %q, %v", round, data, err)
		}
		if got := s.Read("content/" + created.File); !strings.Contains(got, "Our words.") {
			t.Fatalf("round %d: %s holds %q", round, created.File, got)
		}
	}
}

func TestFiftyCreatesAtOnceMakeFiftyNotes(t *testing.T) {
	s := storetest.New(t)
	first, second := s.Scanned(), s.Open()
	children := []*process{startChild(t, "create", s.Dir), startChild(t, "create", s.Dir)}
	var mu sync.Mutex
	var lines []string
	var group sync.WaitGroup
	for i := range 50 {
		st := first
		if i%2 == 0 {
			st = second
		}
		group.Go(func() {
			created, err := st.Create(storetest.Deadline(t), storetest.PlainNote("hello", fmt.Sprint("Note ", i)))
			if err != nil {
				t.Errorf("Create: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			lines = append(lines, created.File+" "+created.Permalink)
		})
	}
	group.Wait()
	for _, c := range children {
		lines = append(lines, c.end()...)
	}
	slices.Sort(lines)
	const all = 50 + 2*createsOfAChild
	if distinct := slices.Compact(slices.Clone(lines)); len(lines) != all || len(distinct) != all {
		t.Errorf("%d creates reported %d notes, %d of them distinct", all, len(lines), len(distinct))
	}
	if files := s.Files("content"); len(files) != all {
		t.Errorf("%d creates left %d files: %q", all, len(files), files)
	}
	texts := map[string]bool{}
	for _, file := range s.Files("content") {
		texts[s.Read("content/"+file)] = true
	}
	if len(texts) != all {
		t.Errorf("%d creates of different texts left %d different texts", all, len(texts))
	}
}

func TestEveryNoteThatWasReportedIsThereAfterAKill(t *testing.T) {
	s := storetest.New(t)
	c := startChild(t, "create until killed", s.Dir)
	var reported []string
	for range 10 {
		reported = append(reported, c.line())
	}
	c.kill()
	reported = append(reported, c.rest()...) // what it said before it died
	st := s.Scanned()
	for _, line := range reported {
		file, permalink, whole := strings.Cut(line, " ")
		if !whole || !strings.HasSuffix(permalink, "/") {
			continue // the last line was cut off
		}
		if data := s.Read("content/" + file); !strings.HasSuffix(data, "\n") || !strings.Contains(data, "of process") {
			t.Errorf("%s holds %q", file, data)
		}
		if row, err := st.ByPermalink(t.Context(), permalink); err != nil || row.File != file {
			t.Errorf("ByPermalink(%q) = %+v, %v; want %s", permalink, row, err, file)
		}
	}
	for _, file := range s.Files("content") {
		if !strings.HasSuffix(file, ".md") {
			t.Errorf("a scan after the kill left %s", file)
		}
	}
	if problems := s.Problems(st); len(problems) > 0 {
		t.Errorf("half a note was read: %q", problems)
	}
}

func TestCreateFailsWhereNothingCanBeWritten(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	s.Write("content/notes/2024", "A file where the folder of a year should be.\n")
	_, err := st.Create(t.Context(), storetest.PlainNote("hello", "Text"))
	if err == nil || !strings.Contains(err.Error(), "2024") {
		t.Errorf("Create: %v; want an error that names the path", err)
	}
	storetest.SameStrings(t, "files", s.Files("content"), "notes/2024")
	if n := len(s.Pending(st)); n != 0 {
		t.Errorf("%d notes are pending after a create that failed", n)
	}
}

func TestCreateStopsWaitingWhenItsCallerDoes(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := st.Create(ctx, storetest.PlainNote("hello", "Text")); !errors.Is(err, context.Canceled) {
		t.Errorf("Create = %v, want %v", err, context.Canceled)
	}
	storetest.SameStrings(t, "files", s.Files("content"))
}

func TestCreateIsSafeThoughTheIndexIsNot(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	s.Index("create trigger refuse before insert on notes begin select raise(abort, 'no room'); end")
	n := storetest.PlainNote("hello", "Text")
	n.Category = []string{"go"}
	created, err := st.Create(t.Context(), n)
	if err != nil || created.Indexed || created.Permalink != "/2024/11/hello/" {
		t.Errorf("Create = %+v, %v; want a note that is not indexed", created, err)
	}
	if !strings.Contains(s.Read("content/"+created.File), "Text") {
		t.Errorf("%s does not hold the note", created.File)
	}
	if !s.Log.Has("level=ERROR", "not indexed", "file=content/"+created.File) {
		t.Errorf("the log does not report it:\n%s", s.Log)
	}
}

func TestCreateRefusesASlugThatIsNotAFileName(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	for _, slug := range []string{"", ".", "..", "../up", "a/b", `a\b`, "a\x00b", "a\nb"} {
		if created, err := st.Create(t.Context(), storetest.PlainNote(slug, "Text")); err == nil {
			t.Errorf("Create took the slug %q and made %s", slug, created.File)
		}
	}
	storetest.SameStrings(t, "files", s.Files("content"))
}

func TestARequestIsKnownAgainForAMinute(t *testing.T) {
	request := store.Digest{1}
	for _, tc := range []struct {
		name  string
		then  func(s *storetest.Site, made store.Created)
		again bool
	}{
		{"at once", func(*storetest.Site, store.Created) {}, true},
		{"a minute later", func(s *storetest.Site, _ store.Created) { s.Now = s.Now.Add(time.Minute) }, true},
		{"more than a minute later", func(s *storetest.Site, _ store.Created) { s.Now = s.Now.Add(time.Minute + time.Second) }, false},
		{"after a death before the note had its row", func(s *storetest.Site, made store.Created) { s.Index("delete from notes") }, true},
		{"after a death before the note had its file", func(s *storetest.Site, made store.Created) { s.Remove("content/" + made.File) }, false},
		{"after a change of the file", func(s *storetest.Site, made store.Created) { s.Write("content/"+made.File, "changed") }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := storetest.New(t)
			made, err := s.Scanned().CreateOnce(t.Context(), storetest.PlainNote("hello", "Text"), request)
			if err != nil || made.Again {
				t.Fatalf("CreateOnce = %+v, %v", made, err)
			}
			tc.then(s, made)
			st := s.Scanned() // as after a restart
			got, err := st.CreateOnce(t.Context(), storetest.PlainNote("hello", "Text"), request)
			if err != nil || got.Again != tc.again || !got.Indexed {
				t.Fatalf("CreateOnce = %+v, %v; want again: %v", got, err, tc.again)
			}
			if tc.again && (got.File != made.File || got.Permalink != made.Permalink || got.Hash != made.Hash) {
				t.Errorf("CreateOnce = %+v, want what was made before, %+v", got, made)
			}
			if row := s.Row(st, got.File); row == nil || row.Hash != got.Hash {
				t.Errorf("the index has %+v", row)
			}
		})
	}
}

func TestARequestIsKnownAgainWithoutTheIndex(t *testing.T) {
	const noon, midnight = "2024-11-22T12:00:07Z", "2024-12-01T00:00:05Z"
	for _, tc := range []struct {
		name, slug, first, second string
		then                      func(s *storetest.Site, file string)
		again                     bool
	}{
		{"at once", "hello", noon, noon, nil, true},
		{"seconds later", "hello", noon, "2024-11-22T12:00:20Z", nil, true},
		{"a note that is called by its time", "", noon, "2024-11-22T12:00:20Z", nil, true},
		{"on the next day, of the next month", "hello", "2024-11-30T23:59:50Z", midnight, nil, true},
		{"a note that is called by its time, on the next day", "", "2024-11-30T23:59:50Z", midnight, nil, true},
		{"with a date of its own, after a minute", "hello", noon, noon, func(s *storetest.Site, file string) { touch(s, file, -2*time.Minute) }, false},
		{"more than a minute later", "hello", noon, "2024-11-22T12:01:08Z", nil, false},
		{"after an edit", "hello", noon, noon, func(s *storetest.Site, file string) {
			s.Write("content/"+file, "---\ndate: "+noon+"\n---\nText!\n")
			touch(s, file, 0)
		}, false},
		{"after the file was removed", "hello", noon, noon, func(s *storetest.Site, file string) { s.Remove("content/" + file) }, false},
		{"beside a file that says the same another day", "hello", "2024-11-21T12:00:07Z", noon, nil, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := storetest.New(t)
			note := func(date string) *site.Note {
				n := storetest.NewNote(t, tc.slug, date)
				n.Content = "Text"
				if tc.slug == "" {
					n.Slug = n.Published.Format("150405")
				}
				return n
			}
			st := s.Scanned()
			made, err := st.CreateOnce(t.Context(), note(tc.first), store.Digest{1})
			if err != nil || made.Again {
				t.Fatalf("CreateOnce = %+v, %v", made, err)
			}
			touch(s, made.File, 0)
			if tc.then != nil {
				tc.then(s, made.File)
			}
			loseIndex(s)
			got, err := s.Scanned().CreateOnce(t.Context(), note(tc.second), store.Digest{1})
			if err != nil || got.Again != tc.again || !got.Indexed {
				t.Fatalf("CreateOnce = %+v, %v; want again: %v", got, err, tc.again)
			}
			if tc.again && (got.File != made.File || got.Permalink != made.Permalink || got.Hash != made.Hash) {
				t.Errorf("CreateOnce = %+v, want what was made before, %+v", got, made)
			}
		})
	}
}

func TestRequestsWithDifferentRowsMakeANoteEach(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	for i := range 3 {
		made, err := st.CreateOnce(t.Context(), storetest.PlainNote("hello", "Text"), store.Digest{byte(i + 1)})
		if err != nil || made.Again {
			t.Fatalf("CreateOnce = %+v, %v", made, err)
		}
		touch(s, made.File, 0)
	}
	storetest.SameStrings(t, "files", s.Files("content"), "notes/2024/11/22-hello-2.md", "notes/2024/11/22-hello-3.md", "notes/2024/11/22-hello.md")
}

func TestABoundedNumberOfFilesIsReadToFindARequest(t *testing.T) {
	s := storetest.New(t)
	var oldest, newest store.Created
	st := s.Scanned()
	for i := range 25 {
		n := storetest.PlainNote("hello", fmt.Sprintf("Text %d", i))
		made, err := st.CreateOnce(t.Context(), n, store.Digest{byte(i + 1)})
		if err != nil {
			t.Fatal(err)
		}
		touch(s, made.File, 0)
		if i == 0 {
			oldest = made
		}
		newest = made
	}
	loseIndex(s)
	st = s.Scanned()
	if got, err := st.CreateOnce(t.Context(), storetest.PlainNote("hello", "Text 24"), store.Digest{25}); err != nil || got.File != newest.File {
		t.Errorf("CreateOnce = %+v, %v; want the newest, %s", got, err, newest.File)
	}
	if got, err := st.CreateOnce(t.Context(), storetest.PlainNote("hello", "Text 0"), store.Digest{1}); err != nil || got.Again {
		t.Errorf("CreateOnce = %+v, %v; %s is too old to be looked at", got, err, oldest.File)
	}
}

// touch gives a note's file the time of the store's clock, and some more.
func touch(s *storetest.Site, file string, more time.Duration) {
	s.T.Helper()
	at := s.Now.Add(more)
	if err := os.Chtimes(filepath.Join(s.Dir, "content", file), at, at); err != nil {
		s.T.Fatal(err)
	}
}

// loseIndex deletes the index, which a store may have open.
func loseIndex(s *storetest.Site) {
	s.T.Helper()
	for _, name := range s.Files(".starpunk") {
		if strings.HasPrefix(name, "index.db") {
			s.Remove(".starpunk/" + name)
		}
	}
}

func TestTheSameRequestInManyProcessesMakesOneNote(t *testing.T) {
	s := storetest.New(t)
	var group sync.WaitGroup
	for range 5 {
		st := s.Scanned()
		for range 4 {
			group.Go(func() {
				if _, err := st.CreateOnce(storetest.Deadline(t), storetest.PlainNote("hello", "Text"), store.Digest{1}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
	storetest.SameStrings(t, "files", s.Files("content"), "notes/2024/11/22-hello.md")
}
