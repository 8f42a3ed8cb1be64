package markdown

import (
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Relocate fits the content of a page at base to another page or to a feed. It removes
// ids, which would clash where several notes are shown together, and resolves
// addresses against base. If absolute is true, the content is for a feed: addresses
// get scheme and host, and cells get the attribute align. Otherwise it is for the
// front page, where the note's title is a heading of the third level, and the
// headings of its text become lower ones.
func Relocate(content string, base *url.URL, absolute bool) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(content))
	for {
		switch z.Next() {
		case html.ErrorToken: // the end: strings are read without errors
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			raw := string(z.Raw())
			token := z.Token()
			lowered := !absolute && lower(&token)
			if relocateTag(&token, base, absolute) || lowered {
				b.WriteString(token.String())
			} else {
				b.WriteString(raw)
			}
		default:
			b.Write(z.Raw())
		}
	}
}

// lower moves a heading down by two levels. It reports whether t is a heading.
func lower(t *html.Token) bool {
	level, ok := headingLevel(t.DataAtom, t.Data)
	if ok {
		t.Data = "h" + strconv.Itoa(min(level+2, 6))
	}
	return ok
}

// relocateTag changes a tag's attributes. It reports whether any changed.
func relocateTag(t *html.Token, base *url.URL, absolute bool) (changed bool) {
	kept := t.Attr[:0]
	for _, a := range t.Attr {
		switch a.Key {
		case "id":
			changed = true
			continue
		case "class":
			if absolute && isCell(t) && alignments[a.Val] {
				a.Key, changed = "align", true
			}
		case "href", "src", "poster", "cite":
			if u, err := base.Parse(strings.TrimSpace(a.Val)); err == nil {
				target := u.String()
				if !absolute && u.Host == base.Host && u.Scheme == base.Scheme {
					target = u.EscapedPath()
					if u.RawQuery != "" {
						target += "?" + u.RawQuery
					}
					if u.Fragment != "" {
						target += "#" + u.EscapedFragment()
					}
				}
				changed = changed || target != a.Val
				a.Val = target
			}
		}
		kept = append(kept, a)
	}
	t.Attr = kept
	return changed
}

// alignments are the classes of cells for which pages have a style and feeds none:
// there the attribute says it that the reference of GitHub Flavored Markdown has.
var alignments = map[string]bool{"left": true, "center": true, "right": true}

func isCell(t *html.Token) bool { return t.DataAtom == atom.Td || t.DataAtom == atom.Th }
