package generator

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"starpunk/generator/output"
	"starpunk/site"
	"starpunk/site/store"

	"golang.org/x/text/unicode/norm"
)

// A bundle is a folder with a note in index.md. [store.Builder.BundleFiles] decides which of
// its other files belong to it. Each is published below the permalink of the note, under
// its name in Unicode form NFC, if three conditions are met: the note has a page, its
// permalink ends in "/", and no other file of the bundle has the same name in that form.
// The hash of the row includes these files: a change of one makes the note stale.

// A bundleFile is a file that a bundle publishes below the permalink of its note.
type bundleFile struct {
	source string // on this system
	output string // below the output folder, with slashes
}

// bundle returns the files of the bundle of a row; none if the row has no bundle.
func (g *Generator) bundle(row *store.Row) []bundleFile {
	files, _ := g.bundleAndTwins(row)
	return files
}

// bundleAndTwins returns the files of a bundle, and the names of its files that are not
// published, because another name differs only by its Unicode form.
func (g *Generator) bundleAndTwins(row *store.Row) (files []bundleFile, twins []string) {
	if !strings.HasSuffix(row.Permalink, "/") {
		return nil, nil
	}
	dir, names := g.store.BundleFiles(row.File)
	taken := map[string]bool{site.OutputFile(row.Permalink): true}
	for _, composed := range []bool{true, false} { // a name that is the address takes precedence
		for _, name := range names {
			if norm.NFC.IsNormalString(name) != composed {
				continue
			}
			output := path.Join(strings.TrimPrefix(row.Permalink, "/"), norm.NFC.String(filepath.ToSlash(name)))
			switch {
			case !taken[output]:
				files = append(files, bundleFile{filepath.Join(dir, name), output})
			case output != site.OutputFile(row.Permalink):
				twins = append(twins, name)
			}
			taken[output] = true
		}
	}
	return files, twins
}

// writeBundle copies the files of a bundle and returns their outputs. A static file takes
// precedence.
func (g *Generator) writeBundle(ctx context.Context, row *store.Row, page *renderedPage) (outputs []string, err error) {
	for _, f := range page.bundle {
		by, err := g.store.Outputs.Covered(ctx, f.output)
		if by == "" && err == nil {
			by, err = g.put(ctx, f.output, false, func() error { return g.out.Copy(f.output, f.source) })
		}
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, output.ErrSource) {
			continue // it was removed, or the store reports why it is skipped; its folder is scanned again
		}
		if err != nil {
			return nil, fmt.Errorf("bundle content/%s: %w", row.File, err)
		}
		if by != "" {
			page.Warnings = append(page.Warnings, fmt.Sprintf("content/%s:1: the address of its file /%s belongs to %s", row.File, f.output, by))
			continue
		}
		outputs = append(outputs, f.output)
	}
	return outputs, nil
}

// inBundle returns a function that returns the address of a file below content/ in the
// bundle of a note; "" if the bundle does not have it.
func (g *Generator) inBundle(ctx context.Context) func(note, file string) (string, error) {
	return func(note, file string) (string, error) {
		row, err := g.store.ByFile(ctx, note)
		if err != nil || row == nil || !row.HasPage {
			return "", err
		}
		for _, f := range g.bundle(row) {
			if f.source == filepath.Join(g.cfg.ContentDir(), filepath.FromSlash(file)) {
				return (&url.URL{Path: "/" + f.output}).String(), nil
			}
		}
		return "", nil
	}
}

// A bundlePaths is a function that returns the file of a bundle at a path of the site.
type bundlePaths func(path string) (file string, ok bool)

// bundlePaths returns the function for the bundle of a row. It reads the folder at its
// first call.
func (g *Generator) bundlePaths(row *store.Row) bundlePaths {
	var files map[string]string
	return func(path string) (string, bool) {
		if files == nil {
			files = map[string]string{}
			for _, f := range g.bundle(row) {
				files["/"+f.output] = f.source
			}
		}
		file, ok := files[norm.NFC.String(path)]
		return file, ok
	}
}
