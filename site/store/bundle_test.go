package store_test

import (
	"os"
	"path/filepath"
	"testing"
)

func TestABundlePublishesTheFilesBesideIt(t *testing.T) {
	s := newSite(t)
	s.extra = "[content]\nignore = [\"trip/*.psd\", \"trip/raw/**\"]\n"
	s.post("trip/index.md", "2024-09-02")
	for _, file := range []string{
		"sea.jpg", "data/track.gpx", "data/deep/x.txt", ".hidden.jpg", "_private.jpg", "sea.jpg~", ".git/config", "_notes/x.txt",
		"harbour.psd", "raw/sea.raw",
		"day-2/photo.jpg", // belongs to a note of its own
	} {
		s.write("content/trip/"+file, "data")
	}
	s.post("trip/day-2/index.md", "2024-09-03")
	s.post("trip/other.md", "2024-09-04")
	st := s.scanned()
	dir, names := st.BundleFiles("trip/index.md")
	if dir != s.path("content/trip") {
		t.Errorf("BundleFiles gave the folder %s", dir)
	}
	sameStrings(t, "files of the bundle", names, filepath.Join("data", "deep", "x.txt"), filepath.Join("data", "track.gpx"), "sea.jpg")
	for _, file := range []string{"trip/other.md", "index.md", "none.md"} {
		if dir, names := st.BundleFiles(file); dir != "" || names != nil {
			t.Errorf("BundleFiles(%q) = %q, %q; it is not a bundle", file, dir, names)
		}
	}
}

func TestABundleIsPendingWhenAFileBesideItChanged(t *testing.T) {
	tests := []struct {
		name    string
		change  func(s *testSite)
		pending []string
	}{
		{"nothing", func(*testSite) {}, nil},
		{"a new file", func(s *testSite) { s.write("content/trip/new.jpg", "new") }, []string{"trip/index.md"}},
		{"a changed file", func(s *testSite) { s.write("content/trip/sea.jpg", "changed") }, []string{"trip/index.md"}},
		{"another file of the same size and time", func(s *testSite) {
			const name = "content/trip/sea.jpg"
			info, err := os.Stat(s.path(name))
			if err != nil {
				s.t.Fatal(err)
			}
			s.write("content/trip/.new", "b picture")
			if err := os.Chtimes(s.path("content/trip/.new"), info.ModTime(), info.ModTime()); err != nil {
				s.t.Fatal(err)
			}
			s.rename("content/trip/.new", name)
		}, []string{"trip/index.md"}},
		{"a removed file", func(s *testSite) { s.remove("content/trip/sea.jpg") }, []string{"trip/index.md"}},
		{"a renamed file", func(s *testSite) { s.rename("content/trip/sea.jpg", "content/trip/lake.jpg") }, []string{"trip/index.md"}},
		{"a file deeper down", func(s *testSite) { s.write("content/trip/data/x", "x") }, []string{"trip/index.md"}},
		{"a hidden file", func(s *testSite) { s.write("content/trip/.DS_Store", "x") }, nil},
		{"a file beside the front page", func(s *testSite) { s.write("content/x.jpg", "x") }, nil},
	}
	shared := newSite(t)
	st := shared.open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.again(t, st)
			s.post("trip/index.md", "2024-09-02")
			s.write("content/trip/sea.jpg", "a picture")
			s.write("content/index.md", "Welcome.\n")
			s.scan(st)
			s.build(st)
			test.change(s)
			s.scan(st)
			sameStrings(t, "pending", filesOf(s.pending(st)), test.pending...)
		})
	}
}
