package generator_test

import (
	"os"
	"strings"
	"testing"
)

func (s *testSite) redirects(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(s.path(".starpunk/redirects." + name))
	if err != nil {
		s.t.Fatal(err)
	}
	_, entries, _ := strings.Cut(string(data), "\n")
	return entries
}

func TestRedirectsAreMappedForWebServers(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	if got := s.redirects("nginx") + s.redirects("caddy"); got != "" {
		t.Errorf("maps of a site without aliases: %q", got)
	}
	file := "content/notes/2026/11/01-hello.md"
	// A line of a map must not be an instruction to the server that reads it.
	s.write(file, note("2026-11-01T09:00:00+01:00", `aliases: [/old.html, /Old/place, /old/PLACE, /größe, '/a"; return 200 "', '/{env.HOME}', "/$uri", /about]`, "Hello"))
	s.build()
	want := "\"/Old/place/\" \"/2026/11/hello/\"\n\"/größe/\" \"/2026/11/hello/\"\n\"/old.html\" \"/2026/11/hello/\"\n"
	for line := range strings.Lines(want) {
		if got := s.redirects("caddy"); !strings.Contains(got, line) || strings.Count(got, "\n") != 3 {
			t.Errorf("the map for Caddy is\n%s, want %s among three", got, line)
		}
		if got := s.redirects("nginx"); !strings.Contains(got, strings.TrimSpace(line)+";\n") || strings.Count(got, "\n") != 3 {
			t.Errorf("the map for nginx is\n%s, want %s among three", got, line)
		}
	}
	for _, name := range []string{"old.html", "Old/place/index.html"} {
		if !s.hasOutput(name) {
			t.Errorf("%s has no page", name)
		}
	}
	s.write(file, note("2026-11-01T09:00:00+01:00", "slug: bye\naliases: [/old.html]", "Hello"))
	s.build()
	if got := s.redirects("caddy"); got != "\"/old.html\" \"/2026/11/bye/\"\n" {
		t.Errorf("after the note moved the map is %q", got)
	}
	s.remove(file)
	s.build()
	if got := s.redirects("nginx"); got != "" {
		t.Errorf("after the note was removed the map is %q", got)
	}
}
