package receiver_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestAppsAndFilesAgreeWhetherANoteIsPublic checks that a query returns the status in
// any spelling of the file, and that publication by an app removes that key.
func TestAppsAndFilesAgreeWhetherANoteIsPublic(t *testing.T) {
	t.Parallel()
	const publish = `"replace":{"post-status":["published"],"visibility":["public"]}`
	for _, tc := range []struct{ front, says, after string }{
		{"draft: true\n", `"post-status":["draft"]`, ""},
		{"Draft: yes # later\n", `"post-status":["draft"]`, ""},
		{"publish: false\nx: 1\n", `"post-status":["draft"]`, "x: 1\n"},
		{"published: no\nstatus: [draft]\n", `"post-status":["draft"]`, ""},
		{"draft: maybe\n", `"post-status":["draft"]`, ""},
		{"drfat: true\n", `"post-status":["draft"]`, ""},
		{"private: true\n", `"visibility":["private"]`, ""},
		{"hidden: yes\ndraft: true\n", `"visibility":["private"]`, ""},
		{"sitemap: false\n", `"visibility":["unlisted"]`, ""},
		{"build: {render: never, publishResources: true}\n", `"visibility":["private"]`, "build: {publishResources: true}\n"},
	} {
		w := newWorld(t, setting{files: map[string]string{"content/a.md": "---\ndate: 2026-11-01\n" + tc.front + "---\nText\n"}})
		const url = "https://example.org/2026/11/a/"
		res := w.get("all", "q=source&url="+url)
		if res.StatusCode != http.StatusOK || !strings.Contains(res.body, tc.says) {
			t.Errorf("%q: %d %s, want %s", tc.front, res.StatusCode, res.body, tc.says)
		}
		res = w.send("all", "update", url, publish)
		file := w.file("a.md")
		if res.StatusCode >= 300 || !strings.HasPrefix(file, "---\ndate: 2026-11-01") || !strings.HasSuffix(file, tc.after+"---\nText\n") || strings.Contains(file, strings.SplitN(tc.front, ":", 2)[0]+": ") && tc.after == "" {
			t.Errorf("%q: %d %s, and the file is\n%s", tc.front, res.StatusCode, res.body, file)
		}
		if res := w.get("all", "q=source&url="+url); strings.Contains(res.body, `"draft"`) || !strings.Contains(res.body, `"visibility":["public"]`) {
			t.Errorf("%q: afterwards %s", tc.front, res.body)
		}
	}
}

func TestTheResponseNamesTheReasonWhyANoteStaysHidden(t *testing.T) {
	t.Parallel()
	for front, want := range map[string]string{
		"draft: true\nexpiryDate: 2026-11-02\n":       "expired on 2026-11-02",
		"a:\n  b:\n    draft: true\n    y: 2\n":       "a: b: withholds the note, and can't be changed by an app",
		"draft: true\n---\n---\ndraft: true\n":        "The text looks like front matter",
		"draft: true\ntitle: \"a\ndraft: true\nb\"\n": "content/a.md:5: draft: is read as a part of another value",
	} {
		text := "---\ndate: 2026-11-01\n" + front + "---\nText\n"
		w := newWorld(t, setting{files: map[string]string{"content/a.md": text}})
		res := w.send("all", "update", "https://example.org/2026/11/a/", `"replace":{"post-status":["published"]}`)
		if res.StatusCode != http.StatusConflict && res.StatusCode != http.StatusBadRequest || !strings.Contains(res.body, want) || w.file("a.md") != text {
			t.Errorf("%q: %d %s, want %s", front, res.StatusCode, res.body, want)
		}
	}
}

func TestAPossibleDraftIsNotPublished(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"post-status=published&post-status=draft", "post-status[]=published&post-status[]=draft", "visibility=public&visibility=private",
	} {
		w := newWorld(t, setting{})
		res := w.post("all", "application/x-www-form-urlencoded", "h=entry&content=Text&"+body)
		if res.StatusCode != http.StatusBadRequest || !strings.Contains(res.body, "has several values; send one.") || len(w.notes()) > 0 {
			t.Errorf("%s: %d %s, notes %v", body, res.StatusCode, res.body, w.notes())
		}
	}
	for body, want := range map[string]string{
		"mp-post-status=draft": "draft: true\n", "mp_status=draft": "draft: true\n", "mp-visibility=private": "visibility: private\n",
		"visibility=private&visibility=private": "visibility: private\n",
	} {
		w := newWorld(t, setting{})
		res := w.post("all", "application/x-www-form-urlencoded", "h=entry&content=Text&"+body)
		files := w.notes()
		if res.StatusCode != http.StatusCreated && res.StatusCode != http.StatusAccepted || len(files) != 1 || !strings.Contains(w.file(files[0]), want) {
			t.Errorf("%s: %d %s, notes %v", body, res.StatusCode, res.body, files)
		}
	}
}

// TestKeysOfOtherToolsThatWithholdAreRefused: keys of other tools are not Micropub
// properties and cannot withhold a note, so the post is refused and not published.
func TestKeysOfOtherToolsThatWithholdAreRefused(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"draft=true", "isDraft=1", "private=yes", "publish=no", "status=draft", "hidden=true", "unlisted=on", "public=false"} {
		w := newWorld(t, setting{})
		res := w.post("all", "application/x-www-form-urlencoded", "h=entry&content=Text&"+body)
		if res.StatusCode != http.StatusBadRequest || !strings.Contains(res.body, "send post-status=draft or visibility=private") || len(w.notes()) > 0 {
			t.Errorf("%s: %d %s, notes %v", body, res.StatusCode, res.body, w.notes())
		}
	}
	for _, body := range []string{"draft=false", "status=reading", "private=no", "hidden="} {
		w := newWorld(t, setting{})
		if res := w.post("all", "application/x-www-form-urlencoded", "h=entry&content=Text&"+body); res.StatusCode != http.StatusCreated && res.StatusCode != http.StatusAccepted {
			t.Errorf("%s: %d %s", body, res.StatusCode, res.body)
		}
	}
}
