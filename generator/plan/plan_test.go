package plan_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"starpunk/generator/plan"
	"starpunk/site/store/table"
)

var testTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// around returns the ids of the notes before and after one.
func around(w *world, id int64) []int64 { return idsOf(w.plan.Around(w.plan.At(id))) }

func TestNextReturnsNotesThatClientsWaitForAndThenTheNewest(t *testing.T) {
	w := newWorld(t, testTime)
	w.put(note(1, "2023-01-01T10:00:00Z"))
	w.put(note(2, "2024-12-01T10:00:00Z"))
	w.put(note(3, "2024-06-01T10:00:00Z"))
	w.put(note(4, "2022-06-01T10:00:00Z", waited))
	w.put(note(5, "2021-06-01T10:00:00Z", waited))
	w.put(note(6, "2999-06-01T10:00:00Z", waited))
	w.sync()
	next := func(limit int, wantWaited bool, want ...int64) {
		t.Helper()
		ids, waited := w.plan.Next(limit)
		if !slices.Equal(ids, want) || waited != wantWaited {
			t.Errorf("Next(%d): %d, %v; want %d, %v", limit, ids, waited, want, wantWaited)
		}
	}
	next(10, true, 4, 5)
	next(1, true, 4)
	w.step(10)
	next(10, false, 2, 3, 1)
	next(2, false, 2, 3)
	w.step(2)
	w.put(note(2, "2024-12-01T10:00:00Z", func(b *table.Brief) { b.Label = "Other" }))
	w.sync()
	next(10, false, 2, 1)
	w.step(1)
	next(10, false, 1, 3) // 3 shows what 2 was called
	w.settle()
	next(10, false)
}

func TestAScheduledNoteIsRenderedWhenItsTimeHasCome(t *testing.T) {
	w := newWorld(t, testTime)
	w.put(note(1, "2025-01-01T00:00:00Z"))
	w.put(note(2, "2026-01-02T00:00:00Z"))
	w.settle()
	if prev, next := w.plan.Around(w.plan.At(1)); prev != nil || next != nil {
		t.Errorf("before its time, notes are around another: %v, %v", prev, next)
	}
	w.now += 24 * 3600
	sameIDs(t, "at its time", around(w, 1), 0, 2)
	if ids, _ := w.plan.Next(10); !slices.Equal(ids, []int64{2}) {
		t.Errorf("at its time, Next gives %d", ids)
	}
	sameIDs(t, "neighbours of it", w.step(10).Neighbours, 1)

	w.put(note(2, "2026-02-01T00:00:00Z")) // it is put off
	w.sync()
	if ids, _ := w.plan.Next(10); !slices.Contains(ids, 2) {
		t.Error("the page of a note that is put off is not removed")
	}
	w.settle()
	if len(w.plan.Listed(plan.List{Type: "note"})) != 1 {
		t.Error("a note that is put off is in lists")
	}
	w.remove(2)
	w.settle()
	if w.plan.At(2) != nil {
		t.Error("a note that is removed before its time is still in the line")
	}
}

func TestNeighboursAreInTheOrderOfTimeThenOfAddress(t *testing.T) {
	w := newWorld(t, testTime)
	w.put(note(4, "2024-10-02T11:00:00+02:00", at("/d/"))) // 9:00 UTC
	w.put(note(2, "2024-10-02T10:00:00Z", at("/b/")))
	w.put(note(3, "2024-10-02T12:00:00+02:00", at("/c/"))) // the same instant as b
	w.put(note(1, "2024-10-02T10:00:00Z", at("/a/")))      // and again
	w.put(note(5, "2024-10-02T10:00:01Z", at("/e/")))
	w.put(note(6, "2024-10-02T10:00:00Z", unlisted))
	w.put(note(7, "2999-01-01T00:00:00Z"))
	check := func(when string) {
		t.Helper()
		order := []int64{0, 4, 1, 2, 3, 5, 0}
		for i, id := range order[1 : len(order)-1] {
			sameIDs(t, fmt.Sprint(when, ", around ", id), around(w, id), order[i], order[i+2])
		}
	}
	w.sync()
	check("before they are rendered")
	w.settle()
	check("after it")
	w.load()
	check("in another process")
}

func TestNeighboursAreRenderedAgainOnlyWhenTheirLinksChange(t *testing.T) {
	label := func(b *table.Brief) { b.Label = "Changed" }
	const second = "2024-10-02T10:00:00Z"
	for _, test := range []struct {
		name   string
		change func(w *world)
		want   []int64
	}{
		{"a note between", func(w *world) { w.put(note(9, "2024-10-02T12:00:00Z")) }, []int64{2, 3}},
		{"a note at the end", func(w *world) { w.put(note(9, "2024-10-09T12:00:00Z")) }, []int64{4}},
		{"a note at the beginning", func(w *world) { w.put(note(9, "2024-09-09T12:00:00Z")) }, []int64{1}},
		{"another label", func(w *world) { w.put(note(2, second, label)) }, []int64{1, 3}},
		{"another type", func(w *world) { w.put(note(2, second, typed("like"))) }, []int64{1, 3}},
		{"a label that is a name", func(w *world) { w.put(note(2, second, func(b *table.Brief) { b.Named = true })) }, []int64{1, 3}},
		{"another zone", func(w *world) { w.put(note(2, "2024-10-02T12:00:00+02:00")) }, []int64{1, 3}},
		{"another text", func(w *world) { w.put(note(2, second, tagged("go"))) }, nil},
		{"a removal", func(w *world) { w.remove(2) }, []int64{1, 3}},
		{"another address", func(w *world) { w.put(note(2, second, at("/x/"))) }, []int64{1, 3}},
		{"a move in time", func(w *world) { w.put(note(2, "2024-10-03T11:00:00Z")) }, []int64{1, 3, 4}},
		{"a note that is in no list", func(w *world) { w.put(note(9, "2024-10-02T12:00:00Z", unlisted)) }, nil},
		{"a note that no list has any more", func(w *world) { w.put(note(2, second, unlisted)) }, []int64{1, 3}},
		{"a note for later", func(w *world) { w.put(note(9, "2999-10-02T12:00:00Z")) }, nil},
		{"a note that is broken", func(w *world) { w.breakFile(2) }, nil},
		{"two that follow each other", func(w *world) { w.remove(2); w.remove(3) }, []int64{1, 4}},
		{"two that exchange their places", func(w *world) {
			w.put(note(2, "2024-10-03T10:00:00Z"))
			w.put(note(3, second))
		}, []int64{1, 4}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, testTime)
			for i := range int64(4) {
				w.put(note(1+i, fmt.Sprintf("2024-10-%02dT10:00:00Z", 1+i)))
			}
			w.settle()
			test.change(w)
			sameIDs(t, "neighbours", w.step(100).Neighbours, test.want...)
			w.step(100)
			if stale := w.staleNeighbours(); len(stale) > 0 {
				t.Errorf("%d show other neighbours than they have", stale)
			}
			if ids, _ := w.plan.Next(10); len(ids) > 0 {
				t.Errorf("%d are left to do", ids)
			}
		})
	}
}

// A page may be rendered with a neighbour that is about to get its page and gets none.
func TestANoteWithoutAPageIsNotANeighbour(t *testing.T) {
	w := newWorld(t, testTime)
	w.put(note(1, "2024-10-01T10:00:00Z"))
	w.put(note(2, "2024-10-02T10:00:00Z"))
	w.sync()
	first := w.results([]int64{1})
	w.rows[2].lost = true // its file can't be read when it is rendered
	w.mark(first, false)
	sameIDs(t, "neighbours", w.mark(w.results([]int64{2}), false).Neighbours, 1)
	sameIDs(t, "around the other", around(w, 1), 0, 0)
}

// A file may be removed, or be cut short, before its page is rendered again.
func TestListsShowANoteAsItsPageIs(t *testing.T) {
	w := newWorld(t, testTime)
	w.put(note(1, "2024-01-01T00:00:00Z", tagged("go"), at("/2024/01/a/")))
	w.put(note(2, "2024-01-02T00:00:00Z"))
	w.settle()
	shown := func() (permalinks []string) {
		for _, n := range w.plan.Listed(plan.List{Tag: "go"}) {
			permalinks = append(permalinks, n.Permalink)
		}
		return permalinks
	}
	w.put(note(1, "2024-02-02T00:00:00Z", tagged("go"), at("/2024/02/a/")))
	w.rows[1].lost = true
	effects := w.step(10)
	if got := shown(); !slices.Equal(got, []string{"/2024/01/a/"}) || len(effects.Months) > 0 {
		t.Errorf("before it is rendered again, the tag shows %q, and the effects are %v", got, effects)
	}
	sameIDs(t, "neighbours", around(w, 2), 1, 0)
	w.put(note(1, "2024-03-03T00:00:00Z", tagged("go"), at("/2024/03/a/")))
	effects = w.step(10)
	if got := shown(); !slices.Equal(got, []string{"/2024/03/a/"}) || !slices.Equal(effects.Months, []string{"2024-03"}) {
		t.Errorf("after it was, the tag shows %q, and the effects are %v", got, effects)
	}
}

func TestANoteWhoseFileCannotBeReadIsRetriedOnceABuild(t *testing.T) {
	w := newWorld(t, testTime)
	w.put(note(1, "2024-01-01T00:00:00Z"))
	w.put(note(2, "2024-01-02T00:00:00Z"))
	w.settle()
	w.put(note(3, "2024-01-03T00:00:00Z"))
	w.step(10)
	w.rows[2].lost = true // 2 shows 3 as the note after it, once it is rendered
	w.settle()
	if ids, _ := w.plan.Next(10); len(ids) > 0 {
		t.Errorf("%d are rendered again at once, and so without end", ids)
	}
	w.plan.Retry()
	if ids, _ := w.plan.Next(10); !slices.Equal(ids, []int64{2}) {
		t.Errorf("in the next build %d are rendered again; want 2", ids)
	}
	w.rows[2].lost = false
	w.settle()
	w.plan.Retry()
	if ids, _ := w.plan.Next(10); len(ids) > 0 {
		t.Errorf("after it was rendered %d are rendered again", ids)
	}
}

func TestANoteWhoseRowIsRemovedIsForgotten(t *testing.T) {
	w := newWorld(t, testTime)
	w.put(note(1, "2024-01-01T00:00:00Z", tagged("go")))
	w.put(note(2, "2025-01-02T00:00:00Z"))
	w.settle()
	w.put(note(1, "2024-01-01T00:00:00Z", tagged("go")))
	w.sync()
	effects := w.plan.Mark([]plan.Result{{Brief: table.Brief{ID: 1}}})
	want := plan.Effects{Neighbours: []int64{2}, Months: []string{"2024-01"}, Tags: []plan.TagChange{{Address: "go", Was: "go"}}}
	if fmt.Sprint(effects) != fmt.Sprint(want) {
		t.Errorf("effects are %v; want %v", effects, want)
	}
	if ids, _ := w.plan.Next(10); !slices.Equal(ids, []int64{2}) || w.plan.At(1) != nil {
		t.Errorf("then %d are left, and the line has %v", ids, w.plan.At(1))
	}
}

// The next process finds the changes that a killed process did not record.
func TestAPlanThatIsLoadedFindsWhatIsStale(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(w *world)
		want   plan.Effects
	}{
		{"nothing changed", func(w *world) {}, plan.Effects{}},
		{"a note was not rendered yet", func(w *world) { w.put(note(9, "2024-03-01T00:00:00Z", tagged("C++"))) }, plan.Effects{Neighbours: []int64{3}}},
		{"a page was rendered, and its effects were not recorded", func(w *world) {
			w.put(note(1, "2024-01-01T00:00:00Z", tagged("GO")))
			w.sync()
			w.plan.Mark(w.results([]int64{1}))
			w.rows[1].Todo = table.TodoNothing
		}, plan.Effects{Tags: []plan.TagChange{{Address: "go", Was: "go", Now: "GO"}}}},
		{"a note is about to have another address", func(w *world) {
			w.put(note(3, "2024-04-01T00:00:00Z", at("/moved/"), tagged("C++")))
		}, plan.Effects{Neighbours: []int64{2}, Months: []string{"2024-02"}, Tags: []plan.TagChange{{Address: "rust", Was: "Rust"}}}},
		{"a note is about to have another date and another tag", func(w *world) {
			w.put(note(3, "2024-04-01T00:00:00Z", tagged("C++")))
		}, plan.Effects{
			Neighbours: []int64{2}, Months: []string{"2024-02", "2024-04"},
			Tags: []plan.TagChange{{Address: "cplusplus", Now: "C++"}, {Address: "rust", Was: "Rust"}},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, testTime)
			w.put(note(1, "2024-01-01T00:00:00Z", tagged("go")))
			w.put(note(2, "2024-01-02T00:00:00Z", tagged("Go")))
			w.put(note(3, "2024-02-02T00:00:00Z", tagged("Rust")))
			w.settle()
			test.change(w)
			if effects := w.load(); fmt.Sprint(effects) != fmt.Sprint(test.want) {
				t.Errorf("effects are %v; want %v", effects, test.want)
			}
			w.settle()
			if stale := w.staleNeighbours(); len(stale) > 0 {
				t.Errorf("%d show other neighbours than they have", stale)
			}
		})
	}
}
