package plan

import (
	"cmp"
	"math"
	"slices"

	"starpunk/site/store/table"
)

// always is the position before all others.
var always = table.Position{Published: math.MinInt64}

// pending has the data of a note that must be rendered.
type pending struct {
	rev       int64
	todo      int
	published int64
	anytime   bool  // also before it is due
	fresh     bool  // a note for lists that was never rendered, and can be
	line      *Note // in the line; nil: it is not in it
	note      *Note // as its row has it
}

// A Plan has the data of all notes that a build needs. The zero value is not ready; see
// [New].
type Plan struct {
	now   func() int64
	texts texts

	built   map[int64]*Note
	pending map[int64]*pending
	queue   []int64           // pending notes in the order in which they are rendered; nil: not sorted
	line    order             // built notes, and pending ones in their next state
	former  map[int64][]*Note // the former places of pending notes in the line
	rev     int64             // the newest revision of all rows so far

	all   group // by months
	types map[string]*group
	tags  map[string]*group

	spelled map[string]string // tags by address: see Spelling

	unreadable map[int64]bool // notes whose pages could not be rendered again: see Retry
}

// New returns an empty plan. now returns the moment up to which notes are published,
// in seconds since the Unix epoch.
func New(now func() int64) *Plan {
	return &Plan{
		now: now, built: map[int64]*Note{}, pending: map[int64]*pending{}, former: map[int64][]*Note{},
		types: map[string]*group{}, tags: map[string]*group{}, spelled: map[string]string{},
		unreadable: map[int64]bool{},
	}
}

// Rev returns the newest revision of the rows that the plan has read.
func (p *Plan) Rev() int64 { return p.rev }

// A Record has the tags and months that the index has recorded, to which lists link.
type Record struct {
	Tags   map[string]string // spellings by address
	Months []string          // "2026-11"
}

// Load adds all rows of the index that are pending or that lists link to, and its record.
// The effects are stale without a mark in the index: months and tags that only pending
// notes had or have, and notes whose neighbours changed in a process that ended before it
// recorded the change.
func (p *Plan) Load(rows []table.Brief, recorded Record) Effects {
	var notes []*Note
	for i := range rows {
		if r := &rows[i]; r.Linked {
			n := p.note(r)
			p.built[n.ID] = n
			notes = append(notes, n)
		}
	}
	p.line.update(nil, slices.Clone(notes))
	p.relist(nil, notes)
	var left []table.Brief
	for _, r := range rows {
		if r.Todo != table.TodoNothing {
			left = append(left, r)
		}
		p.rev = max(p.rev, r.Rev)
	}
	p.add(left)
	clear(p.former)
	effects := Effects{Months: p.differingMonths(recorded.Months), Tags: p.differingTags(recorded.Tags)}
	for _, n := range notes {
		if p.isStale(n) {
			effects.Neighbours = append(effects.Neighbours, n.ID)
		}
	}
	p.neighbours(effects.Neighbours)
	return effects
}

// differingMonths returns the months that have notes and are not recorded, and the
// recorded months without notes. A month of the first kind has pending notes, which were
// shown in another month.
func (p *Plan) differingMonths(recorded []string) (months []string) {
	known := map[int32]bool{}
	for _, text := range recorded {
		if m, ok := parseMonth(text); ok {
			known[m] = true
			if p.all.periods[m] == 0 {
				months = append(months, text)
			}
		}
	}
	for m := range p.all.periods {
		if !known[m] {
			months = append(months, monthText(m))
		}
	}
	slices.Sort(months)
	return months
}

// differingTags returns the tags whose recorded spelling is not that of their oldest notes.
func (p *Plan) differingTags(recorded map[string]string) (tags []TagChange) {
	for address, was := range recorded {
		if now := p.Spelling(address); now != was {
			tags = append(tags, TagChange{address, was, now})
		}
	}
	for address, now := range p.spelled {
		if recorded[address] == "" {
			tags = append(tags, TagChange{Address: address, Now: now})
		}
	}
	sortTags(tags)
	return tags
}

func sortTags(tags []TagChange) {
	slices.SortFunc(tags, func(a, b TagChange) int { return cmp.Compare(a.Address, b.Address) })
}

// note returns the note of a row.
func (p *Plan) note(r *table.Brief) *Note {
	return &Note{
		ID: r.ID, File: r.File, Hash: r.Hash, Permalink: r.Permalink, Published: p.texts.at(r.Published),
		Class: p.texts.class(Class{r.Type, r.Status}), Label: r.Label, Named: r.Named, Broken: r.Broken,
		Tags: p.texts.tagsOf(r.Tags), Beside: r.Beside,
	}
}

// Sync adds the rows that changed since [Plan.Rev] and are pending.
func (p *Plan) Sync(rows []table.Brief) {
	for _, r := range rows {
		p.rev = max(p.rev, r.Rev)
	}
	p.add(rows)
}

// Update adds some rows in their present state, if they changed since Sync.
func (p *Plan) Update(rows []table.Brief) {
	p.add(slices.DeleteFunc(rows, func(r table.Brief) bool {
		pd := p.pending[r.ID]
		return pd != nil && (pd.rev == r.Rev || pd.rev == 0)
	}))
}

// add makes rows pending in their present state.
func (p *Plan) add(rows []table.Brief) {
	var remove, add []*Note
	for i := range rows {
		r := &rows[i]
		p.queue = nil
		n := p.note(r)
		was := p.inLine(r.ID)
		pd := &pending{rev: r.Rev, todo: r.Todo, published: n.Published.Unix(), anytime: r.Rendered || r.Gone, note: n}
		pd.fresh = r.Listed && !r.Rendered && !r.Gone && !r.Broken
		built := p.built[r.ID]
		switch {
		case r.Broken && built != nil:
			built.Broken = true
			if r.Listed {
				pd.line = built
			}
		case r.Todo == table.TodoNeighbour:
			pd.line = built
		case r.Listed && !r.Gone && !r.Broken:
			pd.line = n
		}
		if was != nil && pd.line != nil && was.Position() == pd.line.Position() {
			// The place in the order is the same.
			remove, add = append(remove, was), append(add, pd.line)
		} else {
			if was != nil {
				remove = append(remove, was)
				p.former[r.ID] = append(p.former[r.ID], was)
			}
			if pd.line != nil {
				add = append(add, pd.line)
			}
		}
		p.pending[r.ID] = pd
	}
	p.line.update(remove, add)
}

// inLine returns a note as the line has it, nil if the note is not in the line.
func (p *Plan) inLine(id int64) *Note {
	if pd, ok := p.pending[id]; ok {
		return pd.line
	}
	return p.built[id]
}

// neighbours makes notes pending whose neighbours changed.
func (p *Plan) neighbours(ids []int64) {
	for _, id := range ids {
		n := p.built[id]
		p.pending[id] = &pending{todo: table.TodoNeighbour, published: n.Published.Unix(), anytime: true, line: n, note: n}
		p.queue = nil
	}
}

// Touch makes all built notes pending.
func (p *Plan) Touch() {
	for id, n := range p.built {
		if p.pending[id] == nil {
			p.pending[id] = &pending{todo: table.TodoChanged, published: n.Published.Unix(), anytime: true, line: n, note: n}
		}
	}
	p.queue = nil
}

// Next returns up to limit pending notes that are due, the newest first. If clients wait
// for some notes, it returns only these; waited reports whether they do.
func (p *Plan) Next(limit int) (ids []int64, waited bool) {
	p.sort()
	for len(p.queue) > 0 && p.pending[p.queue[0]] == nil {
		p.queue = p.queue[1:]
	}
	now := p.now()
	for _, id := range p.queue {
		pd := p.pending[id]
		if pd == nil || pd.published > now && !pd.anytime {
			continue
		}
		if waited && pd.todo != table.TodoWaited || len(ids) == limit {
			break
		}
		waited = pd.todo == table.TodoWaited
		ids = append(ids, id)
	}
	return ids, waited
}

// sort brings the pending notes into the order in which they are rendered.
func (p *Plan) sort() {
	if p.queue != nil || len(p.pending) == 0 {
		return
	}
	p.queue = make([]int64, 0, len(p.pending))
	for id := range p.pending {
		p.queue = append(p.queue, id)
	}
	slices.SortFunc(p.queue, func(a, b int64) int {
		x, y := p.pending[a], p.pending[b]
		return cmp.Or(cmp.Compare(y.todo, x.todo), cmp.Compare(y.published, x.published), cmp.Compare(b, a))
	})
}

// Around returns the notes before and after a place in the line, nil at its ends.
func (p *Plan) Around(n *Note) (prev, next *Note) {
	i, there := p.line.find(n)
	if i > 0 {
		prev = p.line[i-1]
	}
	if there {
		i++
	}
	if i < len(p.line) && p.line[i].Published.Unix() <= p.now() {
		next = p.line[i]
	}
	return prev, next
}

// Beside returns a hash of the neighbours that the page of a note shows.
func (p *Plan) Beside(n *Note) uint64 {
	prev, next := p.Around(n)
	return Beside(prev, next)
}

// Beside returns a hash of two neighbours as a page shows them, of which each may be
// nil. It is never 0.
func Beside(prev, next *Note) uint64 {
	return (prev.sum()*31 + next.sum()) | 1
}

// Neighbours are the notes before and after one in time; nil at the ends.
type Neighbours struct{ Prev, Next *Note }

// Sum returns a hash of the neighbours as a page shows them, 0 for a page that has none.
func (n *Neighbours) Sum() uint64 {
	if n == nil {
		return 0
	}
	return Beside(n.Prev, n.Next)
}

// At returns a note as it is in the line, nil if it is not in it.
func (p *Plan) At(id int64) *Note { return p.inLine(id) }

// Fresh returns the row of a pending note that was never rendered and to which lists will
// link. ok is false for all other notes.
func (p *Plan) Fresh(id int64) (b table.Brief, ok bool) {
	pd := p.pending[id]
	if pd == nil || !pd.fresh {
		return b, false
	}
	n := pd.note
	b = table.Brief{
		ID: n.ID, File: n.File, Rev: pd.rev, Hash: n.Hash, Permalink: n.Permalink, Published: n.Published,
		Type: n.Type, Status: n.Status, Label: n.Label, Named: n.Named, Todo: pd.todo, Listed: true,
	}
	for _, t := range n.Tags {
		b.Tags = append(b.Tags, t.Spelled)
	}
	return b, true
}

// A Result is the result of rendering a pending note.
type Result struct {
	table.Brief      // the row that it was rendered from
	Linked      bool // lists link to it from now on
	Unrendered  bool // its page did not change, nor did its lines in lists
	Scheduled   bool // it stays pending until it is due
}

// Effects has everything that became stale by some results.
type Effects struct {
	Neighbours []int64     // notes whose neighbours changed
	Months     []string    // "2026-11": months that appeared or disappeared
	Tags       []TagChange // tags that appeared, disappeared, or changed their spelling
}

// A TagChange is the change of the spelling of a tag.
type TagChange struct {
	Address  string
	Was, Now string // as its oldest note spells it; "" if no note has it
}

// Mark records the results of a batch, and returns their effects.
func (p *Plan) Mark(results []Result) Effects {
	var offLine, inLine, offLists, inLists, places []*Note
	for i := range results {
		r := &results[i]
		was, old := p.inLine(r.ID), p.built[r.ID]
		now := old
		switch {
		case r.Unrendered:
			if old != nil {
				old.Broken, p.unreadable[r.ID] = r.Broken, true
			}
		case r.Linked:
			now = p.note(&r.Brief)
		default:
			now = nil
		}
		line := now
		if r.Scheduled {
			line = was
		}
		if was != line {
			if was != nil {
				offLine = append(offLine, was)
			}
			if line != nil {
				inLine = append(inLine, line)
			}
		}
		if old != now {
			if old != nil {
				offLists = append(offLists, old)
			}
			if now != nil {
				inLists = append(inLists, now)
			}
		}
		for _, n := range append(p.former[r.ID], was, line, old) {
			if n != nil {
				places = append(places, n)
			}
		}
		delete(p.former, r.ID)
		if !r.Unrendered {
			delete(p.unreadable, r.ID)
		}
		if now != nil {
			p.built[r.ID] = now
		} else {
			delete(p.built, r.ID)
		}
		if pd := p.pending[r.ID]; pd != nil {
			if r.Scheduled {
				pd.todo, pd.anytime = r.Todo, false
			} else {
				delete(p.pending, r.ID)
			}
		}
	}
	p.line.update(offLine, inLine)
	effects := p.relist(offLists, inLists)
	effects.Neighbours = p.staleAround(places)
	p.neighbours(effects.Neighbours)
	return effects
}

// staleAround returns the notes around some places whose pages show other neighbours
// than they have, except pending notes.
func (p *Plan) staleAround(places []*Note) (stale []int64) {
	seen := map[int64]bool{}
	for _, at := range places {
		prev, next := p.Around(at)
		for _, n := range []*Note{prev, next, p.built[at.ID]} {
			if n == nil || seen[n.ID] {
				continue
			}
			seen[n.ID] = true
			if p.built[n.ID] == n && p.isStale(n) {
				stale = append(stale, n.ID)
			}
		}
	}
	slices.Sort(stale)
	return stale
}

// isStale reports whether the page of a built note shows other neighbours than it has. It
// returns false for a pending note, and for one whose file can't be read or is broken.
func (p *Plan) isStale(n *Note) bool {
	_, pending := p.pending[n.ID]
	return !pending && !n.Broken && !p.unreadable[n.ID] && n.Beside != p.Beside(n)
}

// Retry makes the notes pending again whose files could not be read when they were
// rendered, if their pages show other neighbours than they have. It is called once a
// build.
func (p *Plan) Retry() {
	unreadable := p.unreadable
	p.unreadable = map[int64]bool{}
	var stale []int64
	for id := range unreadable {
		if n := p.built[id]; n != nil && p.isStale(n) {
			stale = append(stale, id)
		}
	}
	p.neighbours(stale)
}

// relist removes notes from the built view and adds others. It returns the months and
// tags that appear, disappear or change their spelling.
func (p *Plan) relist(remove, add []*Note) (effects Effects) {
	months, types, tags := map[int32]bool{}, changes{}, changes{}
	for _, n := range remove {
		types.of(n.Type).remove(n)
		for _, t := range n.Tags {
			tags.of(t.Address).remove(n)
		}
		months[month(n)] = true
	}
	for _, n := range add {
		types.of(n.Type).add(n)
		for _, t := range n.Tags {
			tags.of(t.Address).add(n)
		}
		months[month(n)] = p.all.periods[month(n)] > 0
	}
	p.all.update(remove, add, month)
	for m, had := range months {
		if had != (p.all.periods[m] > 0) {
			effects.Months = append(effects.Months, monthText(m))
		}
	}
	types.apply(p.types)
	tags.apply(p.tags)
	for address := range tags {
		was, now := p.spelled[address], p.Spelling(address)
		if was == now {
			continue
		}
		effects.Tags = append(effects.Tags, TagChange{address, was, now})
		if now == "" {
			delete(p.spelled, address)
		} else {
			p.spelled[address] = now
		}
	}
	slices.Sort(effects.Months)
	sortTags(effects.Tags)
	return effects
}

// changes has the notes that are removed from groups and added to them, by the names of
// the groups.
type changes map[string]*groupChange

type groupChange struct{ off, on []*Note }

func (c *groupChange) remove(n *Note) { c.off = append(c.off, n) }
func (c *groupChange) add(n *Note)    { c.on = append(c.on, n) }

func (cs changes) of(name string) *groupChange {
	if cs[name] == nil {
		cs[name] = &groupChange{}
	}
	return cs[name]
}

// apply changes the groups. A group without notes is removed.
func (cs changes) apply(groups map[string]*group) {
	for name, c := range cs {
		g := groups[name]
		if g == nil {
			g = &group{}
			groups[name] = g
		}
		g.update(c.off, c.on, year)
		if len(g.order) == 0 {
			delete(groups, name)
		}
	}
}
