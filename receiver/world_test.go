package receiver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"starpunk/generator"
	"starpunk/receiver"
	"starpunk/receiver/indieauth"
	"starpunk/receiver/internal/logtest"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/durable"
)

// now is the time of all clocks in these tests.
var now = time.Date(2026, 11, 22, 8, 30, 0, 123, time.UTC)

// A world is a site with its receiver. A second server has the owner's profile
// page and token endpoint.
type world struct {
	t     *testing.T
	cfg   *site.Config
	store *store.Store
	log   *logtest.Buffer
	auth  *httptest.Server

	around func(op durable.Op, do func() error) error
	*httptest.Server
}

// scopes has the tokens that the authorization server accepts, with their
// scopes: the token "create" may create, and so on. The suffix "-TOPSECRET"
// changes nothing.
var scopes = map[string]string{
	"all":      "create update delete undelete media",
	"create":   "create",
	"post":     "post",
	"draft":    "draft",
	"media":    "media",
	"update":   "update",
	"delete":   "delete",
	"undelete": "undelete",
	"profile":  "profile email",
	"creation": "creation",
	"other":    "create",
	"failing":  "create",
}

// A setting configures a world.
type setting struct {
	config  string            // further lines of starpunk.toml
	files   map[string]string // below the site
	unready bool              // do not scan the notes
	preview bool              // show drafts and scheduled notes
	around  func(op durable.Op, do func() error) error

	publishWait time.Duration // of receiver.publish_wait; 0 means an hour
}

func newWorld(t *testing.T, s setting) *world {
	t.Helper()
	w := &world{t: t, log: &logtest.Buffer{}, around: s.around}
	w.auth = httptest.NewServer(http.HandlerFunc(w.serveAuth))
	t.Cleanup(w.auth.Close)
	dir := t.TempDir()
	for name, text := range s.files {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
	toml := "url = \"https://example.org/\"\ntitle = \"Test\"\nme = \"" + w.auth.URL + "/\"\ntimezone = \"Europe/Berlin\"\n" + s.config
	var err error
	if w.cfg, err = site.ParseConfig(dir, []byte(toml), func(string) string { return "" }); err != nil {
		t.Fatal(err)
	}
	if s.publishWait == 0 {
		s.publishWait = time.Hour // a test never passes or fails by the clock
	}
	w.cfg.Receiver.PublishWait.Duration = s.publishWait
	w.cfg.Preview = s.preview
	w.store = w.openStore()
	if !s.unready {
		w.scan()
	}
	w.Server = httptest.NewServer(w.receiver(w.store).Handler())
	t.Cleanup(w.Server.Close)
	return w
}

// in returns the same world for a subtest.
func (w *world) in(t *testing.T) *world {
	part := *w
	part.t = t
	return &part
}

// openStore opens the site like a process.
func (w *world) openStore() *store.Store {
	w.t.Helper()
	st, err := store.Open(w.t.Context(), w.cfg, store.Options{Now: func() time.Time { return now }, Around: w.around})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := st.Close(); err != nil {
			w.t.Errorf("close store: %v", err)
		}
	})
	return st
}

func (w *world) scan() {
	w.t.Helper()
	if err := w.store.Scan(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) receiver(st *store.Store) *receiver.Receiver {
	w.t.Helper()
	logger := w.log.Logger()
	verifier, err := indieauth.New(indieauth.Options{
		Me: w.cfg.Me, SiteURL: w.cfg.URL, Version: "test", Dev: true, TokenCache: true, Logger: logger,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return receiver.New(receiver.Options{
		Config: w.cfg, Store: st, Verifier: verifier, Logger: logger, Now: func() time.Time { return now },
	})
}

// serveAuth serves the owner's profile page and token endpoint.
func (w *world) serveAuth(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" {
		rw.Header().Set("Content-Type", "text/html")
		fmt.Fprint(rw, `<!doctype html><link rel="token_endpoint" href="/token">`)
		return
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	token = strings.TrimSuffix(token, "-TOPSECRET")
	scope, ok := scopes[token]
	me := w.auth.URL + "/"
	switch {
	case token == "failing":
		rw.WriteHeader(http.StatusBadGateway)
		return
	case token == "other":
		me = "https://other.example/"
	case !ok:
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(rw, `{"me":%q,"client_id":"https://app.example/","scope":%q}`, me, scope)
}

// watch builds the site until the test ends.
func (w *world) watch() {
	w.t.Helper()
	w.watchWith(w.lockBuild())
}

// lockBuild takes the build lock with a store of its own, as another process does.
func (w *world) lockBuild() (*store.Store, *store.Lock) {
	w.t.Helper()
	st := w.openStore()
	lock, err := st.LockBuild(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return st, lock
}

// watchWith builds the site until the test ends. It releases lock then.
func (w *world) watchWith(st *store.Store, lock *store.Lock) {
	w.t.Helper()
	g, err := generator.New(w.cfg, st, generator.Options{Now: func() time.Time { return now }})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- g.Watch(ctx, func() { close(ready) }) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			w.t.Errorf("watch: %v", err)
		}
		if err := lock.Unlock(); err != nil {
			w.t.Errorf("unlock: %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-done:
		done <- err
		w.t.Fatalf("watch: %v", err)
	}
}

// A response is a response with its body.
type response struct {
	*http.Response
	body string
}

func (r *response) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		t.Fatalf("%q is not a JSON object: %v", r.body, err)
	}
	return v
}

func (w *world) do(r *http.Request) *response {
	w.t.Helper()
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		w.t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	return &response{res, string(body)}
}

func (w *world) request(method, path, token, contentType, body string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

func (w *world) post(token, contentType, body string) *response {
	w.t.Helper()
	return w.do(w.request("POST", "/micropub", token, contentType, body))
}

func (w *world) get(token, query string) *response {
	w.t.Helper()
	return w.do(w.request("GET", "/micropub?"+query, token, "", ""))
}

// create posts a note and returns its address. The post must succeed.
func (w *world) create(contentType, body string) string {
	w.t.Helper()
	res := w.post("all", contentType, body)
	location := res.Header.Get("Location")
	if res.StatusCode != http.StatusCreated && res.StatusCode != http.StatusAccepted || location == "" {
		w.t.Fatalf("create %.200q: %d, Location %q, %s", body, res.StatusCode, location, res.body)
	}
	if res.json(w.t)["url"] != location {
		w.t.Errorf("create %.200q: %s, want the Location %q as url", body, res.body, location)
	}
	return location
}

// notes returns the files below content/.
func (w *world) notes() []string {
	w.t.Helper()
	files := []string{}
	err := filepath.WalkDir(w.cfg.ContentDir(), func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(w.cfg.ContentDir(), p)
			files = append(files, filepath.ToSlash(name))
		}
		if os.IsNotExist(err) {
			return nil
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return files
}

// note returns the note with an address.
func (w *world) note(location string) *site.Note {
	w.t.Helper()
	for _, file := range w.notes() {
		n, err := w.store.Read(file)
		if err != nil {
			w.t.Fatal(err)
		}
		if w.cfg.Absolute(site.EscapePath(n.Permalink(w.cfg.Permalink))) == location {
			return n
		}
	}
	w.t.Fatalf("no file has the address %s among %q", location, w.notes())
	return nil
}

// wantError checks an error response, and that nothing was written.
func (w *world) wantError(res *response, status int, code string) {
	w.t.Helper()
	if res.StatusCode != status {
		w.t.Fatalf("%s %s: %d %s, want %d", res.Request.Method, res.Request.URL, res.StatusCode, res.body, status)
	}
	got := res.json(w.t)
	if got["error"] != code || got["error_description"] == "" || res.Header.Get("Content-Type") != "application/json" {
		w.t.Errorf("%d with %s, want the error %q and a description", status, res.body, code)
	}
	if files := w.notes(); len(files) > 0 {
		w.t.Errorf("%d, but these files exist: %q", status, files)
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// send posts a JSON request about a note.
func (w *world) send(token, action, url, members string) *response {
	w.t.Helper()
	if members != "" {
		members = "," + members
	}
	return w.post(token, jsonType, fmt.Sprintf(`{"action":%q,"url":%q%s}`, action, url, members))
}

func (w *world) want(res *response, status int) {
	w.t.Helper()
	if res.StatusCode != status {
		w.t.Fatalf("%d %s, want %d", res.StatusCode, res.body, status)
	}
}

func (w *world) file(name string) string {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.cfg.ContentDir(), filepath.FromSlash(name)))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}

// source returns the properties of a note from q=source.
func (w *world) source(url string) map[string]any {
	w.t.Helper()
	res := w.get("all", "q=source&url="+url)
	w.want(res, http.StatusOK)
	return res.json(w.t)["properties"].(map[string]any)
}

// output returns a file of the output.
func (w *world) output(name string) string {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.cfg.Build.Output, filepath.FromSlash(name)))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}

func (w *world) missing(name string) {
	w.t.Helper()
	if _, err := os.Stat(filepath.Join(w.cfg.Build.Output, filepath.FromSlash(name))); !os.IsNotExist(err) {
		w.t.Errorf("%s exists: %v", name, err)
	}
}

func (w *world) mediaFiles() []string {
	w.t.Helper()
	var names []string
	for _, pattern := range []string{"*", ".*", "*/*"} {
		found, err := filepath.Glob(filepath.Join(w.cfg.MediaDir(), pattern))
		if err != nil {
			w.t.Fatal(err)
		}
		for _, name := range found {
			if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() {
				names = append(names, name)
			}
		}
	}
	return names
}

// openScanned opens the site like a second process and scans all notes.
func (w *world) openScanned() *store.Store {
	w.t.Helper()
	st := w.openStore()
	if err := st.Scan(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return st
}
