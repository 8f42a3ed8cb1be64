package table

import (
	"time"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// A Table is the table of notes in the index of a site. Several goroutines may use it at
// once.
type Table struct {
	cfg     *site.Config
	now     func() time.Time
	content *content.Folder
	db      *query.DB
}

// New returns the table of the notes of a folder.
func New(cfg *site.Config, now func() time.Time, folder *content.Folder, db *query.DB) *Table {
	return &Table{cfg: cfg, now: now, content: folder, db: db}
}

// NowSeconds returns the moment up to which notes are published: in a preview, the end of
// time.
func (t *Table) NowSeconds() int64 {
	if t.cfg.Preview {
		return 1 << 60
	}
	return t.now().Unix()
}

// Put updates the row of a file, nil if it has none, to its source. todo is the work that
// is left if the row changed.
func (t *Table) Put(conn *sqlite.Conn, old *Row, src *Source, todo int) error {
	src.columns[":id"], src.columns[":todo"] = nil, todo
	if old != nil {
		src.columns[":id"] = old.ID
	}
	if src.Note == nil {
		// The last good page stays: only the problem is recorded, so that the front page and
		// the feeds leave the note out. This does not hold if the file has a key that makes
		// the note not public.
		return query.Exec(conn, "put_problem", src.columns, nil)
	}
	if err := query.Exec(conn, "put_note", src.columns, nil); err != nil {
		return err
	}
	id, err := forgetOld(conn, old)
	if err != nil {
		return err
	}
	aliases, _ := t.cfg.AliasPaths(src.Note)
	for _, address := range aliases {
		if err := query.Exec(conn, "put_alias", query.Args{":note": id, ":address": address}, nil); err != nil {
			return err
		}
	}
	if (old == nil || old.Permalink == src.Permalink) && site.OwnFile(src.Permalink) == "" {
		if shared, err := query.Has(conn, "shared", query.Args{":permalink": src.Permalink, ":file": src.File}); err != nil || !shared {
			return err // no other note claims the address
		}
	}
	if old != nil && old.Permalink != src.Permalink {
		if err := t.assignAddress(conn, old.Permalink, src.File); err != nil {
			return err
		}
	}
	return t.assignAddress(conn, src.Permalink, src.File)
}

// assignAddress assigns an address that a file took or left: to another note, or to the
// page of a deleted one.
func (t *Table) assignAddress(conn *sqlite.Conn, permalink, file string) error {
	if err := query.Exec(conn, "trash_stale", query.Args{":permalink": permalink, ":file": file}, nil); err != nil {
		return err
	}
	return t.Reshadow(conn, permalink)
}

// forgetOld deletes the aliases that a row had, and returns its id. The id of a new row is
// that of the last insert.
func forgetOld(conn *sqlite.Conn, old *Row) (id int64, err error) {
	if old == nil {
		return conn.LastInsertRowID(), nil
	}
	return old.ID, query.Exec(conn, "delete_aliases", query.Args{":note": old.ID}, nil)
}

// Reshadow decides which of several notes with one permalink has the page. A due note takes
// precedence over a scheduled one, a page over a note, then the first path in byte order. No
// note has the page where the site has a file of its own. The notes that become shadowed,
// or stop being shadowed, are stale.
func (t *Table) Reshadow(conn *sqlite.Conn, permalink string) error {
	if permalink == "" {
		return nil
	}
	own := site.OwnFile(permalink) != ""
	return query.Exec(conn, "reshadow", query.Args{":permalink": permalink, ":own": own, ":now": t.NowSeconds()}, nil)
}

// Drop records that the file of a row does not exist any more. The row stays until a
// builder has removed its outputs: one may be writing them at this moment. todo is the
// urgency.
func (t *Table) Drop(conn *sqlite.Conn, old *Row, todo int) error {
	if old == nil {
		return nil
	}
	if _, err := forgetOld(conn, old); err != nil {
		return err
	}
	if err := query.Exec(conn, "mark_gone", query.Args{":id": old.ID, ":todo": todo}, nil); err != nil {
		return err
	}
	return t.assignAddress(conn, old.Permalink, old.File)
}
