package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"
)

func TestByPermalinkFindsWhoHasTheAddress(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-10-01")
	s.Post("draft.md", "2024-10-01", "draft: true")
	s.Post(".trash/deleted.md", "2024-10-01")
	s.Write("content/about.md", "A page.\n")
	s.Write("content/index.md", "Welcome.\n")
	s.Write("content/bad.md", "---\ndate: no\n---\n")
	st := s.Scanned()
	for permalink, want := range map[string][2]string{
		"/2024/10/a/": {"a.md", "public"}, "/2024/10/draft/": {"draft.md", store.StatusDraft},
		"/2024/10/deleted/": {".trash/deleted.md", store.StatusDeleted}, "/about/": {"about.md", "public"}, "/": {"index.md", "public"},
	} {
		row, err := st.ByPermalink(t.Context(), permalink)
		if err != nil || row.File != want[0] || row.Status != want[1] {
			t.Errorf("ByPermalink(%q) = %+v, %v; want %v", permalink, row, err, want)
		}
	}
	for _, permalink := range []string{"", "/none/", "/2024/10/a", "/bad/"} {
		if row, err := st.ByPermalink(t.Context(), permalink); !errors.Is(err, store.ErrNotExist) {
			t.Errorf("ByPermalink(%q) = %+v, %v; want %v", permalink, row, err, store.ErrNotExist)
		}
	}
	s.Remove("content/a.md")
	s.Build(st)
	s.Scan(st)
	if row, err := st.ByPermalink(t.Context(), "/2024/10/a/"); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("after the removal ByPermalink = %+v, %v", row, err)
	}
}

func TestReadGivesTheNoteAsItIsNow(t *testing.T) {
	s := storetest.New(t)
	s.Write("content/a.md", "---\ndate: 2024-10-01 10:00\n---\nBefore\n")
	st := s.Scanned()
	s.Write("content/a.md", "---\ndate: 2024-10-01 10:00\n---\nAfter\n")
	n, err := st.Read("a.md")
	if err != nil || n.Content != "After" {
		t.Errorf("Read = %+v, %v", n, err)
	}
	if _, err := st.Read("none.md"); err == nil {
		t.Error("Read of no file gave no error")
	}
}

func TestOfSeveralNotesWithOneAddressOneHasThePage(t *testing.T) {
	const date = "2024-10-01T10:00:00Z"
	tests := []struct {
		name   string
		files  map[string]string // and their front matter
		first  string
		second string // "": none
	}{
		{"the first path in byte order", map[string]string{"b/x.md": "", "a/x.md": ""}, "a/x.md", "b/x.md"},
		{"upper case is before lower case", map[string]string{"a/x.md": "", "Z/x.md": ""}, "Z/x.md", "a/x.md"},
		{"a page before a note", map[string]string{"a/x.md": "", "pages/2024/10/x.md": "page"}, "pages/2024/10/x.md", "a/x.md"},
		{"a draft does not count", map[string]string{"a/x.md": "draft: true", "b/x.md": ""}, "b/x.md", ""},
		{"a private note does not count", map[string]string{"a/x.md": "visibility: private", "b/x.md": ""}, "b/x.md", ""},
		{"a deleted note does not count", map[string]string{".trash/x.md": "", "b/x.md": ""}, "b/x.md", ""},
		{"an unlisted note counts", map[string]string{"a/x.md": "visibility: unlisted", "b/x.md": ""}, "a/x.md", "b/x.md"},
	}
	shared := storetest.New(t)
	st := shared.Open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.Again(t, st)
			for file, front := range test.files {
				if front == "page" {
					s.Write("content/"+file, "A page.\n")
				} else {
					s.Post(file, date, front)
				}
			}
			s.Scan(st)
			s.Build(st)
			if r := s.Row(st, test.first); !r.HasPage || r.Built == nil {
				t.Errorf("%s has no page: %+v", test.first, r)
			}
			row, err := st.ByPermalink(t.Context(), "/2024/10/x/")
			if err != nil || row.File != test.first {
				t.Errorf("ByPermalink = %+v, %v; want %s", row, err, test.first)
			}
			if test.second == "" {
				storetest.SameStrings(t, "problems", s.Problems(st))
				return
			}
			if r := s.Row(st, test.second); r.HasPage || r.Listed || r.Built != nil {
				t.Errorf("%s has a page: %+v", test.second, r)
			}
			storetest.SameStrings(t, "problems", s.Problems(st),
				fmt.Sprintf("content/%s:1: its address /2024/10/x/ belongs to content/%s", test.second, test.first))

			s.Remove("content/" + test.first)
			s.Scan(st)
			storetest.SameStrings(t, "removed when the first has gone", s.Build(st))
			if r := s.Row(st, test.second); !r.HasPage || r.Built == nil {
				t.Errorf("when the first has gone, the row of %s is %+v", test.second, r)
			}
			storetest.SameStrings(t, "problems when the first has gone", s.Problems(st))
		})
	}
}

func TestANoteThatComesFirstLaterTakesTheAddress(t *testing.T) {
	s := storetest.New(t)
	s.Post("b/x.md", "2024-10-01")
	s.Post("c/x.md", "2024-10-01", "slug: y")
	st := s.Scanned()
	s.Build(st)
	s.Post("a/x.md", "2024-10-01")
	s.Post("c/x.md", "2024-10-01", "slug: x") // comes second at another's address
	s.Scan(st)
	removed := s.Build(st)
	storetest.SameStrings(t, "removed", removed, "2024/10/y/index.html")
	for file, want := range map[string]bool{"a/x.md": true, "b/x.md": false, "c/x.md": false} {
		if r := s.Row(st, file); r.HasPage != want || (r.Built != nil) != want {
			t.Errorf("%s: HasPage = %v, built %+v; want %v", file, r.HasPage, r.Built, want)
		}
	}
	if n := len(s.Problems(st)); n != 2 {
		t.Errorf("problems: %q; want two", s.Problems(st))
	}
}

func TestPagesAreThoseWithoutADate(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-10-02T10:00:00Z")
	s.Write("content/about.md", "---\ntags: [page]\n---\nA page.\n")
	s.Write("content/pages/z.md", "---\nvisibility: unlisted\n---\nA page.\n")
	s.Write("content/index.md", "Welcome.\n")
	st := s.Scanned()
	s.Build(st)
	permalinks, err := st.Notes.PagePermalinks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	storetest.SameStrings(t, "PagePermalinks", permalinks, "/about/")
}

func TestARowDescribesItsNote(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-09-30T23:30:00-02:30", "title: 'A title'", "tags: [Go, '#go', 'Größe']")
	s.Write("content/pages/deep/about.md", "A page.\n")
	st := s.Scanned()
	r := s.Row(st, "a.md")
	if r.Type != "article" || r.Label != "A title" || !r.Named || r.Kind != "note" || r.Status != "public" ||
		r.Published.Format(time.RFC3339) != "2024-09-30T23:30:00-02:30" || !slices.Equal(r.Tags, []string{"Go", "#go", "Größe"}) || r.Built != nil {
		t.Errorf("the row of a.md is %+v", r)
	}
	p := s.Row(st, "pages/deep/about.md")
	if p.Kind != "page" || p.Permalink != "/deep/about/" || !p.Published.IsZero() || !p.HasPage || p.Listed {
		t.Errorf("the row of the page is %+v", p)
	}
	s.Build(st)
	r = s.Row(st, "a.md")
	if b := r.Built; b == nil || b.Hash != r.Hash || b.Permalink != r.Permalink || !b.Published.Equal(r.Published) ||
		!slices.Equal(b.Outputs, []string{"2024/09/a/index.html"}) || len(b.Lists) != 5 || b.Number == 0 {
		t.Errorf("a.md was built as %+v", b)
	}
	if row, err := st.ByFile(t.Context(), "none.md"); err != nil || row != nil {
		t.Errorf("ByFile of no file = %+v, %v", row, err)
	}
}
