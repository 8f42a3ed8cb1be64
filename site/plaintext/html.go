package plaintext

import (
	"bytes"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	source "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	nethtml "golang.org/x/net/html"
)

// Elements of HTML. An element that is in neither list separates the texts before and
// after it.
var (
	inlineElements = elements("a abbr b bdi bdo cite code data del dfn em i img ins kbd mark q s samp small span strike strong sub sup time tt u var wbr")
	hiddenElements = elements("script style template title noscript iframe object head")
)

func elements(names string) map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		set[name] = true
	}
	return set
}

// htmlText returns the text that a reader sees of HTML, without tags and comments.
// withAlt adds the alternative texts of pictures.
func htmlText(s string, withAlt bool) string {
	var b strings.Builder
	hidden, depth := "", 0
	for z := nethtml.NewTokenizer(strings.NewReader(s)); ; {
		kind := z.Next()
		switch kind {
		case nethtml.ErrorToken: // the end
			return b.String()
		case nethtml.TextToken:
			if hidden == "" {
				b.Write(z.Text())
			}
			continue
		case nethtml.CommentToken, nethtml.DoctypeToken:
			continue
		}
		token := z.Token()
		switch {
		case hidden == "" && kind == nethtml.StartTagToken && hiddenElements[token.Data]:
			hidden, depth = token.Data, 1
		case token.Data == hidden && kind == nethtml.StartTagToken:
			depth++
		case token.Data == hidden && kind == nethtml.EndTagToken:
			if depth--; depth == 0 {
				hidden = ""
			}
		}
		if hidden != "" {
			continue
		}
		if !inlineElements[token.Data] {
			b.WriteByte(' ')
		}
		for _, a := range token.Attr {
			if withAlt && token.Data == "img" && a.Key == "alt" {
				b.WriteString(a.Val)
			}
		}
	}
}

// renderedText returns the text of Markdown in which HTML is HTML.
func renderedText(s string) string {
	var page bytes.Buffer
	if err := excerptRenderer().Convert([]byte(s), &page); err != nil {
		return wholeText(s) // a buffer accepts all bytes
	}
	return htmlText(page.String(), true)
}

// excerptRenderer renders Markdown with HTML for its text. Most sites do not need it.
var excerptRenderer = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList, extension.Footnote),
		goldmark.WithParserOptions(parser.WithHeadingAttribute(), parser.WithInlineParsers(util.Prioritized(wikiTextParser{}, 150))),
		goldmark.WithRendererOptions(html.WithUnsafe(), renderer.WithNodeRenderers(util.Prioritized(noFootnotes{}, 100))),
	)
})

// A noFootnotes renders nothing of footnotes and of the references to them.
type noFootnotes struct{}

func (noFootnotes) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	for _, kind := range []ast.NodeKind{extast.KindFootnoteLink, extast.KindFootnoteList} {
		r.Register(kind, func(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
			return ast.WalkSkipChildren, nil
		})
	}
}

// A wikiTextParser replaces wikilinks by their texts.
type wikiTextParser struct{}

func (wikiTextParser) Trigger() []byte { return []byte{'[', '!'} }

func (wikiTextParser) Parse(_ ast.Node, block source.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	shown, length := wikiText(string(line[:min(len(line), 2*maxWikiLink)]))
	if length == 0 {
		return nil
	}
	block.Advance(length)
	n := ast.NewString([]byte(shown))
	n.SetRaw(true) // not Markdown
	return n
}
