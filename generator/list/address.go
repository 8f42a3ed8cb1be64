package list

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"starpunk/site"
)

// A Kind is the kind of a list.
type Kind int

// The kinds of lists.
const (
	None     Kind = iota // not a list
	Fixed                // a list of every site: see OfEverySite
	Year                 // the months of a year
	Month                // the notes of a month
	Tag                  // the newest notes with a tag
	TagYear              // the notes with a tag in a year
	TagFeed              // the feed of a tag
	Type                 // the newest notes of a post type
	TypeYear             // the notes of a post type in a year
	TypeFeed             // the feed of a post type
	Sitemap              // the site map of the notes of a month
)

// An Address has the parts of the address of a list.
type Address struct {
	Kind  Kind
	Path  string // the whole address
	Name  string // of a list of a tag or type: the tag's address or the post type
	Year  string // "2026"
	Month string // of a month or its site map: "2026-11"
}

var patterns = []struct {
	kind    Kind
	pattern *regexp.Regexp
}{
	{TagFeed, regexp.MustCompile(`^/tags/([^/]+)/feed\.xml$`)},
	{TagYear, regexp.MustCompile(`^/tags/([^/]+)/(\d{4})/$`)},
	{Tag, regexp.MustCompile(`^/tags/([^/]+)/$`)},
	{Sitemap, regexp.MustCompile(`^/sitemap-(\d{4}-\d{2})\.xml$`)},
	{Month, regexp.MustCompile(`^/(\d{4}/\d{2})/$`)},
	{Year, regexp.MustCompile(`^/(\d{4})/$`)},
	{TypeFeed, regexp.MustCompile(`^/([a-z]+)/feed\.xml$`)},
	{TypeYear, regexp.MustCompile(`^/([a-z]+)/(\d{4})/$`)},
	{Type, regexp.MustCompile(`^/([a-z]+)/$`)},
}

// Parse parses the address of a list. For another address, Kind has the value None.
func Parse(address string) Address {
	l := Address{Path: address}
	if slices.Contains(ofEverySite, address) {
		l.Kind = Fixed
		return l
	}
	for _, p := range patterns {
		m := p.pattern.FindStringSubmatch(address)
		if m == nil {
			continue
		}
		l.Kind, l.Name = p.kind, m[1]
		if len(m) > 2 {
			l.Year = m[2]
		}
		switch p.kind {
		case Year:
			l.Year = m[1]
		case Month, Sitemap:
			l.Month = strings.Replace(m[1], "/", "-", 1)
			l.Year = l.Month[:4]
		case Type, TypeYear, TypeFeed:
			if l.Name = postType(m[1]); l.Name == "" {
				l.Kind = None
			}
		}
		return l
	}
	return l
}

// NamedBy returns the address of the list that has a line for another list: the year for a
// month, the list of all tags, the map of site maps. It returns "" for all other lists.
func (a Address) NamedBy() string {
	switch a.Kind {
	case Month:
		return site.YearOf(site.HomeList, a.Year)
	case Tag:
		return site.TagsList
	case Sitemap:
		return site.SitemapIndex
	}
	return ""
}

// NamesLists reports whether a list has lines for other lists: see [Address.NamedBy].
func (a Address) NamesLists() bool {
	return a.Kind == Year || a.Path == site.TagsList || a.Path == site.SitemapIndex
}

// IsFile reports whether an address is that of a feed, a site map or another file that the
// generator makes of lists, now or later.
func IsFile(address string) bool {
	switch Parse(address).Kind {
	case Fixed, TagFeed, TypeFeed, Sitemap:
		return path.Ext(address) != ""
	}
	return address == site.AtomFeed || address == site.JSONFeed
}

// postType returns the post type with a plural: it is the inverse of [site.PostTypePlural].
func postType(plural string) string {
	for _, t := range site.PostTypes {
		if site.PostTypePlural(t) == plural {
			return t
		}
	}
	return ""
}
