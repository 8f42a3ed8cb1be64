package feed

import (
	"strings"
	"time"
)

// The media types of the formats.
const (
	RSSType  = "application/rss+xml"
	AtomType = "application/atom+xml"
	JSONType = "application/feed+json"
)

// A Feed has the newest notes of a list, whole, in the terms that RSS, Atom and JSON
// Feed have in common. Its texts, and those of its items, are the results of [Text].
type Feed struct {
	Title       string
	Description string
	Home        string    // absolute address of the page that shows the same
	Changed     time.Time // of the item changed last; zero if there are no items
	Items       []Item

	Author    Author
	Language  string
	Generator string   // name and version of the program
	Hubs      []string // of WebSub (§4: a feed names them itself)
	Style     string   // address of the style sheet of RSS
}

// An Author is the author of a feed.
type Author struct {
	Name  string
	URL   string
	Photo string // absolute address; empty: none
}

// An Item is one note.
type Item struct {
	ID        string // absolute address of its first publication
	URL       string // its address now
	Name      string // empty for a note without one
	Label     string // its name, or the beginning of its text; never empty
	Summary   string // plain text
	HTML      string // with absolute addresses; empty if a name or a summary is all there is
	Published time.Time
	Updated   time.Time // zero if never
	Tags      []string
	Media     []Media // sounds, videos, pictures, in this order

	rss string // the item in RSS; empty: not yet, or not with this ID
}

// Media is a file that belongs to a note.
type Media struct {
	URL  string
	Type string
	Size int64 // bytes; 0 when not known
}

// changedAt returns when the note was last published or updated.
func (i *Item) changedAt() time.Time {
	if i.Updated.After(i.Published) {
		return i.Updated
	}
	return i.Published
}

// Prepare marshals the item once for all RSS feeds that have it.
func (i *Item) Prepare() (err error) {
	i.rss, err = marshalItem(i)
	return err
}

// Bytes returns how much memory the texts of the item take.
func (i *Item) Bytes() int { return len(i.HTML) + len(i.rss) }

// SetItems sets the items and when the feed changed. No two items get the same ID: an
// alias may be the address of another note, and that note keeps it.
func (f *Feed) SetItems(items []Item) {
	owned := map[string]bool{}
	for _, item := range items {
		owned[item.URL] = true
	}
	f.Items, f.Changed = items, time.Time{}
	for i := range items {
		item := &items[i]
		if item.ID != item.URL && owned[item.ID] {
			item.ID, item.rss = item.URL, ""
		}
		owned[item.ID] = true
		if at := item.changedAt(); at.After(f.Changed) {
			f.Changed = at
		}
	}
}

// Text returns a text without the characters that XML 1.0 can't hold (§2.2).
func Text(s string) string {
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
