package importer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"starpunk/cmd/starpunk/internal/importer"
	"starpunk/site"
	"starpunk/site/store"
)

// A world has an empty site and an old one.
type world struct {
	t     testing.TB
	cfg   *site.Config
	store *store.Store
	old   string
}

func newWorld(t testing.TB, files map[string]string) *world {
	t.Helper()
	w := &world{t: t, old: t.TempDir()}
	for name, text := range files {
		w.write(name, text)
	}
	var err error
	w.cfg, err = site.ParseConfig(t.TempDir(), []byte("url = \"https://a.example/\"\ntitle = \"A\"\nreceiver.max_upload = \"1KiB\""), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	if w.store, err = store.Open(t.Context(), w.cfg, store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	return w
}

func (w *world) write(name, text string) {
	w.t.Helper()
	name = filepath.Join(w.old, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) run(o importer.Options) (*importer.Report, error) {
	w.t.Helper()
	if err := w.store.Scan(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	o.Dir = filepath.Join(w.old, filepath.FromSlash(o.Dir))
	return importer.Run(w.t.Context(), w.cfg, w.store, o)
}

// note returns the note of the only file.
func (w *world) note(r *importer.Report) *site.Note {
	w.t.Helper()
	if len(r.Notes) != 1 {
		w.t.Fatalf("imported: %v, found: %v", r.Notes, r.Findings)
	}
	n, err := w.store.Read(strings.TrimPrefix(r.Notes[0].To, "content/"))
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestRealSites brings over the sites in the folder that STARPUNK_REAL names,
// twice.
func TestRealSites(t *testing.T) {
	root := os.Getenv("STARPUNK_REAL")
	if root == "" {
		t.Skip("STARPUNK_REAL names no folder of real sites")
	}
	for dir, notes := range map[string]int{"rust-blog/content": 750, "jekyll-docs/docs": 200} {
		w := newWorld(t, nil)
		w.cfg.Receiver.MaxUpload = 100 << 20
		w.old = root
		first, err := w.run(importer.Options{Dir: dir})
		if err != nil || first.Skipped > 0 || len(first.Notes) < notes {
			t.Fatalf("%s: %d notes, %d files left out, %v, want %d notes and none", dir, len(first.Notes), first.Skipped, err, notes)
		}
		again, err := w.run(importer.Options{Dir: dir})
		if err != nil || len(again.Notes) > 0 || again.Present != len(first.Notes) {
			t.Errorf("%s again: %v, %d there already, %v, want none and %d", dir, again.Notes, again.Present, err, len(first.Notes))
		}
	}
}
