package preview

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"html"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// reloadPath is the path of the event stream for open pages. It is hidden,
	// so that no file of a site can have it.
	reloadPath = "/.starpunk/reload"

	maxListeners      = 64       // a browser opens at most six connections to a host
	maxLivePageBytes  = 16 << 20 // a longer page is sent without the script
	pollInterval      = 150 * time.Millisecond
	keepAliveInterval = 20 * time.Second // between comment lines, which reveal a dead connection
	sendTimeout       = 5 * time.Second  // for one event
	missingETag       = "missing"        // instead of the ETag of a page that does not exist
)

// NewLive returns a handler like that of [New], with live reload: a page that
// is open in a browser reloads when its bytes change. HTML pages are sent with
// a script at the end, and with the texts of notice, which may change at any time;
// the files stay unchanged. All event streams end when ctx is done.
func NewLive(ctx context.Context, folder string, notice *Notice, log *slog.Logger) http.Handler {
	return &handler{folder: folder, log: log, live: &reloader{ctx: ctx, notice: notice, slots: make(chan struct{}, maxListeners)}}
}

// A Notice has texts for the owner, such as a mistake in the configuration. The zero value
// has none. Several goroutines may use it.
type Notice struct {
	mu    sync.Mutex
	texts map[string]string
}

// Set replaces the text about a subject; "" removes it.
func (n *Notice) Set(subject, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.texts == nil {
		n.texts = map[string]string{}
	}
	if n.texts[subject] = text; text == "" {
		delete(n.texts, subject)
	}
}

// lines returns the texts in the order of their subjects, "" without any.
func (n *Notice) lines() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var lines []string
	for _, subject := range slices.Sorted(maps.Keys(n.texts)) {
		lines = append(lines, n.texts[subject])
	}
	return strings.Join(lines, "\n")
}

// A reloader notifies open pages when they change.
type reloader struct {
	ctx    context.Context // when it is done, all event streams end
	notice *Notice
	slots  chan struct{} // holds one element for each open event stream
}

// accepts reports whether a file is sent with the script.
func (l *reloader) accepts(name string, info fs.FileInfo) bool {
	return path.Ext(name) == ".html" && info.Size() <= maxLivePageBytes
}

// reloadScript keeps an event stream open while its page is visible. Browsers
// open few connections to a host, and pages in background tabs would use them
// all.
const reloadScript = `<script>
(function () {
  var source;
  function listen() {
    if (document.hidden) {
      if (source) source.close();
      source = null;
    } else if (!source) {
      source = new EventSource("%s");
      source.onmessage = function () { source.close(); location.reload(); };
    }
  }
  document.addEventListener("visibilitychange", listen);
  listen();
})();
</script>
`

// noticeBar is the element with the notice. It has the styles that keep it readable on
// every page.
const noticeBar = `<div role="alert" style="all:initial;position:fixed;inset:0 0 auto 0;z-index:2147483647;max-height:50vh;overflow:auto;` +
	`box-sizing:border-box;padding:.75em 1em;background:#8b1a1a;color:#fff;font:16px/1.4 system-ui,sans-serif;overflow-wrap:anywhere;white-space:pre-line">%s</div>
`

// tag returns the entity tag of a page with the present notice. etag is that of its file,
// or [missingETag].
func (l *reloader) tag(etag string) string {
	text := l.notice.lines()
	if text == "" {
		return etag
	}
	return fmt.Sprintf(`"%s-%08x"`, strings.Trim(etag, `"`), crc32.ChecksumIEEE([]byte(text)))
}

// decorate returns a page with the notice and the script at the end of its body. seen is
// the entity tag with which the page is sent.
func (l *reloader) decorate(f io.Reader, at, seen string) (io.ReadSeeker, error) {
	page, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	query := url.Values{"page": {at}, "seen": {seen}}
	line := fmt.Appendf(nil, reloadScript, reloadPath+"?"+query.Encode()) // the encoded query has no quote and no angle bracket
	if text := l.notice.lines(); text != "" {
		line = fmt.Appendf(line, noticeBar, html.EscapeString(text))
	}
	end := bytes.LastIndex(page, []byte("</body>"))
	if end < 0 {
		end = len(page)
	}
	return bytes.NewReader(bytes.Join([][]byte{page[:end], page[end:]}, line)), nil
}

// serve opens an event stream and sends one event when a page differs from the
// version that the client has (HTML, "Server-sent events").
func (l *reloader) serve(w http.ResponseWriter, r *http.Request, folder string) {
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	default:
		http.Error(w, "Too many pages of this preview are open.", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	stream := http.NewResponseController(w)
	_ = stream.SetReadDeadline(time.Time{}) // the stream may stay open for hours; a writer without deadlines needs none cleared
	send := func(text string) bool {
		_ = stream.SetWriteDeadline(time.Now().Add(sendTimeout))
		_, err := io.WriteString(w, text)
		return err == nil && stream.Flush() == nil
	}
	// The delay in milliseconds after which a browser connects again.
	if r.Method == http.MethodHead || !send("retry: 1000\n\n") {
		return
	}
	page, seen := r.URL.Query().Get("page"), r.URL.Query().Get("seen")
	poll, keepAlive := time.NewTicker(pollInterval), time.NewTicker(keepAliveInterval)
	defer poll.Stop()
	defer keepAlive.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-r.Context().Done():
			return
		case <-keepAlive.C:
			if !send(":\n\n") {
				return
			}
		case <-poll.C:
			if current := currentETag(folder, page); current != "" && l.tag(current) != seen {
				send("data: reload\n\n")
				return
			}
		}
	}
}

// currentETag returns the ETag of a page, [missingETag] if the page does not
// exist, or "" if the output folder does not exist.
func currentETag(folder, at string) string {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return ""
	}
	defer root.Close()
	t := resolve(root, at)
	if t.status != http.StatusOK {
		return missingETag
	}
	info, err := root.Stat(t.name)
	if err != nil {
		return missingETag
	}
	return etag(info)
}
