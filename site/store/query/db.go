package query

import (
	"context"
	"sync/atomic"

	"starpunk/site/store/index"

	"zombiezen.com/go/sqlite"
)

// updateBatch is the number of rows that one transaction of [DB.UpdateNotes] changes: 25 ms
// of work.
const updateBatch = 1000

// A DB is the index of a site. Several goroutines may use it at once.
type DB struct {
	index *index.Index
	rows  atomic.Int64
}

// New returns the DB of an open index.
func New(x *index.Index) *DB { return &DB{index: x} }

// Read runs f with a connection to the index.
func (d *DB) Read(ctx context.Context, f func(*sqlite.Conn) error) error {
	return d.index.Read(ctx, f)
}

// Write runs f in a transaction, which gets the next revision.
func (d *DB) Write(ctx context.Context, f func(*sqlite.Conn) error) error {
	return d.index.Write(ctx, func(conn *sqlite.Conn) error {
		if err := Exec(conn, "next_rev", nil, nil); err != nil {
			return err
		}
		return f(conn)
	})
}

// Run runs a query in a transaction of its own.
func (d *DB) Run(ctx context.Context, name string, named Args) error {
	return d.Write(ctx, func(conn *sqlite.Conn) error { return Exec(conn, name, named, nil) })
}

// Each runs a query and passes each row to row.
func (d *DB) Each(ctx context.Context, name string, named Args, row func(*sqlite.Stmt) error) error {
	return d.Read(ctx, func(conn *sqlite.Conn) error { return Exec(conn, name, named, row) })
}

// Has reports whether a query returns a row.
func (d *DB) Has(ctx context.Context, name string, named Args) (found bool, err error) {
	err = d.Read(ctx, func(conn *sqlite.Conn) error {
		found, err = Has(conn, name, named)
		return err
	})
	return found, err
}

// Texts returns the texts in the first column of a query, and counts its rows.
func (d *DB) Texts(ctx context.Context, name string, named Args) (texts []string, err error) {
	err = d.Each(ctx, name, named, func(stmt *sqlite.Stmt) error {
		texts = append(texts, stmt.ColumnText(0))
		return nil
	})
	d.CountRows(len(texts))
	return texts, err
}

// Text returns the first text of [DB.Texts], "" if the query returns no row.
func (d *DB) Text(ctx context.Context, name string, named Args) (string, error) {
	texts, err := d.Texts(ctx, name, named)
	if err != nil || len(texts) == 0 {
		return "", err
	}
	return texts[0], nil
}

// Number returns the number that a query returns.
func (d *DB) Number(ctx context.Context, name string, named Args) (n int64, err error) {
	err = d.Each(ctx, name, named, func(stmt *sqlite.Stmt) error {
		n = stmt.ColumnInt64(0)
		return nil
	})
	return n, err
}

// State reads a text of the state table; "" if the table does not have it.
func (d *DB) State(ctx context.Context, key string) (value string, err error) {
	err = d.Read(ctx, func(conn *sqlite.Conn) error {
		value, err = StateText(conn, key)
		return err
	})
	return value, err
}

// SetState sets a value of the state table.
func (d *DB) SetState(ctx context.Context, key string, value any) error {
	return d.Write(ctx, func(conn *sqlite.Conn) error { return SetState(conn, key, value) })
}

// UpdateNotes runs an update over all rows of notes from :from to :to, in batches.
func (d *DB) UpdateNotes(ctx context.Context, name string, named Args) error {
	last, err := d.Number(ctx, "last_id", nil)
	all := Args{}
	for key, value := range named {
		all[key] = value
	}
	for from := int64(0); err == nil && from <= last; from += updateBatch {
		all[":from"], all[":to"] = from, from+updateBatch
		err = d.Run(ctx, name, all)
	}
	return err
}

// CountRows counts rows that a query returned for a build.
func (d *DB) CountRows(n int) { d.rows.Add(int64(n)) }

// Rows returns how many rows were counted.
func (d *DB) Rows() int64 { return d.rows.Load() }
