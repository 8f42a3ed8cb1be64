package generator

import (
	"testing"

	"starpunk/site"
)

func TestAddressesOfListsAreParsed(t *testing.T) {
	for address, kind := range map[string]listKind{
		site.YearOf(site.HomeList, "2026"):         yearList,
		site.MonthList("2026-11"):                  monthList,
		site.SitemapOf("2026-11"):                  sitemapShard,
		site.TagList("go"):                         tagList,
		site.YearOf(site.TagList("go"), "2026"):    tagYearList,
		site.FeedOf(site.TagList("go")):            tagFeed,
		site.TypeList("reply"):                     typeList,
		site.YearOf(site.TypeList("note"), "2026"): typeYearList,
		site.FeedOf(site.TypeList("photo")):        typeFeed,
		"/about/":                                  noList,
	} {
		if got := parseList(address).kind; got != kind {
			t.Errorf("the kind of %s is %d, want %d", address, got, kind)
		}
	}
	for _, address := range fixedLists {
		if got := parseList(address).kind; got != fixedList {
			t.Errorf("the kind of %s is %d, want %d", address, got, fixedList)
		}
	}
}
