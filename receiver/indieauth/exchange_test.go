package indieauth_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"starpunk/receiver/indieauth"
)

// Each file of testdata/exchanges replays one exchange from the source that it
// names: the requests must be those, and the answers must be understood.
func TestExchangesOfSpecificationsAndProviders(t *testing.T) {
	files, err := filepath.Glob("testdata/exchanges/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no exchanges (%v)", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { replay(t, file) })
	}
}

func replay(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, f := range archive.Files {
		sections[f.Name] = string(f.Data)
	}
	config, want := lines(sections["config"]), lines(sections["want"])
	w := newWorld(t)
	now, err := time.Parse(time.RFC3339, config["now"])
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.now = now
	w.handle(config["me"], text("text/html", fmt.Sprintf(
		`<link rel="indieauth-metadata" href="https://metadata.example/"><link rel="token_endpoint" href="%s">`, config["token-endpoint"])))
	if config["introspection"] != "" {
		w.handle("https://metadata.example/", text("application/json", fmt.Sprintf(
			`{"issuer":"https://metadata.example/","introspection_endpoint":%q,"token_endpoint":%q}`,
			config["introspection"], config["token-endpoint"])))
	}
	var asked []string
	for suffix := range map[string]bool{"": true, " 2": true} {
		request, response := sections["request"+suffix], sections["response"+suffix]
		if request == "" {
			continue
		}
		line, _, _ := strings.Cut(request, "\n")
		asked = append(asked, line)
		_, url, _ := strings.Cut(line, " ")
		w.handle(url, expect(t, request, raw(t, []byte(response))))
	}
	v := w.verifier(indieauth.Options{Me: config["me"], IntrospectionSecret: config["secret"]})
	tok, verr := verify(t, v, config["token"])
	for _, line := range asked {
		if n := w.requests(line); n != 1 {
			t.Errorf("%s was asked for %d times, want once", line, n)
		}
	}
	checkToken(t, tok, verr, want)
}

func checkToken(t *testing.T, tok *indieauth.Token, err *indieauth.Error, want map[string]string) {
	t.Helper()
	if want["error"] != "" {
		if err == nil || err.Kind.String() != want["error"] {
			t.Errorf("error %v, want %s", err, want["error"])
		}
		return
	}
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	if got := strings.Join(tok.Scope, " "); got != want["scope"] {
		t.Errorf("scope %q, want %q", got, want["scope"])
	}
	if tok.ClientID != want["client"] {
		t.Errorf("client %q, want %q", tok.ClientID, want["client"])
	}
	if scope := want["has"]; scope != "" && !tok.Has(scope) {
		t.Errorf("scope %q does not stand for %q", tok.Scope, scope)
	}
	expires := ""
	if !tok.Expires.IsZero() {
		expires = tok.Expires.UTC().Format(time.RFC3339)
	}
	if expires != want["expires"] {
		t.Errorf("expires %q, want %q", expires, want["expires"])
	}
}

// expect compares a request with how it is written down; of the headers, those
// that are written.
func expect(t *testing.T, request string, next http.HandlerFunc) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		reader := textproto.NewReader(bufio.NewReader(strings.NewReader(request)))
		line, _ := reader.ReadLine()
		if got := r.Method + " https://" + r.Host + r.URL.String(); got != line {
			t.Errorf("request %q, want %q", got, line)
		}
		header, err := reader.ReadMIMEHeader()
		if err != nil {
			t.Errorf("request as written down: %v", err)
		}
		for name := range header {
			if got := r.Header.Get(name); got != header.Get(name) {
				t.Errorf("%s: %q, want %q", name, got, header.Get(name))
			}
		}
		want, _ := io.ReadAll(reader.R)
		got, _ := io.ReadAll(r.Body)
		if string(got) != strings.TrimSpace(string(want)) {
			t.Errorf("body %q, want %q", got, want)
		}
		next(rw, r)
	}
}

// lines reads lines of a name and a value.
func lines(s string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(s) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		m[name] = value
	}
	return m
}
