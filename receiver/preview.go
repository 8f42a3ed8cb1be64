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
	return &preview{folder, log}
}

type preview struct {
	folder string
	log    *slog.Logger
}

func (p *preview) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This is a static site: GET and HEAD are all it knows.", http.StatusMethodNotAllowed)
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
	if err := servePath(w, r, root); err != nil {
		p.log.Error("file can't be served", "path", r.URL.Path, "error", err)
		http.Error(w, "This page can't be read.", http.StatusInternalServerError)
	}
}

// servePath finds out what a path stands for. Its error means that nothing was
// sent yet.
func servePath(w http.ResponseWriter, r *http.Request, root *os.Root) error {
	clean := path.Clean("/" + r.URL.Path)
	name := cmp.Or(strings.TrimPrefix(clean, "/"), ".")
	if hidden(name) {
		return serveMissing(w, r, root)
	}
	info, err := root.Stat(filepath.FromSlash(name))
	isFolder := strings.HasSuffix(r.URL.Path, "/")
	switch {
	case err != nil, info.IsDir() && !hasFile(root, path.Join(name, "index.html")):
		if err == nil && hasFile(root, path.Join(name, goneFile)) {
			http.Error(w, "This page was deleted.", http.StatusGone)
			return nil
		}
		return serveMissing(w, r, root) // whatever keeps it from being read, it is not there for a reader
	case info.IsDir() && !isFolder:
		to := url.URL{Path: clean + "/", RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, to.String(), http.StatusMovedPermanently)
		return nil
	case info.IsDir():
		name = path.Join(name, "index.html")
	case isFolder || !info.Mode().IsRegular():
		return serveMissing(w, r, root)
	}
	return serveFile(w, r, root, name)
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

func serveFile(w http.ResponseWriter, r *http.Request, root *os.Root, name string) error {
	f, info, err := open(root, name)
	if err != nil {
		return err
	}
	defer f.Close()
	w.Header().Set("Content-Type", contentType(name))
	w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size()))
	http.ServeContent(w, r, name, info.ModTime(), f)
	return nil
}

// serveMissing answers 404 with the site's own page for it, if there is one.
func serveMissing(w http.ResponseWriter, r *http.Request, root *os.Root) error {
	f, _, err := open(root, "404.html")
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, "There is no such page.", http.StatusNotFound)
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	w.Header().Set("Content-Type", contentType("404.html"))
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, f) // the reader is gone
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
