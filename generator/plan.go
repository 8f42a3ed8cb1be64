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
// with t tags stands on at most ten lists and three for each tag: front page,
// site feed, year, month, type, type and year, feed of the type, site map and
// its shard, all tags; and for each tag its page, its year and its feed. A list
// is one output, but the site feed, which is three. With the page itself and
// those of the two notes beside it in time, one note writes at most 15 + 3t
// outputs, whatever the number of other notes; an edit that takes tags away
// writes their lists too.
//
// None of the lists is longer than what was posted in a month, or with one tag
// or type in a year. A longer one has parts, of which a note changes one; only
// when it begins a new part, every hundredth time, do the others change, which
// name the parts. History is divided by time, so that a new note never shifts
// old ones from page to page. Lists are made from the index alone. Only the
// front page and the feeds read notes, twenty each at the most, and each note
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
			return []string{sitemapIndex, sitemapPages}
		}
		return nil
	}
	year, month := r.Published.Format("/2006/"), r.Published.Format("/2006/01/")
	kind := "/" + site.PostTypePlural(r.Type)
	lists := []string{
		homeList, year, month,
		kind + "/", kind + year, kind + feedList,
		sitemapIndex, r.Published.Format("/sitemap-2006-01.xml"),
	}
	if slices.Contains(g.cfg.Feed.Types, r.Type) {
		lists = append(lists, feedList)
	}
	for i, tag := range tagAddresses(r.Tags) {
		if i == 0 {
			lists = append(lists, tagsList)
		}
		at := "/tags/" + tag
		lists = append(lists, at+"/", at+year, at+feedList)
	}
	return lists
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
