package generator_test

import (
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
)

// parseFeeds reads every feed of a site with a feed reader's parser, by output.
func parseFeeds(t *testing.T, outputs map[string]string) map[string]*gofeed.Feed {
	t.Helper()
	feeds := map[string]*gofeed.Feed{}
	for name, text := range outputs {
		if !strings.HasPrefix(path.Base(name), "feed.") || path.Ext(name) == ".css" {
			continue
		}
		f, err := gofeed.NewParser().ParseString(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if path.Ext(name) != ".json" {
			checkXML(t, name, text)
		}
		feeds[name] = f
	}
	return feeds
}

// checkXML reads a document as strictly as the standard library can: a
// reader's parser forgives too much.
func checkXML(t *testing.T, name, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// A feedNote has the data that a feed must have of a note.
type feedNote struct {
	id, link, title, published, updated string
	tags, files                         []string
}

func TestFeedsHaveTheDataOfNotes(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/a.md": note("2026-11-01T09:00:00+01:00", "title: Moved & named <twice>\nupdated: 2026-11-20T10:00:00+01:00\naliases: [/first/ä b/, /second/]\ntags: [IndieWeb, C++]\nsummary: Short & <sweet>",
			"Text with a [link](/about/), a [sibling](../b/#x) and ]]> inside."),
		"content/b.md":      note("2026-11-02T09:00:00Z", "", "A note without a name, "+strings.Repeat("and on ", 40)),
		"content/c.md":      note("2026-11-03T09:00:00Z", "audio: /media/aa/song.mp3\nphoto:\n  - {value: /media/aa/aabb.png, alt: A dot}\n  - https://elsewhere.example/far.jpg", ""),
		"content/d.md":      note("2026-11-04T09:00:00Z", "like-of: https://example.org/?a=1&b=2\naliases: [/2026/11/b/]", ""),
		"content/e.md":      note("2026-11-05T09:00:00Z", `title: "Bell \a"`, "bell \a and escape \x1b[0m, no character \uFFFE"),
		"media/aa/song.mp3": "MP3!", "media/aa/aabb.png": "PNG",
	})
	s.extra = "[feed]\ntypes = [\"note\", \"article\", \"photo\", \"audio\", \"like\"]\n[links]\nhub = \"https://hub.example/\"\n"
	s.build()
	feeds := parseFeeds(t, s.outputs())
	const at = "https://alice.example"
	want := []feedNote{
		{id: at + "/2026/11/e/", link: at + "/2026/11/e/", title: "Bell ", published: "2026-11-05T09:00:00Z"},
		{id: at + "/2026/11/d/", link: at + "/2026/11/d/", published: "2026-11-04T09:00:00Z"}, // its alias is another's address
		{id: at + "/2026/11/c/", link: at + "/2026/11/c/", published: "2026-11-03T09:00:00Z",
			files: []string{at + "/media/aa/song.mp3 audio/mpeg 4", at + "/media/aa/aabb.png image/png 3", "https://elsewhere.example/far.jpg image/jpeg "}},
		{id: at + "/2026/11/b/", link: at + "/2026/11/b/", published: "2026-11-02T09:00:00Z"},
		{id: at + "/first/%C3%A4%20b/", link: at + "/2026/11/a/", title: "Moved & named <twice>", published: "2026-11-01T08:00:00Z",
			updated: "2026-11-20T09:00:00Z", tags: []string{"IndieWeb", "C++"}},
	}
	for _, name := range []string{"feed.xml", "feed.atom", "feed.json"} {
		f := feeds[name]
		if f == nil {
			t.Fatalf("there is no %s", name)
		}
		if f.Title != "Alice" || f.Description != "Notes of a test" || f.FeedLink != at+"/"+name || f.Link != at+"/" {
			t.Errorf("%s: title %q, description %q, self %q, link %q", name, f.Title, f.Description, f.FeedLink, f.Link)
		}
		if !strings.Contains(s.output(name), "https://hub.example/") {
			t.Errorf("%s does not name the hub", name)
		}
		if len(f.Items) != len(want) {
			t.Fatalf("%s has %d items, want %d", name, len(f.Items), len(want))
		}
		for i, item := range f.Items {
			compareItem(t, name, item, want[i])
		}
		html := itemHTML(f.Items[4])
		for _, part := range []string{`href="https://alice.example/about/"`, `href="https://alice.example/2026/11/b/#x"`, "]]&gt; inside"} {
			if !strings.Contains(html, part) {
				t.Errorf("%s: content lacks %s:\n%s", name, part, html)
			}
		}
		if html := itemHTML(f.Items[0]); !strings.Contains(html, "bell  and escape [0m, no character") {
			t.Errorf("%s: characters that XML can't hold: %q", name, html)
		}
	}
	if got := feeds["feed.xml"].Items[4].Description; got != "Short &amp; &lt;sweet&gt;" {
		t.Errorf("RSS: summary %q", got)
	}
	// RSS and Atom are dated by what changed last, not by what came last.
	if u := feeds["feed.atom"].UpdatedParsed; u == nil || !u.Equal(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("Atom: updated %v", u)
	}
	if u := feeds["feed.xml"].UpdatedParsed; u == nil || !u.Equal(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("RSS: lastBuildDate %v", u)
	}
}

func itemHTML(i *gofeed.Item) string {
	if i.Content != "" {
		return i.Content
	}
	return i.Description
}

func compareItem(t *testing.T, feed string, item *gofeed.Item, want feedNote) {
	t.Helper()
	if item.GUID != want.id || item.Link != want.link {
		t.Errorf("%s: id %q at %q, want %q at %q", feed, item.GUID, item.Link, want.id, want.link)
	}
	isAtom := feed == "feed.atom"
	switch {
	case want.title != "" && item.Title != want.title && item.Title != strings.TrimSpace(want.title),
		want.title == "" && (item.Title != "") != isAtom: // Atom requires a title, and gets the first words
		t.Errorf("%s: %s has the title %q, want %q", feed, want.link, item.Title, want.title)
	}
	if p := item.PublishedParsed; p == nil || p.UTC().Format(time.RFC3339) != want.published {
		t.Errorf("%s: %s published %v, want %s", feed, want.link, p, want.published)
	}
	if u := item.UpdatedParsed; want.updated != "" && feed != "feed.xml" && (u == nil || u.UTC().Format(time.RFC3339) != want.updated) {
		t.Errorf("%s: %s updated %v, want %s", feed, want.link, u, want.updated)
	}
	if !slices.Equal(item.Categories, want.tags) {
		t.Errorf("%s: %s has the tags %q, want %q", feed, want.link, item.Categories, want.tags)
	}
	var files []string
	for _, e := range item.Enclosures {
		if e.Length == "0" {
			e.Length = ""
		}
		files = append(files, e.URL+" "+e.Type+" "+e.Length)
	}
	wanted := want.files
	if feed == "feed.xml" && len(wanted) > 1 {
		wanted = wanted[:1]
	}
	if !slices.Equal(files, wanted) {
		t.Errorf("%s: %s has the files %q, want %q", feed, want.link, files, wanted)
	}
}

func TestEveryFeedOfASiteIsOne(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	feeds := parseFeeds(t, s.outputs())
	for name, items := range map[string]int{
		"feed.xml": 4, "feed.atom": 4, "feed.json": 4, "tags/indieweb/feed.xml": 2, "tags/cplusplus/feed.xml": 1,
		"likes/feed.xml": 1, "photos/feed.xml": 1, "articles/feed.xml": 2,
	} {
		if f := feeds[name]; f == nil || len(f.Items) != items {
			t.Errorf("%s: %v, want %d items", name, f, items)
		}
	}
	for name, f := range feeds {
		dir := strings.TrimSuffix(name, path.Base(name))
		if f.FeedLink != "https://alice.example/"+name || f.Link != "https://alice.example/"+dir || f.Title == "" {
			t.Errorf("%s has the address %q, the site %q and the title %q", name, f.FeedLink, f.Link, f.Title)
		}
		for _, item := range f.Items {
			if !s.hasOutput(strings.TrimPrefix(item.Link, "https://alice.example/") + "index.html") {
				t.Errorf("%s: %s leads nowhere", name, item.Link)
			}
		}
	}
}

func TestAnEmptySiteHasValidFeeds(t *testing.T) {
	s := newTestSite(t, map[string]string{"content/about.md": "A page."})
	s.build()
	feeds := parseFeeds(t, s.outputs())
	if len(feeds) != 3 {
		t.Errorf("%d feeds, want the site's three", len(feeds))
	}
	for name, f := range feeds {
		if f.Title != "Alice" || len(f.Items) != 0 {
			t.Errorf("%s: title %q, %d items", name, f.Title, len(f.Items))
		}
	}
	if atom := s.output("feed.atom"); !strings.Contains(atom, "<updated>1970-01-01T00:00:00Z</updated>") { // RFC 4287 §4.1.1
		t.Errorf("an empty Atom feed without a date:\n%s", atom)
	}
	if json := s.output("feed.json"); !strings.Contains(json, `"items": []`) {
		t.Errorf("an empty JSON Feed without a list of items:\n%s", json)
	}
}

func TestAStaticFileShadowsAFeed(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	want := s.outputs()
	s.write("static/feed.atom", "mine")
	s.build()
	if s.output("feed.atom") != "mine" || s.output("feed.json") != want["feed.json"] {
		t.Error("a static file does not shadow the feed, or shadows another one")
	}
	s.remove("static/feed.atom")
	s.build()
	if d := diff(s.outputs(), want); d != "" {
		t.Errorf("after the static file was removed:\n%s", d)
	}
}

// A reader that prefers the content to the summary would show an entry of nothing.
func TestNoItemHasAnEmptyContent(t *testing.T) {
	for _, tc := range []struct {
		front, body      string
		rss, atom, jason string
	}{
		{"summary: A & b", "<!-- c -->", "<description><![CDATA[A &amp; b]]></description>", "<summary>A &amp; b</summary>", `"content_text": "A & b"`},
		{"title: A\nsummary: B", "", "<description><![CDATA[B]]></description>", "<summary>B</summary>", `"content_text": "B"`},
		{"title: A", "", "<title>A</title>", "<title>A</title>", `"content_text": "A"`},
		{"summary: A", "B", "<content:encoded><![CDATA[<p>B</p>", `<content type="html"><![CDATA[<p>B</p>`, `"content_html": "<p>B</p>`},
	} {
		s := newTestSite(t, map[string]string{"content/a.md": note("2026-11-01", tc.front, tc.body)})
		s.build()
		for name, want := range map[string]string{"feed.xml": tc.rss, "feed.atom": tc.atom, "feed.json": tc.jason} {
			feed := s.output(name)
			if !strings.Contains(feed, want) {
				t.Errorf("%q: %s lacks %s:\n%s", tc.front, name, want, feed)
			}
			for _, empty := range []string{"<content:encoded></", "<content:encoded><![CDATA[]]>", `html"></content>`, "<![CDATA[]]></content>", `"content_html": ""`, "<description><![CDATA[]]>", "<summary></summary>"} {
				if strings.Contains(feed, empty) {
					t.Errorf("%q: %s has %s", tc.front, name, empty)
				}
			}
		}
	}
}
