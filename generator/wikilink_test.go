package generator_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"starpunk/generator"
	"starpunk/site/store"
)

// vault is a site as editors of linked notes keep one.
func vault(body string) map[string]string {
	return map[string]string{
		"content/notes/a.md":                note("2026-05-01", "title: Start", body),
		"content/thoughts/tides.md":         note("2026-05-02", "title: Tides", "## Über Ebbe\n\nText"),
		"content/thoughts/deep/sea.md":      note("2026-05-03", "", "Deep"),
		"content/sea.md":                    note("2026-05-04", "slug: top-sea", "At the top"),
		"content/x/twice.md":                note("2026-05-05", "slug: twice-x", "One"),
		"content/longer/twice.md":           note("2026-05-06", "slug: twice-longer", "Other"),
		"content/trip/index.md":             note("2026-05-07", "title: Trip", "![o](own.png)"),
		"content/trip/own.png":              "png",
		"content/Big Name.md":               note("2026-05-08", "", "Big"),
		"content/drafts/draft.md":           note("2026-05-09", "draft: true", "![s](../images/draft.png)"),
		"content/private.md":                note("2026-05-09", "visibility: private", "![s](images/private.png)"),
		"content/v1.2.md":                   note("2026-05-10", "slug: version", "A dot"),
		"content/images/chart.png":          "png",
		"content/images/draft.png":          "png",
		"content/images/private.png":        "png",
		"content/images/unused.png":         "png",
		"content/images/a b.png":            "png",
		"content/images/song.mp3":           "mp3",
		"content/images/paper.pdf":          "pdf",
		"content/images/data.csv":           "1,2",
		"content/_drafts/hidden.png":        "png",
		"content/.obsidian/icon.png":        "png",
		"content/notes/beside.png":          "png",
		"content/notes/images/chart-b.png":  "png",
		"content/images/chart-b.png":        "other",
		"static/logo.png":                   "png",
		"content/.trash/notes/trashed.md":   note("2026-05-01", "", "Gone"),
		"content/.trash/images/trashed.png": "png",
	}
}

func TestLinksOfAVault(t *testing.T) {
	for _, tc := range []struct{ name, body, want, warning string }{
		{"by name", "[[tides]]", `<a href="/2026/05/tides/">tides</a>`, ""},
		{"with a text", "[[tides|the *tides*]]", `<a href="/2026/05/tides/">the *tides*</a>`, ""},
		{"in other letters", "[[TIDES]]", `<a href="/2026/05/tides/">TIDES</a>`, ""},
		{"with spaces", "[[ Big name ]]", `<a href="/2026/05/big-name/">Big name</a>`, ""},
		{"with the extension", "[[tides.md]]", `<a href="/2026/05/tides/">tides.md</a>`, ""},
		{"with a dot", "[[v1.2]]", `<a href="/2026/05/version/">v1.2</a>`, ""},
		{"with the folder", "[[thoughts/tides]]", `<a href="/2026/05/tides/">thoughts/tides</a>`, ""},
		{"with a part of the path", "[[deep/sea]]", `<a href="/2026/05/sea/">deep/sea</a>`, ""},
		{"from the note's folder", "[[../thoughts/tides]]", `<a href="/2026/05/tides/">../thoughts/tides</a>`, ""},
		{"the exact path first", "[[sea]]", `<a href="/2026/05/top-sea/">sea</a>`, ""},
		{"a bundle", "[[trip]]", `<a href="/2026/05/trip/">trip</a>`, ""},
		{"a heading", "[[tides#Über Ebbe]]", `<a href="/2026/05/tides/#%C3%BCber-ebbe">tides &gt; Über Ebbe</a>`, ""},
		{"a heading with a text", "[[tides#Über Ebbe|ebb]]", `<a href="/2026/05/tides/#%C3%BCber-ebbe">ebb</a>`, ""},
		{"a heading that is not there", "[[tides#Flood]]", `<a href="/2026/05/tides/#flood">`, "links to [[tides#Flood]], which does not exist"},
		{"a heading of this note", "## Here\n\n[[#Here]]", `<a href="/2026/05/a/#here">Here</a>`, ""},
		{"of two the shortest path", "[[twice]]", `<a href="/2026/05/twice-x/">twice</a>`, "links to [[twice]], which may be content/x/twice.md or content/longer/twice.md; the first is meant here"},
		{"in a table", "| a |\n|---|\n| [[tides\\|ebb]] |", `<a href="/2026/05/tides/">ebb</a>`, ""},
		{"in emphasis", "*[[tides]]*", `<em><a href="/2026/05/tides/">tides</a></em>`, ""},
		{"two beside each other", "[[tides]][[trip]]", `tides</a><a href="/2026/05/trip/">trip</a>`, ""},
		{"a note that is not there", "x [[nowhere|text]] y", `<p>x text y</p>`, "links to [[nowhere|text]], where no published note is"},
		{"a draft", "x [[draft]] y", `<p>x draft y</p>`, "links to [[draft]], where no published note is"},
		{"a private note", "x [[private]] y", `<p>x private y</p>`, "links to [[private]], where no published note is"},
		{"a deleted note", "x [[trashed]] y", `<p>x trashed y</p>`, "links to [[trashed]], where no published note is"},
		{"a text that would run", "[[tides|<script>x</script>]]", `&lt;script&gt;x&lt;/script&gt;`, ""},

		{"escaped", `\[[tides]]`, `[[tides]]`, ""},
		{"in code", "`[[tides]]`", `<code>[[tides]]</code>`, ""},
		{"a link with brackets in its text", "[[1]](https://example.org/)", `<a href="https://example.org/">[1]</a>`, ""},
		{"a reference in brackets", "[[x]]\n\n[x]: https://example.org/", `[<a href="https://example.org/">x</a>]`, ""},
		{"a reference with brackets in its text", "[[x]][y]\n\n[y]: https://example.org/", `<a href="https://example.org/">[x]</a>`, ""},
		{"a remark after a link", "[[tides]](see there)", `tides</a>(see there)`, ""},
		{"nothing", "[[]] [[ ]] [[a", `[[]] [[ ]] [[a`, ""},
		{"over two lines", "[[a\nb]]", "[[a\nb]]", ""},
		{"an address", "[[https://example.org/]]", `[[https://example.org/]]`, ""},
		{"a very long one", "[[" + strings.Repeat("a", 1200) + "]]", "[[" + strings.Repeat("a", 1200) + "]]", ""},

		{"a picture", "![[chart.png]]", `<img src="/images/chart.png" alt="">`, ""},
		{"a picture with a width", "![[chart.png|300]]", `<img src="/images/chart.png" alt="" width="300">`, ""},
		{"a picture with a size", "![[chart.png|300x200]]", `<img src="/images/chart.png" alt="" width="300" height="200">`, ""},
		{"a picture with a text", "![[chart.png|A chart]]", `<img src="/images/chart.png" alt="A chart">`, ""},
		{"a picture in other letters", "![[Chart.PNG]]", `<img src="/images/chart.png" alt="">`, ""},
		{"a picture that is not there", "x ![[gone.png]] y", `<p>x gone.png y</p>`, "links to ![[gone.png]], and there is no such file"},
		{"a picture in a hidden folder", "x ![[hidden.png]] y", `<p>x hidden.png y</p>`, "links to ![[hidden.png]], and there is no such file"},
		{"a picture in the trash", "x ![[trashed.png]] y", `<p>x trashed.png y</p>`, "links to ![[trashed.png]], and there is no such file"},
		{"a picture of a bundle", "![[own.png]]", `<img src="/2026/05/trip/own.png" alt="">`, ""},
		{"an embedded note", "![[tides]]", `<a href="/2026/05/tides/">tides</a>`, "embeds ![[tides]], which is shown as a link: notes are not put into notes"},
		{"an embedded sound", "![[song.mp3]]", `<a href="/images/song.mp3">song.mp3</a>`, ""},

		{"a link from the top", "[x](thoughts/tides.md)", `<a href="/2026/05/tides/">x</a>`, ""},
		{"a link without extension", "[x](thoughts/tides)", `<a href="/2026/05/tides/">x</a>`, ""},
		{"a link without extension from the folder", "[x](../thoughts/tides)", `<a href="/2026/05/tides/">x</a>`, ""},
		{"a link with a heading", "[x](thoughts/tides#über-ebbe)", `<a href="/2026/05/tides/#%C3%BCber-ebbe">x</a>`, ""},
		{"a link with a heading that is not there", "[x](thoughts/tides.md#flood)", `<a href="/2026/05/tides/#flood">x</a>`, "links to thoughts/tides.md#flood, which does not exist"},
		{"a link with a dot", "[x](./../thoughts/tides.md)", `<a href="/2026/05/tides/">x</a>`, ""},
		{"a link with spaces", "[x](<../Big Name.md>) [y](Big%20Name)", `<a href="/2026/05/big-name/">x</a> <a href="/2026/05/big-name/">y</a>`, ""},
		{"a link to a bundle's folder", "[x](../trip/)", `<a href="/2026/05/trip/">x</a>`, ""},
		{"a link to a bundle's folder from the top", "[x](trip)", `<a href="/2026/05/trip/">x</a>`, ""},
		{"a link to a bundle's file", "[x](../trip/index.md)", `<a href="/2026/05/trip/">x</a>`, ""},
		{"a link that climbs out", "[x](../../../etc/passwd.md)", `<p>x</p>`, "links to ../../../etc/passwd.md, where no published note is"},
		{"a picture from the top", "![x](images/chart.png)", `<img src="/images/chart.png" alt="x">`, ""},
		{"a picture from the note's folder", "![x](../images/chart.png)", `<img src="/images/chart.png" alt="x">`, ""},
		{"a picture beside the note", "![x](beside.png)", `<img src="/notes/beside.png" alt="x">`, ""},
		{"the nearest picture first", "![x](images/chart-b.png)", `<img src="/notes/images/chart-b.png" alt="x">`, ""},
		{"a picture with a slash before it", "![x](/images/chart.png)", `<img src="/images/chart.png" alt="x">`, ""},
		{"a static picture", "![x](/logo.png)", `<img src="/logo.png" alt="x">`, ""},
		{"a picture with spaces", "![x](<images/a b.png>)", `<img src="/images/a%20b.png" alt="x">`, ""},
		{"a picture of another note's bundle", "![x](trip/own.png)", `<img src="/2026/05/trip/own.png" alt="x">`, ""},
		{"a hidden picture", "![x](_drafts/hidden.png)", `<img src="/2026/05/a/_drafts/hidden.png" alt="x">`, "shows /2026/05/a/_drafts/hidden.png, and there is no such file"},
		{"a picture of the editor", "![x](.obsidian/icon.png)", `<img src=`, "shows /2026/05/a/.obsidian/icon.png, and there is no such file"},
		{"a linked document", "[x](images/paper.pdf)", `<a href="/images/paper.pdf">x</a>`, ""},
		{"a linked file of another kind", "[x](images/data.csv)", `<a href="/2026/05/a/images/data.csv">x</a>`, "links to images/data.csv, which does not exist"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newTestSite(t, vault(tc.body))
			r := s.build()
			page := s.output("2026/05/a/index.html")
			if !strings.Contains(page, tc.want) {
				t.Errorf("%s: want %s in\n%s", tc.body, tc.want, page[max(0, strings.Index(page, "e-content")):])
			}
			var want []string
			if tc.warning != "" {
				want = []string{"content/notes/a.md:5: " + tc.warning}
			}
			if got := r.Warnings; !slices.Equal(got, want) && len(got)+len(want) > 0 {
				t.Errorf("%s: warnings %q, want %q", tc.body, got, want)
			}
			for name := range s.outputs() {
				for _, secret := range []string{"hidden", "draft", "private", "unused", "icon", "trashed.png"} {
					if strings.Contains(name, secret) {
						t.Errorf("%s is published", name)
					}
				}
			}
			if len(want) == 0 {
				walkLinks(t, "https://alice.example/", s.outputs())
			}
		})
	}
}

// Feeds and the front page have the addresses that the page has.
func TestFeedsShowThePicturesOfAVault(t *testing.T) {
	s := newTestSite(t, vault("![x](images/chart.png) ![[a b.png]] [[tides]] [y](thoughts/tides)"))
	s.build()
	for _, name := range []string{"feed.xml", "feed.json"} {
		for _, want := range []string{"https://alice.example/images/chart.png", "https://alice.example/images/a%20b.png", "https://alice.example/2026/05/tides/"} {
			if !strings.Contains(s.output(name), want) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
	}
	if home := s.output("index.html"); strings.Contains(home, "[[") {
		t.Errorf("the front page shows brackets")
	}
}

func TestAPictureOfAVaultIsPublishedAsLongAsAPageShowsIt(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/notes/a.md":       note("2026-05-01", "", "![x](images/chart.png)"),
		"content/notes/b.md":       note("2026-05-02", "", "![[chart.png]]"),
		"content/images/chart.png": pngOf(t, 1, 2),
	})
	show := func(name string) string { return "content/notes/" + name + ".md" }
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		for _, step := range []struct {
			name      string
			do        func()
			published bool
			width     string
		}{
			{"two pages show it", func() {}, true, `width="1"`},
			{"it changes", func() { s.write("content/images/chart.png", pngOf(s.t, 7, 2)) }, true, `width="7"`},
			{"one page remains", func() { s.remove(show("a")) }, true, `width="7"`},
			{"that becomes a draft", func() { s.write(show("b"), note("2026-05-02", "draft: true", "![[chart.png]]")) }, false, ""},
			{"it is published again", func() { s.write(show("b"), note("2026-05-02", "", "![[chart.png]]")) }, true, `width="7"`},
			{"a static file takes its address", func() { s.write("static/images/chart.png", pngOf(s.t, 9, 2)) }, true, ""},
			{"and leaves it", func() { s.remove("static/images") }, true, `width="7"`},
			{"the picture goes", func() { s.remove("content/images") }, false, ""},
			{"it comes back elsewhere", func() { s.write("content/deep/chart.png", pngOf(s.t, 3, 2)) }, false, `src="/deep/chart.png" alt="" width="3"`},
		} {
			step.do()
			if _, err := g.Build(context.Background()); err != nil {
				return err
			}
			if got := s.hasOutput("images/chart.png"); got != step.published {
				t.Errorf("%s: published is %v", step.name, got)
			}
			if step.width != "" && !strings.Contains(s.output("2026/05/b/index.html"), step.width) {
				t.Errorf("%s: the page does not say %s: %s", step.name, step.width, s.output("2026/05/b/index.html"))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Which of two pages is recorded first makes no difference to what both show.
func TestAPictureGoesFromOnePageToAnother(t *testing.T) {
	s := newTestSite(t, map[string]string{
		"content/notes/a.md":      note("2026-05-02", "", "![[chart.png]] ![[caf\u00e9.png]]"),
		"content/notes/b.md":      note("2026-05-01", "", "Nothing yet."),
		"content/x/chart.png":     pngOf(t, 1, 2),
		"content/x/caf\u00e9.png": pngOf(t, 1, 2),
	})
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		for _, step := range []struct {
			name string
			do   func()
		}{
			{"the newer page shows it", func() {}},
			{"the older one instead", func() {
				s.write("content/notes/a.md", note("2026-05-02", "", "No more. ![[caf\u00e9.png]]"))
				s.write("content/notes/b.md", note("2026-05-01", "", "![[chart.png]]"))
			}},
			{"the newer one again", func() {
				s.write("content/notes/a.md", note("2026-05-02", "", "![[chart.png]] ![[caf\u00e9.png]]"))
				s.write("content/notes/b.md", note("2026-05-01", "", "Nothing."))
			}},
			{"the older one by its address", func() {
				s.write("content/notes/a.md", note("2026-05-02", "", "![[caf\u00e9.png]]"))
				s.write("content/notes/b.md", note("2026-05-01", "", "![A chart](/x/chart.png)"))
			}},
			{"a name takes the other Unicode form", func() { s.move("content/x/caf\u00e9.png", "content/x/cafe\u0301.png") }},
		} {
			step.do()
			if _, err := g.Build(context.Background()); err != nil {
				return err
			}
			for _, output := range []string{"x/chart.png", "x/caf\u00e9.png"} {
				if !s.hasOutput(output) {
					t.Errorf("%s: %s is not published", step.name, output)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAWikilinkFollowsItsNote(t *testing.T) {
	s := newTestSite(t, map[string]string{"content/notes/a.md": note("2026-05-01", "", "See [[tides]].")})
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) error {
		for _, step := range []struct {
			name, want string
			warnings   int
			do         func()
		}{
			{"there is none", "See tides.", 1, func() {}},
			{"it comes", `href="/2026/05/tides/"`, 0, func() { s.write("content/long/way/tides.md", note("2026-05-02", "", "T")) }},
			{"it moves", `href="/2026/05/ebb/"`, 0, func() { s.write("content/long/way/tides.md", note("2026-05-02", "slug: ebb", "T")) }},
			{"a nearer one comes", `href="/2026/05/near/"`, 1, func() { s.write("content/near/tides.md", note("2026-05-03", "slug: near", "T")) }},
			{"one at the top comes", `href="/2026/05/top/"`, 0, func() { s.write("content/tides.md", note("2026-05-03", "slug: top", "T")) }},
			{"that becomes a draft", `href="/2026/05/near/"`, 1, func() { s.write("content/tides.md", note("2026-05-03", "slug: top\ndraft: true", "T")) }},
			{"the nearer one goes", `href="/2026/05/ebb/"`, 0, func() { s.remove("content/near") }},
			{"its folder is renamed", `href="/2026/05/ebb/"`, 0, func() { s.move("content/long", "content/short") }},
			{"it is in the trash", "See tides.", 1, func() { s.move("content/short/way/tides.md", "content/.trash/short/way/tides.md") }},
		} {
			step.do()
			r, err := g.Build(context.Background())
			if err != nil {
				return err
			}
			got := slices.DeleteFunc(r.Warnings, func(w string) bool { return strings.Contains(w, "its page was at") })
			if page := s.output("2026/05/a/index.html"); !strings.Contains(page, step.want) || len(got) != step.warnings {
				t.Errorf("%s: want %s and %d warnings, got %q\n%s", step.name, step.want, step.warnings, got, page[strings.Index(page, "See"):][:80])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// However many link to a note, and however many files have its name, one that
// no page shows differently makes no page stale.
func TestALinkedNoteIsEditedAtItsOwnCost(t *testing.T) {
	files := map[string]string{"content/tides.md": note("2026-05-02", "", "T")}
	for i := range 50 {
		files[fmt.Sprintf("content/n%d.md", i)] = note("2020-05-01", "", "[[tides]] [x](tides.md) [y](/2026/05/tides/)")
	}
	s := newTestSite(t, files)
	s.build()
	s.write("content/tides.md", note("2026-05-02", "", "Other words"))
	if r := s.build(); r.Written+r.Unchanged > 20 {
		t.Errorf("%d outputs were looked at", r.Written+r.Unchanged)
	}
}

func TestNoMoreThanTwoThousandNamesOfANoteAreLookedUp(t *testing.T) {
	var body strings.Builder
	for i := range 3000 { // each is looked up beside the note, and from the top
		fmt.Fprintf(&body, "[n%d](n%d.md)\n%s", i, i, strings.Repeat("\n", i%2))
	}
	s := newTestSite(t, map[string]string{
		"content/notes/a.md": note("2026-11-01", "", body.String()),
		"content/n500.md":    note("2026-11-02", "", "Reached"),
		"content/n999.md":    note("2026-11-02", "", "Reached"),
	})
	report := strings.Join(s.build().Warnings, "\n")
	if !strings.Contains(report, "has more than 2000 links to files; the others are not looked at") {
		t.Errorf("warnings: %.500s", report)
	}
	if page := s.output("2026/11/a/index.html"); !strings.Contains(page, "/2026/11/n500/") {
		t.Error("a note among the first is not found")
	}
}
