package main

import (
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A world is a site in production: a web server with TLS in front of it, and
// an authorization server elsewhere.
type world struct {
	t        *testing.T
	dir      string
	front    *httptest.Server // https; passes requests on to the site
	provider *httptest.Server // https
	up       chan struct{}    // closed when backend is known
	backend  *url.URL
	scope    string // of the token that is good
	env      []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, scope: "create update", dir: newSiteDir(t), up: make(chan struct{})}
	w.front = httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		<-w.up
		r.SetURL(w.backend)
		r.SetXForwarded()
	}})
	t.Cleanup(w.front.Close)
	w.provider = httptest.NewTLSServer(http.HandlerFunc(w.serveProvider))
	t.Cleanup(w.provider.Close)
	certificates := filepath.Join(t.TempDir(), "certificates.pem")
	writeFile(t, certificates, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.front.Certificate().Raw})))
	w.env = []string{"SSL_CERT_FILE=" + certificates, "SSL_CERT_DIR=" + t.TempDir()}
	return w
}

// serveProvider introspects tokens (RFC 7662); one is active.
func (w *world) serveProvider(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	answer := map[string]any{"active": false}
	switch r.URL.Path {
	case "/metadata":
		answer = map[string]any{
			"issuer": w.provider.URL + "/", "authorization_endpoint": w.provider.URL + "/auth",
			"token_endpoint": w.provider.URL + "/token", "introspection_endpoint": w.provider.URL + "/introspect",
		}
	case "/introspect":
		if r.PostFormValue("token") == "good" {
			answer = map[string]any{"active": true, "me": w.front.URL + "/", "client_id": "https://app.example/", "scope": w.scope}
		}
	}
	_ = json.NewEncoder(rw).Encode(answer) // the client would notice
}

// configure writes the site's configuration with some links.
func (w *world) configure(links string) {
	w.t.Helper()
	writeFile(w.t, filepath.Join(w.dir, "starpunk.toml"), fmt.Sprintf(`
url = %q
title = "In production"
[receiver]
listen = "127.0.0.1:0"
allow_private_network = true
max_upload = "256KiB" # "check" sends as much
[links]
%s
`, w.front.URL, links))
}

func (w *world) serve() *process {
	w.t.Helper()
	p := start(w.t, w.env, "serve", "--site", w.dir)
	address := p.wait(`"msg":"ready","listen":"([^"]+)"`)
	w.backend = &url.URL{Scheme: "http", Host: address}
	close(w.up)
	return p
}

// check runs the command with a token in its environment.
func (w *world) check(token string) (output string, err error) {
	cmd := exec.Command("starpunk", "check", "--token", "--site", w.dir)
	cmd.Env = append(append(os.Environ(), w.env...), "STARPUNK_TOKEN="+token)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestASiteThatIsItsOwnProfileInProduction goes from an empty output folder to
// the first post: the front page that names the provider is made by the same
// process that reads it.
func TestASiteThatIsItsOwnProfileInProduction(t *testing.T) {
	trustTestCertificates(t)
	w := newWorld(t)
	w.configure(fmt.Sprintf("indieauth-metadata = %q", w.provider.URL+"/metadata"))
	p := w.serve()
	site := w.front.URL + "/"

	location := created(t, "good", site, form, "content=Posted+in+production&mp-slug=first")
	wantText(t, "the page", location, "Posted in production")
	wantText(t, "the feed", site+"feed.xml", "Posted in production")
	if a := get(t, location); strings.Contains(a.body, "<script") {
		t.Errorf("a page in production has a script:\n%s", a.body)
	}
	if a := send(t, "bad", "POST", site+"micropub", form, "content=x"); a.status != http.StatusForbidden {
		t.Errorf("a token that is not active: %d %s", a.status, a.body)
	}

	out, err := w.check("good")
	if err != nil || !strings.Contains(out, "No problems found, 1 hint.\n") || !strings.Contains(out, "scopes create update") {
		t.Errorf("check: %v\n%s", err, out)
	}
	out, err = w.check("bad")
	if err == nil || !strings.Contains(out, "→ Access token is invalid or expired. Please re-authorize.") {
		t.Errorf("check with a bad token: %v\n%s", err, out)
	}
	if strings.Contains(out, "bad\n") {
		t.Errorf("check prints the token:\n%s", out)
	}
	p.stop()
	if log := p.said(); strings.Contains(log, "profile page:") || strings.Contains(log, "good") {
		t.Errorf("the log complains of a healthy profile, or holds the token:\n%s", log)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "public", "index.html")); err != nil {
		t.Error(err)
	}
}

func TestAProfileWithoutEndpointsGetsARemedy(t *testing.T) {
	trustTestCertificates(t)
	w := newWorld(t)
	w.configure("")
	p := w.serve()
	a := send(t, "good", "POST", w.front.URL+"/micropub", form, "content=x")
	if a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "token_endpoint") {
		t.Errorf("no endpoint: %d %s", a.status, a.body)
	}
	p.wait(`"level":"WARN","msg":"profile page: `)
	out, err := w.check("good")
	if err == nil || !strings.Contains(out, "\n1 problem found.\n") || !strings.Contains(out, "\nproblem 1       → Your site names no IndieAuth provider.") {
		t.Errorf("check: %v\n%s", err, out)
	}
	p.stop()
}

// trustTestCertificates lets this test's own requests accept the servers of
// httptest.
func trustTestCertificates(t *testing.T) {
	t.Helper()
	old := http.DefaultClient.Transport
	http.DefaultClient.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(func() { http.DefaultClient.Transport = old })
}
