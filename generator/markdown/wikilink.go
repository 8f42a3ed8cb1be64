package markdown

import (
	"bytes"
	"net/url"
	"path"
	"regexp"
	"strings"

	"starpunk/site"
	"starpunk/site/plaintext"
	"starpunk/site/store/link"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A wikiParser reads [[wikilinks]] and ![[embeds]], as editors of linked notes
// write them. Brackets that "(" or "[" follows, or that are the label of a reference,
// are a link of Markdown.
type wikiParser struct{}

// A wikiLink is a wikilink on its way to a link or a picture.
type wikiLink struct {
	ast.BaseInline
	plaintext.WikiLink
	source []byte // as written
}

var kindWikiLink = ast.NewNodeKind("WikiLink")

// Kind implements [ast.Node].
func (n *wikiLink) Kind() ast.NodeKind { return kindWikiLink }

// Dump implements [ast.Node].
func (n *wikiLink) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// Trigger implements [parser.InlineParser].
func (wikiParser) Trigger() []byte { return []byte{'[', '!'} }

// maxWikiLink is how many bytes of a line are looked at for a wikilink and for what
// follows it.
const maxWikiLink = 1_000

// Parse implements [parser.InlineParser].
func (wikiParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if !bytes.HasPrefix(bytes.TrimPrefix(line, []byte("!")), []byte("[[")) {
		return nil
	}
	line = line[:min(len(line), maxWikiLink)]
	end := bytes.Index(line, []byte("]]"))
	u := usageOf(block.Source(), pc)
	if !u.spend(len(line), segment.Start) || end < 0 || !u.mark(parent, segment.Start) {
		return nil
	}
	link, length := plaintext.ReadWikiLink(string(line[:end+len("]]")]))
	if length == 0 {
		return nil
	}
	written := line[:length]
	inner := written[bytes.IndexByte(written, '[')+2 : length-2]
	if isMarkdownLink(inner, line[length:], pc) {
		return nil
	}
	n := &wikiLink{WikiLink: link, source: written}
	// A text with a place in the source, so that its line is known.
	n.AppendChild(n, ast.NewTextSegment(text.NewSegment(segment.Start, segment.Start+length)))
	block.Advance(length)
	return n
}

// linkAddress matches an address in parentheses, as it follows the text of a link.
var linkAddress = regexp.MustCompile(`^\(\s*(?:<[^<>]*>|[^\s<>()]*)(?:\s+["'(].*)?\s*\)`)

// isMarkdownLink reports whether brackets in brackets are a link of Markdown, by
// what follows them, or by a reference with their text.
func isMarkdownLink(inner, after []byte, pc parser.Context) bool {
	if linkAddress.Match(after) {
		return true
	}
	labels := [][]byte{inner}
	if label, ok := bytes.CutPrefix(after, []byte("[")); ok {
		if end := bytes.IndexByte(label, ']'); end > 0 {
			labels = append(labels, label[:end])
		}
	}
	for _, label := range labels {
		if _, ok := pc.Reference(util.ToLinkReference(label)); ok {
			return true
		}
	}
	return false
}

// fitWikiLink replaces a wikilink by a link, a picture or its text alone.
func (rc *renderContext) fitWikiLink(n *wikiLink, line int) error {
	t, err := rc.wikiTarget(n.Target)
	if err != nil {
		return err
	}
	if t.Other != "" {
		rc.warn(rc.note.BodyLine+line, "links to %s, which may be content/%s or content/%s; the first is meant here", n.source, t.File, t.Other)
	}
	var address string
	switch {
	case n.Target == "":
		address = rc.Permalink
	case t.Permalink != "":
		address = t.Permalink
	case t.File != "":
		if address, err = rc.published(t); err != nil {
			return err
		}
	default:
		if address = rc.staticPicture(n); address == "" {
			what := "links to %s, where no published note is"
			if site.IsAttachment(n.Target) {
				what = "links to %s, and there is no such file"
			}
			rc.warn(rc.note.BodyLine+line, what, n.source)
			n.Parent().ReplaceChild(n.Parent(), n, ast.NewString([]byte(n.Shown())))
			return nil
		}
	}
	if n.Embed && isShownAsPicture(n.Target) && t.Permalink == "" {
		rc.embedPicture(n, address)
		return nil
	}
	if n.Embed && t.Permalink != "" {
		rc.warn(rc.note.BodyLine+line, "embeds %s, which is shown as a link: notes are not put into notes", n.source)
	}
	rc.linkWiki(n, t, address, line)
	return nil
}

// wikiTarget is the file that a wikilink names.
func (rc *renderContext) wikiTarget(name string) (link.Target, error) {
	switch {
	case name == "":
		return link.Target{}, nil
	case strings.HasPrefix(name, "./"), strings.HasPrefix(name, "../"):
		return rc.look(link.PathKey(path.Join(path.Dir(rc.note.File), name)))
	}
	return rc.look(link.WikiKey(name))
}

// staticPicture is the address of an embedded file that is in the note's bundle;
// "" if there is none.
func (rc *renderContext) staticPicture(n *wikiLink) string {
	if rc.Files == nil || !site.IsAttachment(n.Target) {
		return ""
	}
	address, ok := rc.relative(pathURL(n.Target))
	if !ok {
		return ""
	}
	if gone, err := rc.Files.Missing(address); gone || err != nil {
		return ""
	}
	return address
}

// embedPicture puts a picture in place of an embed. After the bar may be its
// width, its width and height, or its alternative text.
func (rc *renderContext) embedPicture(n *wikiLink, address string) {
	link := ast.NewLink()
	link.Destination = []byte(address)
	image := ast.NewImage(link)
	width, height := n.Size()
	if width == "" && n.Label != "" {
		image.AppendChild(image, ast.NewString([]byte(n.Label)))
	}
	n.Parent().ReplaceChild(n.Parent(), n, image)
	rc.fitImage(image)
	if width == "" {
		return
	}
	attributes := image.Attributes()
	image.RemoveAttributes()
	for _, a := range attributes {
		if name := string(a.Name); name != "width" && name != "height" {
			image.SetAttributeString(name, a.Value)
		}
	}
	image.SetAttributeString("width", width)
	if height != "" {
		image.SetAttributeString("height", height)
	}
}

// linkWiki replaces a wikilink by a link.
func (rc *renderContext) linkWiki(n *wikiLink, t link.Target, address string, line int) {
	destination := address
	if t.Permalink != "" || n.Target == "" {
		destination = pathURL(address)
	}
	if n.Fragment != "" {
		destination += "#" + string(idOf([]byte(n.Heading())))
		rc.ownLink(destination, string(n.source), func() int { return line })
	}
	link := ast.NewLink()
	link.Destination = []byte(destination)
	link.AppendChild(link, ast.NewString([]byte(n.Shown())))
	n.Parent().ReplaceChild(n.Parent(), n, link)
}

// pathURL is a path of the site or a file's name as an address.
func pathURL(name string) string { return (&url.URL{Path: name}).String() }

// isShownAsPicture reports whether a name is that of a picture.
func isShownAsPicture(name string) bool {
	return strings.HasPrefix(site.MediaType(name), "image/")
}
