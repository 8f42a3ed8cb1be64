package indieauth_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"starpunk/receiver/indieauth"
)

// Each file of testdata/pages is a rule. Its first line states the rule. Its
// sections are the responses at the URLs that name them, and "want" is the
// expected result.
func TestEndpointsOfProfilePages(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/pages/*.txtar")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d pages (%v), want at least 60", len(files), err)
	}
	w := newWorld(t)
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSpace(string(archive.Comment)), func(t *testing.T) {
			w.mu.Lock()
			clear(w.handlers)
			w.mu.Unlock()
			var want string
			for _, section := range archive.Files {
				if section.Name == "want" {
					want = string(section.Data)
					continue
				}
				w.handle(section.Name, raw(t, section.Data))
			}
			found := w.verifier(indieauth.Options{}).Examine(t.Context(), "")
			checkPage(t, found, want)
		})
	}
}

// checkPage compares an examination with the lines of want: token URL,
// introspection URL, error KIND, message PART. Without a line, the value must
// be empty.
func checkPage(t *testing.T, found *indieauth.Examination, want string) {
	t.Helper()
	wanted := lines(want)
	if found.TokenEndpoint != wanted["token"] {
		t.Errorf("token endpoint %q, want %q", found.TokenEndpoint, wanted["token"])
	}
	if found.IntrospectionEndpoint != wanted["introspection"] {
		t.Errorf("introspection endpoint %q, want %q", found.IntrospectionEndpoint, wanted["introspection"])
	}
	kind, message := "", ""
	if found.Err != nil {
		kind, message = found.Err.Kind.String(), found.Err.Message
	}
	if kind != wanted["error"] {
		t.Errorf("error %q (%v), want %q", kind, found.Err, wanted["error"])
	}
	if !strings.Contains(message, wanted["message"]) {
		t.Errorf("message %q, want it to have %q", message, wanted["message"])
	}
	if t.Failed() {
		t.Logf("%+v", found.Findings)
	}
}

func TestOutageOfTheProfilePage(t *testing.T) {
	t.Parallel()
	cases := []struct {
		rule    string
		failure http.HandlerFunc
		passed  time.Duration  // since the discovery of the endpoints
		want    indieauth.Kind // 0 if the known endpoints are used
	}{
		{"500 after an hour", status(500), time.Hour, 0},
		{"a broken connection after an hour", breaks(1000, nil), time.Hour, 0},
		{"500 after a day", status(500), 24 * time.Hour, 0},
		{"500 after more than a day", status(500), 24*time.Hour + 1, indieauth.Unreachable},
		{"a broken connection after more than a day", breaks(1000, nil), 24*time.Hour + 1, indieauth.Unreachable},
		{"the page does not exist any more", status(404), time.Hour, indieauth.NoEndpoint},
		{"the page has no links any more", text("text/html", "<p>Moved.</p>"), time.Hour, indieauth.NoEndpoint},
		{"the endpoint became unsafe", text("text/html", `<link rel="token_endpoint" href="http://auth.example/token">`), time.Hour, indieauth.Unsafe},
		{"a redirect to plain HTTP", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://owner.example/", http.StatusFound)
		}, time.Hour, indieauth.Unsafe},
		{"a bad issuer", text("text/html", tokenLink+`<link rel="indieauth-metadata" href="https://auth.example/bad">`), time.Hour, indieauth.Unsafe},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := getWorld(t, text("application/json", goodAnswer))
			w.handle("https://auth.example/bad", text("application/json", `{"issuer":"https://evil.example/","token_endpoint":"https://auth.example/token"}`))
			v := w.verifier(indieauth.Options{})
			accept(t, v, "T")
			w.handle(owner, c.failure)
			w.Clock.Advance(c.passed)
			_, err := verify(t, v, "T")
			if c.want != 0 {
				wantKind(t, err, c.want)
				wantNoGrace(t, w, v)
				return
			}
			if err != nil {
				t.Fatalf("%v, want the known endpoints to be used", err)
			}
			if v.Counters().GraceUses == 0 || !strings.Contains(w.Log.String(), "known endpoints stay in use") {
				t.Errorf("the use was not counted and logged: %+v\n%s", v.Counters(), w.Log)
			}
		})
	}
}

// wantNoGrace checks that an outage after another failure finds no known
// endpoints.
func wantNoGrace(t *testing.T, w *world, v *indieauth.Verifier) {
	t.Helper()
	w.handle(owner, status(500))
	_, err := verify(t, v, "T")
	wantKind(t, err, indieauth.Unreachable)
	if n := v.Counters().GraceUses; n != 0 {
		t.Errorf("%d uses of old endpoints, want none", n)
	}
}

func TestDuringAnOutageThePageIsFetchedOnceAMinute(t *testing.T) {
	t.Parallel()
	w := getWorld(t, text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{})
	accept(t, v, "T")
	w.handle(owner, status(500))
	w.Clock.Advance(time.Hour)
	for range 5 {
		accept(t, v, "T")
	}
	wantRequests(t, w, 2, 6)
	w.Clock.Advance(time.Minute)
	w.handle(owner, text("text/html", tokenLink))
	accept(t, v, "T")
	wantRequests(t, w, 3, 7)
}

func TestAChangeOfEndpointsIsLoggedOnce(t *testing.T) {
	t.Parallel()
	w := getWorld(t, text("application/json", goodAnswer))
	w.handle("https://new.example/token", text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{})
	accept(t, v, "T")
	w.handle(owner, text("text/html", `<link rel="token_endpoint" href="https://new.example/token">`))
	w.Clock.Advance(time.Hour)
	accept(t, v, "T")
	if n := w.requests("GET https://new.example/token"); n != 1 {
		t.Errorf("%d requests to the new endpoint, want 1", n)
	}
	if n := v.Counters().EndpointChanges; n != 1 || strings.Count(w.Log.String(), "endpoints changed") != 1 {
		t.Errorf("%d changes counted, log:\n%s", n, w.Log)
	}
}
