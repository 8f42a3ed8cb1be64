package generator_test

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"strings"
	"testing"

	"starpunk/generator"
	"starpunk/site"
	"starpunk/site/store"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// TestTheOutputIsCompleteByItself copies the output of the sample site to
// another place and walks every link and picture of every page there.
func TestTheOutputIsCompleteByItself(t *testing.T) {
	s := newTestSite(t, nil)
	for _, folder := range []string{"content", "static", "media"} {
		if err := os.CopyFS(s.path(folder), os.DirFS("../"+folder)); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile("../" + site.ConfigFile)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := site.ParseConfig(s.dir, data, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	var report *generator.Report
	err = s.with(cfg, func(_ *store.Store, g *generator.Generator) (err error) {
		report, err = g.Build(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Problems)+len(report.Warnings) > 0 {
		t.Errorf("the sample site has problems %q and warnings %q", report.Problems, report.Warnings)
	}
	elsewhere := t.TempDir()
	if err := os.CopyFS(elsewhere, os.DirFS(s.path("public"))); err != nil {
		t.Fatal(err)
	}
	files := readTree(t, elsewhere)
	for name, f := range parseFeeds(t, files) { // readers show notes away from the site
		for i, item := range f.Items {
			files[fmt.Sprintf("in %s/%d.html", name, i)] = itemHTML(item)
		}
	}
	walkLinks(t, cfg.URL, files)
}

func TestALinkWalkerFindsWhatIsMissing(t *testing.T) {
	site := "https://a.example/"
	files := map[string]string{"index.html": `<a href="/x/">x</a><img src="y.png"><a href="#z">z</a><a href="https://a.example/q/">q</a>`}
	if dead := deadLinks(t, site, files); len(dead) != 4 {
		t.Errorf("found %q", dead)
	}
}

func walkLinks(t *testing.T, siteURL string, files map[string]string) {
	t.Helper()
	for _, dead := range deadLinks(t, siteURL, files) {
		t.Error(dead)
	}
}

// deadLinks follows every link of every page that stays on the site.
func deadLinks(t *testing.T, siteURL string, files map[string]string) (dead []string) {
	t.Helper()
	ids := map[string]map[string]bool{} // file → ids
	docs := map[string]*html.Node{}
	all := cascadia.MustCompile("*")
	for name, text := range files {
		if path.Ext(name) != ".html" {
			continue
		}
		doc, err := html.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		docs[name], ids[name] = doc, map[string]bool{}
		for _, e := range cascadia.QueryAll(doc, all) {
			for _, a := range e.Attr {
				if a.Key == "id" {
					if ids[name][a.Val] {
						dead = append(dead, name+": the id "+a.Val+" stands twice")
					}
					ids[name][a.Val] = true
				}
			}
		}
	}
	root, err := url.Parse(siteURL)
	if err != nil {
		t.Fatal(err)
	}
	for name, doc := range docs {
		page := root.JoinPath(strings.TrimSuffix(name, "index.html"))
		for _, e := range cascadia.QueryAll(doc, all) {
			for _, a := range e.Attr {
				if a.Key != "href" && a.Key != "src" && a.Key != "poster" {
					continue
				}
				target, err := page.Parse(a.Val)
				if err != nil || target.Host != root.Host || target.Scheme != root.Scheme || strings.HasPrefix(target.Path, "/micropub") {
					continue
				}
				file := site.OutputFile(target.Path)
				if _, ok := files[file]; !ok {
					dead = append(dead, name+": "+a.Val+" leads nowhere")
				} else if target.Fragment != "" && path.Ext(file) == ".html" && !ids[file][target.Fragment] {
					dead = append(dead, name+": "+a.Val+" names no part of "+file)
				}
			}
		}
	}
	return dead
}
