package render

import (
	"context"
	"fmt"
	"html/template"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"starpunk/generator/markdown"
	"starpunk/generator/plan"
	"starpunk/generator/precedence"
	"starpunk/generator/theme"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/link"
)

// A Page is the page of a note with its links, its warnings and its bundle.
type Page struct {
	markdown.Content // with the links and warnings of the front matter
	Data             []byte
	Bundle           []precedence.BundleFile
}

// Page renders the page of a row. same reports whether n is the note as the row has it: its
// file may have changed since. beside are the neighbours on the page, nil for none.
func (r *Renderer) Page(ctx context.Context, row *store.Row, n *site.Note, same bool, beside *plan.Neighbours) (*Page, error) {
	v := noteView{r, row, n, same}
	return v.page(ctx, beside)
}

// A noteView renders one note: for its page, for the front page and for feeds.
type noteView struct {
	r    *Renderer
	row  *store.Row
	note *site.Note
	same bool // note is as the row has it
}

// page does the work of [Renderer.Page].
func (n *noteView) page(ctx context.Context, beside *plan.Neighbours) (*Page, error) {
	var description string
	m, content, err := n.shown(ctx, &pagePictures{r: n.r}, func(files *notePictures) (content *markdown.Content, err error) {
		content, description, err = n.pageContent(ctx, files)
		return content, err
	})
	if err != nil {
		return nil, err
	}
	p := n.r.newPage(n.row.Permalink)
	p.Note = m
	if len(m.Photo) > 0 {
		p.Image = n.r.absoluteMedia(m.Photo[0])
	}
	p.Title = n.row.Label
	p.Description = description
	p.NoIndex = n.row.Status != site.Public || n.r.cfg.Preview
	layout := "note.html"
	if n.row.Kind == site.KindPage {
		layout = "page.html"
	}
	lost, err := n.lostMedia(ctx)
	if err != nil {
		return nil, err
	}
	page := &Page{Content: *content}
	page.OwnLinks = append(content.OwnLinks, n.citedOwnLinks()...)
	page.Warnings = append(content.Warnings, lost...)
	var twins []string
	page.Bundle, twins = n.r.sources.BundleAndTwins(n.row)
	for _, name := range twins {
		page.Warnings = append(page.Warnings, fmt.Sprintf("content/%s:1: its file %s is not published: another has the same name in another Unicode form, and so the same address; rename one", n.note.File, filepath.ToSlash(name)))
	}
	if !strings.HasSuffix(n.row.Permalink, "/") {
		if _, names := n.r.store.BundleFiles(n.row.File); len(names) > 0 {
			page.Warnings = append(page.Warnings, fmt.Sprintf("content/%s:1: the files beside it are not published, since its address %s is not that of a folder: it must end in \"/\"", n.note.File, n.row.Permalink))
		}
	}
	if beside != nil {
		p.Prev, p.Next = n.r.neighbourEntry(beside.Prev), n.r.neighbourEntry(beside.Next)
	}
	if n.note.Layout != "" {
		if n.r.layouts.Has(n.note.Layout + ".html") {
			layout = n.note.Layout + ".html"
		} else {
			page.Warnings = append(page.Warnings, fmt.Sprintf("content/%s:1: layout: there is no layouts/%s.html; the default is used", n.note.File, n.note.Layout))
		}
	}
	page.Data, err = n.r.layouts.Execute(layout, p)
	return page, err
}

// neighbourEntry returns the data of a neighbour for the page of a note; nil if it is nil.
func (r *Renderer) neighbourEntry(n *plan.Note) *theme.Entry {
	if n == nil {
		return nil
	}
	e := r.entry(n)
	return &e
}

// shown returns the model of a note for layouts, with the content that render
// returns. Its pictures precede its content.
func (n *noteView) shown(ctx context.Context, page *pagePictures, render func(*notePictures) (*markdown.Content, error)) (*theme.Note, *markdown.Content, error) {
	pictures := page.of(n.row)
	cited, err := n.citedNotes(ctx)
	if err != nil {
		return nil, nil, err
	}
	m := n.model(cited)
	for i := range m.Photo {
		size, lazy := pictures.fit(m.Photo[i].URL)
		m.Photo[i].Width, m.Photo[i].Height, m.Photo[i].Lazy = size.X, size.Y, lazy
	}
	for _, media := range slices.Concat(m.Audio, m.Video) {
		pictures.find(media.URL) // feeds have its size
	}
	content, err := render(pictures)
	if err != nil {
		return nil, nil, err
	}
	m.Content = template.HTML(content.HTML)
	addLinks(content, cited.links)
	content.Warnings = append(content.Warnings, cited.warnings...)
	content.SelfContained = content.SelfContained && len(cited.links) == 0
	return m, content, nil
}

// addLinks adds files that a note shows or links to.
func addLinks(r *markdown.Content, links map[string]string) {
	if r.Links == nil && len(links) > 0 {
		r.Links = map[string]string{}
	}
	maps.Copy(r.Links, links)
}

// pageContent returns the content of a note for its page, and the description of the page,
// from the cache if it has them.
func (n *noteView) pageContent(ctx context.Context, files *notePictures) (content *markdown.Content, description string, err error) {
	if content, description = n.r.contents.get(n.row, n.same); content != nil {
		addLinks(content, files.links())
		return content, description, nil
	}
	if content, err = n.r.renderFitted(n.note, n.r.rendering(ctx, n.row.Permalink, files), files); err != nil {
		return nil, "", err
	}
	description = n.describe()
	n.r.contents.put(n.row, n.same, content, description)
	return content, description, nil
}

// frontContent returns the part of a note's content that the front page shows: none if the
// note has a summary.
func (n *noteView) frontContent(ctx context.Context, files *notePictures) (*markdown.Content, error) {
	if n.note.SummaryText() != "" {
		return &markdown.Content{More: n.note.Content != ""}, nil
	}
	if !markdown.HasMore(n.note.Content) { // all of it is shown
		if content, ok := n.r.notes.content(n.row); ok {
			return &markdown.Content{HTML: content}, nil
		}
		if content, _ := n.r.contents.get(n.row, n.same); content != nil {
			return content, nil
		}
	}
	to := n.r.rendering(ctx, n.row.Permalink, files)
	to.Short = true
	return n.r.renderFitted(n.note, to, files)
}

// absoluteMedia returns a picture with its absolute address, for other sites.
func (r *Renderer) absoluteMedia(m theme.Media) *theme.Media {
	m.URL = r.cfg.Absolute(m.URL)
	return &m
}

// newPage returns a page at a path that is not yet percent-encoded.
func (r *Renderer) newPage(path string) *theme.Page {
	escaped := site.EscapePath(path)
	return &theme.Page{Site: &r.site, Path: escaped, URL: r.cfg.Absolute(escaped)}
}

func (r *Renderer) htmlFile(name, layout string, p *theme.Page) ([]File, error) {
	data, err := r.layouts.Execute(layout, p)
	return []File{{Name: name, Data: data, Page: true}}, err
}

// rendering returns the data with which the content of a note is rendered for the page at a
// permalink. If files is nil, the site's files are not looked up.
func (r *Renderer) rendering(ctx context.Context, permalink string, files *notePictures) markdown.Page {
	p := markdown.Page{
		Permalink: permalink, Home: r.cfg.URL, InBundle: r.sources.InBundle(ctx),
		Resolve: func(key string) (link.Target, error) { return r.store.Links.Target(ctx, key) },
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
func (r *Renderer) renderFitted(n *site.Note, p markdown.Page, files *notePictures) (*markdown.Content, error) {
	p.Files.Fit = files.fit
	content, err := r.markdown.Render(n, p)
	if err != nil {
		return nil, err
	}
	addLinks(content, files.links())
	return content, nil
}

const maxDescription = 200 // runes

func (n *noteView) describe() string {
	if s := n.note.SummaryText(); s != "" {
		return strings.Join(strings.Fields(s), " ")
	}
	return n.note.Text(maxDescription, n.r.cfg.Markdown)
}
