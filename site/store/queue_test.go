package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store"
)

func TestPendingBeginsWithWhatIsWaitedForThenWithTheNewest(t *testing.T) {
	s := newSite(t)
	s.post("old.md", "2023-01-01T10:00:00Z")
	s.post("new.md", "2024-12-01T10:00:00Z")
	s.post("between.md", "2024-06-01T10:00:00Z")
	s.write("content/about.md", "A page.\n")
	st := s.scanned()
	waited := s.create(st, plainNote("waited", "Text"))
	rows := s.pending(st)
	sameStrings(t, "pending", filesOf(rows), waited.File, "new.md", "between.md", "old.md", "about.md")
	for _, r := range rows {
		if r.Waited != (r.File == waited.File) {
			t.Errorf("%s: Waited = %v", r.File, r.Waited)
		}
	}
	limited, err := st.Pending(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "the first two", filesOf(limited), waited.File, "new.md")
	sameStrings(t, "built", s.buildNotes(st), filesOf(rows)...)
}

func TestAPostThatIsDueAndAnUploadAreUrgent(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-01-01T10:00:00Z")
	st := s.scanned()
	want := func(urgent bool, when string) {
		t.Helper()
		if is, err := st.Urgent(t.Context()); err != nil || is != urgent {
			t.Errorf("Urgent() = %v, %v %s", is, err, when)
		}
	}
	want(false, "with a file that changed")
	s.create(st, newNote(t, "later", s.now.Add(time.Hour).Format(time.RFC3339)))
	want(false, "with a post for later")
	s.create(st, plainNote("now", "Text"))
	want(true, "with a post")
	s.build(st)
	want(false, "when all is built")
	if _, err := st.SaveUpload(t.Context(), strings.NewReader("picture"), 100, asIs); err != nil {
		t.Fatal(err)
	}
	want(true, "with an upload")
}

func TestAScheduledNoteIsPendingWhenItsTimeHasCome(t *testing.T) {
	s := newSite(t)
	due := s.now.Add(24 * time.Hour)
	s.post("later.md", due.Add(time.Hour).Format(time.RFC3339))
	s.post("soon.md", due.Format(time.RFC3339))
	s.post("draft.md", due.Add(-time.Hour).Format(time.RFC3339), "draft: true")
	st := s.scanned()
	created := s.create(st, newNote(t, "waited", due.Add(2*time.Hour).Format(time.RFC3339)))
	sameStrings(t, "pending", filesOf(s.pending(st)))
	if waiting, err := st.Waiting(t.Context()); err != nil || waiting {
		t.Errorf("Waiting() = %v, %v though nothing is due", waiting, err)
	}
	next, err := st.NextDue(t.Context())
	if err != nil || !next.Equal(due) {
		t.Errorf("NextDue() = %v, %v; want %v", next, err, due)
	}
	if r := s.row(st, "soon.md"); !r.Future || r.HasPage || r.Listed {
		t.Errorf("before its time the row is %+v", r)
	}

	s.now = due
	sameStrings(t, "built at its time", s.buildNotes(st), "soon.md", "draft.md")
	if r := s.row(st, "soon.md"); r.Future || !r.HasPage || !r.Listed || r.Built == nil {
		t.Errorf("at its time the row is %+v", r)
	}
	s.now = due.Add(2 * time.Hour)
	sameStrings(t, "built when all have come", changedFiles(s.buildNotes(st), "soon.md"), created.File, "later.md")
	if next, err := st.NextDue(t.Context()); err != nil || !next.IsZero() {
		t.Errorf("NextDue() = %v, %v; want none", next, err)
	}
}

func TestANoteTurnsWhenItsTimeBeginsAndEnds(t *testing.T) {
	s := newSite(t)
	begin, end := s.now.Add(24*time.Hour), s.now.Add(48*time.Hour)
	s.post("a.md", "2024-10-01T10:00:00Z", "publishDate: "+begin.Format(time.RFC3339), "expiryDate: "+end.Format(time.RFC3339))
	st := s.scanned()
	s.build(st)
	for _, step := range []struct {
		now, next time.Time
		shown     bool
	}{{s.now, begin, false}, {begin, end, true}, {end, time.Time{}, false}} {
		s.now = step.now
		if err := st.Turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.build(st)
		next, err := st.NextDue(t.Context())
		if r := s.row(st, "a.md"); err != nil || !next.Equal(step.next) || r.HasPage != step.shown {
			t.Errorf("at %v: next %v, %v, has a page: %v; want next %v, shown %v", step.now, next, err, r.HasPage, step.next, step.shown)
		}
	}
}

// changedFiles leaves out a file that is built only for its neighbours.
func changedFiles(files []string, neighbour string) []string {
	return slices.DeleteFunc(slices.Clone(files), func(f string) bool { return f == neighbour })
}

func TestANoteThatIsPutOffLosesItsPageUntilThen(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-10-01T10:00:00Z")
	st := s.scanned()
	s.build(st)
	due := s.now.Add(time.Hour)
	s.post("a.md", due.Format(time.RFC3339))
	s.scan(st)
	sameStrings(t, "removed", s.build(st), "2024/10/a/index.html", "2024/10/index.html")
	s.now = due
	sameStrings(t, "pending at the new time", filesOf(s.pending(st)), "a.md")
}

func TestAPreviewShowsDraftsAndFutureNotes(t *testing.T) {
	s := newSite(t)
	s.post("draft.md", "2024-10-01", "draft: true")
	s.post("future.md", "2999-10-01")
	s.post("private.md", "2024-10-03", "visibility: private")
	s.post("both.md", "2024-10-04", "draft: true", "visibility: private")
	s.post("unlisted.md", "2024-10-05", "draft: true", "visibility: unlisted")
	s.write("content/page.md", "---\ndraft: true\n---\nA page.\n")
	cfg := s.config()
	cfg.Development("127.0.0.1:8080")
	st := s.openAs(cfg)
	s.scan(st)
	s.buildNotes(st)
	for file, want := range map[string][2]bool{
		"draft.md": {true, true}, "future.md": {true, true}, "page.md": {true, false}, "private.md": {false, false}, "both.md": {false, false}, "unlisted.md": {true, false},
	} {
		if r := s.row(st, file); r.HasPage != want[0] || r.Listed != want[1] {
			t.Errorf("%s: HasPage, Listed = %v, %v; want %v", file, r.HasPage, r.Listed, want)
		}
	}
}

func TestMarkBuiltMakesTheListsStaleThatANoteIsOnOrWas(t *testing.T) {
	tests := []struct {
		name   string
		change func(s *testSite)
		stale  []string
	}{
		{"a new note", func(s *testSite) { s.post("b.md", "2024-11-05", "tags: [IndieWeb]") }, []string{"/", "/2024/11/", "/tags/indieweb/"}},
		{"a change of the text", func(s *testSite) { s.post("a.md", "2024-10-01", "tags: [Go]", "title: X") }, []string{"/", "/2024/10/", "/tags/go/"}},
		{"another tag", func(s *testSite) { s.post("a.md", "2024-10-01", "tags: [C++]") }, []string{"/", "/2024/10/", "/tags/cplusplus/", "/tags/go/"}},
		{"another month", func(s *testSite) { s.post("a.md", "2023-01-01", "tags: [Go]") }, []string{"/", "/2023/01/", "/2024/10/", "/2024/10/a/", "/tags/go/"}},
		{"a removal", func(s *testSite) { s.remove("content/a.md") }, []string{"/", "/2024/10/", "/2024/10/a/", "/tags/go/"}},
		{"a note that is unlisted now", func(s *testSite) { s.post("a.md", "2024-10-01", "visibility: unlisted") }, []string{"/", "/2024/10/", "/tags/go/"}},
		{"a note that is a draft now", func(s *testSite) { s.post("a.md", "2024-10-01", "draft: true") }, []string{"/", "/2024/10/", "/2024/10/a/", "/tags/go/"}},
	}
	shared := newSite(t)
	st := shared.open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.again(t, st)
			s.post("a.md", "2024-10-01", "tags: [Go]")
			s.scan(st)
			s.build(st)
			sameStrings(t, "stale before", s.stale(st))
			test.change(s)
			s.scan(st)
			s.buildNotes(st)
			sameStrings(t, "stale", s.stale(st), test.stale...)
			s.build(st)
			if lists, err := st.ListsBelow(t.Context(), "/2024/10/a/"); err != nil || len(lists) > 0 {
				t.Errorf("ListsBelow = %+v, %v; want none left of what is no list", lists, err)
			}
		})
	}
}

func TestNeighboursAreBuiltAgainOnlyWhenTheirLinksChange(t *testing.T) {
	tests := []struct {
		name   string
		change func(s *testSite)
		built  []string
	}{
		{"a note between", func(s *testSite) { s.post("bb.md", "2024-10-02T12:00:00Z") }, []string{"bb.md", "b.md", "c.md"}},
		{"a note at the end", func(s *testSite) { s.post("e.md", "2024-10-09T12:00:00Z") }, []string{"e.md", "d.md"}},
		{"another label", func(s *testSite) { s.post("b.md", "2024-10-02T10:00:00Z", "title: Changed") }, []string{"b.md", "a.md", "c.md"}},
		{"another text", func(s *testSite) { s.post("b.md", "2024-10-02T10:00:00Z", "tags: [go]") }, []string{"b.md"}},
		{"a removal", func(s *testSite) { s.remove("content/b.md") }, []string{"b.md", "a.md", "c.md"}},
		{"another address", func(s *testSite) { s.post("b.md", "2024-10-02T10:00:00Z", "slug: x") }, []string{"b.md", "a.md", "c.md"}},
		{"a move in time", func(s *testSite) { s.post("b.md", "2024-10-03T11:00:00Z") }, []string{"b.md", "a.md", "c.md", "d.md"}},
		{"a note that is in no list", func(s *testSite) { s.post("bb.md", "2024-10-02T12:00:00Z", "visibility: unlisted") }, []string{"bb.md"}},
		{"a note that no list has any more", func(s *testSite) { s.post("b.md", "2024-10-02T10:00:00Z", "visibility: unlisted") }, []string{"b.md", "a.md", "c.md"}},
		{"a draft", func(s *testSite) { s.post("bb.md", "2024-10-02T12:00:00Z", "draft: true") }, []string{"bb.md"}},
		{"a page", func(s *testSite) { s.write("content/about.md", "A page.\n") }, []string{"about.md"}},
	}
	shared := newSite(t)
	st := shared.open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.again(t, st)
			for i, file := range []string{"a.md", "b.md", "c.md", "d.md"} {
				s.post(file, time.Date(2024, 10, 1+i, 10, 0, 0, 0, time.UTC).Format(time.RFC3339), "title: Title")
			}
			s.post("b.md", "2024-10-02T10:00:00Z")
			s.scan(st)
			s.build(st)
			test.change(s)
			s.scan(st)
			built := s.buildNotes(st)
			slices.Sort(built[1:])
			sameStrings(t, "built", built, test.built...)
		})
	}
}

func TestOutputsThatAreNoLongerWantedAreRemoved(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-10-01")
	s.post("b.md", "2024-10-02")
	st := s.scanned()
	number := s.markBuilt(st, results(s.pending(st), "one.txt", "two.txt")...)
	sameStrings(t, "removals", s.removals(st))

	s.index("update notes set todo = 2")
	s.markBuilt(st, results(s.pending(st), "two.txt", "three.txt")...)
	sameStrings(t, "removals of two notes that had the same", s.removals(st), "2024/10/a/one.txt", "2024/10/b/one.txt")
	if err := st.MarkRemoved(t.Context(), number+1, []string{"2024/10/a/one.txt"}); err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "removals", s.removals(st), "2024/10/b/one.txt")

	s.index("update notes set todo = 2")
	s.markBuilt(st, results(s.pending(st), "one.txt", "two.txt", "three.txt")...)
	sameStrings(t, "removals of what is wanted again", s.removals(st))
}

// results are results with more outputs beside each page.
func results(rows []*store.Row, more ...string) []store.Result {
	var rs []store.Result
	for _, r := range rows {
		res := result(r)
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
		change  func(s *testSite)
		pending []string
		removed []string
	}{
		{"changed", func(s *testSite) { s.post("a.md", "2024-10-01", "title: Changed") }, []string{"a.md"}, nil},
		{"removed", func(s *testSite) { s.remove("content/a.md") }, []string{"a.md"}, []string{"2024/10/a/index.html"}},
		{"removed, and another file came", func(s *testSite) {
			s.remove("content/a.md")
			s.post("b.md", "2024-10-01")
		}, []string{"a.md", "b.md"}, []string{"2024/10/a/index.html"}},
		{"broken", func(s *testSite) { s.write("content/a.md", "---\ndate: no\n---\n") }, []string{"a.md"}, nil},
	}
	shared := newSite(t)
	st := shared.open()
	for _, built := range []bool{false, true} {
		for _, test := range tests {
			t.Run(test.name+map[bool]string{false: ", never built", true: ", built before"}[built], func(t *testing.T) {
				s := shared.again(t, st)
				s.post("a.md", "2024-10-01")
				s.scan(st)
				if built {
					s.build(st)
					s.post("a.md", "2024-10-01", "title: First change")
					s.scan(st)
				}
				rows := s.pending(st) // the build begins
				test.change(s)
				s.scan(st)
				s.markBuilt(st, result(rows[0])) // and ends
				files := filesOf(s.pending(st))
				slices.Sort(files)
				sameStrings(t, "pending", files, test.pending...)
				if test.name == "broken" {
					return // its page stays
				}
				removed := s.build(st)
				for _, output := range test.removed {
					if !slices.Contains(removed, output) {
						t.Errorf("removed %q, want %s too", removed, output)
					}
				}
			})
		}
	}
}

func TestPagesThatLinkToANoteFollowItsAddress(t *testing.T) {
	tests := []struct {
		name   string
		seen   string // the address of b.md when a.md was built
		change func(s *testSite)
		again  bool // a.md is built again
	}{
		{"the address stays", "/2024/08/b/", func(s *testSite) { s.post("b.md", "2024-08-02", "tags: [go]") }, false},
		{"the address changes", "/2024/08/b/", func(s *testSite) { s.post("b.md", "2024-08-02", "slug: new") }, true},
		{"the note goes", "/2024/08/b/", func(s *testSite) { s.remove("content/b.md") }, true},
		{"the note is hidden", "/2024/08/b/", func(s *testSite) { s.post("b.md", "2024-08-02", "visibility: private") }, true},
		{"the note was not there", "", func(s *testSite) { s.post("b.md", "2024-08-02", "tags: [go]") }, true},
	}
	shared := newSite(t)
	st := shared.open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.again(t, st)
			s.post("a.md", "2024-10-02")
			if test.seen != "" {
				s.post("b.md", "2024-08-02")
			}
			s.post("between-1.md", "2024-09-01") // so that a and b are no neighbours
			s.post("between-2.md", "2024-09-02")
			s.scan(st)
			var rs []store.Result
			for _, r := range s.pending(st) {
				res := result(r)
				if r.File == "a.md" {
					target, err := st.Target(t.Context(), store.PathKey("b.md"))
					if err != nil || target.Permalink != test.seen {
						t.Fatalf("b.md leads to %q, %v; want %q", target.Permalink, err, test.seen)
					}
					res.Links = map[string]string{store.PathKey("b.md"): target.State(), store.PathKey("none.md"): ""}
				}
				rs = append(rs, res)
			}
			s.markBuilt(st, rs...)
			s.buildNotes(st)
			test.change(s)
			s.scan(st)
			if built := s.buildNotes(st); slices.Contains(built, "a.md") != test.again {
				t.Errorf("built %q; a.md should be among them: %v", built, test.again)
			}
		})
	}
}

func TestTheListsOfANoteThatIsWaitedForMakeItLive(t *testing.T) {
	s := newSite(t)
	s.post("old.md", "2020-10-02")
	st := s.scanned()
	created := s.create(st, plainNote("hello", "Text"))
	live := func(want bool, when string) {
		t.Helper()
		got, err := st.Live(t.Context(), created.File, created.Hash)
		if err != nil || got != want {
			t.Errorf("%s: Live = %v, %v; want %v", when, got, err, want)
		}
	}
	live(false, "before it is built")
	row := s.row(st, created.File)
	s.markBuilt(st, result(row))
	live(false, "when its page is built")
	if err := st.MarkWaited(t.Context(), []*store.Row{row}); err != nil {
		t.Fatal(err)
	}
	live(true, "when its lists are built")
	if got, err := st.Live(t.Context(), "none.md", store.Hash{}); err != nil || got {
		t.Errorf("Live = %v, %v for no file", got, err)
	}

	s.post(created.File, "2024-11-22T10:00:00Z", "title: Changed")
	s.scan(st)
	live(false, "when the file has changed")
	older := created.Hash
	created.Hash = s.row(st, created.File).Hash
	live(false, "when the change is not built")
	s.build(st)
	live(true, "when all is built")
	created.Hash = older
	live(true, "when what overtook it is built")
}

func TestNobodyWaitsForWhatWasOvertaken(t *testing.T) {
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
			s := newSite(t)
			st := s.scanned()
			created := s.create(st, plainNote("hello", "Text"))
			s.post(created.File, "2024-11-22T10:00:00Z", tc.front)
			s.scan(st)
			if live, err := st.Live(t.Context(), created.File, created.Hash); err != nil || live {
				t.Errorf("before anything is built, Live = %v, %v", live, err)
			}
			s.build(st)
			if live, err := st.Live(t.Context(), created.File, created.Hash); err != nil || live != tc.want {
				t.Errorf("Live = %v, %v, want %v", live, err, tc.want)
			}
		})
	}
}

func TestMarkWaitedCountsOnlyForTheStateThatWasBuilt(t *testing.T) {
	s := newSite(t)
	st := s.scanned()
	created := s.create(st, plainNote("hello", "Text"))
	row := s.row(st, created.File)
	s.post(created.File, "2024-11-22T10:00:00Z", "title: Changed")
	s.scan(st)
	s.markBuilt(st, result(row))
	if err := st.MarkWaited(t.Context(), []*store.Row{row}); err != nil {
		t.Fatal(err)
	}
	now := s.row(st, created.File)
	if live, err := st.Live(t.Context(), created.File, now.Hash); err != nil || live {
		t.Errorf("Live = %v, %v for a state that was never built", live, err)
	}
}

func TestListsAreKeptAsTheyWereWritten(t *testing.T) {
	s := newSite(t)
	st := s.scanned()
	ctx := t.Context()
	if err := st.TouchLists(ctx, "/tags/go/", "/", "/tags/go/2024/", "/tagsandmore/"); err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "stale", s.stale(st), "/", "/tags/go/", "/tags/go/2024/", "/tagsandmore/")
	limited, err := st.StaleLists(ctx, 1)
	if err != nil || len(limited) != 1 {
		t.Errorf("StaleLists(1) = %+v, %v", limited, err)
	}
	old := store.ListState{Address: "/tags/go/"}
	now := store.ListState{Address: "/tags/go/", Label: "Go", Outputs: []string{"tags/go/index.html", "tags/go/2/index.html"}}
	if err := st.MarkLists(ctx, 1, []store.ListResult{{Old: old, Now: now}}); err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "stale", s.stale(st), "/", "/tags/go/2024/", "/tagsandmore/")
	below, err := st.ListsBelow(ctx, "/tags/")
	if err != nil || len(below) != 2 || below[0].Label != "Go" || !slices.Equal(below[0].Outputs, now.Outputs) {
		t.Errorf("ListsBelow = %+v, %v", below, err)
	}
	shorter := store.ListState{Address: "/tags/go/", Label: "Go", Outputs: now.Outputs[:1]}
	if err := st.MarkLists(ctx, 2, []store.ListResult{{Old: now, Now: shorter}}); err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "removals", s.removals(st), "tags/go/2/index.html")
	gone := store.ListState{Address: "/tags/go/"}
	if err := st.MarkLists(ctx, 3, []store.ListResult{{Old: shorter, Now: gone}}); err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "removals", s.removals(st), "tags/go/2/index.html", "tags/go/index.html")
	if below, err := st.ListsBelow(ctx, "/tags/go/"); err != nil || len(below) != 1 {
		t.Errorf("ListsBelow = %+v, %v; want only the list of the year", below, err)
	}
}

func TestTheHomePageStandsOnItsOwn(t *testing.T) {
	s := newSite(t)
	s.write("content/index.md", "Welcome.\n")
	s.post("a.md", "2024-10-01")
	st := s.scanned()
	for _, r := range s.pending(st) {
		if r.File == "index.md" && (r.Kind != site.KindHome || r.Permalink != "/" || r.Listed || !r.Published.IsZero()) {
			t.Errorf("the row of the front page is %+v", r)
		}
	}
	s.build(st)
	s.write("content/index.md", "Welcome again.\n")
	s.scan(st)
	sameStrings(t, "built", s.buildNotes(st), "index.md")
}

// A file may go, or be cut short, between the index and the build: then the page
// stays as it was, and so does what lists of tags show of it.
func TestATagShowsANoteAsItsPageIs(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-01-01", "tags: [go]")
	st := s.scanned()
	s.build(st)
	listed := func() (permalinks []string) {
		entries, err := st.Listed(t.Context(), store.List{Tag: "go"})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			permalinks = append(permalinks, e.Permalink)
		}
		return permalinks
	}
	s.post("a.md", "2024-02-02", "tags: [go]")
	s.scan(st)
	rows, err := st.Pending(t.Context(), 10)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows are to be built, %v", len(rows), err)
	}
	number, err := st.Begin(t.Context())
	if err == nil {
		err = st.MarkBuilt(t.Context(), number, []store.Result{{Row: rows[0], Built: rows[0].Built}})
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := listed(); !slices.Equal(got, []string{"/2024/01/a/"}) {
		t.Errorf("before it was built again, the tag shows %q", got)
	}
	s.post("a.md", "2024-03-03", "tags: [go]")
	s.scan(st)
	s.build(st)
	if got := listed(); !slices.Equal(got, []string{"/2024/03/a/"}) {
		t.Errorf("after it was, the tag shows %q", got)
	}
}
