package list

import (
	"testing"

	"starpunk/site"
)

func TestAddressesOfListsAreParsed(t *testing.T) {
	for address, kind := range map[string]Kind{
		site.YearOf(site.HomeList, "2026"):         Year,
		site.MonthList("2026-11"):                  Month,
		site.SitemapOf("2026-11"):                  Sitemap,
		site.TagList("go"):                         Tag,
		site.YearOf(site.TagList("go"), "2026"):    TagYear,
		site.FeedOf(site.TagList("go")):            TagFeed,
		site.TypeList("reply"):                     Type,
		site.YearOf(site.TypeList("note"), "2026"): TypeYear,
		site.FeedOf(site.TypeList("photo")):        TypeFeed,
		"/about/":                                  None,
	} {
		if got := Parse(address).Kind; got != kind {
			t.Errorf("the kind of %s is %d, want %d", address, got, kind)
		}
	}
	for _, address := range OfEverySite() {
		if got := Parse(address).Kind; got != Fixed {
			t.Errorf("the kind of %s is %d, want %d", address, got, Fixed)
		}
	}
}
