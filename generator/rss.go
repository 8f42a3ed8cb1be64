package generator

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// rssTime is the date format of RSS 2.0: RFC 822 with a year of four digits.
const rssTime = "Mon, 02 Jan 2006 15:04:05 -0700"

// The types below are an RSS 2.0 document, https://www.rssboard.org/rss-specification.
type rss struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Content string     `xml:"xmlns:content,attr"`
	HTML    string     `xml:"xmlns:h,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string     `xml:"title"`
	Intro       rssIntro   `xml:"h:p"`
	Link        string     `xml:"link"`
	Description string     `xml:"description"`
	Links       []atomLink `xml:"atom:link"`
	Language    string     `xml:"language,omitempty"`
	Built       string     `xml:"lastBuildDate,omitempty"`
	Generator   string     `xml:"generator"`
	Items       string     `xml:",innerxml"` // of rssItem
}

// An rssIntro tells a person who opens the feed in a browser what it is.
// Browsers take it for HTML, by its name space; readers of feeds skip it.
type rssIntro struct {
	Text string  `xml:",chardata"`
	Link rssHref `xml:"h:a"`
}

type rssHref struct {
	Href string `xml:"href,attr"`
	Text string `xml:",chardata"`
}

type rssItem struct {
	Title       string         `xml:"title,omitempty"` // absent from a note without a name
	Link        string         `xml:"link"`
	Open        rssHref        `xml:"h:a"` // the same for a browser, which makes no link of RSS's own
	GUID        rssGUID        `xml:"guid"`
	Published   string         `xml:"pubDate"`
	Categories  []string       `xml:"category"`
	Enclosures  []rssEnclosure `xml:"enclosure"`
	Description *rssHTML       `xml:"description"`     // absent if a title is all that there is
	Content     *rssHTML       `xml:"content:encoded"` // only beside a summary
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

const rssIntroText = "This is a feed: a list of what is new, for programs to read. " +
	"Give its address to a feed reader to follow this site, or read the same at "

func (g *Generator) rss(f *feed, self string) ([]byte, error) {
	doc := rss{
		Version: "2.0",
		Atom:    "http://www.w3.org/2005/Atom",
		Content: "http://purl.org/rss/1.0/modules/content/",
		HTML:    "http://www.w3.org/1999/xhtml",
		Channel: rssChannel{
			Title: f.title, Link: f.home, Description: f.description,
			Intro:    rssIntro{rssIntroText, rssHref{f.home, f.home}},
			Links:    []atomLink{{Rel: "self", Type: rssType, Href: self}},
			Language: g.cfg.Lang, Generator: g.site.Generator,
		},
	}
	for _, hub := range g.hubs() {
		doc.Channel.Links = append(doc.Channel.Links, atomLink{Rel: "hub", Href: hub})
	}
	if !f.changed.IsZero() {
		doc.Channel.Built = f.changed.Format(rssTime)
	}
	var items strings.Builder
	for i := range f.items {
		item := f.items[i].rss
		if item == "" {
			var err error
			if item, err = marshalItem(&f.items[i]); err != nil {
				return nil, err
			}
		}
		items.WriteString(item)
	}
	doc.Channel.Items = items.String()
	return marshalXML(doc, `<?xml-stylesheet type="text/css" href="`+escape(versioned(feedStyle, g.layouts.feedStyle))+`"?>`+"\n")
}

// marshalItem is an item as it stands in any RSS feed, on lines of its own.
func marshalItem(i *feedItem) (string, error) {
	var b strings.Builder
	b.WriteByte('\n')
	enc := xml.NewEncoder(&b)
	enc.Indent("    ", "  ")
	err := enc.EncodeElement(rssItemOf(i), xml.StartElement{Name: xml.Name{Local: "item"}})
	return b.String(), err
}

func rssItemOf(i *feedItem) rssItem {
	item := rssItem{
		Title: i.name, Link: i.url, Open: rssHref{i.url, i.url}, GUID: rssGUID{i.id == i.url, i.id},
		Published: i.published.Format(rssTime), Categories: i.tags,
	}
	if i.html != "" {
		item.Description = &rssHTML{i.html}
	}
	if i.summary != "" {
		item.Description, item.Content = &rssHTML{escape(i.summary)}, item.Description
	}
	if item.Description == nil && item.Title == "" { // one of the two is required
		item.Description = &rssHTML{escape(i.label)}
	}
	if len(i.media) > 0 { // more than one, many readers don't expect (RSS Best Practices Profile)
		m := i.media[0]
		item.Enclosures = []rssEnclosure{{m.url, m.size, m.mediaType}}
	}
	return item
}

// marshalXML writes a document with what stands above it: processing
// instructions, as whole lines.
func marshalXML(doc any, above string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header + above)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
