package render

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"starpunk/generator/list"
	"starpunk/generator/plan"
	"starpunk/generator/theme"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/queue"
)

const (
	maxEntries    = 100 // on one page of a list
	newestEntries = 20  // on the page of a tag or a type
)

// A File is a rendered output of a list.
type File struct {
	Name string // below the output folder, with slashes
	Data []byte
	Same bool // the output exists, is not stale, and was not rendered
	Page bool // Data is from [theme.Theme.Execute], which can reuse it
}

// A lists renders lists of the notes in a plan.
type lists struct {
	r    *Renderer
	plan *plan.Plan
}

// List renders the outputs of a list of the notes in a plan, and sets its parts in now. old
// is its state after the last build. A list without notes has no outputs, unless every site
// has it.
func (r *Renderer) List(ctx context.Context, p *plan.Plan, old, now *queue.ListState) ([]File, error) {
	l := lists{r, p}
	return l.list(ctx, old, now)
}

// Redirect renders the page at a former address that leads to a URL.
func (r *Renderer) Redirect(address, to string) ([]File, error) {
	p := r.newPage(address)
	p.Target = to
	return r.htmlFile(site.OutputFile(address), "redirect.html", p)
}

// list does the work of [Renderer.List].
func (l *lists) list(ctx context.Context, old, now *queue.ListState) ([]File, error) {
	a := list.Parse(old.Address)
	switch a.Kind {
	case list.Fixed:
		return l.fixed(ctx, a.Path)
	case list.Year:
		return l.yearPage(a)
	case list.Month:
		return l.periodPages(old, now, plan.List{Month: a.Month}, &theme.List{
			Name: monthName(a.Month), Kind: "month", Up: &theme.Link{Name: a.Year, Path: site.YearOf(site.HomeList, a.Year)},
		})
	case list.Tag, list.TagYear, list.TagFeed:
		return l.listsOfTag(ctx, a, old, now)
	case list.Type:
		return l.typePage(a)
	case list.TypeYear:
		return l.periodPages(old, now, plan.List{Type: a.Name, Year: a.Year}, &theme.List{
			Name: typeName(a.Name) + " in " + a.Year, Kind: "type-year",
			Up: &theme.Link{Name: typeName(a.Name), Path: "/" + site.PostTypePlural(a.Name) + "/"},
		})
	case list.TypeFeed:
		return l.feedFiles(ctx, a.Path, typeName(a.Name)+" – "+l.r.cfg.Title, []string{a.Name}, "")
	case list.Sitemap:
		return l.sitemapMonth(a), nil
	}
	return nil, nil
}

func (l *lists) fixed(ctx context.Context, path string) ([]File, error) {
	switch path {
	case site.HomeList:
		return l.home(ctx)
	case site.FeedList:
		return l.feedFiles(ctx, path, l.r.cfg.Title, l.r.cfg.Feed.Types, "")
	case site.TagsList:
		return l.tagsPage()
	case site.MissingPage:
		p := l.r.newPage(path)
		p.Title = "Not found"
		p.NoIndex = true
		return l.r.htmlFile("404.html", "404.html", p)
	case site.RobotsFile:
		return []File{{Name: "robots.txt", Data: l.r.robots()}}, nil
	case site.StyleSheet:
		return []File{{Name: "style.css", Data: l.r.layouts.Style}}, nil
	case site.FeedStyle:
		return []File{{Name: "feed.css", Data: l.r.layouts.FeedStyle}}, nil
	case site.SitemapIndex:
		return l.sitemapIndex(), nil
	case site.SitemapPages:
		return l.sitemapPages(ctx)
	}
	return nil, fmt.Errorf("no list has the address %s", path)
}

func (r *Renderer) robots() []byte {
	if r.cfg.Preview {
		return []byte("User-agent: *\nDisallow: /\n")
	}
	return []byte("User-agent: *\nAllow: /\n\nSitemap: " + r.cfg.Absolute(site.SitemapIndex) + "\n")
}

// types returns the lists of post types that have notes.
func (l *lists) types() []theme.Link {
	var links []theme.Link
	for _, t := range site.PostTypes {
		if l.plan.HasType(t) {
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

func (l *lists) yearPage(a list.Address) ([]File, error) {
	months := l.plan.Months(a.Year)
	if len(months) == 0 {
		return nil, nil
	}
	list := &theme.List{Name: a.Year, Kind: "year"}
	for _, month := range months {
		list.Children = append(list.Children, theme.Link{Name: monthName(month), Path: "/" + strings.Replace(month, "-", "/", 1) + "/"})
	}
	return l.r.listFile(a.Path, list, "")
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
func (l *lists) periodPages(old, now *queue.ListState, which plan.List, list *theme.List) ([]File, error) {
	full, parts := l.staleParts(old, which)
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
	var files []File
	for part := 1; part <= full; part++ {
		files = append(files, File{Name: site.OutputFile(partPath(old.Address, part)), Same: true})
	}
	for i, notes := range parts {
		f, err := l.partFile(list, old.Address, full+1+i, notes)
		if err != nil {
			return nil, err
		}
		files = append(files, f...)
	}
	return files, nil
}

// staleParts returns the notes of the parts of a list that must be rendered, oldest first,
// and the number of full parts before them, which do not change.
func (l *lists) staleParts(old *queue.ListState, which plan.List) (full int, parts [][]*plan.Note) {
	if old.TailStale() {
		full, which.Since = old.Parts-1, &old.Tail
	}
	notes := l.plan.Listed(which)
	if full > 0 && (len(notes) == 0 || len(notes) > maxEntries) { // all parts show the number of parts, which changes
		full, which.Since = 0, nil
		notes = l.plan.Listed(which)
	}
	slices.Reverse(notes)
	return full, slices.Collect(slices.Chunk(notes, maxEntries))
}

// partFile renders a part of a list. Its notes are sorted oldest first.
func (l *lists) partFile(list *theme.List, address string, number int, notes []*plan.Note) ([]File, error) {
	part := *list
	part.Part, part.Entries = number, l.r.entries(notes)
	slices.Reverse(part.Entries)
	return l.r.listFile(partPath(address, number), &part, "")
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
func (r *Renderer) entries(listed []*plan.Note) []theme.Entry {
	es := make([]theme.Entry, len(listed))
	for i, n := range listed {
		es[i] = r.entry(n)
	}
	return es
}

func (r *Renderer) entry(n *plan.Note) theme.Entry {
	return theme.Entry{
		Path: site.EscapePath(n.Permalink), Text: n.Label, Named: n.Named, Type: n.Type, Published: n.Published,
		Draft: n.Status == store.StatusDraft, Future: r.scheduled(n.Published),
	}
}

// scheduled reports whether a note is shown before its time.
func (r *Renderer) scheduled(published time.Time) bool {
	return r.cfg.Preview && published.After(r.now())
}

// listFile renders a list at a path that is not percent-encoded.
func (r *Renderer) listFile(path string, list *theme.List, feed string) ([]File, error) {
	p := r.newPage(path)
	p.Title = list.Name
	if list.Part > 1 {
		p.Title = fmt.Sprintf("%s, part %d", list.Name, list.Part)
	}
	p.NoIndex = r.cfg.Preview
	p.List = list
	if feed != "" {
		p.Feed = r.cfg.Absolute(site.EscapePath(feed))
	}
	return r.htmlFile(site.OutputFile(path), "list.html", p)
}

func (l *lists) typePage(a list.Address) ([]File, error) {
	rows := l.plan.Listed(plan.List{Type: a.Name, Limit: newestEntries})
	if len(rows) == 0 {
		return nil, nil
	}
	list := &theme.List{Name: typeName(a.Name), Kind: "type", Entries: l.r.entries(rows), Children: yearLinks(a.Path, l.plan.TypeYears(a.Name))}
	return l.r.listFile(a.Path, list, site.FeedOf(a.Path))
}

func yearLinks(path string, years []string) []theme.Link {
	links := make([]theme.Link, len(years))
	for i, year := range years {
		links[i] = theme.Link{Name: year, Path: site.EscapePath(path + year + "/")}
	}
	return links
}

// listsOfTag renders a list of a tag. All lists of a tag show its spelling.
func (l *lists) listsOfTag(ctx context.Context, a list.Address, old, now *queue.ListState) ([]File, error) {
	spelled := l.plan.Spelling(a.Name)
	if spelled == "" {
		return nil, nil
	}
	switch a.Kind {
	case list.TagFeed:
		return l.feedFiles(ctx, a.Path, "#"+spelled+" – "+l.r.cfg.Title, nil, a.Name)
	case list.TagYear:
		return l.periodPages(old, now, plan.List{Tag: a.Name, Year: a.Year}, &theme.List{
			Name: "#" + spelled + " in " + a.Year, Kind: "tag-year", Up: &theme.Link{Name: "#" + spelled, Path: site.EscapePath(site.TagList(a.Name))},
		})
	}
	return l.tagPage(a, spelled)
}

func (l *lists) tagPage(a list.Address, spelled string) ([]File, error) {
	list := &theme.List{
		Name: "#" + spelled, Kind: "tag", Entries: l.r.entries(l.plan.Listed(plan.List{Tag: a.Name, Limit: newestEntries})),
		Children: yearLinks(a.Path, l.plan.TagYears(a.Name)), Up: &theme.Link{Name: "Tags", Path: site.TagsList},
	}
	return l.r.listFile(a.Path, list, site.FeedOf(a.Path))
}

func (l *lists) tagsPage() ([]File, error) {
	p := l.r.newPage(site.TagsList)
	p.Title = "Tags"
	p.NoIndex = l.r.cfg.Preview
	for _, tag := range l.plan.Tags() {
		p.Tags = append(p.Tags, theme.Link{Name: tag.Spelled, Path: site.EscapePath(site.TagList(tag.Address))})
	}
	return l.r.htmlFile("tags/index.html", "tags.html", p)
}

// newest returns the rows of the newest notes of some types or of a tag, newest first.
func (l *lists) newest(types []string, tag string, limit int) []*store.Row {
	notes := l.plan.Newest(types, tag, limit)
	rows := make([]*store.Row, len(notes))
	for i, n := range notes {
		rows[i] = &store.Row{
			ID: n.ID, File: n.File, Hash: n.Hash, Permalink: n.Permalink, Published: n.Published,
			Type: n.Type, Status: n.Status, Label: n.Label, Named: n.Named, HasPage: true, Listed: true,
		}
	}
	return rows
}
