package site

import "testing"

func TestCleanAddress(t *testing.T) {
	for _, tc := range []struct{ rule, given, want string }{
		{"a path ends with a slash", "old/name", "/old/name/"},
		{"a file of HTML does not", "/old/name.html", "/old/name.html"},
		{"folders that cancel each other go", "/a/../b/", "/b/"},
		{"nothing is no address", "", ""},
		{"the front page has its own", "/", ""},
		{"by whatever way", ".", ""},
		{"or back to it", "a/..", ""},
		{"another site's is none of ours", "https://b.example/a/", ""},
		{"hidden folders are not pages", "/.well-known/x/", ""},
	} {
		if got := CleanAddress(tc.given); got != tc.want {
			t.Errorf("%s: CleanAddress(%q) = %q, want %q", tc.rule, tc.given, got, tc.want)
		}
	}
}
