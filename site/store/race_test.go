//go:build linux

package store_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/durable"
	"starpunk/site/store/internal/storetest"

	"github.com/gofrs/flock"
)

const edited = "---\ndate: 2024-11-22\n---\nSaved by an editor.\n"

// editors are how another program saves a file.
var editors = []struct {
	name string
	save func(s *storetest.Site, file, data string)
}{
	{"writes in place", func(s *storetest.Site, file, data string) { s.Write(file, data) }},
	{"writes beside it and renames", func(s *storetest.Site, file, data string) {
		s.Write("content/.editor~", data)
		s.Rename("content/.editor~", file)
	}},
}

// TestAnUpdateLosesNoSaveOfItsVeryMoment has an editor save between the last
// look at a file and the step that replaces it, where no look could help.
func TestAnUpdateLosesNoSaveOfItsVeryMoment(t *testing.T) {
	for _, editor := range editors {
		for _, saves := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("%s %d times", editor.name, saves), func(t *testing.T) {
				s := storetest.New(t)
				s.Write("content/a.md", "---\ndate: 2024-11-22\n---\nText\n")
				left := saves
				st := s.OpenAround(func(op durable.Op, do func() error) error {
					if op.Name == "exchange" && left > 0 {
						left--
						editor.save(s, "content/a.md", edited+fmt.Sprintf("Save %d.\n", saves-left))
					}
					return do()
				})
				s.Scan(st)
				_, err := st.Update(t.Context(), "a.md", rename)
				wantEdited(s, err, fmt.Sprintf("Save %d.\n", saves))
			})
		}
	}
}

// wantEdited wants the update made on what the editor saved last, or refused.
func wantEdited(s *storetest.Site, err error, last string) {
	s.T.Helper()
	want := edited + last
	if err == nil {
		want = strings.Replace(want, "\n---\nSaved", "\ntitle: New\n---\nSaved", 1)
	} else if !errors.Is(err, store.ErrConflict) {
		s.T.Errorf("Update: %v", err)
	}
	if got := s.Read("content/a.md"); got != want {
		s.T.Errorf("Update: %v, and the file holds\n%s\nwant\n%s", err, got, want)
	}
	storetest.SameStrings(s.T, "files", s.Files("content"), "a.md")
}

// TestAnUpdateWaitsForWhoIsWriting has an editor open the file before the
// update, and write after it: into a file that has lost its name by then.
func TestAnUpdateWaitsForWhoIsWriting(t *testing.T) {
	s := storetest.New(t)
	s.Write("content/a.md", "---\ndate: 2024-11-22\n---\nText\n")
	var f *os.File
	exchanges := 0
	st := s.OpenAround(func(op durable.Op, do func() error) error {
		if op.Name != "exchange" {
			return do()
		}
		exchanges++
		switch exchanges {
		case 1:
			var err error
			if f, err = os.OpenFile(s.Path("content/a.md"), os.O_WRONLY, 0); err != nil {
				t.Fatal(err)
			}
		case 2: // it is put back
			defer func() {
				_, err := f.WriteString(edited + "At last.\n")
				if err := storetest.FirstError(err, f.Close()); err != nil {
					t.Error(err)
				}
			}()
		}
		return do()
	})
	s.Scan(st)
	_, err := st.Update(t.Context(), "a.md", rename)
	wantEdited(s, err, "At last.\n")
	if exchanges < 2 {
		t.Errorf("the file was taken from who was writing it (%d exchanges)", exchanges)
	}
}

// TestUpdatesAndAnEditorAtOnce has both change one file again and again. Each
// save must be there, as it was saved or with an update made on it: for a moment
// the file may have an update of an older one, until the newer one is restored.
func TestUpdatesAndAnEditorAtOnce(t *testing.T) {
	s := storetest.New(t)
	s.Write("content/a.md", "---\ndate: 2024-11-22\n---\nSaved by an editor.\n")
	st := s.Scanned()
	const updates = 30
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		defer close(done)
		for i := range updates {
			_, err := st.Update(t.Context(), "a.md", func(n *site.Note) error {
				n.Name = fmt.Sprintf("Update %d", i)
				return nil
			})
			if err != nil && !errors.Is(err, store.ErrConflict) {
				t.Errorf("Update: %v", err)
			}
		}
	})
	saves := 0
	group.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			saves++
			s.Write("content/.editor~", fmt.Sprintf("%sSave %d.\n", edited, saves))
			s.Rename("content/.editor~", "content/a.md")
			if got, there := eventually(s, "content/a.md", fmt.Sprintf("Save %d.\n", saves)); !there {
				t.Errorf("save %d is lost; the file holds\n%s", saves, got)
				return
			}
		}
	})
	group.Wait()
	if got := s.Read("content/a.md"); !strings.HasSuffix(got, fmt.Sprintf("Saved by an editor.\nSave %d.\n", saves)) {
		t.Errorf("after %d saves the file holds\n%s", saves, got)
	}
	storetest.SameStrings(t, "files", s.Files("content"), "a.md")
}

// eventually reads a file until it ends in some text.
func eventually(s *storetest.Site, name, end string) (text string, there bool) {
	s.T.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if text = s.Read(name); strings.HasSuffix(text, end) {
			return text, true
		}
	}
	return text, false
}

// TestNothingIsPutOntoAFileThatAppears has a file appear at the name that a
// note is about to get.
func TestNothingIsPutOntoAFileThatAppears(t *testing.T) {
	for _, disk := range []struct {
		name string
		of   func(storetest.Around) storetest.Around
	}{{"", func(a storetest.Around) storetest.Around { return a }}, {" on a plain disk", plain}} {
		for _, test := range []struct {
			name, file string
			do         func(st *store.Builder) error
			want       error
		}{
			{"create", "content/notes/2024/11/22-hello.md", func(st *store.Builder) error {
				n := storetest.PlainNote("hello", "Text")
				_, err := st.Create(t.Context(), n)
				if n.Slug != "hello-2" {
					t.Errorf("the note is called %s", n.Slug)
				}
				return err
			}, nil},
			{"undelete", "content/gone.md", func(st *store.Builder) error {
				_, err := storetest.UndeleteFile(t.Context(), st, ".trash/gone.md")
				return err
			}, store.ErrExist},
		} {
			t.Run(test.name+disk.name, func(t *testing.T) {
				s := storetest.New(t)
				s.Post(".trash/gone.md", "2024-10-01")
				appeared := false
				st := s.OpenAround(disk.of(func(op durable.Op, do func() error) error {
					if op.To == s.Path(test.file) && !appeared {
						appeared = true
						s.Write(test.file, edited)
					}
					return do()
				}))
				s.Scan(st)
				if err := test.do(st); !errors.Is(err, test.want) {
					t.Errorf("%v, want %v", err, test.want)
				}
				if got := s.Read(test.file); !appeared || got != edited {
					t.Errorf("the file that appeared holds %q", got)
				}
				s.Read("content/.trash/gone.md")
			})
		}
	}
}

// TestTwoWritersHaveOneLock: the second of two processes chooses a slug only
// when the first is done, though the note of the first has no name yet.
func TestTwoWritersHaveOneLock(t *testing.T) {
	s := storetest.New(t)
	second := s.Scanned()
	var group sync.WaitGroup
	var other store.Created
	first := s.OpenAround(func(op durable.Op, do func() error) error {
		if op.Name == "sync" {
			group.Go(func() {
				var err error
				if other, err = second.Create(t.Context(), storetest.PlainNote("hello", "Second")); err != nil {
					t.Error(err)
				}
			})
			if held, err := contentLocked(s); err != nil || !held {
				t.Errorf("while a note is written no process holds the content lock: %v", err)
			}
		}
		return do()
	})
	s.Scan(first)
	created := s.Create(first, storetest.PlainNote("hello", "First"))
	group.Wait()
	if created.File != "notes/2024/11/22-hello.md" || other.File != "notes/2024/11/22-hello-2.md" {
		t.Errorf("the notes are %s and %s", created.File, other.File)
	}
}

func contentLocked(s *storetest.Site) (bool, error) {
	lock := flock.New(s.Path(".starpunk/content.lock"))
	free, err := lock.TryLock()
	if free {
		err = lock.Unlock()
	}
	return !free, err
}
