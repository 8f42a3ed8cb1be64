package receiver_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"starpunk/receiver/preview"
)

func TestAnUndeletedNoteIsUnchanged(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		do   func(w *world, action, url string) *response
	}{
		{"as JSON", func(w *world, action, url string) *response { return w.send("all", action, url, "") }},
		{"as a form", func(w *world, action, url string) *response {
			return w.post("all", formType, "action="+action+"&url="+url)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{
				files: map[string]string{"content/blog/hand.md": handWritten},
			})
			w.watch()
			server := httptest.NewServer(preview.New(w.cfg.Build.Output, w.log.Logger()))
			defer server.Close()
			page := w.output("2026/11/hand/index.html")
			for range 2 {
				w.want(tc.do(w, "delete", handURL), http.StatusNoContent)
				w.want(tc.do(w, "delete", handURL), http.StatusNoContent)
				w.missing("2026/11/hand/index.html")
				for _, list := range []string{"index.html", "feed.xml", "tags/index.html"} {
					if strings.Contains(w.output(list), "world") || strings.Contains(w.output(list), "/2026/11/hand/") {
						t.Errorf("%s still shows the note", list)
					}
				}
				res, err := http.Get(server.URL + "/2026/11/hand/")
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
				if res.StatusCode != http.StatusGone {
					t.Errorf("the page of a deleted note: status %d", res.StatusCode)
				}
				w.want(w.get("all", "q=source&url="+handURL), http.StatusBadRequest)
				if got := w.file(".trash/blog/hand.md"); got != handWritten {
					t.Errorf("the trash contains %q", got)
				}
				w.want(tc.do(w, "undelete", handURL), http.StatusNoContent)
				w.want(tc.do(w, "undelete", handURL), http.StatusNoContent)
				if got := w.file("blog/hand.md"); got != handWritten {
					t.Errorf("undelete restored %q", got)
				}
				if got := w.output("2026/11/hand/index.html"); got != page {
					t.Error("the page has changed")
				}
				w.missing("2026/11/hand/.gone")
			}
			if files := w.notes(); !slices.Equal(files, []string{"blog/hand.md"}) {
				t.Errorf("the files are %q", files)
			}
		})
	}
}

func TestTheAddressOfADeletedNoteStaysTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	first := w.create(formType, "content=Hello&mp-slug=hello")
	w.want(w.send("all", "delete", first, ""), http.StatusAccepted)
	second := w.create(formType, "content=Hello+again&mp-slug=hello")
	if second == first {
		t.Fatalf("a new note got the address of the deleted note: %s", second)
	}
	w.want(w.send("all", "undelete", first, ""), http.StatusAccepted)
	if n := w.note(first); n.Content != "Hello" {
		t.Errorf("%s has the content %q", first, n.Content)
	}
}

func TestWhichTokensMayDelete(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		token, action string
		status        int
	}{
		{"create", "delete", 403}, {"update", "delete", 403}, {"undelete", "delete", 403}, {"draft", "delete", 403},
		{"all", "delete", 202}, {"delete", "delete", 202},
		{"create", "undelete", 403}, {"update", "undelete", 403},
		{"delete", "undelete", 202}, {"undelete", "undelete", 202},
	} {
		t.Run(tc.token+" "+tc.action, func(t *testing.T) {
			file := "content/blog/hand.md"
			if tc.action == "undelete" {
				file = "content/.trash/blog/hand.md"
			}
			w := newWorld(t, setting{files: map[string]string{file: handWritten}})
			w.want(w.send(tc.token, tc.action, handURL, ""), tc.status)
		})
	}
}

func TestInvalidDeletesAndUndeletes(t *testing.T) {
	t.Parallel()
	broken := "---\ndate: 2026-11-20\nformat: maybe\n---\n"
	files := map[string]string{"content/index.md": "Welcome\n", "content/.trash/blog/hand.md": handWritten, "content/blog/hand.md": "---\ndate: 2026-11-20\nslug: new\n---\nNew\n"}
	for _, tc := range []struct {
		name, action, url string
		status            int
	}{
		{"an unknown address", "delete", "https://example.org/2026/11/none/", 400},
		{"an unknown address of an undelete", "undelete", "https://example.org/2026/11/none/", 400},
		{"a foreign address", "delete", "https://example.com/2026/11/new/", 400},
		{"no address", "delete", "", 400},
		{"the front page", "delete", "https://example.org/", 400},
		{"an undelete onto a new file", "undelete", handURL, 409},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{files: files})
			w.want(w.send("all", tc.action, tc.url, ""), tc.status)
			for name, text := range files {
				if got := w.file(strings.TrimPrefix(name, "content/")); got != text {
					t.Errorf("%s became %q", name, got)
				}
			}
		})
	}
	t.Run("a file with a new mistake", func(t *testing.T) {
		w := newWorld(t, setting{files: map[string]string{"content/blog/hand.md": handWritten}})
		writeFile(t, w.cfg.ContentDir()+"/blog/hand.md", broken)
		res := w.send("all", "delete", handURL, "")
		w.want(res, http.StatusConflict)
		if !strings.Contains(res.body, "content/blog/hand.md:3: format") || w.file("blog/hand.md") != broken {
			t.Errorf("%s", res.body)
		}
	})
}

func TestADeletedDraftNeedsNoWatcher(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	location := w.create(formType, "content=Hello&post-status=draft&mp-slug=hello")
	for _, action := range []string{"delete", "undelete"} {
		w.want(w.send("all", action, location, ""), http.StatusNoContent)
	}
}
