package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"starpunk/cmd/starpunk/internal/importer"
)

func TestAListThatStarPunkMakesIsNotReplaced(t *testing.T) {
	w := newWorld(t, map[string]string{
		"hugo.toml": "", "content/tags/_index.md": "---\ntitle: Tags\n---\nText.", "content/tags/go/_index.md": "---\ntitle: Go\n---\n",
		"content/b/a.md": "---\ndate: 2020-03-07\ntags: [go]\n---\nText.",
	})
	report, err := w.run(importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.note(report)
	for _, line := range report.Redirects {
		if strings.HasPrefix(line.From, "/tags/") {
			t.Errorf("proposed %+v", line)
		}
	}
}

// Of many lists and feeds no more lines are proposed than a configuration may have.
func TestRedirectsAreBounded(t *testing.T) {
	files := map[string]string{"hugo.toml": "disableKinds = []\n"}
	for i := range 25 {
		tags := make([]string, 50)
		for j := range tags {
			tags[j] = fmt.Sprintf("t%d-%d", i, j)
		}
		files[fmt.Sprintf("content/s%d/a.md", i)] = "---\ndate: 2020-03-07\ncategories: [" + strings.Join(tags, ", ") + "]\n---\nText."
	}
	w := newWorld(t, files)
	report, err := w.run(importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	feeds := 0
	for _, line := range report.Redirects {
		if strings.HasSuffix(line.To, ".xml") {
			feeds++
		}
	}
	if feeds != 20 || len(report.Redirects) != 1000 {
		t.Errorf("%d lines, %d of them of feeds, want 1000 and 20", len(report.Redirects), feeds)
	}
}
