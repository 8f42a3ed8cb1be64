package scan_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"
)

// take takes the note of a file's row and returns its content; the error means that
// the file was needed, which the tests remove.
func take(s *storetest.Site, st *store.Builder, file string) (content string, same bool, err error) {
	s.T.Helper()
	n, same, err := st.TakeRow(s.Row(st, file))
	if err != nil {
		return "", same, err
	}
	return n.Content, same, nil
}

func TestAParsedNoteIsTakenOnce(t *testing.T) {
	s := storetest.New(t)
	st := s.Open()
	for _, file := range []string{"a.md", "b.md", "later.md", "trip/index.md"} {
		s.Post(file, "2024-10-01T10:00:00Z")
	}
	s.Write("content/broken.md", "---\ndate: never\n---\nText")
	s.Scan(st)
	if _, _, err := take(s, st, "a.md"); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"a.md", "b.md", "later.md", "trip/index.md"} {
		s.Post(file, "2024-10-02T10:00:00Z")
	}
	forget := st.KeepParsed(1 << 20)
	s.Scan(st)
	s.Post("later.md", "2024-10-03T10:00:00Z")
	s.Refresh(st, "later.md")
	for _, file := range []string{"a.md", "b.md", "later.md", "trip/index.md"} {
		s.Remove("content/" + file)
	}
	for _, test := range []struct {
		file string
		same bool
	}{{"a.md", true}, {"later.md", true}, {"trip/index.md", false}} { // a bundle has other files
		content, same, err := take(s, st, test.file)
		if err != nil || content == "" || same != test.same {
			t.Errorf("first TakeRow(%s) = %q, %v, %v; want it as it was parsed, and %v", test.file, content, same, err, test.same)
		}
		if _, _, err := take(s, st, test.file); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("second TakeRow(%s): %v; want that there is no file", test.file, err)
		}
	}
	var syntax *site.SyntaxError
	if _, _, err := take(s, st, "broken.md"); !errors.As(err, &syntax) {
		t.Errorf("TakeRow of a broken note: %v", err)
	}
	forget()
	if _, _, err := take(s, st, "b.md"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("TakeRow after all were forgotten: %v; want that there is no file", err)
	}
}

func TestAParsedNoteIsOfTheRowsRevision(t *testing.T) {
	s := storetest.New(t)
	st := s.Open()
	defer st.KeepParsed(1 << 20)()
	s.Post("a.md", "2024-10-01T10:00:00Z", "title: Old")
	s.Scan(st)
	other := s.Open() // as another process
	s.Post("a.md", "2024-10-01T10:00:00Z", "title: New")
	s.Scan(other)
	if n, same, err := st.TakeRow(s.Row(st, "a.md")); err != nil || n.Name != "New" || !same {
		t.Errorf("TakeRow = %+v, %v, %v; want the new note", n, same, err)
	}
}

func TestParsedNotesAreBounded(t *testing.T) {
	const notes = 20
	s := storetest.New(t)
	st := s.Open()
	text := strings.Repeat("Some words. ", 1000)
	for _, test := range []struct{ limit, kept int }{{notes * 20_000, notes}, {notes / 2 * len(text), 0}} {
		forget := st.KeepParsed(test.limit)
		for i := range notes {
			s.Write(fmt.Sprintf("content/%02d.md", i), fmt.Sprintf("---\ndate: 2024-10-01T10:%02d:00Z\n---\n%s%d", i, text, test.limit))
		}
		s.Scan(st)
		s.Remove("content")
		s.Mkdir("content")
		kept := 0
		for i := range notes {
			if _, _, err := take(s, st, fmt.Sprintf("%02d.md", i)); err == nil {
				kept++
			}
		}
		if kept != test.kept {
			t.Errorf("KeepParsed(%d) of %d notes: %d are kept, want %d", test.limit, notes, kept, test.kept)
		}
		forget()
	}
}
