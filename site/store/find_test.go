package store_test

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"slices"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store"
)

func TestByPermalinkFindsWhoHasTheAddress(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-10-01")
	s.post("draft.md", "2024-10-01", "draft: true")
	s.post(".trash/deleted.md", "2024-10-01")
	s.write("content/about.md", "A page.\n")
	s.write("content/index.md", "Welcome.\n")
	s.write("content/bad.md", "---\ndate: no\n---\n")
	st := s.scanned()
	for permalink, want := range map[string][2]string{
		"/2024/10/a/": {"a.md", "public"}, "/2024/10/draft/": {"draft.md", store.StatusDraft},
		"/2024/10/deleted/": {".trash/deleted.md", store.StatusDeleted}, "/about/": {"about.md", "public"}, "/": {"index.md", "public"},
	} {
		row, err := st.ByPermalink(t.Context(), permalink)
		if err != nil || row.File != want[0] || row.Status != want[1] {
			t.Errorf("ByPermalink(%q) = %+v, %v; want %v", permalink, row, err, want)
		}
	}
	for _, permalink := range []string{"", "/none/", "/2024/10/a", "/bad/"} {
		if row, err := st.ByPermalink(t.Context(), permalink); !errors.Is(err, store.ErrNotExist) {
			t.Errorf("ByPermalink(%q) = %+v, %v; want %v", permalink, row, err, store.ErrNotExist)
		}
	}
	s.remove("content/a.md")
	s.build(st)
	s.scan(st)
	if row, err := st.ByPermalink(t.Context(), "/2024/10/a/"); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("after the removal ByPermalink = %+v, %v", row, err)
	}
}

func TestReadGivesTheNoteAsItIsNow(t *testing.T) {
	s := newSite(t)
	s.write("content/a.md", "---\ndate: 2024-10-01 10:00\n---\nBefore\n")
	st := s.scanned()
	s.write("content/a.md", "---\ndate: 2024-10-01 10:00\n---\nAfter\n")
	n, err := st.Read("a.md")
	if err != nil || n.Content != "After" {
		t.Errorf("Read = %+v, %v", n, err)
	}
	if _, err := st.Read("none.md"); err == nil {
		t.Error("Read of no file gave no error")
	}
}

func TestOfSeveralNotesWithOneAddressOneHasThePage(t *testing.T) {
	const date = "2024-10-01T10:00:00Z"
	tests := []struct {
		name   string
		files  map[string]string // and their front matter
		first  string
		second string // "": none
	}{
		{"the first path in byte order", map[string]string{"b/x.md": "", "a/x.md": ""}, "a/x.md", "b/x.md"},
		{"upper case is before lower case", map[string]string{"a/x.md": "", "Z/x.md": ""}, "Z/x.md", "a/x.md"},
		{"a page before a note", map[string]string{"a/x.md": "", "pages/2024/10/x.md": "page"}, "pages/2024/10/x.md", "a/x.md"},
		{"a draft does not count", map[string]string{"a/x.md": "draft: true", "b/x.md": ""}, "b/x.md", ""},
		{"a private note does not count", map[string]string{"a/x.md": "visibility: private", "b/x.md": ""}, "b/x.md", ""},
		{"a deleted note does not count", map[string]string{".trash/x.md": "", "b/x.md": ""}, "b/x.md", ""},
		{"an unlisted note counts", map[string]string{"a/x.md": "visibility: unlisted", "b/x.md": ""}, "a/x.md", "b/x.md"},
	}
	shared := newSite(t)
	st := shared.open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.again(t, st)
			for file, front := range test.files {
				if front == "page" {
					s.write("content/"+file, "A page.\n")
				} else {
					s.post(file, date, front)
				}
			}
			s.scan(st)
			s.build(st)
			if r := s.row(st, test.first); !r.HasPage || r.Built == nil {
				t.Errorf("%s has no page: %+v", test.first, r)
			}
			row, err := st.ByPermalink(t.Context(), "/2024/10/x/")
			if err != nil || row.File != test.first {
				t.Errorf("ByPermalink = %+v, %v; want %s", row, err, test.first)
			}
			if test.second == "" {
				sameStrings(t, "problems", s.problems(st))
				return
			}
			if r := s.row(st, test.second); r.HasPage || r.Listed || r.Built != nil {
				t.Errorf("%s has a page: %+v", test.second, r)
			}
			sameStrings(t, "problems", s.problems(st),
				fmt.Sprintf("content/%s:1: its address /2024/10/x/ belongs to content/%s", test.second, test.first))

			s.remove("content/" + test.first)
			s.scan(st)
			sameStrings(t, "removed when the first has gone", s.build(st))
			if r := s.row(st, test.second); !r.HasPage || r.Built == nil {
				t.Errorf("when the first has gone, the row of %s is %+v", test.second, r)
			}
			sameStrings(t, "problems when the first has gone", s.problems(st))
		})
	}
}

func TestANoteThatComesFirstLaterTakesTheAddress(t *testing.T) {
	s := newSite(t)
	s.post("b/x.md", "2024-10-01")
	s.post("c/x.md", "2024-10-01", "slug: y")
	st := s.scanned()
	s.build(st)
	s.post("a/x.md", "2024-10-01")
	s.post("c/x.md", "2024-10-01", "slug: x") // comes second at another's address
	s.scan(st)
	removed := s.build(st)
	sameStrings(t, "removed", removed, "2024/10/y/index.html")
	for file, want := range map[string]bool{"a/x.md": true, "b/x.md": false, "c/x.md": false} {
		if r := s.row(st, file); r.HasPage != want || (r.Built != nil) != want {
			t.Errorf("%s: HasPage = %v, built %+v; want %v", file, r.HasPage, r.Built, want)
		}
	}
	if n := len(s.problems(st)); n != 2 {
		t.Errorf("problems: %q; want two", s.problems(st))
	}
}

func TestNeighboursAreInTheOrderOfTimeThenOfAddress(t *testing.T) {
	s := newSite(t)
	s.post("d.md", "2024-10-02T11:00:00+02:00") // 9:00 UTC
	s.post("b.md", "2024-10-02T10:00:00Z")
	s.post("c.md", "2024-10-02T12:00:00+02:00") // the same instant as b
	s.post("a.md", "2024-10-02T10:00:00Z")      // and again
	s.post("e.md", "2024-10-02T10:00:01Z")
	s.post("draft.md", "2024-10-02T10:00:00Z", "draft: true")
	s.post("unlisted.md", "2024-10-02T10:00:00Z", "visibility: unlisted")
	s.post("future.md", "2999-01-01")
	s.write("content/about.md", "A page.\n")
	st := s.scanned()
	s.build(st)
	order := []string{"", "d.md", "a.md", "b.md", "c.md", "e.md", ""}
	name := func(r *store.Row) string {
		if r == nil {
			return ""
		}
		return r.File
	}
	for i, file := range order[1 : len(order)-1] {
		row := s.row(st, file)
		found, err := st.Neighbours(t.Context(), []*store.Row{row})
		if n := found[row.ID]; err != nil || name(n.Prev) != order[i] || name(n.Next) != order[i+2] {
			t.Errorf("Neighbours(%s) = %q, %q, %v; want %q, %q", file, name(n.Prev), name(n.Next), err, order[i], order[i+2])
		}
	}
}

func TestManyRowsHaveTheNeighboursThatEachHasAlone(t *testing.T) {
	s := newSite(t)
	for i := range 120 {
		at := time.Date(2024, 1, 1+i/3, 10, 0, 0, 0, time.UTC).Format(time.RFC3339) // three at each time
		front := ""
		if i%10 == 7 {
			front = "visibility: unlisted"
		}
		s.post(fmt.Sprintf("n%03d.md", i), at, front)
	}
	st := s.scanned()
	s.build(st)
	for _, test := range []struct {
		name           string
		from, to, step int
		most           int64 // rows read beside those given
	}{
		{"all", 0, 120, 1, 4},
		{"that follow each other", 40, 80, 1, 4},
		{"every other", 20, 90, 2, 90 + 4},
		{"with many between", 0, 120, 6, 3 * 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			var rows []*store.Row
			for i := test.from; i < test.to; i += test.step {
				rows = append(rows, s.row(st, fmt.Sprintf("n%03d.md", i)))
			}
			before := st.Work().Rows
			found, err := st.Neighbours(t.Context(), rows)
			if err != nil {
				t.Fatal(err)
			}
			if more := st.Work().Rows - before - int64(len(rows)); more > test.most {
				t.Errorf("%d rows were read for %d", more+int64(len(rows)), len(rows))
			}
			for _, row := range rows {
				alone, err := st.Neighbours(t.Context(), []*store.Row{row})
				if err != nil {
					t.Fatal(err)
				}
				for _, pair := range [][2]*store.Row{{found[row.ID].Prev, alone[row.ID].Prev}, {found[row.ID].Next, alone[row.ID].Next}} {
					if !reflect.DeepEqual(pair[0], pair[1]) {
						t.Errorf("beside %s is %+v, and %+v if it is looked for alone", row.File, pair[0], pair[1])
					}
				}
			}
		})
	}
}

// library is a site with notes of several years, tags and types, all built.
func library(t *testing.T) (*testSite, *store.Store) {
	s := newSite(t)
	s.post("n1.md", "2024-10-02T10:00:00Z", "tags: [Go, IndieWeb]")
	s.post("n2.md", "2024-10-02T10:00:00Z", "tags: [GO]")
	s.post("n3.md", "2024-09-30T23:30:00-02:00", "tags: [go]") // in October by UTC
	s.post("n4.md", "2022-12-31T23:30:00-08:00", "tags: ['#go', C++]")
	s.post("n5.md", "2023-01-01T05:00:00+14:00") // 2022 by UTC
	s.post("a1.md", "2024-08-01", "title: An article", "tags: [indieweb]")
	s.post("l1.md", "2024-07-01", "like-of: https://example.org/", "tags: [Liked]")
	s.post("draft.md", "2021-07-01", "draft: true", "tags: [Secret]")
	s.post("unlisted.md", "2021-07-01", "visibility: unlisted", "tags: [Secret]")
	s.post("future.md", "2999-07-01", "tags: [Secret, GOLANG]")
	s.post(".trash/deleted.md", "2020-07-01", "tags: [Secret, gO]")
	s.write("content/about.md", "---\ntags: [page]\n---\nA page.\n")
	s.write("content/pages/z.md", "---\nvisibility: unlisted\n---\nA page.\n")
	s.write("content/index.md", "Welcome.\n")
	st := s.scanned()
	s.build(st)
	return s, st
}

func TestListedGivesTheNotesOfAListNewestFirst(t *testing.T) {
	s, st := library(t)
	tests := []struct {
		name string
		list store.List
		want []string
	}{
		{"a month as the dates are written", store.List{Month: "2024-10"}, []string{"n2.md", "n1.md"}},
		{"the month before", store.List{Month: "2024-09"}, []string{"n3.md"}},
		{"at most so many", store.List{Month: "2024-10", Limit: 1}, []string{"n2.md"}},
		{"a month of nothing", store.List{Month: "2021-07"}, nil},
		{"a tag however it is spelled", store.List{Tag: "go"}, []string{"n2.md", "n1.md", "n3.md", "n4.md"}},
		{"a tag in one year", store.List{Tag: "go", Year: "2024"}, []string{"n2.md", "n1.md", "n3.md"}},
		{"a tag in the year that is written", store.List{Tag: "go", Year: "2022"}, []string{"n4.md"}},
		{"a tag in a year of nothing", store.List{Tag: "go", Year: "2023"}, nil},
		{"a tag of what is not shown", store.List{Tag: "secret"}, nil},
		{"a type", store.List{Type: "note"}, []string{"n2.md", "n1.md", "n3.md", "n4.md", "n5.md"}},
		{"a type in one year", store.List{Type: "note", Year: "2023"}, []string{"n5.md"}},
		{"a type in the year that is written", store.List{Type: "note", Year: "2022"}, []string{"n4.md"}},
		{"the newest of a type", store.List{Type: "note", Limit: 2}, []string{"n2.md", "n1.md"}},
		{"another type", store.List{Type: "like"}, []string{"l1.md"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rows, err := st.Listed(t.Context(), test.list)
			if err != nil {
				t.Fatal(err)
			}
			sameStrings(t, "Listed", filesIn(rows), test.want...)
		})
	}
	s.post("new.md", "2024-10-09")
	s.scan(st)
	rows, err := st.Listed(t.Context(), store.List{Month: "2024-10"})
	if err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "a list does not link to a page that is not there yet", filesIn(rows), "n2.md", "n1.md")
}

// filesIn are the files of a list, whose permalinks end in their names.
func filesIn(list []store.Entry) (files []string) {
	for _, e := range list {
		files = append(files, path.Base(e.Permalink)+".md")
	}
	return files
}

func TestAListSaysWhatItsNotesAreCalled(t *testing.T) {
	_, st := library(t)
	at := time.Date(2024, 8, 1, 0, 0, 0, 0, time.UTC)
	want := store.Entry{
		Permalink: "/2024/08/a1/", Published: at, Type: "article", Status: site.Public, Label: "An article", Named: true,
	}
	for _, l := range []store.List{{Month: "2024-08"}, {Type: "article"}, {Tag: "indieweb", Year: "2024"}} {
		list, err := st.Listed(t.Context(), l)
		if err != nil || len(list) == 0 {
			t.Fatalf("Listed(%+v) = %v, %v", l, list, err)
		}
		got := list[len(list)-1]
		if !got.Published.Equal(at) {
			t.Errorf("%+v: published %v, want %v", l, got.Published, at)
		}
		got.Published = at
		if got != want {
			t.Errorf("%+v: %+v, want %+v", l, got, want)
		}
	}
}

func TestNewestMixesTypes(t *testing.T) {
	_, st := library(t)
	tests := []struct {
		name  string
		types []string
		tag   string
		limit int
		want  []string
	}{
		{"of several types", []string{"like", "article"}, "", 10, []string{"a1.md", "l1.md"}},
		{"at most so many", []string{"note", "article"}, "", 4, []string{"n2.md", "n1.md", "n3.md", "a1.md"}},
		{"of a type that is not among the newest", []string{"like"}, "", 1, []string{"l1.md"}},
		{"of one type named twice", []string{"like", "like"}, "", 10, []string{"l1.md"}},
		{"of a tag, whatever the type", nil, "indieweb", 10, []string{"n1.md", "a1.md"}},
		{"of no type", nil, "", 10, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rows, err := st.Newest(t.Context(), test.types, test.tag, test.limit)
			if err != nil {
				t.Fatal(err)
			}
			sameStrings(t, "Newest", filesOf(rows), test.want...)
		})
	}
}

func TestTheNewestOfSeveralTypesAreFoundAtOnce(t *testing.T) {
	_, st := library(t)
	before := st.Work().Rows
	rows, err := st.Newest(t.Context(), []string{"note", "article", "like"}, "", 4)
	if err != nil || len(rows) != 4 {
		t.Fatalf("Newest gives %d notes, %v", len(rows), err)
	}
	if read := st.Work().Rows - before; read != 4 {
		t.Errorf("%d rows were read for 4 notes", read)
	}
}

func TestPeriodsThatHaveNotes(t *testing.T) {
	s, st := library(t)
	check := func(what string, f func() ([]string, error), want ...string) {
		t.Helper()
		got, err := f()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		sameStrings(t, what, got, want...)
	}
	ctx := t.Context()
	check("all months", func() ([]string, error) { return st.Months(ctx, "") }, "2024-10", "2024-09", "2024-08", "2024-07", "2023-01", "2022-12")
	check("all years", func() ([]string, error) { return st.Years(ctx) }, "2024", "2023", "2022")
	check("months of a year", func() ([]string, error) { return st.Months(ctx, "2023") }, "2023-01")
	check("months of a year of nothing", func() ([]string, error) { return st.Months(ctx, "2021") })
	check("years of a tag", func() ([]string, error) { return st.TagYears(ctx, "go") }, "2024", "2022")
	check("years of a tag that nothing shown has", func() ([]string, error) { return st.TagYears(ctx, "secret") })
	check("years of a type", func() ([]string, error) { return st.TypeYears(ctx, "note") }, "2024", "2023", "2022")
	check("the types there are", func() ([]string, error) { return st.Types(ctx) }, "article", "like", "note")
	check("years of a type of nothing", func() ([]string, error) { return st.TypeYears(ctx, "video") })

	s.now = time.Date(2999, 8, 1, 0, 0, 0, 0, time.UTC)
	s.build(st)
	check("months when the future has come", func() ([]string, error) { return st.Months(ctx, "2999") }, "2999-07")
	check("years of a tag when the future has come", func() ([]string, error) { return st.TagYears(ctx, "golang") }, "2999")
}

func TestATagIsCalledWhatItsOldestNoteCallsIt(t *testing.T) {
	s, st := library(t)
	tags, err := st.Tags(t.Context())
	want := []store.Tag{{Address: "cplusplus", Spelled: "C++"}, {Address: "go", Spelled: "go"}, {Address: "indieweb", Spelled: "indieweb"}, {Address: "liked", Spelled: "Liked"}}
	if err != nil || !slices.Equal(tags, want) {
		t.Errorf("Tags = %+v, %v; want %+v", tags, err, want)
	}
	spelling := func(tag, want string) {
		t.Helper()
		if got, err := st.Spelling(t.Context(), tag); err != nil || got != want {
			t.Errorf("Spelling(%q) = %q, %v; want %q", tag, got, err, want)
		}
	}
	spelling("go", "go")
	spelling("secret", "")
	spelling("none", "")
	s.post("n4.md", "2022-12-31T23:30:00-08:00", "tags: [Golang]")
	s.post("n3.md", "2024-09-30T23:30:00-02:00")
	s.scan(st)
	s.build(st)
	spelling("go", "Go")
	s.remove("content/n1.md")
	s.scan(st)
	s.build(st)
	spelling("go", "GO")
}

func TestPagesAreThoseWithoutADate(t *testing.T) {
	_, st := library(t)
	permalinks, err := st.PagePermalinks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "PagePermalinks", permalinks, "/about/")
}

func TestARowSaysWhatANoteIs(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-09-30T23:30:00-02:30", "title: 'A title'", "tags: [Go, '#go', 'Größe']")
	s.write("content/pages/deep/about.md", "A page.\n")
	st := s.scanned()
	r := s.row(st, "a.md")
	if r.Type != "article" || r.Label != "A title" || !r.Named || r.Kind != "note" || r.Status != "public" ||
		r.Published.Format(time.RFC3339) != "2024-09-30T23:30:00-02:30" || !slices.Equal(r.Tags, []string{"Go", "#go", "Größe"}) || r.Built != nil {
		t.Errorf("the row of a.md is %+v", r)
	}
	p := s.row(st, "pages/deep/about.md")
	if p.Kind != "page" || p.Permalink != "/deep/about/" || !p.Published.IsZero() || !p.HasPage || p.Listed {
		t.Errorf("the row of the page is %+v", p)
	}
	s.build(st)
	r = s.row(st, "a.md")
	if b := r.Built; b == nil || b.Hash != r.Hash || b.Permalink != r.Permalink || b.Label != r.Label || !b.Published.Equal(r.Published) ||
		!slices.Equal(b.Outputs, []string{"2024/09/a/index.html"}) || len(b.Lists) != 5 || b.Number == 0 {
		t.Errorf("a.md was built as %+v", b)
	}
	if row, err := st.ByFile(t.Context(), "none.md"); err != nil || row != nil {
		t.Errorf("ByFile of no file = %+v, %v", row, err)
	}
}

// What is remembered of years follows what is built.
func TestYearsChangeWithWhatIsBuilt(t *testing.T) {
	s, st := library(t)
	years := func() string {
		all, err := st.Years(t.Context())
		ofType, errType := st.TypeYears(t.Context(), "note")
		ofTag, errTag := st.TagYears(t.Context(), "go")
		if err := errors.Join(err, errType, errTag); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(all, ofType, ofTag)
	}
	for _, step := range []struct {
		name   string
		change func()
		want   string
	}{
		{"at first", func() {}, "[2024 2023 2022] [2024 2023 2022] [2024 2022]"},
		{"a note of a known year", func() { s.post("new1.md", "2024-11-01", "tags: [go]") }, "[2024 2023 2022] [2024 2023 2022] [2024 2022]"},
		{"a tag of a year that it had not", func() { s.post("new2.md", "2023-11-01", "tags: [go]") }, "[2024 2023 2022] [2024 2023 2022] [2024 2023 2022]"},
		{"another type in a new year", func() { s.post("new3.md", "2019-11-01", "title: X") }, "[2024 2023 2022 2019] [2024 2023 2022] [2024 2023 2022]"},
		{"a note that goes", func() { s.remove("content/new3.md") }, "[2024 2023 2022] [2024 2023 2022] [2024 2023 2022]"},
		{"a note that loses its tag", func() { s.post("new2.md", "2023-11-01") }, "[2024 2023 2022] [2024 2023 2022] [2024 2022]"},
		{"a note of another year", func() { s.post("n5.md", "2018-01-01") }, "[2024 2023 2022 2018] [2024 2023 2022 2018] [2024 2022]"},
	} {
		step.change()
		s.scan(st)
		s.build(st)
		if got := years(); got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
	}
}

// Two moments, each in the year of where its author was: the one that
// came first is of the later year.
func TestYearsAreThoseOfTheDatesAsWritten(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2025-01-01T00:30:00+14:00", "tags: [go]")
	s.post("b.md", "2024-12-31T23:00:00-12:00", "tags: [go]")
	s.post("c.md", "2026-06-01", "tags: [go]")
	st := s.scanned()
	s.build(st)
	for name, ask := range map[string]func() ([]string, error){
		"a tag":  func() ([]string, error) { return st.TagYears(t.Context(), "go") },
		"a type": func() ([]string, error) { return st.TypeYears(t.Context(), "note") },
	} {
		if years, err := ask(); err != nil || !slices.Equal(years, []string{"2026", "2025", "2024"}) {
			t.Errorf("years of %s: %q, %v", name, years, err)
		}
	}
}
