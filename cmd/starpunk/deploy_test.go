//go:build unix

package main

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"starpunk/cmd/starpunk/internal/deploytest"
	"starpunk/site"
)

// A deployment is a site behind a real web server that reads its configuration
// in docs/deploy, on this machine.
type deployment struct {
	*world
	t       *testing.T
	scratch string
	site    string // "https://localhost:1234/"
	backend string // where StarPunk listens
	program *process
	server  *exec.Cmd
	client  *http.Client
}

func TestBehindCaddy(t *testing.T) {
	deploytest.Needs(t, "caddy")
	d := newDeployment(t)
	admin := "unix/" + filepath.Join(d.scratch, "admin")
	config := d.configuration("Caddyfile",
		"ada.example {", fmt.Sprintf("{\n\tadmin %s\n\tauto_https disable_redirects\n}\n\n%s {\n\tbind 127.0.0.1\n\ttls %s %s", admin, strings.TrimSuffix(d.site, "/"), d.path("cert.pem"), d.path("key.pem")))
	d.run("caddy", "validate", "--adapter", "caddyfile", "--config", config)
	d.start("caddy", "run", "--adapter", "caddyfile", "--config", config)
	d.exercise(func() {
		d.run("caddy", "reload", "--force", "--adapter", "caddyfile", "--config", config, "--address", admin)
	})
}

func TestBehindNginx(t *testing.T) {
	deploytest.Needs(t, "nginx")
	d := newDeployment(t)
	port := strings.TrimSuffix(strings.TrimPrefix(d.site, "https://localhost:"), "/")
	server := d.configuration("nginx.conf",
		"listen 80;", "listen 127.0.0.1:"+freePort(t)+";", "listen [::]:80;", "",
		"listen 443 ssl", "listen 127.0.0.1:"+port+" ssl", "listen [::]:443 ssl http2;", "",
		"/etc/letsencrypt/live/ada.example/fullchain.pem", d.path("cert.pem"),
		"/etc/letsencrypt/live/ada.example/privkey.pem", d.path("key.pem"))
	config := d.path("main.conf")
	writeFile(t, config, deploytest.NginxMain(d.scratch, "\tinclude "+server+";"))
	if out := d.run("nginx", "-t", "-e", "stderr", "-c", config); strings.Contains(out, "[warn]") {
		t.Errorf("nginx -t warns:\n%s", out)
	}
	d.start("nginx", "-e", "stderr", "-c", config)
	d.exercise(func() {
		if err := d.server.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	})
}

// newDeployment makes a site whose front page names a provider, and runs it.
func newDeployment(t *testing.T) *deployment {
	t.Helper()
	d := &deployment{t: t, scratch: t.TempDir(), site: "https://localhost:" + freePort(t) + "/", backend: "127.0.0.1:" + freePort(t)}
	certificate := d.certificate()
	d.world = &world{t: t, scope: "create update delete media", dir: filepath.Join(d.scratch, "site"), front: &httptest.Server{URL: strings.TrimSuffix(d.site, "/")}}
	d.provider = httptest.NewTLSServer(http.HandlerFunc(d.serveProvider))
	t.Cleanup(d.provider.Close)

	trusted := append(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.provider.Certificate().Raw})...)
	writeFile(t, d.path("trusted.pem"), string(trusted))
	d.env = []string{"SSL_CERT_FILE=" + d.path("trusted.pem"), "SSL_CERT_DIR=" + t.TempDir()}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(trusted)
	d.client = &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	d.run("starpunk", "init", "--url", d.site, "--sign-in", strings.Join([]string{d.provider.URL + "/metadata", d.provider.URL + "/auth", d.provider.URL + "/token"}, ","), d.dir)
	config, err := os.ReadFile(filepath.Join(d.dir, "starpunk.toml"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(d.dir, "starpunk.toml"), string(config)+fmt.Sprintf("[receiver]\nlisten = %q\nallow_private_network = true\nmax_upload = \"1MiB\"\n", d.backend))
	if err := os.MkdirAll(filepath.Join(d.dir, "static/.well-known"), 0o777); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(d.dir, "static/.well-known/test"), "well known")
	writeFile(t, filepath.Join(d.dir, "static/.nojekyll"), "")
	p := start(t, d.env, "serve", "--site", d.dir)
	p.wait(`"msg":"ready"`)
	d.program = p
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil { // the test has not stopped it
			p.stop()
		}
	})
	return d
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func (d *deployment) path(name string) string { return filepath.Join(d.scratch, name) }

// certificate writes a certificate for localhost that vouches for itself.
func (d *deployment) certificate() []byte {
	d.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		d.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		d.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		d.t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	writeFile(d.t, d.path("cert.pem"), string(certificate))
	writeFile(d.t, d.path("key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	return certificate
}

// configuration writes a file of docs/deploy for this machine. replace has pairs of
// old and new texts. The file must have each of the old ones.
func (d *deployment) configuration(name string, replace ...string) string {
	d.t.Helper()
	host := strings.TrimSuffix(strings.TrimPrefix(d.site, "https://"), "/")
	if name == "nginx.conf" {
		replace = append(replace, "server_name ada.example", "server_name localhost")
	}
	replace = append(replace, "/srv/starpunk/ada.example", d.dir, "127.0.0.1:8080", d.backend, "ada.example", host)
	writeFile(d.t, d.path(name), deploytest.Configuration(d.t, "../..", name, replace...))
	return d.path(name)
}

func (d *deployment) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), d.env...)
	cmd.Env = append(cmd.Env, "HOME="+d.scratch, "XDG_DATA_HOME="+d.scratch, "XDG_CONFIG_HOME="+d.scratch)
	return cmd
}

func (d *deployment) run(name string, args ...string) string {
	d.t.Helper()
	out, err := d.command(name, args...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// start starts the web server and waits until it answers.
func (d *deployment) start(name string, args ...string) {
	d.t.Helper()
	var said bytes.Buffer
	d.server = d.command(name, args...)
	d.server.Stdout, d.server.Stderr = &said, &said
	if err := d.server.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		_ = d.server.Process.Signal(syscall.SIGTERM) // it has ended already, if the test failed
		_ = d.server.Wait()
		if d.t.Failed() {
			d.t.Logf("%s said:\n%s", name, said.String())
		}
	})
	for deadline := time.Now().Add(testTimeout); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		resp, err := d.client.Get(d.site)
		if err == nil {
			_ = resp.Body.Close()
			return
		}
	}
	d.t.Fatalf("%s never answered", name)
}

// A reply is what the web server answered.
type reply struct {
	status int
	header http.Header
	body   string
}

func (d *deployment) do(method, path, contentType string, body io.Reader, header ...string) reply {
	d.t.Helper()
	req, err := http.NewRequest(method, d.site+strings.TrimPrefix(strings.TrimPrefix(path, d.site), "/"), body)
	if err != nil {
		d.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for pair := range slices.Chunk(header, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	resp, err := d.client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(data)}
}

func (d *deployment) get(path string, header ...string) reply {
	d.t.Helper()
	return d.do("GET", path, "", nil, header...)
}

// post sends a Micropub form with the owner's token.
func (d *deployment) post(fields url.Values) reply {
	d.t.Helper()
	return d.do("POST", "micropub", form, strings.NewReader(fields.Encode()), "Authorization", "Bearer good")
}

// want compares what came with a status and with headers.
func (d *deployment) want(what string, got reply, status int, header ...string) {
	d.t.Helper()
	if got.status != status {
		d.t.Errorf("%s: %d, want %d\n%.300s", what, got.status, status, got.body)
	}
	for pair := range slices.Chunk(header, 2) {
		if values := strings.Join(got.header.Values(pair[0]), " | "); values != pair[1] {
			d.t.Errorf("%s: %s is %q, want %q", what, pair[0], values, pair[1])
		}
	}
}

const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self' https: data:; media-src 'self' https:; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// exercise does what an owner and readers do. reload has the server read its
// configuration again.
func (d *deployment) exercise(reload func()) {
	d.t.Helper()
	posted := d.post(url.Values{"content": {"Posted through a proxy. " + strings.Repeat("Long enough to be compressed. ", 40)}, "mp-slug": {"through"}})
	page := posted.header.Get("Location")
	if posted.status != http.StatusCreated || !strings.HasPrefix(page, d.site) {
		d.t.Fatalf("a post through the proxy: %d, Location %q\n%s", posted.status, page, posted.body)
	}
	d.want("the answer to a post", posted, http.StatusCreated, "Cache-Control", "no-store", "Access-Control-Allow-Origin", "*")
	d.readers(page)
	d.uploads()
	d.strangers()

	d.moved(page, reload)
	d.want("a delete", d.post(url.Values{"action": {"delete"}, "url": {page}}), http.StatusNoContent)
	for _, address := range []string{page, strings.TrimSuffix(page, "/")} {
		gone := d.get(address)
		d.want("a deleted note", gone, http.StatusGone, "Content-Security-Policy", pagePolicy)
		if !strings.Contains(gone.body, "<html") {
			d.t.Errorf("a deleted note has no page:\n%s", gone.body)
		}
	}
	if out := d.run("starpunk", "check", "--site", d.dir); !strings.Contains(out, "A deleted note answers 410.") || !strings.HasSuffix(out, "\nAll is well.\n") {
		d.t.Errorf("starpunk check:\n%s", out)
	}
	d.down()
}

// down stops StarPunk: apps are asked to try again, and readers notice nothing.
func (d *deployment) down() {
	d.t.Helper()
	d.program.stop()
	answers := map[string]reply{
		"a post": d.post(url.Values{"content": {"Too late"}}), "a query": d.get("micropub?q=config"), "an upload": d.do("POST", "micropub/media", form, strings.NewReader("x=1")),
	}
	for what, answer := range answers {
		d.want(what+" while StarPunk is stopped", answer, http.StatusServiceUnavailable,
			"Content-Type", "application/json", "Cache-Control", "no-store", "Access-Control-Allow-Origin", "*", "Retry-After", "5")
		if !strings.Contains(answer.body, `"error":"temporarily_unavailable"`) || strings.Contains(answer.body, "<") {
			d.t.Errorf("%s while StarPunk is stopped: %s", what, answer.body)
		}
	}
	d.want("the front page while StarPunk is stopped", d.get("/"), http.StatusOK)
	d.want("a page that is not there", d.get("/nowhere/"), http.StatusNotFound)
}

// readers looks at pages and feeds.
func (d *deployment) readers(page string) {
	d.t.Helper()
	got := d.get(page)
	d.want("the page", got, http.StatusOK,
		"Content-Type", "text/html; charset=utf-8", "Cache-Control", "no-cache", "Content-Security-Policy", pagePolicy,
		"X-Content-Type-Options", "nosniff", "Referrer-Policy", "strict-origin-when-cross-origin",
		"Strict-Transport-Security", "max-age=31536000", "Link", "")
	if !strings.Contains(got.body, "Posted through a proxy") {
		d.t.Errorf("the page is not the note's:\n%s", got.body)
	}
	d.want("the front page", d.get("/"), http.StatusOK, "Link",
		fmt.Sprintf("<%[1]smicropub>; rel=\"micropub\" | <%[1]smicropub/media>; rel=\"micropub_media\"", d.site))
	d.want("the page, asked about again", d.get(page, "If-None-Match", got.header.Get("Etag")), http.StatusNotModified)
	d.want("an address without its slash", d.get(strings.TrimSuffix(page, "/")), map[bool]int{true: 308, false: 301}[d.isCaddy()])

	packed := d.get(page, "Accept-Encoding", "gzip")
	d.want("the page, compressed", packed, http.StatusOK, "Content-Encoding", "gzip", "Vary", "Accept-Encoding")
	if r, err := gzip.NewReader(strings.NewReader(packed.body)); err != nil {
		d.t.Errorf("the page, compressed: %v", err)
	} else if data, err := io.ReadAll(r); err != nil || string(data) != got.body {
		d.t.Errorf("the compressed page is another: %v", err)
	}
	for address, contentType := range map[string]string{
		"/feed.xml": "application/rss+xml; charset=utf-8", "/feed.atom": "application/atom+xml; charset=utf-8",
		"/feed.json": "application/feed+json", "/notes/feed.xml": "application/rss+xml; charset=utf-8",
	} {
		d.want(address, d.get(address), http.StatusOK, "Content-Type", contentType)
	}
	if policy := d.get("/feed.xml").header.Values("Content-Security-Policy"); len(policy) != 1 || !strings.Contains(policy[0], "script-src 'self'") {
		d.t.Errorf("/feed.xml: Content-Security-Policy is %q, want one that allows its style sheet", policy)
	}
	_, style, _ := strings.Cut(got.body, `<link rel="stylesheet" href="`)
	style, _, _ = strings.Cut(style, `"`)
	d.want("the style sheet by its hash", d.get(style), http.StatusOK, "Cache-Control", "public, max-age=31536000, immutable", "Content-Type", "text/css; charset=utf-8")
	d.want("a page that is not there", d.get("/nowhere/"), http.StatusNotFound, "Content-Security-Policy", pagePolicy)
	if missing := d.get("/nowhere/"); !strings.Contains(missing.body, "Not found") {
		d.t.Errorf("what is missing has not the site's page:\n%s", missing.body)
	}
}

func (d *deployment) isCaddy() bool { return strings.HasSuffix(d.server.Path, "caddy") }

// uploads sends a picture, and one that is too large.
func (d *deployment) uploads() {
	d.t.Helper()
	gif, err := base64.StdEncoding.DecodeString("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
	if err != nil {
		d.t.Fatal(err)
	}
	upload := func(size int64) reply {
		var head bytes.Buffer
		parts := multipart.NewWriter(&head)
		if _, err := parts.CreateFormFile("file", "dot.gif"); err != nil {
			d.t.Fatal(err)
		}
		body := io.MultiReader(&head, bytes.NewReader(gif), io.LimitReader(zeros{}, size), strings.NewReader("\r\n--"+parts.Boundary()+"--\r\n"))
		return d.do("POST", "micropub/media", parts.FormDataContentType(), body, "Authorization", "Bearer good", "Expect", "100-continue")
	}
	sent := upload(0)
	d.want("an upload", sent, http.StatusCreated)
	got := d.get(sent.header.Get("Location"))
	d.want("the upload", got, http.StatusOK, "Content-Type", "image/gif", "Cache-Control", "public, max-age=31536000, immutable", "X-Content-Type-Options", "nosniff")
	if got.body != string(gif) {
		d.t.Errorf("the upload came back as %q", got.body)
	}
	d.want("an upload that is too large", upload(2<<20), http.StatusRequestEntityTooLarge)
}

// zeros is an endless file.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// strangers looks for what is not theirs to see or do.
func (d *deployment) strangers() {
	d.t.Helper()
	d.want("a post without a token", d.do("POST", "micropub", form, strings.NewReader("content=x")), http.StatusUnauthorized)
	d.want("a query with a token", d.get("micropub?q=config", "Authorization", "Bearer good"), http.StatusOK)
	d.want("a query without one", d.get("micropub?q=config"), http.StatusUnauthorized)
	d.want("what is well known", d.get("/.well-known/test"), http.StatusOK)
	for _, hidden := range []string{"/.starpunk", "/.nojekyll", "/starpunk.toml", "/%2e%2e/starpunk.toml", "/micropub/x"} {
		if got := d.get(hidden); got.status != http.StatusNotFound && got.status != http.StatusBadRequest {
			d.t.Errorf("GET %s: %d, want 404\n%.200s", hidden, got.status, got.body)
		}
	}
}

// moved gives the note an address that it had before.
func (d *deployment) moved(page string, reload func()) {
	d.t.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "content/notes/*/*/*-through.md"))
	if err != nil || len(files) != 1 {
		d.t.Fatalf("files of the note: %q, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		d.t.Fatal(err)
	}
	writeFile(d.t, files[0], strings.Replace(string(data), "---\n", "---\naliases: [/old/place/]\n", 1))
	var got reply
	for deadline := time.Now().Add(testTimeout); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if got = d.get("/old/place/"); got.status == http.StatusOK {
			break
		}
	}
	d.want("an old address, before the map is read", got, http.StatusOK)
	for deadline := time.Now().Add(testTimeout); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		reload()
		if got = d.get("/old/place/"); got.status == http.StatusMovedPermanently {
			break
		}
	}
	d.want("an old address", got, http.StatusMovedPermanently)
	if to, err := url.Parse(d.site); err != nil || to.ResolveReference(&url.URL{Path: got.header.Get("Location")}).String() != page && got.header.Get("Location") != page {
		d.t.Errorf("an old address leads to %q, want %q", got.header.Get("Location"), page)
	}
}

// TestUnitsOfSystemd lets systemd read the units, and rate how much of the machine
// they leave open.
func TestUnitsOfSystemd(t *testing.T) {
	deploytest.Needs(t, "systemd-analyze")
	dir := t.TempDir()
	units, err := filepath.Glob("../../docs/deploy/*.service")
	if err != nil || len(units) != 4 {
		t.Fatalf("units: %q, %v", units, err)
	}
	path, err := filepath.Glob("../../docs/deploy/*.path")
	if err != nil || len(path) != 1 {
		t.Fatalf("units: %q, %v", path, err)
	}
	program, err := exec.LookPath("starpunk")
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range append(units, path...) {
		data, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, filepath.Base(unit)), strings.ReplaceAll(string(data), "/usr/local/bin/starpunk", program))
	}
	for _, unit := range append(units, path...) {
		t.Run(filepath.Base(unit), func(t *testing.T) {
			verify := exec.Command("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", filepath.Join(dir, filepath.Base(unit)))
			if out, err := verify.CombinedOutput(); err != nil || strings.Contains(string(out), "Unknown") {
				t.Errorf("systemd-analyze verify: %v\n%s", err, out)
			}
			if !strings.HasPrefix(filepath.Base(unit), "starpunk-redirects") {
				// Of 100: 20 is what systemd calls "ok", the lower the better.
				secure := exec.Command("systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", filepath.Join(dir, filepath.Base(unit)))
				if out, err := secure.CombinedOutput(); err != nil {
					t.Errorf("systemd-analyze security: %v\n%s", err, out)
				}
			}
		})
	}
}

// Behind the gateway of a container network all clients have one address, unless the
// gateway is trusted to name them.
func TestTheImageTrustsItsGatewayAndNoStranger(t *testing.T) {
	image, err := os.ReadFile("../../docs/deploy/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^ENV .*\bSTARPUNK_TRUSTED_PROXIES=(\S+)$`).FindSubmatch(image)
	if m == nil {
		t.Fatal("the Containerfile trusts no gateway")
	}
	env := func(name string) string {
		if name == "STARPUNK_TRUSTED_PROXIES" {
			return string(m[1])
		}
		return ""
	}
	cfg, err := site.ParseConfig(t.TempDir(), []byte("url = \"https://a.example/\"\ntitle = \"A\"\n"), env)
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "10.88.0.1": true, "172.17.0.1": true, "192.168.65.1": true, "fd00::1": true,
		"203.0.113.9": false, "2001:db8::1": false, "172.32.0.1": false,
	} {
		trusted := slices.ContainsFunc(cfg.Receiver.ProxyPrefixes(), func(p netip.Prefix) bool { return p.Contains(netip.MustParseAddr(address)) })
		if trusted != want {
			t.Errorf("%s is trusted: %v, want %v", address, trusted, want)
		}
	}
}
