package preview_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"starpunk/receiver/preview"
)

// newPreview serves a folder with the given files.
func newPreview(t *testing.T, files map[string]string) (server *httptest.Server, folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "public")
	for name, text := range files {
		writeFile(t, filepath.Join(folder, filepath.FromSlash(name)), text)
	}
	server = httptest.NewServer(preview.New(folder, slog.New(slog.DiscardHandler)))
	t.Cleanup(server.Close)
	return server, folder
}

// fetch sends path as it is, without normalization by a client.
func fetch(t *testing.T, server *httptest.Server, method, path string, header http.Header) *answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Opaque = path
	if header != nil {
		r.Header = header
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return &answer{res, string(body)}
}

// An answer is a response with its body.
type answer struct {
	*http.Response
	body string
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAPreviewAnswersLikeAStaticHost(t *testing.T) {
	t.Parallel()
	server, folder := newPreview(t, map[string]string{
		"index.html": "front", "404.html": "missing", "style.css": "css", "feed.xml": "rss", "feed.atom": "atom", "feed.json": "json",
		"sitemap.xml": "map", "tags/go/feed.xml": "rss", "2026/11/hello/index.html": "hello", "2026/11/hello/a b.jpg": "picture",
		"2026/11/gone/.gone": "", "über/index.html": "umlaut", ".starpunk": "id", ".git/config": "git", "a/.hidden": "x", "empty/x.txt": "x",
		".well-known/host-meta": "meta", ".well-known/.hidden": "x", "odd.xyzzy": "x", "wiki/C++/index.html": "plus",
	})
	writeFile(t, filepath.Join(folder, "..", "secret.txt"), "secret")
	if err := os.Symlink("../secret.txt", filepath.Join(folder, "link.txt")); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		path        string
		status      int
		contentType string
		body        string // for a redirect, its Location
	}{
		{"/", 200, "text/html; charset=utf-8", "front"},
		{"/index.html", 200, "text/html; charset=utf-8", "front"},
		{"/?query", 200, "text/html; charset=utf-8", "front"},
		{"/style.css?123", 200, "text/css; charset=utf-8", "css"},
		{"/feed.xml", 200, "application/xml; charset=utf-8", "rss"},
		{"/tags/go/feed.xml", 200, "application/xml; charset=utf-8", "rss"},
		{"/feed.atom", 200, "application/atom+xml; charset=utf-8", "atom"},
		{"/feed.json", 200, "application/feed+json", "json"},
		{"/sitemap.xml", 200, "application/xml; charset=utf-8", "map"},
		{"/odd.xyzzy", 200, "application/octet-stream", "x"},
		{"/2026/11/hello/", 200, "text/html; charset=utf-8", "hello"},
		{"/2026/11/hello/a%20b.jpg", 200, "image/jpeg", "picture"},
		{"/%C3%BCber/", 200, "text/html; charset=utf-8", "umlaut"},
		{"/2026/11/hello", 301, "", "/2026/11/hello/"},
		{"/2026/11/hello?a=b", 301, "", "/2026/11/hello/?a=b"},
		{"/%C3%BCber", 301, "", "/%C3%BCber/"},
		{"/wiki/C++", 301, "", "/wiki/C++/"},
		{"/.//2026/11/hello", 301, "", "/2026/11/hello/"},
		{"/.well-known/host-meta", 200, "application/octet-stream", "meta"},
		{"/2026/11/gone/", 410, "text/plain; charset=utf-8", "This page was deleted.\n"},
		{"/2026/11/gone", 410, "text/plain; charset=utf-8", "This page was deleted.\n"},
		{"/nothing", 404, "text/html; charset=utf-8", "missing"},
		{"/style.css/", 404, "text/html; charset=utf-8", "missing"},
		{"/empty/", 404, "text/html; charset=utf-8", "missing"},
		{"/empty", 404, "text/html; charset=utf-8", "missing"},
		{"/.starpunk", 404, "text/html; charset=utf-8", "missing"},
		{"/.git/config", 404, "text/html; charset=utf-8", "missing"},
		{"/a/.hidden", 404, "text/html; charset=utf-8", "missing"},
		{"/2026/11/gone/.gone", 404, "text/html; charset=utf-8", "missing"},
		{"/.well-known/.hidden", 404, "text/html; charset=utf-8", "missing"},
		{"/.well-known/../.starpunk", 404, "text/html; charset=utf-8", "missing"},
		{"/link.txt", 404, "text/html; charset=utf-8", "missing"},
		{"/../secret.txt", 404, "text/html; charset=utf-8", "missing"},
		{"/%2e%2e/secret.txt", 404, "text/html; charset=utf-8", "missing"},
		{"/..%2fsecret.txt", 404, "text/html; charset=utf-8", "missing"},
		{"/a%00b", 404, "text/html; charset=utf-8", "missing"},
		{"/" + strings.Repeat("x", 5000), 404, "text/html; charset=utf-8", "missing"},
	} {
		t.Run(tc.path[:min(len(tc.path), 40)], func(t *testing.T) {
			res := fetch(t, server, "GET", tc.path, nil)
			if res.StatusCode != tc.status {
				t.Fatalf("%d %q, want %d", res.StatusCode, res.body, tc.status)
			}
			if tc.status == 301 {
				if got := res.Header.Get("Location"); got != tc.body {
					t.Errorf("Location %q, want %q", got, tc.body)
				}
				return
			}
			if res.body != tc.body || res.Header.Get("Content-Type") != tc.contentType || res.Header.Get("Cache-Control") != "no-cache" {
				t.Errorf("%q with %v, want %q as %s", res.body, res.Header, tc.body, tc.contentType)
			}
			head := fetch(t, server, "HEAD", tc.path, nil)
			if head.StatusCode != tc.status || head.body != "" || head.Header.Get("Content-Type") != tc.contentType {
				t.Errorf("HEAD: %d %v %q", head.StatusCode, head.Header, head.body)
			}
		})
	}
}

func TestABrowserCanRevalidateAPage(t *testing.T) {
	t.Parallel()
	server, folder := newPreview(t, map[string]string{"index.html": "one"})
	first := fetch(t, server, "GET", "/", nil)
	etag := first.Header.Get("ETag")
	if etag == "" || first.Header.Get("Last-Modified") == "" {
		t.Fatalf("no ETag or Last-Modified: %v", first.Header)
	}
	if res := fetch(t, server, "GET", "/", http.Header{"If-None-Match": {etag}}); res.StatusCode != 304 {
		t.Errorf("unchanged: %d, want 304", res.StatusCode)
	}
	writeFile(t, filepath.Join(folder, "index.html"), "another")
	if res := fetch(t, server, "GET", "/", http.Header{"If-None-Match": {etag}}); res.StatusCode != 200 || res.body != "another" {
		t.Errorf("changed: %d %q, want the new page", res.StatusCode, res.body)
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	t.Parallel()
	server, _ := newPreview(t, map[string]string{"index.html": "x"})
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		if res := fetch(t, server, method, "/", nil); res.StatusCode != 405 || res.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow %q", method, res.StatusCode, res.Header.Get("Allow"))
		}
	}
}

func TestTheOutputFolderMayBeRemovedAndBuiltAgain(t *testing.T) {
	t.Parallel()
	server, folder := newPreview(t, nil)
	if res := fetch(t, server, "GET", "/", nil); res.StatusCode != 503 || res.Header.Get("Retry-After") == "" {
		t.Errorf("before the first build: %d, want 503", res.StatusCode)
	}
	writeFile(t, filepath.Join(folder, "index.html"), "built")
	if res := fetch(t, server, "GET", "/", nil); res.StatusCode != 200 {
		t.Errorf("after it: %d, want 200", res.StatusCode)
	}
	if res := fetch(t, server, "GET", "/nothing", nil); res.StatusCode != 404 || res.body != "There is no such page.\n" {
		t.Errorf("without a 404.html: %d %q", res.StatusCode, res.body)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(folder, "index.html"), "again")
	if res := fetch(t, server, "GET", "/", nil); res.body != "again" {
		t.Errorf("after it was removed and built again: %q", res.body)
	}
}
