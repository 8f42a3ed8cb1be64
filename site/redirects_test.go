package site

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// redirectConfig returns the configuration of a site with a table of redirects.
func redirectConfig(table string) (*Config, error) {
	return ParseConfig("/srv/blog", []byte(minimal+"[redirects]\n"+table), environ(nil))
}

func TestRedirectsOfTheConfiguration(t *testing.T) {
	c, err := redirectConfig(`
"/old/" = "/new/"
"/old page" = "/new/?a=b#part"
"/away.html" = "https://other.example/x?y=z"
"/home/" = "https://example.ORG"
"/index.xml" = "/feed.xml"
"/atom.xml" = "/rss"
"/rss" = "/feed.atom"
"/feed/" = "/feed.xml"
"/blog.html" = "/feed.xml"
"/tags/b/feed.xml" = "/tags/caf%C3%A9/feed.xml"
"/other/feed.rss" = "/no-type/feed.xml"
"/photos.rss" = "/photos/feed.xml"
"/same/index.html" = "/new/"
"/same" = "/new/"
`)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Redirect{
		"/old/":            {To: "/new/"},
		"/old page/":       {To: "/new/?a=b#part"},
		"/away.html":       {To: "https://other.example/x?y=z"},
		"/home/":           {To: "/"},
		"/index.xml":       {To: "/feed.xml", Feed: "/feed.xml"},
		"/atom.xml":        {To: "/feed.atom", Feed: "/feed.atom"},
		"/rss/":            {To: "/feed.atom", Feed: "/feed.atom"},
		"/feed/":           {To: "/feed.xml", Feed: "/feed.xml"},
		"/blog.html":       {To: "/feed.xml"},
		"/tags/b/feed.xml": {To: "/tags/caf%C3%A9/feed.xml", Feed: "/tags/café/feed.xml"},
		"/other/feed.rss/": {To: "/no-type/feed.xml"},
		"/photos.rss":      {To: "/photos/feed.xml", Feed: "/photos/feed.xml"},
		"/same/":           {To: "/new/"},
	}
	for _, address := range c.RedirectAddresses() {
		got, _ := c.RedirectFrom(address)
		got.From, got.Line = "", 0
		if got != want[address] {
			t.Errorf("%s: got %+v, want %+v", address, got, want[address])
		}
	}
	if len(c.RedirectAddresses()) != len(want) {
		t.Errorf("addresses: %q", c.RedirectAddresses())
	}
	copies := []string{"/atom.xml", "/feed/", "/index.xml", "/rss/"}
	if got := c.FeedCopies("/feed.xml"); !slices.Equal(got, copies) {
		t.Errorf("copies of the feed: %q, want %q", got, copies)
	}
}

func TestMistakesInRedirectsNameTheLine(t *testing.T) {
	many := func(n int, to string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "\"/%d.xml\" = %q\n", i, to)
		}
		return b.String()
	}
	chain := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "\"/%d/\" = \"/%d/\"\n", i, i+1)
		}
		return b.String()
	}
	for _, c := range []struct{ name, table, want string }{
		{"an address begins with a slash", `"old/" = "/new/"`, `starpunk.toml:4: redirects: "old/" is not a path such as "/old/"`},
		{"an address is not a URL", `"https://a.example/" = "/new/"`, `is not a path such as`},
		{"an address has no query", `"/?p=4" = "/new/"`, `is not a path such as`},
		{"an address has no hidden folder", `"/.git/" = "/new/"`, `"/.git/" cannot be the address of a page of this site`},
		{"the front page stays", `"/" = "/new/"`, `"/" cannot be the address of a page`},
		{"feeds of the site stay", `"/feed.xml" = "/new/"`, `"/feed.xml" is the address of the site's own /feed.xml`},
		{"the endpoint stays", `"/Micropub/media" = "/new/"`, `is an address of StarPunk itself`},
		{"a target is not empty", `"/old/" = ""`, `starpunk.toml:4: redirects: /old/: "" is neither a path such as "/new/" nor an http(s) URL`},
		{"a target is not relative", `"/old/" = "new/"`, `is neither a path`},
		{"a target has a scheme of the web", `"/old/" = "javascript:alert(1)"`, `is neither a path`},
		{"a target names its scheme", `"/old/" = "//evil.example/"`, `is neither a path`},
		{"a target has no password", `"/old/" = "https://a:b@c.example/"`, `is neither a path`},
		{"a target has no control characters", `"/old/" = "/new\n/"`, `is neither a path`},
		{"a target is a text", `"/old/" = 7`, `starpunk.toml:4: redirects./old/: must be a text`},
		{"a target has a bound", `"/old/" = "/` + strings.Repeat("x", maxRedirectBytes) + `"`, `is neither a path`},
		{"an address leads to one target", "\"/old/\" = \"/a/\"\n\"/old\" = \"/b/\"", `starpunk.toml:5: redirects: /old: the same address as /old/ on line 4; remove one`},
		{"no address leads to itself", `"/old" = "/old/index.html"`, `starpunk.toml:4: redirects: /old leads back to itself: /old/ → /old/`},
		{"no circles", "\"/a/\" = \"/b/\"\n\"/b/\" = \"https://example.org/c#x\"\n\"/c/\" = \"/a/\"", `starpunk.toml:4: redirects: /a/ leads back to itself: /a/ → /b/ → /c/ → /a/`},
		{"no way into a circle", "\"/z/\" = \"/a/\"\n\"/a/\" = \"/b/\"\n\"/b/\" = \"/a/\"", `leads back to itself`},
		{"chains have a bound", chain(maxRedirectHops + 1), `leads over more than 9 other redirects`},
		{"copies of feeds have a bound", many(maxFeedCopies+1, "/feed.xml"), `more than 20 addresses lead to feeds`},
		{"the table has a bound", many(maxRedirects+1, "/new/"), `starpunk.toml:3: redirects: 10001 entries, at most 10000 are possible`},
	} {
		_, err := redirectConfig(c.table)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	for name, table := range map[string]string{"as long a chain": chain(maxRedirectHops), "as large a table": many(maxRedirects, "/new/"), "as many copies": many(maxFeedCopies, "/feed.xml")} {
		if _, err := redirectConfig(table); err != nil {
			t.Errorf("%s up to the bound: %v", name, err)
		}
	}
}

func FuzzRedirects(f *testing.F) {
	for _, s := range []string{"/old/", "/index.xml", "/feed/", "/tags/a/feed.xml", "https://a.example/?x#y", "/a b/", "/%2e%2e/", "//x", "/ü/"} {
		f.Add(s, "/feed.xml")
		f.Add("/x/", s)
	}
	f.Fuzz(func(t *testing.T, from, to string) {
		c := &Config{URL: "https://example.org/", Redirects: map[string]string{from: to}}
		if c.readRedirects(nil) != nil {
			return
		}
		for _, address := range c.RedirectAddresses() {
			r, _ := c.RedirectFrom(address)
			name := OutputFile(r.From)
			if name == "" || strings.HasPrefix(name, "/") || strings.Contains("/"+name, "/.") || OwnFile("/"+name) != "" {
				t.Errorf("%q leads to the output %q", from, name)
			}
			if !strings.HasPrefix(r.To, "/") && !strings.HasPrefix(r.To, "http") || strings.HasPrefix(r.To, "//") || strings.ContainsAny(r.To, " \"<>\n") {
				t.Errorf("%q leads to %q", to, r.To)
			}
		}
	})
}
