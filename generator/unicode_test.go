package generator_test

import (
	"slices"
	"strings"
	"testing"
)

// Names in the form of macOS, and in the form that people type.
const (
	decomposed = "u\u0308ber"
	composed   = "\u00fcber"
)

func TestNamesAreFoundInEitherUnicodeForm(t *testing.T) {
	for _, form := range []struct{ name, file, text string }{
		{"files decomposed", decomposed, composed},
		{"files composed", composed, decomposed},
		{"both decomposed", decomposed, decomposed},
	} {
		t.Run(form.name, func(t *testing.T) {
			t.Parallel()
			f, x := form.file, form.text
			s := newTestSite(t, map[string]string{
				"content/trip/index.md":                 note("2026-05-01", "photo: "+x+".png", "![b]("+x+".png) [c]("+x+".csv)"),
				"content/trip/" + f + ".png":            "png",
				"content/trip/" + f + ".csv":            "1,2",
				"content/notes/2026-05-02-" + f + ".md": note("2026-05-02", "aliases: [/alt-"+x+"/]", "## "+f),
				"content/pages/" + f + "/about.md":      "---\ntitle: About\n---\nMe",
				"content/images/" + f + ".png":          "png",
				"content/2026-05-04-address.md":         note("2026-05-04", "permalink: /"+f+"/given/", "Given"),
				"static/" + f + "/s.png":                "png",
				"content/2026-05-03-a.md": note("2026-05-03", "title: A",
					"[n](notes/2026-05-02-"+x+".md) [[2026-05-02-"+x+"]] ![[2026-05-02-"+x+"]] ![[images/"+x+".png]] ![i](images/"+x+".png) ![s](/"+x+"/s.png) [p](/"+x+"/about/) [g](/"+x+"/given/) [alt](/alt-"+x+"/)"),
			})
			r := s.build()
			warnings := slices.DeleteFunc(r.Warnings, func(w string) bool { return strings.Contains(w, "embeds") })
			if len(r.Problems)+len(warnings) > 0 {
				t.Errorf("problems %q, warnings %q", r.Problems, warnings)
			}
			for _, want := range []string{"2026/05/trip/" + composed + ".png", "2026/05/trip/" + composed + ".csv", "2026/05/" + composed + "/index.html",
				composed + "/about/index.html", composed + "/given/index.html", "images/" + composed + ".png", composed + "/s.png", "alt-" + composed + "/index.html"} {
				if !s.hasOutput(want) {
					t.Errorf("there is no %s", want)
				}
			}
			for name := range s.outputs() {
				if strings.Contains(name, decomposed) {
					t.Errorf("%s is decomposed", name)
				}
			}
			page := s.output("2026/05/a/index.html")
			if n := strings.Count(page, `href="/2026/05/%C3%BCber/"`); n != 4 { // one is that to the note before
				t.Errorf("%d of 4 links lead to the note: %s", n, page)
			}
			walkLinks(t, "https://alice.example/", s.outputs())
		})
	}
}

func TestFilesThatDifferOnlyByUnicodeFormClaimOneAddress(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/2026-05-01-" + composed + ".md":   "One",
		"content/2026-05-01-" + decomposed + ".md": "Other",
		"content/trip/index.md":                    note("2026-05-02", "", "Trip"),
		"content/trip/" + composed + ".png":        "composed",
		"content/trip/" + decomposed + ".png":      "decomposed",
		"static/" + composed + ".txt":              "composed",
		"static/" + decomposed + ".txt":            "decomposed",
	})
	r := s.build()
	report := strings.Join(append(r.Problems, r.Warnings...), "\n")
	for _, want := range []string{
		"its address /2026/05/über/ belongs to content/2026-05-01-",
		"content/trip/index.md:1: its file " + decomposed + ".png is not published: another has the same name",
		"static/" + decomposed + ".txt: another file has the same name",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("not reported: %s\n%s", want, report)
		}
	}
	for _, name := range []string{"2026/05/trip/" + composed + ".png", composed + ".txt"} {
		if got := s.output(name); got != "composed" {
			t.Errorf("%s is %q", name, got)
		}
	}
}

func TestFilesInCapitalLettersAreNotes(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/2026-05-01-a.MD":       "[b](2026-05-02-b.Markdown) [[2026-05-02-b]] [r](/README.MD) ![x](trip/x.PNG)",
		"content/2026-05-02-b.Markdown": "[a](2026-05-01-a.md)",
		"content/trip/index.MD":         note("2026-05-03", "", "![x](x.PNG)"),
		"content/trip/x.PNG":            "png",
		"content/index.MD":              "Front",
		"static/README.MD":              "static",
	})
	if r := s.build(); len(r.Problems)+len(r.Warnings) > 0 {
		t.Errorf("problems %q, warnings %q", r.Problems, r.Warnings)
	}
	if page := s.output("2026/05/a/index.html"); strings.Count(page, `href="/2026/05/b/"`) != 3 || !strings.Contains(page, `href="/README.MD"`) || !strings.Contains(page, `src="/2026/05/trip/x.PNG"`) {
		t.Errorf("links of a.MD: %s", page)
	}
	if !strings.Contains(s.output("index.html"), "Front") {
		t.Error("the front page has no text")
	}
	s.write("content/trip/x.PNG", "other")
	s.build()
	if s.output("2026/05/trip/x.PNG") != "other" {
		t.Error("a changed file of a bundle stays as it was")
	}
}
