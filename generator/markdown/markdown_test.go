package markdown

import (
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store/link"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

func renderText(t *testing.T, cfg site.Markdown, front, body string) *Content {
	t.Helper()
	n, err := site.Parse("trips/sea/index.md", []byte("---\ndate: 2026-01-01\n"+front+"\n---\n"+body), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(cfg, nil).Render(n, Page{Permalink: "/2026/01/sea/", Home: "https://alice.example/", Resolve: func(key string) (link.Target, error) {
		switch key {
		case link.PathKey("notes/there.md"), link.PathKey("notes/there"), link.WikiKey("there"):
			return link.Target{File: "notes/there.md", Permalink: "/2026/02/there/"}, nil
		}
		return link.Target{}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMarkdown(t *testing.T) {
	notes := site.Markdown{HardWraps: "notes"}
	for _, tc := range []struct {
		name        string
		cfg         site.Markdown
		front, body string
		want        string
	}{
		{"raw HTML is shown literally", notes, "", "a <b onclick=x>bold</b>", "<p>a &lt;b onclick=x&gt;bold&lt;/b&gt;</p>\n"},
		{"so is a block of it", notes, "", "<script>\nalert(1)\n</script>", "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>\n"},
		{"comments are for authors", notes, "", "a <!-- b --> c\n\n<!-- d -->\n", "<p>a  c</p>\n\n"},
		{"text beside a comment is shown", notes, "", "<!-- a --> b <!-- c -->\n- d\n  <!-- e --> f\n\n<div>\n<!-- g\n--> h\n</div>\n", "<p> b </p>\n<ul>\n<li>d\n<p> f</p>\n</li>\n</ul>\n<p>&lt;div&gt;\n h\n&lt;/div&gt;</p>\n"},
		{"also where HTML is let through", site.Markdown{HardWraps: "none", RawHTML: true}, "", "<!-- a --><table><tr><td>b</td></tr>\n<tr><td>c<!-- d --></td></tr></table>\n", "<table><tbody><tr><td>b</td></tr>\n<tr><td>c</td></tr></tbody></table>\n"},
		{"a comment without an end", notes, "", "a\n\n<!-- b\n\nc", "<p>a</p>\n\n"},
		{"raw HTML can be let through the sanitiser", site.Markdown{HardWraps: "none", RawHTML: true}, "", "a <b onclick=x>bold</b><script>x</script>", "<p>a <b>bold</b></p>\n"},
		{"a video's picture is at an address", site.Markdown{HardWraps: "none", RawHTML: true}, "", `<video poster="/a:b.jpg"></video><video poster="HTTPS://example.org/"></video><video poster=" javascript:x//"></video><video poster="data:text/html,x/"></video>`, `<p><video poster="/a:b.jpg"></video><video poster="HTTPS://example.org/"></video><video></video><video></video></p>` + "\n"},
		{"a note keeps its line breaks", notes, "", "a\nb", "<p>a<br>\nb</p>\n"},
		{"an article does not", notes, "title: T", "a\nb", "<p>a\nb</p>\n"},
		{"unless all keep them", site.Markdown{HardWraps: "all"}, "title: T", "a\nb", "<p>a<br>\nb</p>\n"},
		{"none keep them", site.Markdown{HardWraps: "none"}, "", "a\nb", "<p>a\nb</p>\n"},
		{"a hash tag is text", notes, "", "#indieweb is fun", "<p>#indieweb is fun</p>\n"},
		{"addresses become links", notes, "", "see https://example.org/x.", `<p>see <a href="https://example.org/x">https://example.org/x</a>.</p>` + "\n"},
		{"a relative picture is the bundle's", notes, "", "![alt](a%20b.png)", `<p><img src="/2026/01/sea/a%20b.png" alt="alt"></p>` + "\n"},
		{"a rooted link stays", notes, "", "[x](/about/)", `<p><a href="/about/">x</a></p>` + "\n"},
		{"a link to a note", notes, "", "[x](../../notes/there.md#part)", `<p><a href="/2026/02/there/#part">x</a></p>` + "\n"},
		{"a rooted link to a note", notes, "", "[x](/notes/there.md)", `<p><a href="/2026/02/there/">x</a></p>` + "\n"},
		{"a link to no note becomes text", notes, "", "[*x* y](gone.md)", "<p><em>x</em> y</p>\n"},
		{"a link to no note in capitals becomes text", notes, "", "[x](GONE.MD)", "<p>x</p>\n"},
		{"a link to a note in HTML", notes, "format: html", `<a href="../../notes/there.md#part">x</a>`, `<a href="/2026/02/there/#part">x</a>`},
		{"and in HTML in Markdown", site.Markdown{RawHTML: true}, "title: T", `a <a href=" /notes/there.md ">x</a>`, `<p>a <a href="/2026/02/there/">x</a></p>` + "\n"},
		{"a link to no note in HTML leads nowhere", notes, "format: html", `<a id="k" href="gone.md">x</a>`, `<a id="k">x</a>`},
		{"other links in HTML stay", notes, "format: html", `<a href="data/track.gpx">x</a> <a href="https://b.example/a.md">y</a> <a href="#z">z</a>`, `<a href="data/track.gpx">x</a> <a href="https://b.example/a.md">y</a> <a href="#z">z</a>`},
		{"a script address goes nowhere", notes, "", "[x](javascript:alert(1)) ![y](vbscript:z) [z](data:text/html,x)", `<p>x y z</p>` + "\n"},
		{"a file address goes nowhere", notes, "", "[x](file:///etc/passwd)", "<p>x</p>\n"},
		{"code has classes", notes, "", "```go\nx\n```", `<pre class="chroma" tabindex="0"><code><span class="line"><span class="cl"><span class="nx">x</span><span class="w">` + "\n</span></span></span></code></pre>\n"},
		{"what else is said of its language does not matter", notes, "", "```go,x\n1\n```\n```{.go}\n1\n```\n```go{1}\n1\n```", strings.Repeat(`<pre class="chroma" tabindex="0"><code><span class="line"><span class="cl"><span class="mi">1</span><span class="w">`+"\n</span></span></span></code></pre>\n", 3)},
		{"code in no known language is plain", notes, "", "```zzz\n<x>\n```", `<pre class="chroma" tabindex="0"><code>&lt;x&gt;` + "\n</code></pre>\n"},
		{"tasks have names", notes, "", "- [ ] a\n- [x] b", "<ul>\n<li><input type=\"checkbox\" disabled aria-label=\"to do\"> a</li>\n<li><input type=\"checkbox\" checked disabled aria-label=\"done\"> b</li>\n</ul>\n"},
		{"a link may open another program", notes, "", "[a](tel:+49301) <geo:1,2> [b](TEL:1) <javascript:x>", `<p><a href="tel:+49301">a</a> <a href="geo:1,2">geo:1,2</a> <a href="TEL:1">b</a> <a href="">javascript:x</a></p>` + "\n"},
		{"in HTML, too", notes, "format: html", `<a href="tel:+49301">a</a>`, `<a href="tel:+49301">a</a>`},
		{"a heading has an id in its script", notes, "", "# Über uns\n# 日本語 の_x\n# हिन्दी!\n# Über uns\n# Main\n# 🎉", "<h2 id=\"über-uns\">Über uns</h2>\n<h2 id=\"日本語-の_x\">日本語 の_x</h2>\n<h2 id=\"हिन्दी\">हिन्दी!</h2>\n<h2 id=\"über-uns-1\">Über uns</h2>\n<h2 id=\"main-1\">Main</h2>\n<h2 id=\"heading\">🎉</h2>\n"},
		{"and of its text alone", notes, "", "# A [*b* `c`](https://example.org/d) e\n\nf\ng\n===", "<h2 id=\"a-b-c-e\">A <a href=\"https://example.org/d\"><em>b</em> <code>c</code></a> e</h2>\n<h2 id=\"f-g\">f<br>\ng</h2>\n"},
		{"or the one that its author gave it", notes, "", "# A {#b .c onclick=\"d\"}\n# B\n# C {.d style=\"e\"}\n# D {#\"}\n# E {e}", "<h2 id=\"b\">A</h2>\n<h2 id=\"b-1\">B</h2>\n<h2 id=\"c\">C</h2>\n<h2 id=\"d-\">D {#&quot;}</h2>\n<h2 id=\"e-e\">E {e}</h2>\n"},
		{"HTML keeps what text is made of", notes, "format: html", `<kbd>a</kbd><address>b</address><ol start="3" reversed=""><li>c</li></ol><h2 id="日本語">d</h2>`, `<kbd>a</kbd><address>b</address><ol start="3" reversed=""><li>c</li></ol><h2 id="日本語">d</h2>`},
		{"and what media need", notes, "format: html", `<video loop="" muted="" width="3" preload="none"><source src="/a.mp4"/><track src="/a.vtt" kind="captions" srclang="en"/></video>`, `<video loop="" muted="" width="3" preload="none"><source src="/a.mp4"/><track src="/a.vtt" kind="captions" srclang="en"/></video>`},
		{"from addresses alone", notes, "format: html", `<video><source src="javascript:x"/><track src="javascript:x"/></video>`, `<video></video>`},
		{"an address in HTML may have spaces", notes, "format: html", "<img src=\"/my photo.jpg\" alt=\"a b\"/> <a href=' ../../notes/the\nre.md'>c</a> src=\"d e\"", `<img src="/my%20photo.jpg" alt="a b"/> <a href="/2026/02/there/">c</a> src=&#34;d e&#34;`},
		{"an anchor of old HTML is one of today", notes, "format: html", `<a name="a">b</a> <a name="c" id="d" href="/e">f</a>`, `<a id="a">b</a> <a href="/e" id="d">f</a>`},
		{"a picture without a fit address is its text", notes, "format: html", `<p>a <img src="data:image/png;base64,AA==" alt="b"> <img> c</p>`, `<p>a b  c</p>`},
		{"HTML content is sanitised", notes, "format: html", `<p onclick="x">a<script>b</script><iframe src="c"></iframe> <a href="javascript:d">e</a></p>`, "<p>a e</p>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := renderText(t, tc.cfg, tc.front, tc.body).HTML; got != tc.want {
				t.Errorf("%q\n got %q\nwant %q", tc.body, got, tc.want)
			}
		})
	}
}

func TestADanglingLinkIsNamedByFileAndLine(t *testing.T) {
	r := renderText(t, site.Markdown{}, "", "a\n\nb [c](gone.md) d\n\n[there](../../notes/there.md)")
	want := "content/trips/sea/index.md:7: links to gone.md, where no published note is"
	if elsewhere := renderText(t, site.Markdown{}, "", "a\n[b](skype:c)").Warnings; !slices.Equal(elsewhere, []string{"content/trips/sea/index.md:6: links to skype:c, and links to that kind of address are left out"}) {
		t.Errorf("got %q", elsewhere)
	}
	if shown := renderText(t, site.Markdown{}, "", "a\n![b](data:image/png;base64,AA==)").Warnings; !slices.Equal(shown, []string{"content/trips/sea/index.md:6: shows data:image/png;base64,AA==, and pictures at that kind of address are left out"}) {
		t.Errorf("got %q", shown)
	}
	if !slices.Equal(r.Warnings, []string{want}) {
		t.Errorf("got %q\nwant %q", r.Warnings, want)
	}
	if gone, looked := r.Links["=trips/sea/gone.md"]; len(r.Links) != 3 || !strings.Contains(r.Links["=notes/there.md"], "/2026/02/there/") || gone != "" || !looked {
		t.Errorf("links: %v", r.Links)
	}
}

func TestADanglingLinkInHTMLIsNamedByFileAndLine(t *testing.T) {
	r := renderText(t, site.Markdown{}, "format: html", "<p>a\n<a href=\"gone.md\">b</a>\n<a href='gone.md'>c</a>\n<a href=\"../../notes/there.md\">d</a></p>")
	want := []string{
		"content/trips/sea/index.md:6: links to gone.md, where no published note is",
		"content/trips/sea/index.md:7: links to gone.md, where no published note is",
	}
	if !slices.Equal(r.Warnings, want) {
		t.Errorf("got %q\nwant %q", r.Warnings, want)
	}
	if gone, looked := r.Links["=trips/sea/gone.md"]; len(r.Links) != 3 || !strings.Contains(r.Links["=notes/there.md"], "/2026/02/there/") || gone != "" || !looked {
		t.Errorf("links: %v", r.Links)
	}
	r = renderText(t, site.Markdown{RawHTML: true}, "title: T", "[a](gone.md)\n\n<a href='gone.md'>b</a>\n<a href=\"gone.md\">c</a> <a href=\"g&#111;ne.md\">d</a>")
	for i, line := range []string{":5:", ":7:", ":8:", ":8:"} {
		if len(r.Warnings) != 4 || !strings.Contains(r.Warnings[i], line) {
			t.Errorf("warnings of the lines 5, 7, 8 and 8: %q", r.Warnings)
		}
	}
}

func TestALongCodeBlockIsNotHighlighted(t *testing.T) {
	r := renderText(t, site.Markdown{}, "", "```go\n"+strings.Repeat("x := 1\n", maxHighlightBytes/7+1)+"```")
	if strings.Contains(r.HTML, "<span") {
		t.Error("a block over the bound was highlighted")
	}
}

// FuzzMarkdown: whatever a note says, its page runs nothing.
func FuzzMarkdown(f *testing.F) {
	f.Add("<script>x</script> [a](javascript:b) <img src=x onerror=y>", true, true)
	f.Add("[a](<java\nscript:b>) ![](data:text/html,x) <svg/onload=x>", false, false)
	f.Add("```html\n<script>\n```\n[x]: javascript:y\n[x]", false, true)
	renderers := map[bool]*Renderer{true: New(site.Markdown{RawHTML: true}, nil), false: New(site.Markdown{}, nil)}
	f.Fuzz(func(t *testing.T, body string, htmlFormat, raw bool) {
		front := ""
		if htmlFormat {
			front = "format: html"
		}
		n, err := site.Parse("a.md", []byte("---\ndate: 2026-01-01\n"+front+"\n---\n"+body), time.UTC)
		if err != nil {
			return
		}
		r, err := renderers[raw].Render(n, Page{Permalink: "/a/", Resolve: func(string) (link.Target, error) { return link.Target{}, nil }})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := html.Parse(strings.NewReader(r.HTML))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range cascadia.QueryAll(doc, cascadia.MustCompile("*")) {
			if slices.Contains([]string{"script", "iframe", "object", "embed", "style", "base", "form", "svg"}, e.Data) {
				t.Fatalf("<%s> in %q", e.Data, r.HTML)
			}
			for _, a := range e.Attr {
				value := strings.ToLower(strings.TrimSpace(a.Val))
				if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "vbscript:") {
					t.Fatalf("%s=%q in %q", a.Key, a.Val, r.HTML)
				}
			}
		}
	})
}

// Only HTML that an author typed should meet the sanitiser with markdown.raw_html.
func TestTheSanitiserLeavesMarkdownAsItIs(t *testing.T) {
	for _, body := range []string{
		"# Über uns\n\n## Über uns\n\n3. a\n4. b\n\n   c\n\n- d\n  1. e",
		"| a | b | c |\n|:--|--:|:-:|\n| d | *e* | `f` |",
		"- [ ] a\n- [x] b\n- c",
		"a[^1] ~~b~~ **c** *d* `e` ![f](g.png \"h\")\n\n[^1]: i\n",
		"![What? 50 % & \"more\"](a.png 'b & \"c\"?') [d](/e \"f; g = `h`\")",
		"> a\n\n---\n\n```go\nfunc a() { return \"b\" }\n```\n\n    c\n\n```zzz\nd\n```",
		"[a](tel:1) [b](/c?d=e&f=g#h \"i\") <mailto:j@example.org> https://example.org/k [l](javascript:m)",
	} {
		typed := sameHTML(t, renderText(t, site.Markdown{}, "title: T", body).HTML)
		sanitised := sameHTML(t, renderText(t, site.Markdown{RawHTML: true}, "title: T", body).HTML)
		if typed != sanitised {
			t.Errorf("%s\nis\n%s\nwithout and with markdown.raw_html\n%s", body, typed, sanitised)
		}
	}
}

// sameHTML writes HTML so that it is equal where it says the same.
func sameHTML(t *testing.T, s string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		slices.SortFunc(n.Attr, func(a, b html.Attribute) int { return strings.Compare(a.Key, b.Key) })
	}
	if err := html.Render(&b, doc); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
