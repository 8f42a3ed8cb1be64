package generator

import (
	"context"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"starpunk/generator/list"
	"starpunk/generator/markdown"
	"starpunk/generator/plan"
	"starpunk/generator/theme"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/link"
	"starpunk/site/store/queue"
)

const (
	maxEntries    = 100 // on one page of a list
	newestEntries = 20  // on the page of a tag or a type
)

// A file is an output in the making.
type file struct {
	name string // below the output folder, with slashes
	data []byte
	same bool // the output exists, is not stale, and was not rendered
	page bool // data is from [theme.Theme.Execute]
}

// list renders the outputs of a list, and sets its parts in now. old is its state after
// the last build.
func (g *Generator) list(ctx context.Context, old, now *queue.ListState) ([]file, error) {
	l := list.Parse(old.Address)
	switch l.Kind {
	case list.Fixed:
		return g.fixed(ctx, l.Path)
	case list.Year:
		return g.yearPage(l)
	case list.Month:
		return g.periodPages(old, now, plan.List{Month: l.Month}, &theme.List{
			Name: monthName(l.Month), Kind: "month", Up: &theme.Link{Name: l.Year, Path: site.YearOf(site.HomeList, l.Year)},
		})
	case list.Tag, list.TagYear, list.TagFeed:
		return g.listsOfTag(ctx, l, old, now)
	case list.Type:
		return g.typePage(l)
	case list.TypeYear:
		return g.periodPages(old, now, plan.List{Type: l.Name, Year: l.Year}, &theme.List{
			Name: typeName(l.Name) + " in " + l.Year, Kind: "type-year",
			Up: &theme.Link{Name: typeName(l.Name), Path: "/" + site.PostTypePlural(l.Name) + "/"},
		})
	case list.TypeFeed:
		return g.feedFiles(ctx, l.Path, typeName(l.Name)+" – "+g.cfg.Title, []string{l.Name}, "")
	case list.Sitemap:
		return g.sitemapMonth(l), nil
	}
	return nil, nil
}

func (g *Generator) fixed(ctx context.Context, path string) ([]file, error) {
	switch path {
	case site.HomeList:
		return g.home(ctx)
	case site.FeedList:
		return g.feedFiles(ctx, path, g.cfg.Title, g.cfg.Feed.Types, "")
	case site.TagsList:
		return g.tagsPage()
	case site.MissingPage:
		p := g.newPage(path)
		p.Title = "Not found"
		p.NoIndex = true
		return g.htmlFile("404.html", "404.html", p)
	case site.RobotsFile:
		return []file{{name: "robots.txt", data: g.robots()}}, nil
	case site.StyleSheet:
		return []file{{name: "style.css", data: g.layouts.Style}}, nil
	case site.FeedStyle:
		return []file{{name: "feed.css", data: g.layouts.FeedStyle}}, nil
	case site.SitemapIndex:
		return g.sitemapIndex(), nil
	case site.SitemapPages:
		return g.sitemapPages(ctx)
	}
	return nil, fmt.Errorf("no list has the address %s", path)
}

func (g *Generator) htmlFile(name, layout string, p *theme.Page) ([]file, error) {
	data, err := g.layouts.Execute(layout, p)
	return []file{{name: name, data: data, page: true}}, err
}

func (g *Generator) robots() []byte {
	if g.cfg.Preview {
		return []byte("User-agent: *\nDisallow: /\n")
	}
	return []byte("User-agent: *\nAllow: /\n\nSitemap: " + g.cfg.Absolute(site.SitemapIndex) + "\n")
}

// home renders the front page: the owner, the text of content/index.md, the newest
// notes, and links to the archive.
func (g *Generator) home(ctx context.Context) ([]file, error) {
	p := g.newPage(site.HomeList)
	p.Description = g.cfg.Description
	p.NoIndex = g.cfg.Preview
	if photo := g.site.Author.Photo; photo != "" {
		p.Image = g.absoluteMedia(theme.Media{URL: photo})
	}
	pictures := &pagePictures{g: g}
	var err error
	if p.Content, err = g.homeContent(ctx, pictures); err != nil {
		return nil, err
	}
	for _, row := range g.newest(g.cfg.Home.Types, "", g.cfg.Home.Count) {
		note, err := g.shortNote(ctx, row, pictures)
		if err != nil {
			return nil, err
		}
		if note != nil {
			p.Notes = append(p.Notes, note)
		}
	}
	p.Years = yearLinks("/", g.plan.Years())
	s := g.site
	s.Types = g.types()
	p.Site = &s
	return g.htmlFile("index.html", "home.html", p)
}

func (g *Generator) homeContent(ctx context.Context, pictures *pagePictures) (template.HTML, error) {
	at, err := g.store.Links.Target(ctx, link.PathKey("index"))
	if err != nil || at.File == "" {
		return "", err
	}
	row, err := g.store.ByFile(ctx, at.File)
	if err != nil || row == nil || !row.HasPage || row.Problem != "" {
		return "", err
	}
	n, _ := g.read(row)
	if n == nil {
		return "", nil
	}
	r, err := g.homeText(ctx, row, n, pictures)
	if err != nil {
		return "", err
	}
	return template.HTML(r.HTML), nil
}

// homeText renders content/index.md.
func (g *Generator) homeText(ctx context.Context, row *store.Row, n *site.Note, pictures *pagePictures) (*markdown.Content, error) {
	files := pictures.of(row)
	return g.renderFitted(n, g.rendering(ctx, site.HomeList, files), files)
}

// shortNote returns a note for the front page: whole, unless its author wrote a summary or
// marked the place at which to cut it. It is nil if its file can't be read at this moment.
func (g *Generator) shortNote(ctx context.Context, row *store.Row, pictures *pagePictures) (*theme.Note, error) {
	n, same := g.read(row)
	if n == nil {
		return nil, nil
	}
	m, r, err := g.shownNote(ctx, row, n, pictures, func(pictures *notePictures) (*markdown.Content, error) {
		return g.frontContent(ctx, row, n, same, pictures)
	})
	if err != nil {
		return nil, err
	}
	m.More = r.More
	base, err := g.address(row)
	if err != nil {
		return nil, err
	}
	m.Content = template.HTML(g.notes.homeContent(row, r.HTML, func(content string) string { return markdown.Relocate(content, base, false) }))
	return m, nil
}

// read reads the note of a row; nil if its file can't be read at this moment: the next
// scan reports that. same reports whether the file is as the row has it.
func (g *Generator) read(row *store.Row) (n *site.Note, same bool) {
	c := g.notes.of(row)
	c.mu.Lock()
	defer c.mu.Unlock()
	return g.readInto(c, row), c.same
}

// readInto reads the note of a row into the cache, unless it has it.
func (g *Generator) readInto(c *cachedNote, row *store.Row) *site.Note {
	if c.note != nil {
		return c.note
	}
	n, same, err := g.store.ReadRow(row)
	if err != nil {
		g.log.Debug("a list was made without a note that can't be read", "file", row.File, "error", err)
		return nil
	}
	c.note, c.same, c.selfContained, c.rendered = n, same, same, c.rendered && same
	g.notes.addBytes(len(n.Content))
	return n
}

// address returns the permalink of a row as an absolute URL.
func (g *Generator) address(row *store.Row) (*url.URL, error) {
	u, err := url.Parse(g.cfg.Absolute(site.EscapePath(row.Permalink)))
	if err != nil {
		return nil, fmt.Errorf("address of content/%s: %w", row.File, err)
	}
	return u, nil
}

// types returns the lists of post types that have notes.
func (g *Generator) types() []theme.Link {
	var links []theme.Link
	for _, t := range site.PostTypes {
		if g.plan.HasType(t) {
			links = append(links, theme.Link{Name: typeName(t), Path: "/" + site.PostTypePlural(t) + "/"})
		}
	}
	return links
}

// typeName returns the heading of the list of a post type.
func typeName(t string) string {
	if t == "rsvp" {
		return "RSVPs"
	}
	plural := site.PostTypePlural(t)
	return strings.ToUpper(plural[:1]) + plural[1:]
}

func (g *Generator) yearPage(l list.Address) ([]file, error) {
	months := g.plan.Months(l.Year)
	if len(months) == 0 {
		return nil, nil
	}
	list := &theme.List{Name: l.Year, Kind: "year"}
	for _, month := range months {
		list.Children = append(list.Children, theme.Link{Name: monthName(month), Path: "/" + strings.Replace(month, "-", "/", 1) + "/"})
	}
	return g.listFile(l.Path, list, "")
}

// monthName returns "November 2026" for "2026-11".
func monthName(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return t.Format("January 2006")
}

// periodPages renders the list of all notes of a period, in parts of maxEntries notes. The
// parts are numbered from the oldest notes, so that a new note changes only the last part:
// then the notes of all others are not read.
func (g *Generator) periodPages(old, now *queue.ListState, which plan.List, list *theme.List) ([]file, error) {
	full, parts := g.staleParts(old, which)
	if len(parts) == 0 {
		return nil, nil
	}
	count := full + len(parts)
	if full > 0 {
		now.Parts, now.Tail = old.Parts, old.Tail
	} else if count > 1 {
		now.Parts, now.Tail = count, parts[count-1][0].Position()
	}
	list.Parts = partLinks(old.Address, count)
	var files []file
	for part := 1; part <= full; part++ {
		files = append(files, file{name: site.OutputFile(partPath(old.Address, part)), same: true})
	}
	for i, notes := range parts {
		f, err := g.partFile(list, old.Address, full+1+i, notes)
		if err != nil {
			return nil, err
		}
		files = append(files, f...)
	}
	return files, nil
}

// staleParts returns the notes of the parts of a list that must be rendered, oldest first,
// and the number of full parts before them, which do not change.
func (g *Generator) staleParts(old *queue.ListState, which plan.List) (full int, parts [][]*plan.Note) {
	if old.TailStale() {
		full, which.Since = old.Parts-1, &old.Tail
	}
	notes := g.plan.Listed(which)
	if full > 0 && (len(notes) == 0 || len(notes) > maxEntries) { // all parts show the number of parts, which changes
		full, which.Since = 0, nil
		notes = g.plan.Listed(which)
	}
	slices.Reverse(notes)
	return full, slices.Collect(slices.Chunk(notes, maxEntries))
}

// partFile renders a part of a list. Its notes are sorted oldest first.
func (g *Generator) partFile(list *theme.List, address string, number int, notes []*plan.Note) ([]file, error) {
	part := *list
	part.Part, part.Entries = number, g.entries(notes)
	slices.Reverse(part.Entries)
	return g.listFile(partPath(address, number), &part, "")
}

// partLinks returns links to the parts of a list, none if it has only one.
func partLinks(address string, count int) (links []theme.Link) {
	if count < 2 {
		return nil
	}
	for part := 1; part <= count; part++ {
		links = append(links, theme.Link{Name: fmt.Sprint(part), Path: site.EscapePath(partPath(address, part))})
	}
	return links
}

func partPath(path string, part int) string {
	if part == 1 {
		return path
	}
	return fmt.Sprintf("%s%d/", path, part)
}

// entries returns the lines of a list.
func (g *Generator) entries(listed []*plan.Note) []theme.Entry {
	es := make([]theme.Entry, len(listed))
	for i, n := range listed {
		es[i] = g.entry(n)
	}
	return es
}

func (g *Generator) entry(n *plan.Note) theme.Entry {
	return theme.Entry{
		Path: site.EscapePath(n.Permalink), Text: n.Label, Named: n.Named, Type: n.Type, Published: n.Published,
		Draft: n.Status == store.StatusDraft, Future: g.scheduled(n.Published),
	}
}

// scheduled reports whether a note is shown before its time.
func (g *Generator) scheduled(published time.Time) bool {
	return g.cfg.Preview && published.After(g.now())
}

// listFile renders a list at a path that is not percent-encoded.
func (g *Generator) listFile(path string, list *theme.List, feed string) ([]file, error) {
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

func (g *Generator) typePage(l list.Address) ([]file, error) {
	rows := g.plan.Listed(plan.List{Type: l.Name, Limit: newestEntries})
	if len(rows) == 0 {
		return nil, nil
	}
	list := &theme.List{Name: typeName(l.Name), Kind: "type", Entries: g.entries(rows), Children: yearLinks(l.Path, g.plan.TypeYears(l.Name))}
	return g.listFile(l.Path, list, site.FeedOf(l.Path))
}

func yearLinks(path string, years []string) []theme.Link {
	links := make([]theme.Link, len(years))
	for i, year := range years {
		links[i] = theme.Link{Name: year, Path: site.EscapePath(path + year + "/")}
	}
	return links
}

// listsOfTag renders a list of a tag. All lists of a tag show its spelling.
func (g *Generator) listsOfTag(ctx context.Context, l list.Address, old, now *queue.ListState) ([]file, error) {
	spelled := g.plan.Spelling(l.Name)
	if spelled == "" {
		return nil, nil
	}
	switch l.Kind {
	case list.TagFeed:
		return g.feedFiles(ctx, l.Path, "#"+spelled+" – "+g.cfg.Title, nil, l.Name)
	case list.TagYear:
		return g.periodPages(old, now, plan.List{Tag: l.Name, Year: l.Year}, &theme.List{
			Name: "#" + spelled + " in " + l.Year, Kind: "tag-year", Up: &theme.Link{Name: "#" + spelled, Path: site.EscapePath(site.TagList(l.Name))},
		})
	}
	return g.tagPage(l, spelled)
}

func (g *Generator) tagPage(l list.Address, spelled string) ([]file, error) {
	list := &theme.List{
		Name: "#" + spelled, Kind: "tag", Entries: g.entries(g.plan.Listed(plan.List{Tag: l.Name, Limit: newestEntries})),
		Children: yearLinks(l.Path, g.plan.TagYears(l.Name)), Up: &theme.Link{Name: "Tags", Path: site.TagsList},
	}
	return g.listFile(l.Path, list, site.FeedOf(l.Path))
}

func (g *Generator) tagsPage() ([]file, error) {
	p := g.newPage(site.TagsList)
	p.Title = "Tags"
	p.NoIndex = g.cfg.Preview
	for _, tag := range g.plan.Tags() {
		p.Tags = append(p.Tags, theme.Link{Name: tag.Spelled, Path: site.EscapePath(site.TagList(tag.Address))})
	}
	return g.htmlFile("tags/index.html", "tags.html", p)
}
