package queue

import (
	"cmp"
	"context"
	"slices"

	"starpunk/site"
	"starpunk/site/store/link"
	"starpunk/site/store/query"
	"starpunk/site/store/table"

	"zombiezen.com/go/sqlite"
)

// A Result is the outcome of a pending row.
type Result struct {
	Row   *table.Row
	Built *table.Built // nil: it has no output now; the pointer of Row.Built: its page was left as it was
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
	Neighbours []int64     // rows that are stale since a neighbour changed
	Lists      []string    // addresses of lists that are stale as a whole, besides the lists of the results
	Tags       []table.Tag // spellings to record; a tag without a spelling is removed
}

// Mark records the results of build number. The lists that the rows were or are
// on become stale, and outputs that are no longer wanted are queued for removal.
func (n *Notes) Mark(ctx context.Context, number int64, marks Marks) (err error) {
	defer func() {
		if err != nil {
			n.q.whole.forget()
		}
	}()
	return n.q.mark(ctx, number, func(conn *sqlite.Conn) error {
		m, err := n.q.newMarking(conn, number)
		if err != nil {
			return err
		}
		for i := range marks.Results {
			if err := m.save(&marks.Results[i]); err != nil {
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

// A marking is one transaction of [Notes.Mark]. On most sites no note links to another, and
// most builds remove nothing: then those tables are not searched.
type marking struct {
	conn   *sqlite.Conn
	number int64 // of the build
	moment int64 // see [table.Table.NowSeconds]

	stale map[string]table.Position // addresses of lists, and the first position in them that changed
	whole *wholeLists

	links, removals, ownLinks bool // the tables have rows
}

func (q *Queue) newMarking(conn *sqlite.Conn, number int64) (*marking, error) {
	m := &marking{
		conn: conn, number: number, moment: q.table.NowSeconds(),
		stale: map[string]table.Position{}, whole: &q.whole,
	}
	for name, has := range map[string]*bool{"any_link": &m.links, "any_removal": &m.removals, "any_own_link": &m.ownLinks} {
		found, err := query.Has(conn, name, nil)
		if err != nil {
			return nil, err
		}
		*has = found
	}
	return m, nil
}

// save records one result, and makes stale what depends on the page.
func (m *marking) save(r *Result) error {
	if r.isRecorded() && !m.ownLinks && !m.removals { // another layout was tried on it
		return nil
	}
	old, now := cmp.Or(r.Row.Built, &table.Built{}), cmp.Or(r.Built, &table.Built{})
	m.touchLists(r, old, now)
	if err := m.saveRemovals(old, now); err != nil {
		return err
	}
	if err := m.staleOthers(r, old, now); err != nil {
		return err
	}
	if err := saveBuilt(m.conn, m.number, r); err != nil {
		return err
	}
	if !r.KeepsPage() {
		if err := m.replaceLinks(r); err != nil {
			return err
		}
	}
	return m.saveRemarks(old, now, r)
}

// touchLists makes the lists stale that a note was on or is on, and a list that its page
// shadowed.
func (m *marking) touchLists(r *Result, old, now *table.Built) {
	if r.Row.Todo != table.TodoNeighbour { // lists show nothing of a note's neighbours
		for _, built := range []*table.Built{old, now} {
			for _, address := range built.Lists {
				m.touch(address, table.Position{Published: built.Published.Unix(), Permalink: built.Permalink})
			}
		}
	}
	if old.Permalink != "" && old.Permalink != now.Permalink {
		m.touch(old.Permalink, always)
	}
}

// saveRemovals queues the removal of outputs that the note had.
func (m *marking) saveRemovals(old, now *table.Built) error {
	if !m.removals && len(old.Outputs) == 0 {
		return nil
	}
	m.removals = true
	return replaceOutputs(m.conn, old.Outputs, now.Outputs)
}

// staleOthers makes other outputs stale whose path or link is taken or left by a page.
func (m *marking) staleOthers(r *Result, old, now *table.Built) error {
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
	if !m.links {
		return nil
	}
	return link.StaleLinkers(m.conn, r.Row.File, m.moment)
}

// isRecorded reports whether the index has all of a result already, except the number of
// the build. If that is lost, everything is built again: see [Queue.MarkStyled].
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
func (m *marking) touch(address string, since table.Position) {
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

// recordTags records the spellings of tags.
func recordTags(conn *sqlite.Conn, tags []table.Tag) error {
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
