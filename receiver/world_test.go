package receiver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/generator"
	"starpunk/receiver"
	"starpunk/receiver/indieauth"
	"starpunk/site"
	"starpunk/site/store"
)

// now is what the clocks of these tests say.
var now = time.Date(2026, 11, 22, 8, 30, 0, 123, time.UTC)

// A world is a site with its receiver, and the owner's profile page and token
// endpoint on a server of their own.
type world struct {
	t     *testing.T
	cfg   *site.Config
	store *store.Store
	log   *syncBuffer
	auth  *httptest.Server

	around func(op store.Op, do func() error) error
	*httptest.Server
}

// scopes are the tokens that the authorization server knows, with what they
// may do: the token "create" may create, and so on. With "-TOPSECRET" at the
// end they are as good.
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
	"unasked":  "create",
}

// A setting changes a world before it is made.
type setting struct {
	config  string            // more of starpunk.toml
	files   map[string]string // below the site
	unready bool              // the notes are not scanned
	preview bool              // drafts and future notes are shown
	around  func(op store.Op, do func() error) error
}

func newWorld(t *testing.T, s setting) *world {
	t.Helper()
	w := &world{t: t, log: &syncBuffer{}, around: s.around}
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
	w.cfg.Preview = s.preview
	w.store = w.openStore()
	if !s.unready {
		w.scan()
	}
	w.Server = httptest.NewServer(w.receiver(w.store).Handler())
	t.Cleanup(w.Server.Close)
	return w
}

// in is the same world for a part of its test.
func (w *world) in(t *testing.T) *world {
	part := *w
	part.t = t
	return &part
}

// openStore opens the site as a process does.
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

func (w *world) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (w *world) receiver(st *store.Store) *receiver.Receiver {
	w.t.Helper()
	logger := w.logger()
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

// serveAuth is the owner's profile page and token endpoint.
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
	case token == "unasked":
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

// watch builds the site as long as the test runs.
func (w *world) watch() {
	w.t.Helper()
	st := w.openStore() // one of its own, as in another process
	g, err := generator.New(w.cfg, st, generator.Options{Now: func() time.Time { return now }})
	if err != nil {
		w.t.Fatal(err)
	}
	lock, err := st.LockBuild(w.t.Context())
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

// A response is one with its body read.
type response struct {
	*http.Response
	body string
}

func (r *response) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		t.Fatalf("%q is no JSON object: %v", r.body, err)
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

// create posts a note, which must succeed, and returns its address.
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

// notes lists the files below content/.
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

// note reads the only note with an address.
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

// wantError asserts an error response and that nothing was written.
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
		w.t.Errorf("%d, and yet there is %q", status, files)
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

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
