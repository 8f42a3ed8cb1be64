package link_test

import (
	"testing"

	"starpunk/site/store/internal/storetest"
	"starpunk/site/store/link"
)

func TestAKeyNamesTheFileThatALinkMeans(t *testing.T) {
	s := storetest.New(t)
	s.Post("tides.md", "2024-01-01")
	s.Post("thoughts/tides.md", "2024-02-02")
	s.Post("trip/index.md", "2024-01-03")
	s.Write("content/trip/chart.png", "a picture")
	st := s.Scanned()
	for _, test := range []struct{ rule, key, file, other string }{
		{"a path names a note", link.PathKey("thoughts/tides.md"), "thoughts/tides.md", ""},
		{"also without its extension", link.PathKey("thoughts/tides"), "thoughts/tides.md", ""},
		{"but not by another case", link.PathKey("thoughts/Tides"), "", ""},
		{"a folder names the note of a bundle", link.PathKey("trip/"), "trip/index.md", ""},
		{"a path names an attachment", link.PathKey("trip/chart.png"), "trip/chart.png", ""},
		{"a name alone names the file at that path", link.WikiKey("Tides"), "tides.md", ""},
		{"a name with a folder names the file there", link.WikiKey("thoughts/tides"), "thoughts/tides.md", ""},
		{"a name names an attachment anywhere", link.WikiKey("chart.png"), "trip/chart.png", ""},
		{"the name of a bundle is that of its folder", link.WikiKey("trip"), "trip/index.md", ""},
		{"an unknown name names nothing", link.WikiKey("ebb"), "", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			got, err := st.Links.Target(t.Context(), test.key)
			if err != nil || got.File != test.file || got.Other != test.other {
				t.Errorf("Target(%q) = %q, other %q, %v; want %q, other %q", test.key, got.File, got.Other, err, test.file, test.other)
			}
		})
	}
}

func TestANameOfSeveralFilesMeansTheShortestPath(t *testing.T) {
	s := storetest.New(t)
	s.Post("sea/tides.md", "2024-01-01")
	s.Post("thoughts/tides.md", "2024-02-02")
	got, err := s.Scanned().Links.Target(t.Context(), link.WikiKey("tides"))
	if err != nil || got.File != "sea/tides.md" || got.Other != "thoughts/tides.md" {
		t.Errorf("Target = %+v, %v; want sea/tides.md, with the other file", got, err)
	}
}
