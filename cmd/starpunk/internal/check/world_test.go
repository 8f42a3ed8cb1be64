//go:build unix

package check_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"starpunk/cmd/starpunk/internal/check"
	"starpunk/generator"
	"starpunk/receiver"
	"starpunk/receiver/fetch"
	"starpunk/receiver/indieauth"
	"starpunk/receiver/preview"
	"starpunk/receiver/provider"
	"starpunk/receiver/provider/clientinfo"
	"starpunk/receiver/provider/state"
	"starpunk/site"
	"starpunk/site/store"
)

const testTimeout = 60 * time.Second // until a test fails; no time is measured

// A world is one built site at https://ada.example/, its receiver and a provider. Web
// servers in front of it listen on sockets below its folder.
type world struct {
	t        *testing.T
	dir      string // of sockets, certificates and configurations
	cfg      *site.Config
	sites    map[string]*site.Config // the same notes with other links; "": cfg
	receiver string                  // host:port
	old      string                  // the output folder of an earlier build
	empty    string                  // an empty folder
	pool     *x509.CertPool

	mu       sync.Mutex
	networks []*network
}

// A network connects the hosts of one test to sockets: "ada.example:443" to a path, or
// to host:port. A host that it does not have has no address in the DNS.
type network struct {
	*http.Transport
	places map[string]string
	fail   map[string]error // by the same key: the dial fails
}

func (w *world) network(places map[string]string) *network {
	n := &network{places: places}
	n.Transport = &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: w.pool}, ForceAttemptHTTP2: true,
		DialContext: n.dial,
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.networks = append(w.networks, n)
	return n
}

func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	if err := n.fail[address]; err != nil {
		return nil, err
	}
	place, ok := n.places[address]
	if !ok {
		host, _, _ := net.SplitHostPort(address)
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
	}
	kind := "tcp"
	if strings.HasPrefix(place, "/") {
		kind = "unix"
	}
	return (&net.Dialer{}).DialContext(ctx, kind, place)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir, err := os.MkdirTemp("", "check") // short, because the names of sockets are limited
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: dir, pool: x509.NewCertPool()}
	t.Cleanup(func() {
		for _, n := range w.networks {
			n.CloseIdleConnections()
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	w.old, w.empty = w.path("old"), w.path("empty")
	for _, name := range []string{w.empty, w.path("site/content/notes")} {
		if err := os.MkdirAll(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	w.certificates()
	w.startReceiver()
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) write(name, text string) string {
	w.t.Helper()
	if err := os.WriteFile(w.path(name), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
	return w.path(name)
}

// certificates writes certificates of an authority that the tests trust, and one that
// they do not.
func (w *world) certificates() {
	w.t.Helper()
	authority, key := w.certificate("authority", nil, nil, time.Hour)
	w.pool.AddCert(authority)
	for _, name := range []string{"ada.example", "auth.example", "www.ada.example", "other.example"} {
		w.certificate(name, authority, key, time.Hour)
	}
	w.certificate("unknown", nil, nil, time.Hour)
	if err := os.Mkdir(w.path("expired"), 0o755); err != nil {
		w.t.Fatal(err)
	}
	w.certificate("expired/ada.example", authority, key, -time.Hour)
}

// certificate writes NAME.pem and NAME.key. Without an issuer it vouches for itself.
func (w *world) certificate(name string, issuer *x509.Certificate, issuerKey *ecdsa.PrivateKey, valid time.Duration) (*x509.Certificate, *ecdsa.PrivateKey) {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	host := filepath.Base(name)
	if name == "unknown" {
		host = "ada.example"
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(valid),
		IsCA: issuer == nil, BasicConstraintsValid: true,
	}
	if issuer == nil {
		issuer, issuerKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), issuerKey)
	if err != nil {
		w.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		w.t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(name+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	w.write(name+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	return made, key
}

// serveTLS starts a server of this process and returns its host:port.
func (w *world) serveTLS(name string, h http.Handler) string {
	w.t.Helper()
	certificate, err := tls.LoadX509KeyPair(w.path(name+".pem"), w.path(name+".key"))
	if err != nil {
		w.t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(h)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	w.t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// An otherProvider is the owner's IndieAuth server.
type otherProvider struct {
	authorization int    // the status of its authorization endpoint
	introspection int    // the status of its introspection endpoint
	clock         string // its header Date; "" for the right one
}

func (p otherProvider) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if p.clock != "" {
		rw.Header().Set("Date", p.clock)
	}
	rw.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/metadata":
		_ = json.NewEncoder(rw).Encode(map[string]string{ // the client would notice
			"issuer": "https://auth.example/", "authorization_endpoint": "https://auth.example/auth",
			"token_endpoint": "https://auth.example/token", "introspection_endpoint": "https://auth.example/introspect",
		})
	case "/auth":
		rw.WriteHeader(p.authorization)
	case "/token":
		rw.WriteHeader(http.StatusBadRequest)
	case "/introspect":
		rw.WriteHeader(p.introspection)
		_, _ = io.WriteString(rw, `{"active":false}`)
	default:
		rw.WriteHeader(http.StatusNotFound)
	}
}

var healthyProvider = otherProvider{authorization: http.StatusOK, introspection: http.StatusOK}

const configuration = `
url = "https://ada.example/"
title = "Ada"
receiver = {max_upload = "2MiB"}
`

// links are those of the sites of a world.
var links = map[string]string{
	"": `links = {indieauth-metadata = "https://auth.example/metadata", authorization_endpoint = "https://auth.example/auth", token_endpoint = "https://auth.example/token"}`,

	"metadata": `links = {indieauth-metadata = "https://auth.example/metadata"}
index = ".starpunk/metadata.db"
build = {output = "metadata"}`,

	"provider": `provider = {enabled = true}
index = ".starpunk/provider.db"
build = {output = "provider"}`,

	"none": `index = ".starpunk/none.db"
build = {output = "none"}`,
}

func (w *world) parse(text string) *site.Config {
	w.t.Helper()
	cfg, err := site.ParseConfig(w.path("site"), []byte(text), func(string) string { return "" })
	if err != nil {
		w.t.Fatal(err)
	}
	return cfg
}

// startReceiver builds the site, keeps an older build, and starts the receiver.
func (w *world) startReceiver() {
	w.t.Helper()
	w.sites = map[string]*site.Config{}
	for name, more := range links {
		w.sites[name] = w.parse(configuration + more)
	}
	w.cfg = w.sites[""]
	log := slog.New(slog.DiscardHandler)
	w.note("first", "aliases: [/old/place/]")
	w.note("deleted", "")
	s := w.build(w.cfg, log)
	if err := os.CopyFS(w.old, os.DirFS(w.cfg.Build.Output)); err != nil {
		w.t.Fatal(err)
	}
	w.note("second", "")
	if _, err := s.Delete(w.t.Context(), "notes/2026-05-01-deleted.md", "/2026/05/deleted/"); err != nil {
		w.t.Fatal(err)
	}
	for _, cfg := range w.sites {
		if built := w.build(cfg, log); cfg == w.cfg {
			s = built
		}
	}

	page := w.serveTLS("ada.example", http.FileServer(http.Dir(w.cfg.Build.Output)))
	auth := w.serveTLS("auth.example", healthyProvider)
	verifier, err := indieauth.New(indieauth.Options{
		Me: w.cfg.Me, Dev: true, Logger: log, // without limits for many runs from one address
		Transport: w.network(map[string]string{"ada.example:443": page, "auth.example:443": auth}),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/micropub", receiver.New(receiver.Options{Config: w.cfg, Store: s, Verifier: verifier}).Handler())
	mux.Handle("/micropub/media", receiver.New(receiver.Options{Config: w.cfg, Store: s, Verifier: verifier}).Handler())
	mux.Handle("/", preview.New(w.cfg.Build.Output, log))
	own, err := provider.New(provider.Options{
		Base: w.cfg.URL, Me: w.cfg.Me, State: state.NewFile(w.cfg.ProviderFile(), w.cfg.LockDir()),
		Apps: clientinfo.NewFetcher(&fetch.Client{Transport: w.network(nil)}, time.Now),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	mux.Handle(provider.Prefix, own.Handler())
	mux.Handle(provider.MetadataPath, own.Handler())
	server := httptest.NewServer(mux)
	w.t.Cleanup(server.Close)
	w.receiver = server.Listener.Addr().String()
	for _, cfg := range w.sites {
		cfg.Receiver.Listen = w.receiver
	}
}

func (w *world) note(slug, key string) {
	w.t.Helper()
	w.write("site/content/notes/2026-05-01-"+slug+".md", "---\n"+key+"\n---\nThe "+slug+" note.\n")
}

// build builds a site, and returns its store, which the test closes.
func (w *world) build(cfg *site.Config, log *slog.Logger) *store.Store {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), cfg, store.Options{Logger: log})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { s.Close() })
	if err := s.Scan(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	lock, err := s.LockBuild(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	defer lock.Unlock()
	g, err := generator.New(cfg, s, generator.Options{Logger: log})
	if err != nil {
		w.t.Fatal(err)
	}
	if report, err := g.Build(w.t.Context()); err != nil || len(report.Problems) > 0 {
		w.t.Fatalf("build: %v, %+v", err, report)
	}
	return s
}

// run starts a web server and ends it with the test. It waits until the server
// accepts connections on each of the sockets.
func (w *world) run(sockets []string, name string, args ...string) {
	w.t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "HOME="+w.dir, "XDG_DATA_HOME="+w.dir, "XDG_CONFIG_HOME="+w.dir)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }() // the sockets show whether it runs
	w.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it has ended already, if the test failed
		<-ended
		if w.t.Failed() {
			w.t.Logf("%s printed:\n%.10000s", name, output.String())
		}
	})
	deadline := time.Now().Add(testTimeout)
	for _, socket := range sockets {
		for {
			conn, err := net.Dial("unix", socket)
			if err == nil {
				_ = conn.Close()
				break
			}
			select {
			case <-ended:
				w.t.Fatalf("%s ended", name)
			case <-time.After(5 * time.Millisecond):
			}
			if time.Now().After(deadline) {
				w.t.Fatalf("%s does not listen on %s: %v", name, socket, err)
			}
		}
	}
}

// options returns the options of a run through a network.
func (w *world) options(n *network) check.Options {
	cfg := w.cfg
	return check.Options{
		Config: cfg, Transport: n, Logger: slog.New(slog.DiscardHandler),
		Health: func(context.Context) error { return nil },
		NewVerifier: func() (*indieauth.Verifier, error) {
			return indieauth.New(indieauth.Options{Me: cfg.Me, SiteURL: cfg.URL, Logger: slog.New(slog.DiscardHandler), Transport: n})
		},
	}
}

var errStopped = errors.New("stopped")
