package generator

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"starpunk/site"
	"starpunk/site/store"
)

const (
	maxEntries    = 100 // on one page of a list
	newestEntries = 20  // on the page of a tag or a type
)

// A file is an output in the making.
type file struct {
	name  string // below the output folder, with slashes
	data  []byte
	model *[sha256.Size]byte // of a part of a list: what it was, or would be, rendered from
	same  bool               // it was written from the same model before, and is not rendered again
}

// list renders the outputs of a list. label is how its tag is spelled. With an
// error the files mean nothing.
func (g *Generator) list(ctx context.Context, l listAddress) (files []file, label string, err error) {
	switch l.kind {
	case fixedList:
		files, err = g.fixed(ctx, l.path)
	case yearList:
		files, err = g.yearPage(ctx, l)
	case monthList:
		files, err = g.monthPages(ctx, l)
	case tagList, tagYearList, tagFeed:
		return g.tagLists(ctx, l)
	case typeList:
		files, err = g.typePage(ctx, l)
	case typeYearList:
		files, err = g.periodPages(ctx, l, store.List{Type: l.name, Year: l.year}, &List{
			Name: typeName(l.name) + " in " + l.year, Kind: "type-year",
			Up: &Link{typeName(l.name), "/" + site.PostTypePlural(l.name) + "/"},
		})
	case typeFeed:
		files, err = g.feedFiles(ctx, l.path, typeName(l.name)+" – "+g.cfg.Title, []string{l.name}, "")
	case sitemapShard:
		files, err = g.sitemapMonth(ctx, l)
	case noList:
		files, err = g.redirect(ctx, l.path)
	}
	return files, "", err
}

func (g *Generator) fixed(ctx context.Context, path string) ([]file, error) {
	switch path {
	case homeList:
		return g.home(ctx)
	case feedList:
		return g.feedFiles(ctx, path, g.cfg.Title, g.cfg.Feed.Types, "")
	case tagsList:
		return g.tagsPage(ctx)
	case missingPage:
		p := g.newPage(path)
		p.Title = "Not found"
		p.NoIndex = true
		return g.htmlFile("404.html", "404.html", p)
	case robotsList:
		return []file{{name: "robots.txt", data: g.robots()}}, nil
	case styleList:
		return []file{{name: "style.css", data: g.layouts.style}}, nil
	case feedStyle:
		return []file{{name: "feed.css", data: g.layouts.feedStyle}}, nil
	case sitemapIndex:
		return g.sitemapIndex(ctx)
	case sitemapPages:
		return g.sitemapPages(ctx)
	}
	return nil, fmt.Errorf("no list has the address %s", path)
}

func (g *Generator) htmlFile(name, layout string, p *Page) ([]file, error) {
	data, err := g.layouts.execute(layout, p)
	return []file{{name: name, data: data}}, err
}

func (g *Generator) robots() []byte {
	if g.cfg.Preview {
		return []byte("User-agent: *\nDisallow: /\n")
	}
	return []byte("User-agent: *\nAllow: /\n\nSitemap: " + g.cfg.Absolute(sitemapIndex) + "\n")
}

// home is the front page: the owner, the text of content/index.md, the newest
// notes, and the way into the archive.
func (g *Generator) home(ctx context.Context) ([]file, error) {
	p := g.newPage(homeList)
	p.Description = g.cfg.Description
	p.NoIndex = g.cfg.Preview
	if photo := g.site.Author.Photo; photo != "" {
		p.Image = g.absoluteMedia(Media{URL: photo})
	}
	pictures := &pagePictures{g: g}
	var err error
	if p.Content, err = g.homeContent(ctx, pictures); err != nil {
		return nil, err
	}
	rows, err := g.store.Newest(ctx, g.cfg.Home.Types, "", g.cfg.Home.Count)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		note, err := g.shortNote(ctx, row, pictures)
		if err != nil {
			return nil, err
		}
		if note != nil {
			p.Notes = append(p.Notes, note)
		}
	}
	if p.Years, err = g.years(ctx); err != nil {
		return nil, err
	}
	s := g.site
	if s.Types, err = g.types(ctx); err != nil {
		return nil, err
	}
	p.Site = &s
	return g.htmlFile("index.html", "home.html", p)
}

func (g *Generator) homeContent(ctx context.Context, pictures *pagePictures) (template.HTML, error) {
	for _, name := range []string{"index.md", "index.markdown"} {
		row, err := g.store.ByFile(ctx, name)
		if err != nil {
			return "", err
		}
		if row == nil || !row.HasPage || row.Problem != "" {
			continue
		}
		n := g.read(row)
		if n == nil {
			return "", nil
		}
		r, err := g.homeText(ctx, row, n, pictures)
		if err != nil {
			return "", err
		}
		return template.HTML(r.html), nil
	}
	return "", nil
}

// homeText renders content/index.md.
func (g *Generator) homeText(ctx context.Context, row *store.Row, n *site.Note, pictures *pagePictures) (*rendered, error) {
	return g.markdown.render(n, rendering{
		permalink: homeList, resolve: g.resolver(ctx), pictures: pictures.of(row),
	})
}

// shortNote is a note as the front page shows it: whole, unless its author
// wrote a summary or said where to cut it. It is nil if its file can't be read
// at this moment.
func (g *Generator) shortNote(ctx context.Context, row *store.Row, pictures *pagePictures) (*Note, error) {
	n := g.read(row)
	if n == nil {
		return nil, nil
	}
	m, r, err := g.shownNote(ctx, row, n, pictures, true)
	if err != nil {
		return nil, err
	}
	m.More = r.more
	base, err := g.address(row)
	if err != nil {
		return nil, err
	}
	m.Content = template.HTML(relocate(r.html, base, false))
	return m, nil
}

// read reads the note of a row; nil if its file can't be read at this moment:
// the index will learn of that.
func (g *Generator) read(row *store.Row) *site.Note {
	if k, ok := g.kept.get(row); ok {
		return k.note
	}
	n, err := g.store.Read(row.File)
	if err != nil {
		g.log.Debug("note left out of a list", "file", row.File, "error", err)
		return nil
	}
	g.kept.put(row, keptNote{note: n})
	return n
}

// address is the permalink of a row, absolute.
func (g *Generator) address(row *store.Row) (*url.URL, error) {
	u, err := url.Parse(g.cfg.Absolute(site.EscapePath(row.Permalink)))
	if err != nil {
		return nil, fmt.Errorf("address of content/%s: %w", row.File, err)
	}
	return u, nil
}

// whole reads and renders a note to be shown away from its page. The note is
// nil if its file can't be read at this moment.
func (g *Generator) whole(ctx context.Context, row *store.Row, absolute bool) (*site.Note, string, error) {
	n := g.read(row)
	if n == nil {
		return nil, "", nil
	}
	k, ok := g.kept.get(row)
	if !ok || !k.rendered {
		r, err := g.markdown.render(n, rendering{permalink: row.Permalink, resolve: g.resolver(ctx)})
		if err != nil {
			return nil, "", err
		}
		k = keptNote{note: n, html: r.html, rendered: true}
		g.kept.put(row, k)
	}
	base, err := g.address(row)
	if err != nil {
		return nil, "", err
	}
	return n, relocate(k.html, base, absolute), nil
}

func (g *Generator) years(ctx context.Context) ([]Link, error) {
	years, err := g.store.Years(ctx)
	return yearLinks("/", years), err
}

func (g *Generator) types(ctx context.Context) ([]Link, error) {
	var links []Link
	for _, t := range site.PostTypes {
		rows, err := g.store.Listed(ctx, store.List{Type: t, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			links = append(links, Link{typeName(t), "/" + site.PostTypePlural(t) + "/"})
		}
	}
	return links, nil
}

// typeName is the heading of the list of a post type.
func typeName(t string) string {
	if t == "rsvp" {
		return "RSVPs"
	}
	plural := site.PostTypePlural(t)
	return strings.ToUpper(plural[:1]) + plural[1:]
}

func (g *Generator) yearPage(ctx context.Context, l listAddress) ([]file, error) {
	months, err := g.store.Months(ctx, l.year)
	if err != nil || len(months) == 0 {
		return nil, err
	}
	list := &List{Name: l.year, Kind: "year"}
	for _, month := range months {
		list.Children = append(list.Children, Link{monthName(month), "/" + strings.Replace(month, "-", "/", 1) + "/"})
	}
	return g.listFile(l.path, list, "")
}

// monthName is "November 2026" for "2026-11".
func monthName(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return t.Format("January 2006")
}

func (g *Generator) monthPages(ctx context.Context, l listAddress) ([]file, error) {
	return g.periodPages(ctx, l, store.List{Month: l.span}, &List{
		Name: monthName(l.span), Kind: "month", Up: &Link{l.year, "/" + l.year + "/"},
	})
}

// periodPages lists everything of a period. More than one page can hold is
// parted into parts that are numbered from the oldest, so that a new note
// changes the last part alone, and what stands in the others is not rendered.
func (g *Generator) periodPages(ctx context.Context, l listAddress, which store.List, list *List) ([]file, error) {
	rows, err := g.store.Listed(ctx, which)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	slices.Reverse(rows) // oldest first
	var parts []Link
	chunks := slices.Collect(slices.Chunk(rows, maxEntries))
	if len(chunks) > 1 {
		for i := range chunks {
			parts = append(parts, Link{fmt.Sprint(i + 1), site.EscapePath(partPath(l.path, i+1))})
		}
	}
	var files []file
	for i, chunk := range chunks {
		part := *list
		part.Parts, part.Part = parts, i+1
		part.Entries = entries(chunk)
		slices.Reverse(part.Entries)
		f, err := g.partFile(partPath(l.path, i+1), &part)
		if err != nil {
			return nil, err
		}
		files = append(files, f...)
	}
	return files, nil
}

// partFile renders a part of a list, unless there are several and this one
// still is what was last rendered.
func (g *Generator) partFile(path string, part *List) ([]file, error) {
	if len(part.Parts) == 0 {
		return g.listFile(path, part, "")
	}
	data, err := json.Marshal(part)
	if err != nil {
		return nil, fmt.Errorf("part %d of %s: %w", part.Part, part.Name, err)
	}
	model := sha256.Sum256(data)
	name := site.OutputFile(path)
	if g.out.holdsModel(name, model) {
		return []file{{name: name, model: &model, same: true}}, nil
	}
	files, err := g.listFile(path, part, "")
	for i := range files {
		files[i].model = &model
	}
	return files, err
}

func partPath(path string, part int) string {
	if part == 1 {
		return path
	}
	return fmt.Sprintf("%s%d/", path, part)
}

func entries(rows []*store.Row) []Entry {
	es := make([]Entry, len(rows))
	for i, r := range rows {
		es[i] = *entryOf(r)
	}
	return es
}

// listFile renders a list at a path that is not percent-encoded.
func (g *Generator) listFile(path string, list *List, feed string) ([]file, error) {
	p := g.newPage(path)
	p.Title = list.Name
	if list.Part > 1 {
		p.Title = fmt.Sprintf("%s, part %d", list.Name, list.Part)
	}
	p.NoIndex = g.cfg.Preview
	p.List = list
	if feed != "" {
		p.Feed = g.cfg.Absolute(site.EscapePath(feed))
	}
	return g.htmlFile(site.OutputFile(path), "list.html", p)
}

func (g *Generator) typePage(ctx context.Context, l listAddress) ([]file, error) {
	rows, err := g.store.Listed(ctx, store.List{Type: l.name, Limit: newestEntries})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	years, err := g.store.TypeYears(ctx, l.name)
	if err != nil {
		return nil, err
	}
	list := &List{Name: typeName(l.name), Kind: "type", Entries: entries(rows), Children: yearLinks(l.path, years)}
	return g.listFile(l.path, list, l.path+"feed.xml")
}

func yearLinks(path string, years []string) []Link {
	links := make([]Link, len(years))
	for i, year := range years {
		links[i] = Link{year, site.EscapePath(path + year + "/")}
	}
	return links
}

// tagLists renders the lists of a tag, all of which show how it is spelled.
func (g *Generator) tagLists(ctx context.Context, l listAddress) (files []file, label string, err error) {
	spelled, err := g.store.Spelling(ctx, l.name)
	if err != nil || spelled == "" {
		return nil, "", err
	}
	at := "/tags/" + l.name + "/"
	switch l.kind {
	case tagFeed:
		files, err = g.feedFiles(ctx, l.path, "#"+spelled+" – "+g.cfg.Title, nil, l.name)
	case tagYearList:
		files, err = g.periodPages(ctx, l, store.List{Tag: l.name, Year: l.year}, &List{
			Name: "#" + spelled + " in " + l.year, Kind: "tag-year", Up: &Link{"#" + spelled, site.EscapePath(at)},
		})
	default:
		files, err = g.tagPage(ctx, l, spelled)
	}
	return files, spelled, err
}

func (g *Generator) tagPage(ctx context.Context, l listAddress, spelled string) ([]file, error) {
	rows, err := g.store.Listed(ctx, store.List{Tag: l.name, Limit: newestEntries})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	years, err := g.store.TagYears(ctx, l.name)
	if err != nil {
		return nil, err
	}
	list := &List{
		Name: "#" + spelled, Kind: "tag", Entries: entries(rows),
		Children: yearLinks(l.path, years), Up: &Link{"Tags", tagsList},
	}
	return g.listFile(l.path, list, l.path+"feed.xml")
}

func (g *Generator) tagsPage(ctx context.Context) ([]file, error) {
	tags, err := g.store.Tags(ctx)
	if err != nil {
		return nil, err
	}
	p := g.newPage(tagsList)
	p.Title = "Tags"
	p.NoIndex = g.cfg.Preview
	for _, tag := range tags {
		p.Tags = append(p.Tags, Link{tag.Spelled, site.EscapePath("/tags/" + tag.Address + "/")})
	}
	return g.htmlFile("tags/index.html", "tags.html", p)
}
