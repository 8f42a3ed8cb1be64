package plan

import (
	"cmp"
	"slices"

	"starpunk/site/store/table"
)

// An order is a list of notes, oldest first.
type order []*Note

func compareNotes(a, b *Note) int {
	return cmp.Or(a.Position().Compare(b.Position()), cmp.Compare(a.ID, b.ID))
}

// update removes notes from the order, which must be in it, and adds others. It
// compares few notes with the changed ones, and moves the others without a comparison.
func (o *order) update(remove, add []*Note) {
	slices.SortFunc(remove, compareNotes)
	slices.SortFunc(add, compareNotes)
	o.remove(remove)
	o.add(add)
}

// remove removes sorted notes.
func (o *order) remove(notes []*Note) {
	old := *o
	done, from := 0, 0 // the number of notes in their new places, and the index of the next to move
	for _, n := range notes {
		i, ok := old.seek(from, n)
		if !ok {
			continue
		}
		if done != from {
			copy(old[done:], old[from:i])
		}
		done, from = done+i-from, i+1
	}
	if done == from {
		return
	}
	done += copy(old[done:], old[from:])
	clear(old[done:])
	*o = old[:done]
}

// add adds sorted notes.
func (o *order) add(notes []*Note) {
	if len(notes) == 0 {
		return
	}
	places, from := make([]int, len(notes)), 0
	for k, n := range notes {
		from, _ = o.seek(from, n)
		places[k] = from
	}
	end := len(*o)
	all := slices.Grow(*o, len(notes))[:end+len(notes)]
	for k, n := range slices.Backward(notes) {
		copy(all[places[k]+k+1:], all[places[k]:end])
		all[places[k]+k], end = n, places[k]
	}
	*o = all
}

// seek is find for a note that is not before an index, and probably near it.
func (o order) seek(from int, n *Note) (i int, ok bool) {
	to := from
	for step := 1; to < len(o) && compareNotes(o[to], n) < 0; step *= 2 {
		from, to = to+1, to+step
	}
	i, ok = o[from:min(to+1, len(o))].find(n)
	return from + i, ok
}

// find returns the index of a note, or the one at which it would be inserted.
func (o order) find(n *Note) (i int, ok bool) {
	return slices.BinarySearchFunc(o, n, compareNotes)
}

// from returns the index of the first note at a position or after it.
func (o order) from(at table.Position) int {
	i, _ := slices.BinarySearchFunc(o, at, func(n *Note, at table.Position) int { return n.Position().Compare(at) })
	return i
}

// newest returns the newest notes for which keep returns true, newest first, at most
// limit of them (0: all), back to a position.
func (o order) newest(since table.Position, limit int, keep func(*Note) bool) []*Note {
	var some []*Note
	for i := len(o) - 1; i >= 0 && (limit == 0 || len(some) < limit); i-- {
		if o[i].Position().Compare(since) < 0 {
			break
		}
		if keep(o[i]) {
			some = append(some, o[i])
		}
	}
	return some
}

// A group has the built notes of the site, of a type or of a tag.
type group struct {
	order   order
	periods map[int32]int32 // how many notes each year or month has, as their dates are written
}

// update removes notes from the group and adds others. period returns the year or
// month of a note.
func (g *group) update(remove, add []*Note, period func(*Note) int32) {
	g.order.update(remove, add)
	if g.periods == nil {
		g.periods = map[int32]int32{}
	}
	for _, n := range remove {
		p := period(n)
		if g.periods[p]--; g.periods[p] == 0 {
			delete(g.periods, p)
		}
	}
	for _, n := range add {
		g.periods[period(n)]++
	}
}

// newestPeriods returns the years or months that have notes, newest first.
func (g *group) newestPeriods() []int32 {
	if g == nil {
		return nil
	}
	periods := make([]int32, 0, len(g.periods))
	for p := range g.periods {
		periods = append(periods, p)
	}
	slices.SortFunc(periods, func(a, b int32) int { return cmp.Compare(b, a) })
	return periods
}
