package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"starpunk/site"

	"zombiezen.com/go/sqlite"
)

// What is left to do with a row: the column todo.
const (
	todoNeighbour = 1
	todoChanged   = 2
	todoWaited    = 3
)

// Begin opens a build: it returns its number, which marks what is built from
// now on.
func (s *Store) Begin(ctx context.Context) (number int64, err error) {
	err = s.write(ctx, func(conn *sqlite.Conn) error {
		if number, err = stateInt(conn, "build"); err != nil {
			return err
		}
		number++
		return setState(conn, "build", number)
	})
	return number, err
}

// Pending returns up to limit rows whose outputs differ from what their files
// say, those that somebody waits for first, then the newest.
func (s *Store) Pending(ctx context.Context, limit int) ([]*Row, error) {
	return s.query(ctx, "pending", args{":now": s.nowSeconds(), ":limit": limit})
}

// SettleDue gives addresses that several notes claim to those whose turn it is
// now that they are due.
func (s *Store) SettleDue(ctx context.Context) error {
	permalinks, err := s.texts(ctx, "due", args{":now": s.nowSeconds()})
	if err != nil || len(permalinks) == 0 {
		return err
	}
	return s.write(ctx, func(conn *sqlite.Conn) error {
		for _, permalink := range permalinks {
			if err := s.reshadow(conn, permalink); err != nil {
				return err
			}
		}
		return nil
	})
}

// Turn reads again the notes that the clock alone has made visible or has hidden.
func (s *Store) Turn(ctx context.Context) error {
	files, err := s.texts(ctx, "turned", args{":now": s.now().Unix()})
	if err != nil || len(files) == 0 {
		return err
	}
	m := &missing{}
	if err := s.refresh(ctx, files, m); err != nil {
		return err
	}
	_, err = s.dropMissing(ctx, m)
	return err
}

// Left counts the rows whose outputs are to be built, and the lists that are to
// be written. It takes a while where they are many.
func (s *Store) Left(ctx context.Context) (notes, lists int, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "left", args{":now": s.nowSeconds()}, func(stmt *sqlite.Stmt) error {
			notes, lists = stmt.ColumnInt(0), stmt.ColumnInt(1)
			return nil
		})
	})
	return notes, lists, err
}

// NextDue is when the next scheduled note is to appear, or in a preview, which shows
// it already, is scheduled no more; the zero time if none is waiting.
func (s *Store) NextDue(ctx context.Context) (due time.Time, err error) {
	query := "next_due"
	if s.cfg.Preview {
		query = "next_scheduled"
	}
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, query, args{":now": s.now().Unix()}, func(stmt *sqlite.Stmt) error {
			if stmt.ColumnType(0) != sqlite.TypeNull {
				due = time.Unix(stmt.ColumnInt64(0), 0)
			}
			return nil
		})
	})
	return due, err
}

// Mature has everything built again in a preview when the time of a note has come
// that was scheduled: its pages and lists say so.
func (s *Store) Mature(ctx context.Context) error {
	if !s.cfg.Preview {
		return nil
	}
	due, err := s.NextDue(ctx)
	if err != nil {
		return err
	}
	var last, next int64 // 0: none
	if !due.IsZero() {
		next = due.Unix()
	}
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		last, err = stateInt(conn, "scheduled")
		return err
	})
	if err != nil || last == next {
		return err
	}
	value := fmt.Sprint(next)
	if last != 0 && last <= s.now().Unix() {
		return s.resetUnless(ctx, "scheduled", value, "rebuild_notes", "rebuild_lists")
	}
	return s.write(ctx, func(conn *sqlite.Conn) error { return setState(conn, "scheduled", value) })
}

// A Result says what became of a pending row.
type Result struct {
	Row   *Row
	Built *Built // nil: it has no output now; that of the row: its page was left as it was
	// Links are the keys of the files below content/ that it links to, each with
	// the state of its target; and the sources of copies that it shows, such as
	// "static/a.png", with "".
	Links map[string]string
	// Copies are the attachments that it shows or links to, which have a copy in the
	// output, those included that had one before.
	Copies []Copy
	// Beside are the rows whose pages link to this one as the note before or
	// after theirs, as of when its own page was rendered; nil: not looked for.
	Beside []int64
	// OwnLinks are the links of its page to addresses of the site.
	OwnLinks []OwnLink
}

// stays says whether the page is as it was, though the row may be another: its
// file can't be read at this moment, or not as a note.
func (r *Result) stays() bool {
	return r.Built != nil && (r.Built == r.Row.Built || r.Row.Problem != "")
}

// MarkBuilt records the results of build number. The lists that the rows were
// or are on become stale, so do the neighbours whose links to them changed,
// and outputs that are no longer wanted are queued for removal. A row without
// lists or without a date is nobody's neighbour.
func (s *Store) MarkBuilt(ctx context.Context, number int64, results []Result) error {
	defer s.knownYears.built(results)
	return s.write(ctx, func(conn *sqlite.Conn) (err error) {
		m := &marking{conn: conn, number: number, stale: map[string]Position{}, rows: make(map[int64]bool, len(results))}
		for _, r := range results {
			m.rows[r.Row.ID] = true
		}
		if m.links, err = has(conn, "any_link", nil); err != nil {
			return err
		}
		if m.removals, err = has(conn, "any_removal", nil); err != nil {
			return err
		}
		if m.ownLinks, err = has(conn, "any_own_link", nil); err != nil {
			return err
		}
		// The newest come first, but rows that are added to an index in its own order
		// leave it a quarter smaller.
		for i := range slices.Backward(results) {
			if err := s.markBuilt(m, &results[i]); err != nil {
				return err
			}
		}
		for address, since := range m.stale {
			named := args{":address": address, ":since": since.Published, ":permalink": since.Permalink}
			if err := exec(conn, "list_stale_since", named, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// A marking is one run of MarkBuilt. On most sites no note links to another,
// and in most builds nothing is to be removed: then nothing is looked for there.
type marking struct {
	conn            *sqlite.Conn
	number          int64
	rows            map[int64]bool      // that are marked
	stale           map[string]Position // addresses of lists, and what is the first in them that changed
	links, removals bool                // the tables have rows
	ownLinks        bool                // likewise
}

func (s *Store) markBuilt(m *marking, r *Result) (err error) {
	old, now := r.Row.Built, r.Built
	if old == nil {
		old = &Built{}
	}
	if now == nil {
		now = &Built{}
	}
	if !r.Row.neighbour { // lists show nothing of a note's neighbours
		for _, b := range []*Built{old, now} {
			for _, address := range b.Lists {
				m.touch(address, Position{b.Published.Unix(), b.Permalink})
			}
		}
	}
	if m.removals || len(old.Outputs) > 0 {
		if err := s.replaceOutputs(m.conn, old.Outputs, now.Outputs); err != nil {
			return err
		}
		m.removals = true
	}
	if old.Permalink != now.Permalink || old.Label != now.Label || !old.Published.Equal(now.Published) || old.linked() != now.linked() {
		for _, at := range []*Built{old, now} {
			if at == now && r.Beside != nil {
				err = m.staleBeside(r.Beside)
			} else {
				err = s.staleNeighbours(m.conn, m.number, at)
			}
			if err != nil {
				return err
			}
		}
	}
	if r.Row.Listed && now.Permalink != r.Row.Permalink {
		// It has no page where its row is: its neighbours may have been built when it
		// was to get one.
		at := &Built{Permalink: r.Row.Permalink, Published: r.Row.Published, Lists: []string{r.Row.Permalink}}
		if err := s.staleNeighbours(m.conn, m.number, at); err != nil {
			return err
		}
	}
	if old.Permalink != "" && old.Permalink != now.Permalink {
		m.touch(old.Permalink, always) // a list that it stood in the way of
	}
	if old.Permalink != now.Permalink {
		for _, b := range []*Built{old, now} {
			if err := m.stalePart(b.Permalink); err != nil {
				return err
			}
		}
	}
	if err := m.makeWay(old, now); err != nil {
		return err
	}
	if err := exec(m.conn, "list_known_stale", args{":address": now.Permalink}, nil); err != nil {
		return err
	}
	if m.links {
		if err := s.staleLinkers(m.conn, r.Row.File); err != nil {
			return err
		}
	}
	if err := saveBuilt(m.conn, m.number, r); err != nil {
		return err
	}
	if !r.stays() {
		if err := s.replaceLinks(m, r); err != nil {
			return err
		}
	}
	return m.saveRemarks(old, now, r)
}

// saveRemarks records the remarks about a page, which are reported until it is mended.
func (m *marking) saveRemarks(old, now *Built, r *Result) error {
	if m.ownLinks { // a page that is rendered again may have other headings
		changed := changedOutputs(old.Outputs, now.Outputs)
		if now.Permalink != "" {
			changed = append(changed, site.OutputFile(now.Permalink))
		}
		if err := openPlaces(m.conn, changed); err != nil {
			return err
		}
	}
	if r.stays() {
		return nil
	}
	if err := m.saveWarnings(old, now, r.Row.ID); err != nil {
		return err
	}
	return m.saveOwnLinks(r)
}

// touch makes a list stale: nothing before that place changed in it.
func (m *marking) touch(address string, since Position) {
	if earlier, ok := m.stale[address]; !ok || since.Before(earlier) {
		m.stale[address] = since
	}
}

// stalePart has a list written again, whole, of which a part has an address that a
// page took or left: "/2026/11/2/" of "/2026/11/".
func (m *marking) stalePart(address string) error {
	list, name := path.Split(strings.TrimSuffix(address, "/"))
	part, err := strconv.Atoi(name)
	if err != nil || part < 2 {
		return nil // it is no number, or none of a part
	}
	return exec(m.conn, "parted_stale", args{":address": list, ":part": part}, nil)
}

// makeWay has what one note's outputs lay or lie in the way of built again: a
// file where others need a folder, or the reverse.
func (m *marking) makeWay(old, now *Built) error {
	for _, pair := range [][2]*Built{{old, now}, {now, old}} {
		for _, output := range pair[0].Outputs {
			if slices.Contains(pair[1].Outputs, output) {
				continue
			}
			if path.Base(output) != "index.html" {
				if err := displace(m.conn, output); err != nil {
					return err
				}
			} else if dir := path.Dir(output); strings.Contains(path.Base(dir), ".") && dir != "." {
				for _, address := range fileOwners(dir) {
					m.touch(address, always)
				}
			}
		}
	}
	return nil
}

func saveBuilt(conn *sqlite.Conn, number int64, r *Result) error {
	if err := saveTags(conn, r); err != nil {
		return err
	}
	b := r.Built
	if b == nil {
		if err := exec(conn, "mark_unbuilt", args{":id": r.Row.ID, ":rev": r.Row.Rev, ":future": r.Row.Future}, nil); err != nil {
			return err
		}
		return exec(conn, "delete_gone", args{":id": r.Row.ID}, nil)
	}
	lists, err := jsonList(b.Lists)
	if err != nil {
		return err
	}
	outputs, err := jsonList(b.Outputs)
	if err != nil {
		return err
	}
	return exec(conn, "mark_built", args{
		":id": r.Row.ID, ":rev": r.Row.Rev, ":hash": b.Hash[:], ":permalink": b.Permalink,
		":published": b.Published.Unix(), ":label": b.Label, ":lists": lists, ":outputs": outputs, ":number": number,
	}, nil)
}

// saveTags records under which tags lists show a note from now on.
func saveTags(conn *sqlite.Conn, r *Result) error {
	if r.Row.neighbour || r.Row.Listed && r.stays() {
		return nil // they are as they were
	}
	if err := deleteTags(conn, r.Row); err != nil {
		return err
	}
	if r.Built == nil || !r.Row.Listed {
		return nil
	}
	seen := map[string]bool{}
	named := args{
		":note": r.Row.ID, ":published": r.Row.Published.Unix(), ":permalink": r.Row.Permalink,
		":year": r.Row.Published.Format("2006"), ":written": r.Row.Published.Format(time.RFC3339),
		":type": r.Row.Type, ":status": r.Row.Status, ":label": r.Row.Label, ":named": r.Row.Named,
	}
	for _, spelled := range r.Row.Tags {
		address := site.TagAddress(spelled)
		if address == "" || seen[address] {
			continue
		}
		seen[address] = true
		named[":address"], named[":spelled"] = address, strings.TrimPrefix(strings.TrimSpace(spelled), "#")
		if err := exec(conn, "put_tag", named, nil); err != nil {
			return err
		}
	}
	return nil
}

// deleteTags forgets under which tags lists showed a note: those it was last built
// with, at the place it had then.
func deleteTags(conn *sqlite.Conn, r *Row) error {
	if r.Built == nil {
		return nil
	}
	named := args{":note": r.ID, ":published": r.Built.Published.Unix(), ":permalink": r.Built.Permalink}
	for _, list := range r.Built.Lists {
		below, ok := strings.CutPrefix(list, "/tags/")
		tag, page := strings.CutSuffix(below, "/")
		if !ok || !page || strings.Contains(tag, "/") { // its feed, a year of it, or no list of a tag
			continue
		}
		named[":address"] = tag
		if err := exec(conn, "delete_tag", named, nil); err != nil {
			return err
		}
	}
	return nil
}

func jsonList(ss []string) (string, error) {
	data, err := json.Marshal(orEmpty(ss))
	return string(data), err
}

// replaceOutputs queues the removal of outputs that are no longer wanted.
func (s *Store) replaceOutputs(conn *sqlite.Conn, old, now []string) error {
	keep := make(map[string]bool, len(now))
	for _, output := range now {
		keep[output] = true
		if err := exec(conn, "removal_cancel", args{":output": output}, nil); err != nil {
			return err
		}
	}
	for _, output := range old {
		if keep[output] {
			continue
		}
		if err := exec(conn, "removal_add", args{":output": output}, nil); err != nil {
			return err
		}
	}
	return nil
}

// linked says whether the notes before and after in time link to it.
func (b *Built) linked() bool {
	return len(b.Lists) > 0 && !b.Published.IsZero()
}

// staleBeside is staleNeighbours for neighbours that were found before. What came
// between since then is yet to be built, and sees to its own neighbours.
func (m *marking) staleBeside(rows []int64) error {
	for _, id := range rows {
		if m.rows[id] {
			continue
		}
		if err := exec(m.conn, "neighbour_stale", args{":id": id, ":number": m.number}, nil); err != nil {
			return err
		}
	}
	return nil
}

// staleNeighbours has the notes beside a place in time built again, unless
// they were built in this very batch and so saw the place as it is now.
func (s *Store) staleNeighbours(conn *sqlite.Conn, number int64, at *Built) error {
	if !at.linked() {
		return nil
	}
	return exec(conn, "neighbours_stale", args{
		":published": at.Published.Unix(), ":permalink": at.Permalink, ":now": s.nowSeconds(), ":number": number,
	}, nil)
}

// A ListState is a list page, feed or site map as it was last written.
type ListState struct {
	Address string
	Label   string   // a tag as it was spelled
	Outputs []string // files below the output folder; empty: it has none

	Parts int      // 0: it has one, or none
	Tail  Position // of several parts, where the last begins
	Since Position // nothing before this place changed; [always] if anything may have

	Redirect bool // the output leads to another address

	Warnings  []string          // remarks about it, as its author is to see them; they are kept apart
	Names     map[string]string // of a list that names others, by their addresses; it is not kept
	Forgotten []string          // those others that it should name as they are called, and does not; not kept either
}

var always = Position{Published: math.MinInt64} // since the beginning of time

// TailStale says whether nothing but the last part of a list is to be written
// again.
func (l *ListState) TailStale() bool { return l.Parts > 1 && !l.Since.Before(l.Tail) }

// StaleLists returns the lists that are to be written again, in the order of
// their addresses.
func (s *Store) StaleLists(ctx context.Context, limit int) ([]ListState, error) {
	lists, err := s.lists(ctx, "lists_stale", args{":limit": limit})
	s.work.rows.Add(int64(len(lists)))
	return lists, err
}

// ListsBelow returns the lists whose addresses begin with prefix.
func (s *Store) ListsBelow(ctx context.Context, prefix string) ([]ListState, error) {
	return s.lists(ctx, "lists_below", args{":prefix": prefix, ":end": prefix + "\U0010FFFF"})
}

// UnknownLists returns those addresses that no list has which was written or is to
// be.
func (s *Store) UnknownLists(ctx context.Context, addresses []string) (unknown []string, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		for _, address := range addresses {
			known, err := has(conn, "list_known", args{":address": address})
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

// Redirects returns the addresses that have an output which leads elsewhere, in
// order: aliases of notes, and redirects of the configuration.
func (s *Store) Redirects(ctx context.Context) ([]string, error) {
	return s.texts(ctx, "redirects", nil)
}

func (s *Store) lists(ctx context.Context, query string, named args) (lists []ListState, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, query, named, func(stmt *sqlite.Stmt) error {
			l := ListState{
				Address: stmt.GetText("address"), Label: stmt.GetText("label"), Parts: int(stmt.GetInt64("parts")),
				Tail: Position{stmt.GetInt64("tail"), stmt.GetText("tail_permalink")}, Since: always,
				Redirect: stmt.GetBool("redirect"),
			}
			if !stmt.IsNull("since") {
				l.Since = Position{stmt.GetInt64("since"), stmt.GetText("since_permalink")}
			}
			if err := json.Unmarshal([]byte(stmt.GetText("outputs")), &l.Outputs); err != nil {
				return fmt.Errorf("index: outputs of %s: %w", l.Address, err)
			}
			lists = append(lists, l)
			return nil
		})
	})
	return lists, err
}

// TouchLists makes lists stale, whether or not they exist.
func (s *Store) TouchLists(ctx context.Context, addresses ...string) error {
	return s.write(ctx, func(conn *sqlite.Conn) error {
		for _, address := range addresses {
			if err := exec(conn, "list_stale", args{":address": address}, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// A ListResult is a list as it was written now, with what it was before.
type ListResult struct {
	Old ListState
	Now ListState
}

// MarkLists records that lists were written in build number. A list without
// outputs is forgotten, unless the configuration has a redirect at its address.
func (s *Store) MarkLists(ctx context.Context, number int64, results []ListResult) error {
	return s.write(ctx, func(conn *sqlite.Conn) error {
		removals, err := has(conn, "any_removal", nil)
		if err != nil {
			return err
		}
		warned, err := has(conn, "any_list_warning", nil)
		if err != nil {
			return err
		}
		ownLinks, err := has(conn, "any_own_link", nil)
		if err != nil {
			return err
		}
		for _, r := range results {
			if warned || len(r.Now.Warnings) > 0 {
				if err := saveListWarnings(conn, &r.Now); err != nil {
					return err
				}
			}
			if ownLinks {
				if err := openPlaces(conn, changedOutputs(r.Old.Outputs, r.Now.Outputs)); err != nil {
					return err
				}
			}
			if same := slices.Equal(r.Old.Outputs, r.Now.Outputs); removals || !same {
				if err := s.replaceOutputs(conn, r.Old.Outputs, r.Now.Outputs); err != nil {
					return err
				}
				removals = removals || len(r.Old.Outputs) > 0
			}
			outputs, err := jsonList(r.Now.Outputs)
			if err != nil {
				return err
			}
			query := "mark_list"
			// A redirect of the configuration has its row for as long as it is there: what
			// is in its way makes it stale when it is removed.
			if _, configured := s.cfg.RedirectFrom(r.Old.Address); len(r.Now.Outputs) == 0 && !configured {
				query = "delete_list"
			}
			named := args{":address": r.Old.Address}
			if query == "mark_list" {
				named[":label"], named[":outputs"], named[":number"] = r.Now.Label, outputs, number
				named[":redirect"] = r.Now.Redirect
				named[":parts"], named[":tail"], named[":permalink"] = r.Now.Parts, nil, r.Now.Tail.Permalink
				if r.Now.Parts > 1 {
					named[":tail"] = r.Now.Tail.Published
				}
			}
			if err := exec(conn, query, named, nil); err != nil {
				return err
			}
		}
		for _, r := range results {
			for _, address := range r.Now.Forgotten {
				if err := exec(conn, "list_forgotten", args{":address": address}, nil); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// MarkWaited records that the lists of some rows, too, are on disk, though
// there is more to do.
func (s *Store) MarkWaited(ctx context.Context, rows []*Row) error {
	defer s.published.ring()
	return s.write(ctx, func(conn *sqlite.Conn) error {
		for _, r := range rows {
			if err := exec(conn, "mark_live", args{":id": r.ID, ":rev": r.Rev}, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// MarkAll records that nothing was left to do after build number.
func (s *Store) MarkAll(ctx context.Context, number int64) error {
	defer s.published.ring()
	return s.write(ctx, func(conn *sqlite.Conn) error { return setState(conn, "live", number) })
}

// Live says whether everything that shows the note in content/file is on disk, its
// page, its lists, its feeds: as the file had it with the given hash, which the index
// must have known, or as it was saved since. What was overtaken is never built, and
// nobody should wait for it.
func (s *Store) Live(ctx context.Context, file string, hash Hash) (live bool, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "live", args{":file": file, ":hash": hash[:]}, func(stmt *sqlite.Stmt) error {
			live = stmt.ColumnBool(0)
			return nil
		})
	})
	return live, err
}

// Gone says whether nothing is left of what content/file had at an address and
// has there no more: no list links to it, and it is not on disk.
func (s *Store) Gone(ctx context.Context, file, address string) (gone bool, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		named := args{":file": file, ":output": site.OutputFile(address), ":now": s.nowSeconds()}
		return exec(conn, "gone", named, func(stmt *sqlite.Stmt) error {
			gone = stmt.ColumnBool(0)
			return nil
		})
	})
	return gone, err
}

// Removals returns outputs that are to be deleted.
func (s *Store) Removals(ctx context.Context) ([]string, error) {
	return s.texts(ctx, "removals", nil)
}

// MarkRemoved records that outputs were deleted in build number.
func (s *Store) MarkRemoved(ctx context.Context, number int64, outputs []string) error {
	defer s.published.ring()
	return s.write(ctx, func(conn *sqlite.Conn) error {
		for _, output := range outputs {
			if err := exec(conn, "removal_done", args{":output": output, ":number": number}, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// Waiting says whether anything at all is left to do.
func (s *Store) Waiting(ctx context.Context) (waiting bool, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "has_pending", args{":now": s.nowSeconds()}, func(stmt *sqlite.Stmt) error {
			waiting = stmt.ColumnBool(0)
			return nil
		})
	})
	return waiting, err
}

// Urgent says whether there is something to do that goes before all else: a note
// that somebody waits for, or an upload.
func (s *Store) Urgent(ctx context.Context) (urgent bool, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		if urgent, err = has(conn, "waited", args{":now": s.nowSeconds()}); err != nil || urgent {
			return err
		}
		urgent, err = has(conn, "any_upload", nil)
		return err
	})
	return urgent, err
}
