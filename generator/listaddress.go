package generator

import (
	"regexp"
	"slices"
	"strings"

	"starpunk/site"
	"starpunk/site/store"
)

// fixedLists exist on every site, also on an empty one.
var fixedLists = []string{site.HomeList, site.FeedList, site.TagsList, site.MissingPage, site.RobotsFile, site.StyleSheet, site.FeedStyle, site.SitemapIndex, site.SitemapPages}

// listsOf returns the addresses of the lists, feeds and site maps that show a note: they
// are stale when the note appears, changes or disappears.
//
// This limits the cost of one note, for a site of any size. A note with t tags is on at
// most seven lists, and three more for each tag: front page, site feed, month, type, type
// and year, feed of the type, and the site map of the month; for each tag its page, its
// year and its feed. Three more lists show other lists and not notes, and are stale only
// when one of these appears or disappears (see namedBy). A list is one output, except the
// site feed, which is three. With its page and the pages of its two neighbours, a note
// writes at most 15 + 3t outputs. An edit that removes tags also writes their lists. If
// the configuration copies feeds to former addresses, at most twenty, the copies are
// further lists.
//
// No list has more notes than those of a month, or those with one tag or type in a year.
// A list of more than maxEntries notes has parts. A note changes one part, and if that is
// the last, only its notes are read; when a new part begins, every hundredth time, all
// parts change, because they link to each other. The notes are divided by time, so a new
// note never moves an old one to another page. Lists are made from the plan. Only the
// front page and the feeds read notes, as many as the configuration has (20 each), and
// each note once for all of them.
func (g *Generator) listsOf(r *store.Row) []string {
	if r.Kind == site.KindHome {
		return []string{site.HomeList}
	}
	if !r.HasPage {
		return nil
	}
	if !r.Listed {
		if r.Kind == site.KindPage && r.Status == site.Public {
			return []string{site.SitemapPages}
		}
		return nil
	}
	month := r.Published.Format("2006-01")
	year := month[:len("2006")]
	kind := site.TypeList(r.Type)
	lists := []string{
		site.HomeList, site.MonthList(month),
		kind, site.YearOf(kind, year), site.FeedOf(kind),
		site.SitemapOf(month),
	}
	if slices.Contains(g.cfg.Feed.Types, r.Type) {
		lists = append(lists, site.FeedList)
	}
	for _, tag := range tagAddresses(r.Tags) {
		list := site.TagList(tag)
		lists = append(lists, list, site.YearOf(list, year), site.FeedOf(list))
	}
	for _, list := range slices.Clone(lists) {
		lists = append(lists, g.cfg.FeedCopies(list)...)
	}
	return lists
}

// namedBy returns the address of the list that has a line for another list: the year for a
// month, the list of all tags, the map of site maps. It returns "" for all other lists.
func namedBy(l listAddress) string {
	switch l.kind {
	case monthList:
		return site.YearOf(site.HomeList, l.year)
	case tagList:
		return site.TagsList
	case sitemapShard:
		return site.SitemapIndex
	}
	return ""
}

// namesLists reports whether a list has lines for other lists: see namedBy.
func namesLists(l listAddress) bool {
	return l.kind == yearList || l.path == site.TagsList || l.path == site.SitemapIndex
}

// tagAddresses returns the distinct addresses of tags.
func tagAddresses(tags []string) []string {
	var addresses []string
	for _, tag := range tags {
		if a := site.TagAddress(tag); a != "" && !slices.Contains(addresses, a) {
			addresses = append(addresses, a)
		}
	}
	return addresses
}

// A listKind is the kind of a list.
type listKind int

const (
	noList listKind = iota
	fixedList
	yearList
	monthList
	tagList
	tagYearList
	tagFeed
	typeList
	typeYearList
	typeFeed
	sitemapShard
)

// A listAddress has the parts of the address of a list.
type listAddress struct {
	kind listKind
	path string
	name string // of a tag or type list: the tag's address or the post type
	year string // "2026"
	span string // of a month or shard: "2026-11"
}

var listPatterns = []struct {
	kind    listKind
	pattern *regexp.Regexp
}{
	{tagFeed, regexp.MustCompile(`^/tags/([^/]+)/feed\.xml$`)},
	{tagYearList, regexp.MustCompile(`^/tags/([^/]+)/(\d{4})/$`)},
	{tagList, regexp.MustCompile(`^/tags/([^/]+)/$`)},
	{sitemapShard, regexp.MustCompile(`^/sitemap-(\d{4}-\d{2})\.xml$`)},
	{monthList, regexp.MustCompile(`^/(\d{4}/\d{2})/$`)},
	{yearList, regexp.MustCompile(`^/(\d{4})/$`)},
	{typeFeed, regexp.MustCompile(`^/([a-z]+)/feed\.xml$`)},
	{typeYearList, regexp.MustCompile(`^/([a-z]+)/(\d{4})/$`)},
	{typeList, regexp.MustCompile(`^/([a-z]+)/$`)},
}

// parseList parses the address of a list. The kind is noList if it is not one.
func parseList(address string) listAddress {
	l := listAddress{path: address}
	if slices.Contains(fixedLists, address) {
		l.kind = fixedList
		return l
	}
	for _, p := range listPatterns {
		m := p.pattern.FindStringSubmatch(address)
		if m == nil {
			continue
		}
		l.kind, l.name = p.kind, m[1]
		if len(m) > 2 {
			l.year = m[2]
		}
		switch p.kind {
		case yearList:
			l.year = m[1]
		case monthList, sitemapShard:
			l.span = strings.Replace(m[1], "/", "-", 1)
			l.year = l.span[:4]
		case typeList, typeYearList, typeFeed:
			if l.name = postType(m[1]); l.name == "" {
				l.kind = noList
			}
		}
		return l
	}
	return l
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
