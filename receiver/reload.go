package receiver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path"
	"time"
)

const (
	// reloadPath is where open pages listen. The path is hidden, so that no
	// file of a site can have it.
	reloadPath = "/.starpunk/reload"

	maxListeners = 64       // a browser keeps six connections to a host, of all its windows
	maxLivePage  = 16 << 20 // bytes; a longer page is sent as it is
	lookEvery    = 150 * time.Millisecond
	aliveEvery   = 20 * time.Second // a comment line, by which a dead connection is found
	sendTime     = 5 * time.Second  // for one event
	missing      = "missing"        // in place of the ETag of a page that is not there
)

// LivePreview is a [Preview] of which a page that is open in a browser reloads
// when its bytes change. Its HTML pages are sent with a script at their end; the
// files stay as they are. Listening ends with ctx.
func LivePreview(ctx context.Context, folder string, log *slog.Logger) http.Handler {
	return &preview{folder: folder, log: log, live: &reloader{ctx: ctx, places: make(chan struct{}, maxListeners)}}
}

// A reloader tells open pages that they changed.
type reloader struct {
	ctx    context.Context // of the session: when it ends, so do all listeners
	places chan struct{}   // holds one for each listener
}

// takes says whether a file is sent with the script.
func (l *reloader) takes(name string, info fs.FileInfo) bool {
	return path.Ext(name) == ".html" && info.Size() <= maxLivePage
}

// script listens while its page is seen: browsers have few connections to a
// host, which pages in the background would use up.
const script = `<script>
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

// withScript is a page with the script at the end of its body. seen is the
// ETag that it is sent with.
func (l *reloader) withScript(f io.Reader, at, seen string) (io.ReadSeeker, error) {
	page, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	query := url.Values{"page": {at}, "seen": {seen}}
	line := fmt.Appendf(nil, script, reloadPath+"?"+query.Encode()) // encoded, it holds no quote and no bracket
	end := bytes.LastIndex(page, []byte("</body>"))
	if end < 0 {
		end = len(page)
	}
	return bytes.NewReader(bytes.Join([][]byte{page[:end], page[end:]}, line)), nil
}

// serve sends an event when a page is another than the one that was seen
// (HTML, "Server-sent events").
func (l *reloader) serve(w http.ResponseWriter, r *http.Request, folder string) {
	select {
	case l.places <- struct{}{}:
		defer func() { <-l.places }()
	default:
		http.Error(w, "Too many pages of this preview are open.", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	stream := http.NewResponseController(w)
	_ = stream.SetReadDeadline(time.Time{}) // it may take long; where a deadline can't be set, none is
	send := func(text string) bool {
		_ = stream.SetWriteDeadline(time.Now().Add(sendTime))
		_, err := io.WriteString(w, text)
		return err == nil && stream.Flush() == nil
	}
	// Milliseconds until a browser that lost its server asks again.
	if r.Method == http.MethodHead || !send("retry: 1000\n\n") {
		return
	}
	page, seen := r.URL.Query().Get("page"), r.URL.Query().Get("seen")
	look, alive := time.NewTicker(lookEvery), time.NewTicker(aliveEvery)
	defer look.Stop()
	defer alive.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-r.Context().Done():
			return
		case <-alive.C:
			if !send(":\n\n") {
				return
			}
		case <-look.C:
			if now := stateOf(folder, page); now != "" && now != seen {
				send("data: reload\n\n")
				return
			}
		}
	}
}

// stateOf is the ETag of a page, or [missing]; "" while the site itself is not
// there.
func stateOf(folder, at string) string {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return ""
	}
	defer root.Close()
	t := find(root, at)
	if t.status != http.StatusOK {
		return missing
	}
	info, err := root.Stat(t.name)
	if err != nil {
		return missing
	}
	return etag(info)
}
