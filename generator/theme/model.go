package theme

import (
	"html/template"
	"time"

	"starpunk/site"
)

// The types in this file are the data that layouts see; docs/layouts.md
// explains them to the people who write layouts. Every layout is executed with
// one *Page. Addresses named Path are rooted in the site ("/2026/11/hello/"),
// addresses named URL are absolute; both are already percent-encoded.

// A Page is one HTML page of the output.
type Page struct {
	Site        *Site
	Path        string // "/2026/11/hello/"
	URL         string // the same, absolute: rel=canonical
	Title       string // plain text for <title>; empty on the front page
	Description string // plain text: the summary, or at most 200 characters; may be empty
	NoIndex     bool   // unlisted, or a preview
	Feed        string // absolute address of this list's own RSS feed, or empty
	Image       *Media // what stands for the page where it is linked to, or nil; its URL is absolute

	// Exactly which of these are set depends on the layout.
	Note    *Note         // note.html, page.html
	Prev    *Entry        // note.html: the note before this one in time, or nil
	Next    *Entry        // note.html: the note after this one in time, or nil
	Content template.HTML // home.html: the text of content/index.md, if there is one
	Notes   []*Note       // home.html: the newest notes, whole
	Years   []Link        // home.html: the archive, newest year first
	List    *List         // list.html
	Tags    []Link        // tags.html: every tag in alphabetical order
	Target  string        // redirect.html: absolute address of the page that moved
}

// A Site is what all pages share.
type Site struct {
	URL         string // "https://example.org/", always with a final slash
	Title       string
	Description string
	Lang        string     // BCP 47: "en"
	Author      Author     // the owner's h-card
	Nav         []Link     // the owner's own menu
	Head        []HeadLink // one <link> for each, in every page's head
	Types       []Link     // the post types that have notes, such as {"Photos", "/photos/"}; front page only
	Stylesheet  string     // path of the style sheet with its version: "/style.css?1a2b3c4d"
	Generator   string     // "StarPunk 0.1.0"
	Preview     bool       // built by --dev: drafts and future notes are shown, marked
}

// An Author is the owner as the site shows them: a representative h-card.
type Author struct {
	Name  string
	URL   string   // me: u-url u-uid
	Photo string   // path or URL; may be empty
	Note  string   // a few words about the owner; may be empty
	Email string   // may be empty
	Links []string // rel=me

	Fediverse string // "@ida@example.net": whom Mastodon names as the author of what it links to; may be empty
}

// A Link is an address with the text to show for it.
type Link struct {
	Name string
	Path string // path, or URL where it leads off the site
}

// A HeadLink is one <link rel> of a page's head: absolute href, one relation.
type HeadLink struct {
	Rel, Type, Title, Href string
}

// A Note is one h-entry, rendered.
type Note struct {
	Path string
	URL  string
	H    string // the microformats2 root without "h-": "entry", "event", …
	Type string // its post type: "note", "article", "photo", "reply", "like", …

	Name      string // p-name, plain text; empty for what is not named
	Summary   string // p-summary, plain text
	Content   template.HTML
	More      bool      // there is more than Content, on its own page
	Published time.Time // in the zone it was written in; zero for a page without a date
	Updated   time.Time // zero if never
	Minutes   int       // reading time, at least 1
	Tags      []Link    // p-category, as this note spells them; without a path where there is no list
	People    []Card    // u-category: who is tagged
	Author    *Author   // the owner; repeated here so that an entry can be shown alone

	InReplyTo  []Cite
	LikeOf     []Cite
	RepostOf   []Cite
	BookmarkOf []Cite
	ReadOf     []Cite
	Things     []Thing // what is liked, reposted and bookmarked once more, and all else that a property names
	ReadStatus string  // "to-read", "reading", "finished"
	RSVP       string  // "yes", "no", "maybe", "interested"

	Photo []Media
	Video []Media
	Audio []Media

	Location    []Place  // p-location, and u-checkin for a checkin
	Checkin     []Place  //
	Start, End  Moment   // dt-start, dt-end of an event
	Syndication []string // u-syndication: copies elsewhere

	Draft    bool // shown only in a preview
	Future   bool // shown only in a preview
	Unlisted bool
}

// A Cite is a page of another author, or a book, that a note answers, likes,
// repeats, keeps or reads: an h-cite, of which often only the URL is known.
type Cite struct {
	H       string // its microformats2 root without "h-": as a rule "cite"
	URL     string // may be empty if there is a name
	Name    string // may be empty
	Authors []Card
	Text    string // what it said, plain text; may be empty
	UID     string // "isbn:9780306406157"; may be empty
}

// Bare reports whether only the URL is known.
func (c Cite) Bare() bool {
	return c.Name == "" && c.Text == "" && c.UID == "" && len(c.Authors) == 0
}

// Label is what to call the cited page: its name, else its address without
// the scheme.
func (c Cite) Label() string {
	if c.Name != "" {
		return c.Name
	}
	return site.BareURL(c.URL)
}

// A Thing is what one value of a property names: a liked page, a song, a meal, a
// mood.
type Thing struct {
	Property string // "listen-of"
	Verb     string // "Listened to", "Mood:"
	Cite     Cite   // has a name, a URL or both
	Plain    bool   // the name is a text that is neither an address nor an object
}

// A Card is another person: an h-card.
type Card struct {
	Name  string
	URL   string // may be empty
	Photo string // may be empty; showing one that is elsewhere would tell them who reads this
}

// A Moment is a date, or a date and time, of an event.
type Moment struct {
	Value string // as written, for datetime; empty if it can't be read
	Text  string // for people; as written if it can't be read; empty if there is none
}

// A Media is a picture, a video or a sound.
type Media struct {
	URL           string // path when it is the site's own
	Alt           string
	Width, Height int  // pixels; 0 when not known
	Lazy          bool // not the first picture of the page: it is loaded when the reader comes near
}

// A Place is an h-card, h-adr or h-geo: where a note was written or checked in.
type Place struct {
	H                        string // "card", "adr", "geo"; empty for a name or an address that is all there is
	Name, URL                string
	Street, Locality, Region string
	Postcode, Country        string
	Latitude, Longitude      string // decimal degrees, as written
}

// An Entry is one line of a list, made from the index and not from the note's file.
type Entry struct {
	Path      string
	Text      string // its name, else the first 140 characters of its text; never empty
	Named     bool   // Text is a name
	Type      string
	Published time.Time
	Draft     bool // only in a preview
	Future    bool // only in a preview
}

// A List is the notes of a period, a tag or a post type.
type List struct {
	Name     string  // "November 2026", "#indieweb", "Photos in 2025"
	Kind     string  // "year", "month", "tag", "tag-year", "type", "type-year"
	Entries  []Entry // newest first
	Children []Link  // finer lists: a year's months, a tag's years
	Up       *Link   // the coarser list, or nil
	Parts    []Link  // the parts of a period too long for one page, oldest first; empty for one part
	Part     int     // which of Parts this page is, counted from 1
}
