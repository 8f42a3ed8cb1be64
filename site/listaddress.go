package site

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// Addresses of the lists and files that every site has, not percent-encoded. The
// index has one row for each, also for [HomeList]. [AtomFeed] and [JSONFeed] are
// further formats of [FeedList], and outputs of its row.
const (
	HomeList     = "/"
	FeedList     = "/" + feedFile
	AtomFeed     = "/feed.atom"
	JSONFeed     = "/feed.json"
	TagsList     = "/tags/"
	MissingPage  = "/404.html"
	RobotsFile   = "/robots.txt"
	StyleSheet   = "/style.css"
	FeedStyle    = "/feed.css"
	SitemapIndex = "/sitemap.xml"
	SitemapPages = "/sitemap-pages.xml"
)

const feedFile = "feed.xml"

// TagList returns the address of the list of a tag, for its [TagAddress]: "/tags/go/".
func TagList(tag string) string { return TagsList + tag + "/" }

// TypeList returns the address of the list of a post type: "/notes/".
func TypeList(postType string) string { return "/" + PostTypePlural(postType) + "/" }

// YearOf returns the address of one year of a list: "/2026/" for [HomeList],
// "/tags/go/2026/" for "/tags/go/".
func YearOf(list, year string) string { return list + year + "/" }

// MonthList returns the address of the list of a month, such as "2026-11":
// "/2026/11/".
func MonthList(month string) string { return "/" + strings.Replace(month, "-", "/", 1) + "/" }

// SitemapOf returns the address of the site map of a month, such as "2026-11":
// "/sitemap-2026-11.xml".
func SitemapOf(month string) string { return "/sitemap-" + month + ".xml" }

// FeedOf returns the address of the feed of a list: [FeedList] for [HomeList],
// "/tags/go/feed.xml" for "/tags/go/".
func FeedOf(list string) string { return list + feedFile }

// ListOfFeed is the inverse of [FeedOf].
func ListOfFeed(feed string) string { return strings.TrimSuffix(feed, feedFile) }

// IsFeed reports whether an address is that of a feed in its main format.
func IsFeed(address string) bool { return strings.HasSuffix(address, "/"+feedFile) }

// MainFeed returns the address of the feed of which an address is a further format:
// [FeedList] for [AtomFeed]. ok is false for any other address.
func MainFeed(address string) (feed string, ok bool) {
	dir, name := path.Split(address)
	if name != path.Base(AtomFeed) && name != path.Base(JSONFeed) {
		return "", false
	}
	return FeedOf(dir), true
}

// ownFeed matches the feeds of a site: those of all notes, of a tag, of a type.
var ownFeed = lazyRegexp(`^/(?:feed\.(?:xml|atom|json)|tags/[^/]+/feed\.xml|([a-z]+)/feed\.xml)$`)

// feedOfTarget returns the main format of the feed that is the target of a redirect;
// "" for any other target.
func feedOfTarget(to string) string {
	feed, err := url.PathUnescape(to)
	m := ownFeed().FindStringSubmatch(feed)
	if err != nil || m == nil || m[1] != "" && !slices.ContainsFunc(PostTypes, func(t string) bool { return PostTypePlural(t) == m[1] }) {
		return ""
	}
	if main, ok := MainFeed(feed); ok {
		return main
	}
	return feed
}
