package render

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"os"
	"slices"
	"strings"

	"starpunk/generator/feed"
	"starpunk/generator/markdown"
	"starpunk/generator/theme"
	"starpunk/site"
	"starpunk/site/store"
)

// feedFiles renders the feeds at an address: the newest notes of some types or
// of a tag. The site has three, which are one list so that a note is read and
// rendered once for all of them. Only the site has an empty feed.
func (l *lists) feedFiles(ctx context.Context, address, title string, types []string, tag string) ([]File, error) {
	rows := l.newest(types, tag, l.r.cfg.Feed.Count)
	if len(rows) == 0 && address != site.FeedList {
		return nil, nil
	}
	items, err := l.r.feedItems(ctx, rows)
	if err != nil {
		return nil, err
	}
	f := &feed.Feed{
		Title: feed.Text(title), Description: feed.Text(l.r.cfg.Description),
		Home:   l.r.cfg.Absolute(site.EscapePath(site.ListOfFeed(address))),
		Author: l.r.feedAuthor(), Language: l.r.cfg.Lang, Generator: l.r.site.Generator,
		Hubs: l.r.cfg.Rels()["hub"], Style: versioned(site.FeedStyle, l.r.layouts.FeedStyle),
	}
	f.SetItems(items)
	formats := []feedFormat{{address, f.RSS}}
	if address == site.FeedList {
		formats = append(formats, feedFormat{site.AtomFeed, f.Atom}, feedFormat{site.JSONFeed, f.JSON})
	}
	var files []File
	for _, format := range formats {
		data, err := format.render(l.r.cfg.Absolute(site.EscapePath(format.address)))
		if err != nil {
			return nil, fmt.Errorf("feed %s: %w", format.address, err)
		}
		files = append(files, File{Name: strings.TrimPrefix(format.address, "/"), Data: data})
	}
	return files, nil
}

// A feedFormat is an address of a feed and the format at it.
type feedFormat struct {
	address string
	render  func(self string) ([]byte, error)
}

// feedAuthor returns the author of all feeds. A format that requires a name gets the
// title of the site if the author has none.
func (r *Renderer) feedAuthor() feed.Author {
	a := feed.Author{Name: feed.Text(cmp.Or(r.cfg.Author.Name, r.cfg.Title)), URL: r.cfg.Me}
	if photo := r.cfg.Author.Photo; photo != "" {
		a.Photo = r.cfg.Absolute(photo)
	}
	return a
}

func (r *Renderer) feedItems(ctx context.Context, rows []*store.Row) ([]feed.Item, error) {
	var items []feed.Item
	for _, row := range rows {
		item, err := r.feedItem(ctx, row)
		if err != nil {
			return nil, err
		}
		if item != nil {
			items = append(items, *item)
		}
	}
	return items, nil
}

// feedItem returns the item of a note in feeds, which is made once for all of them; nil
// if the file can't be read at this moment.
func (r *Renderer) feedItem(ctx context.Context, row *store.Row) (*feed.Item, error) {
	c := r.notes.of(row)
	c.mu.Lock()
	defer c.mu.Unlock()
	note := r.readInto(c, row)
	if note == nil || c.item != nil {
		return c.item, nil
	}
	n := noteView{r, row, note, c.same}
	if !c.rendered {
		content, err := n.feedContentOf(ctx)
		if err != nil {
			return nil, err
		}
		c.content, c.rendered, c.selfContained = content.HTML, true, c.selfContained && content.SelfContained
		r.notes.addBytes(len(c.content))
	}
	base, err := n.address()
	if err != nil {
		return nil, err
	}
	cited, err := n.citedNotes(ctx)
	if err != nil {
		return nil, err
	}
	c.item = n.feedItem(cited, markdown.Relocate(c.content, base, true))
	c.selfContained = c.selfContained && len(cited.links) == 0
	if err = c.item.Prepare(); err != nil {
		return nil, err
	}
	c.selfContained = c.selfContained && len(c.item.Media) == 0 // the item has the sizes of their files
	r.notes.addBytes(c.item.Bytes())
	return c.item, nil
}

// feedContentOf returns the content of a note for feeds.
func (n *noteView) feedContentOf(ctx context.Context) (*markdown.Content, error) {
	if content, _ := n.r.contents.get(n.row, n.same); content != nil {
		return content, nil
	}
	return n.r.markdown.Render(n.note, n.r.rendering(ctx, n.row.Permalink, (&pagePictures{r: n.r}).of(n.row)))
}

// feedItem returns the item of a note and its content, which has absolute addresses.
func (n *noteView) feedItem(cited cited, content string) *feed.Item {
	m := n.model(cited)
	item := &feed.Item{
		ID: m.URL, URL: m.URL,
		Name: feed.Text(m.Name), Label: feed.Text(n.row.Label), Summary: feed.Text(m.Summary),
		HTML:      feed.Text(n.r.feedContent(m, content)),
		Published: n.note.Published, Updated: n.note.Updated,
	}
	if strings.TrimSpace(item.HTML) == "" {
		item.HTML = ""
	}
	if aliases, _ := n.r.cfg.AliasPaths(n.note); len(aliases) > 0 {
		item.ID = n.r.cfg.Absolute(site.EscapePath(aliases[0])) // the oldest address: a move appends another alias
	}
	for _, tag := range m.Tags {
		item.Tags = append(item.Tags, feed.Text(tag.Name))
	}
	files := (&pagePictures{r: n.r}).of(n.row)
	for _, media := range slices.Concat(m.Audio, m.Video, m.Photo) {
		if mediaType := site.MediaType(media.URL); mediaType != "" {
			file, _ := files.find(media.URL)
			item.Media = append(item.Media, feed.Media{URL: n.r.cfg.Absolute(media.URL), Type: mediaType, Size: fileSize(file)})
		}
	}
	return item
}

// feedContent returns the content of a note with the parts that its page shows around it:
// the pictures, and the pages that it answers or likes.
func (r *Renderer) feedContent(m *theme.Note, content string) string {
	var b strings.Builder
	cite := func(verb string, c theme.Cite) {
		label := escape(c.Label())
		if c.URL != "" { // a book may have only a name
			label = fmt.Sprintf("<a href=\"%s\">%s</a>", escape(r.cfg.Absolute(c.URL)), label)
		}
		fmt.Fprintf(&b, "<p>%s %s</p>\n", escape(verb), label)
	}
	for _, c := range m.InReplyTo {
		cite("In reply to", c)
	}
	for _, t := range m.Things {
		cite(t.Verb, t.Cite)
	}
	for _, c := range m.ReadOf {
		cite("Read", c)
	}
	if m.RSVP != "" {
		fmt.Fprintf(&b, "<p>RSVP: %s</p>\n", escape(m.RSVP))
	}
	for _, photo := range m.Photo {
		fmt.Fprintf(&b, "<p><img src=\"%s\" alt=\"%s\"></p>\n", escape(r.cfg.Absolute(photo.URL)), escape(photo.Alt))
	}
	for _, video := range m.Video {
		fmt.Fprintf(&b, "<p><video src=\"%s\" controls></video></p>\n", escape(r.cfg.Absolute(video.URL)))
	}
	for _, audio := range m.Audio {
		fmt.Fprintf(&b, "<p><audio src=\"%s\" controls></audio></p>\n", escape(r.cfg.Absolute(audio.URL)))
	}
	b.WriteString(content)
	return b.String()
}

func escape(s string) string { return template.HTMLEscapeString(s) }

// fileSize returns the length in bytes of a file of this site. It returns 0 for a file of
// another site, to which a build sends no request.
func fileSize(file string) int64 {
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	return info.Size()
}
