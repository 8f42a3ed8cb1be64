package site

import "testing"

func TestAddressesOfLists(t *testing.T) {
	for got, want := range map[string]string{
		TagList(TagAddress("C++")):       "/tags/cplusplus/",
		TypeList("reply"):                "/replies/",
		YearOf(HomeList, "2026"):         "/2026/",
		YearOf(TagList("go"), "2026"):    "/tags/go/2026/",
		MonthList("2026-11"):             "/2026/11/",
		SitemapOf("2026-11"):             "/sitemap-2026-11.xml",
		FeedOf(HomeList):                 FeedList,
		FeedOf(TagList("go")):            "/tags/go/feed.xml",
		ListOfFeed(FeedOf(TagList("a"))): "/tags/a/",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for address, want := range map[string]string{AtomFeed: FeedList, JSONFeed: FeedList, FeedList: "", "/a/feed.atom": "/a/feed.xml", TagsList: ""} {
		if feed, ok := MainFeed(address); feed != want || ok != (want != "") {
			t.Errorf("MainFeed(%q) = %q, %v, want %q", address, feed, ok, want)
		}
	}
}

// The files that every site has take precedence over notes.
func TestFilesOfEverySiteAreItsOwn(t *testing.T) {
	for _, file := range []string{FeedList, AtomFeed, JSONFeed, MissingPage, RobotsFile, StyleSheet, FeedStyle, SitemapIndex, SitemapPages, SitemapOf("2026-11")} {
		if own := OwnFile(file + "/x/"); own != file {
			t.Errorf("OwnFile of a page below %s is %q", file, own)
		}
	}
}
