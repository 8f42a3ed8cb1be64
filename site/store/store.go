package store

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"starpunk/migrations"
	"starpunk/site"
	"starpunk/site/store/durable"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitemigration"
	"zombiezen.com/go/sqlite/sqlitex"
)

//go:embed sql/*.sql
var queries embed.FS

// Errors that callers act on.
var (
	ErrNotExist = errors.New("note does not exist")
	ErrConflict = durable.ErrConflict
	ErrExist    = errors.New("another file has the place of the note")
	ErrNewer    = errors.New("the index was written by a newer StarPunk")
)

// A Store is the notes of one site and their index. Its methods may be called
// by several goroutines at once.
type Store struct {
	cfg  *site.Config
	log  *slog.Logger
	now  func() time.Time
	pool *pool
	disk *durable.Disk

	writing chan struct{} // holds a value while a goroutine of this process writes to the index

	allowRemovals bool
	schema        sqlitemigration.Schema
	patience      time.Duration
	opening       Opening

	scanned   atomic.Bool
	work      struct{ notes, rows atomic.Int64 }
	behind    backlog // written, but not indexed
	index     indexFile
	lost      recentLosses
	whole     wholeLists
	parsed    parsedNotes
	leftOut   LeftOut     // below content/, beside what the rows say
	written   bell        // rings when this process put something to do into the index
	published bell        // rings when it recorded that something is live, or gone
	builds    atomic.Bool // this Store holds the build lock
	ownBell   atomic.Bool // this process is the builder that other processes ring for

	// Numbers of builds of this process; 0: none.
	undurable atomic.Int64 // the last, if not all are known to be durable
	recorded  atomic.Int64 // the last that the index has
	finished  atomic.Int64 // the last after which nothing was left to do
	restyling atomic.Bool  // pages are rendered with other layouts
}

// Options are what a Store needs beside the site's configuration.
type Options struct {
	Logger *slog.Logger     // nil: silent
	Now    func() time.Time // nil: time.Now

	Patience   time.Duration // how long Open waits for other processes; 0: 2 minutes
	Migrations []string      // scripts that make the index; nil: those of this program

	// AllowRemovals has missing files taken for deleted, however many they are: see
	// [Store.Believe].
	AllowRemovals bool

	// Around, if it is set, is called in place of each step of a write, which
	// happens when it calls do. Tests make steps fail with it, and stop there.
	Around func(op durable.Op, do func() error) error
}

// Open opens the index of a site, making it if it is missing and setting it
// aside if it is no index of ours. It waits for other processes that do the
// same. The caller closes the Store.
func Open(ctx context.Context, cfg *site.Config, o Options) (*Store, error) {
	s := &Store{cfg: cfg, log: o.Logger, now: o.Now, disk: durable.NewDisk(o.Around), allowRemovals: o.AllowRemovals}
	s.index.lost, s.writing = make(chan struct{}), make(chan struct{}, 1)
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.patience = cmp.Or(o.Patience, openTimeout)
	s.schema = sqlitemigration.Schema{AppID: appID, Migrations: o.Migrations}
	if o.Migrations == nil {
		s.schema.Migrations = migrations.Scripts()
	}
	first, err := s.prepareIndex(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.index.opened(cfg.Index); err != nil {
		return nil, errors.Join(fmt.Errorf("open index: %w", err), first.Close())
	}
	s.pool = newPool(func() (*sqlite.Conn, error) {
		conn, err := sqlite.OpenConn(cfg.Index, sqlite.OpenReadWrite|sqlite.OpenWAL)
		if err != nil {
			return nil, err
		}
		err = prepareConn(conn)
		if err == nil {
			err = s.checkIndex() // it may be another one that this connection is to
		}
		if err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return conn, nil
	})
	err = s.read(ctx, func(*sqlite.Conn) error { return nil }) // opens one, which may fail
	if err = errors.Join(err, first.Close()); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	return s, nil
}

// Shrink gives back the memory that the index has taken to be faster, but for
// what is in use at this moment.
func (s *Store) Shrink() error {
	return s.pool.idle(func(conn *sqlite.Conn) error {
		if err := sqlitex.ExecuteTransient(conn, "pragma shrink_memory", nil); err != nil {
			return fmt.Errorf("index: shrink its memory: %w", err)
		}
		return nil
	})
}

// Close closes the index.
func (s *Store) Close() error {
	return s.pool.close()
}

// Scanned says whether this process has compared all files with the index:
// only then are slugs known to be free and queries complete.
func (s *Store) Scanned() bool {
	return s.scanned.Load()
}

// Work is what was done for builds since a store was opened: what must not grow
// with the site.
type Work struct {
	Notes int64 // files of notes that were read to be rendered
	Rows  int64 // rows that queries for notes and lists gave
}

// Work counts what was done so far. Scans, which look at everything, are not
// counted.
func (s *Store) Work() Work {
	return Work{s.work.notes.Load(), s.work.rows.Load()}
}

// read runs f with a connection.
func (s *Store) read(ctx context.Context, f func(*sqlite.Conn) error) error {
	conn, err := s.pool.take(ctx)
	if err != nil {
		return fmt.Errorf("index: %w", interruption(ctx, err))
	}
	defer s.pool.put(ctx, conn)
	err = f(conn)
	if cause := interruption(ctx, err); cause != err {
		err = fmt.Errorf("index: %w", cause)
	}
	s.condemn(err)
	return err
}

// interruption is why SQLite was interrupted, if that is what err says.
func interruption(ctx context.Context, err error) error {
	if ctx.Err() != nil && sqlite.ErrCode(err) == sqlite.ResultInterrupt {
		return ctx.Err()
	}
	return err
}

// Written returns a channel that is closed when this process has put into the
// index what a builder must act on: a note, an upload, a removal. A builder takes
// it first, then looks, then waits. Its own marks do not close it, and neither do
// other processes.
func (s *Store) Written() <-chan struct{} { return s.written.heard() }

// Published is like [Store.Written], but for what [Store.Live], [Store.Gone] and
// [Store.Copied] tell: the channel is closed when that may have become true.
func (s *Store) Published() <-chan struct{} { return s.published.heard() }

// write runs f in a transaction. BEGIN IMMEDIATE, so that a busy database is
// waited for at the start and never in the middle.
func (s *Store) write(ctx context.Context, f func(*sqlite.Conn) error) (err error) {
	// SQLite would sleep for milliseconds until another transaction is done.
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("index: %w", ctx.Err())
	}
	defer func() { <-s.writing }()
	if err := s.checkIndex(); err != nil {
		return err
	}
	return s.read(ctx, func(conn *sqlite.Conn) error {
		return s.disk.Do(durable.Op{Name: "commit", Path: s.cfg.Index}, func() (err error) {
			end, err := sqlitex.ImmediateTransaction(conn)
			if err != nil {
				return fmt.Errorf("index: %w", err)
			}
			defer end(&err)
			if err := exec(conn, "next_rev", nil, nil); err != nil {
				return err
			}
			return f(conn)
		})
	})
}

// args are the named parameters of a query.
type args map[string]any

// queryTexts are the queries by name, read once: they are run too often to be
// looked up among the files each time.
var queryTexts = sync.OnceValue(func() map[string]string {
	texts := map[string]string{}
	entries, err := queries.ReadDir("sql")
	for _, e := range entries {
		data, readErr := queries.ReadFile("sql/" + e.Name())
		err = errors.Join(err, readErr)
		texts[strings.TrimSuffix(e.Name(), ".sql")] = strings.TrimSpace(string(data))
	}
	if err != nil {
		panic(fmt.Sprintf("embedded queries: %v", err)) // they are part of the program
	}
	return texts
})

// exec runs the query sql/NAME.sql and hands each row to row, which may be nil.
//
// In queries a limit is written "0 + :limit", and a parameter likewise that is compared as
// a partial index compares: the planner looks at the value of a bare parameter, and then
// plans the query anew each time it is bound.
func exec(conn *sqlite.Conn, name string, named args, row func(*sqlite.Stmt) error) error {
	stmt, err := conn.Prepare(queryTexts()[name])
	if err == nil {
		err = errors.Join(run(stmt, named, row), stmt.Reset())
	}
	if err != nil {
		return fmt.Errorf("index: %s: %w", name, err)
	}
	return nil
}

// run binds the parameters of a statement, all of which named must have and no
// more, and goes through its rows. [sqlitex.Execute] does the same, and takes longer
// to bind than SQLite to do most of what is asked here.
func run(stmt *sqlite.Stmt, named args, row func(*sqlite.Stmt) error) error {
	count := stmt.BindParamCount()
	if count != len(named) {
		return fmt.Errorf("%d parameters, and values for %d", count, len(named))
	}
	for i := 1; i <= count; i++ {
		value, ok := named[stmt.BindParamName(i)]
		if !ok {
			return fmt.Errorf("no value for the parameter %s", stmt.BindParamName(i))
		}
		switch value := value.(type) {
		case string:
			stmt.BindText(i, value)
		case int:
			stmt.BindInt64(i, int64(value))
		case int64:
			stmt.BindInt64(i, value)
		case bool:
			stmt.BindBool(i, value)
		case []byte:
			stmt.BindBytes(i, value)
		case nil:
			stmt.BindNull(i)
		default:
			return fmt.Errorf("the parameter %s is a %T", stmt.BindParamName(i), value)
		}
	}
	for {
		more, err := stmt.Step()
		if err != nil || !more {
			return err
		}
		if row == nil {
			continue
		}
		if err := row(stmt); err != nil {
			return err
		}
	}
}

// has says whether a query gives any row.
func has(conn *sqlite.Conn, name string, named args) (found bool, err error) {
	err = exec(conn, name, named, func(*sqlite.Stmt) error {
		found = true
		return nil
	})
	return found, err
}

// nowSeconds is the moment up to which notes are published: in a preview, the end of
// time.
func (s *Store) nowSeconds() int64 {
	if s.cfg.Preview {
		return 1 << 60
	}
	return s.now().Unix()
}

// stateInt reads a number of the state table; 0 if it is not there.
func stateInt(conn *sqlite.Conn, key string) (v int64, err error) {
	err = exec(conn, "state_get", args{":key": key}, func(stmt *sqlite.Stmt) error {
		v = stmt.ColumnInt64(0)
		return nil
	})
	return v, err
}

func stateText(conn *sqlite.Conn, key string) (v string, err error) {
	err = exec(conn, "state_get", args{":key": key}, func(stmt *sqlite.Stmt) error {
		v = stmt.ColumnText(0)
		return nil
	})
	return v, err
}

func setState(conn *sqlite.Conn, key string, value any) error {
	return exec(conn, "state_set", args{":key": key, ":value": value}, nil)
}
