package generator_test

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"starpunk/generator/theme"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// example matches a whole file in the manual: its name follows the language.
var example = regexp.MustCompile("(?ms)^```html (layouts/[a-z0-9]+\\.html)\n(.*?)^```$")

func TestTheExamplesOfTheManual(t *testing.T) {
	manual := readManual(t)
	s := newTestSite(t, small())
	s.write("content/notes/2026/11/21-dear.md", note("2026-11-21", "title: Dear reader\nlayout: letter\ntags: [post]", "I *write* to you."))
	s.build()
	for page, asked := range map[string]string{"index.html": "Latest", "2026/11/dear/index.html": "21 November 2026"} {
		if !strings.Contains(s.output(page), asked) {
			t.Fatalf("%s is not the default theme's", page)
		}
	}
	examples := example.FindAllStringSubmatch(manual, -1)
	if len(examples) != 3 {
		t.Fatalf("the manual has %d examples", len(examples))
	}
	for _, e := range examples {
		s.write(e[1], e[2])
	}
	if r := s.build(); len(r.Problems)+len(r.Warnings) > 0 {
		t.Errorf("problems %q, warnings %q", r.Problems, r.Warnings)
	}
	for _, tc := range []struct{ page, selector, want string }{
		{"index.html", ".h-card > .u-uid", "Alice Test"},
		{"index.html", ".h-feed .h-entry b.p-name", "Dear reader"},
		{"index.html", "footer.site span", "Written by Alice Test, mostly at night"},
		{"2026/11/dear/index.html", "article.h-entry > .e-content em", "write"},
		{"2026/11/dear/index.html", "article.h-entry .p-author .p-name", "Alice Test"},
		{"2026/11/dear/index.html", "article.h-entry > .p-category", "post"},
		{"2026/11/hello/index.html", "footer.site span", "Written by Alice Test, mostly at night"},
	} {
		doc, err := html.Parse(strings.NewReader(s.output(tc.page)))
		if err != nil {
			t.Fatal(err)
		}
		found := cascadia.Query(doc, cascadia.MustCompile(tc.selector))
		if found == nil || found.FirstChild == nil || found.FirstChild.Data != tc.want {
			t.Errorf("%s: %s is not %q:\n%s", tc.page, tc.selector, tc.want, s.output(tc.page))
		}
	}
	walkLinks(t, "https://alice.example/", s.outputs())
}

func TestTheManualHasTheDataOfLayouts(t *testing.T) {
	manual := readManual(t)
	for _, model := range []any{
		theme.Page{}, theme.Site{}, theme.Author{}, theme.Link{}, theme.HeadLink{}, theme.Note{},
		theme.Card{}, theme.Cite{}, theme.Thing{}, theme.Moment{}, theme.Media{}, theme.Place{}, theme.Entry{}, theme.List{},
	} {
		of := reflect.TypeOf(model)
		var names []string
		for i := range of.NumField() {
			names = append(names, of.Field(i).Name)
		}
		for i := range of.NumMethod() {
			names = append(names, of.Method(i).Name)
		}
		for _, name := range names {
			if !strings.Contains(manual, fmt.Sprintf("`.%s`", name)) {
				t.Errorf("docs/layouts.md lacks .%s of a %s", name, of.Name())
			}
		}
	}
	layouts, err := os.ReadDir("../layouts")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range layouts {
		if name := file.Name(); name != "layouts.go" && !strings.Contains(manual, "`"+name+"`") {
			t.Errorf("docs/layouts.md lacks %s", name)
		}
	}
}

func readManual(t *testing.T) string {
	t.Helper()
	manual, err := os.ReadFile("../docs/layouts.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(manual)
}
