package plan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"starpunk/generator/plan"
	"starpunk/site/store/table"
)

// TestAPlanAnswersLikeAModel makes random changes and compares all results of a plan with
// those of a model.
func TestAPlanAnswersLikeAModel(t *testing.T) {
	histories := 100
	if testing.Short() {
		histories = 30
	}
	for seed := range histories {
		random := rand.New(rand.NewPCG(uint64(seed), 17))
		t.Run(fmt.Sprint(seed), func(t *testing.T) { randomHistory(t, random) })
		if t.Failed() {
			return // one history is enough to read
		}
	}
}

func randomHistory(t *testing.T, random *rand.Rand) {
	w := newWorld(t, time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC))
	many := 1 + random.IntN(20)
	for range 1 + random.IntN(10) {
		for range random.IntN(1 + many) {
			w.change(random)
		}
		w.randomStep(random, many)
		if t.Failed() {
			return
		}
	}
	w.rest(random)
}

// change changes one row at random.
func (w *world) change(random *rand.Rand) {
	id := int64(1 + random.IntN(25))
	r := w.rows[id]
	switch kind := random.IntN(20); {
	case r == nil || r.Gone || kind < 10:
		w.put(randomBrief(random, id))
	case kind < 12:
		w.remove(id)
	case kind == 12 && r.Todo == table.TodoNothing:
		r.lost = r.Rendered
		w.alter(id, func(*row) {})
	case kind == 13:
		w.breakFile(id)
	case kind == 14:
		w.now += int64(random.IntN(40)) * 24 * 3600
	case kind == 15: // another label alone
		w.alter(id, func(r *row) { r.Label = fmt.Sprint("Label ", random.IntN(3)) })
	case kind == 16: // an address of another
		w.alter(id, func(r *row) { r.Permalink = fmt.Sprintf("/n%d/", random.IntN(5)) })
	case kind == 17 && r.Todo == table.TodoNothing: // broken, and withheld
		w.alter(id, func(r *row) { r.Broken, r.Listed, r.page = true, false, false })
	}
}

func randomBrief(random *rand.Rand, id int64) table.Brief {
	zones := []*time.Location{time.UTC, time.FixedZone("", 14*3600), time.FixedZone("", -12*3600), time.FixedZone("", -90*60)}
	begin := time.Date(2024+random.IntN(2), time.Month(1+random.IntN(12)), 1, 0, 0, 0, 0, time.UTC)
	published := begin.Add(time.Duration(random.IntN(6)-3) * 6 * time.Hour).In(zones[random.IntN(len(zones))])
	b := note(id, published.Format(time.RFC3339), at(fmt.Sprintf("/%s/n%d/", month(published), id)))
	if random.IntN(2) == 0 { // a site whose addresses have no dates
		b.Permalink = fmt.Sprintf("/n%d/", id)
	}
	b.Label, b.Named = fmt.Sprint("Label ", random.IntN(3)), random.IntN(2) == 0
	b.Type = []string{"note", "article", "like"}[random.IntN(3)]
	tags := []string{"go", "Go", " #GO", "c++", "C++", "#", "one tag", "One-Tag"}
	for range random.IntN(4) {
		b.Tags = append(b.Tags, tags[random.IntN(len(tags))])
	}
	switch random.IntN(8) {
	case 0:
		unlisted(&b)
	case 1:
		waited(&b)
	}
	return b
}

// randomStep renders some notes. Others may change meanwhile, or the process may die.
func (w *world) randomStep(random *rand.Rand, many int) {
	w.t.Helper()
	w.sync()
	if random.IntN(4) == 0 {
		w.check(w.plan, random)
	}
	ids, _ := w.plan.Next(1 + random.IntN(2*many))
	due := len(w.due())
	switch random.IntN(6) {
	case 0: // rows change after Sync, and after they were read
		for range random.IntN(5) {
			w.change(random)
		}
		ids = slices.DeleteFunc(ids, func(id int64) bool { return w.rows[id] == nil })
		results := w.results(ids)
		for range random.IntN(5) {
			w.change(random)
		}
		w.mark(results, false)
	case 1: // the process dies before it records anything
		w.mark(w.results(ids), true)
		w.load()
	case 2: // or after it
		w.mark(w.results(ids), false)
		w.load()
	case 3:
		w.rest(random)
	default:
		effects := w.mark(w.results(ids), false)
		w.checkNeighbours(effects, len(ids) == due)
	}
}

// checkNeighbours checks that all neighbours in the effects show other notes than they
// have. With allOfThem the effects must have all such notes.
func (w *world) checkNeighbours(effects plan.Effects, allOfThem bool) {
	w.t.Helper()
	for _, id := range effects.Neighbours {
		w.rows[id].Todo = table.TodoNothing // the effects changed it
	}
	stale := w.staleNeighbours()
	for _, id := range effects.Neighbours {
		w.rows[id].Todo = table.TodoNeighbour
		if !slices.Contains(stale, id) {
			w.t.Errorf("%d is rendered again, though it shows the neighbours it has", id)
		}
	}
	if allOfThem && !slices.Equal(stale, effects.Neighbours) {
		w.t.Errorf("rendered again are %d; want %d", effects.Neighbours, stale)
	}
}

// rest renders all pending notes, and compares the plan with a newly loaded one.
func (w *world) rest(random *rand.Rand) {
	w.t.Helper()
	w.settle()
	for _, id := range w.ids() { // notes whose pages show other data than the index has
		if r := w.rows[id]; r.lost || r.Broken && w.differs(id) {
			w.put(randomBrief(random, id))
		}
	}
	w.plan.Retry()
	w.settle()
	if stale := w.staleNeighbours(); len(stale) > 0 {
		w.t.Errorf("when nothing is left to do, %d show other neighbours than they have", stale)
	}
	w.check(w.plan, random)
	w.writeLists()
	fresh := plan.New(func() int64 { return w.now })
	if effects := fresh.Load(w.briefs(), w.record()); len(effects.Neighbours)+len(effects.Months)+len(effects.Tags) > 0 {
		w.t.Errorf("when nothing is left to do, a loaded plan finds %v", effects)
	}
	w.check(fresh, random)
	if ids, _ := fresh.Next(1000); len(ids) > 0 {
		w.t.Errorf("when nothing is left to do, a plan that is loaded renders %d", ids)
	}
}

// differs reports whether lists show something else of a note than its row has.
func (w *world) differs(id int64) bool {
	b, shown := w.built[id]
	r := w.rows[id].brief()
	return shown != r.Linked || shown && fmt.Sprint(describe([]table.Brief{b}), b.Tags) != fmt.Sprint(describe([]table.Brief{r}), r.Tags)
}
