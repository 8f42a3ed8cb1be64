package receiver_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"starpunk/site"
)

// No watcher runs in these tests. The index misses the changes of other programs
// until a request or a scan looks at the file.

func (w *world) rename(old, now string) {
	w.t.Helper()
	if err := os.Rename(filepath.Join(w.cfg.ContentDir(), old), filepath.Join(w.cfg.ContentDir(), now)); err != nil {
		w.t.Fatal(err)
	}
}

const (
	alpha = "---\ndate: 2026-11-20\nslug: alpha\n---\nAlpha\n"
	beta  = "---\ndate: 2026-11-21\nslug: beta\n---\nBeta\n"

	alphaURL = "https://example.org/2026/11/alpha/"
	betaURL  = "https://example.org/2026/11/beta/"
)

func TestARequestChangesTheNoteThatHasTheAddressNow(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, action, members string
		where                 string // the path of beta afterwards
		want                  string // in its file
	}{
		{"an update", "update", `"add":{"category":["for-beta"]}`, "c.md", "for-beta"},
		{"a deletion", "delete", "", ".trash/c.md", "Beta"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{files: map[string]string{"content/a.md": alpha, "content/b.md": beta}})
			w.openScanned()
			w.rename("b.md", "c.md")
			w.rename("a.md", "b.md")
			w.want(w.send("all", tc.action, betaURL, tc.members), http.StatusBadRequest)
			if w.file("b.md") != alpha || w.file("c.md") != beta {
				t.Fatalf("while the index misses c.md: %q and %q", w.file("b.md"), w.file("c.md"))
			}
			w.scan()
			if res := w.send("all", tc.action, betaURL, tc.members); res.StatusCode >= 300 {
				t.Fatalf("after a scan: %d %s", res.StatusCode, res.body)
			}
			if got := w.file(tc.where); !strings.Contains(got, tc.want) || w.file("b.md") != alpha {
				t.Errorf("beta is %q, alpha %q", got, w.file("b.md"))
			}
		})
	}
}

func TestAnAddressThatAnotherFileHasNowIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: map[string]string{"content/a.md": alpha, "content/b.md": beta}})
	w.openScanned()
	writeFile(t, filepath.Join(w.cfg.ContentDir(), "a.md"), strings.Replace(alpha, "slug: alpha", "slug: other", 1))
	w.want(w.get("all", "q=source&url="+alphaURL), http.StatusBadRequest)
	if content := w.source("https://example.org/2026/11/other/")["content"]; content.([]any)[0] != "Alpha" {
		t.Errorf("content %v", content)
	}
}

func TestANoteThatWasJustHiddenIsNotShown(t *testing.T) {
	t.Parallel()
	for name, front := range map[string]string{"private": "visibility: private", "a draft": "draft: true", "for later": "published: 2030-01-01"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setting{files: map[string]string{"content/a.md": alpha, "content/b.md": beta}})
			w.openScanned()
			hidden := strings.Replace(alpha, "slug: alpha", "slug: alpha\n"+front, 1)
			if name == "for later" {
				hidden = strings.Replace(alpha, "2026-11-20", "2030-01-01", 1)
			}
			writeFile(t, filepath.Join(w.cfg.ContentDir(), "a.md"), hidden)
			list := w.get("media", "q=source")
			w.want(list, http.StatusOK)
			if strings.Contains(list.body, "Alpha") || !strings.Contains(list.body, "Beta") {
				t.Errorf("the list has %s", list.body)
			}
			w.want(w.get("media", "q=source&url="+alphaURL), http.StatusBadRequest)
		})
	}
}

// TestARequestThatWaitedDoesNotChangeAnotherNote: between the lookup of a note and
// its change, a request may wait for other writers.
func TestARequestThatWaitedDoesNotChangeAnotherNote(t *testing.T) {
	t.Parallel()
	for action, members := range map[string]string{"update": `"add":{"category":["for-beta"]}`, "delete": ""} {
		t.Run(action, func(t *testing.T) {
			w := newWorld(t, setting{files: map[string]string{"content/a.md": alpha, "content/b.md": beta}})
			other := w.openScanned()
			locked, release, answer := make(chan bool), make(chan bool), make(chan *response)
			go func() {
				_, _ = other.Update(t.Context(), "a.md", func(*site.Note) error { // which changes nothing
					close(locked)
					<-release
					return errors.New("not now")
				})
			}()
			<-locked
			read := w.store.Work().Notes
			go func() { answer <- w.send("all", action, betaURL, members) }()
			for w.store.Work().Notes == read { // the file is counted once it has been read
				time.Sleep(time.Millisecond)
			}
			w.rename("b.md", "c.md")
			w.rename("a.md", "b.md")
			close(release)
			w.want(<-answer, http.StatusConflict)
			if w.file("b.md") != alpha || w.file("c.md") != beta {
				t.Errorf("%q and %q", w.file("b.md"), w.file("c.md"))
			}
		})
	}
}

func TestABundleWithoutAPageIsFoundAndChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: map[string]string{"content/trip/index.md": alpha, "content/trip/sea.jpg": "picture"}})
	if content := w.source(alphaURL)["content"]; content.([]any)[0] != "Alpha" {
		t.Errorf("content %v", content)
	}
	w.want(w.send("all", "update", alphaURL, `"replace":{"content":["Changed"]}`), http.StatusAccepted)
	writeFile(t, filepath.Join(w.cfg.ContentDir(), "trip/sea.jpg"), "another picture")
	if content := w.source(alphaURL)["content"]; content.([]any)[0] != "Changed" {
		t.Errorf("content %v", content)
	}
	w.want(w.send("all", "delete", alphaURL, ""), http.StatusAccepted)
}

func TestTheSourceOfABrokenFileIsAConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: map[string]string{"content/a.md": alpha}})
	w.openScanned()
	writeFile(t, filepath.Join(w.cfg.ContentDir(), "a.md"), "---\ndate: yesterday\n---\nAlpha\n")
	w.want(w.get("all", "q=source&url="+alphaURL), http.StatusConflict)
}

func TestAnUndeleteOntoAnotherNoteIsAConflict(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{"under the same name": "a.md", "under another name": "other.md"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setting{files: map[string]string{"content/a.md": alpha}})
			w.openScanned()
			if res := w.send("all", "delete", alphaURL, ""); res.StatusCode >= 300 {
				t.Fatalf("%d %s", res.StatusCode, res.body)
			}
			writeFile(t, filepath.Join(w.cfg.ContentDir(), file), strings.Replace(alpha, "Alpha", "By hand", 1))
			w.scan()
			w.want(w.send("all", "undelete", alphaURL, ""), http.StatusConflict)
			if got := w.file(".trash/a.md"); got != alpha {
				t.Errorf("the trash contains %q", got)
			}
		})
	}
}
