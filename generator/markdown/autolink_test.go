package markdown

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"starpunk/site"
	"starpunk/site/plaintext"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/util"
)

func TestBareAddressesBecomeLinks(t *testing.T) {
	link := func(address, label string) string { return `<a href="` + address + `">` + label + `</a>` }
	same := func(address string) string { return link(address, address) }
	for _, tc := range []struct{ text, want string }{
		{"https://ru.wikipedia.org/wiki/Москва.", link("https://ru.wikipedia.org/wiki/%D0%9C%D0%BE%D1%81%D0%BA%D0%B2%D0%B0", "https://ru.wikipedia.org/wiki/Москва") + "."},
		{"見てhttps://example.jp/a。次", "見て" + same("https://example.jp/a") + "。次"},
		{"（https://example.jp/a）と「www.example.jp」", "（" + same("https://example.jp/a") + "）と「" + link("http://www.example.jp", "www.example.jp") + "」"},
		{"*https://example.org/a_b_c*", "<em>" + same("https://example.org/a_b_c") + "</em>"},
		{"(https://en.wikipedia.org/wiki/Go_(game))", "(" + same("https://en.wikipedia.org/wiki/Go_(game)") + ")"},
		{"https://example.org/*a*/~b~/_c_/", same("https://example.org/*a*/~b~/_c_/")},
		{"[https://example.org/ä](/b) `https://example.org/` <https://example.org/>", `<a href="/b">https://example.org/ä</a> <code>https://example.org/</code> ` + same("https://example.org/")},
		{"ahttps://example.org/ \"https://example.org/\"", "ahttps://example.org/ &quot;https://example.org/&quot;"},
		{"a\nhttps://example.org/\nb", "a\n" + same("https://example.org/") + "\nb"},
		{"あ\\\nhttps://example.org/", "あ<br>\n" + same("https://example.org/")},
		{"me@example.org www.example.org/@ida", link("mailto:me@example.org", "me@example.org") + " " + link("http://www.example.org/@ida", "www.example.org/@ida")},
		{"- あhttps://example.org/\n", "あ" + same("https://example.org/")},
	} {
		got := renderText(t, site.Markdown{HardWraps: "none"}, "", tc.text).HTML
		if !strings.Contains(got, ">"+tc.want+"<") {
			t.Errorf("%q becomes\n%swant\n%s", tc.text, got, tc.want)
		}
	}
}

func TestLabelsReadAddressesAsPagesDo(t *testing.T) {
	for _, text := range []string{
		"https://example.org/*a*/~~b~~/_c_/ d", "見てhttps://example.jp/*a*。*b*", "www.example.org/*a*/ *b*",
		"*https://example.org/a*b* c", "(https://example.org/*a*) [https://a.example/*b*](/c)", "https://例え.jp/_a_。_b_",
	} {
		page := renderText(t, site.Markdown{}, "", text).HTML
		want := strings.TrimSpace(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, ""))
		if got := (&site.Note{Content: text}).Label(site.Markdown{}); got != want {
			t.Errorf("the label of %q is %q, and the page shows %q", text, got, want)
		}
	}
}

// FuzzAutoLinker looks at links of bare addresses: each is one that [plaintext.BareAddress]
// finds whole. Addresses of e-mail are links as goldmark makes them.
func FuzzAutoLinker(f *testing.F) {
	ours := goldmark.New(goldmark.WithParserOptions(parser.WithInlineParsers(util.Prioritized(newAutoLinker(), 999))))
	theirs := goldmark.New(goldmark.WithExtensions(extension.Linkify))
	for _, text := range []string{
		"https://example.org/ http://example.org", "see https://example.org/a_b(c), *www.example.org* and _ftp://example.org_.",
		"(www.example.org) ~me@example.org~ a.b+c@example.co.uk. x@y", "[a https://example.org/](/b) `https://example.org/`",
		"https:/example.org httpss://example.org www. @ a@ @b.org", "a\nhttps://example.org/?a=b&amp;\n\n> www.example.org",
		"0123456789012345678901234567890123456789012345678901234567890123@example.org",
		"01234567890123456789012345678901234567890123456789012345678901234@example.org",
		"あhttps://example.jp/い。www.例え.jp", "*あ*https://example.jp/*い*", "\thttps://example.org/\\\nあwww.a.b",
	} {
		f.Add(text)
	}
	mail := regexp.MustCompile(`<a href="mailto:[^>]*>[^<]*</a>`)
	web := regexp.MustCompile(`<a href="http[^>]*>([^<]*)</a>`)
	f.Fuzz(func(t *testing.T, text string) {
		var got, want bytes.Buffer
		if err := ours.Convert([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if err := theirs.Convert([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		for _, m := range web.FindAllStringSubmatch(got.String(), -1) {
			if strings.ContainsAny(text, "<&[") || !strings.Contains(text, m[1]) {
				continue // it is a link that has marks, or is escaped
			}
			if plaintext.BareAddress(m[1]) != len(m[1]) {
				t.Errorf("%q: %q is a link, and no address", text, m[1])
			}
		}
		if strings.Contains(text, "://") || strings.Contains(strings.ToLower(text), "www.") {
			return
		}
		if a, b := mail.FindAllString(got.String(), -1), mail.FindAllString(want.String(), -1); strings.Join(a, "\n") != strings.Join(b, "\n") {
			t.Errorf("%q becomes\n%s\ngoldmark makes\n%s", text, &got, &want)
		}
	})
}
