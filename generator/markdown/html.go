package markdown

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// layoutIDs are the ids that layouts use themselves. No text may have them.
var layoutIDs = map[string]bool{"main": true, "latest": true, "archive": true}

// fitHTML fits sanitised HTML into its page. Every element is closed, no id appears
// twice, headings begin at the second level, links to .md files become permalinks,
// and pictures get their sizes. HTML that is nested too deeply to be parsed is shown
// as text.
func (rc *renderContext) fitHTML(content string) string {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(content), body)
	if err != nil {
		rc.out.Warnings = append(rc.out.Warnings, "content/"+rc.note.File+":"+strconv.Itoa(rc.note.BodyLine)+": its HTML is shown as text: "+err.Error())
		return "<p>" + html.EscapeString(content) + "</p>\n"
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	shift := 0
	for n := range body.Descendants() {
		if n.DataAtom == atom.H1 {
			shift = 1
		}
	}
	seen, searched := map[string]bool{}, map[string]int{}
	for n := range body.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		nameAnchor(n)
		dropIDs(n, seen)
		if level, ok := headingLevel(n.DataAtom, n.Data); ok && shift > 0 {
			n.Data = "h" + strconv.Itoa(min(level+shift, 6))
			n.DataAtom = atom.Lookup([]byte(n.Data))
		}
		if n.DataAtom == atom.A || n.DataAtom == atom.Area {
			rc.fitLink(n, searched)
		}
		switch {
		case n.DataAtom != atom.Img:
		case attribute(n, "src") == "": // the sanitiser refused it
			*n = html.Node{Type: html.TextNode, Data: attribute(n, "alt"), Parent: n.Parent, PrevSibling: n.PrevSibling, NextSibling: n.NextSibling}
		case rc.fits():
			rc.fitImg(n, searched)
		}
	}
	var b strings.Builder
	for n := range body.ChildNodes() {
		_ = html.Render(&b, n) // a strings.Builder does not fail
	}
	return b.String()
}

func headingLevel(element atom.Atom, name string) (level int, ok bool) {
	switch element {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return int(name[1] - '0'), true
	}
	return 0, false
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func setAttribute(n *html.Node, key, value string) {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			n.Attr[i].Val = value
		}
	}
}

// nameAnchor turns the name of an anchor, as old HTML has it, into an id.
func nameAnchor(n *html.Node) {
	for i, a := range n.Attr {
		if a.Key == "name" && n.DataAtom == atom.A {
			n.Attr = slices.Delete(n.Attr, i, i+1)
			if attribute(n, "id") == "" {
				n.Attr = append(n.Attr, html.Attribute{Key: "id", Val: a.Val})
			}
			return
		}
	}
}

// encodeSpaces writes addresses as browsers read them, without the spaces for which
// the sanitiser would refuse them.
func encodeSpaces(content string) string {
	tokens := html.NewTokenizer(strings.NewReader(content))
	var b strings.Builder
	for tokens.Next() != html.ErrorToken {
		raw := string(tokens.Raw())
		if tag := tokens.Token(); tag.Type == html.StartTagToken || tag.Type == html.SelfClosingTagToken {
			spaced := false
			for i, a := range tag.Attr {
				if fit := spaces.Replace(strings.TrimSpace(a.Val)); slices.Contains(addressAttributes, a.Key) && fit != a.Val {
					tag.Attr[i].Val, spaced = fit, true
				}
			}
			if spaced {
				raw = tag.String()
			}
		}
		b.WriteString(raw)
	}
	return b.String()
}

var (
	addressAttributes = []string{"href", "src", "poster", "cite"}
	spaces            = strings.NewReplacer(" ", "%20", "\t", "", "\n", "", "\r", "")
)

// dropIDs removes an id that layouts use or that the page already has.
func dropIDs(n *html.Node, seen map[string]bool) {
	kept := n.Attr[:0]
	for _, a := range n.Attr {
		if a.Key == "id" {
			if layoutIDs[a.Val] || seen[a.Val] {
				continue
			}
			seen[a.Val] = true
		}
		kept = append(kept, a)
	}
	n.Attr = kept
}

// fitLink does for the link of an element what [renderContext.link] does for
// Markdown: one to a note that is not there leads nowhere. searched is how far
// the text was searched for each address, to find its line.
func (rc *renderContext) fitLink(n *html.Node, searched map[string]int) {
	i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "href" })
	if i < 0 {
		return
	}
	href := strings.TrimSpace(n.Attr[i].Val)
	line := func() int { return rc.lineOfAddress(href, searched) }
	if _, isPath := parsePath(href); !isPath {
		if address, ok := rc.relative(href); ok {
			rc.ownLink(address, href, line)
		}
		return
	}
	target, leads, err := rc.link(href, line)
	if err != nil {
		rc.err = err
	}
	if !leads {
		n.Attr = slices.Delete(n.Attr, i, i+1)
		return
	}
	if written, _ := rc.relative(href); target != written {
		n.Attr[i].Val = target
	}
}

// lineOfAddress returns the line of the content that has the next occurrence of an
// address. In a text with very many addresses it returns the first line, since each
// one costs a search.
func (rc *renderContext) lineOfAddress(address string, searched map[string]int) int {
	at, known := searched[address]
	if !known && len(searched) == maxLooked {
		return 0
	}
	searched[address] = at
	if i := indexHref(rc.note.Content[at:], address); i >= 0 {
		at += i + 1
		searched[address] = at
	}
	return strings.Count(rc.note.Content[:at], "\n")
}

// indexHref returns the index of an address that is the value of an attribute, with
// the sign before it; -1 if it is written in another way.
func indexHref(text, href string) int {
	first := -1
	for _, sign := range []string{`"`, `'`, `=`} {
		if i := strings.Index(text, sign+href); i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	return first
}

// fitImg does for an img element what [renderContext.fitImage] does for
// Markdown. A size that its author wrote is kept.
func (rc *renderContext) fitImg(n *html.Node, searched map[string]int) {
	has := map[string]string{}
	for _, a := range n.Attr {
		has[a.Key] = a.Val
	}
	source, _, err := rc.picture(has["src"])
	if err != nil {
		rc.err = err
		return
	}
	if written, _ := rc.relative(has["src"]); source != written {
		setAttribute(n, "src", source)
	}
	if err := rc.reportMissing(source, func() int { return rc.lineOfAddress(has["src"], searched) }); err != nil {
		rc.err = err
	}
	size, lazy := rc.Files.Fit(source)
	if size.X > 0 && has["width"] == "" && has["height"] == "" {
		n.Attr = append(n.Attr, html.Attribute{Key: "width", Val: strconv.Itoa(size.X)}, html.Attribute{Key: "height", Val: strconv.Itoa(size.Y)})
	}
	if lazy && has["loading"] == "" {
		n.Attr = append(n.Attr, html.Attribute{Key: "loading", Val: "lazy"})
	}
}
