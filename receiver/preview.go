package receiver

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"starpunk/site"
)

// goneFile marks a folder of which the page was deleted for good.
const goneFile = ".gone"

// Preview serves an output folder as a static web host would: index.html for a
// folder, 404.html for what is missing, 410 where a file .gone says so, no
// listings. Hidden files are not served, but for those below /.well-known/
// (RFC 8615). The folder may be removed and built again meanwhile.
func Preview(folder string, log *slog.Logger) http.Handler {
	return &preview{folder: folder, log: log}
}

type preview struct {
	folder string
	log    *slog.Logger
	live   *reloader // nil but for [LivePreview]
}

func (p *preview) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This is a static site: GET and HEAD are all it knows.", http.StatusMethodNotAllowed)
		return
	}
	if p.live != nil && r.URL.Path == reloadPath {
		p.live.serve(w, r, p.folder)
		return
	}
	// A root, so that no path and no symbolic link leads out of the folder.
	root, err := os.OpenRoot(p.folder)
	if err != nil {
		w.Header().Set("Retry-After", "2")
		http.Error(w, "The site is not built yet.", http.StatusServiceUnavailable)
		return
	}
	defer root.Close()
	if err := p.servePath(w, r, root); err != nil {
		p.log.Error("file can't be served", "path", r.URL.Path, "error", err)
		http.Error(w, "This page can't be read.", http.StatusInternalServerError)
	}
}

// servePath answers with what a path stands for. Its error means that nothing
// was sent yet.
func (p *preview) servePath(w http.ResponseWriter, r *http.Request, root *os.Root) error {
	t := find(root, r.URL.Path)
	switch t.status {
	case http.StatusMovedPermanently:
		to := url.URL{Path: t.name, RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, to.String(), t.status)
		return nil
	case http.StatusGone:
		http.Error(w, "This page was deleted.", t.status)
		return nil
	case http.StatusNotFound:
		return p.serveMissing(w, r, root)
	}
	return p.serveFile(w, r, root, t.name)
}

// A target is what a path stands for.
type target struct {
	status int    // 200, 301, 404 or 410
	name   string // of the file for 200, of the path for 301
}

// find finds out what a path stands for. Whatever keeps a file from being read,
// it is not there for a reader.
func find(root *os.Root, at string) target {
	clean := path.Clean("/" + at)
	name := cmp.Or(strings.TrimPrefix(clean, "/"), ".")
	if hidden(name) {
		return target{status: http.StatusNotFound}
	}
	info, err := root.Stat(filepath.FromSlash(name))
	isFolder := strings.HasSuffix(at, "/")
	switch {
	case err == nil && info.IsDir() && hasFile(root, path.Join(name, "index.html")):
		if !isFolder {
			return target{http.StatusMovedPermanently, clean + "/"}
		}
		return target{http.StatusOK, path.Join(name, "index.html")}
	case err == nil && info.IsDir() && hasFile(root, path.Join(name, goneFile)):
		return target{status: http.StatusGone}
	case err != nil || isFolder || !info.Mode().IsRegular():
		return target{status: http.StatusNotFound}
	}
	return target{http.StatusOK, name}
}

// hidden says whether a path has an element that begins with a dot.
func hidden(name string) bool {
	name = strings.TrimPrefix(name, ".well-known/")
	return name != "." && strings.Contains("/"+name, "/.")
}

func hasFile(root *os.Root, name string) bool {
	info, err := root.Stat(filepath.FromSlash(name))
	return err == nil && info.Mode().IsRegular()
}

func (p *preview) serveFile(w http.ResponseWriter, r *http.Request, root *os.Root, name string) error {
	f, info, err := open(root, name)
	if err != nil {
		return err
	}
	defer f.Close()
	var content io.ReadSeeker = f
	if p.live != nil && p.live.takes(name, info) {
		if content, err = p.live.withScript(f, r.URL.Path, etag(info)); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", contentType(name))
	w.Header().Set("ETag", etag(info))
	http.ServeContent(w, r, name, info.ModTime(), content)
	return nil
}

// etag stands for the bytes of an output: they change by replacing the file.
func etag(info fs.FileInfo) string {
	return fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size())
}

// serveMissing answers 404 with the site's own page for it, if there is one.
func (p *preview) serveMissing(w http.ResponseWriter, r *http.Request, root *os.Root) error {
	const name = "404.html"
	f, info, err := open(root, name)
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, "There is no such page.", http.StatusNotFound)
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	var content io.Reader = f
	if p.live != nil && p.live.takes(name, info) {
		if content, err = p.live.withScript(f, r.URL.Path, missing); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", contentType(name))
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, content) // the reader is gone
	}
	return nil
}

func open(root *os.Root, name string) (*os.File, fs.FileInfo, error) {
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// contentType is the media type of a file by its name. An RSS feed is plain XML
// here, as it is for most web servers: as application/rss+xml, which nobody
// registered, browsers show its source or offer to save it.
func contentType(name string) string {
	return cmp.Or(site.MediaType(name), mime.TypeByExtension(path.Ext(name)), "application/octet-stream")
}
