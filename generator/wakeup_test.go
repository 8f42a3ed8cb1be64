package generator

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store"

	"github.com/fsnotify/fsnotify"
)

func openStore(t *testing.T, cfg *site.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), cfg, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// watchedSite is a site with a builder and a receiver, as two processes have them,
// and the builder's watcher.
func watchedSite(t *testing.T) (w *watcher, receiver *store.Store) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "starpunk.toml"), []byte("title = \"Ann\"\nurl = \"https://example.org/\"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "content"), 0o777); err != nil {
		t.Fatal(err)
	}
	cfg, err := site.LoadConfig(dir, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	builder, receiver := openStore(t, cfg), openStore(t, cfg)
	g, err := New(cfg, builder, Options{})
	if err != nil {
		t.Fatal(err)
	}
	w = g.newWatcher()
	t.Cleanup(w.close)
	if w.polling {
		t.Skip("the system has no watches left")
	}
	return w, receiver
}

func TestAWatcherIgnoresTheTemporaryFilesOfAWriter(t *testing.T) {
	w, _ := watchedSite(t)
	content := w.g.cfg.ContentDir()
	for _, name := range []string{".starpunk-ABC.tmp", "notes/2026/11/.starpunk-ABC.tmp"} {
		for _, op := range []fsnotify.Op{fsnotify.Create, fsnotify.Write, fsnotify.Remove} {
			e := fsnotify.Event{Name: filepath.Join(content, name), Op: op}
			if w.event(e) || len(w.changed) > 0 {
				t.Errorf("event(%v): the watcher reads %v; want nothing", e, w.changed)
			}
		}
	}
	if e := (fsnotify.Event{Name: filepath.Join(content, "a.md"), Op: fsnotify.Create}); !w.event(e) || len(w.changed) != 1 {
		t.Errorf("event(%v): the watcher reads %v; want a.md", e, w.changed)
	}
}

func TestAWatcherWatchesTheWakeUpFile(t *testing.T) {
	w, receiver := watchedSite(t)
	n := &site.Note{Slug: "a", Published: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Content: "A"}
	if _, err := receiver.Create(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	for timeout := time.After(2 * time.Minute); ; {
		select {
		case e := <-w.notify.Events:
			if e.Name == w.wakeUpFile {
				return
			}
		case <-timeout:
			t.Fatal("another process wrote a note, and the watcher got no wake-up")
		}
	}
}
