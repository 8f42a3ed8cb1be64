package queue_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"
	"starpunk/site/store/queue"
)

func resume(s *storetest.Site, st *store.Builder, fingerprint string) {
	s.T.Helper()
	if _, err := st.Resume(s.T.Context(), queue.Fingerprint{Meaning: fingerprint}); err != nil {
		s.T.Fatalf("Resume: %v", err)
	}
}

func TestResumeRedoesWhatMayBeLost(t *testing.T) {
	s := storetest.New(t)
	s.Post("safe.md", "2024-01-01", "tags: [a]")
	s.Post("gone.md", "2024-03-01")
	st := s.Scanned()
	resume(s, st, "one")
	s.Build(st)
	s.Safe(st)
	s.Post("unsafe.md", "2023-06-01", "tags: [b]")
	s.Remove("content/gone.md")
	s.Scan(st)
	s.Build(st)
	storetest.SameStrings(t, "removals", s.Removals(st))
	unbuilt := s.Row(st, "safe.md")
	s.Mark(st, 0, queue.Marks{Neighbours: []int64{unbuilt.ID}}) // of both
	s.Build(st)

	st = s.Scanned() // as if the machine had lost its power
	resume(s, st, "one")
	files := storetest.FilesOf(s.Pending(st))
	slices.Sort(files)
	storetest.SameStrings(t, "pending", files, "safe.md", "unsafe.md")
	storetest.SameStrings(t, "stale", s.Stale(st), "/", "/2023/06/", "/tags/b/")
	storetest.SameStrings(t, "removals", s.Removals(st), "2024/03/gone/index.html", "2024/03/index.html")
	if r := s.Row(st, "safe.md"); r.Rev == unbuilt.Rev {
		t.Error("a build that began before would count as having built the row")
	}
	s.Build(st)
	s.Safe(st)
	resume(s, st, "one")
	storetest.SameStrings(t, "pending when all is safe", storetest.FilesOf(s.Pending(st)))
	storetest.SameStrings(t, "stale when all is safe", s.Stale(st))
	storetest.SameStrings(t, "removals when all is safe", s.Removals(st))
}

func TestResumeWithAnotherFingerprintRebuildsAll(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-01-01")
	s.Post("b.md", "2024-02-01", "visibility: private")
	st := s.Scanned()
	resume(s, st, "one")
	s.Build(st)
	s.Safe(st)
	resume(s, st, "one")
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)))
	resume(s, st, "two")
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), "b.md", "a.md")
	storetest.SameStrings(t, "stale", s.Stale(st), "/", "/2024/01/")
	if r := s.Row(st, "a.md"); r.Built == nil {
		t.Error("what was built is forgotten: its outputs could never be removed")
	}
	s.Build(st)
	resume(s, st, "two")
	resume(s, st, "one")
	if n := len(s.Pending(st)); n != 2 {
		t.Errorf("back to the first fingerprint: %d rows are pending, want 2", n)
	}
}

func TestAConfigurationThatChangesAddressesAppliesToFilesThatDidNot(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-01-01", "tags: [go]")
	s.Write("content/b.md", "---\ndate: 2024-01-31 23:30\n---\nText\n")
	st := s.Scanned()
	resume(s, st, "one")
	s.Build(st)
	s.Safe(st)
	s.Extra = "permalink = \"/:slug/\"\ntimezone = \"America/New_York\"\n"
	st = s.Open()
	resume(s, st, "two")
	s.Scan(st)
	if r := s.Row(st, "a.md"); r.Permalink != "/a/" {
		t.Errorf("the address of a.md is %s, want /a/", r.Permalink)
	}
	if r := s.Row(st, "b.md"); r.Published.UTC().Format(time.DateTime) != "2024-02-01 04:30:00" {
		t.Errorf("b.md is of %v, want 23:30 in New York", r.Published)
	}
	storetest.SameStrings(t, "removed", s.Build(st), "2024/01/a/index.html", "2024/01/b/index.html")
}

func TestMarksOfAnotherOutputFolderCountForNothing(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-01-01")
	s.Post("b.md", "2024-02-01")
	st := s.Scanned()
	ctx := t.Context()
	claim := func(id string, want bool) {
		t.Helper()
		if known, err := st.Outputs.Claim(ctx, id); err != nil || known != want {
			t.Errorf("ClaimOutput(%q) = %v, %v; want %v", id, known, err, want)
		}
	}
	claim("one", false)
	claim("one", true)
	s.Build(st)
	s.Remove("content/b.md")
	s.Scan(st)
	s.BuildNotes(st)
	if err := st.Copies.Mark(ctx, 1, []queue.Copy{s.CopyOf("static/x.txt", "x.txt")}, nil); err != nil {
		t.Fatal(err)
	}
	claim("two", false)
	rows := s.Pending(st)
	storetest.SameStrings(t, "pending", storetest.FilesOf(rows), "a.md")
	if rows[0].Built != nil {
		t.Errorf("a.md counts as built: %+v", rows[0].Built)
	}
	storetest.SameStrings(t, "stale", s.Stale(st))
	storetest.SameStrings(t, "removals", s.Removals(st))
	if copies, err := st.Copies.In(ctx, "static"); err != nil || len(copies) != 0 {
		t.Errorf("Copies = %v, %v", copies, err)
	}
	claim("two", true)
}

func TestAFileThatIsRemovedBeforeAnotherOutputIsClaimedIsForgotten(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-01-01")
	st := s.Scanned()
	s.Build(st)
	s.Remove("content/a.md")
	s.Scan(st)
	if _, err := st.Outputs.Claim(t.Context(), "new"); err != nil {
		t.Fatal(err)
	}
	s.Build(st)
	if row, err := st.ByFile(t.Context(), "a.md"); err != nil || row != nil {
		t.Errorf("ByFile = %+v, %v; want no row", row, err)
	}
}

func TestOwnedReportsOutputsThatAreBuilt(t *testing.T) {
	s := storetest.New(t)
	s.Extra = "permalink = \"/:slug/\"\n"
	s.Post("a.md", "2024-01-01")
	st := s.Scanned()
	res := storetest.ResultOf(s.Row(st, "a.md"))
	res.Built.Outputs = append(res.Built.Outputs, "a/sea.jpg", "a/data/track.gpx")
	s.MarkBuilt(st, res)
	lists := []queue.ListResult{
		{Old: queue.ListState{Address: "/feed.xml"}, Now: queue.ListState{Outputs: []string{"feed.xml"}}},
		{Old: queue.ListState{Address: "/"}, Now: queue.ListState{Outputs: []string{"index.html"}}},
		{Old: queue.ListState{Address: "/2024/01/"}, Now: queue.ListState{Outputs: []string{"2024/01/index.html", "2024/01/2/index.html"}}},
	}
	if err := st.Lists.Mark(t.Context(), 1, lists, nil); err != nil {
		t.Fatal(err)
	}
	if err := st.Copies.Mark(t.Context(), 1, []queue.Copy{s.CopyOf("static/x.txt", "x.txt")}, nil); err != nil {
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
	storetest.SameStrings(t, "outputs", all, "2024/01/2/index.html", "2024/01/index.html", "a/data/track.gpx", "a/index.html", "a/sea.jpg", "feed.xml", "index.html", "x.txt")
}

func TestAPageThatIsToMoveOwnsWhereItIsUntilItDoes(t *testing.T) {
	s := storetest.New(t)
	s.Extra = "permalink = \"/:slug/\"\n"
	s.Post("a.md", "2024-01-01")
	st := s.Scanned()
	s.Build(st)
	s.Post("a.md", "2024-01-01", "slug: b")
	s.Scan(st)
	for output, want := range map[string]bool{"a/index.html": true, "b/index.html": false} {
		if owned, err := st.Outputs.Owned(t.Context(), output); err != nil || owned != want {
			t.Errorf("Owned(%q) = %v, %v before it moved; want %v", output, owned, err, want)
		}
	}
	s.Build(st)
	for output, want := range map[string]bool{"a/index.html": false, "b/index.html": true} {
		if owned, err := st.Outputs.Owned(t.Context(), output); err != nil || owned != want {
			t.Errorf("Owned(%q) = %v, %v after it moved; want %v", output, owned, err, want)
		}
	}
}

func TestCopiesAreKnownByTheirStamp(t *testing.T) {
	s := storetest.New(t)
	st := s.Open()
	ctx := t.Context()
	icon, photo := s.CopyOf("static/icon.svg", "icon.svg"), s.CopyOf("media/3f/a.jpg", "media/3f/a.jpg")
	odd := s.CopyOf("static-2/x", "x")
	if err := st.Copies.Mark(ctx, 1, []queue.Copy{icon, photo, odd}, nil); err != nil {
		t.Fatal(err)
	}
	copies, err := st.Copies.In(ctx, "static")
	if err != nil || len(copies) != 1 || copies["static/icon.svg"] != icon {
		t.Errorf("Copies = %+v, %v; want only %+v", copies, err, icon)
	}
	s.Write("static/icon.svg", "another picture")
	info, err := os.Lstat(s.Path("static/icon.svg"))
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
	s := storetest.New(t)
	s.Post("a.md", "2024-01-01")
	st := s.Scanned()
	s.Build(st)
	ctx := t.Context()
	page, list, other := s.CopyOf("static/2024/01/a/index.html", "2024/01/a/index.html"), s.CopyOf("static/index.html", "index.html"), s.CopyOf("static/x.txt", "x.txt")
	if err := st.Copies.Mark(ctx, 1, []queue.Copy{page, list, other}, nil); err != nil {
		t.Fatal(err)
	}
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), "a.md") // it reports that its address belongs to the file
	s.BuildNotes(st)
	if err := st.Copies.Mark(ctx, 2, nil, []queue.Copy{page, list, other}); err != nil {
		t.Fatal(err)
	}
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), "a.md")
	storetest.SameStrings(t, "stale", s.Stale(st), "/", "/2024/01/", "/x.txt") // a list has the parts of its own below it
	storetest.SameStrings(t, "removals", s.Removals(st), "2024/01/a/index.html", "index.html", "x.txt")
	storetest.SameStrings(t, "removed", s.Build(st), "x.txt")
}

func TestASweepIsRememberedForItsOutputFolder(t *testing.T) {
	s := storetest.New(t)
	st := s.Open()
	if err := st.Outputs.MarkSwept(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"one": true, "two": false} {
		if swept, err := st.Outputs.Swept(t.Context(), id); err != nil || swept != want {
			t.Errorf("Swept(%q) = %v, %v; want %v", id, swept, err, want)
		}
	}
}
