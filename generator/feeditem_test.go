package generator

import "testing"

func TestAnItemIsKnownByItsFirstAddressUnlessThatIsAnothers(t *testing.T) {
	items := []feedItem{
		{id: "/a", url: "/a", rss: "made"},
		{id: "/old", url: "/b", rss: "made"},
		{id: "/a", url: "/c", rss: "made"},
		{id: "/old", url: "/d", rss: "made"},
	}
	settleIDs(items)
	for i, want := range []feedItem{
		{id: "/a", rss: "made"}, {id: "/old", rss: "made"}, {id: "/c"}, {id: "/d"},
	} {
		if items[i].id != want.id || items[i].rss != want.rss {
			t.Errorf("item %d has the id %s and the RSS %q, want %s and %q", i, items[i].id, items[i].rss, want.id, want.rss)
		}
	}
}
