package importer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"starpunk/cmd/starpunk/internal/importer"
)

// Hugo, "Multilingual mode". StarPunk has one language, so that translations
// become separate notes.
// The index keeps the rows of notes that are missing all at once: they must not hide the
// note that has their address now.
func TestMissingNotesDoNotHideOneThatIsPresent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"zola.toml": "", "content/x.md": "+++\ndate = 2020-03-07\n+++\nText\n"})
	before := filepath.Join(w.cfg.ContentDir(), "notes", "2019") // named before the imported one
	if err := os.MkdirAll(before, 0o777); err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		if err := os.WriteFile(filepath.Join(before, fmt.Sprintf("%d.md", i)), []byte("---\ndate: 2020-03-07\naliases: [/x/]\n---\nText\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.store.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(before); err != nil {
		t.Fatal(err)
	}
	if report, err := w.run(importer.Options{}); err != nil || len(report.Notes) != 1 {
		t.Fatalf("%+v %v", report, err)
	}
	if again, err := w.run(importer.Options{}); err != nil || len(again.Notes) > 0 || again.Present != 1 {
		t.Errorf("again: imported %v, %d there, %v", again.Notes, again.Present, err)
	}
}

func TestTranslations(t *testing.T) {
	const front = "---\ndate: 2020-03-07\n---\n"
	w := newWorld(t, map[string]string{
		"config/_default/hugo.toml":      "baseURL = 'https://o.example/'",
		"config/_default/languages.toml": "[en]\n[fr]\n",
		"content/blog/a.fr.md":           front + "[b]({{< ref \"b\" >}}) ![c](c.png)",
		"content/blog/a.md":              front + "[b]({{< ref \"b\" >}}) [a](/fr/blog/a/)",
		"content/blog/b/index.fr.md":     front + "![c](c.png)",
		"content/blog/b/index.md":        front + "![c](c.png)",
		"content/blog/b/c.png":           "picture",
	})
	report, err := w.run(importer.Options{})
	if err != nil || len(report.Notes) != 4 || report.Files != 2 || report.Skipped != 0 {
		t.Fatalf("imported: %v and %d files, %v, %v", report.Notes, report.Files, report.Findings, err)
	}
	for file, want := range map[string]string{
		"notes/2020/03/07-a.md":         "[b](/notes/2020/03/07-b/index.md) [a](/notes/2020/03/07-a-2.md)",
		"notes/2020/03/07-a-2.md":       "[b](/notes/2020/03/07-b-2/index.md) ![c](c.png)",
		"notes/2020/03/07-b/index.md":   "![c](c.png)",
		"notes/2020/03/07-b-2/index.md": "![c](c.png)",
	} {
		if n, err := w.store.Read(file); err != nil || n.Content != want {
			t.Errorf("%s: %v, %v, want %q", file, n, err, want)
		}
	}
	said := 0
	for _, f := range report.Findings {
		if f.Kind == "language" && strings.Contains(f.File, ".fr.md") && f.Line == 1 {
			said++
		}
	}
	if said != 2 {
		t.Errorf("said of %d files that they are in another language: %v", said, report.Findings)
	}
}
