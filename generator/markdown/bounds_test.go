package markdown

import (
	"strconv"
	"strings"
	"testing"

	"starpunk/site"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Markdown beyond the bounds is shown as text, nothing of it is lost, and the first
// line beyond a bound is reported.
func TestMarkdownBeyondItsBoundsIsText(t *testing.T) {
	lines := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(format, "%d", strconv.Itoa(i)))
		}
		return b.String()
	}
	deep := strings.Repeat("- ", maxDepth-1) + "a\n"
	for _, tc := range []struct {
		name, body, tag string
		most            int    // tags
		last            string // what the end of the text has become
		warning         string
	}{
		{"emphasis", strings.Repeat("*a* ", maxMarks), "<em>", maxMarks / 2, "*a*</p>", ":5: more than 2000 marks"},
		{"that never ends", strings.Repeat("*a_ ", 100_000), "<em>", 0, "*a_</p>", ":5: more than 2000 marks"},
		{"strokes", strings.Repeat("~~a~~ ", maxMarks), "<del>", maxMarks / 2, "~~a~~</p>", ":5: more than 2000 marks"},
		{"links", strings.Repeat("[a](/) ", maxMarks), "<a ", maxMarks / 2, "[a](/)</p>", ":5: more than 2000 marks"},
		{"brackets", strings.Repeat("[", 100_000) + "a" + strings.Repeat("]", 100_000), "<a ", 0, "]</p>", ":5: more than 2000 marks"},
		{"a paragraph of its own", strings.Repeat(strings.Repeat("*a* ", maxMarks/2)+"\n\n", 3), "<em>", 3 * maxMarks / 2, "<em>a</em></p>", ""},
		{"quotations", strings.Repeat(">", 100_000) + " a", "<blockquote>", maxDepth, "", ":5: more than 100 lists and quotations"},
		{"lists", strings.Repeat("* ", 10_000) + "a", "<ul>", maxDepth, "", ":5: more than 100 lists and quotations"},
		{"footnotes in footnotes", lines(maxDepth+9, "[^%d]: "), "<li id=\"fn:", 0, "", ":5: more than 100 lists and quotations"},
		{"blank lines in many lists", deep + strings.Repeat("\n", 1<<20) + "b", "<ul>", maxDepth - 1, "<p>b</p>", "too many"},
		{"a table", strings.Repeat("|a", 2000) + "\n" + strings.Repeat("|-", 2000) + strings.Repeat("\n|b", 2000), "<table>", 0, "|b</p>", ":5: more than 200000 cells"},
		{"a long table", "|a\n|-" + strings.Repeat("\n|b", maxCells/2-2), "<table>", 1, "</table>", ""},
		{"several tables", strings.Repeat("|a\n|-"+strings.Repeat("\n|b", maxCells/4-2)+"\n\n", 3), "<table>", 2, "|b</p>", "more than 200000 cells"},
		{"tables that fill up their rows", strings.Repeat(strings.Repeat("|a", 300)+"\n"+strings.Repeat("|-", 300)+strings.Repeat("\n|b", 100)+"\n\n", 3), "<table>", 0, "|b</p>", "too many"},
		{"footnotes", lines(maxFootnotes+9, "[^%d]\n\n") + lines(maxFootnotes+9, "[^%d]: a\n\n"), "<li id=\"fn:", maxFootnotes, "", "more than 1000 footnotes"},
		{"references to a footnote", strings.Repeat("[^1]", maxReferences+9) + "\n\n[^1]: a", "<sup ", maxReferences, "", ":5: more than 5000 references"},
		{"link definitions", lines(10_000, "[a%d]: /b%d\n") + "\n[a9999] [a0] [a64]", "<a ", 3, "", ""},
		{"link definitions with titles", lines(10_000, "[a%d]:\n/b%d\n'c\nd'\n") + "[a9999]", "title=", 1, "", ""},
		{"lines that are nearly definitions", strings.Repeat("[a]\n", 900) + "[a]: /b", "<a ", 0, "[a]: /b</p>", ""},
		{"a definition after a text", strings.Repeat("[a]: /b\n", 1000) + strings.Repeat("c\n", 1000) + "[a]: /b", "<a ", 1, "", ""},
		{"a long address that is repeated", strings.Repeat("[a]\n\n", 10_000) + "[a]: /" + strings.Repeat("b", 100_000), "<a ", 20, "", "too many"},
		{"tags without an end", strings.Repeat("a <b "+strings.Repeat("c ", 5000)+"\n\n", 300), "&lt;b ", 300, "", ""},
		{"languages that are unknown", lines(maxLanguages+9, "```zzz%d\na\n```\n"), "<pre ", maxLanguages + 9, "", "code in more than 30 languages"},
		{"a language with a long name", "```" + strings.Repeat("a", maxLanguage) + ".go\na := 1\n```\n", "<span ", 0, "</pre>", ""},
		{"much code", strings.Repeat("```go\n"+strings.Repeat("a := 1\n", 8000)+"```\n", 6), "<pre ", 6, "", "more than 128 KiB"},
		{"headings", strings.Repeat("# a\n", maxHeadings+9), "<h2 ", maxHeadings, "# a</p>", "more than 5000 headings"},
		{"headings that are underlined", strings.Repeat("a\n---\n\n", maxHeadings+9), "<h2 ", maxHeadings, "<hr>", ""},
		{"wikilinks", strings.Repeat("[[a]] ", maxMarks+9), "[[a]]", 9, "", "more than 2000 marks"},
		{"braces in a heading", "# a " + strings.Repeat("{", maxBraces+1), "<h2 ", 1, "", ":5: a heading with braces"},
		{"braces in an underlined heading", "a {b=" + strings.Repeat("c", maxHeading) + "\n===\n", "<h2 ", 1, "", ":5: a heading with braces"},
		{"attributes of a heading", "# a {#b .c d=e}\n\nf {#g}\n---\n", "<h2 id=\"b\">a</h2>\n<h3 id=\"g\">f</h3>", 1, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := renderText(t, site.Markdown{HardWraps: "none"}, "", tc.body)
			if n := strings.Count(out.HTML, tc.tag); n != tc.most {
				t.Errorf("%s appears %d times, want %d", tc.tag, n, tc.most)
			}
			if !strings.HasSuffix(strings.TrimSpace(out.HTML), tc.last) {
				t.Errorf("ends with %q, want %q", out.HTML[max(0, len(out.HTML)-40):], tc.last)
			}
			if got := strings.Join(out.Warnings, "\n"); tc.warning == "" && got != "" || !strings.Contains(got, tc.warning) {
				t.Errorf("warnings: %.200q, want one with %q", got, tc.warning)
			}
		})
	}
}

// Each line of link definitions is read with few others.
func TestLinkDefinitionsAreReadPartByPart(t *testing.T) {
	counted := &countedLines{ParagraphTransformer: parser.LinkReferenceParagraphTransformer}
	md := parser.NewParser(
		parser.WithBlockParsers(util.Prioritized(parser.NewParagraphParser(), 1000)),
		parser.WithParagraphTransformers(util.Prioritized(boundedDefinitions{counted}, 100)),
	)
	const n = 10_000
	md.Parse(text.NewReader([]byte(strings.Repeat("[a]: b\n", n))))
	if counted.longest > definitionPart || counted.lines > 2*n {
		t.Errorf("%d lines were read as %d, at most %d at once", n, counted.lines, counted.longest)
	}
}

type countedLines struct {
	parser.ParagraphTransformer
	lines, longest int
}

func (c *countedLines) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	c.lines += node.Lines().Len()
	c.longest = max(c.longest, node.Lines().Len())
	c.ParagraphTransformer.Transform(node, reader, pc)
}
