package queue

import (
	"context"
	"strings"

	"starpunk/site/store/link"
	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// Target returns what a key names.
func (l *Links) Target(ctx context.Context, key string) (t link.Target, err error) {
	err = l.q.db.Read(ctx, func(conn *sqlite.Conn) error {
		t, err = link.Find(conn, key, l.q.table.NowSeconds())
		return err
	})
	return t, err
}

// replaceLinks records what a page links to and shows, in place of what it did.
func (m *marking) replaceLinks(r *Result) error {
	var before []string
	if m.links {
		err := query.Exec(m.conn, "shown_by", query.Args{":id": r.Row.ID}, func(stmt *sqlite.Stmt) error {
			before = append(before, stmt.ColumnText(0))
			return nil
		})
		if err != nil {
			return err
		}
		if err := query.Exec(m.conn, "delete_links", query.Args{":id": r.Row.ID}, nil); err != nil {
			return err
		}
	}
	m.links = m.links || len(r.Links) > 0
	if err := m.saveLinks(r); err != nil {
		return err
	}
	for _, c := range r.Copies {
		if err := markCopied(m.conn, m.number, c); err != nil {
			return err
		}
	}
	for _, source := range before {
		if _, shown := r.Links[source]; shown {
			continue
		}
		if err := dropUnshown(m.conn, source); err != nil {
			return err
		}
	}
	return nil
}

// saveLinks records what a page links to. If a target is no longer the one that the
// page shows, the page is stale.
func (m *marking) saveLinks(r *Result) error {
	stale := false
	for key, seen := range r.Links {
		if strings.HasPrefix(key, "=") || strings.HasPrefix(key, "[[") {
			t, err := link.Find(m.conn, key, m.moment)
			if err != nil {
				return err
			}
			stale = stale || t.State() != seen
		}
		if err := query.Exec(m.conn, "put_link", query.Args{":id": r.Row.ID, ":target": key, ":seen": seen}, nil); err != nil {
			return err
		}
	}
	if stale {
		return query.Exec(m.conn, "row_stale", query.Args{":id": r.Row.ID}, nil)
	}
	return nil
}
