package preview

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"starpunk/site"
)

// New returns a handler that serves an output folder as a static web host
// would. It serves index.html for a folder, answers 404 with the file 404.html,
// answers 410 where a folder has a file [site.GoneFile], and lists no folder.
// Hidden files are not served, except below /.well-known/ (RFC 8615). The
// folder may be removed and built again at any time.
func New(folder string, log *slog.Logger) http.Handler {
	return &handler{folder: folder, log: log}
}

type handler struct {
	folder string
	log    *slog.Logger
	live   *reloader // nil unless made by [NewLive]
}

func (p *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This is a static site: the method must be GET or HEAD.", http.StatusMethodNotAllowed)
		return
	}
	if p.live != nil && r.URL.Path == reloadPath {
		p.live.serve(w, r, p.folder)
		return
	}
	// A root: no path and no symbolic link leads out of the folder.
	root, err := os.OpenRoot(p.folder)
	if err != nil {
		w.Header().Set("Retry-After", "2")
		http.Error(w, "The site is not built yet.", http.StatusServiceUnavailable)
		return
	}
	defer root.Close()
	if err := p.servePath(w, r, root); err != nil {
		p.log.Error("cannot serve a file", "path", r.URL.Path, "error", err)
		http.Error(w, "The page cannot be read.", http.StatusInternalServerError)
	}
}

// servePath answers a request for a path. If it returns an error, it has sent
// nothing.
func (p *handler) servePath(w http.ResponseWriter, r *http.Request, root *os.Root) error {
	t := resolve(root, r.URL.Path)
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

// A target is the answer to a request for a path.
type target struct {
	status int    // 200, 301, 404 or 410
	name   string // of the file for 200, of the path for 301
}

// resolve returns the target of a path. A file that cannot be read counts as
// missing.
func resolve(root *os.Root, at string) target {
	clean := path.Clean("/" + at)
	name := cmp.Or(strings.TrimPrefix(clean, "/"), ".")
	if isHidden(name) {
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
	case err == nil && info.IsDir() && hasFile(root, path.Join(name, site.GoneFile)):
		return target{status: http.StatusGone}
	case err != nil || isFolder || !info.Mode().IsRegular():
		return target{status: http.StatusNotFound}
	}
	return target{http.StatusOK, name}
}

// isHidden reports whether an element of a path begins with a dot. The folder
// .well-known at the root does not count.
func isHidden(name string) bool {
	name = strings.TrimPrefix(name, ".well-known/")
	return name != "." && strings.Contains("/"+name, "/.")
}

func hasFile(root *os.Root, name string) bool {
	info, err := root.Stat(filepath.FromSlash(name))
	return err == nil && info.Mode().IsRegular()
}

func (p *handler) serveFile(w http.ResponseWriter, r *http.Request, root *os.Root, name string) error {
	f, info, err := openFile(root, name)
	if err != nil {
		return err
	}
	defer f.Close()
	var content io.ReadSeeker = f
	tag := etag(info)
	if p.live != nil && p.live.accepts(name, info) {
		tag = p.live.tag(tag)
		if content, err = p.live.decorate(f, r.URL.Path, tag); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", site.ContentType(name))
	w.Header().Set("ETag", tag)
	http.ServeContent(w, r, name, info.ModTime(), content)
	return nil
}

// etag returns the entity tag of an output file. The generator never writes
// into an output file but replaces it, so that the tag identifies its bytes.
func etag(info fs.FileInfo) string {
	return fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size())
}

// serveMissing answers 404, with the site's own page 404.html if it exists.
func (p *handler) serveMissing(w http.ResponseWriter, r *http.Request, root *os.Root) error {
	const name = "404.html"
	f, info, err := openFile(root, name)
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, "There is no such page.", http.StatusNotFound)
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	var content io.Reader = f
	if p.live != nil && p.live.accepts(name, info) {
		if content, err = p.live.decorate(f, r.URL.Path, p.live.tag(missingETag)); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", site.ContentType(name))
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, content) // an error means that the client has disconnected
	}
	return nil
}

func openFile(root *os.Root, name string) (*os.File, fs.FileInfo, error) {
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
