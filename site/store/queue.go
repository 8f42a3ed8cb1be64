package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"starpunk/site"
	"starpunk/site/store/link"
	"starpunk/site/store/query"
	"starpunk/site/store/table"

	"zombiezen.com/go/sqlite"
)

// Begin opens a build. It returns its number, which all marks have from now on. The number
// is recorded before the first output is written, so that a crash is
// noticed: see [Builder.Interrupted]. If an earlier build is not durable yet, a crash is
// noticed anyway, and the first marks record the number.
func (b *Builder) Begin(ctx context.Context) (number int64, err error) {
	if last := b.undurable.Load(); last != 0 {
		b.undurable.Store(last + 1)
		return last + 1, nil
	}
	err = b.db.Write(ctx, func(conn *sqlite.Conn) error {
		last, safe, err := builds(conn)
		if err != nil {
			return err
		}
		number = max(last, safe) + 1
		b.recorded.Store(last)
		return b.recordBuild(conn, number)
	})
	if err == nil {
		b.undurable.Store(number)
	}
	return number, err
}

// mark runs f in a transaction that records marks of a build. If nothing is left to do after
// f, it records that all outputs of the build are live. While pages are rendered with
// other layouts it does not: the index does not count them.
func (b *Builder) mark(ctx context.Context, number int64, f func(*sqlite.Conn) error) error {
	finished := false
	err := b.db.Write(ctx, func(conn *sqlite.Conn) error {
		err := b.recordBuild(conn, number)
		if err == nil {
			err = f(conn)
		}
		if err != nil || number == 0 || b.restyling.Load() {
			return err
		}
		left, err := query.Has(conn, "has_pending", query.Args{":now": b.table.NowSeconds()})
		if err != nil || left {
			return err
		}
		finished = true
		return query.SetState(conn, "live", number)
	})
	if err == nil && finished {
		b.finished.Store(number)
		b.published.Send()
	}
	return err
}

// recordBuild records the number and the moment of a build, once.
func (b *Builder) recordBuild(conn *sqlite.Conn, number int64) error {
	if number <= b.recorded.Load() {
		return nil
	}
	b.recorded.Store(number) // if the transaction fails, so does the build, and the next has another number
	if err := b.saveClock(conn); err != nil {
		return err
	}
	return query.SetState(conn, "build", number)
}

// Finished reports whether nothing was left to do when the last marks of a build were
// recorded. Then [Builder.MarkAll] is not needed.
func (b *Builder) Finished(number int64) bool { return number != 0 && b.finished.Load() == number }

// AssignDueAddresses assigns addresses that several notes claim again, if one of the notes
// became due.
func (b *Builder) AssignDueAddresses(ctx context.Context) error {
	permalinks, err := b.db.Texts(ctx, "due", query.Args{":now": b.table.NowSeconds()})
	if err != nil || len(permalinks) == 0 {
		return err
	}
	return b.db.Write(ctx, func(conn *sqlite.Conn) error {
		for _, permalink := range permalinks {
			if err := b.table.Reshadow(conn, permalink); err != nil {
				return err
			}
		}
		return nil
	})
}

// RefreshTimed reads the notes again that became visible or hidden only by the clock.
func (b *Builder) RefreshTimed(ctx context.Context) error {
	files, err := b.db.Texts(ctx, "turned", query.Args{":now": b.now().Unix()})
	if err != nil || len(files) == 0 {
		return err
	}
	m := &missing{}
	if err := b.refresh(ctx, files, m); err != nil {
		return err
	}
	_, err = b.dropMissing(ctx, m)
	return err
}

// NextDue returns the time at which the next scheduled note is due; the zero time if no
// note is scheduled. In a preview, which shows the note already, it is not marked as
// scheduled any more.
func (b *Builder) NextDue(ctx context.Context) (due time.Time, err error) {
	name := "next_due"
	if b.cfg.Preview {
		name = "next_scheduled"
	}
	err = b.db.Each(ctx, name, query.Args{":now": b.now().Unix()}, func(stmt *sqlite.Stmt) error {
		if stmt.ColumnType(0) != sqlite.TypeNull {
			due = time.Unix(stmt.ColumnInt64(0), 0)
		}
		return nil
	})
	return due, err
}

// RebuildWhenDue makes everything stale in a preview when a scheduled note became due: the
// note's pages and lists show that it is scheduled.
func (b *Builder) RebuildWhenDue(ctx context.Context) error {
	if !b.cfg.Preview {
		return nil
	}
	due, err := b.NextDue(ctx)
	if err != nil {
		return err
	}
	var last, next int64 // 0: none
	if !due.IsZero() {
		next = due.Unix()
	}
	err = b.db.Read(ctx, func(conn *sqlite.Conn) error {
		last, err = query.StateInt(conn, "scheduled")
		return err
	})
	if err != nil || last == next {
		return err
	}
	value := fmt.Sprint(next)
	if last != 0 && last <= b.now().Unix() {
		return b.resetUnless(ctx, "scheduled", value, "rebuild_notes", "rebuild_lists")
	}
	return b.db.SetState(ctx, "scheduled", value)
}

// A Result is the outcome of a pending row.
type Result struct {
	Row   *Row
	Built *table.Built // nil: it has no output now; that of the row: its page was left as it was
	// Links are the keys of the files below content/ that it links to, each with
	// the state of its target; and the sources of copies that it shows, such as
	// "static/a.png", with "".
	Links map[string]string
	// Copies are the attachments that it shows or links to, which have a copy in the
	// output, those included that had one before.
	Copies []Copy
	// Beside is a hash of the notes before and after it, as far as its page shows them.
	Beside uint64
	// OwnLinks are the links of its page to addresses of the site.
	OwnLinks []link.OwnLink
}

// KeepsPage reports whether the page was left as it was, although the row may have
// changed: its file can't be read at this moment, or can't be parsed.
func (r *Result) KeepsPage() bool {
	return r.Built != nil && (r.Built == r.Row.Built || r.Row.Problem != "")
}

// Marks are the changes of a batch of results.
type Marks struct {
	Results    []Result
	Neighbours []int64  // rows that are stale since a neighbour changed
	Lists      []string // addresses of lists that are stale as a whole, besides the lists of the results
	Tags       []Tag    // spellings to record; a tag without a spelling is removed
}

// MarkBuilt records the results of build number. The lists that the rows were or are
// on become stale, and outputs that are no longer wanted are queued for removal.
func (b *Builder) MarkBuilt(ctx context.Context, number int64, marks Marks) (err error) {
	defer func() {
		if err != nil {
			b.whole.forget()
		}
	}()
	return b.mark(ctx, number, func(conn *sqlite.Conn) (err error) {
		m := &marking{conn: conn, number: number, stale: map[string]Position{}, whole: &b.whole}
		if m.links, err = query.Has(conn, "any_link", nil); err != nil {
			return err
		}
		if m.removals, err = query.Has(conn, "any_removal", nil); err != nil {
			return err
		}
		if m.ownLinks, err = query.Has(conn, "any_own_link", nil); err != nil {
			return err
		}
		for i := range marks.Results {
			if err := b.markBuilt(m, &marks.Results[i]); err != nil {
				return err
			}
		}
		if err := staleNeighbours(conn, marks.Neighbours); err != nil {
			return err
		}
		for _, address := range marks.Lists {
			m.touch(address, always)
		}
		if err := staleShadowed(conn, marks.Results); err != nil {
			return err
		}
		if err := m.saveStale(); err != nil {
			return err
		}
		return recordTags(conn, marks.Tags)
	})
}

// recordTags records the spellings of tags.
func recordTags(conn *sqlite.Conn, tags []Tag) error {
	for _, t := range tags {
		name, named := "put_tag", query.Args{":address": t.Address, ":spelled": t.Spelled}
		if t.Spelled == "" {
			name, named = "delete_tag", query.Args{":address": t.Address}
		}
		if err := query.Exec(conn, name, named, nil); err != nil {
			return err
		}
	}
	return nil
}

// A marking is one run of MarkBuilt. On most sites no note links to another, and most
// builds remove nothing: then those tables are not searched.
type marking struct {
	conn            *sqlite.Conn
	number          int64
	stale           map[string]Position // addresses of lists, and the first position in them that changed
	whole           *wholeLists
	links, removals bool // the tables have rows
	ownLinks        bool // likewise
}

func (b *Builder) markBuilt(m *marking, r *Result) (err error) {
	old, now := r.Row.Built, r.Built
	if r.isRecorded() && !m.ownLinks && !m.removals { // another layout was tried on it
		return nil
	}
	if old == nil {
		old = &table.Built{}
	}
	if now == nil {
		now = &table.Built{}
	}
	if r.Row.Todo != table.TodoNeighbour { // lists show nothing of a note's neighbours
		for _, built := range []*table.Built{old, now} {
			for _, address := range built.Lists {
				m.touch(address, Position{Published: built.Published.Unix(), Permalink: built.Permalink})
			}
		}
	}
	if m.removals || len(old.Outputs) > 0 {
		if err := replaceOutputs(m.conn, old.Outputs, now.Outputs); err != nil {
			return err
		}
		m.removals = true
	}
	if old.Permalink != "" && old.Permalink != now.Permalink {
		m.touch(old.Permalink, always) // a list that it shadowed
	}
	if old.Permalink != now.Permalink {
		for _, built := range []*table.Built{old, now} {
			if err := m.stalePart(built.Permalink); err != nil {
				return err
			}
		}
	}
	if err := m.staleDisplaced(old, now); err != nil {
		return err
	}
	if m.links {
		if err := link.StaleLinkers(m.conn, r.Row.File, b.table.NowSeconds()); err != nil {
			return err
		}
	}
	if err := saveBuilt(m.conn, m.number, r); err != nil {
		return err
	}
	if !r.KeepsPage() {
		if err := b.replaceLinks(m, r); err != nil {
			return err
		}
	}
	return m.saveRemarks(old, now, r)
}

// isRecorded reports whether the index has all of a result already, except the number of
// the build. If that is lost, everything is built again: see [Builder.MarkStyled].
func (r *Result) isRecorded() bool {
	old, now := r.Row.Built, r.Built
	return r.Row.Todo == table.TodoNothing && old != nil && now != nil &&
		old.Hash == now.Hash && old.Permalink == now.Permalink && old.Published.Equal(now.Published) && r.Row.Beside == r.Beside &&
		slices.Equal(old.Lists, now.Lists) && slices.Equal(old.Outputs, now.Outputs) && slices.Equal(old.Warnings, now.Warnings) &&
		len(r.Links)+len(r.Copies)+len(r.OwnLinks) == 0
}

// saveRemarks records the remarks about a page, which are reported until it is corrected.
func (m *marking) saveRemarks(old, now *table.Built, r *Result) error {
	if m.ownLinks { // a page that is rendered again may have other headings
		changed := changedOutputs(old.Outputs, now.Outputs)
		if now.Permalink != "" {
			changed = append(changed, site.OutputFile(now.Permalink))
		}
		if err := link.OpenPlaces(m.conn, changed); err != nil {
			return err
		}
	}
	if r.KeepsPage() {
		return nil
	}
	if err := m.saveWarnings(old, now, r.Row.ID); err != nil {
		return err
	}
	return m.saveOwnLinks(r)
}

// touch makes a list stale from a position on.
func (m *marking) touch(address string, since Position) {
	if earlier, ok := m.stale[address]; !ok || since.Before(earlier) {
		m.stale[address] = since
	}
}

func saveBuilt(conn *sqlite.Conn, number int64, r *Result) error {
	b := r.Built
	if b == nil {
		if err := query.Exec(conn, "mark_unbuilt", query.Args{":id": r.Row.ID, ":rev": r.Row.Rev, ":future": r.Row.Future}, nil); err != nil {
			return err
		}
		return query.Exec(conn, "delete_gone", query.Args{":id": r.Row.ID, ":rev": r.Row.Rev}, nil)
	}
	lists, err := query.List(b.Lists)
	if err != nil {
		return err
	}
	outputs, err := query.List(b.Outputs)
	if err != nil {
		return err
	}
	var beside any // nil: the recorded value stays
	if !r.KeepsPage() {
		beside = int64(r.Beside)
	}
	return query.Exec(conn, "mark_built", query.Args{
		":id": r.Row.ID, ":rev": r.Row.Rev, ":hash": b.Hash[:], ":permalink": b.Permalink,
		":published": b.Published.Unix(), ":beside": beside, ":lists": lists, ":outputs": outputs, ":number": number,
	}, nil)
}

// replaceOutputs queues the removal of outputs that are no longer wanted.
func replaceOutputs(conn *sqlite.Conn, old, now []string) error {
	keep := make(map[string]bool, len(now))
	for _, output := range now {
		keep[output] = true
		if err := query.Exec(conn, "removal_cancel", query.Args{":output": output}, nil); err != nil {
			return err
		}
	}
	for _, output := range old {
		if keep[output] {
			continue
		}
		if err := query.Exec(conn, "removal_add", query.Args{":output": output}, nil); err != nil {
			return err
		}
	}
	return nil
}

// A ListState is a list page, feed or site map as it was last written.
type ListState struct {
	Address string
	Outputs []string // files below the output folder; empty: it has none

	Parts int      // 0: it has one, or none
	Tail  Position // of several parts, where the last begins
	Since Position // the first position that changed; [always] if any may have

	Redirect bool // the output leads to another address
	Shadowed bool // all its outputs belong to static files and pages; in a result

	Warnings []string // remarks about it for its author; they have a table of their own
}

var always = Position{Published: math.MinInt64} // since the beginning of time

// TailStale reports whether only the last part of a list is stale.
func (l *ListState) TailStale() bool { return l.Parts > 1 && !l.Since.Before(l.Tail) }

// StaleLists returns the stale lists in the order of their addresses.
func (b *Builder) StaleLists(ctx context.Context) ([]ListState, error) {
	lists, err := b.lists(ctx, "lists_stale", nil)
	b.db.CountRows(len(lists))
	return lists, err
}

// UnknownLists returns the addresses at which no list is written or stale.
func (b *Builder) UnknownLists(ctx context.Context, addresses []string) (unknown []string, err error) {
	err = b.db.Read(ctx, func(conn *sqlite.Conn) error {
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

// A Redirect is an address that has an output which leads elsewhere.
type Redirect struct {
	Address   string
	Permalink string // of the note that has the address among its aliases; "": none has
}

// Redirects returns all redirects in the order of their addresses: aliases of notes,
// and redirects of the configuration.
func (b *Builder) Redirects(ctx context.Context) ([]Redirect, error) {
	return b.redirects(ctx, "redirects", query.Args{":now": b.table.NowSeconds()})
}

// RedirectAt returns the redirect at an address; nil if there is none.
func (b *Builder) RedirectAt(ctx context.Context, address string) (*Redirect, error) {
	found, err := b.redirects(ctx, "redirect_at", query.Args{":now": b.table.NowSeconds(), ":address": address})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

const mapsKey = "redirects" // of the state: see RedirectMaps

// RedirectMaps returns what [Builder.RecordRedirectMaps] recorded; "" if a redirect
// changed since.
func (b *Builder) RedirectMaps(ctx context.Context) (recorded string, err error) {
	return b.db.State(ctx, mapsKey)
}

// RecordRedirectMaps records that the maps of redirects are up to date, with their sum.
func (b *Builder) RecordRedirectMaps(ctx context.Context, sum string) error {
	return b.db.SetState(ctx, mapsKey, sum)
}

func (b *Builder) redirects(ctx context.Context, name string, named query.Args) (found []Redirect, err error) {
	err = b.db.Each(ctx, name, named, func(stmt *sqlite.Stmt) error {
		found = append(found, Redirect{stmt.ColumnText(0), stmt.ColumnText(1)})
		return nil
	})
	b.db.CountRows(len(found))
	return found, err
}

func (b *Builder) lists(ctx context.Context, name string, named query.Args) (lists []ListState, err error) {
	err = b.db.Each(ctx, name, named, func(stmt *sqlite.Stmt) error {
		l := ListState{
			Address: stmt.GetText("address"), Parts: int(stmt.GetInt64("parts")),
			Tail: Position{Published: stmt.GetInt64("tail"), Permalink: stmt.GetText("tail_permalink")}, Since: always,
			Redirect: stmt.GetBool("redirect"),
		}
		if !stmt.IsNull("since") {
			l.Since = Position{Published: stmt.GetInt64("since"), Permalink: stmt.GetText("since_permalink")}
		}
		if err := json.Unmarshal([]byte(stmt.GetText("outputs")), &l.Outputs); err != nil {
			return fmt.Errorf("index: outputs of %s: %w", l.Address, err)
		}
		lists = append(lists, l)
		return nil
	})
	return lists, err
}

// TouchLists makes lists stale, whether or not they exist.
func (b *Builder) TouchLists(ctx context.Context, addresses ...string) error {
	return b.db.Write(ctx, func(conn *sqlite.Conn) error {
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

// MarkLists records that lists were written in build number. A list without
// outputs is forgotten, unless it is shadowed or the configuration has a redirect at its address.
// The rows of waited are live now, although other outputs may be stale: all their lists are
// on disk.
func (b *Builder) MarkLists(ctx context.Context, number int64, results []ListResult, waited []*Row) error {
	defer b.whole.forget()
	if len(waited) > 0 {
		defer b.published.Send()
	}
	return b.mark(ctx, number, func(conn *sqlite.Conn) error {
		for _, r := range waited {
			if err := query.Exec(conn, "mark_live", query.Args{":id": r.ID, ":rev": r.Rev}, nil); err != nil {
				return err
			}
		}
		removals, err := query.Has(conn, "any_removal", nil)
		if err != nil {
			return err
		}
		warned, err := query.Has(conn, "any_list_warning", nil)
		if err != nil {
			return err
		}
		ownLinks, err := query.Has(conn, "any_own_link", nil)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(results, func(r ListResult) bool { return r.Old.Redirect || r.Now.Redirect }) {
			if err := query.SetState(conn, mapsKey, ""); err != nil {
				return err
			}
		}
		for _, r := range results {
			if warned || len(r.Now.Warnings) > 0 {
				if err := saveListWarnings(conn, &r.Now); err != nil {
					return err
				}
			}
			if ownLinks {
				if err := link.OpenPlaces(conn, changedOutputs(r.Old.Outputs, r.Now.Outputs)); err != nil {
					return err
				}
			}
			if same := slices.Equal(r.Old.Outputs, r.Now.Outputs); removals || !same {
				if err := replaceOutputs(conn, r.Old.Outputs, r.Now.Outputs); err != nil {
					return err
				}
				removals = removals || len(r.Old.Outputs) > 0
			}
			outputs, err := query.List(r.Now.Outputs)
			if err != nil {
				return err
			}
			name := "mark_list"
			// A shadowed list keeps its row, and so does a redirect of the configuration: when
			// the output that takes precedence is removed, they become stale.
			if _, configured := b.cfg.RedirectFrom(r.Old.Address); len(r.Now.Outputs) == 0 && !configured && !r.Now.Shadowed {
				name = "delete_list"
			}
			named := query.Args{":address": r.Old.Address}
			if name == "mark_list" {
				named[":outputs"], named[":number"] = outputs, number
				named[":redirect"] = r.Now.Redirect
				named[":parts"], named[":tail"], named[":permalink"] = r.Now.Parts, nil, r.Now.Tail.Permalink
				if r.Now.Parts > 1 {
					named[":tail"] = r.Now.Tail.Published
				}
			}
			if err := query.Exec(conn, name, named, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// MarkAll records that nothing was left to do after build number.
func (b *Builder) MarkAll(ctx context.Context, number int64) error {
	defer b.published.Send()
	return b.db.SetState(ctx, "live", number)
}

// Removals returns the outputs that must be deleted.
func (b *Builder) Removals(ctx context.Context) ([]string, error) {
	return b.db.Texts(ctx, "removals", nil)
}

// MarkRemoved records that outputs were deleted in build number.
func (b *Builder) MarkRemoved(ctx context.Context, number int64, outputs []string) error {
	defer b.published.Send()
	return b.mark(ctx, number, func(conn *sqlite.Conn) error {
		for _, output := range outputs {
			if err := query.Exec(conn, "removal_done", query.Args{":output": output, ":number": number}, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// Waiting reports whether any work is left.
func (b *Builder) Waiting(ctx context.Context) (waiting bool, err error) {
	return b.db.Has(ctx, "has_pending", query.Args{":now": b.table.NowSeconds()})
}

// Urgent reports whether there is work that comes before all other: a note that a client
// waits for, or an upload.
func (b *Builder) Urgent(ctx context.Context) (urgent bool, err error) {
	err = b.db.Read(ctx, func(conn *sqlite.Conn) error {
		if urgent, err = query.Has(conn, "waited", query.Args{":now": b.table.NowSeconds()}); err != nil || urgent {
			return err
		}
		urgent, err = query.Has(conn, "any_upload", nil)
		return err
	})
	return urgent, err
}
