package plan_test

import (
	"slices"
	"testing"
	"time"

	"starpunk/generator/plan"
	"starpunk/site/store/table"
)

// The row of a note has the month and the tags of its file, though its page is not
// rendered again yet. When it is, the plan finds no change in them.
func TestMonthsAndTagsThatOnlyAPendingNoteHasAreFound(t *testing.T) {
	row := table.Brief{
		ID: 1, Permalink: "/a/", Published: time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC), Type: "note", Tags: []string{"C", "B", "D"},
		Rev: 1, Todo: table.TodoChanged, Listed: true, Linked: true, Rendered: true,
	}
	recorded := plan.Record{Months: []string{"2024-02"}, Tags: map[string]string{"a": "A", "e": "E", "d": "d"}}
	p := plan.New(func() int64 { return 1 << 60 })
	effects := p.Load([]table.Brief{row}, recorded)
	if want := []string{"2024-02", "2024-04"}; !slices.Equal(effects.Months, want) {
		t.Errorf("the months %q; want %q", effects.Months, want)
	}
	want := []plan.TagChange{
		{Address: "a", Was: "A"}, {Address: "b", Now: "B"}, {Address: "c", Now: "C"}, {Address: "d", Was: "d", Now: "D"}, {Address: "e", Was: "E"},
	}
	if !slices.Equal(effects.Tags, want) {
		t.Errorf("the tags %v; want %v", effects.Tags, want)
	}
	if effects := p.Mark([]plan.Result{{Brief: row, Linked: true}}); len(effects.Months)+len(effects.Tags) > 0 {
		t.Errorf("when its page is rendered, the effects are %v", effects)
	}
}
