package generator

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store"
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

func TestAWatcherWatchesTheBell(t *testing.T) {
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
	w := g.newWatcher()
	defer w.close()
	if w.polling {
		t.Skip("there are no watches to be had")
	}
	n := &site.Note{Slug: "a", Published: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Content: "A"}
	if _, err := receiver.Create(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	for timeout := time.After(2 * time.Minute); ; {
		select {
		case e := <-w.notify.Events:
			if e.Name == w.bell {
				return
			}
		case <-timeout:
			t.Fatal("another process wrote a note, and the watcher heard no bell")
		}
	}
}
