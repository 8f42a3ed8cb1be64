package render

import (
	"cmp"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"starpunk/generator/theme"
	"starpunk/site"
	"starpunk/site/store"
)

// model returns the data of a note for layouts.
func (n *noteView) model(to cited) *theme.Note {
	path, bundle := site.EscapePath(n.row.Permalink), n.r.sources.BundlePaths(n.row)
	m := &theme.Note{
		Path: path, URL: n.r.cfg.Absolute(path), H: n.note.H, Type: n.row.Type,
		Name: n.note.TitleText(), Summary: n.note.SummaryText(),
		Published: n.note.Published, Updated: n.note.Updated, Minutes: readingMinutes(n.note.Content),
		Author:     &n.r.site.Author,
		InReplyTo:  to.cites(n.note.Properties["in-reply-to"]),
		LikeOf:     to.cites(n.note.Properties["like-of"]),
		RepostOf:   to.cites(n.note.Properties["repost-of"]),
		BookmarkOf: to.cites(n.note.Properties["bookmark-of"]),
		ReadOf:     to.cites(n.note.Properties["read-of"]),
		Things:     things(n.note, to),
		ReadStatus: firstString(n.note, "read-status"),
		RSVP:       firstString(n.note, "rsvp"),
		Photo:      readMedia(n.note.Properties["photo"], n.row.Permalink, bundle),
		Video:      readMedia(n.note.Properties["video"], n.row.Permalink, bundle),
		Audio:      readMedia(n.note.Properties["audio"], n.row.Permalink, bundle),
		Location:   places(n.note.Properties["location"]),
		Checkin:    places(n.note.Properties["checkin"]),
		People:     people(n.note.Properties["category"]),
		Draft:      n.row.Status == store.StatusDraft,
		Future:     n.r.scheduled(n.note.Published),
		Unlisted:   n.row.Status == site.Unlisted,
	}
	for _, s := range n.note.Strings("syndication") {
		if s = safeURL(s); s != "" {
			m.Syndication = append(m.Syndication, s)
		}
	}
	for _, tag := range n.note.Category {
		link := theme.Link{Name: strings.TrimPrefix(strings.TrimSpace(tag), "#")}
		if a := site.TagAddress(tag); a != "" && n.row.Listed { // otherwise the tag has no list
			link.Path = site.EscapePath(site.TagList(a))
		}
		if link.Name != "" {
			m.Tags = append(m.Tags, link)
		}
	}
	m.Start, m.End = n.r.moments(firstString(n.note, "start"), firstString(n.note, "end"))
	return m
}

// moments reads the beginning and the end of an event. An end on the same day has no
// date, only a time.
func (r *Renderer) moments(start, end string) (s, e theme.Moment) {
	s, day := r.moment(start, "")
	e, _ = r.moment(end, day)
	return s, e
}

// moment reads a date with or without a time. The text does not repeat the date if it is
// day.
func (r *Renderer) moment(value, day string) (m theme.Moment, date string) {
	if value == "" {
		return theme.Moment{}, ""
	}
	t, ok := site.ParseTime(value, r.cfg.Location)
	if !ok {
		return theme.Moment{Text: value}, ""
	}
	date = t.Format("Monday 2 January 2006")
	m = theme.Moment{Value: strings.TrimSpace(value), Text: date}
	if !strings.Contains(value, ":") {
		return m, date
	}
	m.Text += t.Format(", 15:04")
	if strings.Count(m.Value, " ") > 1 { // HTML wants no space before the offset
		m.Value = t.Format(time.RFC3339)
	}
	if date == day {
		m.Text = t.Format("15:04")
	}
	return m, date
}

func firstString(n *site.Note, property string) string {
	if ss := n.Strings(property); len(ss) > 0 {
		return ss[0]
	}
	return ""
}

// readingMinutes returns the time to read a content, at 220 words a minute.
func readingMinutes(content string) int {
	words, between := 0, true
	for i := range len(content) {
		space := content[i] <= ' '
		if between && !space {
			words++
		}
		between = space
	}
	return max(1, (words+110)/220)
}

// safeURL returns an address that a link may have: an http or https URL, or a path
// of this site. For all others it returns "".
func safeURL(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		return ""
	}
	switch {
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "",
		u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/"):
		return u.String()
	}
	return ""
}

// citeOf reads an address, or an h-cite or another object.
func citeOf(v any) theme.Cite {
	c := theme.Cite{H: "cite"}
	switch v := v.(type) {
	case string:
		c.URL = safeURL(v)
	case map[string]any:
		c = theme.Cite{
			H: rootOf(v, "cite"), URL: safeURL(objectURL(v)), Name: site.First(v, "name"),
			Text: citedText(v), UID: site.First(v, "uid"),
		}
		properties, _ := v["properties"].(map[string]any)
		authors, _ := properties["author"].([]any)
		for _, author := range authors {
			if card := cardOf(author); card.Name != "" {
				c.Authors = append(c.Authors, card)
			}
		}
	}
	return c
}

// things reads the objects that a note is about besides its text, such as a book. A thing
// with neither a name nor an address gets its text as its name.
func things(n *site.Note, to cited) []theme.Thing {
	var ts []theme.Thing
	for _, t := range n.Things() {
		thing := theme.Thing{Property: t.Property, Verb: t.Verb, Cite: citeOf(t.Value)}
		if slices.Contains(site.Citing, t.Property) {
			if thing.Cite.URL = to.of(t.Value); thing.Cite.URL == "" && thing.Cite.Name == "" && to.isFile(t.Value) {
				continue // citedNotes reports that no published note has this file
			}
		}
		if thing.Cite.Name == "" && thing.Cite.URL == "" {
			_, isObject := t.Value.(map[string]any)
			thing.Cite.Name, thing.Plain = t.Name(), !isObject
			if thing.Cite.Text == thing.Cite.Name {
				thing.Cite.Text = ""
			}
		}
		ts = append(ts, thing)
	}
	return ts
}

// rootOf returns the microformats2 root of an object, without "h-".
func rootOf(object map[string]any, otherwise string) string {
	types, _ := object["type"].([]any)
	for _, t := range types {
		if root, ok := t.(string); ok {
			if root, ok = strings.CutPrefix(root, "h-"); ok && rootName.MatchString(root) {
				return root
			}
		}
	}
	return otherwise
}

var rootName = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// people returns the h-cards among the tags of a note.
func people(tags []any) []theme.Card {
	var cs []theme.Card
	for _, v := range tags {
		if _, ok := v.(map[string]any); !ok {
			continue
		}
		if card := cardOf(v); card.Name != "" {
			cs = append(cs, card)
		}
	}
	return cs
}

// cardOf reads an h-card, or a string that is its name or address. The card's name
// is empty if v has neither.
func cardOf(v any) theme.Card {
	var c theme.Card
	switch v := v.(type) {
	case string:
		if c.URL = safeURL(v); !strings.HasPrefix(c.URL, "http") {
			c = theme.Card{Name: v}
		}
	case map[string]any:
		c = theme.Card{Name: site.First(v, "name"), URL: safeURL(objectURL(v)), Photo: safeURL(site.First(v, "photo"))}
	}
	if c.Name == "" {
		c.Name = site.BareURL(c.URL)
	}
	return c
}

func objectURL(object map[string]any) string {
	return cmp.Or(site.First(object, "url"), site.First(object, "value"))
}

func citedText(object map[string]any) string {
	if s := site.First(object, "content"); s != "" {
		return s
	}
	if s := site.First(object, "summary"); s != "" {
		return s
	}
	properties, _ := object["properties"].(map[string]any)
	if contents, ok := properties["content"].([]any); ok && len(contents) > 0 {
		if c, ok := contents[0].(map[string]any); ok {
			s, _ := c["value"].(string)
			return s
		}
	}
	return ""
}

// places reads the values of location and checkin: h-cards, h-adrs, h-geos,
// geo URIs (RFC 5870), to which apps add a name and an address, or plain
// names.
func places(values []any) []theme.Place {
	var ps []theme.Place
	for _, v := range values {
		var p theme.Place
		switch v := v.(type) {
		case string:
			p = placeFromString(v)
		case map[string]any:
			p = theme.Place{
				H: rootOf(v, "card"), Name: site.First(v, "name"), URL: safeURL(site.First(v, "url")),
				Street: site.First(v, "street-address"), Locality: site.First(v, "locality"), Region: site.First(v, "region"),
				Postcode: site.First(v, "postal-code"), Country: site.First(v, "country-name"),
				Latitude: coordinate(v, "latitude"), Longitude: coordinate(v, "longitude"),
			}
		}
		if p != (theme.Place{H: p.H}) {
			ps = append(ps, p)
		}
	}
	return ps
}

func placeFromString(s string) theme.Place {
	geo, ok := strings.CutPrefix(s, "geo:")
	if !ok {
		if u := safeURL(s); strings.HasPrefix(u, "http") {
			return theme.Place{URL: u}
		}
		return theme.Place{Name: s}
	}
	geo, parameters, _ := strings.Cut(geo, ";")
	parts := strings.Split(geo, ",")
	if len(parts) < 2 {
		return theme.Place{}
	}
	p := theme.Place{H: "geo", Latitude: parts[0], Longitude: parts[1]}
	for parameter := range strings.SplitSeq(parameters, ";") {
		switch key, value, _ := strings.Cut(parameter, "="); key {
		case "name":
			p.Name = unescaped(value)
		case "url":
			p.URL = cmp.Or(safeURL(value), safeURL(unescaped(value)))
		}
	}
	if p.Name != "" || p.URL != "" {
		p.H = "card"
	}
	return p
}

// unescaped decodes a parameter of a geo URI (RFC 5870 §3.3). IndiePass does not
// encode it: then it returns s.
func unescaped(s string) string {
	if text, err := url.PathUnescape(s); err == nil {
		return text
	}
	return s
}

// coordinate reads a number, which clients send as a string or as a number.
func coordinate(object map[string]any, property string) string {
	properties, _ := object["properties"].(map[string]any)
	if list, ok := properties[property].([]any); ok && len(list) > 0 {
		switch v := list[0].(type) {
		case string:
			return v
		case json.Number:
			return v.String()
		}
	}
	return site.First(object, property)
}
