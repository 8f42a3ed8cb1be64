package store

import (
	"context"
	"math"
	"strings"

	"starpunk/site/store/query"
	"starpunk/site/store/table"
)

// Sources selects notes to list for their author, also notes that no page shows.
type Sources struct {
	Type   string    // post type; "": all
	Status string    // "published" or "draft"; "": both
	Hidden bool      // drafts, private and future notes too
	Filter string    // text that the label or the tags contain, in small or capital letters
	Oldest bool      // begin with the oldest note, not the newest
	From   *Position // continue after this position; nil: begin
	Limit  int
	Offset int
}

// Sources returns notes in the order of their time, then their permalink. It leaves out
// deleted notes, notes that can't be parsed, and shadowed notes.
func (s *Store) Sources(ctx context.Context, l Sources) ([]*Row, error) {
	s.indexer.catchUp(ctx)
	order, from := "newest", Position{Published: math.MaxInt64}
	if l.Oldest {
		order, from = "oldest", Position{Published: math.MinInt64}
	}
	if l.From != nil {
		from = *l.From
	}
	named := query.Args{
		":published": from.Published, ":permalink": from.Permalink,
		":limit": l.Limit, ":offset": l.Offset,
	}
	switch {
	case l.Status == table.StatusDraft && !l.Hidden:
		return nil, nil
	case l.Status == table.StatusDraft && l.Filter == "":
		named[":type"] = l.Type
		return s.table.Find(ctx, "sources_draft_"+order, named)
	}
	named[":hidden"], named[":now"] = l.Hidden, s.table.NowSeconds()
	named[":filter"], named[":status"], named[":type"] = strings.ToLower(l.Filter), l.Status, l.Type
	return s.table.Find(ctx, "sources_"+order, named)
}
