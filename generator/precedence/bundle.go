package precedence

import (
	"context"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"starpunk/site"
	"starpunk/site/store"

	"golang.org/x/text/unicode/norm"
)

// A bundle is a folder with a note in index.md. [store.Builder.BundleFiles] decides which of
// its other files belong to it. Each is published below the permalink of the note, under
// its name in Unicode form NFC, if three conditions are met: the note has a page, its
// permalink ends in "/", and no other file of the bundle has the same name in that form.
// The hash of the row includes these files: a change of one makes the note stale.

// A BundleFile is a file that a bundle publishes below the permalink of its note.
type BundleFile struct {
	Source string // on this system
	Output string // below the output folder, with slashes
}

// Bundle returns the files of the bundle of a row; none if the row has no bundle.
func (s *Sources) Bundle(row *store.Row) []BundleFile {
	files, _ := s.BundleAndTwins(row)
	return files
}

// BundleAndTwins returns the files of a bundle, and the names of its files that are not
// published, because another file has the same name in another Unicode form.
func (s *Sources) BundleAndTwins(row *store.Row) (files []BundleFile, twins []string) {
	if !strings.HasSuffix(row.Permalink, "/") {
		return nil, nil
	}
	dir, names := s.store.BundleFiles(row.File)
	taken := map[string]bool{site.OutputFile(row.Permalink): true}
	for _, composed := range []bool{true, false} { // a name that is the address takes precedence
		for _, name := range names {
			if norm.NFC.IsNormalString(name) != composed {
				continue
			}
			output := path.Join(strings.TrimPrefix(row.Permalink, "/"), norm.NFC.String(filepath.ToSlash(name)))
			switch {
			case !taken[output]:
				files = append(files, BundleFile{filepath.Join(dir, name), output})
			case output != site.OutputFile(row.Permalink):
				twins = append(twins, name)
			}
			taken[output] = true
		}
	}
	return files, twins
}

// InBundle returns a function that returns the address of a file below content/ in the
// bundle of a note; "" if the bundle does not have it.
func (s *Sources) InBundle(ctx context.Context) func(note, file string) (string, error) {
	return func(note, file string) (string, error) {
		row, err := s.store.ByFile(ctx, note)
		if err != nil || row == nil || !row.HasPage {
			return "", err
		}
		for _, f := range s.Bundle(row) {
			if f.Source == filepath.Join(s.cfg.ContentDir(), filepath.FromSlash(file)) {
				return (&url.URL{Path: "/" + f.Output}).String(), nil
			}
		}
		return "", nil
	}
}

// A BundlePaths is a function that returns the file of a bundle at a path of the site.
type BundlePaths func(path string) (file string, ok bool)

// BundlePaths returns the function for the bundle of a row. It reads the folder at its
// first call.
func (s *Sources) BundlePaths(row *store.Row) BundlePaths {
	var files map[string]string
	return func(path string) (string, bool) {
		if files == nil {
			files = map[string]string{}
			for _, f := range s.Bundle(row) {
				files["/"+f.Output] = f.Source
			}
		}
		file, ok := files[norm.NFC.String(path)]
		return file, ok
	}
}
