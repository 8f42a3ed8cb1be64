package feed

import "testing"

func TestAnItemHasItsFirstAddressAsIDUnlessThatIsAnothers(t *testing.T) {
	var f Feed
	f.SetItems([]Item{
		{ID: "/a", URL: "/a", rss: "made"},
		{ID: "/old", URL: "/b", rss: "made"},
		{ID: "/a", URL: "/c", rss: "made"},
		{ID: "/old", URL: "/d", rss: "made"},
	})
	for i, want := range []Item{
		{ID: "/a", rss: "made"}, {ID: "/old", rss: "made"}, {ID: "/c"}, {ID: "/d"},
	} {
		if got := f.Items[i]; got.ID != want.ID || got.rss != want.rss {
			t.Errorf("item %d has the ID %s and the RSS %q, want %s and %q", i, got.ID, got.rss, want.ID, want.rss)
		}
	}
}
