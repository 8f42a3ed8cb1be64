package generator_test

import (
	"encoding/xml"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sitemapURLs reads a site map: what it lists, and whether it is an index.
func sitemapURLs(t *testing.T, text string) (urls []string, isIndex bool) {
	t.Helper()
	var doc struct {
		XMLName xml.Name
		URLs    []string `xml:"url>loc"`
		Maps    []string `xml:"sitemap>loc"`
	}
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.XMLName.Space != "http://www.sitemaps.org/schemas/sitemap/0.9" {
		t.Errorf("name space %q", doc.XMLName.Space)
	}
	return append(doc.URLs, doc.Maps...), doc.XMLName.Local == "sitemapindex"
}

// mapped are the outputs that the site maps list, each as often as it is
// listed, all of them reached from the index.
func (s *testSite) mapped() map[string]int {
	s.t.Helper()
	const at = "https://alice.example/"
	if robots := s.output("robots.txt"); !strings.Contains(robots, "\nSitemap: "+at+"sitemap.xml\n") {
		s.t.Errorf("robots.txt does not name the site map:\n%s", robots)
	}
	shards, isIndex := sitemapURLs(s.t, s.output("sitemap.xml"))
	if !isIndex {
		s.t.Fatal("sitemap.xml is not an index")
	}
	count := map[string]int{}
	reached := []string{"sitemap.xml"}
	for _, shard := range shards {
		name := strings.TrimPrefix(shard, at)
		reached = append(reached, name)
		urls, isIndex := sitemapURLs(s.t, s.output(name))
		if isIndex || len(urls) == 0 {
			s.t.Errorf("%s lists no pages", name)
		}
		for _, u := range urls {
			count[strings.TrimPrefix(u, at)+"index.html"]++
		}
	}
	slices.Sort(reached)
	var there []string
	for _, name := range slices.Sorted(maps.Keys(s.outputs())) {
		if strings.HasPrefix(name, "sitemap") {
			there = append(there, name)
		}
	}
	if !slices.Equal(reached, there) {
		s.t.Errorf("the index names %q, and there are %q", reached, there)
	}
	return count
}

var notePage = regexp.MustCompile(`^\d{4}/\d{2}/[^/]+/index\.html$`)

// TestEveryPublicPageIsInOneSiteMap compares the maps with the outputs: each note and page
// that a search engine may find is in one map, and nothing else is.
func TestEveryPublicPageIsInOneSiteMap(t *testing.T) {
	s := newTestSite(t, small())
	s.build()
	check := func(when string) {
		t.Helper()
		want := map[string]int{"index.html": 1}
		for name, text := range s.outputs() {
			isNote := notePage.MatchString(name) && !strings.Contains(text, "has moved")
			if (isNote || name == "about/index.html") && !strings.Contains(text, `content="noindex"`) {
				want[name] = 1
			}
		}
		if got := s.mapped(); !maps.Equal(got, want) {
			t.Errorf("%s: the site maps list\n%v, want\n%v", when, got, want)
		}
	}
	check("at first")
	s.write("content/notes/2026/11/12-new.md", note("2026-11-12T09:00:00Z", "aliases: [/old/]", "New"))
	s.write("content/notes/2024/01/01-old.md", note("2024-01-01T09:00:00Z", "", "A month of its own"))
	s.remove("content/notes/2025/01/01-photo.md") // and its month
	s.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "visibility: unlisted", "Hello"))
	s.build()
	check("after some edits")
	if n := len(s.mapped()); n < 7 {
		t.Errorf("only %d pages are listed", n)
	}
}

func TestAnEmptySiteHasASiteMap(t *testing.T) {
	s := newTestSite(t, nil)
	s.build()
	if got := s.mapped(); !maps.Equal(got, map[string]int{"index.html": 1}) {
		t.Errorf("the site maps list %v, want the front page", got)
	}
}
