//go:build unix

package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"

	"github.com/gofrs/flock"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func TestAnIndexIsKeptFromOneProcessToTheNext(t *testing.T) {
	s := storetest.NewWithoutIndex(t)
	s.Post("a.md", "2024-10-01")
	st, err := storetest.OpenStore(t.Context(), s.Config(), s.Options())
	if err != nil {
		t.Fatal(err)
	}
	s.Scan(st)
	s.Build(st)
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if r := s.Row(s.Open(), "a.md"); r.Built == nil {
		t.Errorf("the next process does not know what was built: %+v", r)
	}
	if s.Log.Has("made again") {
		t.Errorf("a good index was set aside:\n%s", s.Log)
	}
}

func TestAnIndexThatCannotBeUsedIsMadeAgain(t *testing.T) {
	cut := func(n int) func([]byte) []byte {
		return func(data []byte) []byte { return data[:len(data)*n/100] }
	}
	noise := func(from, to int) func([]byte) []byte {
		return func(data []byte) []byte {
			random := rand.NewChaCha8([32]byte{1})
			_, _ = random.Read(data[len(data)*from/100 : len(data)*to/100])
			return data
		}
	}
	tests := []struct {
		name  string
		spoil func(data []byte) []byte
	}{
		{"cut after its first bytes", func(data []byte) []byte { return data[:50] }},
		{"cut after its first page", func(data []byte) []byte { return data[:4096] }},
		{"cut in the middle", cut(50)},
		{"cut near its end", cut(95)},
		{"all noise", noise(0, 100)},
		{"noise at its begin", noise(0, 5)},
		{"text", func([]byte) []byte { return []byte("Nothing to see here.\n") }},
		{"zeros", func(data []byte) []byte { return make([]byte, len(data)) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := storetest.NewWithoutIndex(t)
			s.Post("a.md", "2024-10-01")
			s.Mkdir(".starpunk")
			spoiled(s, test.spoil([]byte(storetest.EmptyIndex())))
		})
	}
}

// closedIndex makes an index that is complete in its file.
func closedIndex(s *storetest.Site) string {
	s.T.Helper()
	st, err := storetest.OpenStore(s.T.Context(), s.Config(), s.Options())
	if err != nil {
		s.T.Fatal(err)
	}
	s.Scan(st)
	if err := st.Close(); err != nil {
		s.T.Fatal(err)
	}
	return s.Config().Index
}

// spoiled opens the site with an index of the given bytes and wants it set
// aside, said in the log, and made again.
func spoiled(s *storetest.Site, data []byte) {
	s.T.Helper()
	name := s.Config().Index
	if err := os.WriteFile(name, data, 0o666); err != nil {
		s.T.Fatal(err)
	}
	st := s.Scanned()
	if r := s.Row(st, "a.md"); r.Permalink != "/2024/10/a/" {
		s.T.Errorf("the new index has %+v", r)
	}
	aside, err := filepath.Glob(name + ".bad-*")
	if err != nil || len(aside) == 0 {
		s.T.Fatalf("nothing was set aside: %v", err)
	}
	if kept, err := os.ReadFile(aside[0]); err != nil || string(kept) != string(data) {
		s.T.Errorf("the file that was set aside has other bytes: %v", err)
	}
	if !s.Log.Has("level=WARN", "made again", "index="+name, aside[0], "cause=") {
		s.T.Errorf("the log does not report it:\n%s", s.Log)
	}
}

func TestAnotherProgramsDatabaseIsSetAside(t *testing.T) {
	tests := []struct {
		name   string
		script string
	}{
		{"that says nothing of itself", "create table notes (id)"},
		{"that names another program", "pragma application_id = 252006673; create table other (id)"},
		{"of a high version", "pragma user_version = 50; create table other (id)"},
		{"of a high version that names another program", "pragma application_id = 7; pragma user_version = 50; create table other (id)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := storetest.NewWithoutIndex(t)
			s.Post("a.md", "2024-10-01")
			s.Mkdir(".starpunk")
			foreign := s.Path("foreign.db")
			conn, err := sqlite.OpenConn(foreign, sqlite.OpenReadWrite|sqlite.OpenCreate)
			if err != nil {
				t.Fatal(err)
			}
			err = sqlitex.ExecuteScript(conn, test.script, nil)
			if err := storetest.FirstError(err, conn.Close()); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(foreign)
			if err != nil {
				t.Fatal(err)
			}
			spoiled(s, data)
		})
	}
}

func TestAnIndexOfOursWithoutItsTablesIsMadeAgain(t *testing.T) {
	s := storetest.NewWithoutIndex(t)
	s.Post("a.md", "2024-10-01")
	closedIndex(s)
	s.Index("drop table state")
	if r := s.Row(s.Scanned(), "a.md"); r.Permalink != "/2024/10/a/" {
		t.Errorf("the new index has %+v", r)
	}
	if !s.Log.Has("level=WARN", "made again", "no such table: state") {
		t.Errorf("the log does not report it:\n%s", s.Log)
	}
}

func TestDamageThatIsFoundLaterIsRepairedByTheNextStart(t *testing.T) {
	s := storetest.NewWithoutIndex(t)
	s.Post("a.md", "2024-10-01")
	name := closedIndex(s)
	spoilPage(t, name, "notes_dir")
	st := s.Open()
	if s.Log.Has("made again") {
		t.Fatalf("the damage was found at once:\n%s", s.Log)
	}
	if err := st.Scan(t.Context()); err == nil {
		t.Fatal("Scan of a damaged index gave no error")
	}
	if !s.Log.Has("level=ERROR", "damaged", "index="+name) {
		t.Errorf("the log does not report it:\n%s", s.Log)
	}
	if r := s.Row(s.Scanned(), "a.md"); r.Permalink != "/2024/10/a/" {
		t.Errorf("the new index has %+v", r)
	}
	s.Log.Reset()
	s.Open()
	if s.Log.Has("made again") {
		t.Errorf("the new index was set aside, too:\n%s", s.Log)
	}
}

// spoilPage writes noise over the first page of a table or index.
func spoilPage(t *testing.T, name, table string) {
	t.Helper()
	conn, err := sqlite.OpenConn(name, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	page := int64(0)
	err = sqlitex.Execute(conn, "select rootpage from sqlite_schema where name = ?", &sqlitex.ExecOptions{
		Args:       []any{table},
		ResultFunc: func(stmt *sqlite.Stmt) error { page = stmt.ColumnInt64(0); return nil },
	})
	if err := storetest.FirstError(err, conn.Close()); err != nil || page == 0 {
		t.Fatalf("root page %d of %s: %v", page, table, err)
	}
	noise := make([]byte, 4096)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(noise) // never fails
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(noise, (page-1)*4096)
	if err := storetest.FirstError(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestAnEmptyFileBecomesAnIndex(t *testing.T) {
	s := storetest.NewWithoutIndex(t)
	s.Post("a.md", "2024-10-01")
	s.Write(".starpunk/index.db", "")
	s.Row(s.Scanned(), "a.md")
}

func TestAnIndexOfANewerProgramIsRefused(t *testing.T) {
	s := storetest.NewWithoutIndex(t)
	name := closedIndex(s)
	s.Index("pragma user_version = 99")
	before, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = storetest.OpenStore(t.Context(), s.Config(), s.Options())
	if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "99") {
		t.Errorf("Open = %v; want %v, naming %s and the version", err, store.ErrNewer, name)
	}
	if after, err := os.ReadFile(name); err != nil || string(after) != string(before) {
		t.Errorf("the index that was refused was changed: %v", err)
	}
}

func TestManyMayOpenANewIndexAtOnce(t *testing.T) {
	s := storetest.NewWithoutIndex(t)
	s.Post("a.md", "2024-10-01")
	children := make([]*process, 4)
	for i := range children {
		children[i] = startChild(t, "open", s.Dir)
	}
	cfg, options := s.Config(), s.Options()
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			st, err := storetest.OpenStore(storetest.Deadline(t), cfg, options)
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			if err := st.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	group.Wait()
	for _, c := range children {
		storetest.SameStrings(t, "a child says", c.end())
	}
	if s.Log.Has("made again") {
		t.Errorf("one of them set the index aside:\n%s", s.Log)
	}
}

func TestOpenReportsTheLockThatItWaitsFor(t *testing.T) {
	s := storetest.NewWithoutIndex(t)
	s.Mkdir(".starpunk")
	lock := flock.New(s.Path(".starpunk/open.lock"))
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := storetest.OpenStore(ctx, s.Config(), s.Options())
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "open.lock") {
		t.Errorf("Open = %v", err)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	s.Open()
}

func TestOpenNamesAnIndexThatCannotBeMade(t *testing.T) {
	s := storetest.NewWithoutIndex(t)
	s.Write("file", "no folder")
	s.Extra = "index = \"file/index.db\"\n"
	if _, err := storetest.OpenStore(t.Context(), s.Config(), s.Options()); err == nil || !strings.Contains(err.Error(), s.Path("file")) {
		t.Errorf("Open = %v; want an error that names %s", err, s.Path("file"))
	}
	s.Extra = "index = \"folder.db\"\n"
	s.Mkdir("folder.db")
	if _, err := storetest.OpenStore(t.Context(), s.Config(), s.Options()); err == nil || !strings.Contains(err.Error(), s.Path("folder.db")) {
		t.Errorf("Open = %v; want an error that names %s", err, s.Path("folder.db"))
	}
}

func TestAnIndexThatWasDeletedTakesNothingMoreAndIsMadeAgain(t *testing.T) {
	s := storetest.NewWithoutIndex(t)
	s.Post("a.md", "2024-10-01")
	st := s.Scanned()
	select {
	case <-st.Lost():
		t.Fatal("a good index is called lost")
	default:
	}
	if err := os.Remove(s.Config().Index); err != nil {
		t.Fatal(err)
	}
	c := s.Create(st, &site.Note{H: "entry", Slug: "b", Content: "B", Visibility: site.Public, Published: s.Now})
	if c.Indexed {
		t.Error("a note is indexed where there is no index")
	}
	select {
	case <-st.Lost():
	default:
		t.Error("no process is notified that the index is lost")
	}
	if err := st.Scan(t.Context()); err == nil {
		t.Error("Scan of an index that is lost gave no error")
	}
	again := s.Scanned()
	for _, file := range []string{"a.md", c.File} {
		if s.Row(again, file) == nil {
			t.Errorf("the new index lacks %s", file)
		}
	}
	if n := strings.Count(s.Log.String(), "deleted or replaced while it was in use"); n != 2 { // the loss, and a note that it kept from being indexed
		t.Errorf("the log says %d times that the index is lost:\n%s", n, s.Log)
	}
}

// A file descriptor that this process closes takes the locks with it that SQLite has on the
// same file. Then another process that ends removes the log, which this one still writes.
func TestASecondStoreOfAProcessKeepsTheLocksOfTheFirst(t *testing.T) {
	s := storetest.New(t)
	s.Scanned()
	s.Open()
	startChild(t, "open", s.Dir).end()
	if _, err := os.Stat(s.Path(".starpunk/index.db-wal")); err != nil {
		t.Errorf("a process that ended removed the log of an index that is in use: %v", err)
	}
}
