package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitemigration"
	"zombiezen.com/go/sqlite/sqlitex"
)

// ErrNewer means that the index has migrations that this program does not have.
var ErrNewer = errors.New("the index was written by a newer StarPunk")

// Options describe an index.
type Options struct {
	File   string // of the database
	Schema sqlitemigration.Schema
	Log    *slog.Logger
	Now    func() time.Time

	OpenTimeout time.Duration               // how long Open waits for other processes; 0: 2 minutes
	Check       func(*sqlite.Conn) error    // reads a table, to detect damage; nil: no check
	Around      func(do func() error) error // is called instead of each transaction, which happens when it calls do; nil: do
}

// An Index is an open database. Several goroutines may use it at once.
type Index struct {
	o       Options
	pool    *pool
	file    openFile
	opening Opening
	writing chan struct{} // holds a value while a goroutine of this process writes
}

// Open opens an index. It makes the file if it does not exist, and sets it aside if it
// is not an index. It waits for other processes that do the same. The caller closes
// the Index.
func Open(ctx context.Context, o Options) (*Index, error) {
	o.OpenTimeout = cmp.Or(o.OpenTimeout, openTimeout)
	x := &Index{o: o, writing: make(chan struct{}, 1)}
	x.file.lost = make(chan struct{})
	first, err := x.prepare(ctx)
	if err != nil {
		return nil, err
	}
	if err := x.file.setOpened(o.File); err != nil {
		return nil, errors.Join(fmt.Errorf("open index: %w", err), first.Close())
	}
	x.pool = newPool(x.connect)
	err = x.Read(ctx, func(*sqlite.Conn) error { return nil }) // opens a connection, which may fail
	if err = errors.Join(err, first.Close()); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	return x, nil
}

// connect opens a connection of the pool.
func (x *Index) connect() (*sqlite.Conn, error) {
	conn, err := sqlite.OpenConn(x.o.File, sqlite.OpenReadWrite|sqlite.OpenWAL)
	if err != nil {
		return nil, err
	}
	err = prepareConn(conn)
	if err == nil {
		err = x.Check() // the connection may be one to another file
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// Shrink releases the memory that the index uses to be faster, except for the memory of
// connections in use.
func (x *Index) Shrink() error {
	return x.pool.eachIdle(func(conn *sqlite.Conn) error {
		if err := sqlitex.ExecuteTransient(conn, "pragma shrink_memory", nil); err != nil {
			return fmt.Errorf("index: shrink its memory: %w", err)
		}
		return nil
	})
}

// Close waits for the connections in use, and closes the index.
func (x *Index) Close() error { return x.pool.close() }

// Read runs f with a connection. When ctx ends, so do the queries of f.
func (x *Index) Read(ctx context.Context, f func(*sqlite.Conn) error) error {
	conn, err := x.pool.take(ctx)
	if err != nil {
		return fmt.Errorf("index: %w", interruption(ctx, err))
	}
	defer x.pool.put(ctx, conn)
	err = f(conn)
	if cause := interruption(ctx, err); cause != err {
		err = fmt.Errorf("index: %w", cause)
	}
	x.condemn(err)
	return err
}

// interruption returns the error of ctx if err reports that SQLite was interrupted.
func interruption(ctx context.Context, err error) error {
	if ctx.Err() != nil && sqlite.ErrCode(err) == sqlite.ResultInterrupt {
		return ctx.Err()
	}
	return err
}

// Write runs f in a transaction. It begins with BEGIN IMMEDIATE, so that the wait for
// a busy database is at the start and never in the middle.
func (x *Index) Write(ctx context.Context, f func(*sqlite.Conn) error) (err error) {
	// SQLite would sleep for milliseconds until another transaction ends.
	select {
	case x.writing <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("index: %w", ctx.Err())
	}
	defer func() { <-x.writing }()
	if err := x.Check(); err != nil {
		return err
	}
	return x.Read(ctx, func(conn *sqlite.Conn) error {
		transaction := func() (err error) {
			end, err := sqlitex.ImmediateTransaction(conn)
			if err != nil {
				return fmt.Errorf("index: %w", err)
			}
			defer end(&err)
			return f(conn)
		}
		if x.o.Around == nil {
			return transaction()
		}
		return x.o.Around(transaction)
	})
}

// Run binds the parameters of a statement and passes each row to row, which may be
// nil. named must have a value for each parameter, and no others. [sqlitex.Execute]
// does the same, and takes longer to bind than SQLite to do most queries.
func Run(stmt *sqlite.Stmt, named map[string]any, row func(*sqlite.Stmt) error) error {
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
