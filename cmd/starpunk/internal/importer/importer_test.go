package importer_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/cmd/starpunk/internal/importer"
	"starpunk/site"
	"starpunk/site/store"
)

// A world has an empty site and an old one.
type world struct {
	t     testing.TB
	cfg   *site.Config
	store *store.Store
	old   string
}

func newWorld(t testing.TB, files map[string]string) *world {
	t.Helper()
	w := &world{t: t, old: t.TempDir()}
	for name, text := range files {
		w.write(name, text)
	}
	var err error
	w.cfg, err = site.ParseConfig(t.TempDir(), []byte("url = \"https://a.example/\"\ntitle = \"A\"\nreceiver.max_upload = \"1KiB\""), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	if w.store, err = store.Open(t.Context(), w.cfg, store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	return w
}

func (w *world) write(name, text string) {
	w.t.Helper()
	name = filepath.Join(w.old, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) run(o importer.Options) (*importer.Report, error) {
	w.t.Helper()
	if err := w.store.Scan(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	o.Dir = filepath.Join(w.old, filepath.FromSlash(o.Dir))
	return importer.Run(w.t.Context(), w.cfg, w.store, o)
}

// note returns the note of the only file.
func (w *world) note(r *importer.Report) *site.Note {
	w.t.Helper()
	if len(r.Notes) != 1 {
		w.t.Fatalf("imported: %v, found: %v", r.Notes, r.Findings)
	}
	n, err := w.store.Read(strings.TrimPrefix(r.Notes[0].To, "content/"))
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestFormerAddresses(t *testing.T) {
	const (
		hugo, zola, jekyll = "hugo.toml", "zola.toml", "_config.yml"
		dated              = "date: 2020-03-07T08:09:00Z\n"
	)
	for _, tc := range []struct {
		rule, config, text, file, front string
		want                            []string
	}{
		{"Hugo: folders and the file's name", hugo, "", "content/blog/deep/My Post.md", dated, []string{"/blog/deep/my-post/"}},
		{"Hugo: the slug takes precedence over the name", hugo, "", "content/blog/x.md", dated + "slug: named\n", []string{"/blog/named/"}},
		{"Hugo: url takes precedence over all", hugo, "", "content/blog/x.md", dated + "url: /some/where\n", []string{"/some/where/"}},
		{"Hugo: a pattern of the section", hugo, "[permalinks]\nblog = '/:year/:monthname/:day/:title/'", "content/blog/x.md", dated + "title: Hello, World!\n", []string{"/2020/march/07/hello-world/"}},
		{"Hugo: a pattern of the pages of a section", hugo, "[permalinks.page]\nblog = '/p/:filename'", "content/blog/x y.md", dated, []string{"/p/x-y/"}},
		{"Hugo: a pattern of another section", hugo, "[permalinks]\nnews = '/:year/'", "content/blog/x.md", dated, []string{"/blog/x/"}},
		{"Hugo: ugly addresses", hugo, "uglyURLs = true", "content/blog/x.md", dated, []string{"/blog/x.html"}},
		{"Hugo: another folder of notes", hugo, "contentDir = 'text'", "text/blog/x.md", dated, []string{"/blog/x/"}},
		{"Hugo: a date in the name stays there", hugo, "", "content/blog/2020-03-07-x.md", "title: X\n", []string{"/blog/2020-03-07-x/"}},
		{"Hugo: aliases begin at the page's folder", hugo, "", "content/blog/x.md", dated + "aliases: [../y, z, /q.html]\n", []string{"/blog/x/", "/y/", "/blog/z/", "/q.html"}},
		{"Hugo: an address that the note keeps is not an alias", hugo, "", "content/2020/03/x.md", dated, nil},
		{"Hugo: a site below a path", hugo, "baseURL = 'https://o.example/log/'", "content/blog/x.md", dated + "aliases: [z, /q.html]\n", []string{"/log/blog/x/", "/log/blog/z/", "/log/q.html"}},
		{"Hugo: keys of the configuration in any case", hugo, "baseurl = 'https://o.example/log'\nUglyUrls = true", "content/blog/x.md", dated, []string{"/log/blog/x.html"}},
		{"Hugo: another language", hugo, "[languages.en]\n[languages.fr]", "content/blog/x.fr.md", dated, []string{"/fr/blog/x/"}},
		{"Hugo: another language, with an address of its own", hugo, "[languages.fr]", "content/blog/x.fr.md", dated + "url: y/\n", []string{"/fr/y/"}},
		{"Hugo: another language, with an address from the top", hugo, "[languages.fr]", "content/blog/x.fr.md", dated + "url: /y/\n", []string{"/y/"}},
		{"Hugo: the usual language", hugo, "defaultContentLanguage = 'fr'\n[languages.fr]\n[languages.en]", "content/blog/x.fr.md", dated, []string{"/blog/x/"}},
		{"Hugo: the usual language in a folder of its own", hugo, "defaultContentLanguageInSubdir = true\n[languages.en]", "content/blog/x.md", dated, []string{"/en/blog/x/"}},
		{"Hugo: another language in a folder of notes of its own", hugo, "[languages.en]\ncontentDir = 'content/english'\n[languages.fr]\ncontentDir = 'content/french'", "content/french/blog/x.md", dated, []string{"/fr/blog/x/"}},
		{"Hugo: a dot in a name is not a language", hugo, "[languages.fr]", "content/blog/v1.go.md", dated, []string{"/blog/v1.go/"}},
		{"Hugo: a page with a name that is skipped here", hugo, "", "content/blog/_docs/index.md", "title: X\n", nil},
		{"Hugo: a name of nothing else", hugo, "", "content/blog/__.md", "title: X\n", nil},
		{"Hugo: letters as they are", hugo, "disablePathToLower = true", "content/Blog/My Post.md", dated + "slug: ''\n", []string{"/Blog/My-Post/"}},
		{"Hugo: letters without accents", hugo, "removePathAccents = true", "content/blog/Été.md", dated, []string{"/blog/ete/"}},
		{"Hugo: hyphens that are written stay", hugo, "", "content/blog/a--b- c (d).md", dated, []string{"/blog/a--b-c-d/"}},
		{"Hugo: ugly addresses of a section", hugo, "[uglyURLs]\nblog = true", "content/blog/x.md", dated, []string{"/blog/x.html"}},
		{"Hugo: ugly addresses of another section", hugo, "[uglyURLs]\nnews = true", "content/blog/x.md", dated, []string{"/blog/x/"}},
		{"Hugo: a pattern with an ending", hugo, "uglyURLs = true\n[permalinks]\nblog = '/:year/:slug/'", "content/blog/x.md", dated + "slug: Y\n", []string{"/2020/y.html"}},
		{"Hugo: a pattern of a language", hugo, "[permalinks]\nblog = '/en/:slug'\n[languages.fr.permalinks]\nblog = '/billets/:slugorfilename/'", "content/blog/x.fr.md", dated, []string{"/fr/billets/x/"}},
		{"Hugo: a pattern of a section within a section", hugo, "[permalinks]\nblog = '/b/:filename'\n\"blog/trips\" = '/t/:filename'", "content/blog/trips/x.md", dated, []string{"/t/x/"}},
		{"Hugo: a pattern in a list", hugo, "[[permalinks]]\npattern = '/no/:filename'\n[permalinks.target]\npath = '/news/**'\n[[permalinks]]\npattern = '/p/:filename'\n[permalinks.target]\npath = '/blog/**'\nkind = 'page'", "content/blog/x.md", dated, []string{"/p/x/"}},
		{"Hugo: a part of the sections, and a date in the way of Go", hugo, "[permalinks]\nblog = '/:sections[1:]/:sections[last]/:06/:filename'", "content/blog/a/b/x.md", dated, []string{"/a/b/b/20/x/"}},
		{"Hugo: a date in the name, if the configuration has it", hugo, "[frontmatter]\ndate = [':filename', ':default']\n[permalinks]\nblog = '/:year/:slug/'", "content/blog/2019-03-07-x.md", dated + "title: T\n", []string{"/2019/x/"}},
		{"Hugo: a language at a path of its own", hugo, "baseURL = 'https://o.example/'\n[languages.fr]\nbaseURL = 'https://o.example/francais/'", "content/blog/x.fr.md", dated, []string{"/francais/blog/x/"}},
		{"Hugo: a language on a host of its own", hugo, "baseURL = 'https://o.example/'\n[languages.fr]\nbaseURL = 'https://fr.example/'", "content/blog/x.fr.md", dated, nil},
		{"Zola: another language", zola, "[languages.fr]", "content/b/x.fr.md", dated, []string{"/fr/b/x/"}},
		{"Zola: another language in a bundle", zola, "[languages.pt-BR]", "content/b/x/index.pt-BR.md", dated, []string{"/pt-BR/b/x/"}},
		{"Zola: another language, with a path", zola, "[languages.fr]", "content/b/x.fr.md", dated + "path: y/z\n", []string{"/y/z/"}},
		{"Zola: a language that there is not", zola, "[languages.fr]", "content/b/x.de.md", dated, []string{"/b/x-de/"}},
		{"Zola: names that are kept", zola, "slugify.paths = 'off'", "content/b/X y.md", dated, []string{"/b/X y/"}},
		{"Zola: names that are safe", zola, "slugify.paths = 'safe'", "content/b/Ünï (x)..md", dated, []string{"/b/Ünï (x)/"}},
		{"Zola: dates that are kept in names", zola, "slugify.paths_keep_dates = true", "content/b/2020-03-07-x.md", "title: X\n", []string{"/b/2020-03-07-x/"}},
		{"Zola: a site below a path", zola, "base_url = 'https://o.example/log'", "content/b/x.md", dated, []string{"/log/b/x/"}},
		{"Zola: slugs of names, and folders as they are", zola, "", "content/Ä b/Ünï.md", dated, []string{"/Ä b/uni/"}},
		{"Zola: the slug takes precedence over the name", zola, "", "content/x.md", dated + "slug: named\n", []string{"/named/"}},
		{"Zola: path takes precedence over all", zola, "", "content/b/x.md", dated + "path: some/Where\n", []string{"/some/Where/"}},
		{"Zola: a time in the name", zola, "", "content/b/2020-03-07T08:09:00Z_x.md", "title: X\n", []string{"/b/x/"}},
		{"Zola: a date in the path", zola, "", "content/x.md", "path: 2020/03/07/y\n", []string{"/2020/03/07/y/"}},
		{"Jekyll: the usual form", jekyll, "", "_posts/2020-03-07-My_post.md", "categories: [A B, c]\n", []string{"/a-b/c/2020/03/07/My_post.html"}},
		{"Jekyll: pretty", jekyll, "permalink: pretty", "_posts/2020-03-07-x.md", "title: X\n", []string{"/2020/03/07/x/"}},
		{"Jekyll: ordinal", jekyll, "permalink: ordinal", "_posts/2020-03-07-x.md", "title: X\n", []string{"/2020/067/x.html"}},
		{"Jekyll: weekdate", jekyll, "permalink: weekdate", "_posts/2020-03-07-x.md", "title: X\n", []string{"/2020/W10/Sat/x.html"}},
		{"Jekyll: none", jekyll, "permalink: none", "_posts/2020-03-07-x.md", "title: X\n", []string{"/x.html"}},
		{"Jekyll: a pattern", jekyll, "permalink: /:short_year/:i_month/:i_day/:slug/", "_posts/2020-3-7-Big.md", "title: X\n", []string{"/20/3/7/big/"}},
		{"Jekyll: a pattern in the file", jekyll, "", "_posts/2020-03-07-x.md", "permalink: /:year/:title\n", []string{"/2020/x/"}},
		{"Jekyll: folders above posts are categories", jekyll, "", "b/c/_posts/2020-03-07-x.md", "title: X\n", []string{"/b/c/2020/03/07/x.html"}},
		{"Jekyll: a page", jekyll, "", "docs/x.md", "title: X\n", []string{"/docs/x.html"}},
		{"Jekyll: a page next to posts with a slash", jekyll, "permalink: /:year/:title/", "docs/x.md", "title: X\n", nil},
		{"Jekyll: a collection's pattern", jekyll, "collections: {docs: {output: true, permalink: '/d/:path/'}}", "_docs/a/x.md", "title: X\n", nil},
		{"Jekyll: a site below a path", jekyll, "baseurl: /log", "_posts/2020-03-07-x.md", "redirect_from: /q.html\n", []string{"/log/2020/03/07/x.html", "/log/q.html"}},
		{"Jekyll: defaults", jekyll, "defaults: [{scope: {path: ''}, values: {permalink: '/d/:title.html', layout: post}}]", "_posts/2020-03-07-x.md", "title: X\n", []string{"/d/x.html"}},
		{"Jekyll: the file takes precedence over defaults", jekyll, "defaults: [{scope: {path: ''}, values: {permalink: '/d/:title'}}]", "_posts/2020-03-07-x.md", "permalink: /own/\n", []string{"/own/"}},
		{"Jekyll: defaults of a type", jekyll, "defaults: [{scope: {path: '', type: pages}, values: {permalink: '/d/:title'}}, {scope: {type: posts}, values: {category: c}}]", "_posts/2020-03-07-x.md", "title: X\n", []string{"/c/2020/03/07/x.html"}},
		{"Jekyll: defaults of a collection", jekyll, "collections: {docs: {output: true}}\ndefaults: [{scope: {type: docs}, values: {permalink: '/d/:name.html'}}]", "_docs/a/x.md", dated, []string{"/d/x.html"}},
		{"Jekyll: defaults of a folder take precedence over those of all", jekyll, "defaults: [{scope: {path: b}, values: {permalink: '/b/:title.html'}}, {scope: {path: '', type: posts}, values: {permalink: '/all/:title'}}]", "b/_posts/2020-03-07-x.md", "title: X\n", []string{"/b/x.html"}},
		{"Jekyll: defaults of a type take precedence over those of all, and later ones over earlier ones", jekyll, "defaults: [{scope: {type: posts}, values: {permalink: /a/}}, {scope: {type: posts}, values: {permalink: /b/}}, {scope: {path: ''}, values: {permalink: /c/}}]", "_posts/2020-03-07-x.md", "title: X\n", []string{"/b/"}},
		{"Jekyll: defaults of other folders", jekyll, "defaults: [{scope: {path: b}, values: {permalink: /b/}}, {scope: {path: 'a/*/c'}, values: {permalink: /c/}}]", "bb/_posts/2020-03-07-x.md", "title: X\n", []string{"/bb/2020/03/07/x.html"}},
		{"Jekyll: defaults of folders like this", jekyll, "defaults: [{scope: {path: 'a/*/_posts'}, values: {permalink: '/c/:title.html'}}]", "a/b/_posts/2020-03-07-x.md", "title: X\n", []string{"/c/x.html"}},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			w := newWorld(t, map[string]string{tc.config: tc.text, tc.file: "---\n" + tc.front + "---\nText.\n"})
			report, err := w.run(importer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if n := w.note(report); !slices.Equal(n.Aliases, tc.want) {
				t.Errorf("%s with %q is at %s, with the aliases %q, want %q", tc.file, tc.text, n.File, n.Aliases, tc.want)
			}
		})
	}
}

// Hugo, "Multilingual mode". StarPunk has one language, so that translations
// become separate notes.
// The index keeps the rows of notes that are missing all at once: they must not hide the
// note that has their address now.
func TestMissingNotesDoNotHideOneThatIsPresent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"zola.toml": "", "content/x.md": "+++\ndate = 2020-03-07\n+++\nText\n"})
	before := filepath.Join(w.cfg.ContentDir(), "notes", "2019") // named before the imported one
	if err := os.MkdirAll(before, 0o777); err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		if err := os.WriteFile(filepath.Join(before, fmt.Sprintf("%d.md", i)), []byte("---\ndate: 2020-03-07\naliases: [/x/]\n---\nText\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.store.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(before); err != nil {
		t.Fatal(err)
	}
	if report, err := w.run(importer.Options{}); err != nil || len(report.Notes) != 1 {
		t.Fatalf("%+v %v", report, err)
	}
	if again, err := w.run(importer.Options{}); err != nil || len(again.Notes) > 0 || again.Present != 1 {
		t.Errorf("again: imported %v, %d there, %v", again.Notes, again.Present, err)
	}
}

func TestTranslations(t *testing.T) {
	const front = "---\ndate: 2020-03-07\n---\n"
	w := newWorld(t, map[string]string{
		"config/_default/hugo.toml":      "baseURL = 'https://o.example/'",
		"config/_default/languages.toml": "[en]\n[fr]\n",
		"content/blog/a.fr.md":           front + "[b]({{< ref \"b\" >}}) ![c](c.png)",
		"content/blog/a.md":              front + "[b]({{< ref \"b\" >}}) [a](/fr/blog/a/)",
		"content/blog/b/index.fr.md":     front + "![c](c.png)",
		"content/blog/b/index.md":        front + "![c](c.png)",
		"content/blog/b/c.png":           "picture",
	})
	report, err := w.run(importer.Options{})
	if err != nil || len(report.Notes) != 4 || report.Files != 2 || report.Skipped != 0 {
		t.Fatalf("imported: %v and %d files, %v, %v", report.Notes, report.Files, report.Findings, err)
	}
	for file, want := range map[string]string{
		"notes/2020/03/07-a.md":         "[b](/notes/2020/03/07-b/index.md) [a](/notes/2020/03/07-a-2.md)",
		"notes/2020/03/07-a-2.md":       "[b](/notes/2020/03/07-b-2/index.md) ![c](c.png)",
		"notes/2020/03/07-b/index.md":   "![c](c.png)",
		"notes/2020/03/07-b-2/index.md": "![c](c.png)",
	} {
		if n, err := w.store.Read(file); err != nil || n.Content != want {
			t.Errorf("%s: %v, %v, want %q", file, n, err, want)
		}
	}
	said := 0
	for _, f := range report.Findings {
		if f.Kind == "language" && strings.Contains(f.File, ".fr.md") && f.Line == 1 {
			said++
		}
	}
	if said != 2 {
		t.Errorf("said of %d files that they are in another language: %v", said, report.Findings)
	}
}

// They are comments to StarPunk, too, which needs no hand.
func TestCommentsOfTheOldToolStayAsTheyAre(t *testing.T) {
	for config, tc := range map[string]struct{ file, body string }{
		"_config.yml": {"_posts/2020-03-07-a.md", "A.\n\n{::comment}\none [b](2020-03-07-a.md)\n{:/comment}\n\n{% comment %}two{% endcomment %}\n\n{% # three %}\n\n<!-- four -->"},
		"hugo.toml":   {"content/b/a.md", "A.\n\n{{/* one */}}\n\n{{< comment >}}two{{< /comment >}}\n\n{{% comment %}}\nthree\n{{% /comment %}}\n\n<!-- four -->"},
		"zola.toml":   {"content/b/a.md", "A.\n\n{# one #}\n\n<!-- two -->"},
	} {
		w := newWorld(t, map[string]string{config: "", tc.file: "---\ndate: 2020-03-07\n---\n" + tc.body})
		report, err := w.run(importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Replace(tc.body, "(2020-03-07-a.md)", "(/notes/2020/03/07-a.md)", 1)
		if n := w.note(report); n.Content != want || len(report.Findings) > 0 {
			t.Errorf("%s: %q, said %v, want %q and nothing", config, n.Content, report.Findings, want)
		}
	}
}

func TestAListThatStarPunkMakesIsNotReplaced(t *testing.T) {
	w := newWorld(t, map[string]string{
		"hugo.toml": "", "content/tags/_index.md": "---\ntitle: Tags\n---\nText.", "content/tags/go/_index.md": "---\ntitle: Go\n---\n",
		"content/b/a.md": "---\ndate: 2020-03-07\ntags: [go]\n---\nText.",
	})
	report, err := w.run(importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.note(report)
	for _, line := range report.Redirects {
		if strings.HasPrefix(line.From, "/tags/") {
			t.Errorf("proposed %+v", line)
		}
	}
}

// Of many lists and feeds no more lines are proposed than a configuration may have.
func TestRedirectsAreBounded(t *testing.T) {
	files := map[string]string{"hugo.toml": "disableKinds = []\n"}
	for i := range 25 {
		tags := make([]string, 50)
		for j := range tags {
			tags[j] = fmt.Sprintf("t%d-%d", i, j)
		}
		files[fmt.Sprintf("content/s%d/a.md", i)] = "---\ndate: 2020-03-07\ncategories: [" + strings.Join(tags, ", ") + "]\n---\nText."
	}
	w := newWorld(t, files)
	report, err := w.run(importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	feeds := 0
	for _, line := range report.Redirects {
		if strings.HasSuffix(line.To, ".xml") {
			feeds++
		}
	}
	if feeds != 20 || len(report.Redirects) != 1000 {
		t.Errorf("%d lines, %d of them of feeds, want 1000 and 20", len(report.Redirects), feeds)
	}
}

// Links that begin at the top lead to the notes, and not to redirects.
func TestLinksToFormerAddresses(t *testing.T) {
	w := newWorld(t, map[string]string{
		"_config.yml":            "baseurl: /log\npermalink: pretty",
		"_posts/2020-03-07-a.md": "---\n---\n[b]({{ site.baseurl }}/2020/03/08/b/#x) [b](/log/2020/03/08/b) ![c]({{ site.baseurl }}/c.png)",
		"_posts/2020-03-08-b.md": "---\n---\nText.",
	})
	if _, err := w.run(importer.Options{}); err != nil {
		t.Fatal(err)
	}
	n, err := w.store.Read("notes/2020/03/07-a.md")
	if want := "[b](/notes/2020/03/08-b.md#x) [b](/notes/2020/03/08-b.md) ![c](/c.png)"; err != nil || n.Content != want {
		t.Errorf("%v, %v, want %q", n, err, want)
	}
}

// HTML has such links, too: in posts that are HTML and in Markdown.
func TestLinksInHTMLToFormerAddresses(t *testing.T) {
	const body = `<a class="x" href="{{ site.baseurl }}/2020/03/08/b/#x">b</a> <A HREF='/log/2020/03/08/b'>b</A>
<a href="/old-b/?a=1&amp;b=2">b</a> <a href=../../08/b/>b</a> <a href="https://c.example/">c</a> <a href="/d.pdf">d</a> <a href="/">top</a>
<a
 href="/log/2019/">gone</a> <a id="y" data-href="/2019/">no link</a> <a href="#y">here</a>`
	const want = `<a class="x" href="/notes/2020/03/08-b.md#x">b</a> <A HREF='/notes/2020/03/08-b.md'>b</A>
<a href="/notes/2020/03/08-b.md?a=1&amp;b=2">b</a> <a href=/notes/2020/03/08-b.md>b</a> <a href="https://c.example/">c</a> <a href="/d.pdf">d</a> <a href="/">top</a>
<a
 href="/log/2019/">gone</a> <a id="y" data-href="/2019/">no link</a> <a href="#y">here</a>`
	for _, name := range []string{"_posts/2020-03-07-a.html", "_posts/2020-03-07-a.md"} {
		w := newWorld(t, map[string]string{
			"_config.yml":            "baseurl: /log\npermalink: pretty",
			name:                     "---\n---\n" + body,
			"_posts/2020-03-08-b.md": "---\nredirect_from: /old-b/\n---\n`<a href=\"/2020/03/08/b/\">`",
		})
		report, err := w.run(importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		n, err := w.store.Read("notes/2020/03/07-a.md")
		if err != nil || n.Content != want {
			t.Errorf("%s: %v, %v, want %q", name, n, err, want)
		}
		if n, err = w.store.Read("notes/2020/03/08-b.md"); err != nil || n.Content != "`<a href=\"/2020/03/08/b/\">`" {
			t.Errorf("code became %v, %v", n, err)
		}
		if len(report.Findings) != 1 || !strings.Contains(report.Findings[0].String(), "7-a"+filepath.Ext(name)+":6: /log/2019/: leads to no imported page") {
			t.Errorf("%s: said %v", name, report.Findings)
		}
	}
}

// Links to them would lead nowhere without.
func TestIdsOfHeadingsAreKept(t *testing.T) {
	for _, tc := range []struct {
		rule, body, want string
		said             int
	}{
		{"as goldmark reads them", "## A {#a}\n\nText.\n\n# B {#b .c}", "## A {#a}\n\nText.\n\n# B {#b .c}", 0},
		{"behind a colon", "## A {:#a}\n\n# B #  {: .c #b .d }  ", "## A {#a}\n\n# B # {#b .c .d}  ", 0},
		{"in the line below", "## A `{x}` \n{:#a}\nText.", "## A `{x}` {#a}\n\nText.", 0},
		{"other attributes", "## A {: .a}\n## B\n{: #b k=\"v\"}\nText.\n{:#c}", "## A \n## B\n\nText.\n", 3},
		{"two of them", "## A {#a}\n{:#b}\n## C {:#c} {:#d}", "## A {#a}\n\n## C  ", 3},
		{"in code", "    ## A {:#a}\n\n`## B {:#b}`", "    ## A {:#a}\n\n`## B {:#b}`", 0},
	} {
		w := newWorld(t, map[string]string{"_config.yml": "permalink: pretty", "_posts/2020-03-07-a.md": "---\n---\nText.\n\n" + tc.body + "\n\nEnd."})
		report, err := w.run(importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := w.note(report).Content, "Text.\n\n"+tc.want+"\n\nEnd."; got != want || len(report.Findings) != tc.said {
			t.Errorf("%s: %q, said %v, want %q", tc.rule, got, report.Findings, want)
		}
	}
}

func TestAnOldSiteIsBounded(t *testing.T) {
	small := map[string]string{"hugo.toml": "", "content/a.md": "---\ndate: 2020-01-01\n---\nText."}
	with := func(name, text string) map[string]string {
		files := maps.Clone(small)
		files[name] = text
		return files
	}
	for _, tc := range []struct {
		rule   string
		files  map[string]string
		max    int
		refuse string // of the whole
		lose   string // of only one file
	}{
		{"few files are enough", small, 2, "", ""},
		{"too many files", with("content/b.md", "---\ndate: 2020-01-01\n---\nText."), 2, "holds more than 2 files and folders", ""},
		{"too many files in two mounted folders", map[string]string{
			"hugo.toml": "[[module.mounts]]\nsource = 'a'\ntarget = 'content'\n[[module.mounts]]\nsource = 'b'\ntarget = 'content/b'",
			"a/a.md":    "---\ndate: 2020-01-01\n---\nText.", "b/b.md": "---\ndate: 2020-01-01\n---\nText.",
		}, 3, "holds more than 3 files and folders", ""},
		{"a configuration of too many files", manyParts(small), 0, "config has more than 1000 files", ""},
		{"32 folders", with("content/"+strings.Repeat("d/", 31)+"b.md", "---\n---\nText."), 0, "", ""},
		{"33 folders", with("content/"+strings.Repeat("d/", 33)+"b.md", "---\n---\nText."), 0, "more than 32 folders deep", ""},
		{"a note of more than 10 MiB", with("content/b.md", strings.Repeat("x", site.MaxNoteBytes+1)), 0, "", "larger than 10 MiB"},
		{"a picture of more than receiver.max_upload", map[string]string{
			"hugo.toml": "", "content/a/index.md": "---\ndate: 2020-01-01\n---\nText.", "content/a/b.jpg": strings.Repeat("x", 1025),
		}, 0, "", "is larger than receiver.max_upload, 1024 bytes"},
		{"a configuration of more than 1 MiB", with("hugo.toml", strings.Repeat("#", 1<<20+1)), 0, "hugo.toml is larger than 1 MiB", ""},
		{"a configuration that is broken", with("hugo.toml", "title = "), 0, "hugo.toml: toml: ", ""},
		{"bytes that are not a text", with("content/b.md", "\xff"), 0, "", "not UTF-8"},
		{"front matter that does not end", with("content/b.md", "---\ntitle: B\n"), 0, "", "front matter begins but does not end"},
		{"front matter in JSON that is broken", with("content/b.md", "{\n\"date\": }\nText"), 0, "", "b.md:2: skipped: front matter: invalid character"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			w := newWorld(t, tc.files)
			report, err := w.run(importer.Options{MaxFiles: tc.max})
			if tc.refuse != "" {
				if err == nil || !strings.Contains(err.Error(), tc.refuse) {
					t.Errorf("error: %v, want one with %q", err, tc.refuse)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			found := ""
			for _, f := range report.Findings {
				if f.Kind == importer.Skipped {
					found += f.String()
				}
			}
			if !strings.Contains(found, tc.lose) || (found == "") != (tc.lose == "") {
				t.Errorf("left out: %q, want %q", found, tc.lose)
			}
			if len(report.Notes) == 0 {
				t.Error("nothing was imported")
			}
		})
	}
}

// manyParts returns a site with more parts of its configuration than it may have.
func manyParts(site map[string]string) map[string]string {
	files := maps.Clone(site)
	for i := range 1001 {
		files[fmt.Sprintf("config/_default/params.l%d.toml", i)] = "a = 1"
	}
	return files
}

func TestOfOneFileABoundedNumberOfTagsIsReported(t *testing.T) {
	w := newWorld(t, map[string]string{"hugo.toml": "", "content/a.md": "---\ndate: 2020-01-01\n---\n" + strings.Repeat("{{< x >}}\n", 150)})
	report, err := w.run(importer.Options{})
	if err != nil || len(report.Findings) != 100 {
		t.Errorf("150 tags: %d findings, %v, want 100", len(report.Findings), err)
	}
}

func TestLinksOfTheFileSystemAreNotFollowed(t *testing.T) {
	w := newWorld(t, map[string]string{"hugo.toml": "", "content/a/index.md": "---\ndate: 2020-01-01\n---\nText.", "secret.md": "---\ndate: 2020-01-02\n---\nSecret."})
	for _, name := range []string{"content/b.md", "content/a/c.jpg"} {
		if err := os.Symlink(filepath.Join(w.old, "secret.md"), filepath.Join(w.old, filepath.FromSlash(name))); err != nil {
			t.Skip(err)
		}
	}
	report, err := w.run(importer.Options{})
	if err != nil || len(report.Notes) != 1 || report.Files != 0 {
		t.Errorf("imported: %v and %d files, %v, want only a/index.md", report.Notes, report.Files, err)
	}
}

// A date without an offset is what the clock showed where the old site was.
func TestDatesAreReadInTheZoneOfTheOldSite(t *testing.T) {
	for _, tc := range []struct{ rule, config, text, file, front, want, says string }{
		{"Jekyll", "_config.yml", "timezone: America/New_York", "_posts/2020-03-07-a.md", "date: 2020-03-07 21:30\n", "2020-03-07T21:30:00-05:00", ""},
		{"Jekyll: a time that YAML has in UTC", "_config.yml", "timezone: America/New_York", "_posts/2020-03-07-a.md", "date: 2020-03-07 21:30:00\n", "2020-03-07T16:30:00-05:00", ""},
		{"Jekyll: such a time and no zone", "_config.yml", "title: x", "_posts/2020-03-07-a.md", "date: 2020-03-07 21:30:00\n", "2020-03-07T21:30:00Z", ""},
		{"Jekyll: a day", "_config.yml", "timezone: America/New_York", "_posts/2020-03-07-a.md", "date: 2020-03-07\n", "2020-03-07T00:00:00-05:00", ""},
		{"Jekyll: a date in the name", "_config.yml", "timezone: America/New_York", "_posts/2020-03-07-a.md", "", "2020-03-07T00:00:00-05:00", ""},
		{"Hugo", "hugo.toml", "timeZone = 'Europe/Oslo'", "content/blog/a.md", "date: 2020-07-07\n", "2020-07-07T00:00:00+02:00", ""},
		{"an offset takes precedence", "hugo.toml", "timeZone = 'Europe/Oslo'", "content/blog/a.md", "date: 2020-07-07T10:00:00-03:00\n", "2020-07-07T10:00:00-03:00", ""},
		{"none", "hugo.toml", "", "content/blog/a.md", "date: 2020-07-07\n", "2020-07-07T00:00:00Z", ""},
		{"an unknown one", "_config.yml", "timezone: Mars/Olympus", "_posts/2020-03-07-a.md", "", "2020-03-07T00:00:00Z",
			`_config.yml:1: timezone "Mars/Olympus" is unknown: dates without an offset are read in this site's time zone, UTC`},
		{"that of the machine", "_config.yml", "timezone: Local", "_posts/2020-03-07-a.md", "", "2020-03-07T00:00:00Z", `"Local" is unknown`},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			w := newWorld(t, map[string]string{tc.config: tc.text, tc.file: "---\n" + tc.front + "---\nText.\n"})
			report, err := w.run(importer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			for _, f := range report.Findings {
				said += f.String() + "\n"
			}
			if got := w.note(report).Published.Format(time.RFC3339); got != tc.want || !strings.Contains(said, tc.says) || (said == "") != (tc.says == "") {
				t.Errorf("%s, said %q, want %s and %q", got, said, tc.want, tc.says)
			}
		})
	}
}

func TestATimeOfAChangeIsReadAsTheDateIs(t *testing.T) {
	w := newWorld(t, map[string]string{"_config.yml": "timezone: America/New_York", "_posts/2020-03-07-a.md": "---\nlast_modified_at: 2020-03-09 21:30:00\n---\nText.\n"})
	report, err := w.run(importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.note(report).Updated.Format(time.RFC3339), "2020-03-09T17:30:00-04:00"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Jekyll's addresses have the day in the site's time zone, with any offset.
func TestAFormerAddressHasTheDayOfTheOldSite(t *testing.T) {
	w := newWorld(t, map[string]string{"_config.yml": "timezone: Europe/Berlin\npermalink: pretty", "_posts/2020-03-07-a.md": "---\ndate: 2020-03-07 23:30:00 -0500\n---\nText.\n"})
	report, err := w.run(importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := w.note(report); !slices.Equal(n.Aliases, []string{"/2020/03/08/a/"}) {
		t.Errorf("%s, with the aliases %q, want the eighth", n.File, n.Aliases)
	}
}

// TestRealSites brings over the sites in the folder that STARPUNK_REAL names,
// twice.
func TestRealSites(t *testing.T) {
	root := os.Getenv("STARPUNK_REAL")
	if root == "" {
		t.Skip("STARPUNK_REAL names no folder of real sites")
	}
	for dir, notes := range map[string]int{"rust-blog/content": 750, "jekyll-docs/docs": 200} {
		w := newWorld(t, nil)
		w.cfg.Receiver.MaxUpload = 100 << 20
		w.old = root
		first, err := w.run(importer.Options{Dir: dir})
		if err != nil || first.Skipped > 0 || len(first.Notes) < notes {
			t.Fatalf("%s: %d notes, %d files left out, %v, want %d notes and none", dir, len(first.Notes), first.Skipped, err, notes)
		}
		again, err := w.run(importer.Options{Dir: dir})
		if err != nil || len(again.Notes) > 0 || again.Present != len(first.Notes) {
			t.Errorf("%s again: %v, %d there already, %v, want none and %d", dir, again.Notes, again.Present, err, len(first.Notes))
		}
	}
}

func TestOnlyHugoTakesKeysInAnyCase(t *testing.T) {
	const front = "Draft: true\nTitle: A title\nDATE: 2020-03-07\nTags: [one]\nLastMod: 2020-04-01\nPublishdate: 2020-03-07\nIn-Reply-To: https://b.example/\nWeight: 3\n"
	for _, tc := range []struct {
		config, file string
		want         site.Note
		unknown      int
	}{
		{"hugo.toml", "content/blog/a.md", site.Note{Draft: true, Name: "A title", Category: []string{"one"}}, 1},
		{"zola.toml", "content/blog/a.md", site.Note{Draft: true}, 7}, // an intent not to publish counts however it is written
		{"_config.yml", "a.md", site.Note{Draft: true}, 7},
	} {
		w := newWorld(t, map[string]string{tc.config: "", tc.file: "---\n" + front + "---\nText.\n"})
		report, err := w.run(importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		n := w.note(report)
		if n.Draft != tc.want.Draft || n.Name != tc.want.Name || !slices.Equal(n.Category, tc.want.Category) {
			t.Errorf("%s: %+v, want %+v", tc.config, n, tc.want)
		}
		if hugo := tc.config == "hugo.toml"; hugo != (n.Published.Year() == 2020 && n.Updated.Month() == 4 && len(n.Strings("in-reply-to")) == 1) {
			t.Errorf("%s: published %v, updated %v, %v", tc.config, n.Published, n.Updated, n.Properties)
		}
		unknown := 0
		for _, f := range report.Findings {
			if strings.HasPrefix(f.Kind, "key ") {
				unknown++
			}
		}
		if unknown != tc.unknown {
			t.Errorf("%s: %v, want %d unknown keys", tc.config, report.Findings, tc.unknown)
		}
	}
}

// Pages that the old site hid are hidden here, too.
func TestPagesThatHugoHidesStayHidden(t *testing.T) {
	const dated = "date: 2020-03-07\n"
	for _, tc := range []struct {
		rule, file, front string
		draft             bool
		visibility        string
		year              int
		says              string // what the report says of it
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

func TestThePageForUnknownAddressesIsNamed(t *testing.T) {
	for _, tc := range []struct {
		config, file, front string
		here                bool // it is another page
	}{
		{"_config.yml", "404.md", "permalink: /404.html\n", false},
		{"_config.yml", "404.html", "", false},
		{"_config.yml", "lost.md", "permalink: /404.html\n", false},
		{"hugo.toml", "content/lost.md", "URL: 404.html\n", false},
		{"_config.yml", "rooms/404.md", "", true},
		{"hugo.toml", "content/rooms/404.md", "", true},
	} {
		w := newWorld(t, map[string]string{tc.config: "", tc.file: "---\ntitle: Lost\n" + tc.front + "---\nNothing is here.\n"})
		report, err := w.run(importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		said := len(report.Findings) == 1 && strings.Contains(report.Findings[0].String(), ":1: is the page for unknown addresses; StarPunk makes that page with the layout 404.html")
		if (len(report.Notes) == 1) != tc.here || said == tc.here {
			t.Errorf("%s: imported: %v, said: %v", tc.file, report.Notes, report.Findings)
		}
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
