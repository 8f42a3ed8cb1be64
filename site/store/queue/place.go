package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"starpunk/site/store/link"
	"starpunk/site/store/query"
	"starpunk/site/store/table"

	"zombiezen.com/go/sqlite"
)

// saveOwnLinks records the links of a page that was built. A place that no page
// linked to before must be checked.
func (m *marking) saveOwnLinks(r *Result) error {
	if m.ownLinks {
		for _, name := range []string{"delete_lost_places", "delete_own_links"} {
			if err := query.Exec(m.conn, name, query.Args{":id": r.Row.ID}, nil); err != nil {
				return err
			}
		}
	}
	seen := map[link.Place]bool{}
	for _, l := range r.OwnLinks {
		if seen[l.Place] {
			continue
		}
		seen[l.Place], m.ownLinks = true, true
		place := query.Args{":place": l.Path, ":fragment": l.Fragment}
		if err := query.Exec(m.conn, "put_place", place, nil); err != nil {
			return err
		}
		place[":id"], place[":line"], place[":link"] = r.Row.ID, l.Line, l.Link
		if err := query.Exec(m.conn, "put_own_link", place, nil); err != nil {
			return err
		}
	}
	return nil
}

// changedOutputs returns the outputs that only one of two lists has.
func changedOutputs(old, now []string) (changed []string) {
	for _, pair := range [][2][]string{{old, now}, {now, old}} {
		for _, output := range pair[0] {
			if !slices.Contains(pair[1], output) {
				changed = append(changed, output)
			}
		}
	}
	return changed
}

// OpenPlaces returns places that must be checked, up to limit.
func (l *Links) OpenPlaces(ctx context.Context, limit int) (places []link.Place, err error) {
	err = l.q.db.Each(ctx, "open_places", query.Args{":limit": limit}, func(stmt *sqlite.Stmt) error {
		places = append(places, link.Place{Path: stmt.ColumnText(0), Fragment: stmt.ColumnText(1)})
		return nil
	})
	return places, err
}

// MarkPlaces records which of the checked places exist.
func (l *Links) MarkPlaces(ctx context.Context, exists map[link.Place]bool) error {
	return l.q.db.Write(ctx, func(conn *sqlite.Conn) error {
		for p, ok := range exists {
			state := 1
			if ok {
				state = 0
			}
			if err := query.Exec(conn, "mark_place", query.Args{":place": p.Path, ":fragment": p.Fragment, ":state": state}, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// Warnings returns the remarks about pages and lists as they were last built: the remarks
// of their rendering, and links of pages to addresses of the site that do not exist.
func (q *Queue) Warnings(ctx context.Context) (warnings []string, err error) {
	err = q.db.Read(ctx, func(conn *sqlite.Conn) error {
		err := query.Exec(conn, "warnings", nil, func(stmt *sqlite.Stmt) error {
			var list []string
			if err := json.Unmarshal([]byte(stmt.ColumnText(0)), &list); err != nil {
				return fmt.Errorf("index: warnings: %w", err)
			}
			warnings = append(warnings, list...)
			return nil
		})
		if err != nil {
			return err
		}
		return query.Exec(conn, "dead_links", nil, func(stmt *sqlite.Stmt) error {
			warnings = append(warnings, fmt.Sprintf("content/%s:%d: links to %s, which does not exist", stmt.ColumnText(0), stmt.ColumnInt(1), stmt.ColumnText(2)))
			return nil
		})
	})
	return warnings, err
}

// saveWarnings records the remarks about a page, if they changed.
func (m *marking) saveWarnings(old, now *table.Built, id int64) error {
	if slices.Equal(old.Warnings, now.Warnings) {
		return nil
	}
	var value any
	if len(now.Warnings) > 0 {
		text, err := query.List(now.Warnings)
		if err != nil {
			return err
		}
		value = text
	}
	return query.Exec(m.conn, "put_warnings", query.Args{":id": id, ":warnings": value}, nil)
}

// saveListWarnings records the remarks about a list.
func saveListWarnings(conn *sqlite.Conn, l *ListState) error {
	if len(l.Warnings) == 0 {
		return query.Exec(conn, "delete_list_warnings", query.Args{":address": l.Address}, nil)
	}
	text, err := query.List(l.Warnings)
	if err != nil {
		return err
	}
	return query.Exec(conn, "put_list_warnings", query.Args{":address": l.Address, ":warnings": text}, nil)
}
