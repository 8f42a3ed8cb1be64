package watch

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store"

	"github.com/fsnotify/fsnotify"
)

// openFiles watches the folders of a site.
func openFiles(t *testing.T, dir, wakeUpFile string) *Files {
	t.Helper()
	f := Open(Options{
		Site: dir, Content: filepath.Join(dir, "content"), Folders: []string{filepath.Join(dir, "layouts"), filepath.Join(dir, "static")},
		Whole: filepath.Join(dir, "layouts"), WakeUpFile: wakeUpFile, Logger: slog.New(slog.DiscardHandler), Overflows: new(atomic.Int64),
	})
	t.Cleanup(f.Close)
	if f.Polling() {
		t.Skip("the system has no watches left")
	}
	return f
}

func makeFolder(t *testing.T, dir string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTheTemporaryFilesOfAWriterAreIgnored(t *testing.T) {
	dir := t.TempDir()
	content := makeFolder(t, filepath.Join(dir, "content"))
	f := openFiles(t, dir, "")
	for _, name := range []string{".starpunk-ABC.tmp", "notes/2026/11/.starpunk-ABC.tmp"} {
		for _, op := range []fsnotify.Op{fsnotify.Create, fsnotify.Write, fsnotify.Remove} {
			e := fsnotify.Event{Name: filepath.Join(content, name), Op: op}
			if f.Event(e) || f.Len() > 0 {
				t.Errorf("Event(%v): %v changed; want nothing", e, f.at)
			}
		}
	}
	e := fsnotify.Event{Name: filepath.Join(content, "a.md"), Op: fsnotify.Create}
	if concerns := f.Event(e); !concerns || f.Len() != 1 {
		t.Errorf("Event(%v): %v changed; want a.md", e, f.at)
	}
}

func TestAllFilesOfAWholeFolderAreOneChange(t *testing.T) {
	dir := t.TempDir()
	f := openFiles(t, dir, "")
	for _, name := range []string{"layouts/a.html", "layouts/b.html", "static/a.css", "static/b.css"} {
		f.Event(fsnotify.Event{Name: filepath.Join(dir, name), Op: fsnotify.Write})
	}
	want := []Path{{filepath.Join(dir, "layouts"), ""}, {filepath.Join(dir, "static"), "a.css"}, {filepath.Join(dir, "static"), "b.css"}}
	for _, p := range want {
		if _, ok := f.ChangedAt(p); !ok {
			t.Errorf("%v did not change; %v did", p, f.at)
		}
	}
	if f.Len() != len(want) {
		t.Errorf("%v changed, want %v", f.at, want)
	}
}

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

func TestTheWakeUpFileIsWatched(t *testing.T) {
	dir := t.TempDir()
	makeFolder(t, filepath.Join(dir, "content"))
	cfg, err := site.ParseConfig(dir, []byte("title = \"Ann\"\nurl = \"https://example.org/\"\n"), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	builder, receiver := openStore(t, cfg), openStore(t, cfg) // as two processes have them
	wakeUpFile, err := builder.Builder().WakeUpFile()
	if err != nil {
		t.Fatal(err)
	}
	f := openFiles(t, dir, wakeUpFile)
	n := &site.Note{Slug: "a", Published: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Content: "A"}
	if _, err := receiver.Create(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	for timeout := time.After(2 * time.Minute); ; {
		select {
		case e := <-f.Events():
			if f.IsWakeUp(e) {
				return
			}
		case <-timeout:
			t.Fatal("another process wrote a note, and there was no wake-up")
		}
	}
}

// The library reports an error if a folder was removed before it could report its move. It
// holds its lock until the error is received.
func TestAWatchThatFailsNeverWaitsForACallerThatAddsToIt(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("this is a test of inotify")
	}
	dir := t.TempDir()
	a, b := filepath.Join(dir, "content", "a"), filepath.Join(dir, "content", "b")
	makeFolder(t, a)
	f := openFiles(t, dir, "")
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
			name = (<-f.Events()).Name
		}
		for range 1000 {
			f.add(filepath.Join(dir, "content"))
		}
		f.Close()
	}()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		t.Fatal("the caller waits for the watch, and the watch for the caller")
	}
}
