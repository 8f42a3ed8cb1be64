package preview_test

import (
	"bufio"
	"context"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"starpunk/receiver"
	"starpunk/receiver/preview"
)

// newLivePreview serves a folder with live reload; stop ends all event streams.
func newLivePreview(t *testing.T, files map[string]string) (server *httptest.Server, folder string, stop context.CancelFunc) {
	t.Helper()
	return newNoticePreview(t, files, &preview.Notice{})
}

func newNoticePreview(t *testing.T, files map[string]string, notice *preview.Notice) (server *httptest.Server, folder string, stop context.CancelFunc) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "public")
	for name, text := range files {
		writeFile(t, filepath.Join(folder, filepath.FromSlash(name)), text)
	}
	ctx, stop := context.WithCancel(context.Background())
	handler := preview.NewLive(ctx, folder, notice, slog.New(slog.DiscardHandler))
	server = httptest.NewUnstartedServer(handler)
	server.Config = receiver.NewServer(handler, time.Second, slog.New(slog.DiscardHandler))
	server.Start()
	t.Cleanup(func() { stop(); server.Close() })
	return server, folder, stop
}

var streamAddress = regexp.MustCompile(`new EventSource\("([^"]*)"\)`)

// listen opens the event stream that the script of a page would open. lines
// receives its lines and is closed when the stream ends.
func listen(t *testing.T, server *httptest.Server, page string) (status int, lines <-chan string) {
	t.Helper()
	m := streamAddress.FindStringSubmatch(fetch(t, server, "GET", page, nil).body)
	if m == nil {
		t.Fatalf("%s has no script", page)
	}
	return openStream(t, server, m[1])
}

func openStream(t *testing.T, server *httptest.Server, address string) (status int, lines <-chan string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan string, 100)
	go func() {
		defer res.Body.Close()
		defer close(out)
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			out <- s.Text()
		}
	}()
	return res.StatusCode, out
}

// reloads reports whether the server sends a reload event before the stream
// ends.
func reloads(lines <-chan string) bool {
	for line := range lines {
		if line == "data: reload" {
			return true
		}
	}
	return false
}

func TestAPageReloadsWhenItsBytesChange(t *testing.T) {
	t.Parallel()
	server, folder, _ := newLivePreview(t, map[string]string{
		"index.html": "<html><body>one</body></html>", "a b/index.html": "<p>no body", "404.html": "<body>missing</body>", "removed/index.html": "<body>soon removed</body>",
	})
	replace := func(name, text string) { // as the generator does
		temp := filepath.Join(folder, ".starpunk-x.tmp")
		writeFile(t, temp, text)
		writeFile(t, filepath.Join(folder, name), "") // makes the folder
		if err := os.Rename(temp, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	_, front := listen(t, server, "/")
	_, other := listen(t, server, "/a%20b/")
	_, absent := listen(t, server, "/new/")
	_, removed := listen(t, server, "/removed/")
	replace("index.html", "<html><body>two</body></html>")
	if !reloads(front) {
		t.Error("a page that changed does not reload")
	}
	if body := fetch(t, server, "GET", "/", nil).body; !strings.HasPrefix(body, "<html><body>two<script>") {
		t.Errorf("after it changed: %q", body)
	}
	select {
	case line := <-other:
		if line != "retry: 1000" {
			t.Errorf("an unchanged page received %q", line)
		}
	default:
	}
	replace("new/index.html", "here")
	if !reloads(absent) {
		t.Error("a new page does not reload")
	}
	if err := os.RemoveAll(filepath.Join(folder, "removed")); err != nil {
		t.Fatal(err)
	}
	if !reloads(removed) {
		t.Error("a removed page does not reload")
	}
	replace("a b/index.html", "changed")
	if !reloads(other) {
		t.Error("the other page does not reload after its own change")
	}
}

func TestOnlyThePageThatIsSentHasAScript(t *testing.T) {
	t.Parallel()
	const page = "<html><body>hello</body></html>"
	files := map[string]string{"index.html": page, "feed.xml": "<rss/>", "data.json": "{}", "404.html": page}
	server, folder, _ := newLivePreview(t, files)
	for _, name := range []string{"/", "/index.html", "/nothing/"} {
		body := fetch(t, server, "GET", name, nil).body
		if strings.Count(body, "<script>") != 1 || !strings.HasSuffix(body, "</script>\n</body></html>") {
			t.Errorf("%s: %q", name, body)
		}
		head := fetch(t, server, "HEAD", name, nil)
		if head.body != "" || head.StatusCode == 200 && head.ContentLength != int64(len(body)) {
			t.Errorf("HEAD %s: %d bytes, want %d", name, head.ContentLength, len(body))
		}
	}
	for _, name := range []string{"feed.xml", "data.json"} {
		if body := fetch(t, server, "GET", "/"+name, nil).body; body != files[name] {
			t.Errorf("%s: %q", name, body)
		}
	}
	if data, err := os.ReadFile(filepath.Join(folder, "index.html")); err != nil || string(data) != page {
		t.Errorf("on disk: %q, %v", data, err)
	}
	plain, _ := newPreview(t, files)
	if body := fetch(t, plain, "GET", "/", nil).body; body != page {
		t.Errorf("without live reload: %q", body)
	}
	if res := fetch(t, plain, "GET", "/.starpunk/reload", nil); res.StatusCode != 404 {
		t.Errorf("the event stream without live reload: %d, want 404", res.StatusCode)
	}
}

func TestNoAddressBreaksOutOfTheScript(t *testing.T) {
	t.Parallel()
	server, _, _ := newLivePreview(t, map[string]string{"404.html": "<body></body>"})
	body := fetch(t, server, "GET", `/%22);alert(1)%3C/script%3E%3Cscript%3E%5C'`, nil).body
	if strings.Count(body, "<script>") != 1 || strings.Count(body, "</script>") != 1 || strings.Contains(body, "alert(1)") {
		t.Errorf("%s", html.EscapeString(body))
	}
}

func TestEventStreamsAreLimitedAndEndWithTheContext(t *testing.T) {
	t.Parallel()
	const most = 64
	server, _, stop := newLivePreview(t, map[string]string{"index.html": "<body>one</body>"})
	var streams []<-chan string
	for i := range most {
		status, lines := listen(t, server, "/")
		if status != 200 {
			t.Fatalf("stream %d: %d", i+1, status)
		}
		streams = append(streams, lines)
	}
	if status, _ := listen(t, server, "/"); status != 503 {
		t.Errorf("one stream too many: %d, want 503", status)
	}
	stop()
	for _, lines := range streams {
		if reloads(lines) {
			t.Error("an unchanged page received a reload event")
		}
	}
	if res := fetch(t, server, "GET", "/", nil); res.StatusCode != 200 {
		t.Errorf("a page after the streams ended: %d", res.StatusCode)
	}
}

func TestANoticeIsOnEveryPageUntilItIsRemoved(t *testing.T) {
	t.Parallel()
	const page = "<html><body>hello</body></html>"
	notice := &preview.Notice{}
	server, _, _ := newNoticePreview(t, map[string]string{"index.html": page, "404.html": page, "feed.xml": "<rss/>"}, notice)
	before := fetch(t, server, "GET", "/", nil).Header.Get("ETag")
	_, lines := listen(t, server, "/")
	notice.Set("layouts", "head.html:2: the other")
	notice.Set("configuration", "starpunk.toml:1: <titel>")
	if !reloads(lines) {
		t.Error("an open page does not reload when a notice appears")
	}
	_, lines = listen(t, server, "/")
	for address, want := range map[string]bool{"/": true, "/nothing/": true, "/feed.xml": false} {
		res := fetch(t, server, "GET", address, nil)
		if strings.Contains(res.body, "starpunk.toml:1: &lt;titel&gt;\nhead.html:2: the other<") != want || strings.Contains(res.body, "<titel>") || res.Header.Get("ETag") == before {
			t.Errorf("%s, %s: %s", address, res.Header.Get("ETag"), res.body)
		}
	}
	notice.Set("layouts", "")
	notice.Set("configuration", "")
	if !reloads(lines) {
		t.Error("an open page does not reload when the notice is removed")
	}
	if res := fetch(t, server, "GET", "/", nil); strings.Contains(res.body, "starpunk.toml") || res.Header.Get("ETag") != before {
		t.Errorf("without a notice: %s %s", res.Header.Get("ETag"), res.body)
	}
}
