package site

import (
	"path"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestCleanAddress(t *testing.T) {
	for _, tc := range []struct{ rule, given, want string }{
		{"a path ends with a slash", "old/name", "/old/name/"},
		{"a file of HTML does not", "/old/name.html", "/old/name.html"},
		{"the file of a page is the page", "/old/name/index.html", "/old/name/"},
		{"with a slash behind it, too", "/old/index.html/", "/old/"},
		{"or twice", "/old/index.html/index.html", "/old/"},
		{"a name that only ends like it is another", "/old/my-index.html", "/old/my-index.html"},
		{"that of the front page has its own address", "index.html", ""},
		{"and no page has such a folder", "/old/index.html/name/", ""},
		{"what a browser sends is the name itself", "/old%20n%C3%A4me/", "/old näme/"},
		{"also of a slash", "/old%2Fname", "/old/name/"},
		{"but not what leads elsewhere", "/a/%2e%2e/b/", ""},
		{"nor into a hidden folder", "/%2egit/", ""},
		{"nor bytes that are not text", "/a%FFb/", ""},
		{"a line end is in no address", "/a%0Ab/", ""},
		{"a tab neither", "/a%09b/", ""},
		{"nor a backslash", "/a%5Cb/", ""},
		{"nor the mark of a query", "/a%3Fb/", ""},
		{"nor a name that would be another if it was read again", "/a%2520b/", ""},
		{"folders that cancel each other go", "/a/../b/", "/b/"},
		{"an empty text is not an address", "", ""},
		{"the front page has its own", "/", ""},
		{"by whatever way", ".", ""},
		{"or back to it", "a/..", ""},
		{"another site's address is not one of ours", "https://b.example/a/", ""},
		{"a query is not a path", "/?p=1", ""},
		{"nor is one without a value", "/a?", ""},
		{"hidden folders are not pages", "/.well-known/x/", ""},
		{"a long path may be as long with its slashes as without", strings.Repeat("a/", 499) + "a", "/" + strings.Repeat("a/", 500)},
	} {
		if got := CleanAddress(tc.given); got != tc.want {
			t.Errorf("%s: CleanAddress(%q) = %q, want %q", tc.rule, tc.given, got, tc.want)
		}
	}
}

// wantPlain checks that a file can have an address: it begins and ends with a slash,
// or is a file of HTML, and no element of it is empty, hidden or leads elsewhere.
func wantPlain(t *testing.T, what, address string) {
	t.Helper()
	rest, ok := strings.CutSuffix(address, "/")
	if !strings.HasPrefix(address, "/") || !ok && path.Ext(address) != ".html" {
		t.Fatalf("%s gave %q", what, address)
	}
	for element := range strings.SplitSeq(strings.TrimPrefix(rest, "/"), "/") {
		if element == "" || strings.HasPrefix(element, ".") || !utf8.ValidString(element) || strings.ContainsAny(element, "%\\\x00\t\r\n") {
			t.Fatalf("%s gave %q, with the element %q", what, address, element)
		}
	}
	if file := OutputFile(address); path.Clean("/"+file) != "/"+file {
		t.Fatalf("%s gave %q, whose file is %q", what, address, file)
	}
}

func FuzzCleanAddress(f *testing.F) {
	for _, s := range []string{
		"old/name", "/old/name.html", "/a/../b/", "//host/a", "/.//a", "a//b/./c", "..", "/%2e%2e/x/", "/a%zz/", "a?b", "a#b",
		"/.well-known/x/", "C:\\x", "a\x00b", "/\u00fcber/", "\xff", "/a.html/", "/.html", "/a%20b/", "/a%2520b/", "/a%2f%2e%2e/b", "/%61%3a/", "/a%0a/", "/a/index.html", "/index.html/a", "?", strings.Repeat("a/", 499) + "a",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean := CleanAddress(s)
		if clean == "" {
			return
		}
		wantPlain(t, "CleanAddress("+s+")", clean)
		if again := CleanAddress(clean); again != clean {
			t.Fatalf("CleanAddress(%q) = %q, and of that %q", s, clean, again)
		}
	})
}

// With every accepted pattern, every note has a plain address.
func FuzzPermalink(f *testing.F) {
	for _, pattern := range []string{
		"/:year/:month/:slug/", "/:type/:year-:month-:day/:hour:minute/:slug/", "/:slug/", "/a/../:slug/", "/:slug/.", "/./:slug/", "/.:slug/",
		"//:slug/", "/:slugs/", "/:slug", ":slug/", "/a\x00/:slug/", "/?/:slug/", "/a:b/:slug/", "/.git/:slug/", "/:slug/:SLUG/", "/:slug//",
	} {
		f.Add(pattern, int64(1_700_000_000), "hello")
	}
	f.Fuzz(func(t *testing.T, pattern string, seconds int64, text string) {
		if checkPermalink(pattern) != nil {
			return
		}
		slug := MakeSlug(text)
		if slug == "" {
			slug = "093015"
		}
		n := &Note{Kind: KindNote, Slug: slug, Published: time.Unix(seconds%(1<<37), 0).UTC()} // years of four digits, as front matter has
		address := n.Permalink(pattern)
		wantPlain(t, pattern, address)
		if other := (&Note{Kind: KindNote, Slug: slug + "-2", Published: n.Published}).Permalink(pattern); other == address {
			t.Fatalf("with %q two notes have the address %q", pattern, address)
		}
		if clean := CleanAddress(address); clean != address {
			t.Fatalf("with %q a note has the address %q, which front matter cannot have: %q", pattern, address, clean)
		}
	})
}
