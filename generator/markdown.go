package generator

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"starpunk/site"
	"starpunk/site/comment"
	"starpunk/site/store"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/text/unicode/norm"
)

// maxHighlightBytes is the longest code block that gets colours; longer ones
// are shown plain, since highlighting takes time that grows with the block.
const maxHighlightBytes = 64 << 10

// A markdown renders the content of notes.
type markdown struct {
	keep   goldmark.Markdown // line breaks as in the source
	join   goldmark.Markdown // line breaks are spaces
	wraps  string            // markdown.hard_wraps
	raw    bool              // markdown.raw_html
	policy *bluemonday.Policy
	large  *sync.Mutex // held while a large text is rendered
}

// largeText is how many bytes of text are rendered at once with others. Larger ones,
// which take some hundred bytes of memory for each of theirs, wait for each other.
const largeText = 256 << 10

// Where it stands alone in a note's text, the page of the note goes on, and
// the front page shows no more than what is before it.
const moreMark = "<!--more-->"

var moreLine = regexp.MustCompile(`<!--\s*more\s*-->`)

func newMarkdown(cfg site.Markdown) *markdown {
	m := &markdown{wraps: cfg.HardWraps, raw: cfg.RawHTML, policy: policy(), large: &sync.Mutex{}}
	m.join = newGoldmark(cfg.RawHTML)
	m.keep = newGoldmark(cfg.RawHTML, html.WithHardWraps())
	return m
}

func newGoldmark(raw bool, options ...renderer.Option) goldmark.Markdown {
	options = append(options, renderer.WithNodeRenderers(
		util.Prioritized(&nodeRenderer{raw: raw}, 100),
		util.Prioritized(extension.NewTableHTMLRenderer(), 500),
		util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
		util.Prioritized(extension.NewFootnoteHTMLRenderer(), 500),
	))
	return goldmark.New(
		goldmark.WithParser(boundedParser()),
		goldmark.WithExtensions(extension.TaskList),
		goldmark.WithParserOptions(
			parser.WithInlineParsers(util.Prioritized(newAutoLinker(), 999), util.Prioritized(wikiParser{}, 150)),
			parser.WithASTTransformers(util.Prioritized(linkTransformer{}, 500)),
		),
		goldmark.WithRendererOptions(options...),
	)
}

// linkSchemes are the schemes that links may have: pages, and what other programs
// of the reader open. None of them runs anything in the page.
var linkSchemes = []string{"http", "https", "mailto", "tel", "sms", "geo", "xmpp", "matrix", "irc", "ircs", "gemini", "gopher", "ftp", "webcal", "magnet"}

// anchor is an id, which has letters of every script. To name these would make an
// expression that takes megabytes and a part of every start.
var anchor = regexp.MustCompile("^[^\\s\"'<>&`=]+$")

// policy is what HTML may say, whoever wrote it: text, structure, links and
// media, but nothing that runs, frames or restyles the page.
func policy() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.RequireNoFollowOnLinks(false)
	p.AllowURLSchemes(linkSchemes...)
	p.AllowElements("kbd", "address")
	p.AllowAttrs("id").Matching(anchor).Globally()
	p.AllowAttrs("name").Matching(anchor).OnElements("a")
	p.AllowAttrs("alt").OnElements("img", "area") // with every sign: the policy would drop those with "?"
	p.AllowAttrs("title").Globally()
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("reversed").OnElements("ol")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^[\w\- ]{1,200}$`)).Globally()
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	p.AllowAttrs("checked", "disabled").OnElements("input")
	p.AllowAttrs("aria-label").Matching(regexp.MustCompile(`^(done|to do)$`)).OnElements("input")
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^doc-[a-z]+$`)).Globally()
	p.AllowAttrs("tabindex").Matching(regexp.MustCompile(`^0$`)).OnElements("pre")
	p.AllowElements("video", "audio", "source", "track", "figure", "figcaption", "picture")
	p.AllowAttrs("src").OnElements("video", "audio", "track")
	address := regexp.MustCompile(`^(?i:https?://|[^:]*([/?#]|$))`) // where the policy does not know that it is one
	p.AllowAttrs("src").Matching(address).OnElements("source")
	p.AllowAttrs("poster").Matching(address).OnElements("video")
	p.AllowAttrs("controls", "loop", "muted").OnElements("video", "audio")
	p.AllowAttrs("playsinline").OnElements("video")
	p.AllowAttrs("width", "height").Matching(bluemonday.Integer).OnElements("video")
	p.AllowAttrs("preload").Matching(regexp.MustCompile(`^(none|metadata|auto)$`)).OnElements("video", "audio")
	p.AllowAttrs("kind", "srclang", "label", "default").OnElements("track")
	p.AllowAttrs("loading").Matching(regexp.MustCompile(`^(lazy|eager)$`)).OnElements("img")
	return p
}

// A linkResolver finds the file below content/ that a key of [store.Store.Target]
// names.
type linkResolver func(key string) (store.Target, error)

// Rendered is the HTML of a note's content, and what was learned on the way.
type rendered struct {
	html     string
	alone    bool              // it has no links to notes, no pictures, and is no HTML: nothing but the note is in it
	more     bool              // the content was shortened: its page has more
	links    map[string]string // see [store.Result]
	ownLinks []store.OwnLink   // links to addresses of the site
	warnings []string          // "content/a.md:7: links to …"
}

// A rendering says for what content is rendered.
type rendering struct {
	permalink string // of the note
	home      string // the address of the site
	ctx       context.Context
	resolve   linkResolver
	inBundle  func(note, file string) (address string, err error)
	files     *notePictures // finds the files that it shows
	pictures  *notePictures // the same, if their sizes are to be shown; nil: they are not
	missing   func(address string) (bool, error)
	short     bool // to show no more than what stands before "<!--more-->"
}

// A renderContext accompanies one rendering.
type renderContext struct {
	rendering
	note   *site.Note
	shown  *comment.Text // of the note's content; nil: it has no comments
	out    *rendered
	looked map[string]bool // addresses of pictures that were looked for
	placed map[store.Place]bool

	targets map[string]store.Target // by the keys that were looked up
	full    bool                    // no more are looked up
	err     error
}

var contextKey = parser.NewContextKey()

// render turns the content of a note into HTML that is safe to put into a
// page.
func (m *markdown) render(n *site.Note, r rendering) (*rendered, error) {
	if len(n.Content) > largeText {
		m.large.Lock()
		defer m.large.Unlock()
		defer roomFor(len(n.Content))()
	}
	out := &rendered{links: map[string]string{}, alone: !n.HTML && !m.raw}
	rc := &renderContext{
		rendering: r, note: n, out: out,
		looked: map[string]bool{}, placed: map[store.Place]bool{}, targets: map[string]store.Target{},
	}
	m.hideComments(rc)
	content := rc.note.Content
	if !n.HTML {
		var err error
		if content, err = m.convert(rc); err != nil {
			return nil, err
		}
	}
	content = rc.shorten(content)
	if n.HTML || m.raw {
		content = rc.fitHTML(m.policy.Sanitize(encodeSpaces(content)))
	}
	if rc.err != nil {
		return nil, rc.err
	}
	out.html = content
	if r.pictures != nil {
		for source := range r.pictures.sources {
			out.links[source] = ""
		}
	}
	return out, nil
}

// convert renders Markdown.
func (m *markdown) convert(rc *renderContext) (string, error) {
	md := m.join
	if m.wraps == "all" || m.wraps == "notes" && rc.note.TitleText() == "" {
		md = m.keep
	}
	pc := parser.NewContext()
	pc.Set(contextKey, rc)
	var b htmlBuffer
	if err := md.Convert([]byte(rc.note.Content), &b, parser.WithContext(pc)); err != nil {
		return "", fmt.Errorf("render content/%s: %w", rc.note.File, err)
	}
	return b.String(), rc.err
}

// An htmlBuffer is what goldmark writes to: it would have a buffer of its own before
// one that is none of its kind.
type htmlBuffer struct{ bytes.Buffer }

var _ util.BufWriter = (*htmlBuffer)(nil)

func (b *htmlBuffer) Buffered() int { return 0 }
func (b *htmlBuffer) Flush() error  { return nil }

// shorten cuts content, which is not sanitised yet, where its author wants it
// cut. Beside those of HTML content, the mark is the only comment that
// rendering leaves.
func (rc *renderContext) shorten(content string) string {
	at := moreLine.FindStringIndex(content)
	if at == nil {
		return content
	}
	rc.out.more = rc.short
	if rc.short {
		return content[:at[0]]
	}
	return moreLine.ReplaceAllString(content, "")
}

// linkTransformer fits a text into its page. Links get their final addresses:
// those to .md files become permalinks, relative ones start at the note's page,
// and what is no web address goes nowhere. Pictures get their sizes, and
// headings begin at the second level.
type linkTransformer struct{}

func (linkTransformer) Transform(doc *ast.Document, reader text.Reader, pc parser.Context) {
	rc, ok := pc.Get(contextKey).(*renderContext)
	if !ok {
		return
	}
	if rc.err = rc.foreignTags(doc, reader.Source()); rc.err != nil {
		return
	}
	lines := lineFinder{source: reader.Source()}
	used := usageOf(reader.Source(), pc)
	rc.reportBounds(used, lines.at) // before other warnings, which may be too many
	var dangling []ast.Node
	var shown []ast.Node // pictures and wikilinks, in the order of the text: the first picture is loaded at once
	var headings []*ast.Heading
	top := 2
	rc.err = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			destination, leads, err := rc.link(string(n.Destination), func() int { return lines.of(n) })
			if err != nil {
				return ast.WalkStop, err
			}
			if !leads {
				dangling = append(dangling, n)
			}
			n.Destination = []byte(destination)
		case *ast.AutoLink:
			if n.AutoLinkType == ast.AutoLinkURL {
				address := string(n.URL(reader.Source()))
				rc.ownLink(address, address, func() int { return lines.of(n) })
			}
		case *wikiLink, *ast.Image:
			shown = append(shown, n)
		case *ast.FencedCodeBlock:
			used.chooseLexer(n, reader.Source())
		case *extast.TableCell:
			fitCell(n)
		case *ast.Heading:
			headings = append(headings, n)
			top = min(top, n.Level)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range shown {
		if rc.err != nil {
			return
		}
		switch n := n.(type) {
		case *wikiLink:
			rc.err = rc.fitWikiLink(n, lines.of(n))
		case *ast.Image:
			var ok bool
			if ok, rc.err = rc.fitPicture(n, func() int { return lines.of(n) }); !ok {
				dangling = append(dangling, n)
			}
		}
	}
	rc.reportBounds(used, lines.at)
	var ids *headingIDs
	for _, h := range headings {
		if ids == nil { // most notes have none
			ids = newHeadingIDs()
		}
		h.Level = min(h.Level+2-top, 6) // the page has its heading already
		ids.give(h, reader.Source())
	}
	for _, n := range dangling {
		unwrap(n)
	}
}

// fitPicture gives a picture its final address and its size, and reports one that is
// not there. ok is false for an address that no picture may have.
func (rc *renderContext) fitPicture(n *ast.Image, line func() int) (ok bool, err error) {
	written := n.Destination
	destination, ok, err := rc.picture(string(written))
	if err != nil {
		return ok, err
	}
	if !ok {
		rc.warn(rc.note.BodyLine+line(), "shows %.60s, and pictures at that kind of address are left out", written)
	}
	n.Destination = []byte(destination)
	rc.fitImage(n)
	return ok, rc.reportMissing(destination, line)
}

// fitImage says how large a picture is, so that the text does not jump when it
// comes.
func (rc *renderContext) fitImage(n *ast.Image) {
	rc.out.alone = false
	if rc.pictures == nil {
		return
	}
	size, lazy := rc.pictures.fit(string(n.Destination))
	if size.X > 0 {
		n.SetAttributeString("width", strconv.Itoa(size.X))
		n.SetAttributeString("height", strconv.Itoa(size.Y))
	}
	if lazy {
		n.SetAttributeString("loading", "lazy")
	}
}

// maxLooked bounds how many pictures of one rendering are looked for.
const maxLooked = 1000

// reportMissing warns of a picture of the site's own that is not there, once. line
// says where it stands.
func (rc *renderContext) reportMissing(address string, line func() int) error {
	if rc.missing == nil || rc.looked[address] || len(rc.looked) == maxLooked {
		return nil
	}
	rc.looked[address] = true
	missing, err := rc.missing(address)
	if missing {
		rc.warn(rc.note.BodyLine+line(), "shows %.100s, and there is no such file", address)
	}
	return err
}

// fitCell gives a cell a class in the place of a style, so that a site can
// forbid styles in its pages.
func fitCell(n *extast.TableCell) {
	if n.Alignment != extast.AlignNone {
		n.SetAttributeString("class", []byte(n.Alignment.String()))
		n.Alignment = extast.AlignNone
	}
}

// unwrap leaves a link's text in its place.
func unwrap(n ast.Node) {
	parent := n.Parent()
	for child := n.FirstChild(); child != nil; child = n.FirstChild() {
		parent.InsertBefore(parent, n, child)
	}
	parent.RemoveChild(parent, n)
}

// A lineFinder finds the line of a place in a text.
type lineFinder struct {
	source []byte
	ends   []int // of the lines; empty until the first call
}

// at returns the line of an offset, counted from 0.
func (l *lineFinder) at(offset int) int {
	if l.ends == nil {
		l.ends = make([]int, 0, bytes.Count(l.source, []byte("\n"))+1)
		for i, c := range l.source {
			if c == '\n' {
				l.ends = append(l.ends, i)
			}
		}
	}
	line, _ := slices.BinarySearch(l.ends, offset)
	return line
}

// of returns the line, counted from 0, of the text of an inline node.
func (l *lineFinder) of(n ast.Node) int {
	for at := n; at != nil; at = at.FirstChild() {
		if t, ok := at.(*ast.Text); ok {
			return l.at(t.Segment.Start)
		}
	}
	for at := n.Parent(); at != nil; at = at.Parent() {
		if at.Type() == ast.TypeBlock && at.Lines() != nil && at.Lines().Len() > 0 {
			return l.at(at.Lines().At(0).Start)
		}
	}
	return 0
}

// link returns the final address of a link. leads is false for a note that is not
// there, and for an address that no link may have.
func (rc *renderContext) link(destination string, line func() int) (address string, leads bool, err error) {
	address, leads = rc.relative(destination)
	if !leads {
		rc.warn(rc.note.BodyLine+line(), "links to %s, and links to that kind of address are left out", destination)
		return address, false, nil
	}
	u, isPath := parsePath(destination)
	isNote := isPath && site.IsNoteExt(path.Ext(u.Path))
	if isPath && (isNote || !strings.HasPrefix(u.Path, "/")) {
		target, err := rc.linkToFile(address, u)
		if err != nil {
			return "", false, err
		}
		if target != "" {
			if u.Fragment != "" {
				rc.ownLink(target, destination, line)
			}
			return target, true, nil
		}
		if isNote && !rc.hasFile(address) {
			rc.warn(rc.note.BodyLine+line(), "links to %s, where no published note is", destination)
			return "", false, nil
		}
	}
	written := destination
	if isPath && maybeHost(u.Path) {
		written += " (if another site is meant, write https://" + destination + ")"
	}
	rc.ownLink(address, written, line)
	return address, true, nil
}

// linkToFile returns where a link leads that names a file below content/; "" if it
// names none. address is where it leads as an address.
func (rc *renderContext) linkToFile(address string, u *url.URL) (string, error) {
	if site.IsAttachment(u.Path) && rc.hasFile(address) {
		return "", nil
	}
	t, err := rc.fileAt(u.Path)
	if err != nil || t.File == "" {
		return "", err
	}
	if t.Permalink == "" {
		return rc.published(t)
	}
	return (&url.URL{Path: t.Permalink, Fragment: u.Fragment}).String(), nil
}

// hasFile reports whether a file of the note's bundle, of static/ or of media/ is
// at an address.
func (rc *renderContext) hasFile(address string) bool {
	if rc.files == nil {
		return false
	}
	gone, err := rc.files.missing(rc.ctx, address)
	return !gone && err == nil
}

// relative resolves an address that starts at the note's page, so that the
// content can be shown on the front page too. ok is false for what no link may
// have, such as "javascript:".
func (rc *renderContext) relative(destination string) (address string, ok bool) {
	u, err := url.Parse(destination)
	if err != nil {
		return destination, true // goldmark escapes it
	}
	if u.Scheme == "" && u.Host == "" && !norm.NFC.IsNormalString(u.Path) { // as outputs are named
		u.Path, u.RawPath = norm.NFC.String(u.Path), ""
		destination = u.String()
	}
	switch {
	case u.Scheme == "" && u.Host == "" && u.Path != "" && !strings.HasPrefix(u.Path, "/"):
		base := url.URL{Path: rc.permalink}
		return base.ResolveReference(u).String(), true
	case u.Scheme == "", slices.Contains(linkSchemes, u.Scheme):
		return destination, true
	}
	return "", false
}

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

// languageName is the language alone of what stands behind a fence, such as
// "rust,ignore", "go{1,3}" or "{.python}".
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

// checkBox writes the box of a task with a name for those who don't see it.
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
