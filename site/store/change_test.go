package store_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"
	"starpunk/site/store/table"
)

func rename(n *site.Note) error {
	n.Name = "New"
	return nil
}

func TestUpdateWritesWhatChangedAndNothingElse(t *testing.T) {
	s := storetest.New(t)
	s.Write("content/a.md", "---\ndate: 2024-11-22\n# mine\nmenu: x\ntitle: Old\n---\n\nText")
	if err := os.Chmod(s.Path("content/a.md"), 0o640); err != nil {
		t.Fatal(err)
	}
	st := s.Scanned()
	s.Build(st)
	changed, err := st.Update(t.Context(), "a.md", rename)
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	if got := s.Read("content/a.md"); got != "---\ndate: 2024-11-22\n# mine\nmenu: x\ntitle: New\n---\n\nText" {
		t.Errorf("the file became %q", got)
	}
	if info, err := os.Stat(s.Path("content/a.md")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("its permissions are %v, %v", info.Mode(), err)
	}
	row := s.Row(st, "a.md")
	if !changed.Indexed || changed.Hash != row.Hash || changed.Permalink != row.Permalink || row.Label != "New" || row.Todo != table.TodoWaited {
		t.Errorf("Update reported %+v, the index has %+v", changed, row)
	}
	storetest.SameStrings(t, "files", s.Files("content"), "a.md")
}

func TestUpdateBeginsAgainFromWhatAnEditorSaved(t *testing.T) {
	for _, tc := range []struct {
		name  string
		saves int // by an editor, each while an update is under way
		want  error
		text  string
	}{
		{"once", 1, nil, "---\ndate: 2024-11-22\nsave: 1\ntitle: New\n---\n"},
		{"twice", 2, nil, "---\ndate: 2024-11-22\nsave: 2\ntitle: New\n---\n"},
		{"whenever it tries", 3, store.ErrConflict, "---\ndate: 2024-11-22\nsave: 3\n---\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := storetest.New(t)
			s.Write("content/a.md", "---\ndate: 2024-11-22\nsave: 0\n---\n")
			st := s.Scanned()
			saves := 0
			_, err := st.Update(t.Context(), "a.md", func(n *site.Note) error {
				if saves < tc.saves {
					saves++
					s.Write("content/a.md", fmt.Sprintf("---\ndate: 2024-11-22\nsave: %d\n---\n", saves))
				}
				return rename(n)
			})
			if !errors.Is(err, tc.want) {
				t.Errorf("Update: %v, want %v", err, tc.want)
			}
			got := s.Read("content/a.md")
			if tc.want == nil {
				tc.text = strings.Replace(tc.text, "save: "+fmt.Sprint(saves)+"\ntitle: New\n", "title: New\nsave: "+fmt.Sprint(saves)+"\n", 1)
			}
			if got != tc.text {
				t.Errorf("the file became %q, want %q", got, tc.text)
			}
			storetest.SameStrings(t, "files", s.Files("content"), "a.md")
		})
	}
}

func TestUpdateThatFailsLeavesTheFile(t *testing.T) {
	const text = "---\ndate: 2024-11-22\n---\nText\n"
	refused := errors.New("refused")
	for _, tc := range []struct {
		name   string
		change func(*storetest.Site, *site.Note) error
		want   error
		kept   string
	}{
		{"refused by the caller", func(*storetest.Site, *site.Note) error { return refused }, refused, text},
		{"removed meanwhile", func(s *storetest.Site, n *site.Note) error {
			s.Remove("content/a.md")
			return rename(n)
		}, store.ErrNotExist, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := storetest.New(t)
			s.Write("content/a.md", text)
			st := s.Scanned()
			_, err := st.Update(t.Context(), "a.md", func(n *site.Note) error { return tc.change(s, n) })
			if !errors.Is(err, tc.want) {
				t.Errorf("Update: %v, want %v", err, tc.want)
			}
			if tc.kept == "" {
				storetest.SameStrings(t, "files", s.Files("content"))
			} else if got := s.Read("content/a.md"); got != tc.kept {
				t.Errorf("the file became %q", got)
			}
		})
	}
	s := storetest.New(t)
	if _, err := s.Scanned().Update(t.Context(), "none.md", rename); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("Update of no file: %v", err)
	}
}

func TestAnAddressThatANoteHadLeadsToIt(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-11-22")
	s.Post("b.md", "2024-11-22")
	st := s.Scanned()
	for _, step := range []struct{ slug, permalink, aliases string }{
		{"b", "/2024/11/b-2/", "[/2024/11/a/]"},
		{"c", "/2024/11/c/", "[/2024/11/a/ /2024/11/b-2/]"},
		{"a", "/2024/11/a/", "[/2024/11/b-2/ /2024/11/c/]"},
	} {
		changed, err := st.Update(t.Context(), "a.md", func(n *site.Note) error {
			n.Rename(step.slug)
			return nil
		})
		if err != nil || changed.Permalink != step.permalink {
			t.Fatalf("Update to %s: %+v, %v", step.slug, changed, err)
		}
		n, err := st.Read("a.md")
		if err != nil || fmt.Sprint(n.Aliases) != step.aliases {
			t.Errorf("at %s its aliases are %v, %v, want %s", step.permalink, n.Aliases, err, step.aliases)
		}
	}
	// A second index of the files says the same.
	s.Remove(".starpunk")
	again := s.Scanned()
	for _, address := range []string{"/2024/11/b-2/", "/2024/11/c/"} {
		for _, st := range []*store.Builder{st, again} {
			if row, err := st.ByAlias(t.Context(), address); err != nil || row.File != "a.md" {
				t.Errorf("ByAlias(%s) = %v, %v", address, row, err)
			}
		}
	}
	if _, err := again.ByAlias(t.Context(), "/2024/11/a/"); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("its own address is an alias: %v", err)
	}
	if created := s.Create(again, storetest.NewNote(t, "c", "2024-11-23")); created.Permalink != "/2024/11/c-2/" {
		t.Errorf("a new note got %s, which leads to another", created.Permalink)
	}
}
