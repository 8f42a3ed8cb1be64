package generator_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"starpunk/generator"
	"starpunk/site"
	"starpunk/site/store"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// A realSite is a published site that was made for another generator.
type realSite struct {
	name    string
	folders map[string]string // of the site → below content/
}

// realSites are looked for in the folder that STARPUNK_REAL names. Jekyll's
// folders begin with an underscore, and what has no date is a page.
var realSites = []realSite{
	{"rust-blog", map[string]string{"content": ""}},
	{"jekyll-docs", map[string]string{"docs/_docs": "pages/docs", "docs/_tutorials": "pages/tutorials", "docs/_posts": "posts"}},
}

// TestSitesOfOtherGeneratorsAreBuilt builds real content as it is. At least 99
// of 100 files must become pages, and whatever is not understood must be named.
func TestSitesOfOtherGeneratorsAreBuilt(t *testing.T) {
	root := os.Getenv("STARPUNK_REAL")
	if root == "" {
		t.Skip("STARPUNK_REAL names no folder of real sites")
	}
	for _, real := range realSites {
		t.Run(real.name, func(t *testing.T) {
			s := newTestSite(t, nil)
			for from, to := range real.folders {
				if err := os.CopyFS(s.path("content/"+to), os.DirFS(filepath.Join(root, real.name, filepath.FromSlash(from)))); err != nil {
					t.Fatal(err)
				}
			}
			s.buildReal()
		})
	}
}

var namesAPlace = regexp.MustCompile(`^content/[^:]+:\d+: .`)

func (s *testSite) buildReal() {
	s.t.Helper()
	var files []string
	cfg := s.config()
	err := fs.WalkDir(os.DirFS(s.path("content")), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && cfg.IsNote(name) {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	err = s.with(cfg, func(st *store.Store, g *generator.Generator) error {
		report, err := g.Build(s.t.Context())
		if err != nil {
			return err
		}
		said := append(report.Problems, report.Warnings...)
		for _, line := range said {
			if !namesAPlace.MatchString(line) {
				s.t.Errorf("a problem without a place: %s", line)
			}
		}
		built := 0
		for _, file := range files {
			row, err := st.ByFile(s.t.Context(), file)
			if err != nil {
				return err
			}
			output := ""
			if row != nil {
				output = site.OutputFile(row.Permalink)
			}
			named := mentions(said, file)
			switch {
			case row == nil || row.Problem != "" || !row.HasPage || !s.hasOutput(output):
				if !named {
					s.t.Errorf("content/%s has no page, and nothing is said about it", file)
				}
			case hasForeignTag(s.t, s.output(output)) && !named:
				s.t.Errorf("content/%s has a tag of another generator on its page, and nothing is said about it", file)
				built++
			default:
				built++
			}
		}
		s.t.Logf("%d of %d files have a page; %d problems, %d warnings", built, len(files), len(report.Problems), len(report.Warnings))
		if built*100 < len(files)*99 {
			s.t.Errorf("%d of %d files have a page", built, len(files))
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func mentions(said []string, file string) bool {
	for _, line := range said {
		if strings.HasPrefix(line, "content/"+file+":") {
			return true
		}
	}
	return false
}

var code = cascadia.MustCompile("pre, code, head")

// hasForeignTag reports whether the text of a page, except its code, has a text that looks
// like a tag of another generator.
func hasForeignTag(t *testing.T, page string) bool {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range cascadia.QueryAll(doc, code) {
		if n.Parent != nil {
			n.Parent.RemoveChild(n)
		}
	}
	content := cascadia.Query(doc, cascadia.MustCompile(".e-content, main"))
	if content == nil {
		return false
	}
	var text strings.Builder
	for n := range content.Descendants() {
		if n.Type == html.TextNode {
			text.WriteString(n.Data)
		}
	}
	return strings.Contains(text.String(), "{%") || strings.Contains(text.String(), "{{")
}
