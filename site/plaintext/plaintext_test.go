package plaintext

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
	"golang.org/x/net/html"
)

// shown returns the text on the page that goldmark renders from Markdown: the
// alternative texts of pictures, and HTML as it was typed.
func shown(t *testing.T, markdown string) string {
	t.Helper()
	m := goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList),
		goldmark.WithParserOptions(
			parser.WithHeadingAttribute(),
			parser.WithInlineParsers(util.Prioritized(extension.NewLinkifyParser(), 999))),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(typedHTML{}, 100))),
	)
	var page bytes.Buffer
	if err := m.Convert([]byte(markdown), &page); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for z := html.NewTokenizer(&page); ; {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(text.String()), " ")
		case html.TextToken:
			text.WriteString(z.Token().Data)
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			token := z.Token()
			if !slices.Contains([]string{"a", "em", "strong", "del", "code", "img"}, token.Data) {
				text.WriteByte(' ')
			}
			for _, a := range token.Attr {
				if a.Key == "alt" {
					text.WriteString(a.Val)
				}
			}
		}
	}
}

type typedHTML struct{}

func (typedHTML) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindRawHTML, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, _ = w.Write(util.EscapeHTML(n.(*ast.RawHTML).Segments.Value(source)))
		}
		return ast.WalkSkipChildren, nil
	})
}

func TestMarkdownIsShownAsOnThePage(t *testing.T) {
	for _, tc := range []struct{ markdown, want string }{
		{"[Go](https://en.wikipedia.org/wiki/Go_(game)) rocks", "Go rocks"},
		{"5*3=15 and 2**8 and a*b", "53=15 and 2**8 and ab"},
		{"5*3 and 2**8", "5*3 and 2**8"},
		{"`*args, **kwargs` in `__init__`", "*args, **kwargs in __init__"},
		{"`` a`b `` and `&amp;` and `\\*`", "a`b and &amp; and \\*"},
		{"`` `a` ``, ` b ` and `open", "`a`, b and `open"},
		{"mid__dle and mid_d_le", "mid__dle and mid_d_le"},
		{"I _really_ like __this__ and ***that***", "I really like this and that"},
		{"**bold *and* both**, *a **b** c*", "bold and both, a b c"},
		{"a * b * c and _ d _", "a * b * c and _ d _"},
		{"~~old~~ ~new~ ~~~all~~~ ~100", "old new ~~~all~~~ ~100"},
		{`\*not\* \[this\](x) \# a\b`, `*not* [this](x) # a\b`},
		{"one\\\ntwo  \nthree", "one two three"},
		{"Head\n====\ntext", "Head text"},
		{"Head\nof two\n--\ntext", "Head of two text"},
		{"# One #\n## Two ##\n### C#\n#tag\n####### seven", "One Two C# #tag ####### seven"},
		{"# Title {#id .class}\n\n# {x}", "Title {x}"},
		{"| a | b |\n|---|:-:|\n| c | *d* |\n| `e \\| f` | g", "a b c d e | f g"},
		{"see\na | b\n-|-\nc | d\n\nend", "see a b c d end"},
		{"a | b\nno table", "a | b no table"},
		{"I am <b>bold</b> & <i title=\"*\">so*</i>", "I am <b>bold</b> & <i title=\"*\">so*</i>"},
		{"&amp; &copy; &#8211; &#x2014; &nope; AT&T &", "& © – — &nope; AT&T &"},
		{"<https://example.org/_a_> <me@example.org>", "https://example.org/_a_ me@example.org"},
		{"https://example.org/_a_/*b and *https://example.org/a_b*", "https://example.org/_a_/*b and https://example.org/a_b"},
		{"![A *view*](a.jpg \"title\") [b](<c d> 'e') [f](g(h) [i]()", "A view b [f](g(h) i"},
		{"[![alt](a.png)](b) [a [b](c)](d) [e](f\n\"g\")", "alt [a b](d) e"},
		{"*a [b*](c) d*", "a b* d"},
		{"a[i](j k) and [ ] and ] [", "a[i](j k) and [ ] and ] ["},
		{"- a\n- b\n    - c\n\n      d\n1. e\n2. f\n\n---\n* [x] g\n* [ ] h", "a b c d e f g h"},
		{"born in\n1984. So", "born in 1984. So"},
		{"> quoted *over\n> lines*\n>\n> - item", "quoted over lines item"},
		{"```go\nx := *p // _a_ [b](c)\n```\nafter", "x := *p // _a_ [b](c) after"},
		{"> ~~~\n> a*b*\n> ~~~\n\n```` x\n```\n````", "a*b* ```"},
		{"```inline``` code\n\n    *indented*", "inline code *indented*"},
		{"a\n***\nb\n\n- - -\n_ _ _", "a b"},
		{"[a]: https://example.org/ 'A'\n[Update]: it moved", "[Update]: it moved"},
		{"*one\n\ntwo*", "*one two*"},
		{"« *é*_ü_ » “*a*”b*.*", "« éü » “a”b*.*"},
	} {
		if page := shown(t, tc.markdown); page != tc.want {
			t.Errorf("goldmark shows %q of %q, want %q", page, tc.markdown, tc.want)
		}
		if got := oneLine(tc.markdown, len(tc.markdown)); got != tc.want {
			t.Errorf("oneLine(%q) = %q, want %q", tc.markdown, got, tc.want)
		}
	}
}

// goldmark, which reads all of a text, shows these otherwise.
func TestMarkdownThatIsReadInOnePass(t *testing.T) {
	for _, tc := range []struct{ rule, markdown, want string }{
		{"a reference may be defined further down", "[a][b] ![c][] [d]", "a c [d]"},
		{"references to footnotes are removed", "a[^1] [b][^note c] [^] [^[^", "a [b] [^] [^[^"},
		{"footnotes are removed", "a\n\n[^1]: b\n[^2]: c", "a"},
		{"a footnote directly after a paragraph is removed", "a\n[^1]: b\nstill b\n\nc", "a c"},
		{"so is one after an item", "- a\n[^1]: b\n- c", "a c"},
		{"so are the paragraphs of a footnote", "a\n\n[^1]: b\n\n    more of b\n\nc", "a c"},
		{"so are lines that belong to them", "a\n\n[^1]: b\n\n    more of b\nstill more\n\nc", "a c"},
		{"a heading ends a footnote", "[^1]: b\n# a\nc", "a c"},
		{"so does code", "[^1]: b\n```\na\n```\nc", "a c"},
		{"indented text below a paragraph is not a footnote", "a\n    [^1]: b", "a : b"},
	} {
		if got := oneLine(tc.markdown, len(tc.markdown)); got != tc.want {
			t.Errorf("%s: oneLine(%q) = %q, want %q", tc.rule, tc.markdown, got, tc.want)
		}
	}
}

// inlinePieces are the parts of the paragraphs of FuzzMarkdown. A byte of its input
// selects one.
var inlinePieces = []string{
	"a", " ", "*", "_", "~", "`", "[", "](b)", "](<c 1> \"e\")", "![", "]", "(", ")", "\\", ".", "é", "“", "\nf", "&amp;", "<i>", "\\*", "&",
}

// FuzzMarkdown compares a paragraph with the text that goldmark shows of it, exactly.
// Any other text must only be read to its end.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"", "\x02\x00\x02", "\x02\x02\x00\x02", "\x06\x00\x07", "\x05\x02\x05", "# a\n> b\n- c\n", "|a|\n|-|\n", "```\n", "[a]: b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		oneLine(s, len(s))
		var paragraph strings.Builder
		paragraph.WriteByte('a')
		for i := range min(len(s), 60) {
			paragraph.WriteString(inlinePieces[int(s[i])%len(inlinePieces)])
		}
		text := paragraph.String()
		if strings.Contains(text, "][") || strings.Contains(text, "]![") {
			return // it may be a reference
		}
		if strings.Contains(text, "[[") {
			return // it may be a wikilink
		}
		if strings.Contains(text, "\\\\\n") {
			return // after an escaped backslash goldmark overlooks one that ends a line
		}
		if strings.Contains(text, "![") && (strings.Contains(text, "<i>") || strings.Contains(text, "\n")) {
			return // the alternative text of a picture has neither HTML nor line breaks
		}
		if got, want := oneLine(text, len(text)), shown(t, text); got != want {
			t.Errorf("oneLine(%q) = %q, goldmark shows %q", text, got, want)
		}
	})
}

// slowText is [Markdown] that reads all of a text.
func slowText(s string, limit int) string {
	return Shorten(strings.Join(strings.Fields(wholeText(s)), " "), limit)
}

// slowInline is [inlineReader.add] with the functions of package strings.
func slowInline(s string) string {
	const marks = "\\`*_~[]!<&:."
	var r inlineReader
	for i := 0; i < len(s); {
		next := strings.IndexAny(s[i:], marks)
		if next < 0 {
			r.out = append(r.out, s[i:]...)
			break
		}
		r.out = append(r.out, s[i:i+next]...)
		i += next
		i += r.mark(s, i)
	}
	r.emphasize(0)
	return strings.ReplaceAll(string(r.out), "\x00", "")
}

// TestMarkdownReadsNoMoreThanItShows compares the beginnings of texts with the
// beginnings of their whole text.
func TestMarkdownReadsNoMoreThanItShows(t *testing.T) {
	pieces := append([]string{
		"\n", "\n", "\n\n", "\n\n", "\n> ", "\n- ", "\n  ", "\n    ", "\n1. ", "\n# ", "\n```\n", "\n~~~\n", "\n---\n", "\n===\n", "\n|a|b|\n|-|-|\n|", "\n[a]: b\n", "\n[^1]: c\n",
		"word", "Straße ", "日本語", "🌊", "\u00a0", "\u2003", "\t", "  ", "https://example.org/a_b ", "[[c|d]]", "[^1]", "**", "!", ":", "%", "<br>",
	}, inlinePieces...)
	random := rand.New(rand.NewPCG(3, 4))
	var inlines inlineReader
	for range 20_000 {
		var b strings.Builder
		for range random.IntN(60) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		text := b.String()
		if got, want := string(inlines.add(nil, text, math.MaxInt)), slowInline(text); got != want {
			t.Fatalf("the inline text of %q is %q, want %q", text, got, want)
		}
		for _, limit := range []int{1, 7, 30, 140} {
			if got, want := Markdown(text, limit), slowText(text, limit); got != want {
				t.Fatalf("Markdown(%q, %d) = %q, want %q", text, limit, got, want)
			}
		}
	}
}

// The time must not grow with the square of the length of a text, with any marks.
func BenchmarkMarkdown(b *testing.B) {
	const size = 100_000
	for name, text := range map[string]string{
		"plain":    strings.Repeat("Just a few words of text, and more.\n", size/36),
		"marks":    strings.Repeat("*a _b **c `d [e](f ", size/19),
		"brackets": strings.Repeat("[a](", size/4),
		"stars":    strings.Repeat("a**b*", size/5),
		"lines":    strings.Repeat("| a\n", size/4),
		"entities": strings.Repeat("&amp", size/4),
		"tags":     strings.Repeat("<a b=\"", size/6),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				wholeText(text)
			}
		})
	}
}
