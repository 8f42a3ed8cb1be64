package generator

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"starpunk/site"
)

// The library reports an error if a folder was removed before it could report its move. It
// holds its lock until the error is received.
func TestAWatchThatFailsNeverWaitsForAWatcherThatAddsToIt(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("this is a test of inotify")
	}
	dir := t.TempDir()
	config := "url = \"https://alice.example/\"\ntitle = \"Alice\"\n"
	cfg, err := site.ParseConfig(dir, []byte(config), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	a, b := filepath.Join(dir, "content", "a"), filepath.Join(dir, "content", "b")
	if err := os.MkdirAll(a, 0o777); err != nil {
		t.Fatal(err)
	}
	g, err := New(cfg, openStore(t, cfg), Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := g.newWatcher()
	if w.polling {
		t.Skip("the system has no watches left")
	}
	if err := os.Rename(a, b); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(b); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for name := ""; name != b; { // the error follows this event
			name = (<-w.notify.Events).Name
		}
		for range 1000 {
			w.add(cfg.ContentDir())
		}
		w.close()
	}()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		t.Fatal("the watcher waits for the watch, and the watch for the watcher")
	}
}
