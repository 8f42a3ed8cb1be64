package receiver_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAnUpdateIsVisibleBeforeTheResponse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	w.watch()
	location := w.create(formType, "content=First+words&category=old")
	w.want(w.send("all", "update", location, `"replace":{"content":["Second words"],"category":["new"]}`), http.StatusNoContent)
	for _, page := range []string{"2026/11/first-words/index.html", "index.html", "feed.xml", "tags/new/index.html"} {
		if text := w.output(page); !strings.Contains(text, "Second words") || strings.Contains(text, "First words") {
			t.Errorf("%s does not show the new text alone:\n%s", page, text)
		}
	}
	w.want(w.send("all", "update", location, `"replace":{"post-status":["draft"]}`), http.StatusNoContent)
	w.missing("2026/11/first-words/index.html")
	if text := w.output("feed.xml"); strings.Contains(text, "Second words") {
		t.Error("the feed shows a draft")
	}
	w.want(w.send("draft", "update", location, `"replace":{"content":["Third words"]}`), http.StatusNoContent)
	w.want(w.send("draft", "update", location, `"replace":{"post-status":["published"]}`), http.StatusForbidden)
	w.want(w.send("all", "update", location, `"replace":{"post-status":["published"]}`), http.StatusNoContent)
	if text := w.output("2026/11/first-words/index.html"); !strings.Contains(text, "Third words") {
		t.Errorf("the page is now\n%s", text)
	}
}

// TestOneBuildCompletesAllEarlierSaves: several saves before a build are answered when
// the last of them is built, because the others are never built.
func TestOneBuildCompletesAllEarlierSaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	st, lock := w.lockBuild() // so that all requests wait
	var group sync.WaitGroup
	send := func(status int, contentType, body, saved string) {
		answered := make(chan struct{})
		group.Go(func() {
			defer close(answered)
			if res := w.post("all", contentType, body); res.StatusCode != status {
				t.Errorf("%s: %d %s, want %d", body, res.StatusCode, res.body, status)
			}
		})
		for {
			if row, err := w.store.ByPermalink(t.Context(), "/2026/11/hello/"); err == nil && strings.Contains(strings.Join(row.Tags, " "), saved) {
				return
			}
			select {
			case <-answered:
				t.Fatalf("%s: answered before a build", body)
			default:
				runtime.Gosched()
			}
		}
	}
	send(http.StatusCreated, formType, "content=Hello&category=t0", "t0")
	for i := 1; i <= 3; i++ {
		tag := fmt.Sprintf("t%d", i)
		send(http.StatusNoContent, jsonType, fmt.Sprintf(`{"action":"update","url":"https://example.org/2026/11/hello/","add":{"category":[%q]}}`, tag), tag)
	}
	w.watchWith(st, lock)
	group.Wait()
	if text := w.output("2026/11/hello/index.html"); !strings.Contains(text, "t3") {
		t.Errorf("the page does not show the last update:\n%s", text)
	}
}

func TestParallelUpdatesAreAllVisible(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	w.watch()
	location := w.create(formType, "content=Hello")
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			if res := w.send("all", "update", location, fmt.Sprintf(`"add":{"category":["t%d"]}`, i)); res.StatusCode != http.StatusNoContent {
				t.Errorf("%d %s, want 204", res.StatusCode, res.body)
			}
		})
	}
	group.Wait()
}

func TestANoteIsLiveBeforeTheResponse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	w.watch()
	for _, tc := range []struct{ name, contentType, body, text string }{
		{"a form", formType, "content=Only+50%25+off&category=go", "Only 50% off"},
		{"JSON", jsonType, `{"properties":{"content":["Two in JSON"],"category":["go"]}}`, "Two in JSON"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := w.in(t)
			res := w.post("all", tc.contentType, tc.body)
			if res.StatusCode != 201 {
				t.Fatalf("%d %s, want 201", res.StatusCode, res.body)
			}
			u, err := url.Parse(res.Header.Get("Location"))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{u.Path + "index.html", "index.html", "tags/go/index.html", "feed.xml"} {
				data, err := os.ReadFile(filepath.Join(w.cfg.Build.Output, filepath.FromSlash(name)))
				if err != nil || !bytes.Contains(data, []byte(tc.text)) {
					t.Errorf("%s does not show %q (%v)", name, tc.text, err)
				}
			}
		})
	}
}

func TestAPreviewShowsDraftsAndScheduledNotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{preview: true})
	w.watch()
	for _, body := range []string{"content=Unfinished&post-status=draft", "content=Later&published=2027-01-01T00:00:00Z"} {
		res := w.post("all", formType, body)
		u, err := url.Parse(res.Header.Get("Location"))
		if err != nil || res.StatusCode != 201 {
			t.Fatalf("%s: %d, Location %q", body, res.StatusCode, res.Header.Get("Location"))
		}
		if _, err := os.Stat(filepath.Join(w.cfg.Build.Output, filepath.FromSlash(u.Path), "index.html")); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestTheWaitForAPageIsLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{publishWait: time.Millisecond})
	lock, err := w.store.LockBuild(t.Context()) // held by a process that builds nothing
	if err != nil {
		t.Fatal(err)
	}
	res := w.post("all", formType, "content=x")
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 202 || res.Header.Get("Location") != "https://example.org/2026/11/x/" {
		t.Errorf("%d, Location %q; want 202 and the address", res.StatusCode, res.Header.Get("Location"))
	}
}

func TestWithoutAWatcherANoteIsAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	for _, tc := range []struct {
		name, body string
		status     int
	}{
		{"a public note has no page yet", "content=x", 202},
		{"an unlisted note has no page yet", "content=x&visibility=unlisted", 202},
		{"a draft never has a page", "content=x&post-status=draft", 201},
		{"a private note never has a page", "content=x&visibility=private", 201},
		{"a scheduled note has no page before its time", "content=x&published=2027-01-01T00:00:00Z", 201},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := w.in(t)
			res := w.post("all", formType, tc.body)
			location := res.Header.Get("Location")
			if res.StatusCode != tc.status || location != res.json(t)["url"] {
				t.Fatalf("%s: %d, Location %q, %s; want %d", tc.body, res.StatusCode, location, res.body, tc.status)
			}
			w.note(location)
		})
	}
}
