package render

import (
	"context"
	"fmt"

	"starpunk/generator/markdown"
	"starpunk/generator/theme"
	"starpunk/site"
	"starpunk/site/store/link"
)

// maxCitedFiles is how many files one note may answer, like or bookmark.
const maxCitedFiles = 100

// cited has the notes that a note answers, likes or bookmarks, and names by their files.
type cited struct {
	addresses map[string]string // absolute, by the files as the note names them
	links     map[string]string // see [queue.Result]
	warnings  []string
}

// citedNotes looks up the files that a note answers, likes or bookmarks.
func (n *noteView) citedNotes(ctx context.Context) (cited, error) {
	var found cited
	for _, property := range site.Citing {
		for _, v := range n.note.Properties[property] {
			c, _ := site.ReadCited(site.CitedString(v))
			if _, known := found.addresses[c.File]; c.File == "" || known || len(found.addresses) == maxCitedFiles {
				continue
			}
			if found.addresses == nil {
				found.addresses, found.links = map[string]string{}, map[string]string{}
			}
			t, err := n.citedNote(ctx, c.File, found.links)
			if err != nil {
				return found, err
			}
			if t == "" {
				found.warnings = append(found.warnings, fmt.Sprintf("content/%s:%d: %s: %.100q is not the file of a published note", n.note.File, n.lineOf(property), property, c.File))
			}
			found.addresses[c.File] = t
		}
	}
	return found, nil
}

// citedNote returns the address of the note in a file; "" if the file has no published
// note.
func (n *noteView) citedNote(ctx context.Context, file string, links map[string]string) (string, error) {
	t, fragment, err := n.r.rendering(ctx, n.row.Permalink, nil).FindNote(n.note, file, links)
	if err != nil || t.Permalink == "" {
		return "", err
	}
	address := n.r.cfg.Absolute(site.EscapePath(t.Permalink))
	if fragment != "" {
		address += "#" + fragment
	}
	return safeURL(address), nil
}

// of returns the final address of a value; "" if it names no page.
func (c cited) of(v any) string {
	target, ok := site.ReadCited(site.CitedString(v))
	if !ok {
		return ""
	}
	if target.File != "" {
		return c.addresses[target.File]
	}
	return safeURL(target.URL)
}

// isFile reports whether a value is the file of a note.
func (c cited) isFile(v any) bool {
	target, _ := site.ReadCited(site.CitedString(v))
	return target.File != ""
}

// cites reads the values of in-reply-to or a similar property: addresses, files of notes,
// or h-cites and other objects.
func (c cited) cites(values []any) (list []theme.Cite) {
	for _, v := range values {
		cite := citeOf(v)
		cite.URL = c.of(v)
		if cite.URL != "" || cite.Name != "" {
			list = append(list, cite)
		}
	}
	return list
}

// citedOwnLinks returns the addresses of this site among the values of in-reply-to and
// similar properties.
func (n *noteView) citedOwnLinks() (links []link.OwnLink) {
	for _, property := range site.Citing {
		line := 0
		for _, v := range n.note.Properties[property] {
			c, _ := site.ReadCited(site.CitedString(v))
			place, ok := markdown.PlaceOf(c.URL, n.row.Permalink, n.r.cfg.URL)
			if c.URL == "" || !ok || len(links) == markdown.MaxOwnLinks {
				continue
			}
			if line == 0 {
				line = n.lineOf(property)
			}
			links = append(links, link.OwnLink{Place: place, Line: line, Link: c.URL})
		}
	}
	return links
}
