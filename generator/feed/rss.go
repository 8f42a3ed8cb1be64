package feed

import (
	"bytes"
	"encoding/xml"
	"html"
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

// An rssIntro explains the feed to a person who opens it in a browser. Browsers show
// it as HTML, because of its name space; feed readers skip it.
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

// RSS returns the feed as RSS 2.0. self is its own absolute address.
func (f *Feed) RSS(self string) ([]byte, error) {
	doc := rss{
		Version: "2.0",
		Atom:    "http://www.w3.org/2005/Atom",
		Content: "http://purl.org/rss/1.0/modules/content/",
		HTML:    "http://www.w3.org/1999/xhtml",
		Channel: rssChannel{
			Title: f.Title, Link: f.Home, Description: f.Description,
			Intro:    rssIntro{rssIntroText, rssHref{f.Home, f.Home}},
			Links:    []atomLink{{Rel: "self", Type: RSSType, Href: self}},
			Language: f.Language, Generator: f.Generator,
		},
	}
	for _, hub := range f.Hubs {
		doc.Channel.Links = append(doc.Channel.Links, atomLink{Rel: "hub", Href: hub})
	}
	if !f.Changed.IsZero() {
		doc.Channel.Built = f.Changed.Format(rssTime)
	}
	var items strings.Builder
	for i := range f.Items {
		item := f.Items[i].rss
		if item == "" {
			var err error
			if item, err = marshalItem(&f.Items[i]); err != nil {
				return nil, err
			}
		}
		items.WriteString(item)
	}
	doc.Channel.Items = items.String()
	return marshalXML(doc, `<?xml-stylesheet type="text/css" href="`+html.EscapeString(f.Style)+`"?>`+"\n")
}

// marshalItem returns an item as every RSS feed has it, on lines of its own.
func marshalItem(i *Item) (string, error) {
	var b strings.Builder
	b.WriteByte('\n')
	enc := xml.NewEncoder(&b)
	enc.Indent("    ", "  ")
	err := enc.EncodeElement(rssItemOf(i), xml.StartElement{Name: xml.Name{Local: "item"}})
	return b.String(), err
}

func rssItemOf(i *Item) rssItem {
	item := rssItem{
		Title: i.Name, Link: i.URL, Open: rssHref{i.URL, i.URL}, GUID: rssGUID{i.ID == i.URL, i.ID},
		Published: i.Published.Format(rssTime), Categories: i.Tags,
	}
	if i.HTML != "" {
		item.Description = &rssHTML{i.HTML}
	}
	if i.Summary != "" {
		item.Description, item.Content = &rssHTML{html.EscapeString(i.Summary)}, item.Description
	}
	if item.Description == nil && item.Title == "" { // one of the two is required
		item.Description = &rssHTML{html.EscapeString(i.Label)}
	}
	if len(i.Media) > 0 { // more than one, many readers don't expect (RSS Best Practices Profile)
		m := i.Media[0]
		item.Enclosures = []rssEnclosure{{m.URL, m.Size, m.Type}}
	}
	return item
}

// marshalXML returns a document with the processing instructions above it, which are
// whole lines.
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
