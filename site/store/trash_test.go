package store_test

import (
	"errors"
	"testing"

	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"
)

func TestAFileThatBecameAnotherNoteIsNotMoved(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-11-22", "slug: other")
	s.Post(".trash/b.md", "2024-11-22", "slug: other")
	st := s.Scanned()
	if _, err := st.Delete(t.Context(), "a.md", "/2024/11/a/"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("Delete: %v", err)
	}
	if _, err := st.Undelete(t.Context(), ".trash/b.md", "/2024/11/b/"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("Undelete: %v", err)
	}
	storetest.SameStrings(t, "files", s.Files("content"), ".trash/b.md", "a.md")
}

func del(s *storetest.Site, st *store.Builder, file string) store.Changed {
	s.T.Helper()
	c, err := storetest.DeleteFile(s.T.Context(), st, file)
	if err != nil {
		s.T.Fatalf("Delete(%s): %v", file, err)
	}
	return c
}

func undelete(s *storetest.Site, st *store.Builder, file string) store.Changed {
	s.T.Helper()
	c, err := storetest.UndeleteFile(s.T.Context(), st, file)
	if err != nil {
		s.T.Fatalf("Undelete(%s): %v", file, err)
	}
	return c
}

func TestADeletedNoteGoesAndComesBack(t *testing.T) {
	s := storetest.New(t)
	const text = "\uFEFF---\r\ndate: 2024-11-22\r\n---\r\nText"
	s.Write("content/notes/2024/11/22-a.md", text)
	st := s.Scanned()
	s.Build(st)
	for range 2 {
		c := del(s, st, "notes/2024/11/22-a.md")
		if c.File != ".trash/notes/2024/11/22-a.md" || c.Permalink != "/2024/11/a/" || !c.Indexed {
			t.Errorf("Delete: %+v", c)
		}
		del(s, st, "notes/2024/11/22-a.md") // again: it is in the trash already
		storetest.SameStrings(t, "files", s.Files("content"), ".trash/notes/2024/11/22-a.md")
		if gone, err := st.Gone(t.Context(), c.OldFile, c.OldPermalink); gone || err != nil {
			t.Errorf("Gone before anything is built: %v, %v", gone, err)
		}
		storetest.SameStrings(t, "removed", s.Build(st), "2024/11/a/index.html", "2024/11/index.html")
		if gone, err := st.Gone(t.Context(), c.OldFile, c.OldPermalink); !gone || err != nil {
			t.Errorf("Gone after all is built: %v, %v", gone, err)
		}
		if row, err := st.ByPermalink(t.Context(), "/2024/11/a/"); err != nil || row.Status != store.StatusDeleted {
			t.Errorf("the address has %+v, %v", row, err)
		}
		c = undelete(s, st, ".trash/notes/2024/11/22-a.md")
		if c.File != "notes/2024/11/22-a.md" || c.Permalink != "/2024/11/a/" || s.Read("content/"+c.File) != text {
			t.Errorf("Undelete: %+v", c)
		}
		undelete(s, st, ".trash/notes/2024/11/22-a.md")
		storetest.SameStrings(t, "files", s.Files("content"), "notes/2024/11/22-a.md")
		s.Build(st)
	}
}

func TestNothingIsLostInTheTrash(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	for _, text := range []string{"first", "second", "third"} {
		s.Write("content/a.md", "---\ndate: 2024-11-22\n---\n"+text+"\n")
		s.Scan(st)
		del(s, st, "a.md")
	}
	storetest.SameStrings(t, "files", s.Files("content"), ".trash/a.md", ".trash/a.old-2.md", ".trash/a.old.md")
	undelete(s, st, ".trash/a.md")
	if got := s.Read("content/a.md"); got != "---\ndate: 2024-11-22\n---\nthird\n" {
		t.Errorf("%q came back", got)
	}
	s.Write("content/.trash/a.md", "---\ndate: 2024-11-22\n---\nfourth\n")
	s.Scan(st)
	if _, err := storetest.UndeleteFile(t.Context(), st, ".trash/a.md"); !errors.Is(err, store.ErrExist) {
		t.Errorf("Undelete onto a file: %v", err)
	}
	if got := s.Read("content/a.md"); got != "---\ndate: 2024-11-22\n---\nthird\n" {
		t.Errorf("Undelete replaced a file by %q", got)
	}
	if _, err := storetest.DeleteFile(t.Context(), st, "none.md"); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("Delete of no file: %v", err)
	}
}

func TestABundleMovesWithItsFiles(t *testing.T) {
	s := storetest.New(t)
	s.Post("trip/index.md", "2024-11-22")
	s.Write("content/trip/sea.jpg", "picture")
	s.Write("content/trip/data/track.gpx", "track")
	s.Post("walk/index.md", "2024-11-22")
	s.Write("content/walk/hill.jpg", "picture")
	s.Post("walk/day-2/index.md", "2024-11-23")
	all := s.Files("content")
	st := s.Scanned()
	s.Build(st)
	del(s, st, "trip/index.md")
	del(s, st, "walk/index.md") // another note lives below: it stays with all but the file
	storetest.SameStrings(t, "files", s.Files("content"), ".trash/trip/data/track.gpx", ".trash/trip/index.md", ".trash/trip/sea.jpg",
		".trash/walk/index.md", "walk/day-2/index.md", "walk/hill.jpg")
	s.Build(st)
	undelete(s, st, ".trash/trip/index.md")
	undelete(s, st, ".trash/walk/index.md")
	storetest.SameStrings(t, "files", s.Files("content"), all...)
	s.Scan(st)
	for _, file := range []string{"trip/index.md", "walk/index.md", "walk/day-2/index.md"} {
		if row := s.Row(st, file); row.Problem != "" || !row.HasPage {
			t.Errorf("%s: %+v", file, row)
		}
	}
}
