package generator_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"starpunk/generator"
	"starpunk/site/store"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// newTrial is a site with a page of every kind that there is.
func newTrial(t *testing.T) *testSite {
	t.Helper()
	s := newTestSite(t, nil)
	if err := os.CopyFS(s.dir, os.DirFS("testdata/trial")); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("testdata/trial/starpunk.toml")
	if err != nil {
		t.Fatal(err)
	}
	err = s.with(s.configOf(string(data)), func(_ *store.Store, g *generator.Generator) error {
		r, err := g.Build(context.Background())
		if err == nil && len(r.Problems)+len(r.Warnings) > 0 {
			t.Errorf("problems %q, warnings %q", r.Problems, r.Warnings)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Of lists one of each kind is enough.
var goldenKinds = regexp.MustCompile(`^(index|404|about/.*|old/.*|\d{4}/.*|tags/index|tags/indieweb/.*|photos/.*)(\.html)$`)

func TestEveryKindOfPageIsAsInItsGoldenFile(t *testing.T) {
	s := newTrial(t)
	got := map[string]string{}
	for name, text := range s.outputs() {
		if goldenKinds.MatchString(name) {
			got[name] = text
		}
	}
	compareGolden(t, filepath.Join("testdata", "trial-golden"), got)
	if feed := s.output("reads/feed.xml"); !strings.Contains(feed, "<p>Read The Shipping Forecast, and Other Lullabies</p>") {
		t.Errorf("a book without an address is a link in its feed: %s", feed)
	}
	walkLinks(t, "https://trial.example/", s.outputs())
}

func TestAnEmptySiteIsAsInItsGoldenFile(t *testing.T) {
	s := newTestSite(t, nil)
	if err := os.Mkdir(s.path("content"), 0o777); err != nil {
		t.Fatal(err)
	}
	err := s.with(s.configOf("url = \"https://empty.example/\"\ntitle = \"Nothing yet\"\n"), func(_ *store.Store, g *generator.Generator) error {
		_, err := g.Build(context.Background())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got := s.outputs()
	delete(got, "style.css")
	compareGolden(t, filepath.Join("testdata", "empty-golden"), got)
	walkLinks(t, "https://empty.example/", s.outputs())
}

// maxPageBytes is what a page may weigh beside the text, the addresses and the
// pictures of its notes, before compression. The style sheet is counted by
// itself: it is the same for all pages.
const maxPageBytes = 15 << 10

func TestPagesAreLight(t *testing.T) {
	s := newTrial(t)
	for i := range 120 { // a list that is as long as lists get, of notes with long names
		at := time.Date(2025, 12, 1, 0, i, 0, 0, time.UTC)
		s.write(fmt.Sprintf("content/notes/2025/12/01-a-note-with-a-slug-of-a-usual-length-%03d.md", i),
			note(at.Format(time.RFC3339), "title: A name of a usual length", "Text"))
	}
	data, err := os.ReadFile("testdata/trial/starpunk.toml")
	if err != nil {
		t.Fatal(err)
	}
	err = s.with(s.configOf(string(data)), func(_ *store.Store, g *generator.Generator) error {
		_, err := g.Build(context.Background())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	heaviest := 0
	for name, text := range s.outputs() {
		if path.Ext(name) == ".html" {
			if n := markupBytes(t, text); n > maxPageBytes {
				t.Errorf("%s: %d bytes beside its text", name, n)
			} else {
				heaviest = max(heaviest, n)
			}
		}
	}
	if n := len(s.output("style.css")); n > maxPageBytes {
		t.Errorf("the style sheet has %d bytes", n)
	}
	t.Logf("the heaviest page has %d bytes", heaviest)
}

// markupBytes is the weight of a page without its words and the content of its
// notes, and without the addresses and dates that it shows of them.
func markupBytes(t *testing.T, page string) int {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for _, prose := range cascadia.QueryAll(doc, cascadia.MustCompile(".prose")) {
		prose.Parent.RemoveChild(prose)
	}
	own := 0
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			own += len(n.Data)
		}
	}
	for _, n := range cascadia.QueryAll(doc, cascadia.MustCompile(".entry [href], .lines [href], .entry [src], .entry [datetime], .lines [datetime]")) {
		for _, a := range n.Attr {
			switch a.Key {
			case "href", "src", "datetime", "alt":
				own += len(a.Val)
			}
		}
	}
	var b bytes.Buffer
	if err := html.Render(&b, doc); err != nil {
		t.Fatal(err)
	}
	return b.Len() - own
}

// A page needs only files of its site, unless its author embeds others: no script, font
// or style sheet of another site.
func TestPagesSendNoRequestToOtherSites(t *testing.T) {
	s := newTrial(t)
	own := cascadia.MustCompile(`script, iframe, object, embed, [style], style, [src^="http"], link[rel=stylesheet][href^="http"], [srcset]`)
	for name, text := range s.outputs() {
		if path.Ext(name) != ".html" {
			continue
		}
		doc, err := html.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range cascadia.QueryAll(doc, own) {
			t.Errorf("%s has a %s: %v", name, n.Data, n.Attr)
		}
	}
	if css := s.output("style.css"); strings.Contains(css, "url(") || strings.Contains(css, "@import") || strings.Contains(css, "@font-face") {
		t.Error("the style sheet loads another file")
	}
}
