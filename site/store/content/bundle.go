package content

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"starpunk/site"
	"starpunk/site/store/durable"
	"starpunk/site/store/filestamp"
)

// IsBundle reports whether a note's folder belongs to it. content/index.md is not a bundle:
// otherwise the whole site would be one.
func IsBundle(file string) bool {
	base := path.Base(file)
	return strings.TrimSuffix(base, path.Ext(base)) == "index" && strings.Contains(strings.TrimPrefix(file, site.TrashDir+"/"), "/")
}

// BundleFiles returns the files that a bundle in content/dir publishes beside its page,
// relative to dir: regular files that are not notes, also in folders without a note of
// their own. It leaves out texts that their author does not want to be published.
func (f *Folder) BundleFiles(dir string) []string {
	var names []string
	root := f.Path(dir)
	_ = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == root {
			return nil // an unreadable file can't be published; the note itself can
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return nil // not below root: WalkDir gives no such name
		}
		switch name := path.Join(dir, filepath.ToSlash(rel)); {
		case f.Skips(name), d.IsDir() && f.hasNote(name):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.Type().IsRegular() && isWithheldText(p):
			f.Skipped.Set(name, "its front matter keeps a note from being published, so that it is not copied")
		case d.Type().IsRegular() && !IsMarkdown(d.Name()):
			names = append(names, rel)
		}
		return nil
	})
	return names
}

// BundleHash returns a hash of a note that changes also when a file beside it changes, or
// becomes readable.
func (f *Folder) BundleHash(hash Hash, dir string) Hash {
	h := sha256.New()
	h.Write(hash[:])
	for _, name := range f.BundleFiles(dir) {
		file := filepath.Join(f.Path(dir), name)
		info, err := os.Lstat(file)
		if err != nil {
			continue
		}
		fmt.Fprintf(h, "%q %d\n", name, filestamp.Of(info))
		why := whyUnreadable(file)
		f.Skipped.Set(path.Join(dir, filepath.ToSlash(name)), why)
		if why != "" {
			fmt.Fprintln(h, why)
		}
	}
	return Hash(h.Sum(nil))
}

// whyUnreadable returns the reason why a file may not be read, "" if it may.
func whyUnreadable(file string) string {
	f, err := durable.OpenRegular(file)
	if errors.Is(err, fs.ErrPermission) {
		return durable.Unreadable(err)
	}
	if err == nil {
		_ = f.Close() // nothing was written to it
	}
	return ""
}

// hasNote reports whether a folder below content/ has a note.
func (f *Folder) hasNote(dir string) bool {
	entries, _ := os.ReadDir(f.Path(dir)) // an unreadable folder has no notes
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return IsMarkdown(e.Name()) && !f.Skips(path.Join(dir, e.Name()))
	})
}

// IsOnlyNote reports whether the folder of a bundle and the folders below have no other
// note.
func (f *Folder) IsOnlyNote(file string) bool {
	only := true
	_ = filepath.WalkDir(f.Path(Dir(file)), func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() && IsMarkdown(d.Name()) && name != f.Path(file) {
			only = false // also if the folder can't be read
		}
		return nil
	})
	return only
}

// IsMarkdown reports whether a file has the extension of a note.
func IsMarkdown(name string) bool { return site.IsNoteExt(path.Ext(name)) }
