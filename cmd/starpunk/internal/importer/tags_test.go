package importer_test

import (
	"strings"
	"testing"

	"starpunk/cmd/starpunk/internal/importer"
)

func TestOfOneFileABoundedNumberOfTagsIsReported(t *testing.T) {
	w := newWorld(t, map[string]string{"hugo.toml": "", "content/a.md": "---\ndate: 2020-01-01\n---\n" + strings.Repeat("{{< x >}}\n", 150)})
	report, err := w.run(importer.Options{})
	if err != nil || len(report.Findings) != 100 {
		t.Errorf("150 tags: %d findings, %v, want 100", len(report.Findings), err)
	}
}
