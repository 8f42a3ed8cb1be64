package plan_test

import (
	"fmt"
	"path"
	"slices"
	"testing"
	"time"

	"starpunk/generator/plan"
	"starpunk/site"
	"starpunk/site/store/table"
)

func titled(title string) func(*table.Brief) {
	return func(b *table.Brief) { b.Label, b.Named, b.Type = title, true, "article" }
}

// The ids of the notes of a library.
const (
	n1 = iota + 1
	n2
	n3
	n4
	n5
	a1
	l1
	hidden
	future
	deleted
)

// library is a world with notes of several years, tags and types, all rendered.
func library(t *testing.T) *world {
	w := newWorld(t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	w.put(note(n1, "2024-10-02T10:00:00Z", tagged("Go", "IndieWeb")))
	w.put(note(n2, "2024-10-02T10:00:00Z", tagged("GO")))
	w.put(note(n3, "2024-09-30T23:30:00-02:00", tagged("go")))         // in October by UTC
	w.put(note(n4, "2022-12-31T23:30:00-08:00", tagged("#go", "C++"))) // in 2023 by UTC
	w.put(note(n5, "2023-01-01T05:00:00+14:00"))                       // in 2022 by UTC
	w.put(note(a1, "2024-08-01T00:00:00Z", titled("An article"), tagged("indieweb")))
	w.put(note(l1, "2024-07-01T00:00:00Z", typed("like"), tagged("Liked")))
	w.put(note(hidden, "2021-07-01T00:00:00Z", unlisted, tagged("Secret")))
	w.put(note(future, "2999-07-01T00:00:00Z", tagged("Secret", "GOLANG")))
	w.put(note(deleted, "2020-07-01T00:00:00Z", tagged("Secret", "gO")))
	w.remove(deleted)
	w.settle()
	return w
}

// idsOf returns the ids of notes, 0 for none.
func idsOf(notes ...*plan.Note) (ids []int64) {
	for _, n := range notes {
		if n == nil {
			n = &plan.Note{}
		}
		ids = append(ids, n.ID)
	}
	return ids
}

func sameIDs(t *testing.T, what string, got []int64, want ...int64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %d; want %d", what, got, want)
	}
}

func TestListedGivesTheNotesOfAListNewestFirst(t *testing.T) {
	w := library(t)
	first := table.Position{Published: time.Date(2024, 10, 2, 10, 0, 0, 0, time.UTC).Unix(), Permalink: "/n2/"}
	for _, test := range []struct {
		name string
		list plan.List
		want []int64
	}{
		{"a month as the dates are written", plan.List{Month: "2024-10"}, []int64{n2, n1}},
		{"the month before", plan.List{Month: "2024-09"}, []int64{n3}},
		{"at most so many", plan.List{Month: "2024-10", Limit: 1}, []int64{n2}},
		{"since a place in the order", plan.List{Month: "2024-10", Since: &first}, []int64{n2}},
		{"a month of nothing", plan.List{Month: "2021-07"}, nil},
		{"no month", plan.List{Month: "2021-13"}, nil},
		{"a tag however it is spelled", plan.List{Tag: "go"}, []int64{n2, n1, n3, n4}},
		{"a tag in one year", plan.List{Tag: "go", Year: "2024"}, []int64{n2, n1, n3}},
		{"a tag in the year that is written", plan.List{Tag: "go", Year: "2022"}, []int64{n4}},
		{"a tag in a year of nothing", plan.List{Tag: "go", Year: "2023"}, nil},
		{"a tag in no year", plan.List{Tag: "go", Year: "x"}, nil},
		{"a tag since a place in the order", plan.List{Tag: "go", Since: &first}, []int64{n2}},
		{"a tag of what is not shown", plan.List{Tag: "secret"}, nil},
		{"a type", plan.List{Type: "note"}, []int64{n2, n1, n3, n4, n5}},
		{"a type in one year", plan.List{Type: "note", Year: "2023"}, []int64{n5}},
		{"a type in the year that is written", plan.List{Type: "note", Year: "2022"}, []int64{n4}},
		{"the newest of a type", plan.List{Type: "note", Limit: 2}, []int64{n2, n1}},
		{"another type", plan.List{Type: "like"}, []int64{l1}},
		{"a type of nothing", plan.List{Type: "video"}, nil},
	} {
		sameIDs(t, test.name, idsOf(w.plan.Listed(test.list)...), test.want...)
	}
	w.put(note(20, "2024-10-09T00:00:00Z"))
	w.sync()
	sameIDs(t, "before a page is there", idsOf(w.plan.Listed(plan.List{Month: "2024-10"})...), n2, n1)
	w.settle()
	sameIDs(t, "when it is", idsOf(w.plan.Listed(plan.List{Month: "2024-10"})...), 20, n2, n1)
}

func TestAListHasTheLabelsOfItsNotes(t *testing.T) {
	w := library(t)
	for _, l := range []plan.List{{Month: "2024-08"}, {Type: "article"}, {Tag: "indieweb", Year: "2024"}} {
		notes := w.plan.Listed(l)
		if len(notes) == 0 {
			t.Fatalf("Listed(%+v) is empty", l)
		}
		n := notes[len(notes)-1]
		got := fmt.Sprint(n.File, " ", n.Permalink, n.Published.Format(time.RFC3339), " ", n.Type, n.Status, n.Label, n.Named)
		want := fmt.Sprint("n6.md", " ", "/n6/", "2024-08-01T00:00:00Z", " ", "article", site.Public, "An article", true)
		if got != want {
			t.Errorf("%+v: %s; want %s", l, got, want)
		}
	}
}

func TestNewestMixesTypes(t *testing.T) {
	w := library(t)
	for _, test := range []struct {
		name  string
		types []string
		tag   string
		limit int
		want  []int64
	}{
		{"of several types", []string{"like", "article"}, "", 10, []int64{a1, l1}},
		{"at most so many", []string{"note", "article"}, "", 4, []int64{n2, n1, n3, a1}},
		{"of a type that is not among the newest", []string{"like"}, "", 1, []int64{l1}},
		{"of one type named twice", []string{"like", "like"}, "", 10, []int64{l1}},
		{"of a tag, whatever the type", nil, "indieweb", 10, []int64{n1, a1}},
		{"of a tag without notes", nil, "none", 10, nil},
		{"of no type", nil, "", 10, nil},
		{"none at all", []string{"note"}, "", 0, nil},
	} {
		sameIDs(t, test.name, idsOf(w.plan.Newest(test.types, test.tag, test.limit)...), test.want...)
	}
	w.breakFile(n2)
	w.settle()
	sameIDs(t, "without a broken note", idsOf(w.plan.Newest([]string{"note"}, "", 1)...), n1)
	sameIDs(t, "of a tag without it", idsOf(w.plan.Newest(nil, "go", 1)...), n1)
	sameIDs(t, "a list has its last page", idsOf(w.plan.Listed(plan.List{Type: "note", Limit: 1})...), n2)
}

func TestPeriodsThatHaveNotes(t *testing.T) {
	w := library(t)
	check := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q; want %q", what, got, want)
		}
	}
	p := w.plan
	check("all months", p.Months(""), "2024-10", "2024-09", "2024-08", "2024-07", "2023-01", "2022-12")
	check("all years", p.Years(), "2024", "2023", "2022")
	check("months of a year", p.Months("2023"), "2023-01")
	check("months of a year of nothing", p.Months("2021"))
	check("years of a tag", p.TagYears("go"), "2024", "2022")
	check("years of a tag that nothing shown has", p.TagYears("secret"))
	check("years of a type", p.TypeYears("note"), "2024", "2023", "2022")
	check("years of a type of nothing", p.TypeYears("video"))
	if !p.HasType("article") || !p.HasType("like") || p.HasType("video") {
		t.Error("HasType has another answer than TypeYears")
	}
	w.now = time.Date(2999, 8, 1, 0, 0, 0, 0, time.UTC).Unix()
	w.settle()
	check("months when the future has come", p.Months("2999"), "2999-07")
	check("years of a tag when the future has come", p.TagYears("golang"), "2999")
}

func TestATagHasTheSpellingOfItsOldestNote(t *testing.T) {
	w := library(t)
	want := []plan.Tag{{Address: "cplusplus", Spelled: "C++"}, {Address: "go", Spelled: "go"}, {Address: "indieweb", Spelled: "indieweb"}, {Address: "liked", Spelled: "Liked"}}
	if tags := w.plan.Tags(); !slices.Equal(tags, want) {
		t.Errorf("Tags: %v; want %v", tags, want)
	}
	spelling := func(tag, want string) {
		t.Helper()
		if got := w.plan.Spelling(tag); got != want {
			t.Errorf("Spelling(%q): %q; want %q", tag, got, want)
		}
	}
	spelling("go", "go")
	spelling("secret", "")
	spelling("none", "")
	w.put(note(n4, "2022-12-31T23:30:00-08:00", tagged("Golang")))
	w.put(note(n3, "2024-09-30T23:30:00-02:00"))
	w.settle()
	spelling("go", "Go")
	w.remove(n1)
	w.settle()
	spelling("go", "GO")
	w.put(note(n1, "2024-01-01T00:00:00Z", tagged("#", "gO", "Go")))
	w.settle()
	spelling("go", "gO")
}

func TestYearsChangeWithWhatIsRendered(t *testing.T) {
	w := library(t)
	for _, step := range []struct {
		name   string
		change func()
		want   string
	}{
		{"at first", func() {}, "[2024 2023 2022] [2024 2023 2022] [2024 2022]"},
		{"a note of a known year", func() { w.put(note(21, "2024-11-01T00:00:00Z", tagged("go"))) }, "[2024 2023 2022] [2024 2023 2022] [2024 2022]"},
		{"a tag of a year that it had not", func() { w.put(note(22, "2023-11-01T00:00:00Z", tagged("go"))) }, "[2024 2023 2022] [2024 2023 2022] [2024 2023 2022]"},
		{"another type in a new year", func() { w.put(note(23, "2019-11-01T00:00:00Z", typed("like"))) }, "[2024 2023 2022 2019] [2024 2023 2022] [2024 2023 2022]"},
		{"a note that is removed", func() { w.remove(23) }, "[2024 2023 2022] [2024 2023 2022] [2024 2023 2022]"},
		{"a note that loses its tag", func() { w.put(note(22, "2023-11-01T00:00:00Z")) }, "[2024 2023 2022] [2024 2023 2022] [2024 2022]"},
		{"a note of another year", func() { w.put(note(n5, "2018-01-01T00:00:00Z")) }, "[2024 2023 2022 2018] [2024 2023 2022 2018] [2024 2022]"},
	} {
		step.change()
		w.settle()
		if got := fmt.Sprint(w.plan.Years(), w.plan.TypeYears("note"), w.plan.TagYears("go")); got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
	}
}

// A note may be almost a day before or after its year, or its month, in time.
func TestPeriodsAreThoseOfTheDatesAsWritten(t *testing.T) {
	for _, first := range []string{
		"2025-01-01T00:00:00+14:00", "2025-01-01T00:00:00+23:59", "2025-12-31T23:59:59-12:00", "2025-12-31T23:59:59-23:59",
		"2025-01-01T00:00:00Z", "2025-12-31T23:59:59Z",
	} {
		w := newWorld(t, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
		w.put(note(1, first, tagged("go")))
		w.put(note(2, "2024-12-31T23:00:00-12:00", tagged("go")))
		w.put(note(3, "2026-01-01T00:00:00+14:00", tagged("go")))
		w.settle()
		if years := w.plan.TagYears("go"); !slices.Equal(years, []string{"2026", "2025", "2024"}) {
			t.Errorf("%s: years are %q", first, years)
		}
		sameIDs(t, first+" in its month", idsOf(w.plan.Listed(plan.List{Month: first[:len("2025-01")]})...), 1)
		sameIDs(t, first+" in its year", idsOf(w.plan.Listed(plan.List{Tag: "go", Year: "2025"})...), 1)
	}
}

func ExamplePlan() {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	p := plan.New(func() int64 { return now.Unix() })
	row := table.Brief{
		ID: 1, Permalink: "/2026/11/hello/", Published: now.Add(-time.Hour), Type: "note", Tags: []string{"Go"},
		Rev: 1, Todo: table.TodoChanged, Listed: true,
	}
	p.Sync([]table.Brief{row})
	ids, _ := p.Next(100)
	fmt.Println("to render:", ids)
	row.Beside = p.Beside(p.At(1)) // its page shows these neighbours
	effects := p.Mark([]plan.Result{{Brief: row, Linked: true}})
	fmt.Println("stale:", effects.Months, effects.Tags)
	for _, n := range p.Listed(plan.List{Tag: "go"}) {
		fmt.Println(path.Base(n.Permalink))
	}
	// Output:
	// to render: [1]
	// stale: [2026-11] [{go  Go}]
	// hello
}
