package plan_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"starpunk/generator/plan"
	"starpunk/site"
	"starpunk/site/store/table"
)

// A world is an index, what was rendered from it, and the plan under test. It keeps
// all in plain slices and maps, and finds every answer by looking at all notes.
type world struct {
	t    testing.TB
	now  int64
	rev  int64
	rows map[int64]*row
	plan *plan.Plan

	built map[int64]table.Brief // what lists show
	kept  map[int64]bool        // pages that could not be rendered

	tags   map[string]string // as they are recorded
	months map[string]bool   // that have a site map, or are about to

	stale   map[string]bool   // lists that name others
	written map[string]string // what they named when they were written
}

// A row is one of the index.
type row struct {
	table.Brief
	page  bool   // it should have a page, though lists may not link to it
	built string // the permalink of its page
	lost  bool   // its file can't be read, and the index does not show that yet
}

func newWorld(t testing.TB, now time.Time) *world {
	w := &world{
		t: t, now: now.Unix(), rows: map[int64]*row{}, built: map[int64]table.Brief{}, kept: map[int64]bool{},
		tags: map[string]string{}, months: map[string]bool{}, stale: map[string]bool{}, written: map[string]string{},
	}
	w.plan = plan.New(func() int64 { return w.now })
	return w
}

// note returns a note that lists should link to.
func note(id int64, published string, change ...func(*table.Brief)) table.Brief {
	at, ok := site.ParseTime(published, time.UTC)
	if !ok {
		panic(published)
	}
	b := table.Brief{
		ID: id, File: fmt.Sprintf("n%d.md", id), Permalink: fmt.Sprintf("/n%d/", id), Published: at,
		Type: "note", Status: site.Public, Label: fmt.Sprint("Note ", id), Listed: true,
	}
	for _, c := range change {
		c(&b)
	}
	return b
}

func tagged(tags ...string) func(*table.Brief) { return func(b *table.Brief) { b.Tags = tags } }
func typed(name string) func(*table.Brief)     { return func(b *table.Brief) { b.Type = name } }
func at(permalink string) func(*table.Brief)   { return func(b *table.Brief) { b.Permalink = permalink } }
func waited(b *table.Brief)                    { b.Todo = table.TodoWaited }
func unlisted(b *table.Brief)                  { b.Status, b.Listed = site.Unlisted, false }

// put changes a row, or makes it.
func (w *world) put(b table.Brief) {
	r := w.rows[b.ID]
	if r == nil {
		r = &row{}
		w.rows[b.ID] = r
	}
	w.rev++
	b.Rev, b.Todo = w.rev, max(r.Todo, b.Todo, table.TodoChanged)
	b.Beside, b.Rendered = r.Beside, r.Rendered
	r.Brief, r.page, r.lost = b, true, false
}

// alter changes what a row has in a way that a scan would.
func (w *world) alter(id int64, change func(*row)) {
	w.rev++
	r := w.rows[id]
	change(r)
	r.Rev, r.Todo = w.rev, max(r.Todo, table.TodoChanged)
}

func (w *world) remove(id int64) {
	w.alter(id, func(r *row) { r.Gone, r.Listed, r.page, r.Broken = true, false, false, false })
}

// breakFile makes a file one that can't be parsed.
func (w *world) breakFile(id int64) { w.alter(id, func(r *row) { r.Broken = true }) }

// ids returns the ids of all rows.
func (w *world) ids() []int64 { return slices.Sorted(maps.Keys(w.rows)) }

// brief returns a row as the store does.
func (r *row) brief() table.Brief {
	b := r.Brief
	b.Linked = r.Listed && r.Rendered && r.built == r.Permalink
	return b
}

// changed returns what [queue.Notes.Changed] does.
func (w *world) changed(rev int64) (rows []table.Brief) {
	for _, id := range w.ids() {
		if r := w.rows[id]; r.Todo > table.TodoNothing && r.Rev > rev {
			rows = append(rows, r.brief())
		}
	}
	return rows
}

// briefs returns what [queue.Notes.Briefs] does.
func (w *world) briefs() (rows []table.Brief) {
	for _, id := range w.ids() {
		if b := w.rows[id].brief(); b.Todo > table.TodoNothing || b.Linked {
			rows = append(rows, b)
		}
	}
	return rows
}

func (w *world) sync() {
	rows := w.changed(w.plan.Rev())
	w.plan.Sync(rows)
	w.leaveOut(rows)
}

// leaveOut has the front page and the feeds leave out notes that are broken.
func (w *world) leaveOut(rows []table.Brief) {
	for _, b := range rows {
		if old, shown := w.built[b.ID]; shown && b.Broken {
			old.Broken = true
			w.built[b.ID] = old
		}
	}
}

// load replaces the plan by one that is loaded from the index.
func (w *world) load() plan.Effects {
	p := plan.New(func() int64 { return w.now })
	effects := p.Load(w.briefs(), w.record())
	w.plan, w.kept, w.built = p, map[int64]bool{}, map[int64]table.Brief{}
	for _, b := range w.briefs() {
		if b.Linked {
			w.built[b.ID] = b
		}
	}
	w.apply(effects)
	return effects
}

func (w *world) record() plan.Record {
	return plan.Record{Tags: maps.Clone(w.tags), Months: slices.Sorted(maps.Keys(w.months))}
}

// results returns what becomes of some notes, as a generator renders them.
func (w *world) results(ids []int64) (results []plan.Result) {
	var briefs []table.Brief
	for _, id := range ids {
		briefs = append(briefs, w.rows[id].brief())
	}
	w.plan.Update(slices.Clone(briefs))
	w.leaveOut(briefs)
	for _, b := range briefs {
		r := w.rows[b.ID]
		due := b.Published.Unix() <= w.now
		res := plan.Result{Brief: b}
		switch {
		case b.Broken || r.lost:
			res.Unrendered = b.Rendered
		case r.page && due:
			res.Linked, res.Rendered = b.Listed, true
			if n := w.plan.At(b.ID); n != nil && b.Listed {
				res.Brief.Beside = w.plan.Beside(n)
			}
		default:
			res.Rendered, res.Brief.Beside = false, 0
		}
		res.Scheduled = !due && !res.Rendered && !res.Unrendered && !b.Gone
		results = append(results, res)
	}
	return results
}

// mark takes results into the plan, and records them unless lost is set, as if the
// process died before. It compares all effects but neighbours with the model.
func (w *world) mark(results []plan.Result, lost bool) plan.Effects {
	w.t.Helper()
	months, spelled := w.monthsOf(""), w.spellings()
	effects := w.plan.Mark(results)
	if lost {
		return effects
	}
	for i := range results {
		res := &results[i]
		w.show(res)
		r := w.rows[res.ID]
		switch {
		case res.Unrendered:
		case res.Rendered:
			r.Rendered, r.Beside, r.built = true, res.Brief.Beside, res.Permalink
			w.months[month(res.Published)] = true
		default:
			r.Rendered, r.Beside, r.built = false, 0, ""
			if r.Gone && r.Rev == res.Rev {
				delete(w.rows, res.ID)
			}
		}
		if r.Rev == res.Rev && !res.Scheduled {
			r.Todo = table.TodoNothing
		}
	}
	want := plan.Effects{Months: differing(months, w.monthsOf("")), Tags: differingTags(spelled, w.spellings())}
	if !slices.Equal(effects.Months, want.Months) || !slices.Equal(effects.Tags, want.Tags) {
		w.t.Errorf("effects are %v; want the months %v and the tags %v", effects, want.Months, want.Tags)
	}
	w.apply(effects)
	return effects
}

// show changes what lists show by a result.
func (w *world) show(res *plan.Result) {
	old, shown := w.built[res.ID]
	switch {
	case res.Unrendered && shown:
		old.Broken = res.Broken
		w.built[res.ID], w.kept[res.ID] = old, true
	case res.Unrendered:
	case res.Linked:
		w.built[res.ID] = res.Brief
		delete(w.kept, res.ID)
	default:
		delete(w.built, res.ID)
		delete(w.kept, res.ID)
	}
}

// apply records effects.
func (w *world) apply(effects plan.Effects) {
	for _, id := range effects.Neighbours {
		if r := w.rows[id]; r != nil && r.Rendered && r.Todo == table.TodoNothing {
			r.Todo = table.TodoNeighbour
		}
	}
	for _, m := range effects.Months {
		w.stale[m[:len("2006")]], w.stale["months"] = true, true
	}
	for _, tag := range effects.Tags {
		w.stale["tags"] = true
		if tag.Now == "" {
			delete(w.tags, tag.Address)
		} else {
			w.tags[tag.Address] = tag.Now
		}
	}
}

// step renders up to limit notes, and returns what became stale.
func (w *world) step(limit int) plan.Effects {
	w.t.Helper()
	w.sync()
	ids, _ := w.plan.Next(limit)
	return w.mark(w.results(ids), false)
}

// settle renders until nothing is left.
func (w *world) settle() {
	w.t.Helper()
	for range 50 {
		w.sync()
		if ids, _ := w.plan.Next(1); len(ids) == 0 {
			return
		}
		w.step(1000)
	}
	w.t.Fatal("there is always something left to do")
}

// due returns the rows that are left to do now.
func (w *world) due() (ids []int64) {
	for _, id := range w.ids() {
		if r := w.rows[id]; r.Todo > table.TodoNothing && (r.Published.Unix() <= w.now || r.Rendered || r.Gone) {
			ids = append(ids, id)
		}
	}
	return ids
}

func month(at time.Time) string { return at.Format("2006-01") }

// newest returns the notes that lists show and for which keep returns true.
func (w *world) newest(keep func(table.Brief) bool) (notes []table.Brief) {
	for _, b := range w.built {
		if keep(b) {
			notes = append(notes, b)
		}
	}
	slices.SortFunc(notes, func(a, b table.Brief) int { return -compare(a, b) })
	return notes
}

func compare(a, b table.Brief) int {
	return cmp.Or(cmp.Compare(a.Published.Unix(), b.Published.Unix()), cmp.Compare(a.Permalink, b.Permalink), cmp.Compare(a.ID, b.ID))
}

func all(table.Brief) bool { return true }

func hasTag(b table.Brief, address string) bool {
	return slices.ContainsFunc(b.Tags, func(t string) bool { return site.TagAddress(t) == address })
}

// texts returns the different texts of notes, the greatest first.
func texts(notes []table.Brief, text func(table.Brief) string) (texts []string) {
	for _, b := range notes {
		texts = append(texts, text(b))
	}
	slices.Sort(texts)
	slices.Reverse(texts)
	return slices.Compact(texts)
}

func (w *world) monthsOf(year string) []string {
	return texts(w.newest(func(b table.Brief) bool { return year == "" || b.Published.Format("2006") == year }),
		func(b table.Brief) string { return month(b.Published) })
}

// spellings returns all tags as their oldest notes spell them.
func (w *world) spellings() map[string]string {
	spelled := map[string]string{}
	for _, b := range w.newest(all) {
		for _, tag := range slices.Backward(b.Tags) {
			if address := site.TagAddress(tag); address != "" {
				spelled[address] = site.TagName(tag)
			}
		}
	}
	return spelled
}

func differing(was, now []string) (different []string) {
	for _, s := range slices.Concat(was, now) {
		if slices.Contains(was, s) != slices.Contains(now, s) {
			different = append(different, s)
		}
	}
	slices.Sort(different)
	return different
}

func differingTags(was, now map[string]string) (different []plan.TagChange) {
	addresses := maps.Clone(was)
	maps.Copy(addresses, now)
	for _, a := range slices.Sorted(maps.Keys(addresses)) {
		if was[a] != now[a] {
			different = append(different, plan.TagChange{Address: a, Was: was[a], Now: now[a]})
		}
	}
	return different
}

// line returns the notes in the order of time as they are about to be. It is that of
// the plan when that is in sync.
func (w *world) line() (line []table.Brief) {
	for _, id := range w.ids() {
		b, shown := w.built[id]
		switch r := w.rows[id]; {
		case r.Todo <= table.TodoNeighbour || r.Broken && shown:
			if shown && (r.Todo <= table.TodoNeighbour || r.Listed) {
				line = append(line, b)
			}
		case r.Listed && !r.Gone && !r.Broken:
			line = append(line, r.Brief)
		}
	}
	slices.SortFunc(line, compare)
	return line
}

// around returns the notes before and after one.
func (w *world) around(line []table.Brief, b table.Brief) (prev, next *plan.Note) {
	for _, other := range line {
		switch c := compare(other, b); {
		case c < 0:
			prev = noteOf(other)
		case c > 0 && next == nil && other.Published.Unix() <= w.now:
			next = noteOf(other)
		}
	}
	return prev, next
}

// noteOf returns what pages show of a neighbour.
func noteOf(b table.Brief) *plan.Note {
	return &plan.Note{
		ID: b.ID, Permalink: b.Permalink, Published: b.Published, Class: &plan.Class{Type: b.Type, Status: b.Status}, Label: b.Label, Named: b.Named,
	}
}

// staleNeighbours returns the notes with pages that show other neighbours than they
// have, except notes that are pending or can't be rendered.
func (w *world) staleNeighbours() (ids []int64) {
	line := w.line()
	for _, id := range slices.Sorted(maps.Keys(w.built)) {
		b := w.built[id]
		if r := w.rows[id]; r.Todo > table.TodoNothing || b.Broken || w.kept[id] {
			continue
		}
		if prev, next := w.around(line, b); b.Beside != plan.Beside(prev, next) {
			ids = append(ids, id)
		}
	}
	return ids
}

// check compares all answers of a plan with those of the model.
func (w *world) check(p *plan.Plan, random *rand.Rand) {
	w.t.Helper()
	same := func(what string, got, want any) {
		w.t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			w.t.Errorf("%s: %v; want %v", what, got, want)
		}
	}
	listed := func(l plan.List, keep func(table.Brief) bool) {
		w.t.Helper()
		want := w.newest(func(b table.Brief) bool {
			return keep(b) && (l.Since == nil || !(table.Position{Published: b.Published.Unix(), Permalink: b.Permalink}).Before(*l.Since))
		})
		if l.Limit > 0 {
			want = want[:min(l.Limit, len(want))]
		}
		same(fmt.Sprintf("Listed(%+v)", l), describeNotes(p.Listed(l)), describe(want))
	}
	limits := func(l plan.List, keep func(table.Brief) bool) {
		w.t.Helper()
		l.Limit = max(0, random.IntN(6)-2)
		if random.IntN(2) == 0 && len(w.built) > 0 {
			some := w.newest(all)[random.IntN(len(w.built))]
			l.Since = &table.Position{Published: some.Published.Unix(), Permalink: some.Permalink}
		}
		listed(l, keep)
	}
	years := texts(w.newest(all), func(b table.Brief) string { return b.Published.Format("2006") })
	same("Years", p.Years(), years)
	same("Months", p.Months(""), w.monthsOf(""))
	for _, m := range append(w.monthsOf(""), "1999-01", "none") {
		limits(plan.List{Month: m}, func(b table.Brief) bool { return month(b.Published) == m })
	}
	for _, y := range append(years, "1999") {
		same("Months("+y+")", p.Months(y), w.monthsOf(y))
	}
	spelled := w.spellings()
	var tags []plan.Tag
	for _, address := range slices.Sorted(maps.Keys(spelled)) {
		tags = append(tags, plan.Tag{Address: address, Spelled: spelled[address]})
	}
	same("Tags", p.Tags(), tags)
	for _, tag := range append(slices.Collect(maps.Keys(spelled)), "none") {
		of := func(b table.Brief) bool { return hasTag(b, tag) }
		same("Spelling("+tag+")", p.Spelling(tag), spelled[tag])
		same("TagYears("+tag+")", p.TagYears(tag), texts(w.newest(of), func(b table.Brief) string { return b.Published.Format("2006") }))
		limits(plan.List{Tag: tag}, of)
		for _, y := range append(years, "1999", "none") {
			limits(plan.List{Tag: tag, Year: y}, func(b table.Brief) bool { return of(b) && b.Published.Format("2006") == y })
		}
		w.checkNewest(p, nil, tag, random)
	}
	for _, name := range []string{"note", "article", "like", "none"} {
		of := func(b table.Brief) bool { return b.Type == name }
		same("HasType("+name+")", p.HasType(name), len(w.newest(of)) > 0)
		same("TypeYears("+name+")", p.TypeYears(name), texts(w.newest(of), func(b table.Brief) string { return b.Published.Format("2006") }))
		limits(plan.List{Type: name}, of)
		for _, y := range append(years, "1999") {
			limits(plan.List{Type: name, Year: y}, func(b table.Brief) bool { return of(b) && b.Published.Format("2006") == y })
		}
		w.checkNewest(p, []string{name}, "", random)
	}
	w.checkNewest(p, []string{"like", "note", "like"}, "", random)
	w.checkNewest(p, []string{"article", "note", "like"}, "", random)
	line := w.line()
	for _, b := range line {
		prev, next := w.around(line, b)
		gotPrev, gotNext := p.Around(p.At(b.ID))
		same(fmt.Sprint("Around ", b.ID), describeNotes([]*plan.Note{gotPrev, gotNext}), describeNotes([]*plan.Note{prev, next}))
	}
}

func (w *world) checkNewest(p *plan.Plan, types []string, tag string, random *rand.Rand) {
	w.t.Helper()
	limit := random.IntN(6)
	want := w.newest(func(b table.Brief) bool {
		return !b.Broken && (tag == "" && slices.Contains(types, b.Type) || tag != "" && hasTag(b, tag))
	})
	got, wanted := describeNotes(p.Newest(types, tag, limit)), describe(want[:min(limit, len(want))])
	if !slices.Equal(got, wanted) {
		w.t.Errorf("Newest(%q, %q, %d): %v; want %v", types, tag, limit, got, wanted)
	}
}

func describe(notes []table.Brief) (lines []string) {
	for _, b := range notes {
		lines = append(lines, describeNotes([]*plan.Note{noteOf(b)})...)
	}
	return lines
}

func describeNotes(notes []*plan.Note) (lines []string) {
	for _, n := range notes {
		if n == nil {
			lines = append(lines, "none")
			continue
		}
		lines = append(lines, fmt.Sprint(n.ID, n.Permalink, n.Published.Format(time.RFC3339), n.Type, n.Status, n.Label, n.Named))
	}
	return lines
}

// writeLists checks that each list that names others and that would be another is
// stale, and writes it.
func (w *world) writeLists() {
	w.t.Helper()
	now := map[string]string{}
	if len(w.built) > 0 {
		now["months"] = fmt.Sprint(w.monthsOf(""))
	}
	if spelled := w.spellings(); len(spelled) > 0 {
		now["tags"] = fmt.Sprint(spelled)
	}
	for y := 2020; y < 2030; y++ { // all that tests use
		year := fmt.Sprintf("%04d", y)
		if months := w.monthsOf(year); len(months) > 0 {
			now[year] = fmt.Sprint(months)
		}
	}
	for list := range w.written {
		if now[list] != w.written[list] && !w.stale[list] {
			w.t.Errorf("the list %s has %s; it was written with %s, and is not stale", list, now[list], w.written[list])
		}
	}
	for list := range now {
		if w.written[list] == "" && !w.stale[list] {
			w.t.Errorf("the list %s has %s; it was never written, and is not stale", list, now[list])
		}
	}
	if !maps.Equal(w.tags, w.spellings()) {
		w.t.Errorf("recorded are the tags %v; want %v", w.tags, w.spellings())
	}
	w.written, w.stale, w.months = now, map[string]bool{}, map[string]bool{}
	for _, m := range w.monthsOf("") {
		w.months[m] = true
	}
}
