package generator

import (
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// relocate fits the content of a page at base to another place: ids are
// dropped, which would clash where several notes stand together, and addresses
// are resolved against base. With absolute they get scheme and host too, as
// readers of feeds need them, and cells say how they are aligned. Without it the place is the front page, where the
// note's title is a heading of the third level: those of its text come below.
func relocate(content string, base *url.URL, absolute bool) string {
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

// lower makes a heading one of two levels below and says whether it is one.
func lower(t *html.Token) bool {
	level, ok := headingLevel(t.DataAtom, t.Data)
	if ok {
		t.Data = "h" + strconv.Itoa(min(level+2, 6))
	}
	return ok
}

// relocateTag changes a tag's attributes and says whether it did.
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
