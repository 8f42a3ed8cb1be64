//go:build unix

package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/site/store/internal/storetest"

	"github.com/gofrs/flock"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// chain returns the scripts of a program that has n of three migrations. Each makes
// several changes that a test can see.
func chain(n int) []string {
	return []string{
		"create table state (key text primary key, value any); create table a (v); insert into a values (1);",
		"create table b (v); insert into b select v + 1 from a; drop table a;",
		"create table c (v); insert into c select v + 1 from b; update b set v = 0; create index c_v on c (v);",
	}[:n]
}

// schemas is what the index looks like after each of them.
var schemas = []string{"", "a,state a=1", "b,state b=2", "b,c,c_v,state b=0 c=3"}

// look returns the tables of an index, and its version.
func look(s *storetest.Site) (looks string, version int64) {
	s.T.Helper()
	conn, err := sqlite.OpenConn(s.Config().Index, sqlite.OpenReadWrite)
	if err != nil {
		s.T.Fatal(err)
	}
	defer conn.Close()
	text := func(query string) (text string) {
		err := sqlitex.Execute(conn, query, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
			text = stmt.ColumnText(0)
			return nil
		}})
		if err != nil {
			s.T.Fatal(err)
		}
		return text
	}
	looks = text("select group_concat(name) from (select name from sqlite_schema where name not like 'sqlite%' order by name)")
	for _, table := range strings.Split(looks, ",") {
		if len(table) == 1 {
			looks += " " + table + "=" + text("select v from "+table)
		}
	}
	version, err = sqlitex.ResultInt64(conn.Prep("pragma user_version"))
	if err != nil {
		s.T.Fatal(err)
	}
	return looks, version
}

func wantSchema(s *storetest.Site, version int) {
	s.T.Helper()
	if looks, v := look(s); looks != schemas[version] || v != int64(version) {
		s.T.Errorf("the index is %q, version %d; want %q, version %d", looks, v, schemas[version], version)
	}
}

func openWith(s *storetest.Site, ctx context.Context, scripts []string, timeout time.Duration) error {
	o := s.Options()
	o.Migrations, o.OpenTimeout = scripts, timeout
	st, err := storetest.OpenStore(ctx, s.Config(), o)
	if err != nil {
		return err
	}
	return st.Close()
}

func TestMigrationsContinueWhereTheyWere(t *testing.T) {
	for from := range 4 {
		t.Run(fmt.Sprintf("from version %d", from), func(t *testing.T) {
			s := storetest.NewWithoutIndex(t)
			for _, n := range []int{from, 3, 3} {
				if n == 0 {
					continue
				}
				if err := openWith(s, t.Context(), chain(n), 0); err != nil {
					t.Fatal(err)
				}
				wantSchema(s, n)
			}
			if err := openWith(s, t.Context(), chain(3), 0); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// forever is a statement that does not end.
const forever = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n;"

// TestAMigrationThatIsInterruptedIsDoneAgain stops before each statement: once
// because the process receives a signal to end, once because it is killed.
func TestAMigrationThatIsInterruptedIsDoneAgain(t *testing.T) {
	for i, script := range chain(3) {
		statements := strings.SplitAfter(script, ";")
		for j := range statements {
			stopped := chain(3)[:i+1]
			stopped[i] = strings.Join(statements[:j], "") + forever + strings.Join(statements[j:], "")
			t.Run(fmt.Sprintf("script %d statement %d", i+1, j+1), func(t *testing.T) {
				s := storetest.NewWithoutIndex(t)
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
				defer cancel()
				if err := openWith(s, ctx, stopped, 0); err == nil {
					t.Fatal("a migration without end ended")
				}
				killedWhileItMigrates(s, stopped)
				if _, version := look(s); version > int64(i) {
					t.Errorf("it was stopped in script %d and is at version %d", i+1, version)
				} else {
					wantSchema(s, int(version))
				}
				if err := openWith(s, t.Context(), chain(3), 0); err != nil {
					t.Fatal(err)
				}
				wantSchema(s, 3)
				if s.Log.Has("level=WARN") {
					t.Errorf("the index was set aside:\n%s", s.Log)
				}
			})
		}
	}
}

// killedWhileItMigrates has another process begin with some migrations, and
// kills it when it is at them.
func killedWhileItMigrates(s *storetest.Site, scripts []string) {
	s.T.Helper()
	c := startChild(s.T, "migrate: "+strings.Join(scripts, "\n--\n"), s.Dir)
	c.line()
	lock := flock.New(s.Path(".starpunk/open.lock"))
	for {
		free, err := lock.TryLock()
		if err != nil {
			s.T.Fatal(err)
		}
		if !free {
			break
		}
		if err := lock.Unlock(); err != nil {
			s.T.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	time.Sleep(10 * time.Millisecond) // to get somewhere; it is right to kill it anywhere
	c.kill()
	c.rest()
}

func TestOpenSaysTheLouderWhatItWaitsForTheLongerItTakes(t *testing.T) {
	for _, test := range []struct {
		name string
		hold func(s *storetest.Site) (free func() error)
	}{
		{"another process that opens it", func(s *storetest.Site) func() error {
			s.Mkdir(".starpunk")
			lock := flock.New(s.Path(".starpunk/open.lock"))
			if err := lock.Lock(); err != nil {
				s.T.Fatal(err)
			}
			return lock.Unlock
		}},
		{"another program that has it open", func(s *storetest.Site) func() error {
			closedIndex(s)
			conn, err := sqlite.OpenConn(s.Config().Index, sqlite.OpenReadWrite)
			if err != nil {
				s.T.Fatal(err)
			}
			if _, err := sqlitex.ImmediateTransaction(conn); err != nil {
				s.T.Fatal(err)
			}
			return conn.Close
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := storetest.NewWithoutIndex(t)
			free := test.hold(s)
			var levels []string
			for timeout := 500 * time.Millisecond; len(levels) < 8; timeout *= 2 { // a slow machine tries less often
				s.Log.Reset()
				if err := openWith(s, t.Context(), nil, timeout); err == nil {
					t.Fatal("the index was opened")
				}
				levels = nil
				for _, m := range regexp.MustCompile(`level=(\w+) msg="the index is in use; waiting"`).FindAllStringSubmatch(s.Log.String(), -1) {
					levels = append(levels, m[1])
				}
			}
			want := append([]string{"DEBUG", "DEBUG", "DEBUG", "INFO", "INFO", "INFO", "INFO"}, slices.Repeat([]string{"WARN"}, len(levels)-7)...)
			storetest.SameStrings(t, "levels", levels, want...)
			if !s.Log.Has("level=ERROR", "index="+s.Config().Index, "likely=", "remedy=", "fuser") {
				t.Errorf("in the end the log has no remedy:\n%s", s.Log)
			}
			if err := free(); err != nil {
				t.Fatal(err)
			}
			s.Open()
		})
	}
}

func TestAWaitingProcessReportsThatAnotherOneMigrated(t *testing.T) {
	s := storetest.NewWithoutIndex(t)
	s.Mkdir(".starpunk")
	lock := flock.New(s.Path(".starpunk/open.lock"))
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- openWith(s, t.Context(), nil, 0) }()
	for !s.Log.Has("the index is in use; waiting") {
		time.Sleep(time.Millisecond)
	}
	s.PutIndex() // as the other process leaves it
	if err := storetest.FirstError(lock.Unlock(), <-done); err != nil {
		t.Fatal(err)
	}
	if !s.Log.Has("level=INFO", "another process made the index", "waited=") {
		t.Errorf("the log says\n%s", s.Log)
	}
}

func TestAnIndexThatCannotBeWrittenIsNamedWithItsOwner(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil string // made read-only
		index string
		want  string
	}{
		{"the file", ".starpunk/index.db", "", ".starpunk/index.db is -r--r--r-- and belongs to nobody"},
		{"the folder of a new one", "var", "var/index.db", "var is dr-xr-xr-x and belongs to nobody"},
		{"the parent of its folder", "var", "var/lib/index.db", "var is dr-xr-xr-x and belongs to nobody"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := storetest.NewWithoutIndex(t)
			s.Mkdir("var")
			closedIndex(s)
			if test.index != "" {
				s.Extra = "index = \"" + test.index + "\"\n"
			}
			mode := fs.FileMode(0o444)
			if info, err := os.Stat(s.Path(test.spoil)); err == nil && info.IsDir() {
				mode = 0o555
			}
			if err := os.Chmod(s.Path(test.spoil), mode); err != nil {
				t.Fatal(err)
			}
			var err error
			storetest.Unprivileged(t, s.Dir, func() { err = openWith(s, t.Context(), nil, 0) })
			if err == nil || os.Geteuid() == 0 && !strings.Contains(err.Error(), s.Dir+"/"+test.want) || !strings.Contains(err.Error(), "this process runs as ") ||
				os.Geteuid() == 0 && !strings.Contains(err.Error(), ": chown -R root "+s.Dir) { // it belongs to this user already

				t.Errorf("Open = %v; want %q", err, test.want)
			}
			if errors.Is(err, context.DeadlineExceeded) {
				t.Error("it waited for that")
			}
		})
	}
}
