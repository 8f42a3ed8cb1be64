package generator_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/generator"
	"starpunk/site"
	"starpunk/site/store"
)

// watchTimeout is how long a test waits for a watcher before it fails. It is not a
// measure of speed.
const watchTimeout = 2 * time.Minute

// watch runs f while a watcher follows the site.
func (s *testSite) watch(f func(*store.Store)) {
	s.t.Helper()
	cfg := s.config()
	err := s.with(cfg, func(st *store.Store, g *generator.Generator) error {
		ctx, stop := context.WithCancel(context.Background())
		ready, done := make(chan struct{}), make(chan error, 1)
		go func() { done <- g.Watch(ctx, func() { close(ready) }) }()
		select {
		case <-ready:
			f(st)
		case err := <-done:
			stop()
			return err
		}
		stop()
		return <-done
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// eventually waits until an output contains a text, or if that is "", until the output does
// not exist.
func (s *testSite) eventually(what, output, text string) {
	s.t.Helper()
	for deadline := time.Now().Add(watchTimeout); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		data, err := os.ReadFile(s.path("public/" + output))
		if text == "" && os.IsNotExist(err) || text != "" && strings.Contains(string(data), text) {
			return
		}
	}
	s.t.Errorf("%s: %s never contained %q", what, output, text)
}

func (s *testSite) await(what string, done func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(watchTimeout); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if done() {
			return
		}
	}
	s.t.Errorf("%s never came", what)
}

func TestAWatcherFollowsAContentFolderThatIsALink(t *testing.T) {
	s := newTestSite(t, small())
	s.now = time.Now()
	elsewhere := filepath.Join(t.TempDir(), "notes")
	if err := os.Rename(s.path("content"), elsewhere); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, s.path("content")); err != nil {
		t.Skip(err)
	}
	s.watch(func(*store.Store) {
		s.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "", "By the link"))
		s.eventually("a change", "2026/11/hello/index.html", "By the link")
		if err := os.WriteFile(filepath.Join(elsewhere, "2026-11-08-a.md"), []byte("Where the link leads"), 0o666); err != nil {
			t.Fatal(err)
		}
		s.eventually("a note that is written where the link leads", "2026/11/a/index.html", "Where the link leads")
	})
}

func TestAWatcherFollowsEveryWayOfSaving(t *testing.T) {
	s := newTestSite(t, small())
	s.now = time.Now()
	s.watch(func(st *store.Store) {
		page := "2026/11/hello/index.html"
		file := "content/notes/2026/11/01-hello.md"

		s.write(file, note("2026-11-01T09:00:00+01:00", "", "In place"))
		s.eventually("a file written in place", page, "In place")
		s.eventually("the front page", "index.html", "In place")

		s.write("content/notes/2026/11/.01-hello.md.swp", note("2026-11-01T09:00:00+01:00", "", "Renamed over"))
		if err := os.Rename(s.path("content/notes/2026/11/.01-hello.md.swp"), s.path(file)); err != nil {
			t.Fatal(err)
		}
		s.eventually("a file saved by rename", page, "Renamed over")
		s.eventually("the feed", "feed.xml", "Renamed over")

		s.write("content/new/deep/folder/2026-11-08-a.md", "In a new folder")
		s.eventually("a note in a new folder", "2026/11/a/index.html", "In a new folder")
		s.write("content/new/deep/folder/2026-11-08-a.md", "Changed there")
		s.eventually("a change in a new folder", "2026/11/a/index.html", "Changed there")

		if err := os.Rename(s.path("content/new"), s.path("content/moved")); err != nil {
			t.Fatal(err)
		}
		s.write("content/moved/deep/folder/2026-11-08-a.md", "After the move")
		s.eventually("a note in a folder that moved", "2026/11/a/index.html", "After the move")

		s.write("content/trips/sea/waves.svg", "<svg>new</svg>")
		s.eventually("a file of a bundle", "2026/07/sea/waves.svg", "new")
		s.write("content/trips/sea/deep/shell.svg", "<svg>shell</svg>")
		s.eventually("a file in a folder of a bundle", "2026/07/sea/deep/shell.svg", "shell")
		s.write("content/trips/sea/deep/2010-01-01-far.md", "Of its own")
		s.eventually("a file that no longer belongs to the bundle", "2026/07/sea/deep/shell.svg", "")
		s.remove("content/trips/sea/deep/2010-01-01-far.md")
		s.eventually("a file that belongs to it again", "2026/07/sea/deep/shell.svg", "shell")

		s.write("static/new/x.txt", "static")
		s.eventually("a static file", "new/x.txt", "static")
		s.write("media/ab/x.png", "upload")
		s.eventually("an upload", "media/ab/x.png", "upload")

		s.write("static/new/x.txt", "changed")
		s.eventually("a changed static file", "new/x.txt", "changed")
		s.write("static/new/deep/y.txt", "deep")
		s.eventually("a static file in a new folder", "new/deep/y.txt", "deep")
		if err := os.Rename(s.path("static/new/deep"), s.path("static/other")); err != nil {
			t.Fatal(err)
		}
		s.eventually("a static folder that moved", "other/y.txt", "deep")
		s.eventually("a static folder that moved away", "new/deep/y.txt", "")
		s.remove("media/ab/x.png")
		s.eventually("an upload that was deleted", "media/ab/x.png", "")

		s.write("layouts/note.html", "<p>own layout of {{.Note.URL}}</p>")
		s.eventually("a new layout", page, "own layout of")

		s.remove(file)
		s.eventually("a removed note", page, "")
		s.remove("content/moved")
		s.eventually("a removed folder", "2026/11/a/index.html", "")
		s.remove("static/new")
		s.eventually("a removed static file", "new/x.txt", "")

		created, err := st.Create(t.Context(), &site.Note{
			H: "entry", Slug: "posted", Content: "By Micropub", Visibility: site.Public,
			Published: time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC),
		})
		if err != nil {
			t.Fatal(err)
		}
		s.live(st, created)
		if !strings.Contains(s.output("feed.xml"), "By Micropub") || !s.hasOutput("2026/11/posted/index.html") {
			t.Error("a note is called live before its page and feed exist")
		}
	})
	got := s.outputs()
	s.remove("public")
	s.remove(".starpunk")
	s.build()
	if d := diff(got, s.outputs()); d != "" {
		t.Errorf("what the watcher made (got) is not what a clean build makes (want):\n%s", d)
	}
}

// The changes come when the move has been dealt with: its scan finds them no more.
func TestAWatcherFollowsAFolderThatWasRenamed(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/a/2026-11-08-own.md":   "Its own",
		"content/a/sub/2026-11-08-x.md": "Below it",
		"static/a/sub/x.txt":            "static",
		"media/ab/cd/x.png":             "upload",
	})
	s.now = time.Now()
	s.watch(func(*store.Store) {
		s.move("content/a", "content/b")
		s.move("static/a", "static/b")
		s.move("media/ab", "media/ef")
		s.write("content/2026-11-09-then.md", "Written after the moves")
		s.eventually("a note that is written after the moves", "2026/11/then/index.html", "Written after")
		s.eventually("a static folder that moved", "b/sub/x.txt", "static")
		s.eventually("an upload that moved", "media/ef/cd/x.png", "upload")

		s.write("content/b/2026-11-08-own.md", "Changed in it")
		s.eventually("a change in a folder that moved", "2026/11/own/index.html", "Changed in it")
		s.write("content/b/sub/2026-11-08-x.md", "Changed below it")
		s.eventually("a change in a folder below one that moved", "2026/11/x/index.html", "Changed below it")
		s.write("content/b/sub/new/2026-11-08-y.md", "New below it")
		s.eventually("a new note below it", "2026/11/y/index.html", "New below it")
		s.remove("content/b/2026-11-08-own.md")
		s.eventually("a note that was deleted in it", "2026/11/own/index.html", "")
		s.remove("content/b/sub/2026-11-08-x.md")
		s.eventually("a note that was deleted below it", "2026/11/x/index.html", "")

		s.write("static/b/sub/x.txt", "changed")
		s.eventually("a change in a static folder that moved", "b/sub/x.txt", "changed")
		s.write("static/b/new.txt", "new")
		s.eventually("a new file there", "b/new.txt", "new")
		s.remove("static/b/sub/x.txt")
		s.eventually("a static file that was deleted there", "b/sub/x.txt", "")
		s.remove("media/ef/cd/x.png")
		s.eventually("an upload that was deleted there", "media/ef/cd/x.png", "")
	})
}

func TestAWatcherFollowsFoldersThroughManyMoves(t *testing.T) {
	notes := map[string]string{ // where they come to lie, and their pages
		"content/q/a/2026-11-01-one.md":       "2026/11/one/index.html",
		"content/q/back/2026-11-02-two.md":    "2026/11/two/index.html",
		"content/c/deep/2026-11-03-three.md":  "2026/11/three/index.html",
		"content/b/deep/2026-11-04-four.md":   "2026/11/four/index.html",
		"content/same/deep/2026-11-05-six.md": "2026/11/six/index.html",
	}
	s := newTestSite(t, map[string]string{
		"content/a/2026-11-01-one.md":         "Old",
		"content/a/sub/2026-11-02-two.md":     "Old",
		"content/b/deep/2026-11-03-three.md":  "Old",
		"content/c/deep/2026-11-04-four.md":   "Old",
		"content/same/deep/2026-11-05-six.md": "Old",
	})
	s.now = time.Now()
	s.watch(func(*store.Store) {
		// Into a folder that is not watched yet, which moves itself.
		s.write("content/p/2026-11-06-p.md", "P")
		s.move("content/a", "content/p/a")
		s.move("content/p", "content/q")
		// Out of content/, and in again elsewhere.
		s.move("content/q/a/sub", "elsewhere")
		s.move("elsewhere", "content/q/back")
		// Two change their names.
		s.move("content/b", "content/t")
		s.move("content/c", "content/b")
		s.move("content/t", "content/c")
		// Away and back.
		s.move("content/same", "content/other")
		s.move("content/other", "content/same")
		s.write("content/2026-11-09-then.md", "Written after the moves")
		s.eventually("a note that is written after the moves", "2026/11/then/index.html", "Written after")

		for file, page := range notes {
			s.write(file, "Changed at "+file)
			s.eventually("a change of "+file, page, "Changed at "+file)
		}
		for file, page := range notes {
			s.remove(file)
			s.eventually(file+" that was deleted", page, "")
		}
	})
}

// watched runs f while a watcher follows the site, with what it counts.
func (s *testSite) watched(f func(count func() generator.Counters)) {
	s.t.Helper()
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		ready, done := make(chan struct{}), make(chan error, 1)
		go func() { done <- g.Watch(ctx, func() { close(ready) }) }()
		select {
		case <-ready:
			f(g.Counters)
		case err := <-done:
			return err
		}
		stop()
		return <-done
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestAFileMayReplaceAFolder(t *testing.T) {
	s := newTestSite(t, small())
	s.now = time.Now()
	for _, root := range []string{"static/", "media/"} {
		s.write(root+"d/sub/f.txt", "in a folder")
		s.write(root+"e", "a file")
	}
	s.watched(func(count func() generator.Counters) {
		for _, root := range []string{"static/", "media/"} {
			s.remove(root + "d")
			s.write(root+"d", "a file in its place")
			s.remove(root + "e")
			s.write(root+"e/f.txt", "a folder in its place")
		}
		for _, output := range []string{"", "media/"} {
			s.eventually("a file in place of a folder", output+"d", "a file in its place")
			s.eventually("a folder in place of a file", output+"e/f.txt", "a folder in its place")
		}
		s.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "", "Saved after that"))
		s.eventually("a note that is saved after that", "2026/11/hello/index.html", "Saved after that")
		if n := count().BuildFailures; n != 0 {
			t.Errorf("%d builds failed", n)
		}
	})
}

func TestAFolderThatCannotBeReadDelaysNoOther(t *testing.T) {
	t.Parallel() // it waits most of the time
	s := newTestSite(t, small())
	s.guarded = true
	s.now = time.Now()
	s.watched(func(count func() generator.Counters) {
		s.move("content", "elsewhere")
		s.await("a failure", func() bool { return count().BuildFailures > 0 })
		s.write("static/x.txt", "static")
		s.eventually("a static file while the notes are gone", "x.txt", "static")
		s.move("elsewhere", "content")
		s.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "", "Back again"))
		s.eventually("a note when they are back", "2026/11/hello/index.html", "Back again")
	})
}

func (s *testSite) live(st *store.Store, c store.Created) {
	s.t.Helper()
	for deadline := time.Now().Add(watchTimeout); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if live, err := st.Live(context.Background(), c.File, c.Hash); err != nil {
			s.t.Fatal(err)
		} else if live {
			return
		}
	}
	s.t.Errorf("%s was not published", c.File)
}

func TestAWatcherPublishesANoteWhenItIsDue(t *testing.T) {
	s := newTestSite(t, nil)
	s.now = time.Now() // the clock stops until a note is saved: it decides when notes are dues clock
	s.write("content/2026-01-01-a.md", "A")
	due := s.now.Add(time.Hour).UTC().Format(time.RFC3339)
	s.write("content/soon.md", note(due, "slug: soon", "Soon"))
	page := s.now.Add(time.Hour).UTC().Format("2006/01/") + "soon/index.html"
	s.watch(func(*store.Store) {
		if s.hasOutput(page) {
			t.Error("it is there before its time")
		}
	})
	s.now = s.now.Add(2 * time.Hour)
	s.watch(func(*store.Store) {
		s.eventually("a note whose time came while nobody watched", page, "Soon")
	})
}

// TestAScheduledNoteAppearsWhileAWatcherRuns waits for a real clock: nothing is
// written after the note, so that only its time can be what makes it appear.
func TestAScheduledNoteAppearsWhileAWatcherRuns(t *testing.T) {
	s := newTestSite(t, map[string]string{"content/2026-01-01-a.md": "A"})
	cfg := s.config()
	st, err := store.Open(t.Context(), cfg, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	g, err := generator.New(cfg, st, generator.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- g.Watch(ctx, func() { close(ready) }) }()
	<-ready
	due := time.Now().Add(2 * time.Second).Truncate(time.Second)
	s.write("content/soon.md", note(due.UTC().Format(time.RFC3339), "slug: soon", "Soon"))
	page := due.UTC().Format("2006/01/") + "soon/index.html"
	s.eventually("a note whose time came", page, "Soon")
	if info, err := os.Stat(s.path("public/" + page)); err == nil && info.ModTime().Add(20*time.Millisecond).Before(due) { // a file's time is that of the kernel's last tick
		t.Errorf("it appeared %v before its time", due.Sub(info.ModTime()))
	}
	s.eventually("the feed", "feed.xml", "Soon")
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestABrokenLayoutLeavesTheOldSiteUp(t *testing.T) {
	s := newTestSite(t, small())
	s.now = time.Now()
	s.watch(func(*store.Store) {
		s.write("layouts/note.html", "{{if}}")
		s.write("content/notes/2026/11/09-more.md", note("2026-11-09T09:00:00Z", "", "More"))
		s.eventually("a note saved after a broken layout", "2026/11/more/index.html", "e-content")
		s.write("layouts/note.html", "corrected")
		s.eventually("the corrected layout", "2026/11/more/index.html", "corrected")
	})
}

// A build before the layout is read would fail, and the layout would wait for the next
// retry.
func TestACorrectedLayoutIsUsedAtOnce(t *testing.T) {
	t.Parallel() // it waits most of the time
	s := newTestSite(t, small())
	s.now = time.Now()
	s.watched(func(count func() generator.Counters) {
		s.write("layouts/note.html", "{{.Note.Titel}}")
		s.await("a third failure, with four seconds to the next retry", func() bool { return count().BuildFailures >= 3 })
		before := count().BuildFailures
		s.write("layouts/note.html", "corrected")
		s.eventually("the corrected layout", "2026/11/hello/index.html", "corrected")
		if n := count().BuildFailures - before; n != 0 {
			t.Errorf("%d builds failed between the correction of the layout and its use", n)
		}
	})
}

// A site without notes has not executed the layout of a note when it is ready.
func TestALayoutWhoseMistakeTheFirstNoteShowsIsNotPublished(t *testing.T) {
	s := newTestSite(t, map[string]string{"layouts/note.html": `<p>cut off <a href="`})
	s.now = time.Now()
	var log logBuffer
	s.log = slog.New(slog.NewTextHandler(&log, nil))
	s.watch(func(*store.Store) {
		s.write("content/a.md", note("2026-11-09T09:00:00Z", "", "A"))
		s.await("the mistake", func() bool { return len(log.lines("layouts/note.html")) > 0 })
		if page := s.outputs()["2026/11/a/index.html"]; page != "" {
			t.Errorf("a page was made with it: %s", page)
		}
		s.write("layouts/note.html", "corrected")
		s.eventually("the corrected layout", "2026/11/a/index.html", "corrected")
	})
}

func TestNoTemporaryFileRemains(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	for name := range s.outputs() {
		if strings.HasPrefix(filepath.Base(name), ".starpunk-") {
			t.Errorf("%s is left over", name)
		}
	}
}

// A failed build writes to the index. That must not start a retry at once, which would
// fail and write again.
func TestAFailedBuildIsRetriedAfterAPause(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the pauses")
	}
	t.Parallel() // it waits most of the time
	s := newTestSite(t, small())
	s.now = time.Now()
	var log logBuffer
	s.log = slog.New(slog.NewTextHandler(&log, nil))
	err := s.with(s.config(), func(st *store.Store, g *generator.Generator) error {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		ready, done := make(chan struct{}), make(chan error, 1)
		go func() { done <- g.Watch(ctx, func() { close(ready) }) }()
		<-ready
		if err := os.Rename(s.path("public"), s.path("elsewhere")); err != nil {
			return err
		}
		s.await("a file in place of the folder, which the watcher may have made again", func() bool {
			return os.RemoveAll(s.path("public")) == nil && os.WriteFile(s.path("public"), nil, 0o666) == nil
		})
		start := time.Now()
		post := func(slug string) {
			n := &site.Note{Slug: slug, Published: s.now, Content: "Text of " + slug}
			if _, err := st.Create(ctx, n); err != nil {
				t.Error(err)
			}
		}
		post("one")
		for deadline := start.Add(watchTimeout); g.Counters().BuildFailures == 0 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		post("two")
		time.Sleep(300 * time.Millisecond)
		failures, most := g.Counters().BuildFailures, 1+int64(time.Since(start)/time.Second)
		if failures == 0 || failures > most {
			t.Errorf("%d builds failed, want at least 1 and at most %d: one, and one a second", failures, most)
		}
		s.await("a failure that came before", func() bool { return g.Counters().BuildFailures > 2 })
		failed := log.lines("build failed")
		if said := slices.Compact(slices.Sorted(slices.Values(failed))); len(said) == 0 || len(said) < len(failed) {
			t.Errorf("the log says more than once, or never, why builds fail:\n%s", strings.Join(failed, "\n"))
		}
		s.await("the folder in its place", func() bool {
			return os.RemoveAll(s.path("public")) == nil && os.Rename(s.path("elsewhere"), s.path("public")) == nil
		})
		for _, slug := range []string{"one", "two"} {
			s.eventually("a note posted while nothing could be written", s.now.Format("2006/01/")+slug+"/index.html", "Text of "+slug)
		}
		stop()
		return <-done
	})
	if err != nil {
		t.Fatal(err)
	}
}

// After a change of one upload or one static file, the watcher does not compare more files
// on a larger site.
func TestAWatcherLooksAtOneUploadWhenOneChanged(t *testing.T) {
	const uploads = 300
	s := newTestSite(t, small())
	s.now = time.Now()
	for i := range uploads {
		s.write(fmt.Sprintf("media/%02x/%d.png", i%16, i), "upload")
		s.write(fmt.Sprintf("static/%02x/%d.txt", i%16, i), "static")
	}
	err := s.with(s.config(), func(st *store.Store, g *generator.Generator) error {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		ready, done := make(chan struct{}), make(chan error, 1)
		go func() { done <- g.Watch(ctx, func() { close(ready) }) }()
		<-ready
		if n := g.Counters().Looked; n < 2*uploads {
			t.Errorf("the first build looked at %d files", n)
		}
		// A folder that moved has everything looked at, once.
		s.move("static/0f", "static/ff")
		s.eventually("a folder that moved", "ff/15.txt", "static")
		s.write("content/2026-11-09-then.md", "Written after the move")
		s.eventually("a note that is written after the move", "2026/11/then/index.html", "Written after")
		for what, change := range map[string]struct{ source, output string }{
			"a changed upload":      {"media/03/3.png", "media/03/3.png"},
			"a new upload":          {"media/03/new.png", "media/03/new.png"},
			"a changed static file": {"static/03/3.txt", "03/3.txt"},
		} {
			before := g.Counters().Looked
			s.write(change.source, "changed")
			s.eventually(what, change.output, "changed")
			// A file that is written may be noticed more than once, but not so often.
			if n := g.Counters().Looked - before; n < 1 || n > uploads/16 {
				t.Errorf("of %s the watcher looked at %d files", what, n)
			}
		}
		stop()
		return <-done
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheLogHasTheNamesOfPublishedNotes(t *testing.T) {
	s := newTestSite(t, small())
	s.now = time.Now()
	var log logBuffer
	s.log = slog.New(slog.NewTextHandler(&log, nil))
	s.watch(func(*store.Store) {
		s.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "", "SECRETTEXT"))
		s.await("a line about the note", func() bool { return len(log.lines("notes=content/notes/2026/11/01-hello.md written=")) == 1 })
		for i := range 8 { // in a folder that is moved as a whole: one scan finds them all
			s.write(fmt.Sprintf("new/2026-11-02-%d.md", i), "Text")
		}
		if err := os.Rename(s.path("new"), s.path("content/new")); err != nil {
			t.Fatal(err)
		}
		s.await("a line about several notes", func() bool { return len(log.lines(` and 3 more" written=`)) == 1 })
	})
	if got := log.lines("SECRETTEXT"); len(got) > 0 {
		t.Errorf("the log has the text of a note: %q", got)
	}
}

// A logBuffer keeps what is logged. It may be used by several goroutines at
// once.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// lines are the events that contain a text, without their times.
func (b *logBuffer) lines(text string) (lines []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range strings.Lines(b.text.String()) {
		if _, event, ok := strings.Cut(line, " "); ok && strings.Contains(event, text) {
			lines = append(lines, strings.TrimSpace(event))
		}
	}
	return lines
}
