package generator

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io/fs"
	"mime"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"starpunk/site"
	"starpunk/site/store"
)

// rssTime is the date format of RSS 2.0: RFC 822 with a year of four digits.
const rssTime = "Mon, 02 Jan 2006 15:04:05 -0700"

// The types below are an RSS 2.0 document, https://www.rssboard.org/rss-specification.
type rss struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Content string     `xml:"xmlns:content,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Description string    `xml:"description"`
	Self        rssSelf   `xml:"atom:link"`
	Language    string    `xml:"language,omitempty"`
	Built       string    `xml:"lastBuildDate,omitempty"`
	Generator   string    `xml:"generator"`
	Items       []rssItem `xml:"item"`
}

type rssSelf struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type rssItem struct {
	Title       string         `xml:"title,omitempty"` // absent from a note without a name
	Link        string         `xml:"link"`
	GUID        rssGUID        `xml:"guid"`
	Published   string         `xml:"pubDate"`
	Categories  []string       `xml:"category"`
	Enclosures  []rssEnclosure `xml:"enclosure"`
	Description rssHTML        `xml:"description"`
}

type rssHTML struct {
	Text string `xml:",cdata"`
}

type rssGUID struct {
	IsPermaLink bool   `xml:"isPermaLink,attr"`
	ID          string `xml:",chardata"`
}

type rssEnclosure struct {
	URL    string `xml:"url,attr"`
	Length int64  `xml:"length,attr"`
	Type   string `xml:"type,attr"`
}

// feedFile renders the RSS feed at an address: the newest notes of some types
// or of a tag, whole. An empty feed exists for the site alone.
func (g *Generator) feedFile(ctx context.Context, address, title string, types []string, tag string) ([]file, error) {
	rows, err := g.store.Newest(ctx, types, tag, g.cfg.Feed.Count)
	if err != nil || len(rows) == 0 && address != feedList {
		return nil, err
	}
	self := g.cfg.Absolute(site.EscapePath(address))
	doc := rss{
		Version: "2.0",
		Atom:    "http://www.w3.org/2005/Atom",
		Content: "http://purl.org/rss/1.0/modules/content/",
		Channel: rssChannel{
			Title: title, Link: strings.TrimSuffix(self, "feed.xml"), Description: g.cfg.Description,
			Self:     rssSelf{"self", "application/rss+xml", self},
			Language: g.cfg.Lang, Generator: g.site.Generator,
		},
	}
	var newest time.Time
	for _, row := range rows {
		item, changed, err := g.rssItem(ctx, row)
		if err != nil {
			return nil, err
		}
		if item == nil {
			continue
		}
		doc.Channel.Items = append(doc.Channel.Items, *item)
		if changed.After(newest) {
			newest = changed
		}
	}
	if !newest.IsZero() {
		doc.Channel.Built = newest.Format(rssTime)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	b.WriteByte('\n')
	return []file{{strings.TrimPrefix(address, "/"), b.Bytes()}}, nil
}

// rssItem is one note, and when it was last changed.
func (g *Generator) rssItem(ctx context.Context, row *store.Row) (*rssItem, time.Time, error) {
	n, content, err := g.whole(ctx, row, true)
	if err != nil || n == nil {
		return nil, time.Time{}, err
	}
	m := g.noteModel(row, n, "")
	item := &rssItem{
		Title: n.Name, Link: m.URL, GUID: rssGUID{true, m.URL},
		Published:   n.Published.Format(rssTime),
		Description: rssHTML{xmlText(g.feedContent(m, content))},
	}
	for _, tag := range m.Tags {
		item.Categories = append(item.Categories, tag.Name)
	}
	for _, list := range [][]Media{m.Audio, m.Video, m.Photo} {
		for _, media := range list {
			if e := g.enclosure(media.URL); e != nil && len(item.Enclosures) == 0 { // RSS allows one
				item.Enclosures = append(item.Enclosures, *e)
			}
		}
	}
	changed := n.Published
	if n.Updated.After(changed) {
		changed = n.Updated
	}
	return item, changed, nil
}

// feedContent is the content of a note with what its page shows around it: the
// pictures, and what it answers or likes.
func (g *Generator) feedContent(m *Note, content string) string {
	var b strings.Builder
	for _, context := range []struct {
		verb  string
		cites []Cite
	}{
		{"In reply to", m.InReplyTo}, {"Liked", m.LikeOf}, {"Reposted", m.RepostOf},
		{"Bookmarked", m.BookmarkOf}, {"Read", m.ReadOf},
	} {
		for _, c := range context.cites {
			fmt.Fprintf(&b, "<p>%s <a href=\"%s\">%s</a></p>\n", context.verb, escape(g.cfg.Absolute(c.URL)), escape(c.Label()))
		}
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

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}

// xmlText drops the characters that XML 1.0 can't hold.
func xmlText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
}

// enclosure describes a file of the site's own; RSS wants its length, so that
// others have none.
func (g *Generator) enclosure(address string) *rssEnclosure {
	rel, ok := strings.CutPrefix(address, "/media/")
	if !ok {
		return nil
	}
	info, err := statMedia(g.cfg.MediaDir(), rel)
	mediaType := mime.TypeByExtension(path.Ext(address))
	if err != nil || mediaType == "" {
		return nil
	}
	return &rssEnclosure{g.cfg.Absolute(address), info.Size(), mediaType}
}

func statMedia(dir, rel string) (fs.FileInfo, error) {
	if !filepath.IsLocal(filepath.FromSlash(rel)) {
		return nil, fs.ErrNotExist
	}
	return os.Lstat(filepath.Join(dir, filepath.FromSlash(rel)))
}
