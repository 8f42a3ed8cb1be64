package generator

import (
	"regexp"
	"slices"
	"strings"

	"starpunk/site"
	"starpunk/site/store"
)

// Lists that stand for the whole site.
const (
	homeList     = "/"
	feedList     = "/feed.xml" // atomFeed and jsonFeed are outputs of the same list
	atomFeed     = "/feed.atom"
	jsonFeed     = "/feed.json"
	tagsList     = "/tags/"
	missingPage  = "/404.html"
	robotsList   = "/robots.txt"
	styleList    = "/style.css"
	feedStyle    = "/feed.css"
	sitemapIndex = "/sitemap.xml"
	sitemapPages = "/sitemap-pages.xml"
)

// fixedLists exist on every site, also on an empty one.
var fixedLists = []string{homeList, feedList, tagsList, missingPage, robotsList, styleList, feedStyle, sitemapIndex, sitemapPages}

// listsOf names the lists, feeds and site maps that show a note, so that they
// are to be written again when it comes, changes or goes.
//
// That is the whole incremental plan, and its bound can be read off it. A note
// with t tags stands on at most seven lists and three for each tag: front page,
// site feed, month, type, type and year, feed of the type, and its shard of the
// site map; and for each tag its page, its year and its feed. Three more name
// lists and not notes, and are written again only when one of those comes or
// goes (see namedBy). A list is one output, but the site feed, which is three.
// Where the configuration has feeds copied to former addresses, of which there are
// at most twenty, these copies are further lists. With the page itself and those of the two notes beside it in time, one note
// writes at most 15 + 3t outputs, whatever the number of other notes; an edit
// that takes tags away writes their lists too.
//
// None of the lists is longer than what was posted in a month, or with one tag
// or type in a year. A longer one has parts, of which a note changes one, and
// if that is the last, no more than its rows is read; only when it begins a new
// part, every hundredth time, do the others change, which name the parts.
// History is divided by time, so that a new note never shifts old ones from page
// to page. Lists are made from the index alone. Only the front page and the
// feeds read notes, as many as the configuration says (twenty each), and each note
// once for all of them.
func (g *Generator) listsOf(r *store.Row) []string {
	if r.Kind == site.KindHome {
		return []string{homeList}
	}
	if !r.HasPage {
		return nil
	}
	if !r.Listed {
		if r.Kind == site.KindPage && r.Status == site.Public {
			return []string{sitemapPages}
		}
		return nil
	}
	year, month := r.Published.Format("/2006/"), r.Published.Format("/2006/01/")
	kind := "/" + site.PostTypePlural(r.Type)
	lists := []string{
		homeList, month,
		kind + "/", kind + year, kind + feedList,
		r.Published.Format("/sitemap-2006-01.xml"),
	}
	if slices.Contains(g.cfg.Feed.Types, r.Type) {
		lists = append(lists, feedList)
	}
	for _, tag := range tagAddresses(r.Tags) {
		at := "/tags/" + tag
		lists = append(lists, at+"/", at+year, at+feedList)
	}
	for _, list := range slices.Clone(lists) {
		lists = append(lists, g.cfg.FeedCopies(list)...)
	}
	return lists
}

// namedBy is the address of the list that has a line for another list: a year
// for its months, the list of all tags, the map of site maps. It is "" for all
// others.
func namedBy(l listAddress) string {
	switch l.kind {
	case monthList:
		return "/" + l.year + "/"
	case tagList:
		return tagsList
	case sitemapShard:
		return sitemapIndex
	}
	return ""
}

// naming says whether a list has lines for other lists, as namedBy tells.
func namesLists(l listAddress) bool {
	return l.kind == yearList || l.path == tagsList || l.path == sitemapIndex
}

// tagAddresses are the distinct addresses of tags.
func tagAddresses(tags []string) []string {
	var addresses []string
	for _, tag := range tags {
		if a := site.TagAddress(tag); a != "" && !slices.Contains(addresses, a) {
			addresses = append(addresses, a)
		}
	}
	return addresses
}

// A listKind says what stands at the address of a list.
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

// A listAddress is the address of a list, taken apart.
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

// parseList takes the address of a list apart. The kind is noList for what is
// no list's address.
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

// postType is the inverse of [site.PostTypePlural].
func postType(plural string) string {
	for _, t := range site.PostTypes {
		if site.PostTypePlural(t) == plural {
			return t
		}
	}
	return ""
}
