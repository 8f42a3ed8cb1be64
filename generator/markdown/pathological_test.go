package markdown

import (
	"fmt"
	"image"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store/link"
)

// A pathological text repeats a construct of Markdown or HTML until it has n bytes.
type pathological struct {
	before string
	piece  func(i int) string
	half   string // that the second half repeats, if it is not empty
	after  string
}

// of returns a text of about n bytes.
func (p pathological) of(n int) string {
	var b strings.Builder
	b.WriteString(p.before)
	size := n
	if p.half != "" {
		size = n / 2
	}
	for i := 0; b.Len() < size; i++ {
		b.WriteString(p.piece(i))
	}
	for b.Len() < n {
		b.WriteString(p.half)
	}
	b.WriteString(p.after)
	return b.String()
}

// numbered returns pieces that differ by the number instead of "%d".
func numbered(format string) func(i int) string {
	return func(i int) string { return strings.ReplaceAll(format, "%d", strconv.Itoa(i)) }
}

// pathologicals are constructs repeated, nested, alternated and not ended.
func pathologicals() map[string]pathological {
	texts := map[string]pathological{}
	for _, piece := range repeatedPieces {
		texts[piece] = pathological{piece: numbered(piece)}
	}
	for _, halves := range halvedPieces {
		texts[halves[0]+" then "+halves[1]] = pathological{piece: numbered(halves[0]), half: halves[1]}
	}
	for _, framed := range framedPieces {
		texts[framed[0]+" … "+framed[1]+" … "+framed[2]] = pathological{before: framed[0], piece: numbered(framed[1]), after: framed[2]}
	}
	for name, piece := range map[string]func(i int) string{
		"backticks that grow":             func(i int) string { return strings.Repeat("`", i+1) + "a" },
		"lines of backticks that grow":    func(i int) string { return strings.Repeat("`", i+1) + "\n" },
		"items that are indented further": func(i int) string { return strings.Repeat(" ", 2*i) + "- a\n" },
		"quotations that grow":            func(i int) string { return strings.Repeat(">", i+1) + "a\n" },
		"stars that grow":                 func(i int) string { return strings.Repeat("*", i+1) + "a" },
		"strokes that grow":               func(i int) string { return strings.Repeat("_", i+1) + "a " },
		"cells that grow":                 func(i int) string { return strings.Repeat("|", i+1) + "\n" },
		"lists that grow":                 func(i int) string { return strings.Repeat("- ", i+1) + "\n" },
		"ids that grow":                   func(i int) string { return "# a" + strings.Repeat("-1", i) + "\n" },
	} {
		texts[name] = pathological{piece: piece}
	}
	return texts
}

var repeatedPieces = []string{
	"word ",
	"a",
	"a\n",
	"a\n\n",
	" a",
	"\n",
	"word *a* [b](c)\n\n",
	"word *a* [b](c)\n",
	"word *a* [b](c) ",
	"*a* ",
	"*a ",
	"a* ",
	"*a_ ",
	"*_a ",
	"a*",
	"***a** b* ",
	"a**b",
	"*",
	"_",
	"**a ",
	"~~a~~ ",
	"~~a ",
	"a~",
	strings.Repeat("*a_ ", 500) + "\n\n",
	strings.Repeat("*a ", 1000) + strings.Repeat("_b ", 1000) + "\n\n",
	strings.Repeat("*a **b ", 500) + strings.Repeat("** *", 500) + "\n\n",
	strings.Repeat("_a ", 1000) + strings.Repeat("a* ", 1000) + "\n\n",
	"`",
	"`a` ",
	"`a ``b ",
	"`a\n``b\n",
	"[a](b) ",
	"[a](b)\n",
	"![a](b) ",
	"[a](b)\n\n",
	"[a](b.md)\n\n",
	"[a](%d.md)\n\n",
	"![a](b.png)\n\n",
	"[a](javascript:x)\n\n",
	"![a](data:x)\n\n",
	"[",
	"]",
	"][",
	"[]",
	"![",
	"[a](",
	"[a](<b",
	"[a](b \"",
	"[a](b \"\n",
	"[a](b(",
	"[a](b (",
	"[a ",
	"a] ",
	"[ [a](b) ",
	"x\n[a](b 'c\n",
	"]([\n",
	"![[]()",
	"[a] ",
	"[a]\n",
	"[x][a] ",
	"[x][",
	"[a][] ",
	"[a]\n\n",
	"[a]: b\n",
	"[a%d]: b\n",
	"[a%d]: b\n\n",
	"[a]:\n",
	"[a]: b \"c\n",
	"[a]: b 'c'\n",
	"[\n",
	"[" + strings.Repeat("a", 990) + "]: b\n",
	"[a]: b\nc\n\n",
	"[a]: ",
	"> [a]: b\n",
	"[a]:\nb\n",
	"[^1]",
	"a[^1] ",
	"[^1]\n",
	"[^%d]: a\n\n",
	"[^1]: a\n",
	"[^zz]",
	"[^%d]\n\n[^%d]: a\n\n",
	"[^%d]: [^%d]\n",
	"![^1]",
	"[^",
	"[^1]: [^1] [^1] [^1]\n",
	"[^%d]:\n    - a\n",
	"<http://a.b> ",
	"<http:",
	"<a:b ",
	"<",
	"<a ",
	"<a b=\"",
	"<a b='c' ",
	"<!A ",
	"<!-- ",
	"<? ",
	"<![CDATA[ ",
	"</a ",
	"<a",
	"<a b b b b b b b b b\n",
	"a <b>c</b> ",
	"a <!-- b --> ",
	"a <!-- b -->\n",
	"<!--more-->\n\n",
	"<div>\n\n",
	"<div>\n",
	"<script>\n",
	"<pre>\n\n",
	"<!-- a -->\n\n",
	"<?a\n",
	"<div><b>",
	"<p>",
	"<table>",
	"<a href=x>",
	"<img src=b.png>",
	"<a href=b.md>\n",
	"<a href=%d.md>c</a>\n",
	"<a id=a%d>",
	"<font>",
	"<b><p>",
	"<ul><li>",
	"<select><option>",
	"<b><i><u><s>",
	"<a><table>",
	"<h1>a</h1>",
	"<script>a",
	"<style>a</style>",
	"<template>",
	"<nobr>",
	"<table><tr><td>",
	"<table>a",
	"<p id=a>",
	"</p>",
	"</b>",
	"&amp;",
	"<math><mi>",
	"<svg><a>",
	"<!-- a",
	"<b>a<p>",
	"<dd><b>",
	"<b a%d=1>",
	"http://a.bc ",
	"http://a.b.",
	"http://a.bc\n",
	"www.a.bc ",
	"www.",
	"http://",
	"a@b.cd ",
	"a.b@",
	"@",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ",
	"http://a.bc/))))))",
	"http://a.bc/a",
	"http://a.bc/&a;",
	"http://a.bc/;;;;;;",
	"a+a+",
	"_a@b.c-",
	"ftp://a.bc/ ",
	"*a@b.cd* ",
	"&#%d;",
	"&",
	"&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"\\*",
	"\\",
	"a\\\n",
	"a  \n",
	"a\r\n",
	"a\r\n\r\n",
	"\ta\n",
	"\t",
	"a\t",
	"\u00a0",
	"e\u0301",
	"\u0301",
	"👩‍👩‍👧‍👦",
	"漢字",
	"a\r",
	"a\f",
	"\u200d",
	"# a\n",
	"## a %d\n",
	"# a\n# a-1\n",
	"# a {#b}\n",
	"# a {.b .c .d .e .f .g}\n",
	"# {a={",
	"a\n=\n",
	"a\n=\n\n",
	"# {\n",
	"#",
	"# a #\n",
	"#\n",
	"# -%d-1\n",
	"> a\n",
	">",
	"> a\n\n",
	"> a\nb\n",
	"> - a\n",
	strings.Repeat(">", 90) + "a\n",
	strings.Repeat("> ", 90) + "a\n\n",
	strings.Repeat(">", 90) + "a\nb\nb\nb\nb\nb\nb\nb\nb\nb\nb\n",
	"- a\n",
	"- a\n\n",
	"- ",
	"1. a\n",
	"- [ ] a\n",
	"- a\n* b\n",
	strings.Repeat("- ", 50) + "a\n",
	"-\n",
	"1) ",
	"- a\n\n\n",
	"- a\n\n  b\n\n",
	"- a\n  - b\n    - c\n",
	"- a\nb\n",
	"-     a\n",
	"* * *\n",
	"- > ",
	"```\n",
	"```go\na\n```\n",
	"```zzz%d\na\n```\n",
	"    a\n",
	"    a\n\n",
	"~~~\n",
	"~~~~~~a@",
	"``` a a a a a a a a a a a a a a a a\n```\n",
	"```go\nfunc a() { return \"b\" }\n```\n",
	"---\n",
	"***\n\n",
	"|a|b|\n",
	"|",
	"|-|-|\n",
	"|a|b|\n|-|-|\n|c|d|\n\n",
	"a\n-|-\n",
	"|`\\|`",
	"a|b\n",
	"|a|b|\n|-|-|\n|`\\|`|d|\n\n",
	"|a|\n|-|\n",
	"|a\n|-\n",
	"-\n|-\n",
	"{{< a >}}\n",
	"{{",
	"{% a %}",
	"{%",
	"{: .a}\n",
	"{: a",
	"{{ a ",
	"{{a}}",
	"{",
	"}",
	"$",
	"==a== ",
	"%%a%% ",
	"%% ",
	"[[a]] ",
	"[[a|b]]\n",
	"[[a ",
	"![[a.png]] ",
	"[[a]]\n\n",
	"[[a%d]]\n",
	"#a ",
	"a\n: b\n\n",
	"{% comment %} a {% endcomment %}\n",
	"{% comment %}\n",
	"{::comment}\na\n{:/comment}\n",
	"{::comment}\n",
	"[//]: # (a)\n",
	"[comment]: <> (a)\n\n",
	"[//]: # (a) ",
	"[//]: # \"",
	"mailto:a@b.cd ",
	"http://ä.de ",
	"> [!note]\n> a\n\n",
	"a ^b\n\n",
	"b.md ",
	"<b.md> ",
	"[a[b](c)](d) ",
	"[![a](b)](c) ",
	"[a](#b)\n\n",
	"# h%d\n\n[a](#h%d)\n\n",
	"[a](/b/)\n\n",
	"<!-- %d\n-->\n",
}

var halvedPieces = [][2]string{
	{"[", "]"},
	{"[", "](a)"},
	{"![", "](a)"},
	{"*a ", "b* "},
	{"*a _b ", "c* "},
	{"[^%d]: a\n\n", "[^%d] "},
	{"[a%d]: b\n", "[a%d]\n"},
	{"[a%d]: b\n\n", "[a%d] "},
	{"|a", "\n|b"},
	{"<div>", "</div>"},
	{"<b>", "</b>"},
	{"<b>", "<p>"},
	{"<a>", "<p>"},
	{"<font>", "<p>"},
	{"<b a%d>", "<p>"},
	{"<i><div>", "</i></div>"},
	{"`` ", "` "},
	{"[a](", ")"},
	{"(", ")"},
	{"<", ">"},
	{"{{", "}}"},
	{"{%a ", "%}"},
	{"x[a ", "\n\n[a]: b"},
	{"[a](b \"\n", "x\n"},
	{"[a]\n", "x\n"},
	{"`a\n", "x\n"},
	{"<a b\n", "x\n"},
}

var framedPieces = [][3]string{
	{"", "[^1]", "\n\n[^1]: a\n"},
	{"", "a[^1] ", "\n\n[^1]: a\n"},
	{"", "[^1]\n\n", "\n\n[^1]: a\n"},
	{"", "[a]", "\n\n[a]: b\n"},
	{"", "[a] ", "\n\n[a]: b\n"},
	{"", "[a]\n\n", "\n\n[a]: " + strings.Repeat("b", 100000) + "\n"},
	{"", "[a] ", "\n\n[a]: " + strings.Repeat("b", 100000) + "\n"},
	{"", "[a]\n\n", "\n\n[a]: b \"" + strings.Repeat("b", 10000) + "\"\n"},
	{"", "![a]\n\n", "\n\n[a]: " + strings.Repeat("b", 10000) + "\n"},
	{strings.Repeat("- ", 99), "a\n", ""},
	{strings.Repeat("- ", 99) + "a\n", strings.Repeat(" ", 198) + "a\n", ""},
	{strings.Repeat("- ", 99) + "a\n", "\n", "a"},
	{strings.Repeat("> ", 99) + "a\n", "b\n", ""},
	{strings.Repeat("> ", 99) + "a\n", "> b\n", ""},
	{strings.Repeat("- ", 99) + "a\n", "b\n", ""},
	{"- a\n", "\n", "b"},
	{"```\n", "a\n", "```\n"},
	{"    a\n", "\n", "    b\n"},
	{"<div>\n", "a\n", ""},
	{"<script>\n", "a\n", ""},
	{"|a|b|c|\n|-|-|-|\n", "|a|b|c|\n", ""},
	{"|a|b|c|d|e|f|g|h|i|j|k\n|-|-|-|-|-|-|-|-|-|-|-\n", "|a\n", ""},
	{"|a|\n|-|\n", "|`\\|`|\n", ""},
	{"|a|b|\n|-|-|\n", "|[a](b)|*c*|\n", ""},
	{"|a|\n|-|\n|", "`\\|` ", "|\n"},
	{"```go\n", "func a() { return \"b\" }\n", "```\n"},
	{"[a](b \"", "c ", ""},
	{"[a](", "b", ")"},
	{"![", "b", "](c)"},
	{"[", "b ", "](c)"},
	{"[", "b\n", "](c)"},
	{"[", "b ", "]"},
	{"# ", "a ", "\n"},
	{"# a {", "b=c ", "}\n"},
	{"# a {", ".b ", "}\n"},
	{"# ", "{", "\n"},
	{"# ", "{a=", "\n"},
	{"# ", "{.a ", "\n"},
	{"# a {b=", "[", "\n"},
	{"", "{a={", "\n===\n"},
	{"<a ", "b ", ">"},
	{"<a b=\"", "b ", "\">"},
	{"a <a ", "b ", ""},
	{"a <a ", "b\n", ""},
	{"<!-- ", "b ", "-->"},
	{"<!-- ", "b\n", ""},
	{"a <!-- ", "b\n", ""},
	{"a[^1]\n\n[^1]: a\n", "\n    b\n", ""},
	{"<http://", "a", ">"},
	{"http://a.bc/", "a", ""},
	{"http://a.bc/", "(", ""},
	{"http://a.bc/", ")", ""},
	{"http://a.bc/", ".", ""},
	{"http://a.bc/", "&a;", ""},
	{"", "a", "@b.cd"},
	{"a@", "b.", "cd"},
	{"a@", "b-", "cd"},
	{strings.Repeat("> ", 90) + "a\n", strings.Repeat("> ", 90) + "\n", ""},
	{strings.Repeat("> ", 90) + "```\n", strings.Repeat("> ", 90) + "a\n", ""},
	{"- a\n", "\t- b\n", ""},
	{"", "%%a%% ", ""},
	{"", "%%`a%% ", ""},
	{"", "1%% ", ""},
	{"", "1%%\n\n", ""},
	{"", "a %%b\n\n", ""},
	{"", "`%%` ", ""},
	{"", "{# ", ""},
	{"", "{#", ""},
	{"", "{% comment %}", ""},
	{"", "{% comment %}{% endcomment %}`", ""},
	{"", "<code>%%</code> ", ""},
	{"", "[//]: # (a)\n", ""},
	{"", "_www.", ""},
	{"", "_www.a", ""},
	{"", "あhttps://a.b ", ""},
	{"", "あhttps://a", ""},
	{"http://a.bc/", "）", ""},
	{"http://a.bc/", "「", ""},
}

// A cost is what a text costs to be rendered, as far as it can be counted.
type cost struct{ allocated, html int }

// costOf renders a text. Nothing else may run meanwhile.
func costOf(t testing.TB, md *Renderer, front, text string) cost {
	t.Helper()
	n, err := site.Parse("a.md", []byte("---\ndate: 2026-01-01\n"+front+"---\n"+text), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n.Label(site.Markdown{RawHTML: md.raw})
	r, err := md.Render(n, Page{
		Permalink: "/a/",
		Resolve:   func(string) (link.Target, error) { return link.Target{}, nil },
		Files: &Files{
			Missing: func(string) (bool, error) { return true, nil },
			Attach:  func(string, string) {},
			Fit:     func(string) (image.Point, bool) { return image.Point{}, false },
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return cost{int(after.TotalAlloc - before.TotalAlloc), len(r.HTML)}
}

// A text of four times the length costs about four times as much, whatever it
// repeats: with the square of its length it would be sixteen times. Where a bound
// is between the two, the next four times decide.
func TestNoTextCostsMoreThanItsLength(t *testing.T) {
	const size, growth, free = 4 << 10, 6, 256 << 10
	ways := []struct {
		name, front string
		raw         bool
	}{{"Markdown", "", false}, {"Markdown with HTML", "", true}, {"HTML", "format: html\n", true}}
	if testing.Short() || raceDetector {
		ways = ways[:1]
	}
	for _, way := range ways {
		md := New(site.Markdown{HardWraps: "notes", RawHTML: way.raw}, nil)
		for name, text := range pathologicals() {
			var less, more cost
			for n := size; n <= 16*size; n *= 4 {
				less, more = more, costOf(t, md, way.front, text.of(n))
				if n > size && more.allocated <= growth*less.allocated+free && more.html <= growth*less.html+free {
					less, more = cost{}, cost{}
					break
				}
			}
			if more.html > 0 {
				t.Errorf("%s, %.40q: %+v of %d bytes, %+v of four times as many", way.name, name, less, 4*size, more)
			}
		}
	}
}

// FuzzCost looks for more texts that cost more the longer they are.
func FuzzCost(f *testing.F) {
	if raceDetector {
		f.Skip("the test above runs the same texts")
	}
	for name := range pathologicals() {
		f.Add(name)
	}
	md := New(site.Markdown{HardWraps: "notes"}, nil)
	f.Fuzz(func(t *testing.T, piece string) {
		if len(piece) == 0 || len(piece) > 1000 || strings.Contains(piece, "\x00") {
			return
		}
		piece = strings.ToValidUTF8(piece, "?")
		times := 1 + 4<<10/len(piece)
		less := costOf(t, md, "", strings.Repeat(piece, times))
		more := costOf(t, md, "", strings.Repeat(piece, 4*times))
		if more.allocated > 6*less.allocated+8<<20 || more.html > 6*less.html+1<<20 {
			t.Errorf("%+v of %d times %q, %+v of four times as many", less, times, piece, more)
		}
	})
}

// BenchmarkPathological renders 1 MiB of each. The aim is more than 0.5 MB/s.
func BenchmarkPathological(b *testing.B) {
	md := New(site.Markdown{HardWraps: "notes"}, nil)
	for name, text := range pathologicals() {
		b.Run(fmt.Sprintf("%.40q", name), func(b *testing.B) {
			source := text.of(1 << 20)
			b.SetBytes(int64(len(source)))
			b.ReportAllocs()
			for b.Loop() {
				costOf(b, md, "", source)
			}
		})
	}
}
