package markdown

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// highlighter writes code with classes, for the style sheet to colour.
var highlighter = chromahtml.New(chromahtml.WithClasses(true), chromahtml.WithPreWrapper(scrollable{}))

// noStyle: the classes are all that counts. The styles that come with the
// library would be read at every start of the program.
var noStyle = chroma.MustNewStyle("none", chroma.StyleEntries{})

// scrollable is the pre element of a code block, which can be scrolled with
// the keyboard.
type scrollable struct{}

func (scrollable) Start(bool, string) string { return `<pre class="chroma" tabindex="0"><code>` }
func (scrollable) End(bool) string           { return "</code></pre>\n" }

// A nodeRenderer renders the nodes that StarPunk treats its own way: raw HTML,
// which is shown and not run, and code, which is coloured.
type nodeRenderer struct{ raw bool }

func (r *nodeRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindRawHTML, r.rawHTML)
	reg.Register(ast.KindHTMLBlock, r.htmlBlock)
	reg.Register(ast.KindFencedCodeBlock, r.code)
	reg.Register(ast.KindCodeBlock, r.plainCode)
	reg.Register(extast.KindTaskCheckBox, r.checkBox)
}

func (r *nodeRenderer) rawHTML(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		segments := n.(*ast.RawHTML).Segments
		r.literal(w, comments.ReplaceAll(segments.Value(source), nil))
	}
	return ast.WalkSkipChildren, nil
}

func (r *nodeRenderer) htmlBlock(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := n.(*ast.HTMLBlock)
	raw := block.Lines().Value(source)
	if block.HasClosure() {
		raw = append(raw[:len(raw):len(raw)], block.ClosureLine.Value(source)...)
	}
	if n.Parent().Kind() == ast.KindDocument && string(moreLine.ReplaceAll(bytes.TrimSpace(raw), nil)) == "" {
		_, _ = w.WriteString(moreMark)
		return ast.WalkContinue, nil
	}
	if raw = comments.ReplaceAll(raw, nil); len(bytes.TrimSpace(raw)) > 0 {
		if !r.raw {
			_, _ = w.WriteString("<p>") // a BufWriter keeps its first error for Flush
		}
		r.literal(w, bytes.Trim(raw, "\n"))
		if !r.raw {
			_, _ = w.WriteString("</p>")
		}
	}
	_ = w.WriteByte('\n')
	return ast.WalkContinue, nil
}

// comments are for authors and are never shown. One that does not end is one to the
// end of its block, as browsers have it.
var comments = regexp.MustCompile(`(?s)<!--.*?(?:-->|$)`)

// literal writes HTML as text, or as it is where a sanitiser follows.
func (r *nodeRenderer) literal(w util.BufWriter, raw []byte) {
	if !r.raw {
		raw = util.EscapeHTML(raw)
	}
	_, _ = w.Write(raw)
}

func (r *nodeRenderer) code(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := n.(*ast.FencedCodeBlock)
	chosen, _ := block.AttributeString(lexerKey)
	if lexer, ok := chosen.(chroma.Lexer); ok {
		tokens, err := chroma.Coalesce(lexer).Tokenise(nil, string(block.Lines().Value(source)))
		if err == nil {
			return ast.WalkContinue, highlighter.Format(w, noStyle, tokens)
		}
	}
	return r.plainCode(w, source, n, entering)
}

// languageName returns the language in the text after a fence, such as "rust,ignore",
// "go{1,3}" or "{.python}".
func languageName(info string) string {
	name := strings.TrimLeft(info, "{.")
	if i := strings.IndexAny(name, ",{}"); i >= 0 {
		name = name[:i]
	}
	return name
}

// plainCode writes code without colours. It can be scrolled with the keyboard.
func (r *nodeRenderer) plainCode(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<pre class="chroma" tabindex="0"><code>`)
		_, _ = w.Write(util.EscapeHTML(n.Lines().Value(source)))
		_, _ = w.WriteString("</code></pre>\n")
	}
	return ast.WalkContinue, nil
}

// checkBox writes the box of a task with a name for screen readers.
func (r *nodeRenderer) checkBox(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	box := `<input type="checkbox" disabled aria-label="to do"> `
	if n.(*extast.TaskCheckBox).IsChecked {
		box = `<input type="checkbox" checked disabled aria-label="done"> `
	}
	_, _ = w.WriteString(box)
	return ast.WalkContinue, nil
}
