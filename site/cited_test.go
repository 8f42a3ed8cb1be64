package site_test

import (
	"strings"
	"testing"
	"time"

	"starpunk/site"
)

func TestTheTargetOfAReplyIsReadAsItIsWritten(t *testing.T) {
	for value, want := range map[string]site.Cited{
		"https://example.org/post":                 {URL: "https://example.org/post"},
		" http://example.org ":                     {URL: "http://example.org"},
		"/2026/11/a/":                              {URL: "/2026/11/a/"},
		"example.org/post":                         {URL: "https://example.org/post"},
		"example.org":                              {URL: "https://example.org"},
		"www.example.org/a?b=c":                    {URL: "https://www.example.org/a?b=c"},
		"//example.org/post":                       {URL: "https://example.org/post"},
		"bücher.example/ä":                         {URL: "https://bücher.example/ä"},
		"例え.テスト/x":                                 {URL: "https://例え.テスト/x"},
		"<https://example.org/>":                   {URL: "https://example.org/"},
		"[Title](https://example.org/)":            {URL: "https://example.org/"},
		"[A Title](<https://example.org/>)":        {URL: "https://example.org/"},
		`[T](https://example.org/a_(b) "A title")`: {URL: "https://example.org/a_(b)"},
		"[Title](example.org/x)":                   {URL: "https://example.org/x"},
		"[Title](../b.md)":                         {File: "../b.md"},
		"a.md":                                     {File: "a.md"},
		"../b.markdown#part":                       {File: "../b.markdown#part"},
		"/notes/a.md":                              {File: "/notes/a.md"},
		"@/blog/a.md":                              {File: "@/blog/a.md"},
		"[[tides]]":                                {File: "[[tides]]"},
		"[[thoughts/tides|x]]":                     {File: "[[thoughts/tides|x]]"},
		"":                                         {},
		"hello":                                    {},
		"a post by Ada":                            {},
		"post.html":                                {},
		"javascript:alert(1)":                      {},
		"mailto:ada@example.org":                   {},
		"https:///nowhere":                         {},
		"[Title](javascript:x)":                    {},
		"[Title]":                                  {},
		"![[tides]]":                               {},
		"example.org and more":                     {},
		"v1.2":                                     {},
		"https://" + strings.Repeat("a", 5000) + ".example/": {},
	} {
		if got, ok := site.ReadCited(value); got != want && strings.ToLower(got.URL) != lowerEscaped(want.URL) || ok != (want != site.Cited{}) {
			t.Errorf("%.60q: %+v, %v; want %+v", value, got, ok, want)
		}
	}
}

// lowerEscaped returns an address as net/url writes it.
func lowerEscaped(s string) string {
	return strings.NewReplacer("ä", "%c3%a4", "ü", "%c3%bc", "例", "%e4%be%8b", "え", "%e3%81%88", "テ", "%e3%83%86", "ス", "%e3%82%b9", "ト", "%e3%83%88").Replace(strings.ToLower(s))
}

func TestAValueThatNamesNoPageMakesNoReply(t *testing.T) {
	for _, tc := range []struct{ front, kind, notice string }{
		{"in-reply-to: a post by Ada", "note", `in-reply-to: "a post by Ada" names no page; write an address such as https://example.org/post, or the file of a note such as a.md`},
		{"like-of: 7", "note", `like-of: "7" names no page`},
		{"repost-of: {type: [h-cite], properties: {url: [nonsense]}}", "note", `repost-of: "nonsense" names no page`},
		{"properties: {bookmark-of: [x]}", "note", `bookmark-of: "x" names no page`},
		{"in-reply-to: [nonsense, example.org/post]", "reply", `in-reply-to: "nonsense" names no page`},
		{"in-reply-to: example.org/post", "reply", ""},
		{"bookmark-of: \"[T](https://example.org/)\"", "bookmark", ""},
		{"like-of: a.md", "like", ""},
		{"read-of: {type: [h-cite], properties: {name: [A book]}}", "read", ""},
		{"title: A title\nlike-of: nonsense", "article", `like-of: "nonsense" names no page`},
	} {
		n, err := site.Parse("a.md", []byte("---\ndate: 2026-11-22\n"+tc.front+"\n---\nText\n"), time.UTC)
		if err != nil {
			t.Errorf("%s: %v", tc.front, err)
			continue
		}
		notice := ""
		if len(n.Notices) > 0 {
			notice = n.Notices[0].Msg
		}
		if n.PostType() != tc.kind || !strings.HasPrefix(notice, tc.notice) || (tc.notice == "") != (notice == "") {
			t.Errorf("%s: a %s with the notice %q; want a %s with %q", tc.front, n.PostType(), notice, tc.kind, tc.notice)
		}
	}
}

func TestALabelNamesTheTargetWithoutItsMarks(t *testing.T) {
	for front, want := range map[string]string{
		"in-reply-to: example.org/post":               "Reply to example.org/post",
		"bookmark-of: \"[T](https://example.org/x)\"": "Bookmarked example.org/x",
		"like-of: \"[[thoughts/tides]]\"":             "Liked thoughts/tides",
		"repost-of: ../b.md":                          "Reposted b",
		"in-reply-to: nonsense here":                  "22 November 2026, 00:00",
	} {
		n, err := site.Parse("a.md", []byte("---\ndate: 2026-11-22\n"+front+"\n---\n"), time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Label(site.Markdown{}); got != want {
			t.Errorf("%s: %q, want %q", front, got, want)
		}
	}
}

func FuzzReadCited(f *testing.F) {
	for _, s := range []string{"https://a.example/", "[a](b.example)", "<a.example>", "[[a]]", "a.md", "//a.example", "例え.テスト"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := site.ReadCited(s)
		if ok != (c.URL != "" || c.File != "") || c.URL != "" && c.File != "" {
			t.Errorf("%q: %+v, %v", s, c, ok)
		}
		if c.URL != "" && !strings.HasPrefix(c.URL, "http") && !strings.HasPrefix(c.URL, "/") {
			t.Errorf("%q leads to %q", s, c.URL)
		}
	})
}
