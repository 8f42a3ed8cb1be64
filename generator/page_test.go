package generator_test

import (
	"context"
	"strings"
	"testing"

	"starpunk/generator"
	"starpunk/site/store"
)

func TestTheFrontPageShortensNotesWhereTheirAuthorWantsIt(t *testing.T) {
	for _, tc := range []struct {
		name        string
		front, body string
		shows       string // on the front page
		hides       string
		more        bool
	}{
		{"a summary replaces the text", "title: T\nsummary: In short.", "At length.", "In short.", "At length.", true},
		{"also for that of a note", "summary: In short.", "At length.", "In short.", "At length.", true},
		{"there is no more than the summary", "title: T\nsummary: In short.", "", "In short.", "Read on", false},
		{"text before the mark", "title: T", "Before.\n\n<!--more-->\n\nAfter.", "Before.", "After.", true},
		{"with blanks in the mark", "title: T", "Before.\n<!-- more -->\nAfter.", "Before.", "After.", true},
		{"in HTML", "title: T\nformat: html", "<div><p>Before.</p><!--more--><p>After.</p></div>", "<div><p>Before.</p></div>", "After.", true},
		{"a mark within a quotation does not count", "title: T", "> Before.\n>\n> <!--more-->\n\nAfter.", "After.", "Read on", false},
		{"a mark as text does not count", "title: T", "`<!--more-->` After.", "After.", "Read on", false},
		{"another comment does not count", "title: T", "Before.\n\n<!-- more or less -->\n\nAfter.", "After.", "Read on", false},
		{"no mark", "title: T", "All of it.", "All of it.", "Read on", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newTestSite(t, map[string]string{"content/2026-11-20-x.md": note("2026-11-20", tc.front, tc.body)})
			s.build()
			front := s.output("index.html")
			if !strings.Contains(front, tc.shows) || strings.Contains(front, tc.hides) {
				t.Errorf("front page lacks %q or has %q:\n%s", tc.shows, tc.hides, front)
			}
			if more := strings.Contains(front, `<p class="more"><a href="/2026/11/x/">`); more != tc.more {
				t.Errorf("there is a link to the rest: %t", more)
			}
			if strings.Contains(front, `class="prose e-content"`) != (!tc.more && tc.body != "") {
				t.Error("a part is called the content, or the content a part")
			}
			page := s.output("2026/11/x/index.html")
			feed := s.output("feed.xml")
			for _, text := range []string{"Before.", "After.", "At length."} {
				if strings.Contains(tc.body, text) && (!strings.Contains(page, text) || !strings.Contains(feed, text)) {
					t.Errorf("page or feed lacks %q", text)
				}
			}
			if strings.Contains(page, "<!--") {
				t.Error("the mark is on the page")
			}
		})
	}
}

func TestHeadingsAndIdsOfATextFitItsPage(t *testing.T) {
	for _, tc := range []struct{ name, front, body, want string }{
		{"a text with a first level moves down", "", "# A\n\n## B\n\n###### C", `<h2 id="a">A</h2>` + "\n" + `<h3 id="b">B</h3>` + "\n" + `<h6 id="c">C</h6>`},
		{"a text without stays", "", "## A\n\n### B", `<h2 id="a">A</h2>` + "\n" + `<h3 id="b">B</h3>`},
		{"the layouts' ids are taken", "", "## Main", `<h2 id="main-1">Main</h2>`},
		{"so it is in HTML", "format: html", `<h1 id="main">A</h1><h2 id="b">B</h2><p id="b">C</p>`, `<h2>A</h2><h3 id="b">B</h3><p>C</p>`},
		{"HTML that is left open is closed", "format: html", `<p>a <em>b</div></main><ul><li>c`, `<p>a <em>b</em></p><ul><li><em>c</em></li></ul>`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newTestSite(t, map[string]string{"content/2026-11-20-x.md": note("2026-11-20", tc.front, tc.body)})
			s.build()
			if page := s.output("2026/11/x/index.html"); !strings.Contains(page, tc.want) {
				t.Errorf("got %s\nwant %s", page, tc.want)
			}
		})
	}
}

func TestNoControlCharacterIsOnAPage(t *testing.T) {
	const front = "title: \"A\\x01title\\u0085\"\nsummary: \"In\\x02 short\"\ntags: [\"t\\x03ag\"]\nphoto: [{value: /p.jpg, alt: \"al\\x04t\"}]\nlocation: \"Ca\\x05fe\""
	s := newTestSite(t, map[string]string{
		"content/2026-11-20-x.md": note("2026-11-20", front, "Te\x01xt\tand\x7f `co\x08de` &#6; &#x9f; [li\x0bnk](/about/ \"ti\x0etle\") \u0080end\n\n```\na\x1fb\n```"),
		"content/2026-11-21-y.md": note("2026-11-21", "format: html", "<p title=\"a&#1;b\">Te\x01xt &#2;</p>"),
		"content/about.md":        "---\ntitle: About\n---\nMe\x01.",
	})
	s.build()
	pages := 0
	for name, text := range s.outputs() {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		pages++
		if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 }); i >= 0 {
			t.Errorf("%s has %q", name, text[max(0, i-20):i+5])
		}
	}
	page := s.output("2026/11/x/index.html")
	for _, want := range []string{"Text\tand <code>code</code>", "Atitle", "alt=\"alt\"", "Cafe", "ab\n</code></pre>"} {
		if !strings.Contains(page, want) {
			t.Errorf("of %d pages, the note's lacks %q: %s", pages, want, page)
		}
	}
}

func TestDeeplyNestedHTMLIsShownAsText(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/2026-11-20-x.md": note("2026-11-20", "format: html", strings.Repeat("<div>", 600)+"deep"),
	})
	r := s.build()
	if len(r.Warnings) != 1 || !strings.HasPrefix(r.Warnings[0], "content/2026-11-20-x.md:5: its HTML is shown as text") {
		t.Errorf("warnings: %q", r.Warnings)
	}
	if page := s.output("2026/11/x/index.html"); !strings.Contains(page, "&lt;div&gt;deep") || strings.Contains(page, "<div><div>") {
		t.Error("its elements are on the page")
	}
}

func TestTheTextOfTheFrontPageFollowsItsLinks(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/index.md":        "See [it](2026-11-20-x.md), or [below](#b).\n\n## B",
		"content/2026-11-20-x.md": note("2026-11-20", "", "Text"),
	})
	s.build()
	s.write("content/2026-11-20-x.md", note("2026-11-20", "slug: y", "Text"))
	s.build()
	front := s.output("index.html")
	if !strings.Contains(front, `<a href="/2026/11/y/">it</a>`) {
		t.Error("the link did not follow the note")
	}
	if !strings.Contains(front, `<a href="#b">below</a>`) || !strings.Contains(front, `<h2 id="b">`) {
		t.Error("a link within the text leads nowhere")
	}
	s.remove("content/2026-11-20-x.md")
	if r := s.build(); len(r.Warnings) != 1 || !strings.HasPrefix(r.Warnings[0], "content/index.md:1: links to 2026-11-20-x.md") {
		t.Errorf("warnings: %q", r.Warnings)
	}
}

func TestLayoutsThatLoseTheLinksOfTheFrontPageAreRefused(t *testing.T) {
	const tokenLink = "[links]\ntoken_endpoint = \"https://tokens.example/\"\n"
	head := func(links string) string {
		return "<!DOCTYPE html><html><head><title>x</title>" + links + "</head>"
	}
	all := `{{range .Site.Head}}<link rel="{{.Rel}}" href="{{.Href}}">{{end}}`
	for _, tc := range []struct{ name, extra, layout, text, want string }{
		{"a head without links", tokenLink, "head.html", head(""), `no <link rel="micropub" href="https://alice.example/micropub">`},
		{"a front page without a head", tokenLink, "home.html", "<h1>Me</h1>", `no <link rel="micropub"`},
		{"a head without one of them", tokenLink, "head.html", head(`{{range .Site.Head}}{{if ne .Rel "token_endpoint"}}<link rel="{{.Rel}}" href="{{.Href}}">{{end}}{{end}}`),
			`no <link rel="token_endpoint" href="https://tokens.example/">`},
		{"links in a comment", tokenLink, "head.html", head("<!-- " + all + " -->"), `no <link rel="micropub"`},
		{"a head with all of them", tokenLink, "head.html", head(all), ""},
		{"a front page that says nothing of the owner, who is elsewhere", "me = \"https://ada.example/\"\n", "home.html", "<h1>Me</h1>", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newTestSite(t, small())
			s.build()
			before := s.outputs()
			s.write("layouts/"+tc.layout, tc.text)
			config := testConfig + tc.extra
			if strings.HasPrefix(tc.extra, "me") {
				config = tc.extra + testConfig
			}
			err := s.with(s.configOf(config), func(_ *store.Store, g *generator.Generator) error {
				_, err := g.Build(context.Background())
				return err
			})
			if tc.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "layouts/home.html: ") {
				t.Errorf("got %v, want …%s…", err, tc.want)
			}
			if d := diff(s.outputs(), before); d != "" {
				t.Errorf("the old site did not stay:\n%s", d)
			}
		})
	}
}
