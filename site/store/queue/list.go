package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"starpunk/site/store/link"
	"starpunk/site/store/query"
	"starpunk/site/store/table"

	"zombiezen.com/go/sqlite"
)

// A ListState is a list page, feed or site map as it was last written.
type ListState struct {
	Address string
	Outputs []string // files below the output folder; empty: it has none

	Parts int            // 0: it has one, or none
	Tail  table.Position // of several parts, where the last begins
	Since table.Position // the first position that changed; [always] if any may have

	Redirect bool // the output leads to another address
	Shadowed bool // all its outputs belong to static files and pages; in a result

	Warnings []string // remarks about it for its author; they have a table of their own
}

var always = table.Position{Published: math.MinInt64} // since the beginning of time

// TailStale reports whether only the last part of a list is stale.
func (l *ListState) TailStale() bool { return l.Parts > 1 && !l.Since.Before(l.Tail) }

// Stale returns the stale lists in the order of their addresses.
func (l *Lists) Stale(ctx context.Context) ([]ListState, error) {
	lists, err := l.states(ctx, "lists_stale", nil)
	l.q.db.CountRows(len(lists))
	return lists, err
}

// Unknown returns the addresses at which no list is written or stale.
func (l *Lists) Unknown(ctx context.Context, addresses []string) (unknown []string, err error) {
	err = l.q.db.Read(ctx, func(conn *sqlite.Conn) error {
		for _, address := range addresses {
			known, err := query.Has(conn, "list_known", query.Args{":address": address})
			if err != nil {
				return err
			}
			if !known {
				unknown = append(unknown, address)
			}
		}
		return nil
	})
	return unknown, err
}

func (l *Lists) states(ctx context.Context, name string, named query.Args) (lists []ListState, err error) {
	err = l.q.db.Each(ctx, name, named, func(stmt *sqlite.Stmt) error {
		l := ListState{
			Address: stmt.GetText("address"), Parts: int(stmt.GetInt64("parts")),
			Tail: table.Position{Published: stmt.GetInt64("tail"), Permalink: stmt.GetText("tail_permalink")}, Since: always,
			Redirect: stmt.GetBool("redirect"),
		}
		if !stmt.IsNull("since") {
			l.Since = table.Position{Published: stmt.GetInt64("since"), Permalink: stmt.GetText("since_permalink")}
		}
		if err := json.Unmarshal([]byte(stmt.GetText("outputs")), &l.Outputs); err != nil {
			return fmt.Errorf("index: outputs of %s: %w", l.Address, err)
		}
		lists = append(lists, l)
		return nil
	})
	return lists, err
}

// Touch makes lists stale, whether or not they exist.
func (l *Lists) Touch(ctx context.Context, addresses ...string) error {
	return l.q.db.Write(ctx, func(conn *sqlite.Conn) error {
		for _, address := range addresses {
			if err := query.Exec(conn, "list_stale", query.Args{":address": address}, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// A ListResult is a list as it was before, and as it is written now.
type ListResult struct {
	Old ListState
	Now ListState
}

// Mark records that lists were written in build number. A list without
// outputs is forgotten, unless it is shadowed or the configuration has a redirect at its address.
// The rows of waited are live now, although other outputs may be stale: all their lists are
// on disk.
func (l *Lists) Mark(ctx context.Context, number int64, results []ListResult, waited []*table.Row) error {
	defer l.q.whole.forget()
	if len(waited) > 0 {
		defer l.q.wakeups.WakeWaiters()
	}
	return l.q.mark(ctx, number, func(conn *sqlite.Conn) error {
		if err := markLive(conn, waited); err != nil {
			return err
		}
		if err := forgetMaps(conn, results); err != nil {
			return err
		}
		m, err := newListMarking(conn, number)
		if err != nil {
			return err
		}
		for i := range results {
			_, configured := l.q.cfg.RedirectFrom(results[i].Old.Address)
			if err := m.save(&results[i], configured); err != nil {
				return err
			}
		}
		return nil
	})
}

// markLive records that notes, for which clients wait, are in all their outputs.
func markLive(conn *sqlite.Conn, rows []*table.Row) error {
	for _, r := range rows {
		if err := query.Exec(conn, "mark_live", query.Args{":id": r.ID, ":rev": r.Rev}, nil); err != nil {
			return err
		}
	}
	return nil
}

// A listMarking is one transaction of [Lists.Mark]. Tables without rows are not searched.
type listMarking struct {
	conn   *sqlite.Conn
	number int64 // of the build

	removals, warnings, ownLinks bool // the tables have rows
}

func newListMarking(conn *sqlite.Conn, number int64) (*listMarking, error) {
	m := &listMarking{conn: conn, number: number}
	for name, has := range map[string]*bool{"any_removal": &m.removals, "any_list_warning": &m.warnings, "any_own_link": &m.ownLinks} {
		found, err := query.Has(conn, name, nil)
		if err != nil {
			return nil, err
		}
		*has = found
	}
	return m, nil
}

// save records one list. configured reports whether the configuration has a redirect at its
// address.
func (m *listMarking) save(r *ListResult, configured bool) error {
	if m.warnings || len(r.Now.Warnings) > 0 {
		if err := saveListWarnings(m.conn, &r.Now); err != nil {
			return err
		}
	}
	if err := m.replaceOutputs(r.Old.Outputs, r.Now.Outputs); err != nil {
		return err
	}
	// A shadowed list keeps its row, and so does a redirect of the configuration: when
	// the output that takes precedence is removed, they become stale.
	if len(r.Now.Outputs) == 0 && !configured && !r.Now.Shadowed {
		return query.Exec(m.conn, "delete_list", query.Args{":address": r.Old.Address}, nil)
	}
	return m.saveState(r)
}

// replaceOutputs queues the removal of outputs that the list had, and has the links checked
// to outputs that appeared or will be removed.
func (m *listMarking) replaceOutputs(old, now []string) error {
	if m.ownLinks {
		if err := link.OpenPlaces(m.conn, changedOutputs(old, now)); err != nil {
			return err
		}
	}
	if !m.removals && slices.Equal(old, now) {
		return nil
	}
	m.removals = m.removals || len(old) > 0
	return replaceOutputs(m.conn, old, now)
}

// saveState records the state of a written list.
func (m *listMarking) saveState(r *ListResult) error {
	outputs, err := query.List(r.Now.Outputs)
	if err != nil {
		return err
	}
	var tail any // of one part, none
	if r.Now.Parts > 1 {
		tail = r.Now.Tail.Published
	}
	return query.Exec(m.conn, "mark_list", query.Args{
		":address": r.Old.Address, ":outputs": outputs, ":number": m.number, ":redirect": r.Now.Redirect,
		":parts": r.Now.Parts, ":tail": tail, ":permalink": r.Now.Tail.Permalink,
	}, nil)
}

// Tags returns the tags of listed notes by their addresses, as they were
// recorded by [Notes.Mark].
func (l *Lists) Tags(ctx context.Context) (map[string]string, error) {
	spelled := map[string]string{}
	tags, err := l.q.table.Tags(ctx)
	for _, t := range tags {
		spelled[t.Address] = t.Spelled
	}
	return spelled, err
}

// Months returns the months that have a site map, such as "2026-11".
func (l *Lists) Months(ctx context.Context) (months []string, err error) {
	err = l.q.db.Each(ctx, "recorded_months", nil, func(stmt *sqlite.Stmt) error {
		months = append(months, stmt.ColumnText(0))
		return nil
	})
	return months, err
}
