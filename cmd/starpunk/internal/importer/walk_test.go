package importer_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"starpunk/cmd/starpunk/internal/importer"
	"starpunk/site"
)

func TestAnOldSiteIsBounded(t *testing.T) {
	small := map[string]string{"hugo.toml": "", "content/a.md": "---\ndate: 2020-01-01\n---\nText."}
	with := func(name, text string) map[string]string {
		files := maps.Clone(small)
		files[name] = text
		return files
	}
	for _, tc := range []struct {
		rule   string
		files  map[string]string
		max    int
		refuse string // of the whole
		lose   string // of only one file
	}{
		{"few files are enough", small, 2, "", ""},
		{"too many files", with("content/b.md", "---\ndate: 2020-01-01\n---\nText."), 2, "holds more than 2 files and folders", ""},
		{"too many files in two mounted folders", map[string]string{
			"hugo.toml": "[[module.mounts]]\nsource = 'a'\ntarget = 'content'\n[[module.mounts]]\nsource = 'b'\ntarget = 'content/b'",
			"a/a.md":    "---\ndate: 2020-01-01\n---\nText.", "b/b.md": "---\ndate: 2020-01-01\n---\nText.",
		}, 3, "holds more than 3 files and folders", ""},
		{"a configuration of too many files", manyParts(small), 0, "config has more than 1000 files", ""},
		{"32 folders", with("content/"+strings.Repeat("d/", 31)+"b.md", "---\n---\nText."), 0, "", ""},
		{"33 folders", with("content/"+strings.Repeat("d/", 33)+"b.md", "---\n---\nText."), 0, "more than 32 folders deep", ""},
		{"a note of more than 10 MiB", with("content/b.md", strings.Repeat("x", site.MaxNoteBytes+1)), 0, "", "larger than 10 MiB"},
		{"a picture of more than receiver.max_upload", map[string]string{
			"hugo.toml": "", "content/a/index.md": "---\ndate: 2020-01-01\n---\nText.", "content/a/b.jpg": strings.Repeat("x", 1025),
		}, 0, "", "is larger than receiver.max_upload, 1024 bytes"},
		{"a configuration of more than 1 MiB", with("hugo.toml", strings.Repeat("#", 1<<20+1)), 0, "hugo.toml is larger than 1 MiB", ""},
		{"a configuration that is broken", with("hugo.toml", "title = "), 0, "hugo.toml: toml: ", ""},
		{"bytes that are not a text", with("content/b.md", "\xff"), 0, "", "not UTF-8"},
		{"front matter that does not end", with("content/b.md", "---\ntitle: B\n"), 0, "", "front matter begins but does not end"},
		{"front matter in JSON that is broken", with("content/b.md", "{\n\"date\": }\nText"), 0, "", "b.md:2: skipped: front matter: invalid character"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			w := newWorld(t, tc.files)
			report, err := w.run(importer.Options{MaxFiles: tc.max})
			if tc.refuse != "" {
				if err == nil || !strings.Contains(err.Error(), tc.refuse) {
					t.Errorf("error: %v, want one with %q", err, tc.refuse)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			found := ""
			for _, f := range report.Findings {
				if f.Kind == importer.Skipped {
					found += f.String()
				}
			}
			if !strings.Contains(found, tc.lose) || (found == "") != (tc.lose == "") {
				t.Errorf("left out: %q, want %q", found, tc.lose)
			}
			if len(report.Notes) == 0 {
				t.Error("nothing was imported")
			}
		})
	}
}

// manyParts returns a site with more parts of its configuration than it may have.
func manyParts(site map[string]string) map[string]string {
	files := maps.Clone(site)
	for i := range 1001 {
		files[fmt.Sprintf("config/_default/params.l%d.toml", i)] = "a = 1"
	}
	return files
}

func TestLinksOfTheFileSystemAreNotFollowed(t *testing.T) {
	w := newWorld(t, map[string]string{"hugo.toml": "", "content/a/index.md": "---\ndate: 2020-01-01\n---\nText.", "secret.md": "---\ndate: 2020-01-02\n---\nSecret."})
	for _, name := range []string{"content/b.md", "content/a/c.jpg"} {
		if err := os.Symlink(filepath.Join(w.old, "secret.md"), filepath.Join(w.old, filepath.FromSlash(name))); err != nil {
			t.Skip(err)
		}
	}
	report, err := w.run(importer.Options{})
	if err != nil || len(report.Notes) != 1 || report.Files != 0 {
		t.Errorf("imported: %v and %d files, %v, want only a/index.md", report.Notes, report.Files, err)
	}
}
