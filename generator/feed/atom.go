package feed

import (
	"encoding/xml"
	"time"
)

// The types below are an Atom feed (RFC 4287).
type atomDocument struct {
	XMLName   xml.Name      `xml:"http://www.w3.org/2005/Atom feed"`
	Lang      string        `xml:"xml:lang,attr,omitempty"`
	Title     string        `xml:"title"`
	Subtitle  string        `xml:"subtitle,omitempty"`
	ID        string        `xml:"id"`
	Updated   string        `xml:"updated"`
	Author    atomAuthor    `xml:"author"`
	Links     []atomLink    `xml:"link"`
	Generator atomGenerator `xml:"generator"`
	Entries   []atomEntry   `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
	URI  string `xml:"uri"`
}

type atomGenerator struct {
	Text string `xml:",chardata"`
}

type atomLink struct {
	Rel    string `xml:"rel,attr"`
	Type   string `xml:"type,attr,omitempty"`
	Length int64  `xml:"length,attr,omitempty"`
	Href   string `xml:"href,attr"`
}

type atomEntry struct {
	Title      string         `xml:"title"` // §4.1.2 requires one, also of a note without a name
	ID         string         `xml:"id"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Links      []atomLink     `xml:"link"`
	Categories []atomCategory `xml:"category"`
	Summary    string         `xml:"summary,omitempty"`
	Content    *atomContent   `xml:"content"` // absent if there is none (§4.1.1.1)
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",cdata"`
}

// Atom returns the feed as Atom. self is its own absolute address.
func (f *Feed) Atom(self string) ([]byte, error) {
	updated := f.Changed
	if updated.IsZero() {
		updated = time.Unix(0, 0).UTC() // §4.1.1 requires a date, also of a feed of nothing
	}
	doc := atomDocument{
		Lang: f.Language, Title: f.Title, Subtitle: f.Description, ID: f.Home,
		Updated: updated.Format(time.RFC3339),
		Author:  atomAuthor{f.Author.Name, f.Author.URL},
		Links: []atomLink{
			{Rel: "self", Type: AtomType, Href: self},
			{Rel: "alternate", Type: "text/html", Href: f.Home},
		},
		Generator: atomGenerator{f.Generator},
	}
	for _, hub := range f.Hubs {
		doc.Links = append(doc.Links, atomLink{Rel: "hub", Href: hub})
	}
	for i := range f.Items {
		doc.Entries = append(doc.Entries, atomEntryOf(&f.Items[i]))
	}
	return marshalXML(doc, "")
}

func atomEntryOf(i *Item) atomEntry {
	entry := atomEntry{
		Title: i.Label, ID: i.ID, Summary: i.Summary,
		Published: i.Published.Format(time.RFC3339), Updated: i.changedAt().Format(time.RFC3339),
		Links: []atomLink{{Rel: "alternate", Type: "text/html", Href: i.URL}},
	}
	if i.HTML != "" {
		entry.Content = &atomContent{"html", i.HTML}
	}
	for _, tag := range i.Tags {
		entry.Categories = append(entry.Categories, atomCategory{tag})
	}
	for _, m := range i.Media {
		entry.Links = append(entry.Links, atomLink{Rel: "enclosure", Type: m.Type, Length: m.Size, Href: m.URL})
	}
	return entry
}
