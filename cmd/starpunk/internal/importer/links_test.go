package importer_test

import (
	"path/filepath"
	"strings"
	"testing"

	"starpunk/cmd/starpunk/internal/importer"
)

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
