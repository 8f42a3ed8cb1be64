package generator

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"starpunk/site"
	"starpunk/site/store"
)

// siteModel is what all pages share.
func (g *Generator) siteModel() Site {
	c := g.cfg
	s := Site{
		URL: c.URL, Title: c.Title, Description: c.Description, Lang: c.Lang,
		Author: Author{
			Name: c.Author.Name, URL: c.Me, Photo: c.Author.Photo, Note: c.Author.Note,
			Email: c.Author.Email, Links: c.Author.Links,
		},
		Stylesheet: versioned(styleList, g.layouts.style),
		Generator:  "StarPunk " + g.version,
		Preview:    c.Preview,
	}
	for _, item := range c.Nav {
		s.Nav = append(s.Nav, Link{item.Name, item.URL})
	}
	s.Head = g.headLinks()
	return s
}

// versioned is the path of a style sheet with a part that changes when its
// bytes do, so that no browser shows a page with an older one.
func versioned(path string, data []byte) string {
	sum := sha256.Sum256(data)
	return path + "?" + hex.EncodeToString(sum[:4])
}

// headLinks are the <link>s by which clients find the site's endpoints and
// feeds: one for each relation, with absolute addresses, since some clients
// understand nothing else.
func (g *Generator) headLinks() []HeadLink {
	c := g.cfg
	links := []HeadLink{
		{Rel: "micropub", Href: c.Receiver.URL + "micropub"},
		{Rel: "micropub_media", Href: c.Receiver.URL + "micropub/media"},
		{Rel: "alternate", Type: rssType, Title: c.Title, Href: c.Absolute(feedList)},
		{Rel: "alternate", Type: atomType, Title: c.Title, Href: c.Absolute(atomFeed)},
		{Rel: "alternate", Type: jsonType, Title: c.Title, Href: c.Absolute(jsonFeed)},
	}
	rels := c.Rels()
	for _, rel := range sortedKeys(rels) {
		for _, href := range rels[rel] {
			links = append(links, HeadLink{Rel: rel, Href: href})
		}
	}
	return links
}

// A renderedPage is the page of a note with what was learned on the way.
type renderedPage struct {
	html     []byte
	links    map[string]string
	warnings []string
	bundle   []bundleFile
}

// notePage renders the page of a row.
func (g *Generator) notePage(ctx context.Context, row *store.Row, n *site.Note) (*renderedPage, error) {
	r, err := g.markdown.render(n, row.Permalink, g.resolver(ctx))
	if err != nil {
		return nil, err
	}
	p := g.newPage(row.Permalink)
	p.Note = g.noteModel(row, n, template.HTML(r.html))
	p.Title = row.Label
	p.Description = describe(n)
	p.NoIndex = row.Status != site.Public || g.cfg.Preview
	layout := "note.html"
	if row.Kind == site.KindPage {
		layout = "page.html"
	}
	if row.Listed {
		prev, next, err := g.store.Neighbours(ctx, row)
		if err != nil {
			return nil, err
		}
		p.Prev, p.Next = entryOf(prev), entryOf(next)
	}
	page := &renderedPage{links: r.links, warnings: r.warnings, bundle: g.bundle(row)}
	if n.Layout != "" {
		if g.layouts.has(n.Layout + ".html") {
			layout = n.Layout + ".html"
		} else {
			page.warnings = append(page.warnings, fmt.Sprintf("content/%s:1: layout: there is no layouts/%s.html; the default is used", n.File, n.Layout))
		}
	}
	page.html, err = g.executePage(layout, p)
	return page, err
}

func (g *Generator) executePage(layout string, p *Page) ([]byte, error) {
	var b bytes.Buffer
	if err := g.layouts.execute(&b, layout, p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// newPage is a page at a path that is not yet percent-encoded.
func (g *Generator) newPage(path string) *Page {
	escaped := site.EscapePath(path)
	return &Page{Site: &g.site, Path: escaped, URL: g.cfg.Absolute(escaped)}
}

// resolver looks up where links between notes lead.
func (g *Generator) resolver(ctx context.Context) linkResolver {
	return func(file string) (string, error) {
		row, err := g.store.ByFile(ctx, file)
		if err != nil || row == nil || !row.HasPage {
			return "", err
		}
		return row.Permalink, nil
	}
}

const maxDescription = 200 // runes

func describe(n *site.Note) string {
	if n.Summary != "" {
		return strings.Join(strings.Fields(n.Summary), " ")
	}
	return n.Text(maxDescription)
}

func entryOf(r *store.Row) *Entry {
	if r == nil {
		return nil
	}
	return &Entry{
		Path: site.EscapePath(r.Permalink), Text: r.Label, Named: r.Named, Type: r.Type, Published: r.Published,
		Draft: r.Status == store.StatusDraft, Future: r.Future,
	}
}

// noteModel is what layouts see of a note.
func (g *Generator) noteModel(row *store.Row, n *site.Note, content template.HTML) *Note {
	path := site.EscapePath(row.Permalink)
	m := &Note{
		Path: path, URL: g.cfg.Absolute(path), H: n.H, Type: row.Type,
		Name: n.Name, Summary: n.Summary, Content: content,
		Published: n.Published, Updated: n.Updated, Minutes: readingMinutes(n.Content),
		Author:     &g.site.Author,
		InReplyTo:  cites(n.Properties["in-reply-to"]),
		LikeOf:     cites(n.Properties["like-of"]),
		RepostOf:   cites(n.Properties["repost-of"]),
		BookmarkOf: cites(n.Properties["bookmark-of"]),
		ReadOf:     cites(n.Properties["read-of"]),
		ReadStatus: firstString(n, "read-status"),
		RSVP:       firstString(n, "rsvp"),
		Photo:      media(n.Properties["photo"]),
		Video:      media(n.Properties["video"]),
		Audio:      media(n.Properties["audio"]),
		Location:   places(n.Properties["location"]),
		Checkin:    places(n.Properties["checkin"]),
		Start:      firstString(n, "start"),
		End:        firstString(n, "end"),
		Draft:      row.Status == store.StatusDraft,
		Future:     g.cfg.Preview && n.Published.After(g.now()),
		Unlisted:   row.Status == site.Unlisted,
	}
	for _, s := range n.Strings("syndication") {
		if s = safeURL(s); s != "" {
			m.Syndication = append(m.Syndication, s)
		}
	}
	for _, tag := range n.Category {
		if a := site.TagAddress(tag); a != "" {
			m.Tags = append(m.Tags, Link{strings.TrimPrefix(strings.TrimSpace(tag), "#"), site.EscapePath("/tags/" + a + "/")})
		}
	}
	if !row.Listed { // its tags lead nowhere
		m.Tags = nil
	}
	return m
}

func firstString(n *site.Note, property string) string {
	if ss := n.Strings(property); len(ss) > 0 {
		return ss[0]
	}
	return ""
}

// readingMinutes assumes 220 words a minute.
func readingMinutes(content string) int {
	return max(1, (len(strings.Fields(content))+110)/220)
}

// safeURL returns an address that may stand in a link: http, https or a path
// of this site, else "".
func safeURL(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		return ""
	}
	switch {
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "",
		u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/"):
		return u.String()
	}
	return ""
}

// cites reads the values of in-reply-to and its like: addresses or h-cites.
func cites(values []any) []Cite {
	var cs []Cite
	for _, v := range values {
		var c Cite
		switch v := v.(type) {
		case string:
			c.URL = safeURL(v)
		case map[string]any:
			c = Cite{URL: safeURL(objectURL(v)), Name: site.First(v, "name"), Author: citedAuthor(v), Text: citedText(v)}
		}
		if c.URL != "" {
			cs = append(cs, c)
		}
	}
	return cs
}

func objectURL(object map[string]any) string {
	if u := site.First(object, "url"); u != "" {
		return u
	}
	u, _ := object["value"].(string)
	return u
}

func citedAuthor(object map[string]any) string {
	properties, _ := object["properties"].(map[string]any)
	if authors, ok := properties["author"].([]any); ok && len(authors) > 0 {
		if card, ok := authors[0].(map[string]any); ok {
			return site.First(card, "name")
		}
	}
	return site.First(object, "author")
}

func citedText(object map[string]any) string {
	if s := site.First(object, "content"); s != "" {
		return s
	}
	if s := site.First(object, "summary"); s != "" {
		return s
	}
	properties, _ := object["properties"].(map[string]any)
	if contents, ok := properties["content"].([]any); ok && len(contents) > 0 {
		if c, ok := contents[0].(map[string]any); ok {
			s, _ := c["value"].(string)
			return s
		}
	}
	return ""
}

// media reads the values of photo, video and audio: addresses, or objects with
// the text that stands for the picture.
func media(values []any) []Media {
	var ms []Media
	for _, v := range values {
		var m Media
		switch v := v.(type) {
		case string:
			m.URL = safeURL(v)
		case map[string]any:
			m.URL = safeURL(objectURL(v))
			m.Alt, _ = v["alt"].(string)
		}
		if m.URL != "" {
			ms = append(ms, m)
		}
	}
	return ms
}

// places reads the values of location and checkin: h-cards, h-adrs, h-geos,
// geo URIs (RFC 5870), which apps extend by a name and an address, or plain
// names.
func places(values []any) []Place {
	var ps []Place
	for _, v := range values {
		var p Place
		switch v := v.(type) {
		case string:
			p = placeFromString(v)
		case map[string]any:
			p = Place{
				Name: site.First(v, "name"), URL: safeURL(site.First(v, "url")),
				Locality: site.First(v, "locality"), Country: site.First(v, "country-name"),
				Latitude: coordinate(v, "latitude"), Longitude: coordinate(v, "longitude"),
			}
		}
		if p != (Place{}) {
			ps = append(ps, p)
		}
	}
	return ps
}

func placeFromString(s string) Place {
	geo, ok := strings.CutPrefix(s, "geo:")
	if !ok {
		if u := safeURL(s); strings.HasPrefix(u, "http") {
			return Place{URL: u, Name: site.BareURL(u)}
		}
		return Place{Name: s}
	}
	geo, parameters, _ := strings.Cut(geo, ";")
	parts := strings.Split(geo, ",")
	if len(parts) < 2 {
		return Place{}
	}
	p := Place{Latitude: parts[0], Longitude: parts[1]}
	for parameter := range strings.SplitSeq(parameters, ";") {
		switch key, value, _ := strings.Cut(parameter, "="); key {
		case "name":
			p.Name = unescaped(value)
		case "url":
			p.URL = cmp.Or(safeURL(value), safeURL(unescaped(value)))
		}
	}
	return p
}

// unescaped decodes a parameter of a geo URI (RFC 5870 §3.3), which IndiePass
// writes as it is.
func unescaped(s string) string {
	if text, err := url.PathUnescape(s); err == nil {
		return text
	}
	return s
}

// coordinate reads a number that clients send as a string or a number.
func coordinate(object map[string]any, property string) string {
	properties, _ := object["properties"].(map[string]any)
	if list, ok := properties[property].([]any); ok && len(list) > 0 {
		switch v := list[0].(type) {
		case string:
			return v
		case json.Number:
			return v.String()
		}
	}
	return site.First(object, property)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
