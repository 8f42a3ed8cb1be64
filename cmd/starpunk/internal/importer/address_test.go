package importer_test

import (
	"slices"
	"strings"
	"testing"

	"starpunk/cmd/starpunk/internal/importer"
)

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
