package content_test

import (
	"os"
	"path/filepath"
	"testing"

	"starpunk/site/store/internal/storetest"
)

func TestABundlePublishesTheFilesBesideIt(t *testing.T) {
	s := storetest.New(t)
	s.Extra = "[content]\nignore = [\"trip/*.psd\", \"trip/raw/**\"]\n"
	s.Post("trip/index.md", "2024-09-02")
	for _, file := range []string{
		"sea.jpg", "data/track.gpx", "data/deep/x.txt", ".hidden.jpg", "_private.jpg", "sea.jpg~", ".git/config", "_notes/x.txt",
		"harbour.psd", "raw/sea.raw",
		"day-2/photo.jpg", // belongs to a note of its own
	} {
		s.Write("content/trip/"+file, "data")
	}
	s.Post("trip/day-2/index.md", "2024-09-03")
	s.Post("trip/other.md", "2024-09-04")
	st := s.Scanned()
	dir, names := st.BundleFiles("trip/index.md")
	if dir != s.Path("content/trip") {
		t.Errorf("BundleFiles gave the folder %s", dir)
	}
	storetest.SameStrings(t, "files of the bundle", names, filepath.Join("data", "deep", "x.txt"), filepath.Join("data", "track.gpx"), "sea.jpg")
	for _, file := range []string{"trip/other.md", "index.md", "none.md"} {
		if dir, names := st.BundleFiles(file); dir != "" || names != nil {
			t.Errorf("BundleFiles(%q) = %q, %q; it is not a bundle", file, dir, names)
		}
	}
}

func TestABundleIsPendingWhenAFileBesideItChanged(t *testing.T) {
	tests := []struct {
		name    string
		change  func(s *storetest.Site)
		pending []string
	}{
		{"nothing", func(*storetest.Site) {}, nil},
		{"a new file", func(s *storetest.Site) { s.Write("content/trip/new.jpg", "new") }, []string{"trip/index.md"}},
		{"a changed file", func(s *storetest.Site) { s.Write("content/trip/sea.jpg", "changed") }, []string{"trip/index.md"}},
		{"another file of the same size and time", func(s *storetest.Site) {
			const name = "content/trip/sea.jpg"
			info, err := os.Stat(s.Path(name))
			if err != nil {
				s.T.Fatal(err)
			}
			s.Write("content/trip/.new", "b picture")
			if err := os.Chtimes(s.Path("content/trip/.new"), info.ModTime(), info.ModTime()); err != nil {
				s.T.Fatal(err)
			}
			s.Rename("content/trip/.new", name)
		}, []string{"trip/index.md"}},
		{"a removed file", func(s *storetest.Site) { s.Remove("content/trip/sea.jpg") }, []string{"trip/index.md"}},
		{"a renamed file", func(s *storetest.Site) { s.Rename("content/trip/sea.jpg", "content/trip/lake.jpg") }, []string{"trip/index.md"}},
		{"a file deeper down", func(s *storetest.Site) { s.Write("content/trip/data/x", "x") }, []string{"trip/index.md"}},
		{"a hidden file", func(s *storetest.Site) { s.Write("content/trip/.DS_Store", "x") }, nil},
		{"a file beside the front page", func(s *storetest.Site) { s.Write("content/x.jpg", "x") }, nil},
	}
	shared := storetest.New(t)
	st := shared.Open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.Again(t, st)
			s.Post("trip/index.md", "2024-09-02")
			s.Write("content/trip/sea.jpg", "a picture")
			s.Write("content/index.md", "Welcome.\n")
			s.Scan(st)
			s.Build(st)
			test.change(s)
			s.Scan(st)
			storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), test.pending...)
		})
	}
}
