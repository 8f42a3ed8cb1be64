package plan

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// FuzzOrderUpdate compares updates with updates that are made one by one. They keep
// an order sorted, with the notes that should be in it.
func FuzzOrderUpdate(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed, uint8(seed*5), uint8(seed*3), uint8(seed*7))
	}
	f.Fuzz(func(t *testing.T, seed uint64, size, off, on uint8) {
		random := rand.New(rand.NewPCG(seed, 0))
		var all []*Note
		for i := range int(size) + int(on) {
			all = append(all, &Note{
				ID: int64(i), Permalink: string(rune('a' + random.IntN(3))), Published: time.Unix(int64(random.IntN(20)), 0),
			})
		}
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		before, add := all[:size], all[size:]
		sorted := slices.Clone(before)
		slices.SortFunc(sorted, compareNotes)
		remove := slices.Clone(before[:min(int(off), len(before))])

		want := slices.Concat(before[len(remove):], add)
		slices.SortFunc(want, compareNotes)
		atOnce, one := order(slices.Clone(sorted)), order(slices.Clone(sorted))
		atOnce.update(slices.Clone(remove), slices.Clone(add))
		for _, n := range remove {
			one.update([]*Note{n}, nil)
		}
		for _, n := range add {
			one.update(nil, []*Note{n})
		}
		for name, got := range map[string]order{"at once": atOnce, "one by one": one} {
			if !slices.Equal(got, want) {
				t.Errorf("%s: %d notes; want %d, or others", name, len(got), len(want))
			}
		}
	})
}

// A note that changes and keeps its place is removed and added at the same position.
func TestANoteIsReplacedAtItsPlace(t *testing.T) {
	for _, many := range []int{1, 2, 20} {
		var o order
		var old, replaced []*Note
		for i := range many {
			at := time.Unix(int64(i), 0)
			old = append(old, &Note{ID: int64(i), Published: at})
			replaced = append(replaced, &Note{ID: int64(i), Published: at, Label: "Other"})
		}
		o.update(nil, slices.Clone(old))
		o.update(slices.Clone(old), slices.Clone(replaced))
		if !slices.Equal(o, replaced) {
			t.Errorf("%d of %d notes are there, or others", len(o), many)
		}
	}
}
