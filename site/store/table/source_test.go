package table_test

import (
	"strings"
	"testing"

	"starpunk/site/store/content"
	"starpunk/site/store/internal/storetest"
	"starpunk/site/store/table"
)

func TestAFileIsASourceWithAPageOrAProblem(t *testing.T) {
	s := storetest.NewWithoutIndex(t)
	cfg := s.Config()
	read := table.New(cfg, s.Clock, content.New(cfg), nil)
	for _, test := range []struct {
		rule, text string
		hasPage    bool
		problem    string
	}{
		{"a note has a page", "---\ndate: 2024-01-01\n---\nText\n", true, ""},
		{"an unlisted note has one", "---\ndate: 2024-01-01\nvisibility: unlisted\n---\nText\n", true, ""},
		{"a scheduled note has one when its time has come", "---\ndate: 2924-01-01\n---\nText\n", true, ""},
		{"a draft has none", "---\ndate: 2024-01-01\ndraft: true\n---\nText\n", false, ""},
		{"a private note has none", "---\ndate: 2024-01-01\nvisibility: private\n---\nText\n", false, ""},
		{"a note without words has a problem", "---\ndate: 2024-01-01\n---\n", false, "nothing to show"},
		{"a note with a mistake has a problem", "---\ndate: yesterday\n---\nText\n", false, "content/a.md:2"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			s.Write("content/a.md", test.text)
			src, err := read.ReadSource("a.md")
			if err != nil {
				t.Fatal(err)
			}
			if src.HasPage() != test.hasPage || !strings.Contains(src.Problem, test.problem) || test.problem == "" && src.Problem != "" {
				t.Errorf("the source has a page: %v, and the problem %q; want %v, %q", src.HasPage(), src.Problem, test.hasPage, test.problem)
			}
		})
	}
}
