package generator_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"starpunk/generator"
	"starpunk/site/store"
)

// A reader reads a site while it is built, as fast as it can.
type reader struct {
	s      *testSite
	rounds atomic.Int64
	links  atomic.Int64 // to notes that were followed
	dead   atomic.Pointer[string]
}

// whatLinks has outputs that link to notes: the front page, lists and feeds.
var whatLinks = []string{
	"index.html", "feed.xml", "feed.atom", "feed.json", "notes/index.html", "notes/feed.xml", "notes/2026/index.html",
	"2026/11/index.html", "tags/a/index.html", "tags/a/feed.xml", "tags/a/2026/index.html", "sitemap-2026-11.xml",
}

var linkToNote = regexp.MustCompile(`/2026/11/(n\d+/)`)

// read returns an output as it is now; "" if it does not exist.
func (r *reader) read(name string) string {
	data, err := os.ReadFile(r.s.path("public/" + name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.report(err.Error())
	}
	return string(data)
}

func (r *reader) report(what string) { r.dead.CompareAndSwap(nil, &what) }

// run reads until stop is closed.
func (r *reader) run(stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		for _, name := range whatLinks {
			r.follow(name)
		}
		if r.read("index.html") != "" && r.read("style.css") == "" {
			r.report("index.html is there before its style sheet")
		}
		r.rounds.Add(1)
	}
}

// follow checks the notes to which an output links. A missing page may have been removed
// since the output was read. It is not written again, so an output that still links to it
// is wrong: it links too early or too long.
func (r *reader) follow(name string) {
	for _, m := range linkToNote.FindAllStringSubmatch(r.read(name), -1) {
		page := "2026/11/" + m[1] + "index.html"
		r.links.Add(1)
		if r.read(page) != "" {
			continue
		}
		if strings.Contains(r.read(name), "/2026/11/"+m[1]) && r.read(page) == "" {
			r.report(name + " links to " + page + ", which is not there")
		}
	}
}

// TestNoReaderFollowsADeadLinkWhileTheSiteIsBuilt checks the order of a build: a page is
// written before the first link to it, and removed after the last one.
func TestNoReaderFollowsADeadLinkWhileTheSiteIsBuilt(t *testing.T) {
	const edits = 25
	s := newTestSite(t, nil)
	for i := range 12 {
		s.write(fmt.Sprintf("content/notes/n%d.md", i), note("2026-11-01", "tags: [a]", "Text"))
	}
	r := &reader{s: s}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() { defer close(done); r.run(stop) }()
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		for i := 0; i < edits || r.rounds.Load() < 10 && r.dead.Load() == nil; i++ {
			if i < edits { // addresses never come again
				s.write(fmt.Sprintf("content/notes/n%d.md", 100+i), note("2026-11-02", "tags: [a]", "Text"))
				s.remove(fmt.Sprintf("content/notes/n%d.md", 100+i-3))
				s.remove(fmt.Sprintf("content/notes/n%d.md", i))
			}
			if _, err := g.Build(context.Background()); err != nil {
				return err
			}
		}
		return nil
	})
	close(stop)
	<-done
	if err != nil {
		t.Fatal(err)
	}
	if what := r.dead.Load(); what != nil {
		t.Error(*what)
	}
	if r.links.Load() == 0 {
		t.Error("the reader followed no link")
	}
}

// The front page and the feeds link to lists of tags, months, years and types. A build
// writes them after new lists.
func TestTheFrontPageIsWrittenAfterTheListsThatItNames(t *testing.T) {
	s := newTestSite(t, map[string]string{"content/a.md": note("2025-01-01", "tags: [a]", "Text")})
	s.build()
	var tags []string
	for i := range 100 { // enough that their lists take longer than the file system's clock ticks
		tags = append(tags, fmt.Sprintf("t%d", i))
	}
	s.write("content/b.md", note("2026-11-01", "tags: ["+strings.Join(tags, ", ")+"]\nlike-of: https://b.example/", ""))
	s.write("content/c.md", note("2026-10-01", "tags: [b]\ntitle: An article", "Text"))
	s.build()
	written := func(name string) int64 {
		info, err := os.Stat(s.path("public/" + name))
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime().UnixNano()
	}
	named := []string{"2026/index.html", "likes/index.html", "articles/index.html", "tags/index.html", "tags/b/index.html"}
	for _, tag := range tags {
		named = append(named, "tags/"+tag+"/index.html")
	}
	for _, page := range []string{"index.html", "feed.xml", "feed.atom", "feed.json", "likes/feed.xml", "articles/feed.xml"} {
		for _, list := range named {
			if written(list) > written(page) {
				t.Errorf("%s was written before %s", page, list)
				break
			}
		}
	}
}
