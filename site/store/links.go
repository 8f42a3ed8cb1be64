package store

import (
	"context"
	"strings"

	"starpunk/site/store/link"
	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// Target returns what a key names.
func (b *Builder) Target(ctx context.Context, key string) (t link.Target, err error) {
	err = b.db.Read(ctx, func(conn *sqlite.Conn) error {
		t, err = link.Find(conn, key, b.table.NowSeconds())
		return err
	})
	return t, err
}

// replaceLinks records what a page links to and shows, in place of what it did.
func (b *Builder) replaceLinks(m *marking, r *Result) error {
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
	if err := b.saveLinks(m.conn, r); err != nil {
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

// dropUnshown forgets the copy of an attachment that no page shows or links to any
// more, and has it removed. A page that began to show it meanwhile records it again:
// see [Result.Copies].
func dropUnshown(conn *sqlite.Conn, source string) error {
	shown, err := query.Has(conn, "is_shown", query.Args{":source": source})
	if err != nil || shown {
		return err
	}
	output, err := query.Text(conn, "copy_at", query.Args{":source": source})
	if err != nil || output == "" {
		return err
	}
	if err := query.Exec(conn, "delete_copy", query.Args{":source": source}, nil); err != nil {
		return err
	}
	other, err := query.Text(conn, "copy_of", query.Args{":output": output})
	if err != nil || other != "" {
		return err // a file whose name is the same in the other Unicode form
	}
	if err := query.Exec(conn, "removal_add", query.Args{":output": output}, nil); err != nil {
		return err
	}
	if err := link.OpenPlaces(conn, []string{output}); err != nil {
		return err
	}
	return uncover(conn, output)
}

// CopyOf returns the copy of a source that is in the output; the zero Copy if there
// is none.
func (b *Builder) CopyOf(ctx context.Context, source string) (c Copy, err error) {
	err = b.db.Each(ctx, "copy_at", query.Args{":source": source}, func(stmt *sqlite.Stmt) error {
		c = Copy{source, stmt.ColumnText(0), query.Stamp(stmt, 1)}
		return nil
	})
	return c, err
}

// saveLinks records what a page links to. If a target is no longer the one that the
// page shows, the page is stale.
func (b *Builder) saveLinks(conn *sqlite.Conn, r *Result) error {
	stale := false
	for key, seen := range r.Links {
		if strings.HasPrefix(key, "=") || strings.HasPrefix(key, "[[") {
			t, err := link.Find(conn, key, b.table.NowSeconds())
			if err != nil {
				return err
			}
			stale = stale || t.State() != seen
		}
		if err := query.Exec(conn, "put_link", query.Args{":id": r.Row.ID, ":target": key, ":seen": seen}, nil); err != nil {
			return err
		}
	}
	if stale {
		return query.Exec(conn, "row_stale", query.Args{":id": r.Row.ID}, nil)
	}
	return nil
}
