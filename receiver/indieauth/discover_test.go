package indieauth_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"starpunk/receiver/indieauth"
)

// Each file of testdata/pages is a rule: its first line says it, its sections
// are the responses at the URLs that name them, and "want" what is to be found.
func TestEndpointsOfProfilePages(t *testing.T) {
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

// checkPage compares with lines of: token URL, introspection URL, error KIND,
// message PART. What is not named must not be there.
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
