package indieauth_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"starpunk/receiver/indieauth"
)

// getWorld returns a world whose profile page names a token endpoint.
func getWorld(t *testing.T, endpoint http.HandlerFunc) *world {
	w := newWorld(t)
	w.handle(owner, text("text/html", tokenLink))
	w.handle(tokenURL, endpoint)
	return w
}

// introspectionWorld returns a world whose server metadata names both
// endpoints.
func introspectionWorld(t *testing.T, introspection, get http.HandlerFunc) *world {
	w := newWorld(t)
	w.handle(owner, text("text/html", `<link rel="indieauth-metadata" href="https://auth.example/meta">`))
	w.handle("https://auth.example/meta", text("application/json",
		`{"issuer":"https://auth.example/","token_endpoint":"https://auth.example/token","introspection_endpoint":"https://auth.example/introspect"}`))
	w.handle("https://auth.example/introspect", introspection)
	w.handle(tokenURL, get)
	return w
}

func TestWhichStatusesAreRetriedOrFinal(t *testing.T) {
	t.Parallel()
	const get, post = "GET https://auth.example/token", "POST https://auth.example/introspect"
	good := text("application/json", `{"active":true,"me":"https://owner.example/","scope":"create"}`)
	cases := []struct {
		rule                string
		introspection, get  http.HandlerFunc
		secret              string
		want                indieauth.Kind
		postTimes, getTimes int
	}{
		{"a response of introspection is enough", good, status(500), "", 0, 1, 0},
		{"401 for the credential: the GET", status(401), good, "", 0, 1, 1},
		{"403 for the credential: the GET", status(403), good, "", 0, 1, 1},
		{"404: the GET", status(404), good, "", 0, 1, 1},
		{"405: the GET", status(405), good, "", 0, 1, 1},
		{"a wrong secret: the GET", status(401), good, "wrong", 0, 1, 1},
		{"refused both ways", status(401), status(401), "", indieauth.Rejected, 1, 1},
		{"403 is final", status(401), status(403), "", indieauth.Rejected, 1, 1},
		{"400 is final", status(401), status(400), "", indieauth.Rejected, 1, 1},
		{"400 of introspection is about the token", status(400), good, "", indieauth.Rejected, 1, 0},
		{"429 is not about the token", status(429), good, "", indieauth.Unreachable, 1, 0},
		{"405 to the GET is not about the token", status(401), status(405), "", indieauth.Unreachable, 1, 1},
		{"500 is tried three times", status(500), good, "", indieauth.Unreachable, 3, 0},
		{"502 is tried three times", status(502), good, "", indieauth.Unreachable, 3, 0},
		{"503 is tried three times", status(503), good, "", indieauth.Unreachable, 3, 0},
		{"504 to the GET is tried three times", status(404), status(504), "", indieauth.Unreachable, 1, 3},
		{"501 is not retried", status(501), good, "", indieauth.Unreachable, 1, 0},
		{"204 is not an answer", status(204), good, "", indieauth.Unreachable, 1, 0},
		{"304 is not an answer", status(304), good, "", indieauth.Unreachable, 1, 0},
		{"500, 500, 200 is a success", fails(2, good), status(500), "", 0, 3, 0},
		{"a broken connection is retried", breaks(2, good), status(500), "", 0, 3, 0},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := introspectionWorld(t, c.introspection, c.get)
			v := w.verifier(indieauth.Options{IntrospectionSecret: c.secret})
			_, err := verify(t, v, "T")
			if c.want != 0 {
				wantKind(t, err, c.want)
			} else if err != nil {
				t.Errorf("%v, want the token", err)
			}
			if p, g := w.requests(post), w.requests(get); p != c.postTimes || g != c.getTimes {
				t.Errorf("%d POST and %d GET, want %d and %d", p, g, c.postTimes, c.getTimes)
			}
			if n, want := v.Counters().Retries, max(c.postTimes-1, 0)+max(c.getTimes-1, 0); n != uint64(want) {
				t.Errorf("%d retries counted, want %d", n, want)
			}
		})
	}
}

// fails answers 500 to the first n requests, then passes requests to next.
func fails(n int32, next http.HandlerFunc) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		if atomic.AddInt32(&n, -1) >= 0 {
			rw.WriteHeader(http.StatusInternalServerError)
			return
		}
		next(rw, r)
	}
}

// breaks closes the connection of the first n requests, then passes requests to
// next.
func breaks(n int32, next http.HandlerFunc) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		if atomic.AddInt32(&n, -1) >= 0 {
			panic(http.ErrAbortHandler)
		}
		next(rw, r)
	}
}

func TestIntrospectionThatRefusesTheCredential(t *testing.T) {
	t.Parallel()
	cases := []struct {
		rule   string
		status int
		secret string
		want   indieauth.Kind
	}{
		{"the token is its own credential: 401 rejects it", 401, "", indieauth.Rejected},
		{"a refused secret implies nothing about the token", 401, "secret", indieauth.Unreachable},
		{"a refused user and password imply nothing about the token", 403, "user:password", indieauth.Unreachable},
		{"the endpoint does not exist", 404, "", indieauth.Unreachable},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := newWorld(t)
			w.handle(owner, text("text/html", `<link rel="indieauth-metadata" href="https://auth.example/meta">`))
			w.handle("https://auth.example/meta", text("application/json",
				`{"issuer":"https://auth.example/","introspection_endpoint":"https://auth.example/introspect"}`))
			w.handle("https://auth.example/introspect", status(c.status))
			_, err := verify(t, w.verifier(indieauth.Options{IntrospectionSecret: c.secret}), "T")
			wantKind(t, err, c.want)
		})
	}
}

func TestTheCredentialOfIntrospection(t *testing.T) {
	t.Parallel()
	basic := func(userinfo string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(userinfo)) }
	for _, c := range []struct{ rule, secret, want string }{
		{"without a secret: the token itself", "", "Bearer T"},
		{"a bearer secret, unchanged", "s3cr%t+/=", "Bearer s3cr%t+/="},
		{"an unreserved user and password, unchanged", "user-1:pass_word.2~", basic("user-1:pass_word.2~")},
		{"other characters are encoded as in a form (RFC 6749 §2.3.1)", "usér:p:ss w+rd%", basic("us%C3%A9r:p%3Ass+w%2Brd%25")},
		{"a user without a password", "user:", basic("user:")},
	} {
		t.Run(c.rule, func(t *testing.T) {
			var got string
			w := introspectionWorld(t, func(rw http.ResponseWriter, r *http.Request) {
				got = r.Header.Get("Authorization")
				text("application/json", `{"active":true,"me":"https://owner.example/","scope":"create"}`)(rw, r)
			}, status(500))
			if _, err := verify(t, w.verifier(indieauth.Options{IntrospectionSecret: c.secret}), "T"); err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("Authorization: %q, want %q", got, c.want)
			}
		})
	}
}

func TestRedirectsOfATokenStayWithTheServer(t *testing.T) {
	t.Parallel()
	redirect := func(code int, to string) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Location", to)
			rw.WriteHeader(code)
		}
	}
	good := text("application/json", `{"active":true,"me":"https://owner.example/","scope":"create"}`)
	cases := []struct {
		rule                string
		introspection, get  http.HandlerFunc
		want                indieauth.Kind
		evilTimes, moreGETs int
	}{
		{"a GET follows within the origin", status(404), redirect(302, "/more"), 0, 0, 1},
		{"a POST follows as a POST", redirect(307, "/more"), status(500), 0, 0, 0},
		{"a POST is not repeated as a GET", redirect(302, "/more"), good, indieauth.Unsafe, 0, 0},
		{"a GET never goes to another host", status(404), redirect(302, "https://evil.example/"), indieauth.Unsafe, 0, 0},
		{"a POST never goes to another host", redirect(308, "https://evil.example/"), good, indieauth.Unsafe, 0, 0},
		{"a GET never goes to another port", status(404), redirect(302, "https://auth.example:8443/more"), indieauth.Unsafe, 0, 0},
		{"a GET never goes to plain HTTP", status(404), redirect(302, "http://auth.example/more"), indieauth.Unsafe, 0, 0},
		{"a redirect loop ends", status(404), redirect(302, "/token"), indieauth.Unsafe, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := introspectionWorld(t, c.introspection, c.get)
			w.handle("https://auth.example/more", good)
			w.handle("https://evil.example/", good)
			v := w.verifier(indieauth.Options{})
			_, err := verify(t, v, "T")
			if c.want != 0 {
				wantKind(t, err, c.want)
				if v.Counters().Violations["redirect"] != 1 {
					t.Errorf("violations %v, want one redirect", v.Counters().Violations)
				}
			} else if err != nil {
				t.Errorf("%v, want the token", err)
			}
			if n := w.requests("GET https://evil.example/") + w.requests("POST https://evil.example/"); n != 0 {
				t.Errorf("%d requests to the other host, want none", n)
			}
			if n := w.requests("GET https://auth.example/more"); n != c.moreGETs {
				t.Errorf("%d GETs followed, want %d", n, c.moreGETs)
			}
		})
	}
}

// Each file of testdata/exchanges is one exchange from the source that it names.
// The package must send the same requests and understand the responses.
func TestExchangesOfSpecificationsAndProviders(t *testing.T) {
	t.Parallel()
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
	var requestLines []string
	for suffix := range map[string]bool{"": true, " 2": true} {
		request, response := sections["request"+suffix], sections["response"+suffix]
		if request == "" {
			continue
		}
		line, _, _ := strings.Cut(request, "\n")
		requestLines = append(requestLines, line)
		_, url, _ := strings.Cut(line, " ")
		w.handle(url, expect(t, request, raw(t, []byte(response))))
	}
	v := w.verifier(indieauth.Options{Me: config["me"], IntrospectionSecret: config["secret"]})
	tok, verr := verify(t, v, config["token"])
	for _, line := range requestLines {
		if n := w.requests(line); n != 1 {
			t.Errorf("%s was requested %d times, want once", line, n)
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
		t.Errorf("scope %q does not include %q", tok.Scope, scope)
	}
	expires := ""
	if !tok.Expires.IsZero() {
		expires = tok.Expires.UTC().Format(time.RFC3339)
	}
	if expires != want["expires"] {
		t.Errorf("expires %q, want %q", expires, want["expires"])
	}
}

// expect compares a request with the recorded one, and its headers with the
// recorded headers.
func expect(t *testing.T, request string, next http.HandlerFunc) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		reader := textproto.NewReader(bufio.NewReader(strings.NewReader(request)))
		line, _ := reader.ReadLine()
		if got := r.Method + " https://" + r.Host + r.URL.String(); got != line {
			t.Errorf("request %q, want %q", got, line)
		}
		header, err := reader.ReadMIMEHeader()
		if err != nil {
			t.Errorf("recorded request: %v", err)
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

// lines parses lines of a name and a value.
func lines(s string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(s) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		m[name] = value
	}
	return m
}
