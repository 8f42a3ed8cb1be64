package store

import (
	"context"

	"starpunk/site/store/query"
	"starpunk/site/store/table"

	"zombiezen.com/go/sqlite"
)

// Briefs returns the rows that are pending or that lists link to: the data of a new
// plan.
func (b *Builder) Briefs(ctx context.Context) ([]table.Brief, error) {
	return b.table.Briefs(ctx, "briefs", nil)
}

// Changed returns the rows with something left to do that changed since a revision.
func (b *Builder) Changed(ctx context.Context, rev int64) ([]table.Brief, error) {
	rows, err := b.table.Briefs(ctx, "changed", query.Args{":rev": rev})
	b.db.CountRows(len(rows))
	return rows, err
}

// Rows returns the existing rows with some ids, in that order.
func (b *Builder) Rows(ctx context.Context, ids []int64) (rows []*Row, err error) {
	rows = make([]*Row, 0, len(ids))
	err = b.db.Read(ctx, func(conn *sqlite.Conn) error {
		for _, id := range ids {
			row, err := b.table.Row(conn, "row_by_id", query.Args{":id": id})
			if err != nil {
				return err
			}
			if row != nil {
				rows = append(rows, row)
			}
		}
		return nil
	})
	b.db.CountRows(len(ids))
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

// RecordedTags returns the tags of listed notes by their addresses, as they were
// recorded by [Builder.MarkBuilt].
func (b *Builder) RecordedTags(ctx context.Context) (map[string]string, error) {
	spelled := map[string]string{}
	tags, err := b.Tags(ctx)
	for _, t := range tags {
		spelled[t.Address] = t.Spelled
	}
	return spelled, err
}

// RecordedMonths returns the months that have a site map, such as "2026-11".
func (b *Builder) RecordedMonths(ctx context.Context) (months []string, err error) {
	err = b.db.Each(ctx, "recorded_months", nil, func(stmt *sqlite.Stmt) error {
		months = append(months, stmt.ColumnText(0))
		return nil
	})
	return months, err
}
