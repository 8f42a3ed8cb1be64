package table

import (
	"context"

	"zombiezen.com/go/sqlite"
)

// A Tag is a tag that has listed notes.
type Tag struct {
	Address string // path element
	Spelled string // as its oldest listed note spells it
}

// Tags returns all tags in the order of their addresses.
func (t *Table) Tags(ctx context.Context) (tags []Tag, err error) {
	err = t.db.Each(ctx, "tags", nil, func(stmt *sqlite.Stmt) error {
		tags = append(tags, Tag{Address: stmt.ColumnText(0), Spelled: stmt.ColumnText(1)})
		return nil
	})
	t.db.CountRows(len(tags))
	return tags, err
}
