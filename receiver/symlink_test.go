package receiver_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// filesIn returns the regular files below a folder.
func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestNothingIsWrittenThroughASymbolicLink: a folder that is a symbolic link is not
// published, so a write into it must fail.
func TestNothingIsWrittenThroughASymbolicLink(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		link string
		post func(w *world) *response
	}{
		{"content/notes", postText},
		{"content/notes/2026", postText},
		{"content/notes/2026/11", postText},
		{"content/.trash", postText},
		{"content/notes/2026/11", postPhoto},
		{"media", postPhoto},
		{"media", func(w *world) *response { return w.upload("all", "file", "a.png", pixel(w.t)) }},
		{"media/00", func(w *world) *response { return w.upload("all", "file", "a.png", pixel(w.t)) }},
	} {
		w := newWorld(t, setting{})
		elsewhere := t.TempDir()
		if err := os.MkdirAll(w.cfg.ContentDir(), 0o777); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(w.cfg.Root, filepath.FromSlash(test.link))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		links := []string{name}
		if test.link == "media/00" { // whatever the hash of the upload is
			for i := 1; i < 256; i++ {
				links = append(links, filepath.Join(filepath.Dir(name), fmt.Sprintf("%02x", i)))
			}
		}
		for _, link := range links {
			if err := os.Symlink(elsewhere, link); err != nil {
				t.Skip(err)
			}
		}
		for range 2 {
			res := test.post(w)
			if res.StatusCode != http.StatusInternalServerError || !strings.Contains(res.body, "symbolic link") {
				t.Errorf("%s: %d %s", test.link, res.StatusCode, res.body)
			}
			if strings.Contains(res.body, test.link) || strings.Contains(res.body, w.cfg.Root) {
				t.Errorf("%s: the response contains the path: %s", test.link, res.body)
			}
		}
		if !strings.Contains(w.log.String(), strings.TrimSuffix(test.link, "00")) || !strings.Contains(w.log.String(), ": a symbolic link") {
			t.Errorf("%s: the log does not name it:\n%s", test.link, w.log)
		}
		written := append(filesIn(t, elsewhere), filesIn(t, filepath.Join(w.cfg.Root, "content"))...)
		if _, err := os.Stat(filepath.Join(w.cfg.Root, "media")); err == nil {
			written = append(written, filesIn(t, filepath.Join(w.cfg.Root, "media"))...)
		}
		if len(written) > 0 {
			t.Errorf("%s: wrote %q", test.link, written)
		}
	}
}

func postText(w *world) *response {
	return w.post("all", formType, url.Values{"h": {"entry"}, "content": {"hello"}}.Encode())
}

func postPhoto(w *world) *response {
	contentType, body := multipartBody(w.t, part{name: "h", data: "entry"}, part{name: "content", data: "hello"}, part{"photo", "a.png", string(pixel(w.t))})
	return w.post("all", contentType, body)
}

func TestNothingIsChangedThroughASymbolicLink(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"update", "delete", "undelete"} {
		w := newWorld(t, setting{})
		location := w.create(formType, url.Values{"h": {"entry"}, "content": {"hello"}}.Encode())
		target := filepath.Join(w.cfg.Root, "content", "notes")
		if action == "undelete" {
			if res := w.post("all", formType, url.Values{"action": {"delete"}, "url": {location}}.Encode()); res.StatusCode/100 != 2 {
				t.Fatalf("delete: %d %s", res.StatusCode, res.body)
			}
			target = filepath.Join(w.cfg.Root, "content", ".trash")
		}
		// Replaced by a link a moment ago; the index is not updated yet.
		elsewhere := filepath.Join(t.TempDir(), "x")
		if err := os.Rename(target, elsewhere); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(elsewhere, target); err != nil {
			t.Skip(err)
		}
		files := filesIn(t, elsewhere)
		before, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		body := `{"action":"` + action + `","url":"` + location + `"}`
		if action == "update" {
			body = `{"action":"update","url":"` + location + `","replace":{"content":["changed"]}}`
		}
		if res := w.post("all", jsonType, body); res.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s: %d %s", action, res.StatusCode, res.body)
		}
		if after, err := os.ReadFile(files[0]); err != nil || string(after) != string(before) {
			t.Errorf("%s: the target of the link is now %q, %v", action, after, err)
		}
	}
}
