package store_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"starpunk/site/store"
	"starpunk/site/store/queue"
)

func (s *testSite) resume(st *store.Builder, fingerprint string) {
	s.t.Helper()
	if _, err := st.Resume(s.t.Context(), queue.Fingerprint{Meaning: fingerprint}); err != nil {
		s.t.Fatalf("Resume: %v", err)
	}
}

func TestResumeRedoesWhatMayBeLost(t *testing.T) {
	s := newSite(t)
	s.post("safe.md", "2024-01-01", "tags: [a]")
	s.post("gone.md", "2024-03-01")
	st := s.scanned()
	s.resume(st, "one")
	s.build(st)
	s.safe(st)
	s.post("unsafe.md", "2023-06-01", "tags: [b]")
	s.remove("content/gone.md")
	s.scan(st)
	s.build(st)
	sameStrings(t, "removals", s.removals(st))
	unbuilt := s.row(st, "safe.md")
	s.mark(st, 0, queue.Marks{Neighbours: []int64{unbuilt.ID}}) // of both
	s.build(st)

	st = s.scanned() // as if the machine had lost its power
	s.resume(st, "one")
	files := filesOf(s.pending(st))
	slices.Sort(files)
	sameStrings(t, "pending", files, "safe.md", "unsafe.md")
	sameStrings(t, "stale", s.stale(st), "/", "/2023/06/", "/tags/b/")
	sameStrings(t, "removals", s.removals(st), "2024/03/gone/index.html", "2024/03/index.html")
	if r := s.row(st, "safe.md"); r.Rev == unbuilt.Rev {
		t.Error("a build that began before would count as having built the row")
	}
	s.build(st)
	s.safe(st)
	s.resume(st, "one")
	sameStrings(t, "pending when all is safe", filesOf(s.pending(st)))
	sameStrings(t, "stale when all is safe", s.stale(st))
	sameStrings(t, "removals when all is safe", s.removals(st))
}

func TestResumeWithAnotherFingerprintRebuildsAll(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-01-01")
	s.post("b.md", "2024-02-01", "visibility: private")
	st := s.scanned()
	s.resume(st, "one")
	s.build(st)
	s.safe(st)
	s.resume(st, "one")
	sameStrings(t, "pending", filesOf(s.pending(st)))
	s.resume(st, "two")
	sameStrings(t, "pending", filesOf(s.pending(st)), "b.md", "a.md")
	sameStrings(t, "stale", s.stale(st), "/", "/2024/01/")
	if r := s.row(st, "a.md"); r.Built == nil {
		t.Error("what was built is forgotten: its outputs could never be removed")
	}
	s.build(st)
	s.resume(st, "two")
	s.resume(st, "one")
	if n := len(s.pending(st)); n != 2 {
		t.Errorf("back to the first fingerprint: %d rows are pending, want 2", n)
	}
}

func TestAConfigurationThatChangesAddressesAppliesToFilesThatDidNot(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-01-01", "tags: [go]")
	s.write("content/b.md", "---\ndate: 2024-01-31 23:30\n---\nText\n")
	st := s.scanned()
	s.resume(st, "one")
	s.build(st)
	s.safe(st)
	s.extra = "permalink = \"/:slug/\"\ntimezone = \"America/New_York\"\n"
	st = s.open()
	s.resume(st, "two")
	s.scan(st)
	if r := s.row(st, "a.md"); r.Permalink != "/a/" {
		t.Errorf("the address of a.md is %s, want /a/", r.Permalink)
	}
	if r := s.row(st, "b.md"); r.Published.UTC().Format(time.DateTime) != "2024-02-01 04:30:00" {
		t.Errorf("b.md is of %v, want 23:30 in New York", r.Published)
	}
	sameStrings(t, "removed", s.build(st), "2024/01/a/index.html", "2024/01/b/index.html")
}

func TestMarksOfAnotherOutputFolderCountForNothing(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-01-01")
	s.post("b.md", "2024-02-01")
	st := s.scanned()
	ctx := t.Context()
	claim := func(id string, want bool) {
		t.Helper()
		if known, err := st.Outputs.Claim(ctx, id); err != nil || known != want {
			t.Errorf("ClaimOutput(%q) = %v, %v; want %v", id, known, err, want)
		}
	}
	claim("one", false)
	claim("one", true)
	s.build(st)
	s.remove("content/b.md")
	s.scan(st)
	s.buildNotes(st)
	if err := st.Copies.Mark(ctx, 1, []queue.Copy{s.copyOf("static/x.txt", "x.txt")}, nil); err != nil {
		t.Fatal(err)
	}
	claim("two", false)
	rows := s.pending(st)
	sameStrings(t, "pending", filesOf(rows), "a.md")
	if rows[0].Built != nil {
		t.Errorf("a.md counts as built: %+v", rows[0].Built)
	}
	sameStrings(t, "stale", s.stale(st))
	sameStrings(t, "removals", s.removals(st))
	if copies, err := st.Copies.In(ctx, "static"); err != nil || len(copies) != 0 {
		t.Errorf("Copies = %v, %v", copies, err)
	}
	claim("two", true)
}

func TestAFileThatIsRemovedBeforeAnotherOutputIsClaimedIsForgotten(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-01-01")
	st := s.scanned()
	s.build(st)
	s.remove("content/a.md")
	s.scan(st)
	if _, err := st.Outputs.Claim(t.Context(), "new"); err != nil {
		t.Fatal(err)
	}
	s.build(st)
	if row, err := st.ByFile(t.Context(), "a.md"); err != nil || row != nil {
		t.Errorf("ByFile = %+v, %v; want no row", row, err)
	}
}

// copyOf is a file that was written and is about to be copied.
func (s *testSite) copyOf(source, output string) queue.Copy {
	s.t.Helper()
	s.write(source, "copied")
	info, err := os.Lstat(s.path(source))
	if err != nil {
		s.t.Fatal(err)
	}
	return queue.NewCopy(source, output, info)
}

func TestOwnedReportsOutputsThatAreBuilt(t *testing.T) {
	s := newSite(t)
	s.extra = "permalink = \"/:slug/\"\n"
	s.post("a.md", "2024-01-01")
	st := s.scanned()
	res := result(s.row(st, "a.md"))
	res.Built.Outputs = append(res.Built.Outputs, "a/sea.jpg", "a/data/track.gpx")
	s.markBuilt(st, res)
	lists := []queue.ListResult{
		{Old: queue.ListState{Address: "/feed.xml"}, Now: queue.ListState{Outputs: []string{"feed.xml"}}},
		{Old: queue.ListState{Address: "/"}, Now: queue.ListState{Outputs: []string{"index.html"}}},
		{Old: queue.ListState{Address: "/2024/01/"}, Now: queue.ListState{Outputs: []string{"2024/01/index.html", "2024/01/2/index.html"}}},
	}
	if err := st.Lists.Mark(t.Context(), 1, lists, nil); err != nil {
		t.Fatal(err)
	}
	if err := st.Copies.Mark(t.Context(), 1, []queue.Copy{s.copyOf("static/x.txt", "x.txt")}, nil); err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{
		"a/index.html": true, "a/sea.jpg": true, "a/data/track.gpx": true, "feed.xml": true, "index.html": true,
		"2024/01/index.html": true, "2024/01/2/index.html": true, "x.txt": true,
		"a/other.jpg": false, "a": false, "2024/01/3/index.html": false, "b/index.html": false, "other.xml": false, "data/track.gpx": false,
	}
	for output, want := range tests {
		if owned, err := st.Outputs.Owned(t.Context(), output); err != nil || owned != want {
			t.Errorf("Owned(%q) = %v, %v; want %v", output, owned, err, want)
		}
	}
	var all []string
	if err := st.Outputs.All(t.Context(), func(output string) { all = append(all, output) }); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	sameStrings(t, "outputs", all, "2024/01/2/index.html", "2024/01/index.html", "a/data/track.gpx", "a/index.html", "a/sea.jpg", "feed.xml", "index.html", "x.txt")
}

func TestAPageThatIsToMoveOwnsWhereItIsUntilItDoes(t *testing.T) {
	s := newSite(t)
	s.extra = "permalink = \"/:slug/\"\n"
	s.post("a.md", "2024-01-01")
	st := s.scanned()
	s.build(st)
	s.post("a.md", "2024-01-01", "slug: b")
	s.scan(st)
	for output, want := range map[string]bool{"a/index.html": true, "b/index.html": false} {
		if owned, err := st.Outputs.Owned(t.Context(), output); err != nil || owned != want {
			t.Errorf("Owned(%q) = %v, %v before it moved; want %v", output, owned, err, want)
		}
	}
	s.build(st)
	for output, want := range map[string]bool{"a/index.html": false, "b/index.html": true} {
		if owned, err := st.Outputs.Owned(t.Context(), output); err != nil || owned != want {
			t.Errorf("Owned(%q) = %v, %v after it moved; want %v", output, owned, err, want)
		}
	}
}

func TestCopiesAreKnownByTheirStamp(t *testing.T) {
	s := newSite(t)
	st := s.open()
	ctx := t.Context()
	icon, photo := s.copyOf("static/icon.svg", "icon.svg"), s.copyOf("media/3f/a.jpg", "media/3f/a.jpg")
	odd := s.copyOf("static-2/x", "x")
	if err := st.Copies.Mark(ctx, 1, []queue.Copy{icon, photo, odd}, nil); err != nil {
		t.Fatal(err)
	}
	copies, err := st.Copies.In(ctx, "static")
	if err != nil || len(copies) != 1 || copies["static/icon.svg"] != icon {
		t.Errorf("Copies = %+v, %v; want only %+v", copies, err, icon)
	}
	s.write("static/icon.svg", "another picture")
	info, err := os.Lstat(s.path("static/icon.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if changed := queue.NewCopy("static/icon.svg", "icon.svg", info); changed == icon {
		t.Error("a changed file looks as it was")
	}
	for output, want := range map[string]string{"icon.svg": "static/icon.svg", "media/3f/a.jpg": "media/3f/a.jpg", "none": ""} {
		if source, err := st.Outputs.Covered(ctx, output); err != nil || source != want {
			t.Errorf("Covered(%q) = %q, %v; want %q", output, source, err, want)
		}
	}
}

func TestAStaticFileThatGoesUncoversWhatHasItsAddress(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-01-01")
	st := s.scanned()
	s.build(st)
	ctx := t.Context()
	page, list, other := s.copyOf("static/2024/01/a/index.html", "2024/01/a/index.html"), s.copyOf("static/index.html", "index.html"), s.copyOf("static/x.txt", "x.txt")
	if err := st.Copies.Mark(ctx, 1, []queue.Copy{page, list, other}, nil); err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "pending", filesOf(s.pending(st)), "a.md") // it reports that its address belongs to the file
	s.buildNotes(st)
	if err := st.Copies.Mark(ctx, 2, nil, []queue.Copy{page, list, other}); err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "pending", filesOf(s.pending(st)), "a.md")
	sameStrings(t, "stale", s.stale(st), "/", "/2024/01/", "/x.txt") // a list has the parts of its own below it
	sameStrings(t, "removals", s.removals(st), "2024/01/a/index.html", "index.html", "x.txt")
	sameStrings(t, "removed", s.build(st), "x.txt")
}

func TestASweepIsRememberedForItsOutputFolder(t *testing.T) {
	s := newSite(t)
	st := s.open()
	if err := st.Outputs.MarkSwept(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"one": true, "two": false} {
		if swept, err := st.Outputs.Swept(t.Context(), id); err != nil || swept != want {
			t.Errorf("Swept(%q) = %v, %v; want %v", id, swept, err, want)
		}
	}
}
