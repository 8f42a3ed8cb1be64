package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"starpunk/site"
)

// Bounds of an old site.
const (
	maxFiles = 100_000 // and folders
	maxDepth = 32      // folders within folders
)

// A source is a file of the old site that is a note or a page.
type source struct {
	file   string // below the old content, with slashes: "posts/hello.md"
	where  string // as the caller would name it
	dir    string // folders that count for the address: "posts"
	stem   string // the name that counts: of the file, or of the folder of a bundle
	html   bool
	bundle bool
	assets []asset

	language string // Hugo: if it is not the usual one

	post       bool   // Jekyll: in _posts or _drafts
	draft      bool   // Jekyll: in _drafts
	collection string // Jekyll: "docs" for _docs
	home       bool   // the text of the front page
}

// An asset is another file of a bundle.
type asset struct{ name, where string }

var (
	markdownExts = []string{".md", ".markdown", ".mkdown", ".mkdn", ".mkd", ".mdown"}
	htmlExts     = []string{".html", ".htm"}
	// other languages of markup that the tools know
	otherExts = []string{".adoc", ".asciidoc", ".org", ".rst", ".textile", ".pandoc", ".pdc"}
)

// walk lists the notes, in byte order, and reports what is none.
func (old *oldSite) walk(ctx context.Context, report *Report) ([]*source, error) {
	files, err := old.list(ctx)
	if err != nil {
		return nil, err
	}
	bundles := map[string][]*source{} // by their folders: one for each language
	var sources []*source
	for _, file := range files {
		src := old.classify(file, report)
		if src == nil {
			continue
		}
		sources = append(sources, src)
		if src.bundle {
			bundles[path.Dir(file)] = append(bundles[path.Dir(file)], src)
		}
		old.hasSection = old.hasSection || src.dir != ""
	}
	var notes []*source
	for _, src := range sources {
		if b := bundlesOf(bundles, src.file); old.tool == Hugo && b != nil && !slices.Contains(b, src) {
			// Hugo, "Page bundles": a page in a leaf bundle is a resource.
			report.find(src.where, 1, "page in a bundle", "is a part of %s, which a layout of the old site may show; not brought over", b[0].where)
			continue
		}
		notes = append(notes, src)
	}
	for _, file := range files {
		if !old.other(file) {
			continue
		}
		in := bundlesOf(bundles, file)
		for _, b := range in {
			b.assets = append(b.assets, asset{strings.TrimPrefix(file, path.Dir(b.file)+"/"), old.where(file)})
		}
		if in == nil && old.tool != Jekyll {
			report.find(old.where(file), 1, "file", "is of no bundle; not copied: if the old site has it at /%s, put it into static/", file)
		}
	}
	return notes, nil
}

// bundlesOf are the bundles in whose folder a file lies: one, and its
// translations.
func bundlesOf(bundles map[string][]*source, file string) []*source {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if b := bundles[dir]; b != nil {
			return b
		}
	}
	return nil
}

// list returns the regular files that the tool would look at. Links are not
// followed.
func (old *oldSite) list(ctx context.Context) (files []string, err error) {
	seen := 0
	err = filepath.WalkDir(old.content, func(name string, d fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if seen++; seen > old.maxFiles {
			return fmt.Errorf("%s holds more than %d files and folders: name a smaller part of it", old.content, old.maxFiles)
		}
		rel, err := filepath.Rel(old.base, name)
		if err != nil || rel == "." {
			return err
		}
		file := filepath.ToSlash(rel)
		if strings.Count(file, "/") >= maxDepth {
			return fmt.Errorf("%s lies more than %d folders deep", name, maxDepth)
		}
		switch {
		case name != old.content && old.skips(file) && d.IsDir():
			return fs.SkipDir
		case d.Type().IsRegular() && !old.skips(file):
			files = append(files, file)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("old site: %w", err)
	}
	slices.Sort(files)
	return files, nil
}

// jekyllOwn are folders that hold no pages (Jekyll, "Directory Structure").
var jekyllOwn = []string{"_layouts", "_includes", "_sass", "_data", "_site", "_plugins", "vendor", "node_modules"}

// skips says whether a tool leaves a file or a folder alone.
func (old *oldSite) skips(file string) bool {
	name := path.Base(file)
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasSuffix(name, "~") {
		return true
	}
	if old.tool != Jekyll {
		return false
	}
	if slices.Contains(jekyllOwn, file) || slices.Contains(texts(old.config["exclude"]), strings.TrimSuffix(file, "/")) {
		return true
	}
	if !strings.HasPrefix(name, "_") || name == "_posts" || name == "_drafts" {
		return false
	}
	// Jekyll, "Collections": a folder that the configuration names, written out
	// if it says so. Without a configuration it may be one.
	if strings.Contains(file, "/") {
		return true
	}
	return old.known && lookup(old.config, "collections", name[1:], "output") != true
}

// where is a file as the caller would name it.
func (old *oldSite) where(file string) string {
	return filepath.Join(old.base, filepath.FromSlash(file))
}

// other says whether a file is neither a note nor the text of a list.
func (old *oldSite) other(file string) bool {
	ext := path.Ext(file)
	isHTML := slices.Contains(htmlExts, ext) && old.tool != Zola // Zola reads Markdown alone
	return !isHTML && !slices.Contains(markdownExts, ext) && !slices.Contains(otherExts, ext)
}

// classify says what a file is; nil if it is no note.
func (old *oldSite) classify(file string, report *Report) *source {
	ext := path.Ext(file)
	src := &source{file: file, where: old.where(file), html: slices.Contains(htmlExts, ext)}
	if slices.Contains(otherExts, ext) {
		report.lose(src.where, 1, "it is neither Markdown nor HTML; convert it first, with pandoc for instance")
		return nil
	}
	if old.other(file) {
		return nil
	}
	src.dir, src.stem = path.Dir(file), strings.TrimSuffix(path.Base(file), ext)
	if src.dir == "." {
		src.dir = ""
	}
	if old.tool == Jekyll {
		old.classifyJekyll(src)
		return src
	}
	if old.tool == Hugo {
		old.takeLanguage(src, report)
	}
	switch src.stem {
	case "_index":
		if old.tool == Hugo {
			old.takeCascade(src, report)
		}
		src.home = src.dir == ""
		if !src.home {
			report.find(src.where, 1, "section", "is about a list; StarPunk makes its own lists, and this is not brought over")
			return nil
		}
	case "index":
		if src.dir == "" {
			src.home = true
			break
		}
		src.bundle = true
		src.dir, src.stem = path.Split(src.dir)
		src.dir = strings.TrimSuffix(src.dir, "/")
	}
	return src
}

// takeLanguage finds the language of a file, by its folder or by what stands
// before its ending, and takes it away: addresses have it elsewhere.
func (old *oldSite) takeLanguage(src *source, report *Report) {
	code := ""
	for other, folder := range old.languages {
		if rest, ok := strings.CutPrefix(src.dir+"/", folder+"/"); ok && folder != "" {
			code, src.dir = other, strings.TrimSuffix(rest, "/")
		}
	}
	if ext := path.Ext(src.stem); code == "" && ext != "" {
		if _, known := old.languages[strings.ToLower(ext[1:])]; known {
			code, src.stem = strings.ToLower(ext[1:]), strings.TrimSuffix(src.stem, ext)
		}
	}
	if code == "" || code == old.language {
		return
	}
	src.language = code
	report.find(src.where, 1, "language", "is in %q: StarPunk has one language for a site, and shows this among the other notes", code)
}

func (old *oldSite) classifyJekyll(src *source) {
	elements := strings.Split(src.dir, "/")
	for i, element := range elements {
		if element == "_posts" || element == "_drafts" {
			src.post, src.draft = true, element == "_drafts"
			src.dir = strings.Join(elements[:i], "/") // these are its first categories
			return
		}
	}
	if strings.HasPrefix(src.dir, "_") {
		collection, rest, _ := strings.Cut(src.dir[1:], "/")
		src.collection, src.dir = collection, rest
		return
	}
	src.home = src.dir == "" && src.stem == "index"
}

// readNote reads a file of at most the size that a note may have.
func readNote(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, site.MaxNoteBytes+1)) // one more is refused by site.Split
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}
