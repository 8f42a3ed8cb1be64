package queue_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"
	"starpunk/site/store/link"
	"starpunk/site/store/queue"
	"starpunk/site/store/table"
)

func TestAPlanBeginsWithWhatIsPendingOrLinked(t *testing.T) {
	s := storetest.New(t)
	s.Post("old.md", "2023-01-01T10:00:00Z", "tags: [go, Go, C++]", "title: Old")
	s.Post("unlisted.md", "2024-06-01T10:00:00Z", "visibility: unlisted")
	s.Post("future.md", s.Now.Add(time.Hour).Format(time.RFC3339))
	s.Write("content/bad.md", "---\ndate: no\n---\n")
	st := s.Scanned()
	waited := s.Create(st, storetest.PlainNote("waited", "Text"))
	brief := func(file string) (found table.Brief) {
		t.Helper()
		for _, b := range s.Briefs(st) {
			if b.File == file {
				found = b
			}
		}
		return found
	}
	states := func() (states []string) {
		for _, b := range s.Briefs(st) {
			states = append(states, fmt.Sprint(b.File, " ", b.Todo, b.Listed, b.Linked, b.Rendered))
		}
		slices.Sort(states)
		return states
	}
	storetest.SameStrings(t, "before a build", states(), "future.md 2 true false false",
		waited.File+" 3 true false false", "old.md 2 true false false", "unlisted.md 2 false false false")
	row := s.Row(st, "old.md")
	s.Mark(st, 1, queue.Marks{Results: []queue.Result{{Row: row, Built: storetest.ResultOf(row).Built, Beside: 1<<63 + 7}}})
	want := row.Brief(1<<63 + 7)
	want.Todo, want.Linked, want.Rendered = table.TodoNothing, true, true
	if got := brief("old.md"); !reflect.DeepEqual(got, want) {
		t.Errorf("the brief is %+v; want %+v", got, want)
	}
	s.Build(st)
	storetest.SameStrings(t, "after it", states(), "future.md 2 true false false", waited.File+" 0 true true true", "old.md 0 true true true")

	s.Post("old.md", "2023-01-01T10:00:00Z", "slug: moved")
	s.Scan(st)
	storetest.SameStrings(t, "when a note has another address", states(),
		"future.md 2 true false false", waited.File+" 0 true true true", "old.md 2 true false true")
	s.Remove("content/old.md")
	s.Scan(st)
	if b := brief("old.md"); !b.Gone || b.Listed || b.Linked || !b.Rendered || b.Todo != table.TodoChanged {
		t.Errorf("of a file that does not exist any more the brief is %+v", b)
	}
	s.Build(st)
	if b := brief("old.md"); b.ID != 0 {
		t.Errorf("when its outputs are planned away the brief is %+v", b)
	}
}

func TestChangedGivesEachChangeOnce(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-01-01T10:00:00Z")
	s.Post("b.md", "2024-01-02T10:00:00Z")
	st := s.Scanned()
	var rev int64
	want := func(when string, files ...string) {
		t.Helper()
		var got []string
		for _, b := range s.Changed(st, rev) {
			if b.Rev <= rev && len(got) == 0 {
				t.Errorf("%s: the revision of %s is %d after %d", when, b.File, b.Rev, rev)
			}
			got, rev = append(got, b.File), max(rev, b.Rev)
		}
		slices.Sort(got)
		storetest.SameStrings(t, when, got, files...)
	}
	want("at first", "a.md", "b.md")
	want("when nothing changed")
	s.Post("b.md", "2024-01-02T10:00:00Z", "title: B")
	s.Scan(st)
	want("when one changed before it was built", "b.md")
	s.Build(st)
	want("when all is built")
	s.Mark(st, 1, queue.Marks{Neighbours: []int64{s.Row(st, "a.md").ID}})
	want("when a neighbour changed, which the plan has found itself")
	s.Remove("content/a.md")
	created := s.Create(st, storetest.PlainNote("c", "Text"))
	s.Scan(st)
	want("when one went and one came", "a.md", created.File)
}

func TestRowsComeInTheOrderOfTheirIDs(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-01-01T10:00:00Z")
	s.Post("b.md", "2024-01-02T10:00:00Z")
	st := s.Scanned()
	a, b := s.Row(st, "a.md").ID, s.Row(st, "b.md").ID
	rows, err := st.Notes.Rows(t.Context(), []int64{b, 1 << 40, a})
	if err != nil {
		t.Fatal(err)
	}
	storetest.SameStrings(t, "Rows", storetest.FilesOf(rows), "b.md", "a.md")
}

func TestAPostThatIsDueAndAnUploadAreUrgent(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-01-01T10:00:00Z")
	st := s.Scanned()
	want := func(urgent bool, when string) {
		t.Helper()
		if is, err := st.Urgent(t.Context()); err != nil || is != urgent {
			t.Errorf("Urgent() = %v, %v %s", is, err, when)
		}
	}
	want(false, "with a file that changed")
	s.Create(st, storetest.NewNote(t, "later", s.Now.Add(time.Hour).Format(time.RFC3339)))
	want(false, "with a post for later")
	s.Create(st, storetest.PlainNote("now", "Text"))
	want(true, "with a post")
	s.Build(st)
	want(false, "when all is built")
	if _, err := st.Uploads.Save(t.Context(), strings.NewReader("picture"), 100, storetest.AsIs); err != nil {
		t.Fatal(err)
	}
	want(true, "with an upload")
}

func TestAScheduledNoteIsPendingWhenItsTimeHasCome(t *testing.T) {
	s := storetest.New(t)
	due := s.Now.Add(24 * time.Hour)
	s.Post("later.md", due.Add(time.Hour).Format(time.RFC3339))
	s.Post("soon.md", due.Format(time.RFC3339))
	s.Post("draft.md", due.Add(-time.Hour).Format(time.RFC3339), "draft: true")
	st := s.Scanned()
	created := s.Create(st, storetest.NewNote(t, "waited", due.Add(2*time.Hour).Format(time.RFC3339)))
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)))
	if waiting, err := st.Waiting(t.Context()); err != nil || waiting {
		t.Errorf("Waiting() = %v, %v though nothing is due", waiting, err)
	}
	next, err := st.NextDue(t.Context())
	if err != nil || !next.Equal(due) {
		t.Errorf("NextDue() = %v, %v; want %v", next, err, due)
	}
	if r := s.Row(st, "soon.md"); !r.Future || r.HasPage || r.Listed {
		t.Errorf("before its time the row is %+v", r)
	}

	s.Now = due
	storetest.SameStrings(t, "built at its time", s.BuildNotes(st), "soon.md", "draft.md")
	if r := s.Row(st, "soon.md"); r.Future || !r.HasPage || !r.Listed || r.Built == nil {
		t.Errorf("at its time the row is %+v", r)
	}
	s.Now = due.Add(2 * time.Hour)
	storetest.SameStrings(t, "built when all have come", s.BuildNotes(st), created.File, "later.md")
	if next, err := st.NextDue(t.Context()); err != nil || !next.IsZero() {
		t.Errorf("NextDue() = %v, %v; want none", next, err)
	}
}

func TestANoteTurnsWhenItsTimeBeginsAndEnds(t *testing.T) {
	s := storetest.New(t)
	begin, end := s.Now.Add(24*time.Hour), s.Now.Add(48*time.Hour)
	s.Post("a.md", "2024-10-01T10:00:00Z", "publishDate: "+begin.Format(time.RFC3339), "expiryDate: "+end.Format(time.RFC3339))
	st := s.Scanned()
	s.Build(st)
	for _, step := range []struct {
		now, next time.Time
		shown     bool
	}{{s.Now, begin, false}, {begin, end, true}, {end, time.Time{}, false}} {
		s.Now = step.now
		if err := st.RefreshTimed(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Build(st)
		next, err := st.NextDue(t.Context())
		if r := s.Row(st, "a.md"); err != nil || !next.Equal(step.next) || r.HasPage != step.shown {
			t.Errorf("at %v: next %v, %v, has a page: %v; want next %v, shown %v", step.now, next, err, r.HasPage, step.next, step.shown)
		}
	}
}

func TestANoteThatIsPutOffLosesItsPageUntilThen(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-10-01T10:00:00Z")
	st := s.Scanned()
	s.Build(st)
	due := s.Now.Add(time.Hour)
	s.Post("a.md", due.Format(time.RFC3339))
	s.Scan(st)
	storetest.SameStrings(t, "removed", s.Build(st), "2024/10/a/index.html", "2024/10/index.html")
	s.Now = due
	storetest.SameStrings(t, "pending at the new time", storetest.FilesOf(s.Pending(st)), "a.md")
}

func TestAPreviewShowsDraftsAndFutureNotes(t *testing.T) {
	s := storetest.New(t)
	s.Post("draft.md", "2024-10-01", "draft: true")
	s.Post("future.md", "2999-10-01")
	s.Post("private.md", "2024-10-03", "visibility: private")
	s.Post("both.md", "2024-10-04", "draft: true", "visibility: private")
	s.Post("unlisted.md", "2024-10-05", "draft: true", "visibility: unlisted")
	s.Write("content/page.md", "---\ndraft: true\n---\nA page.\n")
	cfg := s.Config()
	cfg.Development("127.0.0.1:8080")
	st := s.OpenAs(cfg)
	s.Scan(st)
	s.BuildNotes(st)
	for file, want := range map[string][2]bool{
		"draft.md": {true, true}, "future.md": {true, true}, "page.md": {true, false}, "private.md": {false, false}, "both.md": {false, false}, "unlisted.md": {true, false},
	} {
		if r := s.Row(st, file); r.HasPage != want[0] || r.Listed != want[1] {
			t.Errorf("%s: HasPage, Listed = %v, %v; want %v", file, r.HasPage, r.Listed, want)
		}
	}
}

func TestMarkBuiltMakesTheListsStaleThatANoteIsOnOrWas(t *testing.T) {
	tests := []struct {
		name   string
		change func(s *storetest.Site)
		stale  []string
	}{
		{"a new note", func(s *storetest.Site) { s.Post("b.md", "2024-11-05", "tags: [IndieWeb]") }, []string{"/", "/2024/11/", "/tags/indieweb/"}},
		{"a change of the text", func(s *storetest.Site) { s.Post("a.md", "2024-10-01", "tags: [Go]", "title: X") }, []string{"/", "/2024/10/", "/tags/go/"}},
		{"another tag", func(s *storetest.Site) { s.Post("a.md", "2024-10-01", "tags: [C++]") }, []string{"/", "/2024/10/", "/tags/cplusplus/", "/tags/go/"}},
		{"another month", func(s *storetest.Site) { s.Post("a.md", "2023-01-01", "tags: [Go]") }, []string{"/", "/2023/01/", "/2024/10/", "/2024/10/a/", "/tags/go/"}},
		{"a removal", func(s *storetest.Site) { s.Remove("content/a.md") }, []string{"/", "/2024/10/", "/2024/10/a/", "/tags/go/"}},
		{"a note that is unlisted now", func(s *storetest.Site) { s.Post("a.md", "2024-10-01", "visibility: unlisted") }, []string{"/", "/2024/10/", "/tags/go/"}},
		{"a note that is a draft now", func(s *storetest.Site) { s.Post("a.md", "2024-10-01", "draft: true") }, []string{"/", "/2024/10/", "/2024/10/a/", "/tags/go/"}},
	}
	shared := storetest.New(t)
	st := shared.Open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.Again(t, st)
			s.Post("a.md", "2024-10-01", "tags: [Go]")
			s.Scan(st)
			s.Build(st)
			storetest.SameStrings(t, "stale before", s.Stale(st))
			test.change(s)
			s.Scan(st)
			s.BuildNotes(st)
			storetest.SameStrings(t, "stale", s.Stale(st), test.stale...)
			s.Build(st)
			if unknown := s.Unknown(st, "/2024/10/a/"); len(unknown) != 1 {
				t.Error("a list has the address of the note")
			}
		})
	}
}

// Which these are is found by a plan.
func TestNeighboursAreRenderedAgain(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-10-01T10:00:00Z")
	s.Post("b.md", "2024-10-02T10:00:00Z")
	s.Post("unlisted.md", "2024-10-03T10:00:00Z", "visibility: unlisted")
	st := s.Scanned()
	unbuilt := s.Row(st, "a.md")
	s.Mark(st, 1, queue.Marks{Neighbours: []int64{unbuilt.ID}})
	if r := s.Row(st, "a.md"); r.Todo != table.TodoChanged {
		t.Errorf("of a note without a page todo is %d; want %d", r.Todo, table.TodoChanged)
	}
	s.Build(st)
	s.Post("b.md", "2024-10-02T10:00:00Z", "title: Changed")
	s.Scan(st)
	a, b := s.Row(st, "a.md"), s.Row(st, "b.md")
	s.Mark(st, 2, queue.Marks{Neighbours: []int64{a.ID, b.ID, 1 << 40}})
	rows := s.Pending(st)
	storetest.SameStrings(t, "pending", storetest.FilesOf(rows), "b.md", "a.md")
	if rows[0].Todo != table.TodoChanged || rows[1].Todo != table.TodoNeighbour {
		t.Errorf("todo is %d and %d; want %d and %d", rows[0].Todo, rows[1].Todo, table.TodoChanged, table.TodoNeighbour)
	}
	if a.Rev != rows[1].Rev {
		t.Error("the change of a neighbour counts as one of the note: who waits for the note would wait again")
	}
	s.MarkBuilt(st, storetest.ResultOf(rows[1]))
	storetest.SameStrings(t, "lists that are stale by the neighbour of a note", s.Stale(st))
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), "b.md")
}

func TestAHashOfNeighboursIsKeptWithThePageThatShowsThem(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-10-01T10:00:00Z")
	st := s.Scanned()
	beside := func(want uint64, when string) {
		t.Helper()
		if b := s.Briefs(st); len(b) != 1 || b[0].Beside != want {
			t.Errorf("%s: Briefs = %+v; want a hash of %d", when, b, want)
		}
	}
	res := storetest.ResultOf(s.Row(st, "a.md"))
	res.Beside = 5
	s.MarkBuilt(st, res)
	beside(5, "when it was rendered")
	s.Write("content/a.md", "---\ndate: no\n---\n")
	s.Scan(st)
	row := s.Row(st, "a.md")
	s.MarkBuilt(st, queue.Result{Row: row, Built: row.Built, Beside: 6})
	beside(5, "when its last page stays")
}

func TestTagsAndListsThatAPlanFindsAreRecorded(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	tags := func(when string, want map[string]string) {
		t.Helper()
		if got, err := st.Lists.Tags(t.Context()); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: Lists.Tags = %v, %v; want %v", when, got, err, want)
		}
	}
	tags("at first", nil)
	s.Mark(st, 1, queue.Marks{
		Lists: []string{"/2024/", "/tags/"},
		Tags:  []store.Tag{{Address: "go", Spelled: "Go"}, {Address: "cplusplus", Spelled: "C++"}},
	})
	tags("two that came", map[string]string{"go": "Go", "cplusplus": "C++"})
	all, err := st.Tags(t.Context())
	if want := []store.Tag{{Address: "cplusplus", Spelled: "C++"}, {Address: "go", Spelled: "Go"}}; err != nil || !slices.Equal(all, want) {
		t.Errorf("Tags = %v, %v; want %v", all, err, want)
	}
	storetest.SameStrings(t, "stale", s.Stale(st), "/2024/", "/tags/")
	s.Mark(st, 2, queue.Marks{Tags: []store.Tag{{Address: "go", Spelled: "GO"}, {Address: "cplusplus"}, {Address: "none"}}})
	tags("one that is spelled otherwise, and one that went", map[string]string{"go": "GO"})
	if _, err := st.Outputs.Claim(t.Context(), "another"); err != nil {
		t.Fatal(err)
	}
	tags("with another output folder", nil)
}

func TestMonthsWithASiteMapAreRecorded(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	err := st.Lists.Touch(t.Context(), "/sitemap.xml", "/sitemap-pages.xml", "/sitemap-2024-11.xml", "/sitemap-0999-01.xml", "/2024/11/", "/sitemap/")
	if err != nil {
		t.Fatal(err)
	}
	months, err := st.Lists.Months(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	storetest.SameStrings(t, "RecordedMonths", months, "0999-01", "2024-11")
}

func TestOutputsThatAreNoLongerWantedAreRemoved(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-10-01")
	s.Post("b.md", "2024-10-02")
	st := s.Scanned()
	number := s.MarkBuilt(st, results(s.Pending(st), "one.txt", "two.txt")...)
	storetest.SameStrings(t, "removals", s.Removals(st))

	s.Index("update notes set todo = 2")
	s.MarkBuilt(st, results(s.Pending(st), "two.txt", "three.txt")...)
	storetest.SameStrings(t, "removals of two notes that had the same", s.Removals(st), "2024/10/a/one.txt", "2024/10/b/one.txt")
	if err := st.Outputs.MarkRemoved(t.Context(), number+1, []string{"2024/10/a/one.txt"}); err != nil {
		t.Fatal(err)
	}
	storetest.SameStrings(t, "removals", s.Removals(st), "2024/10/b/one.txt")

	s.Index("update notes set todo = 2")
	s.MarkBuilt(st, results(s.Pending(st), "one.txt", "two.txt", "three.txt")...)
	storetest.SameStrings(t, "removals of what is wanted again", s.Removals(st))
}

// results are results with more outputs beside each page.
func results(rows []*store.Row, more ...string) []queue.Result {
	var rs []queue.Result
	for _, r := range rows {
		res := storetest.ResultOf(r)
		for _, name := range more {
			res.Built.Outputs = append(res.Built.Outputs, strings.TrimPrefix(r.Permalink, "/")+name)
		}
		rs = append(rs, res)
	}
	return rs
}

func TestARowThatChangesDuringABuildStaysPending(t *testing.T) {
	tests := []struct {
		name    string
		change  func(s *storetest.Site)
		pending []string
		removed []string
	}{
		{"changed", func(s *storetest.Site) { s.Post("a.md", "2024-10-01", "title: Changed") }, []string{"a.md"}, nil},
		{"removed", func(s *storetest.Site) { s.Remove("content/a.md") }, []string{"a.md"}, []string{"2024/10/a/index.html"}},
		{"removed, and another file came", func(s *storetest.Site) {
			s.Remove("content/a.md")
			s.Post("b.md", "2024-10-01")
		}, []string{"a.md", "b.md"}, []string{"2024/10/a/index.html"}},
		{"broken", func(s *storetest.Site) { s.Write("content/a.md", "---\ndate: no\n---\n") }, []string{"a.md"}, nil},
	}
	shared := storetest.New(t)
	st := shared.Open()
	for _, built := range []bool{false, true} {
		for _, test := range tests {
			t.Run(test.name+map[bool]string{false: ", never built", true: ", built before"}[built], func(t *testing.T) {
				s := shared.Again(t, st)
				s.Post("a.md", "2024-10-01")
				s.Scan(st)
				if built {
					s.Build(st)
					s.Post("a.md", "2024-10-01", "title: First change")
					s.Scan(st)
				}
				rows := s.Pending(st) // the build begins
				test.change(s)
				s.Scan(st)
				s.MarkBuilt(st, storetest.ResultOf(rows[0])) // and ends
				files := storetest.FilesOf(s.Pending(st))
				slices.Sort(files)
				storetest.SameStrings(t, "pending", files, test.pending...)
				if test.name == "broken" {
					return // its page stays
				}
				removed := s.Build(st)
				for _, output := range test.removed {
					if !slices.Contains(removed, output) {
						t.Errorf("removed %q, want %s too", removed, output)
					}
				}
			})
		}
	}
}

// A plan has the note in the order of time until a row reports that its file is removed.
func TestAScheduledNoteThatIsRemovedDuringABuildStaysPending(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", s.Now.Add(time.Hour).Format(time.RFC3339))
	st := s.Scanned()
	row := s.Row(st, "a.md")
	s.Remove("content/a.md")
	s.Scan(st)
	s.MarkBuilt(st, storetest.ResultOf(row))
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), "a.md")
	s.Build(st)
	if row, err := st.ByFile(t.Context(), "a.md"); err != nil || row != nil {
		t.Errorf("when it is built, ByFile = %+v, %v", row, err)
	}
}

func TestPagesThatLinkToANoteFollowItsAddress(t *testing.T) {
	tests := []struct {
		name   string
		seen   string // the address of b.md when a.md was built
		change func(s *storetest.Site)
		again  bool // a.md is built again
	}{
		{"the address stays", "/2024/08/b/", func(s *storetest.Site) { s.Post("b.md", "2024-08-02", "tags: [go]") }, false},
		{"the address changes", "/2024/08/b/", func(s *storetest.Site) { s.Post("b.md", "2024-08-02", "slug: new") }, true},
		{"the note goes", "/2024/08/b/", func(s *storetest.Site) { s.Remove("content/b.md") }, true},
		{"the note is hidden", "/2024/08/b/", func(s *storetest.Site) { s.Post("b.md", "2024-08-02", "visibility: private") }, true},
		{"the note was not there", "", func(s *storetest.Site) { s.Post("b.md", "2024-08-02", "tags: [go]") }, true},
	}
	shared := storetest.New(t)
	st := shared.Open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.Again(t, st)
			s.Post("a.md", "2024-10-02")
			if test.seen != "" {
				s.Post("b.md", "2024-08-02")
			}
			s.Scan(st)
			var rs []queue.Result
			for _, r := range s.Pending(st) {
				res := storetest.ResultOf(r)
				if r.File == "a.md" {
					target, err := st.Links.Target(t.Context(), link.PathKey("b.md"))
					if err != nil || target.Permalink != test.seen {
						t.Fatalf("b.md leads to %q, %v; want %q", target.Permalink, err, test.seen)
					}
					res.Links = map[string]string{link.PathKey("b.md"): target.State(), link.PathKey("none.md"): ""}
				}
				rs = append(rs, res)
			}
			s.MarkBuilt(st, rs...)
			s.BuildNotes(st)
			test.change(s)
			s.Scan(st)
			if built := s.BuildNotes(st); slices.Contains(built, "a.md") != test.again {
				t.Errorf("built %q; a.md should be among them: %v", built, test.again)
			}
		})
	}
}

func TestTheListsOfANoteThatIsWaitedForMakeItLive(t *testing.T) {
	s := storetest.New(t)
	s.Post("old.md", "2020-10-02")
	st := s.Scanned()
	created := s.Create(st, storetest.PlainNote("hello", "Text"))
	live := func(want bool, when string) {
		t.Helper()
		got, err := st.Live(t.Context(), created.File, created.Hash)
		if err != nil || got != want {
			t.Errorf("%s: Live = %v, %v; want %v", when, got, err, want)
		}
	}
	live(false, "before it is built")
	row := s.Row(st, created.File)
	number := s.MarkBuilt(st, storetest.ResultOf(row))
	live(false, "when its page is built")
	if err := st.Lists.Mark(t.Context(), number, nil, []*store.Row{row}); err != nil {
		t.Fatal(err)
	}
	live(true, "when its lists are built")
	if got, err := st.Live(t.Context(), "none.md", store.Hash{}); err != nil || got {
		t.Errorf("Live = %v, %v for no file", got, err)
	}

	s.Post(created.File, "2024-11-22T10:00:00Z", "title: Changed")
	s.Scan(st)
	live(false, "when the file has changed")
	older := created.Hash
	created.Hash = s.Row(st, created.File).Hash
	live(false, "when the change is not built")
	s.Build(st)
	live(true, "when all is built")
	created.Hash = older
	live(true, "when what overtook it is built")
}

func TestNoClientWaitsForAnOvertakenSave(t *testing.T) {
	for _, tc := range []struct {
		name, front string
		want        bool
	}{
		{"by another text", "title: Changed", true},
		{"by a draft", "draft: true", true},
		{"by a private note", "visibility: private", true},
		{"by a file that can't be read, so that an older page stays", "title: [", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := storetest.New(t)
			st := s.Scanned()
			created := s.Create(st, storetest.PlainNote("hello", "Text"))
			s.Post(created.File, "2024-11-22T10:00:00Z", tc.front)
			s.Scan(st)
			if live, err := st.Live(t.Context(), created.File, created.Hash); err != nil || live {
				t.Errorf("before anything is built, Live = %v, %v", live, err)
			}
			s.Build(st)
			if live, err := st.Live(t.Context(), created.File, created.Hash); err != nil || live != tc.want {
				t.Errorf("Live = %v, %v, want %v", live, err, tc.want)
			}
		})
	}
}

func TestANoteIsLiveOnlyInTheStateThatWasBuilt(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	created := s.Create(st, storetest.PlainNote("hello", "Text"))
	row := s.Row(st, created.File)
	s.Post(created.File, "2024-11-22T10:00:00Z", "title: Changed")
	s.Scan(st)
	number := s.MarkBuilt(st, storetest.ResultOf(row))
	if err := st.Lists.Mark(t.Context(), number, nil, []*store.Row{row}); err != nil {
		t.Fatal(err)
	}
	now := s.Row(st, created.File)
	if live, err := st.Live(t.Context(), created.File, now.Hash); err != nil || live {
		t.Errorf("Live = %v, %v for a state that was never built", live, err)
	}
}

func TestListsAreKeptAsTheyWereWritten(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	ctx := t.Context()
	if err := st.Lists.Touch(ctx, "/tags/go/", "/", "/tags/go/2024/", "/tagsandmore/"); err != nil {
		t.Fatal(err)
	}
	storetest.SameStrings(t, "stale", s.Stale(st), "/", "/tags/go/", "/tags/go/2024/", "/tagsandmore/")
	old := queue.ListState{Address: "/tags/go/"}
	now := queue.ListState{Address: "/tags/go/", Outputs: []string{"tags/go/index.html", "tags/go/2/index.html"}}
	if err := st.Lists.Mark(ctx, 1, []queue.ListResult{{Old: old, Now: now}}, nil); err != nil {
		t.Fatal(err)
	}
	storetest.SameStrings(t, "stale", s.Stale(st), "/", "/tags/go/2024/", "/tagsandmore/")
	if err := st.Lists.Touch(ctx, "/tags/go/"); err != nil {
		t.Fatal(err)
	}
	lists, err := st.Lists.Stale(ctx)
	if err != nil || len(lists) != 4 || lists[1].Address != "/tags/go/" || !slices.Equal(lists[1].Outputs, now.Outputs) {
		t.Errorf("Lists.Stale = %+v, %v", lists, err)
	}
	shorter := queue.ListState{Address: "/tags/go/", Outputs: now.Outputs[:1]}
	if err := st.Lists.Mark(ctx, 2, []queue.ListResult{{Old: now, Now: shorter}}, nil); err != nil {
		t.Fatal(err)
	}
	storetest.SameStrings(t, "removals", s.Removals(st), "tags/go/2/index.html")
	gone := queue.ListState{Address: "/tags/go/"}
	if err := st.Lists.Mark(ctx, 3, []queue.ListResult{{Old: shorter, Now: gone}}, nil); err != nil {
		t.Fatal(err)
	}
	storetest.SameStrings(t, "removals", s.Removals(st), "tags/go/2/index.html", "tags/go/index.html")
	storetest.SameStrings(t, "lists that are forgotten", s.Unknown(st, "/", "/tags/go/", "/tags/go/2024/", "/tagsandmore/"), "/tags/go/")
}

func TestTheHomePageIsIndependentOfNotes(t *testing.T) {
	s := storetest.New(t)
	s.Write("content/index.md", "Welcome.\n")
	s.Post("a.md", "2024-10-01")
	st := s.Scanned()
	for _, r := range s.Pending(st) {
		if r.File == "index.md" && (r.Kind != site.KindHome || r.Permalink != "/" || r.Listed || !r.Published.IsZero()) {
			t.Errorf("the row of the front page is %+v", r)
		}
	}
	s.Build(st)
	s.Write("content/index.md", "Welcome again.\n")
	s.Scan(st)
	storetest.SameStrings(t, "built", s.BuildNotes(st), "index.md")
}

func TestABuildThatFailedBeforeItsFirstMarksIsInterrupted(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-11-22")
	st := s.Scanned()
	first := s.MarkBuilt(st, storetest.ResultOf(s.Row(st, "a.md")))
	failed, err := st.Begin(t.Context()) // writes outputs, and fails
	if err != nil || failed <= first {
		t.Fatalf("Begin() = %d, %v after build %d", failed, err, first)
	}
	if err := st.MarkSafe(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if number, err := s.Open().Interrupted(t.Context()); err != nil || number != failed {
		t.Errorf("Interrupted() = %d, %v; want %d", number, err, failed)
	}
	s.Safe(st)
	if number, err := s.Open().Interrupted(t.Context()); err != nil || number != 0 {
		t.Errorf("Interrupted() = %d, %v after a later build was made durable", number, err)
	}
}
