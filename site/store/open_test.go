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

	"github.com/gofrs/flock"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func TestAnIndexIsKeptFromOneProcessToTheNext(t *testing.T) {
	s := bareSite(t)
	s.post("a.md", "2024-10-01")
	st, err := openStore(t.Context(), s.config(), s.options())
	if err != nil {
		t.Fatal(err)
	}
	s.scan(st)
	s.build(st)
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if r := s.row(s.open(), "a.md"); r.Built == nil {
		t.Errorf("the next process does not know what was built: %+v", r)
	}
	if s.log.has("made again") {
		t.Errorf("a good index was set aside:\n%s", s.log)
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
			s := bareSite(t)
			s.post("a.md", "2024-10-01")
			s.mkdir(".starpunk")
			s.spoiled(test.spoil([]byte(emptyIndex())))
		})
	}
}

// closedIndex makes an index that is complete in its file.
func closedIndex(s *testSite) string {
	s.t.Helper()
	st, err := openStore(s.t.Context(), s.config(), s.options())
	if err != nil {
		s.t.Fatal(err)
	}
	s.scan(st)
	if err := st.Close(); err != nil {
		s.t.Fatal(err)
	}
	return s.config().Index
}

// spoiled opens the site with an index of the given bytes and wants it set
// aside, said in the log, and made again.
func (s *testSite) spoiled(data []byte) {
	s.t.Helper()
	name := s.config().Index
	if err := os.WriteFile(name, data, 0o666); err != nil {
		s.t.Fatal(err)
	}
	st := s.scanned()
	if r := s.row(st, "a.md"); r.Permalink != "/2024/10/a/" {
		s.t.Errorf("the new index has %+v", r)
	}
	aside, err := filepath.Glob(name + ".bad-*")
	if err != nil || len(aside) == 0 {
		s.t.Fatalf("nothing was set aside: %v", err)
	}
	if kept, err := os.ReadFile(aside[0]); err != nil || string(kept) != string(data) {
		s.t.Errorf("the file that was set aside has other bytes: %v", err)
	}
	if !s.log.has("level=WARN", "made again", "index="+name, aside[0], "cause=") {
		s.t.Errorf("the log does not report it:\n%s", s.log)
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
			s := bareSite(t)
			s.post("a.md", "2024-10-01")
			s.mkdir(".starpunk")
			foreign := s.path("foreign.db")
			conn, err := sqlite.OpenConn(foreign, sqlite.OpenReadWrite|sqlite.OpenCreate)
			if err != nil {
				t.Fatal(err)
			}
			err = sqlitex.ExecuteScript(conn, test.script, nil)
			if err := firstError(err, conn.Close()); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(foreign)
			if err != nil {
				t.Fatal(err)
			}
			s.spoiled(data)
		})
	}
}

func TestAnIndexOfOursWithoutItsTablesIsMadeAgain(t *testing.T) {
	s := bareSite(t)
	s.post("a.md", "2024-10-01")
	closedIndex(s)
	s.index("drop table state")
	if r := s.row(s.scanned(), "a.md"); r.Permalink != "/2024/10/a/" {
		t.Errorf("the new index has %+v", r)
	}
	if !s.log.has("level=WARN", "made again", "no such table: state") {
		t.Errorf("the log does not report it:\n%s", s.log)
	}
}

func TestDamageThatIsFoundLaterIsRepairedByTheNextStart(t *testing.T) {
	s := bareSite(t)
	s.post("a.md", "2024-10-01")
	name := closedIndex(s)
	spoilPage(t, name, "notes_dir")
	st := s.open()
	if s.log.has("made again") {
		t.Fatalf("the damage was found at once:\n%s", s.log)
	}
	if err := st.Scan(t.Context()); err == nil {
		t.Fatal("Scan of a damaged index gave no error")
	}
	if !s.log.has("level=ERROR", "damaged", "index="+name) {
		t.Errorf("the log does not report it:\n%s", s.log)
	}
	if r := s.row(s.scanned(), "a.md"); r.Permalink != "/2024/10/a/" {
		t.Errorf("the new index has %+v", r)
	}
	s.log.b.Reset()
	s.open()
	if s.log.has("made again") {
		t.Errorf("the new index was set aside, too:\n%s", s.log)
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
	if err := firstError(err, conn.Close()); err != nil || page == 0 {
		t.Fatalf("root page %d of %s: %v", page, table, err)
	}
	noise := make([]byte, 4096)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(noise) // never fails
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(noise, (page-1)*4096)
	if err := firstError(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestAnEmptyFileBecomesAnIndex(t *testing.T) {
	s := bareSite(t)
	s.post("a.md", "2024-10-01")
	s.write(".starpunk/index.db", "")
	s.row(s.scanned(), "a.md")
}

func TestAnIndexOfANewerProgramIsRefused(t *testing.T) {
	s := bareSite(t)
	name := closedIndex(s)
	s.index("pragma user_version = 99")
	before, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = openStore(t.Context(), s.config(), s.options())
	if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "99") {
		t.Errorf("Open = %v; want %v, naming %s and the version", err, store.ErrNewer, name)
	}
	if after, err := os.ReadFile(name); err != nil || string(after) != string(before) {
		t.Errorf("the index that was refused was changed: %v", err)
	}
}

func TestManyMayOpenANewIndexAtOnce(t *testing.T) {
	s := bareSite(t)
	s.post("a.md", "2024-10-01")
	children := make([]*process, 4)
	for i := range children {
		children[i] = startChild(t, "open", s.dir)
	}
	cfg, options := s.config(), s.options()
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			st, err := openStore(deadline(t), cfg, options)
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
		sameStrings(t, "a child says", c.end())
	}
	if s.log.has("made again") {
		t.Errorf("one of them set the index aside:\n%s", s.log)
	}
}

func TestOpenReportsTheLockThatItWaitsFor(t *testing.T) {
	s := bareSite(t)
	s.mkdir(".starpunk")
	lock := flock.New(s.path(".starpunk/open.lock"))
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := openStore(ctx, s.config(), s.options())
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "open.lock") {
		t.Errorf("Open = %v", err)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	s.open()
}

func TestOpenNamesAnIndexThatCannotBeMade(t *testing.T) {
	s := bareSite(t)
	s.write("file", "no folder")
	s.extra = "index = \"file/index.db\"\n"
	if _, err := openStore(t.Context(), s.config(), s.options()); err == nil || !strings.Contains(err.Error(), s.path("file")) {
		t.Errorf("Open = %v; want an error that names %s", err, s.path("file"))
	}
	s.extra = "index = \"folder.db\"\n"
	s.mkdir("folder.db")
	if _, err := openStore(t.Context(), s.config(), s.options()); err == nil || !strings.Contains(err.Error(), s.path("folder.db")) {
		t.Errorf("Open = %v; want an error that names %s", err, s.path("folder.db"))
	}
}

func TestAnIndexThatWasDeletedTakesNothingMoreAndIsMadeAgain(t *testing.T) {
	s := bareSite(t)
	s.post("a.md", "2024-10-01")
	st := s.scanned()
	select {
	case <-st.Lost():
		t.Fatal("a good index is called lost")
	default:
	}
	if err := os.Remove(s.config().Index); err != nil {
		t.Fatal(err)
	}
	c := s.create(st, &site.Note{H: "entry", Slug: "b", Content: "B", Visibility: site.Public, Published: s.now})
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
	again := s.scanned()
	for _, file := range []string{"a.md", c.File} {
		if s.row(again, file) == nil {
			t.Errorf("the new index lacks %s", file)
		}
	}
	if n := strings.Count(s.log.b.String(), "deleted or replaced while it was in use"); n != 2 { // the loss, and a note that it kept from being indexed
		t.Errorf("the log says %d times that the index is lost:\n%s", n, s.log.b.String())
	}
}
