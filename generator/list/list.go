package list

import (
	"slices"

	"starpunk/site"
	"starpunk/site/store"
)

// ofEverySite are the lists that exist on every site, also on an empty one.
var ofEverySite = []string{site.HomeList, site.FeedList, site.TagsList, site.MissingPage, site.RobotsFile, site.StyleSheet, site.FeedStyle, site.SitemapIndex, site.SitemapPages}

// OfEverySite returns the addresses of the lists that exist on every site, also on an empty
// one.
func OfEverySite() []string { return slices.Clone(ofEverySite) }

// Of returns the addresses of the lists, feeds and site maps that show a note: they
// are stale when the note appears, changes or disappears.
//
// This limits the cost of one note, for a site of any size. A note with t tags is on at
// most seven lists, and three more for each tag: front page, site feed, month, type, type
// and year, feed of the type, and the site map of the month; for each tag its page, its
// year and its feed. Three more lists show other lists and not notes, and are stale only
// when one of these appears or disappears (see [Address.NamedBy]). A list is one output, except the
// site feed, which is three. With its page and the pages of its two neighbours, a note
// writes at most 15 + 3t outputs. An edit that removes tags also writes their lists. If
// the configuration copies feeds to former addresses, at most twenty, the copies are
// further lists.
//
// No list has more notes than those of a month, or those with one tag or type in a year.
// A list of more than a hundred notes has parts. A note changes one part, and if that is
// the last, only its notes are read; when a new part begins, every hundredth time, all
// parts change, because they link to each other. The notes are divided by time, so a new
// note never moves an old one to another page. Lists are made from the plan. Only the
// front page and the feeds read notes, as many as the configuration has (20 each), and
// each note once for all of them.
func Of(cfg *site.Config, r *store.Row) []string {
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
	if slices.Contains(cfg.Feed.Types, r.Type) {
		lists = append(lists, site.FeedList)
	}
	for _, tag := range tagAddresses(r.Tags) {
		list := site.TagList(tag)
		lists = append(lists, list, site.YearOf(list, year), site.FeedOf(list))
	}
	for _, list := range slices.Clone(lists) {
		lists = append(lists, cfg.FeedCopies(list)...)
	}
	return lists
}

// OfTag returns the addresses of all lists of a tag, which show its spelling. years are the
// years with notes of the tag.
func OfTag(cfg *site.Config, tag string, years []string) []string {
	list := site.TagList(tag)
	feed := site.FeedOf(list)
	lists := append([]string{list, feed}, cfg.FeedCopies(feed)...)
	for _, year := range years {
		lists = append(lists, site.YearOf(list, year))
	}
	return lists
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
