package indieauth

import (
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzProfilePage checks that every link of a page is absolute and well formed,
// and that a Link header comes first.
func FuzzProfilePage(f *testing.F) {
	files, err := filepath.Glob("testdata/pages/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		_, body, _ := strings.Cut(string(archive.Files[0].Data), "\n\n")
		f.Add("text/html", body)
	}
	f.Add("", "<link rel=token_endpoint href=/>")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		at, _ := url.Parse("https://owner.example/me/")
		p := &page{url: at, header: http.Header{"Link": {"<t>; rel=token_endpoint"}, "Content-Type": {contentType}}, body: []byte(body)}
		links, _ := p.links()
		if found, ok := firstLink(links, relToken); !ok || found.url.String() != "https://owner.example/me/t" {
			t.Fatalf("the links do not begin with that of the header: %+v", links)
		}
		for _, l := range links[1:] {
			if l.header || l.href == "" || l.url.Scheme == "" || strings.TrimSpace(l.href) != l.href {
				t.Fatalf("link %+v (%s)", l, l.url)
			}
			if slices.ContainsFunc(l.rels, func(rel string) bool { return rel == "" || strings.ContainsAny(rel, " \t\n") }) {
				t.Fatalf("relations %q", l.rels)
			}
		}
	})
}
