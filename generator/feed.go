package generator

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"os"
	"slices"
	"strings"
	"time"

	"starpunk/generator/markdown"
	"starpunk/site"
	"starpunk/site/store"
)

// A feed is the newest notes of a list, whole, in the words that RSS, Atom and
// JSON Feed have in common. Its texts hold nothing that XML can't.
type feed struct {
	title       string
	description string
	home        string    // absolute address of the page that shows the same
	changed     time.Time // of the item changed last; zero if there is none
	items       []feedItem
}

// A feedItem is one note.
type feedItem struct {
	id        string // absolute address that it was first published under
	url       string // where it is now
	name      string // empty for a note without one
	label     string // its name, or how its text begins; never empty
	summary   string // plain text
	html      string // with absolute addresses; empty if there is nothing but a name or a summary
	published time.Time
	updated   time.Time // zero if never
	tags      []string
	media     []feedMedia // sounds, videos, pictures, in this order
	rss       string      // all that as RSS has it; empty: not with this id
}

// changed is when the note was last published or updated.
func (i *feedItem) changed() time.Time {
	if i.updated.After(i.published) {
		return i.updated
	}
	return i.published
}

// A feedMedia is a file that belongs to a note.
type feedMedia struct {
	url       string
	mediaType string
	size      int64 // bytes; 0 when not known
}

// feedFiles renders the feeds at an address: the newest notes of some types or
// of a tag. The site has three, which are one list so that a note is read and
// rendered once for all of them. An empty feed exists for the site alone.
func (g *Generator) feedFiles(ctx context.Context, address, title string, types []string, tag string) ([]file, error) {
	rows := g.newest(types, tag, g.cfg.Feed.Count)
	if len(rows) == 0 && address != feedList {
		return nil, nil
	}
	f := &feed{
		title: xmlText(title), description: xmlText(g.cfg.Description),
		home: g.cfg.Absolute(site.EscapePath(strings.TrimSuffix(address, "feed.xml"))),
	}
	var err error
	if f.items, err = g.feedItems(ctx, rows); err != nil {
		return nil, err
	}
	for i := range f.items {
		if at := f.items[i].changed(); at.After(f.changed) {
			f.changed = at
		}
	}
	formats := []feedFormat{{address, g.rss}}
	if address == feedList {
		formats = append(formats, feedFormat{atomFeed, g.atom}, feedFormat{jsonFeed, g.jsonFeed})
	}
	var files []file
	for _, format := range formats {
		data, err := format.render(f, g.cfg.Absolute(site.EscapePath(format.address)))
		if err != nil {
			return nil, fmt.Errorf("feed %s: %w", format.address, err)
		}
		files = append(files, file{name: strings.TrimPrefix(format.address, "/"), data: data})
	}
	return files, nil
}

// The media types by which pages link to feeds.
const (
	rssType  = "application/rss+xml"
	atomType = "application/atom+xml"
	jsonType = "application/feed+json"
)

// A feedFormat is one way to write a feed; self is its own absolute address.
type feedFormat struct {
	address string
	render  func(f *feed, self string) ([]byte, error)
}

func (g *Generator) feedItems(ctx context.Context, rows []*store.Row) ([]feedItem, error) {
	var items []feedItem
	for _, row := range rows {
		item, err := g.feedItem(ctx, row)
		if err != nil {
			return nil, err
		}
		if item != nil {
			items = append(items, *item)
		}
	}
	settleIDs(items)
	return items, nil
}

// settleIDs sees to it that no two items have the same id: an alias may be the
// address of another note, and that one has it.
func settleIDs(items []feedItem) {
	owned := map[string]bool{}
	for _, item := range items {
		owned[item.url] = true
	}
	for i := range items {
		item := &items[i]
		if item.id != item.url && owned[item.id] {
			item.id, item.rss = item.url, ""
		}
		owned[item.id] = true
	}
}

// feedItem is what feeds show of the note of a row, made once for all of them;
// nil if its file can't be read at this moment.
func (g *Generator) feedItem(ctx context.Context, row *store.Row) (*feedItem, error) {
	k := g.kept.of(row)
	k.mu.Lock()
	defer k.mu.Unlock()
	n := g.readInto(k, row)
	if n == nil || k.item != nil {
		return k.item, nil
	}
	if !k.done {
		r, err := g.feedContentOf(ctx, row, n, k.same)
		if err != nil {
			return nil, err
		}
		k.content, k.done, k.alone = r.HTML, true, k.alone && r.SelfContained
		g.kept.add(len(k.content))
	}
	base, err := g.address(row)
	if err != nil {
		return nil, err
	}
	cited, err := g.citedNotes(ctx, row, n)
	if err != nil {
		return nil, err
	}
	k.item = g.newFeedItem(row, n, cited, markdown.Relocate(k.content, base, true))
	k.alone = k.alone && len(cited.links) == 0
	if k.item.rss, err = marshalItem(k.item); err != nil {
		return nil, err
	}
	k.alone = k.alone && len(k.item.media) == 0 // their sizes are those of files
	g.kept.add(len(k.item.html) + len(k.item.rss))
	return k.item, nil
}

// feedContentOf returns the content of a note for feeds. See [Generator.notePage] for same.
func (g *Generator) feedContentOf(ctx context.Context, row *store.Row, n *site.Note, same bool) (*markdown.Content, error) {
	if r, _ := g.contents.get(row, same); r != nil {
		return r, nil
	}
	return g.markdown.Render(n, g.rendering(ctx, row.Permalink, (&pagePictures{g: g}).of(row)))
}

// newFeedItem makes an item of a note and its content, which has absolute
// addresses.
func (g *Generator) newFeedItem(row *store.Row, n *site.Note, cited cited, content string) *feedItem {
	m := g.noteModel(row, n, cited)
	item := &feedItem{
		id: m.URL, url: m.URL,
		name: xmlText(m.Name), label: xmlText(row.Label), summary: xmlText(m.Summary),
		html:      xmlText(g.feedContent(m, content)),
		published: n.Published, updated: n.Updated,
	}
	if strings.TrimSpace(item.html) == "" {
		item.html = ""
	}
	if aliases, _ := g.cfg.AliasPaths(n); len(aliases) > 0 {
		item.id = g.cfg.Absolute(site.EscapePath(aliases[0])) // moves append to them
	}
	for _, tag := range m.Tags {
		item.tags = append(item.tags, xmlText(tag.Name))
	}
	files := (&pagePictures{g: g}).of(row)
	for _, media := range slices.Concat(m.Audio, m.Video, m.Photo) {
		if mediaType := site.MediaType(media.URL); mediaType != "" {
			file, _ := files.find(media.URL)
			item.media = append(item.media, feedMedia{g.cfg.Absolute(media.URL), mediaType, fileSize(file)})
		}
	}
	return item
}

// feedContent is the content of a note with what its page shows around it: the
// pictures, and what it answers or likes.
func (g *Generator) feedContent(m *Note, content string) string {
	var b strings.Builder
	cite := func(verb string, c Cite) {
		label := escape(c.Label())
		if c.URL != "" { // a book may have a name alone
			label = fmt.Sprintf("<a href=\"%s\">%s</a>", escape(g.cfg.Absolute(c.URL)), label)
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
		fmt.Fprintf(&b, "<p><img src=\"%s\" alt=\"%s\"></p>\n", escape(g.cfg.Absolute(photo.URL)), escape(photo.Alt))
	}
	for _, video := range m.Video {
		fmt.Fprintf(&b, "<p><video src=\"%s\" controls></video></p>\n", escape(g.cfg.Absolute(video.URL)))
	}
	for _, audio := range m.Audio {
		fmt.Fprintf(&b, "<p><audio src=\"%s\" controls></audio></p>\n", escape(g.cfg.Absolute(audio.URL)))
	}
	b.WriteString(content)
	return b.String()
}

func escape(s string) string { return template.HTMLEscapeString(s) }

// xmlText drops the characters that XML 1.0 can't hold (§2.2).
func xmlText(s string) string {
	if strings.IndexFunc(s, notXML) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if notXML(r) {
			return -1
		}
		return r
	}, s)
}

func notXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// fileSize is the length in bytes of a file of the site's own; 0 for what lies
// elsewhere: a build asks nobody.
func fileSize(file string) int64 {
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	return info.Size()
}

// hubs are the WebSub hubs of the site (WebSub §4: a feed names them itself).
func (g *Generator) hubs() []string { return g.cfg.Rels()["hub"] }

// authorName is what to call the author where a format asks for a name.
func (g *Generator) authorName() string {
	return xmlText(cmp.Or(g.cfg.Author.Name, g.cfg.Title))
}
