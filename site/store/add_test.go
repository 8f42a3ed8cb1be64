package store_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"starpunk/site/store/internal/storetest"
)

func TestAddReplacesNothing(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	for _, file := range []string{"a/index.md", "a/b.jpg", "pages/a.md"} {
		if settled, err := st.Add(t.Context(), file, strings.NewReader("---\ndate: 2024-10-07\n---\nFirst")); err != nil || !settled {
			t.Errorf("Add %s: %v, %v", file, settled, err)
		}
		if _, err := st.Add(t.Context(), file, strings.NewReader("Second")); !errors.Is(err, fs.ErrExist) {
			t.Errorf("Add %s again: %v, want that it exists", file, err)
		}
		if got := s.Read("content/" + file); !strings.HasSuffix(got, "First") {
			t.Errorf("%s is %q", file, got)
		}
	}
	if row, err := st.ByPermalink(t.Context(), "/2024/10/a/"); err != nil || row.File != "a/index.md" {
		t.Errorf("the note that was added: %v, %v", row, err)
	}
}

func TestAPostIsBuiltBeforeAddedNotes(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	post, err := st.Create(t.Context(), storetest.PlainNote("hello", "Text"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"a.md", "b.md"} { // newer, so that only waiting puts the post before them
		newer := "---\ndate: " + s.Row(st, post.File).Published.Add(time.Hour).Format(time.RFC3339) + "\n---\nText"
		s.Now = s.Now.Add(2 * time.Hour)
		if _, err := st.Add(t.Context(), file, strings.NewReader(newer)); err != nil {
			t.Fatal(err)
		}
	}
	if pending := storetest.FilesOf(s.Pending(st)); len(pending) != 3 || pending[0] != post.File {
		t.Errorf("pending are %q, want %s before two others", pending, post.File)
	}
}

func TestAddKeepsToTheContent(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	before := s.Files("")
	for _, file := range []string{"../a.md", "/a.md", "a/../../b.md", ".trash/a.md", "_drafts/a.md", "templates/a.md", ""} {
		if _, err := st.Add(t.Context(), file, strings.NewReader("Text")); err == nil {
			t.Errorf("Add %q: no error", file)
		}
	}
	if after := s.Files(""); strings.Join(before, " ") != strings.Join(after, " ") {
		t.Errorf("files are %q, were %q", after, before)
	}
}
