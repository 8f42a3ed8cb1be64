package store_test

import (
	"context"
	"errors"
	"testing"

	"starpunk/site/store"
)

// deleteFile and undeleteFile are about whatever note the index has a file for.
func deleteFile(ctx context.Context, st *store.Builder, file string) (store.Changed, error) {
	return st.Delete(ctx, file, permalinkIn(ctx, st, file))
}

func undeleteFile(ctx context.Context, st *store.Builder, file string) (store.Changed, error) {
	return st.Undelete(ctx, file, permalinkIn(ctx, st, file))
}

func permalinkIn(ctx context.Context, st *store.Builder, file string) string {
	row, err := st.ByFile(ctx, file)
	if err != nil || row == nil {
		return ""
	}
	return row.Permalink
}

func TestAFileThatBecameAnotherNoteIsNotMoved(t *testing.T) {
	s := newSite(t)
	s.post("a.md", "2024-11-22", "slug: other")
	s.post(".trash/b.md", "2024-11-22", "slug: other")
	st := s.scanned()
	if _, err := st.Delete(t.Context(), "a.md", "/2024/11/a/"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("Delete: %v", err)
	}
	if _, err := st.Undelete(t.Context(), ".trash/b.md", "/2024/11/b/"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("Undelete: %v", err)
	}
	sameStrings(t, "files", s.files("content"), ".trash/b.md", "a.md")
}

func (s *testSite) del(st *store.Builder, file string) store.Changed {
	s.t.Helper()
	c, err := deleteFile(s.t.Context(), st, file)
	if err != nil {
		s.t.Fatalf("Delete(%s): %v", file, err)
	}
	return c
}

func (s *testSite) undelete(st *store.Builder, file string) store.Changed {
	s.t.Helper()
	c, err := undeleteFile(s.t.Context(), st, file)
	if err != nil {
		s.t.Fatalf("Undelete(%s): %v", file, err)
	}
	return c
}

func TestADeletedNoteGoesAndComesBack(t *testing.T) {
	s := newSite(t)
	const text = "\uFEFF---\r\ndate: 2024-11-22\r\n---\r\nText"
	s.write("content/notes/2024/11/22-a.md", text)
	st := s.scanned()
	s.build(st)
	for range 2 {
		c := s.del(st, "notes/2024/11/22-a.md")
		if c.File != ".trash/notes/2024/11/22-a.md" || c.Permalink != "/2024/11/a/" || !c.Indexed {
			t.Errorf("Delete: %+v", c)
		}
		s.del(st, "notes/2024/11/22-a.md") // again: it is in the trash already
		sameStrings(t, "files", s.files("content"), ".trash/notes/2024/11/22-a.md")
		if gone, err := st.Gone(t.Context(), c.OldFile, c.OldPermalink); gone || err != nil {
			t.Errorf("Gone before anything is built: %v, %v", gone, err)
		}
		sameStrings(t, "removed", s.build(st), "2024/11/a/index.html", "2024/11/index.html")
		if gone, err := st.Gone(t.Context(), c.OldFile, c.OldPermalink); !gone || err != nil {
			t.Errorf("Gone after all is built: %v, %v", gone, err)
		}
		if row, err := st.ByPermalink(t.Context(), "/2024/11/a/"); err != nil || row.Status != store.StatusDeleted {
			t.Errorf("the address has %+v, %v", row, err)
		}
		c = s.undelete(st, ".trash/notes/2024/11/22-a.md")
		if c.File != "notes/2024/11/22-a.md" || c.Permalink != "/2024/11/a/" || s.read("content/"+c.File) != text {
			t.Errorf("Undelete: %+v", c)
		}
		s.undelete(st, ".trash/notes/2024/11/22-a.md")
		sameStrings(t, "files", s.files("content"), "notes/2024/11/22-a.md")
		s.build(st)
	}
}

func TestNothingIsLostInTheTrash(t *testing.T) {
	s := newSite(t)
	st := s.scanned()
	for _, text := range []string{"first", "second", "third"} {
		s.write("content/a.md", "---\ndate: 2024-11-22\n---\n"+text+"\n")
		s.scan(st)
		s.del(st, "a.md")
	}
	sameStrings(t, "files", s.files("content"), ".trash/a.md", ".trash/a.old-2.md", ".trash/a.old.md")
	s.undelete(st, ".trash/a.md")
	if got := s.read("content/a.md"); got != "---\ndate: 2024-11-22\n---\nthird\n" {
		t.Errorf("%q came back", got)
	}
	s.write("content/.trash/a.md", "---\ndate: 2024-11-22\n---\nfourth\n")
	s.scan(st)
	if _, err := undeleteFile(t.Context(), st, ".trash/a.md"); !errors.Is(err, store.ErrExist) {
		t.Errorf("Undelete onto a file: %v", err)
	}
	if got := s.read("content/a.md"); got != "---\ndate: 2024-11-22\n---\nthird\n" {
		t.Errorf("Undelete replaced a file by %q", got)
	}
	if _, err := deleteFile(t.Context(), st, "none.md"); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("Delete of no file: %v", err)
	}
}

func TestABundleMovesWithItsFiles(t *testing.T) {
	s := newSite(t)
	s.post("trip/index.md", "2024-11-22")
	s.write("content/trip/sea.jpg", "picture")
	s.write("content/trip/data/track.gpx", "track")
	s.post("walk/index.md", "2024-11-22")
	s.write("content/walk/hill.jpg", "picture")
	s.post("walk/day-2/index.md", "2024-11-23")
	all := s.files("content")
	st := s.scanned()
	s.build(st)
	s.del(st, "trip/index.md")
	s.del(st, "walk/index.md") // another note lives below: it stays with all but the file
	sameStrings(t, "files", s.files("content"), ".trash/trip/data/track.gpx", ".trash/trip/index.md", ".trash/trip/sea.jpg",
		".trash/walk/index.md", "walk/day-2/index.md", "walk/hill.jpg")
	s.build(st)
	s.undelete(st, ".trash/trip/index.md")
	s.undelete(st, ".trash/walk/index.md")
	sameStrings(t, "files", s.files("content"), all...)
	s.scan(st)
	for _, file := range []string{"trip/index.md", "walk/index.md", "walk/day-2/index.md"} {
		if row := s.row(st, file); row.Problem != "" || !row.HasPage {
			t.Errorf("%s: %+v", file, row)
		}
	}
}
