package render

import (
	"context"
	"fmt"
	"html/template"
	"net/url"

	"starpunk/generator/markdown"
	"starpunk/generator/theme"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/link"
)

// home renders the front page: the owner, the text of content/index.md, the newest
// notes, and links to the archive.
func (l *lists) home(ctx context.Context) ([]File, error) {
	p := l.r.newPage(site.HomeList)
	p.Description = l.r.cfg.Description
	p.NoIndex = l.r.cfg.Preview
	if photo := l.r.site.Author.Photo; photo != "" {
		p.Image = l.r.absoluteMedia(theme.Media{URL: photo})
	}
	pictures := &pagePictures{r: l.r}
	var err error
	if p.Content, err = l.r.homeContent(ctx, pictures); err != nil {
		return nil, err
	}
	for _, row := range l.newest(l.r.cfg.Home.Types, "", l.r.cfg.Home.Count) {
		note, err := l.r.shortNote(ctx, row, pictures)
		if err != nil {
			return nil, err
		}
		if note != nil {
			p.Notes = append(p.Notes, note)
		}
	}
	p.Years = yearLinks("/", l.plan.Years())
	s := l.r.site
	s.Types = l.types()
	p.Site = &s
	return l.r.htmlFile("index.html", "home.html", p)
}

func (r *Renderer) homeContent(ctx context.Context, pictures *pagePictures) (template.HTML, error) {
	at, err := r.store.Links.Target(ctx, link.PathKey("index"))
	if err != nil || at.File == "" {
		return "", err
	}
	row, err := r.store.ByFile(ctx, at.File)
	if err != nil || row == nil || !row.HasPage || row.Problem != "" {
		return "", err
	}
	n, _ := r.read(row)
	if n == nil {
		return "", nil
	}
	content, err := r.homeText(ctx, row, n, pictures)
	if err != nil {
		return "", err
	}
	return template.HTML(content.HTML), nil
}

// HomeText renders content/index.md, the text of the front page.
func (r *Renderer) HomeText(ctx context.Context, row *store.Row, n *site.Note) (*markdown.Content, error) {
	return r.homeText(ctx, row, n, &pagePictures{r: r})
}

// homeText renders content/index.md with the state of the pictures of its page.
func (r *Renderer) homeText(ctx context.Context, row *store.Row, n *site.Note, pictures *pagePictures) (*markdown.Content, error) {
	files := pictures.of(row)
	return r.renderFitted(n, r.rendering(ctx, site.HomeList, files), files)
}

// shortNote returns a note for the front page: whole, unless its author wrote a summary or
// marked the place at which to cut it. It is nil if its file can't be read at this moment.
func (r *Renderer) shortNote(ctx context.Context, row *store.Row, pictures *pagePictures) (*theme.Note, error) {
	note, same := r.read(row)
	if note == nil {
		return nil, nil
	}
	n := noteView{r, row, note, same}
	m, content, err := n.shown(ctx, pictures, func(pictures *notePictures) (*markdown.Content, error) {
		return n.frontContent(ctx, pictures)
	})
	if err != nil {
		return nil, err
	}
	m.More = content.More
	base, err := n.address()
	if err != nil {
		return nil, err
	}
	m.Content = template.HTML(r.notes.homeContent(row, content.HTML, func(content string) string { return markdown.Relocate(content, base, false) }))
	return m, nil
}

// read reads the note of a row; nil if its file can't be read at this moment: the next
// scan reports that. same reports whether the file is as the row has it.
func (r *Renderer) read(row *store.Row) (n *site.Note, same bool) {
	c := r.notes.of(row)
	c.mu.Lock()
	defer c.mu.Unlock()
	return r.readInto(c, row), c.same
}

// readInto reads the note of a row into the cache, unless it has it.
func (r *Renderer) readInto(c *cachedNote, row *store.Row) *site.Note {
	if c.note != nil {
		return c.note
	}
	n, same, err := r.store.ReadRow(row)
	if err != nil {
		r.log.Debug("a list was made without a note that can't be read", "file", row.File, "error", err)
		return nil
	}
	c.note, c.same, c.selfContained, c.rendered = n, same, same, c.rendered && same
	r.notes.addBytes(len(n.Content))
	return n
}

// address returns the permalink of a row as an absolute URL.
func (n *noteView) address() (*url.URL, error) {
	u, err := url.Parse(n.r.cfg.Absolute(site.EscapePath(n.row.Permalink)))
	if err != nil {
		return nil, fmt.Errorf("address of content/%s: %w", n.row.File, err)
	}
	return u, nil
}
