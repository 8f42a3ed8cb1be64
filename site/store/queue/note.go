package queue

import (
	"context"

	"starpunk/site/store/content"
	"starpunk/site/store/query"
	"starpunk/site/store/table"

	"zombiezen.com/go/sqlite"
)

// Briefs returns the rows that are pending or that lists link to: the data of a new
// plan.
func (n *Notes) Briefs(ctx context.Context) ([]table.Brief, error) {
	return n.q.table.Briefs(ctx, "briefs", nil)
}

// Changed returns the rows with something left to do that changed since a revision.
func (n *Notes) Changed(ctx context.Context, rev int64) ([]table.Brief, error) {
	rows, err := n.q.table.Briefs(ctx, "changed", query.Args{":rev": rev})
	n.q.db.CountRows(len(rows))
	return rows, err
}

// Rows returns the existing rows with some ids, in that order.
func (n *Notes) Rows(ctx context.Context, ids []int64) (rows []*table.Row, err error) {
	rows = make([]*table.Row, 0, len(ids))
	err = n.q.db.Read(ctx, func(conn *sqlite.Conn) error {
		for _, id := range ids {
			row, err := n.q.table.Row(conn, "row_by_id", query.Args{":id": id})
			if err != nil {
				return err
			}
			if row != nil {
				rows = append(rows, row)
			}
		}
		return nil
	})
	n.q.db.CountRows(len(ids))
	return rows, err
}

// staleNeighbours makes rows stale whose neighbours in time changed.
func staleNeighbours(conn *sqlite.Conn, ids []int64) error {
	for _, id := range ids {
		if err := query.Exec(conn, "neighbour_stale", query.Args{":id": id}, nil); err != nil {
			return err
		}
	}
	return nil
}

// RowOf returns the row of a brief of a note that was never rendered, with all data that
// it is rendered from. Its file can be parsed.
func (n *Notes) RowOf(brief table.Brief) *table.Row { return n.q.table.RowOf(brief) }

// NeedsNameChecks reports whether a file was removed whose outputs still exist, and
// whether a permalink has a capital letter. If not, no note has moved, and no two
// permalinks differ only by case.
func (n *Notes) NeedsNameChecks(ctx context.Context) (gone, capital bool, err error) {
	err = n.q.db.Each(ctx, "needs_name_checks", nil, func(stmt *sqlite.Stmt) error {
		gone, capital = stmt.ColumnBool(0), stmt.ColumnBool(1)
		return nil
	})
	return gone, capital, err
}

// MovedFrom returns the permalink of a note whose file was removed and had the content
// that a file has now; "" if there is none. The index has it until the outputs of that
// file are removed.
func (n *Notes) MovedFrom(ctx context.Context, hash content.Hash) (string, error) {
	return n.q.db.Text(ctx, "moved_from", query.Args{":hash": hash[:]})
}

// CaseTwin returns a permalink that differs from the given one only in the case of
// ASCII letters, with its file; "" if no note has one.
func (n *Notes) CaseTwin(ctx context.Context, permalink string) (twin, file string, err error) {
	err = n.q.db.Each(ctx, "case_twin", query.Args{":permalink": permalink}, func(stmt *sqlite.Stmt) error {
		twin, file = stmt.ColumnText(0), stmt.ColumnText(1)
		return nil
	})
	return twin, file, err
}

// PagePermalinks returns the permalinks of the public pages without a date that
// have their outputs, in order.
func (n *Notes) PagePermalinks(ctx context.Context) ([]string, error) {
	return n.q.db.Texts(ctx, "page_permalinks", nil)
}
