package markdown

import (
	"bytes"
	"fmt"
	"image"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"starpunk/site"
	"starpunk/site/comment"
	"starpunk/site/store/link"

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

// A Renderer renders the content of notes. It is safe for concurrent use.
type Renderer struct {
	keep   goldmark.Markdown // line breaks as in the source
	join   goldmark.Markdown // line breaks are spaces
	wraps  string            // markdown.hard_wraps
	raw    bool              // markdown.raw_html
	policy *bluemonday.Policy
	large  sync.Mutex // held while a large text is rendered
	room   func(bytes int) (restore func())

	rendered atomic.Int64 // texts
}

// largeText is how many bytes of text are rendered at once with others. Larger ones,
// which take some hundred bytes of memory for each of theirs, wait for each other.
const largeText = 256 << 10

// moreMark ends the part of a note's text that the front page shows. It must be
// alone in its block.
const moreMark = "<!--more-->"

var moreLine = regexp.MustCompile(`<!--\s*more\s*-->`)

// New returns a renderer. room is called before a text of many bytes is rendered,
// which takes memory, and what it returns afterwards; it may be nil.
func New(cfg site.Markdown, room func(bytes int) (restore func())) *Renderer {
	m := &Renderer{wraps: cfg.HardWraps, raw: cfg.RawHTML, policy: policy(), room: room}
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

// A Page is what a rendering must know about the site and about the page that shows
// the content.
type Page struct {
	Permalink string // of the note
	Home      string // the address of the site
	// Resolve finds the file below content/ that a key of [queue.Links.Target] names.
	Resolve func(key string) (link.Target, error)
	// InBundle returns the address of a file below content/ that belongs to the bundle
	// of a note; "" if it does not.
	InBundle func(note, file string) (address string, err error)
	Files    *Files // nil: no file of the site is looked for
	Short    bool   // show no more than what precedes "<!--more-->"
}

// Files finds the files of the site that a note shows.
type Files struct {
	// Missing reports whether an address belongs to the site and has no file.
	Missing func(address string) (bool, error)
	// Attach is called with each file below content/ that has an address because
	// the note shows it or links to it.
	Attach func(address, file string)
	// Fit returns the size of a picture, and whether it can be loaded late. Where it
	// is nil, as for feeds, pictures get no sizes, and missing ones are not reported.
	Fit func(address string) (size image.Point, lazy bool)
}

// A Content is the HTML of a note's content, and what was found out while it was
// rendered.
type Content struct {
	HTML          string
	SelfContained bool              // it depends on nothing but the note: it has no links to notes, no pictures, no HTML
	More          bool              // it was shortened: the page of the note has more
	Links         map[string]string // see [queue.Result]
	OwnLinks      []link.OwnLink    // links to addresses of the site
	Warnings      []string          // "content/a.md:7: links to …"
}

// A renderContext accompanies one rendering.
type renderContext struct {
	Page
	note   *site.Note
	shown  *comment.Text // of the note's content; nil: it has no comments
	out    *Content
	looked map[string]bool // addresses of pictures that were looked for
	placed map[link.Place]bool

	targets map[string]link.Target // by the keys that were looked up
	full    bool                   // no more are looked up
	err     error
}

var contextKey = parser.NewContextKey()

// Render turns the content of a note into HTML that is safe to put into a page.
func (m *Renderer) Render(n *site.Note, p Page) (*Content, error) {
	if len(n.Content) > largeText {
		m.large.Lock()
		defer m.large.Unlock()
		if m.room != nil {
			defer m.room(len(n.Content))()
		}
	}
	m.rendered.Add(1)
	out := &Content{Links: map[string]string{}, SelfContained: !n.HTML && !m.raw}
	rc := &renderContext{
		Page: p, note: n, out: out,
		looked: map[string]bool{}, placed: map[link.Place]bool{}, targets: map[string]link.Target{},
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
	out.HTML = content
	return out, nil
}

// HasMore reports whether a content has the mark "<!--more-->".
func HasMore(content string) bool { return moreLine.MatchString(content) }

// Rendered returns how many texts were rendered.
func (m *Renderer) Rendered() int64 { return m.rendered.Load() }

// convert renders Markdown.
func (m *Renderer) convert(rc *renderContext) (string, error) {
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

// An htmlBuffer is a buffer that goldmark writes to directly. It would wrap another
// writer in a buffer of its own.
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
	rc.out.More = rc.Short
	if rc.Short {
		return content[:at[0]]
	}
	return moreLine.ReplaceAllString(content, "")
}

// linkTransformer fits a text into its page. Links get their final addresses: links
// to .md files become permalinks, relative links start at the note's page, and links
// to other kinds of address become text. Pictures get their sizes, and headings begin
// at the second level.
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

// fitImage gives a picture its width and height, so that the text does not jump when
// the picture is loaded.
func (rc *renderContext) fitImage(n *ast.Image) {
	rc.out.SelfContained = false
	if !rc.fits() {
		return
	}
	size, lazy := rc.Files.Fit(string(n.Destination))
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

// reportMissing warns once of a picture of the site that does not exist. line returns
// its line.
func (rc *renderContext) reportMissing(address string, line func() int) error {
	if !rc.fits() || rc.looked[address] || len(rc.looked) == maxLooked {
		return nil
	}
	rc.looked[address] = true
	missing, err := rc.Files.Missing(address)
	if missing {
		rc.warn(rc.note.BodyLine+line(), "shows %.100s, and there is no such file", address)
	}
	return err
}

// fitCell gives a cell a class instead of a style, so that a site can forbid styles
// in its pages.
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
	if rc.Files == nil {
		return false
	}
	missing, err := rc.Files.Missing(address)
	return !missing && err == nil
}

// fits reports whether pictures get sizes.
func (rc *renderContext) fits() bool { return rc.Files != nil && rc.Files.Fit != nil }

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
		base := url.URL{Path: rc.Permalink}
		return base.ResolveReference(u).String(), true
	case u.Scheme == "", slices.Contains(linkSchemes, u.Scheme):
		return destination, true
	}
	return "", false
}
