package theme

import (
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"starpunk/generator/theme/compile"
)

// Each layout of the default theme is made by what it is compiled to, and not,
// ten times slower, by html/template.
func TestTheDefaultLayoutsAreCompiled(t *testing.T) {
	set, err := Load(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	site := &Site{URL: "https://example.org/", Title: "A + B", Lang: "en", Author: Author{Name: "Ida", URL: "https://example.org/"}}
	note := &Note{
		Path: "/2026/11/a/", H: "entry", Type: "note", Content: template.HTML("<p>Hello</p>"), Author: &site.Author,
		Published: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC), Tags: []Link{{"tea & cake", "/tags/tea/"}},
	}
	page := &Page{
		Site: site, Path: "/", URL: site.URL, Title: "<title>", Note: note, Notes: []*Note{note}, Tags: note.Tags,
		List: &List{Name: "2026", Kind: "year", Entries: []Entry{{Path: note.Path, Text: "Hello", Published: note.Published}}},
	}
	for _, name := range []string{"note.html", "page.html", "home.html", "list.html", "tags.html", "404.html", "redirect.html"} {
		slow, err := set.Execute(name, page)
		if err != nil {
			t.Fatal(err)
		}
		program, _ := set.compiled.Load(name)
		if program.(*compile.Program) == nil {
			_, err := compile.Template(set.templates, name, pageType)
			t.Errorf("%s: %v", name, err)
			continue
		}
		quick, err := program.(*compile.Program).Execute(nil, page)
		if err != nil || string(quick) != string(slow) {
			t.Errorf("%s: html/template made\n%s\nand its compiled form, %v,\n%s", name, slow, err, quick)
		}
	}
}

// html/template lets templates call each other more deeply than package compile does.
func TestPagesThatNeedAFallbackAreCounted(t *testing.T) {
	dir := t.TempDir()
	layout := `{{define "each"}}{{if .}}{{slice . 0 1}}.{{template "each" (slice . 1)}}{{end}}{{end}}{{template "each" .Title}}`
	if err := os.WriteFile(filepath.Join(dir, "404.html"), []byte(layout), 0o666); err != nil {
		t.Fatal(err)
	}
	set, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	var fallbacks atomic.Int64
	set.Fallbacks = &fallbacks
	for i, tc := range []struct{ runes, fallbacks int }{{3, 0}, {3, 0}, {300, 1}, {3, 1}} {
		page, err := set.Execute("404.html", &Page{Title: strings.Repeat("a", tc.runes)})
		if err != nil || string(page) != strings.Repeat("a.", tc.runes) || fallbacks.Load() != int64(tc.fallbacks) {
			t.Errorf("page %d: %q, %v, after %d fallbacks", i, page, err, fallbacks.Load())
		}
	}
}
