package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// A Row has the data of one note's file in the index.
type Row struct {
	ID        int64
	File      string // relative to content/, with slashes
	Rev       int64  // grows with every change of the source
	Hash      content.Hash
	Problem   string // why the file can't be parsed: "content/hello.md:2: …"
	Kind      site.Kind
	Type      string // post type
	Status    string // public, unlisted, private, draft, deleted
	Permalink string
	Published time.Time // in the zone it was written in
	Label     string
	Named     bool     // Label is the note's name
	Beside    uint64   // a hash of the neighbours that its page shows
	Tags      []string // not in lists
	Todo      int      // the work that is left: [TodoChanged] and its like; not in lists

	Future  bool   // it is scheduled
	HasPage bool   // it should have a page now
	Listed  bool   // and lists should link to it
	Built   *Built // its built mark; nil: never built, and in lists

	Gone     bool // its file does not exist any more
	listed   bool // Listed, whether or not it is due
	Withheld bool // it has a problem, but certainly is not public
}

// Built is a built mark: the state that a row was last built from.
type Built struct {
	Hash      content.Hash
	Permalink string
	Published time.Time // UTC
	Lists     []string  // addresses of the lists that show it
	Outputs   []string  // files below the output folder, with slashes
	Number    int64     // of the build
	Warnings  []string  // remarks about its page, each with file and line
}

// Status of a row besides the visibilities of [site.Note].
const (
	StatusDraft   = "draft"
	StatusDeleted = "deleted"
)

// The values of the column shows: the output of a row.
const (
	showsNothing = 0
	showsPage    = 1
	showsListed  = 2
)

// scanRow reads a whole row of the notes table.
func (t *Table) scanRow(stmt *sqlite.Stmt) (*Row, error) {
	r := &Row{
		ID: stmt.GetInt64("id"), File: stmt.GetText("file"), Rev: stmt.GetInt64("rev"),
		Problem: stmt.GetText("problem"), Kind: site.Kind(stmt.GetText("kind")),
		Type: stmt.GetText("type"), Status: stmt.GetText("status"), Permalink: stmt.GetText("permalink"),
		Label: stmt.GetText("label"), Named: stmt.GetBool("named"),
		Beside: uint64(stmt.GetInt64("beside")), Todo: int(stmt.GetInt64("todo")), Gone: stmt.GetBool("gone"),
	}
	stmt.GetBytes("hash", r.Hash[:])
	r.Published, _ = site.ParseTime(stmt.GetText("written"), time.UTC) // a page has none
	r.Future = stmt.GetInt64("published") > t.NowSeconds()
	r.Withheld = r.Problem != "" && stmt.GetInt64("shows") == showsNothing && r.Status != StatusDeleted
	r.HasPage = stmt.GetInt64("shows") >= showsPage && !stmt.GetBool("shadowed") && !r.Future
	r.listed = stmt.GetInt64("shows") == showsListed && !stmt.GetBool("shadowed")
	r.Listed = r.HasPage && r.listed
	if err := json.Unmarshal([]byte(stmt.GetText("tags")), &r.Tags); err != nil {
		return nil, fmt.Errorf("index: tags of %s: %w", r.File, err)
	}
	if stmt.IsNull("built_outputs") {
		return r, nil
	}
	b := &Built{
		Permalink: stmt.GetText("built_permalink"),
		Published: time.Unix(stmt.GetInt64("built_published"), 0).UTC(), Number: stmt.GetInt64("built"),
	}
	stmt.GetBytes("built_hash", b.Hash[:])
	r.Built = b
	if !stmt.IsNull("built_warnings") {
		if err := json.Unmarshal([]byte(stmt.GetText("built_warnings")), &b.Warnings); err != nil {
			return nil, fmt.Errorf("index: warnings of %s: %w", r.File, err)
		}
	}
	return r, errors.Join(
		json.Unmarshal([]byte(stmt.GetText("built_lists")), &b.Lists),
		json.Unmarshal([]byte(stmt.GetText("built_outputs")), &b.Outputs))
}

// Rows runs a query that selects whole rows.
func (t *Table) Rows(conn *sqlite.Conn, name string, named query.Args) (rows []*Row, err error) {
	err = query.Exec(conn, name, named, func(stmt *sqlite.Stmt) error {
		r, err := t.scanRow(stmt)
		rows = append(rows, r)
		return err
	})
	return rows, err
}

// Find is Rows with a connection of its own; it counts the rows.
func (t *Table) Find(ctx context.Context, name string, named query.Args) (rows []*Row, err error) {
	err = t.db.Read(ctx, func(conn *sqlite.Conn) error {
		rows, err = t.Rows(conn, name, named)
		return err
	})
	t.db.CountRows(len(rows))
	return rows, err
}

// Row returns the only row of a query that selects whole rows, or nil.
func (t *Table) Row(conn *sqlite.Conn, name string, named query.Args) (*Row, error) {
	return first(t.Rows(conn, name, named))
}

// FindOne is Row with a connection of its own; it counts the row.
func (t *Table) FindOne(ctx context.Context, name string, named query.Args) (*Row, error) {
	return first(t.Find(ctx, name, named))
}

func first(rows []*Row, err error) (*Row, error) {
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// RowByFile returns the row of a file, or nil.
func (t *Table) RowByFile(conn *sqlite.Conn, file string) (*Row, error) {
	return t.Row(conn, "row_by_file", query.Args{":dir": content.Dir(file), ":file": file})
}

// Count counts the notes in the index, up to limit.
func (t *Table) Count(ctx context.Context, limit int) (count int, err error) {
	n, err := t.db.Number(ctx, "count_notes", query.Args{":limit": limit})
	return int(n), err
}
