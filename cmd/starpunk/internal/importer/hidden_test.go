package importer_test

import (
	"path/filepath"
	"strings"
	"testing"

	"starpunk/cmd/starpunk/internal/importer"
	"starpunk/site"
)

// Pages that the old site hid are hidden here, too.
func TestPagesThatHugoHidesStayHidden(t *testing.T) {
	const dated = "date: 2020-03-07\n"
	for _, tc := range []struct {
		rule, file, front string
		draft             bool
		visibility        string
		year              int
		says              string // a part of its finding in the report
	}{
		{"a note that is shown", "content/blog/a.md", dated, false, site.Public, 2020, ""},
		{"publishDate in the future", "content/blog/a.md", dated + "publishDate: 2999-01-01\n", false, site.Public, 2020, "a.md:1: was scheduled for 2999-01-01; held back until then"},
		{"publishDate in the past", "content/blog/a.md", dated + "publishDate: 2021-01-01\n", false, site.Public, 2020, ""},
		{"publishDate that can't be read", "content/blog/a.md", dated + "publishDate: soon\n", true, site.Public, 2020, `a.md:3: publishDate: "soon" is not understood, so that the note is a draft`},
		{"a page of the future", "content/a.md", "publishDate: 2999-01-01\n", false, site.Public, 2999, "a.md:1: was scheduled for 2999-01-01"},
		{"a page with a date of the future", "content/a.md", "date: 2999-01-01\n", false, site.Public, 2999, "a.md:1: was scheduled for 2999-01-01"},
		{"published: false", "content/blog/a.md", dated + "published: false\n", true, site.Public, 2020, ""},
		{"expired", "content/blog/a.md", dated + "expiryDate: 2021-01-01\n", false, site.Public, 2020, "a.md:1: was shown only until 2021-01-01; imported, and not shown"},
		{"expired, by the other name", "content/blog/a.md", dated + "unpublishdate: 2021-01-01\n", false, site.Public, 2020, "a.md:1: was shown only until 2021-01-01"},
		{"to expire", "content/blog/a.md", dated + "expiryDate: 2999-01-01\n", false, site.Public, 2020, ""},
		{"headless", "content/blog/a/index.md", dated + "headless: true\n", false, site.Private, 2020, "index.md:3: headless: imported as private"},
		{"not headless", "content/blog/a/index.md", dated + "headless: false\n", false, site.Public, 2020, ""},
		{"never rendered", "content/blog/a.md", dated + "build: {render: never}\n", false, site.Private, 2020, "a.md:3: build: imported as private"},
		{"never rendered, by the former name", "content/blog/a.md", dated + "_build: {render: false}\n", false, site.Private, 2020, "a.md:3: _build: imported as private"},
		{"always rendered", "content/blog/a.md", dated + "build: {render: always, list: always}\n", false, site.Public, 2020, ""},
		{"never listed", "content/blog/a.md", dated + "build: {list: never, publishResources: false}\n", false, site.Unlisted, 2020, "a.md:3: build: imported as unlisted"},
		{"a draft in quotes", "content/blog/a.md", dated + "draft: 'yes'\n", true, site.Public, 2020, "a.md:3: draft: imported as a draft"},
		{"a key that is misspelt", "content/blog/a.md", dated + "Drfat: true\n", true, site.Public, 2020, `a.md:3: unknown key "Drfat", did you mean "draft"?`},
		{"visibility of microformats", "content/blog/a.md", dated + "visibility: private\n", false, site.Private, 2020, "a.md:3: visibility: imported as private"},
		{"a status", "content/blog/a.md", dated + "post-status: draft\n", true, site.Public, 2020, "a.md:3: post-status: imported as a draft"},
		{"a value that is not known", "content/blog/a.md", dated + "status: half-done\n", true, site.Public, 2020, `a.md:3: status: "half-done" is not understood, so that the note is a draft`},
		{"private", "content/blog/a.md", dated + "private: true\n", false, site.Private, 2020, "a.md:3: private: imported as private"},
		{"a password", "content/blog/a.md", dated + "password: abc\n", false, site.Private, 2020, "StarPunk has no passwords"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			// A file at the top is a page if there are folders next to it.
			w := newWorld(t, map[string]string{"hugo.toml": "", "content/z/z.md": "---\n" + dated + "---\nText.\n", tc.file: "---\n" + tc.front + "---\nText.\n"})
			report, err := w.run(importer.Options{})
			if err != nil || len(report.Notes) != 2 {
				t.Fatalf("imported: %v, %v", report, err)
			}
			n, err := w.store.Read(strings.TrimPrefix(report.Notes[0].To, "content/"))
			if err != nil {
				t.Fatal(err)
			}
			if n.Draft != tc.draft || n.Visibility != tc.visibility || tc.year != 0 && n.Published.Year() != tc.year || tc.year == 0 && !n.Published.IsZero() {
				t.Errorf("draft %v, %s, %v; want %v, %s, the year %d", n.Draft, n.Visibility, n.Published, tc.draft, tc.visibility, tc.year)
			}
			said := ""
			for _, f := range report.Findings {
				if strings.HasSuffix(f.File, filepath.FromSlash(tc.file)) && !strings.HasPrefix(f.Kind, "key ") {
					said += f.String() + "\n"
				}
			}
			if !strings.Contains(said, tc.says) || (said == "") != (tc.says == "") {
				t.Errorf("said %q, want %q", said, tc.says)
			}
			if again, err := w.run(importer.Options{}); err != nil || len(again.Notes) != 0 || again.Present != 2 {
				t.Errorf("again: %v, %d there, %v", again.Notes, again.Present, err)
			}
		})
	}
}

func TestPagesThatAFolderOfHugoHidesStayHidden(t *testing.T) {
	const shown, draft, unlisted = "shown", "draft", "unlisted"
	for _, tc := range []struct {
		rule, config, list string // hugo.toml, blog/_index.md
		says               string // the note blog/trips/a.md, or its language's
		want               string
	}{
		{"nothing is hidden", "", "title: Blog", "", shown},
		{"a folder's drafts", "", "cascade: {draft: true}", "", draft},
		{"what is never rendered", "", "cascade: {build: {render: never}}", "", site.Private},
		{"by the key of another tool", "", "cascade: {params: {color: red}, status: wip}", "", draft},
		{"in any case, in a list", "", "Cascade: [{params: {color: red}}, {Build: {list: local}}]", "", unlisted},
		{"the note says otherwise", "", "cascade: {draft: true}", "draft: false", shown},
		{"the first of several", "", "cascade: [{draft: false}, {draft: true}]", "", shown},
		{"the configuration", "[cascade]\ndraft = true", "", "", draft},
		{"the configuration in a list", "[[cascade]]\ndraft = true\n[cascade.target]\npath = '{/notes,/blog}/**'", "", "", draft},
		{"a folder takes precedence", "[cascade]\ndraft = true", "cascade: {draft: false}", "", shown},
		{"what the list itself is, is another matter", "", "draft: true\nbuild: {render: never}", "", shown},
		{"this path", "", "cascade: {draft: true, target: {path: '/Blog/**'}}", "", draft},
		{"not this path", "", "cascade: {draft: true, _target: {path: '/blog/*'}}", "", shown},
		{"not this letter", "", "cascade: {draft: true, target: {path: '/blog/trips/?b'}}", "", shown},
		{"only lists", "", "cascade: {draft: true, target: {kind: '{section,home}'}}", "", shown},
		{"pages of every kind", "", "cascade: {draft: true, target: {kind: '{page,section}'}}", "", draft},
		{"while the site is made", "", "cascade: {draft: true, target: {environment: development}}", "", shown},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			w := newWorld(t, map[string]string{
				"hugo.toml":               tc.config,
				"content/blog/_index.md":  "---\n" + tc.list + "\n---\n",
				"content/blog/trips/a.md": "---\ndate: 2020-03-07\n" + tc.says + "\n---\nText.\n",
			})
			report, err := w.run(importer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, n := shown, w.note(report)
			if n.Draft {
				got = draft
			} else if n.Visibility != site.Public {
				got = n.Visibility
			}
			if got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
	t.Run("of another folder", func(t *testing.T) {
		w := newWorld(t, map[string]string{
			"hugo.toml": "", "content/blog/_index.md": "---\ncascade: {draft: true}\n---\n",
			"content/blogs/a.md": "---\ndate: 2020-03-07\n---\nText.\n",
		})
		report, err := w.run(importer.Options{})
		if err != nil || w.note(report).Draft {
			t.Errorf("is hidden, or %v", err)
		}
	})
	t.Run("of one language", func(t *testing.T) {
		w := newWorld(t, map[string]string{
			"hugo.toml": "[languages.en]\n[languages.de]\n", "content/blog/_index.de.md": "---\ncascade: {draft: true}\n---\n",
			"content/blog/a.md": "---\ndate: 2020-03-07\n---\nText.\n", "content/blog/b.de.md": "---\ndate: 2020-03-07\n---\nText.\n",
		})
		report, err := w.run(importer.Options{})
		if err != nil || len(report.Notes) != 2 {
			t.Fatalf("imported: %v, %v", report, err)
		}
		for i, hidden := range []bool{false, true} {
			if n, err := w.store.Read(strings.TrimPrefix(report.Notes[i].To, "content/")); err != nil || n.Draft != hidden {
				t.Errorf("%s: a draft: %v, %v", report.Notes[i].To, n.Draft, err)
			}
		}
	})
	t.Run("that can't be read", func(t *testing.T) {
		w := newWorld(t, map[string]string{"hugo.toml": "", "content/blog/_index.md": "---\ncascade: [\n---\n"})
		report, err := w.run(importer.Options{})
		if err != nil || report.Skipped != 1 {
			t.Errorf("reported: %v, %v", report, err)
		}
	})
}
