package table

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// The values of the column todo: the work that is left for a row.
const (
	TodoNothing   = 0
	TodoNeighbour = 1 // a neighbour in time changed
	TodoChanged   = 2 // it changed
	TodoWaited    = 3 // it changed, and a client waits for it
)

// A Brief has the columns of a row that a plan needs: less than a [Row].
type Brief struct {
	ID        int64
	File      string // relative to content/, with slashes
	Rev       int64  // grows with every change of any row
	Hash      content.Hash
	Permalink string
	Published time.Time // in the zone it was written in
	Type      string    // post type
	Status    string    // public, unlisted, private, draft, deleted
	Label     string
	Named     bool     // Label is the note's name
	Tags      []string // as spelled
	Beside    uint64   // a hash of what its page shows of its neighbours

	Todo     int  // [TodoChanged] and its like
	Listed   bool // lists should link to it when its time has come
	Linked   bool // lists link to it: it has its page
	Rendered bool // it has outputs
	Broken   bool // its file can't be parsed
	Gone     bool // its file does not exist any more
}

// Brief returns the data that a plan needs of a row that was just rendered. beside is a
// hash of the neighbours on its page.
func (r *Row) Brief(beside uint64) Brief {
	return Brief{
		ID: r.ID, File: r.File, Rev: r.Rev, Hash: r.Hash, Permalink: r.Permalink, Published: r.Published,
		Type: r.Type, Status: r.Status, Label: r.Label, Named: r.Named, Tags: r.Tags, Beside: beside,
		Todo: r.Todo, Listed: r.listed, Rendered: r.Built != nil, Broken: r.Problem != "", Gone: r.Gone,
	}
}

// RowOf returns the row of a brief of a note that was never rendered, with all data that
// it is rendered from. Its file can be parsed.
func (t *Table) RowOf(brief Brief) *Row {
	r := &Row{
		ID: brief.ID, File: brief.File, Rev: brief.Rev, Hash: brief.Hash, Permalink: brief.Permalink, Published: brief.Published, Kind: site.KindNote,
		Type: brief.Type, Status: brief.Status, Label: brief.Label, Named: brief.Named, Tags: brief.Tags, Todo: brief.Todo, listed: brief.Listed,
	}
	r.Future = r.Published.Unix() > t.NowSeconds()
	r.HasPage = !r.Future
	r.Listed = r.HasPage && brief.Listed
	return r
}

// Briefs runs a query that selects briefs.
func (t *Table) Briefs(ctx context.Context, name string, named query.Args) (rows []Brief, err error) {
	err = t.db.Each(ctx, name, named, func(stmt *sqlite.Stmt) error {
		brief, err := scanBrief(stmt)
		rows = append(rows, brief)
		return err
	})
	return rows, err
}

// scanBrief reads a row of the queries of briefs.
func scanBrief(stmt *sqlite.Stmt) (Brief, error) {
	b := Brief{
		ID: stmt.ColumnInt64(0), File: stmt.ColumnText(1), Rev: stmt.ColumnInt64(2), Permalink: stmt.ColumnText(4),
		Type: stmt.ColumnText(6), Status: stmt.ColumnText(7), Label: stmt.ColumnText(8), Named: stmt.ColumnBool(9),
		Beside: uint64(stmt.ColumnInt64(11)), Todo: stmt.ColumnInt(12), Listed: stmt.ColumnBool(13),
		Linked: stmt.ColumnBool(14), Rendered: stmt.ColumnBool(15), Broken: stmt.ColumnBool(16), Gone: stmt.ColumnBool(17),
	}
	stmt.ColumnBytes(3, b.Hash[:])
	if at, err := time.Parse(time.RFC3339, stmt.ColumnText(5)); err == nil { // a page has none
		b.Published = at
	}
	if tags := stmt.ColumnText(10); tags != "[]" {
		if err := json.Unmarshal([]byte(tags), &b.Tags); err != nil {
			return b, fmt.Errorf("index: tags of %s: %w", b.File, err)
		}
	}
	return b, nil
}
