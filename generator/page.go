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
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"starpunk/generator/feed"
	"starpunk/generator/markdown"
	"starpunk/generator/precedence"
	"starpunk/generator/theme"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/link"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// siteModel returns the data that all pages share.
func (g *Generator) siteModel() theme.Site {
	c := g.cfg
	s := theme.Site{
		URL: c.URL, Title: c.Title, Description: c.Description, Lang: c.Lang,
		Author: theme.Author{
			Name: c.Author.Name, URL: c.Me, Photo: c.Author.Photo, Note: c.Author.Note,
			Email: c.Author.Email, Links: c.Author.Links, Fediverse: c.Author.Fediverse,
		},
		Stylesheet: versioned(site.StyleSheet, g.layouts.Style),
		Generator:  "StarPunk " + g.version,
		Preview:    c.Preview,
	}
	for _, item := range c.Nav {
		s.Nav = append(s.Nav, theme.Link{Name: item.Name, Path: item.URL})
	}
	s.Head = g.headLinks()
	return s
}

// versioned returns the path of a style sheet with a part that changes with its
// bytes, so that no browser shows a page with an older style sheet.
func versioned(path string, data []byte) string {
	sum := sha256.Sum256(data)
	return path + "?" + hex.EncodeToString(sum[:4])
}

// headLinks returns the <link>s by which clients find the site's endpoints and
// feeds: one for each relation. Their addresses are absolute, since some clients
// do not support others.
func (g *Generator) headLinks() []theme.HeadLink {
	c := g.cfg
	links := []theme.HeadLink{
		{Rel: "micropub", Href: c.MicropubEndpoint()},
		{Rel: "micropub_media", Href: c.MediaEndpoint()},
		{Rel: "alternate", Type: feed.RSSType, Title: c.Title, Href: c.Absolute(site.FeedList)},
		{Rel: "alternate", Type: feed.AtomType, Title: c.Title, Href: c.Absolute(site.AtomFeed)},
		{Rel: "alternate", Type: feed.JSONType, Title: c.Title, Href: c.Absolute(site.JSONFeed)},
	}
	rels := c.Rels()
	for _, rel := range sortedKeys(rels) {
		for _, href := range rels[rel] {
			links = append(links, theme.HeadLink{Rel: rel, Href: href})
		}
	}
	return links
}

// checkFrontPage renders the front page of a site without notes, and returns an error if
// it lacks a link by which apps find the owner's endpoints. If this site is the owner's
// identity, layouts without these links would lock the owner out: they are refused
// before any output is written with them.
func (g *Generator) checkFrontPage() error {
	p := g.newPage(site.HomeList)
	page, err := g.layouts.Execute("home.html", p)
	if err != nil || !strings.HasPrefix(g.cfg.Me, g.cfg.URL) {
		return err
	}
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return fmt.Errorf("layouts/home.html: %w", err)
	}
	found := map[[2]string]bool{}
	for n := range doc.Descendants() {
		if n.DataAtom != atom.Link {
			continue
		}
		var rel, href string
		for _, a := range n.Attr {
			switch a.Key {
			case "rel":
				rel = a.Val
			case "href":
				href = a.Val
			}
		}
		for _, r := range strings.Fields(rel) {
			found[[2]string{strings.ToLower(r), href}] = true
		}
	}
	for _, link := range p.Site.Head {
		if !found[[2]string{strings.ToLower(link.Rel), link.Href}] {
			return fmt.Errorf("layouts/home.html: the front page has no <link rel=%q href=%q>, by which apps find it: "+
				"begin it with {{template \"head.html\" .}}, and keep the links of .Site.Head there", link.Rel, link.Href)
		}
	}
	return nil
}

// A renderedPage is the page of a note with its links, its warnings and its bundle.
type renderedPage struct {
	markdown.Content // with the links and warnings of the front matter
	data             []byte
	bundle           []precedence.BundleFile
}

// notePage renders the page of a row. same reports whether n is the note as the row has
// it: its file may have changed since.
func (g *Generator) notePage(ctx context.Context, row *store.Row, n *site.Note, same bool, beside *neighbours) (*renderedPage, error) {
	var description string
	m, r, err := g.shownNote(ctx, row, n, &pagePictures{g: g}, func(files *notePictures) (r *markdown.Content, err error) {
		r, description, err = g.pageContent(ctx, row, n, same, files)
		return r, err
	})
	if err != nil {
		return nil, err
	}
	p := g.newPage(row.Permalink)
	p.Note = m
	if len(m.Photo) > 0 {
		p.Image = g.absoluteMedia(m.Photo[0])
	}
	p.Title = row.Label
	p.Description = description
	p.NoIndex = row.Status != site.Public || g.cfg.Preview
	layout := "note.html"
	if row.Kind == site.KindPage {
		layout = "page.html"
	}
	lost, err := g.lostMedia(ctx, row, n)
	if err != nil {
		return nil, err
	}
	page := &renderedPage{Content: *r}
	page.OwnLinks = append(r.OwnLinks, g.citedOwnLinks(row, n)...)
	page.Warnings = append(r.Warnings, lost...)
	var twins []string
	page.bundle, twins = g.sources.BundleAndTwins(row)
	for _, name := range twins {
		page.Warnings = append(page.Warnings, fmt.Sprintf("content/%s:1: its file %s is not published: another has the same name in another Unicode form, and so the same address; rename one", n.File, filepath.ToSlash(name)))
	}
	if !strings.HasSuffix(row.Permalink, "/") {
		if _, names := g.store.BundleFiles(row.File); len(names) > 0 {
			page.Warnings = append(page.Warnings, fmt.Sprintf("content/%s:1: the files beside it are not published, since its address %s is not that of a folder: it must end in \"/\"", n.File, row.Permalink))
		}
	}
	if beside != nil {
		p.Prev, p.Next = g.neighbourEntry(beside.prev), g.neighbourEntry(beside.next)
	}
	if n.Layout != "" {
		if g.layouts.Has(n.Layout + ".html") {
			layout = n.Layout + ".html"
		} else {
			page.Warnings = append(page.Warnings, fmt.Sprintf("content/%s:1: layout: there is no layouts/%s.html; the default is used", n.File, n.Layout))
		}
	}
	page.data, err = g.layouts.Execute(layout, p)
	return page, err
}

// shownNote returns the model of a note for layouts, with the content that render
// returns. Its pictures precede its content.
func (g *Generator) shownNote(ctx context.Context, row *store.Row, n *site.Note, page *pagePictures, render func(*notePictures) (*markdown.Content, error)) (*theme.Note, *markdown.Content, error) {
	pictures := page.of(row)
	cited, err := g.citedNotes(ctx, row, n)
	if err != nil {
		return nil, nil, err
	}
	m := g.noteModel(row, n, cited)
	for i := range m.Photo {
		size, lazy := pictures.fit(m.Photo[i].URL)
		m.Photo[i].Width, m.Photo[i].Height, m.Photo[i].Lazy = size.X, size.Y, lazy
	}
	for _, media := range slices.Concat(m.Audio, m.Video) {
		pictures.find(media.URL) // feeds have its size
	}
	r, err := render(pictures)
	if err != nil {
		return nil, nil, err
	}
	m.Content = template.HTML(r.HTML)
	addLinks(r, cited.links)
	r.Warnings = append(r.Warnings, cited.warnings...)
	r.SelfContained = r.SelfContained && len(cited.links) == 0
	return m, r, nil
}

// addLinks adds files that a note shows or links to.
func addLinks(r *markdown.Content, links map[string]string) {
	if r.Links == nil && len(links) > 0 {
		r.Links = map[string]string{}
	}
	maps.Copy(r.Links, links)
}

// pageContent returns the content of a note for its page, and the description of the page,
// from the cache if they are there. See [Generator.notePage] for same.
func (g *Generator) pageContent(ctx context.Context, row *store.Row, n *site.Note, same bool, files *notePictures) (r *markdown.Content, description string, err error) {
	if r, description = g.contents.get(row, same); r != nil {
		addLinks(r, files.links())
		return r, description, nil
	}
	if r, err = g.renderFitted(n, g.rendering(ctx, row.Permalink, files), files); err != nil {
		return nil, "", err
	}
	description = g.describe(n)
	g.contents.put(row, same, r, description)
	return r, description, nil
}

// frontContent returns no more of a note's content than the front page shows, where a
// summary is enough. See [Generator.notePage] for same.
func (g *Generator) frontContent(ctx context.Context, row *store.Row, n *site.Note, same bool, files *notePictures) (*markdown.Content, error) {
	if n.SummaryText() != "" {
		return &markdown.Content{More: n.Content != ""}, nil
	}
	if !markdown.HasMore(n.Content) { // all of it is shown
		if content, ok := g.notes.content(row); ok {
			return &markdown.Content{HTML: content}, nil
		}
		if r, _ := g.contents.get(row, same); r != nil {
			return r, nil
		}
	}
	to := g.rendering(ctx, row.Permalink, files)
	to.Short = true
	return g.renderFitted(n, to, files)
}

// absoluteMedia returns a picture with its absolute address, for other sites.
func (g *Generator) absoluteMedia(m theme.Media) *theme.Media {
	m.URL = g.cfg.Absolute(m.URL)
	return &m
}

// newPage returns a page at a path that is not yet percent-encoded.
func (g *Generator) newPage(path string) *theme.Page {
	escaped := site.EscapePath(path)
	return &theme.Page{Site: &g.site, Path: escaped, URL: g.cfg.Absolute(escaped)}
}

// rendering returns the data with which the content of a note is rendered for the page at a
// permalink. If files is nil, the site's files are not looked up.
func (g *Generator) rendering(ctx context.Context, permalink string, files *notePictures) markdown.Page {
	p := markdown.Page{
		Permalink: permalink, Home: g.cfg.URL, InBundle: g.sources.InBundle(ctx),
		Resolve: func(key string) (link.Target, error) { return g.store.Links.Target(ctx, key) },
	}
	if files != nil {
		p.Files = &markdown.Files{
			Missing: func(address string) (bool, error) { return files.missing(ctx, address) },
			Attach:  func(address, file string) { files.attached[address] = file },
		}
	}
	return p
}

// renderFitted renders a content with the sizes of its pictures. The page depends on
// their files.
func (g *Generator) renderFitted(n *site.Note, p markdown.Page, files *notePictures) (*markdown.Content, error) {
	p.Files.Fit = files.fit
	r, err := g.markdown.Render(n, p)
	if err != nil {
		return nil, err
	}
	addLinks(r, files.links())
	return r, nil
}

const maxDescription = 200 // runes

func (g *Generator) describe(n *site.Note) string {
	if s := n.SummaryText(); s != "" {
		return strings.Join(strings.Fields(s), " ")
	}
	return n.Text(maxDescription, g.cfg.Markdown)
}

// noteModel returns the data of a note for layouts.
func (g *Generator) noteModel(row *store.Row, n *site.Note, to cited) *theme.Note {
	path, bundle := site.EscapePath(row.Permalink), g.sources.BundlePaths(row)
	m := &theme.Note{
		Path: path, URL: g.cfg.Absolute(path), H: n.H, Type: row.Type,
		Name: n.TitleText(), Summary: n.SummaryText(),
		Published: n.Published, Updated: n.Updated, Minutes: readingMinutes(n.Content),
		Author:     &g.site.Author,
		InReplyTo:  to.cites(n.Properties["in-reply-to"]),
		LikeOf:     to.cites(n.Properties["like-of"]),
		RepostOf:   to.cites(n.Properties["repost-of"]),
		BookmarkOf: to.cites(n.Properties["bookmark-of"]),
		ReadOf:     to.cites(n.Properties["read-of"]),
		Things:     things(n, to),
		ReadStatus: firstString(n, "read-status"),
		RSVP:       firstString(n, "rsvp"),
		Photo:      readMedia(n.Properties["photo"], row.Permalink, bundle),
		Video:      readMedia(n.Properties["video"], row.Permalink, bundle),
		Audio:      readMedia(n.Properties["audio"], row.Permalink, bundle),
		Location:   places(n.Properties["location"]),
		Checkin:    places(n.Properties["checkin"]),
		People:     people(n.Properties["category"]),
		Draft:      row.Status == store.StatusDraft,
		Future:     g.scheduled(n.Published),
		Unlisted:   row.Status == site.Unlisted,
	}
	for _, s := range n.Strings("syndication") {
		if s = safeURL(s); s != "" {
			m.Syndication = append(m.Syndication, s)
		}
	}
	for _, tag := range n.Category {
		link := theme.Link{Name: strings.TrimPrefix(strings.TrimSpace(tag), "#")}
		if a := site.TagAddress(tag); a != "" && row.Listed { // otherwise the tag has no list
			link.Path = site.EscapePath(site.TagList(a))
		}
		if link.Name != "" {
			m.Tags = append(m.Tags, link)
		}
	}
	m.Start, m.End = g.moments(firstString(n, "start"), firstString(n, "end"))
	return m
}

// moments reads the beginning and the end of an event. An end on the same day has no
// date, only a time.
func (g *Generator) moments(start, end string) (s, e theme.Moment) {
	s, day := g.moment(start, "")
	e, _ = g.moment(end, day)
	return s, e
}

// moment reads a date with or without a time. The text does not repeat the date if it is
// day.
func (g *Generator) moment(value, day string) (m theme.Moment, date string) {
	if value == "" {
		return theme.Moment{}, ""
	}
	t, ok := site.ParseTime(value, g.cfg.Location)
	if !ok {
		return theme.Moment{Text: value}, ""
	}
	date = t.Format("Monday 2 January 2006")
	m = theme.Moment{Value: strings.TrimSpace(value), Text: date}
	if !strings.Contains(value, ":") {
		return m, date
	}
	m.Text += t.Format(", 15:04")
	if strings.Count(m.Value, " ") > 1 { // HTML wants no space before the offset
		m.Value = t.Format(time.RFC3339)
	}
	if date == day {
		m.Text = t.Format("15:04")
	}
	return m, date
}

func firstString(n *site.Note, property string) string {
	if ss := n.Strings(property); len(ss) > 0 {
		return ss[0]
	}
	return ""
}

// readingMinutes returns the time to read a content, at 220 words a minute.
func readingMinutes(content string) int {
	words, between := 0, true
	for i := range len(content) {
		space := content[i] <= ' '
		if between && !space {
			words++
		}
		between = space
	}
	return max(1, (words+110)/220)
}

// safeURL returns an address that a link may have: an http or https URL, or a path
// of this site. For all others it returns "".
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

// citeOf reads an address, or an h-cite or another object.
func citeOf(v any) theme.Cite {
	c := theme.Cite{H: "cite"}
	switch v := v.(type) {
	case string:
		c.URL = safeURL(v)
	case map[string]any:
		c = theme.Cite{
			H: rootOf(v, "cite"), URL: safeURL(objectURL(v)), Name: site.First(v, "name"),
			Text: citedText(v), UID: site.First(v, "uid"),
		}
		properties, _ := v["properties"].(map[string]any)
		authors, _ := properties["author"].([]any)
		for _, author := range authors {
			if card := cardOf(author); card.Name != "" {
				c.Authors = append(c.Authors, card)
			}
		}
	}
	return c
}

// things reads the objects that a note is about besides its text, such as a book. A thing
// with neither a name nor an address gets its text as its name.
func things(n *site.Note, to cited) []theme.Thing {
	var ts []theme.Thing
	for _, t := range n.Things() {
		thing := theme.Thing{Property: t.Property, Verb: t.Verb, Cite: citeOf(t.Value)}
		if slices.Contains(site.Citing, t.Property) {
			if thing.Cite.URL = to.of(t.Value); thing.Cite.URL == "" && thing.Cite.Name == "" && to.isFile(t.Value) {
				continue // citedNotes reports that no published note has this file
			}
		}
		if thing.Cite.Name == "" && thing.Cite.URL == "" {
			_, isObject := t.Value.(map[string]any)
			thing.Cite.Name, thing.Plain = t.Name(), !isObject
			if thing.Cite.Text == thing.Cite.Name {
				thing.Cite.Text = ""
			}
		}
		ts = append(ts, thing)
	}
	return ts
}

// rootOf returns the microformats2 root of an object, without "h-".
func rootOf(object map[string]any, otherwise string) string {
	types, _ := object["type"].([]any)
	for _, t := range types {
		if root, ok := t.(string); ok {
			if root, ok = strings.CutPrefix(root, "h-"); ok && rootName.MatchString(root) {
				return root
			}
		}
	}
	return otherwise
}

var rootName = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// people returns the h-cards among the tags of a note.
func people(tags []any) []theme.Card {
	var cs []theme.Card
	for _, v := range tags {
		if _, ok := v.(map[string]any); !ok {
			continue
		}
		if card := cardOf(v); card.Name != "" {
			cs = append(cs, card)
		}
	}
	return cs
}

// cardOf reads an h-card, or a string that is its name or address. The card's name
// is empty if v has neither.
func cardOf(v any) theme.Card {
	var c theme.Card
	switch v := v.(type) {
	case string:
		if c.URL = safeURL(v); !strings.HasPrefix(c.URL, "http") {
			c = theme.Card{Name: v}
		}
	case map[string]any:
		c = theme.Card{Name: site.First(v, "name"), URL: safeURL(objectURL(v)), Photo: safeURL(site.First(v, "photo"))}
	}
	if c.Name == "" {
		c.Name = site.BareURL(c.URL)
	}
	return c
}

func objectURL(object map[string]any) string {
	return cmp.Or(site.First(object, "url"), site.First(object, "value"))
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

// places reads the values of location and checkin: h-cards, h-adrs, h-geos,
// geo URIs (RFC 5870), to which apps add a name and an address, or plain
// names.
func places(values []any) []theme.Place {
	var ps []theme.Place
	for _, v := range values {
		var p theme.Place
		switch v := v.(type) {
		case string:
			p = placeFromString(v)
		case map[string]any:
			p = theme.Place{
				H: rootOf(v, "card"), Name: site.First(v, "name"), URL: safeURL(site.First(v, "url")),
				Street: site.First(v, "street-address"), Locality: site.First(v, "locality"), Region: site.First(v, "region"),
				Postcode: site.First(v, "postal-code"), Country: site.First(v, "country-name"),
				Latitude: coordinate(v, "latitude"), Longitude: coordinate(v, "longitude"),
			}
		}
		if p != (theme.Place{H: p.H}) {
			ps = append(ps, p)
		}
	}
	return ps
}

func placeFromString(s string) theme.Place {
	geo, ok := strings.CutPrefix(s, "geo:")
	if !ok {
		if u := safeURL(s); strings.HasPrefix(u, "http") {
			return theme.Place{URL: u}
		}
		return theme.Place{Name: s}
	}
	geo, parameters, _ := strings.Cut(geo, ";")
	parts := strings.Split(geo, ",")
	if len(parts) < 2 {
		return theme.Place{}
	}
	p := theme.Place{H: "geo", Latitude: parts[0], Longitude: parts[1]}
	for parameter := range strings.SplitSeq(parameters, ";") {
		switch key, value, _ := strings.Cut(parameter, "="); key {
		case "name":
			p.Name = unescaped(value)
		case "url":
			p.URL = cmp.Or(safeURL(value), safeURL(unescaped(value)))
		}
	}
	if p.Name != "" || p.URL != "" {
		p.H = "card"
	}
	return p
}

// unescaped decodes a parameter of a geo URI (RFC 5870 §3.3). IndiePass does not
// encode it: then it returns s.
func unescaped(s string) string {
	if text, err := url.PathUnescape(s); err == nil {
		return text
	}
	return s
}

// coordinate reads a number, which clients send as a string or as a number.
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
