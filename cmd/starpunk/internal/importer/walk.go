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

	language string // if it is not the usual one
	tree     string // what file begins with, in the folders of a language
	section  bool   // the text of a list

	post       bool   // Jekyll: in _posts or _drafts
	below      string // Jekyll: the folders within _posts, which no address has
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

// An entry is a file of the old site.
type entry struct {
	file  string // below the content, with slashes
	where string // as the caller would name it
	mount *mount
}

// walk lists the notes, in byte order, and reports what is none.
func (old *oldSite) walk(ctx context.Context, report *Report) ([]*source, error) {
	entries, err := old.list(ctx, report)
	if err != nil {
		return nil, err
	}
	bundles := map[string][]*source{} // by their folders: one for each language
	var sources []*source
	for _, e := range entries {
		src := old.classify(e, report)
		if src == nil {
			continue
		}
		sources = append(sources, src)
		if src.bundle {
			bundles[path.Dir(e.file)] = append(bundles[path.Dir(e.file)], src)
		}
		old.hasSection = old.hasSection || src.dir != "" && !src.section
	}
	var notes []*source
	for _, src := range sources {
		old.holdInSection(src, report)
		if b := bundlesOf(bundles, src.file); old.tool == Hugo && b != nil && !slices.Contains(b, src) {
			// Hugo, "Page bundles": a page in a leaf bundle is a resource.
			report.find(src.where, 1, "page in a bundle", "is a part of %s, which a layout of the old site may show; not brought over", b[0].where)
			continue
		}
		notes = append(notes, src)
	}
	for _, e := range entries {
		if !old.other(e.file) {
			continue
		}
		if old.tool == Hugo && path.Ext(e.file) == ".gotmpl" { // Hugo, "Content adapters"
			report.find(e.where, 1, "data", "makes pages of data; they are not brought over")
			continue
		}
		if site.IsConflictCopy(e.file) {
			report.find(e.where, 1, "conflict", "%s; not copied", site.ConflictCopy)
			continue
		}
		in := bundlesOf(bundles, e.file)
		for _, b := range in {
			b.assets = append(b.assets, asset{strings.TrimPrefix(e.file, path.Dir(b.file)+"/"), e.where})
		}
		if in == nil && old.tool != Jekyll {
			report.find(e.where, 1, "file", "is of no bundle; not copied: if the old site has it at /%s, put it into static/", e.file)
		}
	}
	shareAssets(bundles)
	return notes, nil
}

// shareAssets gives the bundles of a language in folders of its own the files of
// the original that they lack (Hugo, "Multilingual mode", "Page bundles").
func shareAssets(bundles map[string][]*source) {
	for dir, translations := range bundles {
		for _, b := range translations {
			original := bundles[strings.TrimPrefix(dir, b.tree)]
			if b.tree == "" || len(original) == 0 {
				continue
			}
			for _, a := range original[0].assets {
				if !slices.ContainsFunc(b.assets, func(own asset) bool { return own.name == a.name }) {
					b.assets = append(b.assets, a)
				}
			}
		}
	}
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

// list returns the regular files that the tool would look at, of each name the
// first. Links are not followed.
func (old *oldSite) list(ctx context.Context, report *Report) (entries []entry, err error) {
	left := old.maxFiles
	byFile, taken := map[string]entry{}, map[string]bool{}
	for _, m := range old.mounts {
		err := old.listMount(ctx, m, &left, func(e entry) {
			first, shadowed := byFile[e.file]
			switch {
			case shadowed && first.where != e.where:
				report.find(e.where, 1, "shadowed", "%s has its place; not brought over", first.where)
			case taken[e.where] && e.mount.language != "":
				report.find(e.where, 1, "mounted again", "is shown in %q, too; that address is not kept", e.mount.language)
			case !shadowed && !taken[e.where]:
				byFile[e.file], taken[e.where] = e, true
				entries = append(entries, e)
			}
		})
		if err != nil {
			return nil, fmt.Errorf("old site: %w", err)
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.file, b.file) })
	return entries, nil
}

// listMount calls found for each file of a mount that is in the part of the
// site that is brought over.
func (old *oldSite) listMount(ctx context.Context, m *mount, left *int, found func(entry)) error {
	start, ok := common(m.dir, old.part)
	if !ok {
		return nil
	}
	return filepath.WalkDir(start, func(name string, d fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if *left--; *left < 0 {
			return fmt.Errorf("%s holds more than %d files and folders: name a smaller part of it", start, old.maxFiles)
		}
		rel, err := filepath.Rel(m.dir, name)
		if err != nil {
			return err
		}
		inside := filepath.ToSlash(rel)
		if strings.Count(inside, "/") >= maxDepth {
			return fmt.Errorf("%s lies more than %d folders deep", name, maxDepth)
		}
		switch {
		case d.IsDir() && rel != "." && name != start && old.skips(inside, name):
			return fs.SkipDir
		case !d.Type().IsRegular() || rel != "." && old.skips(inside, name) || !m.publishes(inside):
			return nil
		}
		found(entry{path.Join(old.tree(m.language), m.at, inside), name, m})
		return nil
	})
}

// tree is the folder that a language in folders of its own has, so that names of
// files are told apart; "" for the usual one.
func (old *oldSite) tree(language string) string {
	if language == "" || language == old.language {
		return ""
	}
	return ":" + language
}

// common returns the inner one of two folders within each other, in the name of
// the first, and false if neither is in the other.
func common(a, b string) (string, bool) {
	realA, realB := realPath(a), realPath(b)
	if rel, err := filepath.Rel(realB, realA); err == nil && filepath.IsLocal(rel) {
		return a, true
	}
	if rel, err := filepath.Rel(realA, realB); err == nil && filepath.IsLocal(rel) {
		return filepath.Join(a, rel), true
	}
	return "", false
}

// jekyllOwn are folders that hold no pages (Jekyll, "Directory Structure").
var jekyllOwn = []string{"_layouts", "_includes", "_sass", "_data", "_site", "_plugins", "vendor", "node_modules"}

// skips reports whether a tool leaves a file or a folder alone.
func (old *oldSite) skips(file, where string) bool {
	name := path.Base(file)
	if old.isIgnored(file, where) {
		return true
	}
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasSuffix(name, "~") || site.IsEditorCopy(name) {
		return true
	}
	if old.tool != Jekyll {
		return false
	}
	file = old.withoutCollections(file)
	if slices.Contains(jekyllOwn, file) {
		return true
	}
	if !strings.HasPrefix(name, "_") || name == "_posts" || name == "_drafts" {
		return false
	}
	if slices.Contains(texts(old.config["include"]), file) {
		return false
	}
	// Jekyll, "Collections": a folder that the configuration names, written out
	// if it says so. Without a configuration it may be one.
	if strings.Contains(file, "/") {
		return true
	}
	return old.known && lookup(old.config, "collections", name[1:], "output") != true
}

// other reports whether a file is neither a note nor the text of a list.
func (old *oldSite) other(file string) bool {
	ext := path.Ext(file)
	isHTML := slices.Contains(htmlExts, ext) && old.tool != Zola // Zola reads Markdown alone
	return !isHTML && !slices.Contains(markdownExts, ext) && !slices.Contains(otherExts, ext)
}

// classify returns what a file is; nil if it is no note.
func (old *oldSite) classify(e entry, report *Report) *source {
	ext := path.Ext(e.file)
	src := &source{file: e.file, where: e.where, html: slices.Contains(htmlExts, ext)}
	if slices.Contains(otherExts, ext) {
		report.lose(src.where, 1, "it is neither Markdown nor HTML; convert it first, with pandoc for instance")
		return nil
	}
	if old.other(e.file) {
		return nil
	}
	if site.IsConflictCopy(e.file) {
		report.find(src.where, 1, "conflict", "%s; not brought over", site.ConflictCopy)
		return nil
	}
	if src.tree = old.tree(e.mount.language); src.tree != "" {
		src.tree += "/"
	}
	src.dir, src.stem = path.Dir(strings.TrimPrefix(e.file, src.tree)), strings.TrimSuffix(path.Base(e.file), ext)
	if src.dir == "." {
		src.dir = ""
	}
	if old.tool == Jekyll {
		old.classifyJekyll(src)
		return src
	}
	old.takeLanguage(src, e.mount.language, report)
	switch src.stem {
	case "_index":
		if old.tool == Hugo {
			old.takeCascade(src)
		} else {
			old.takeDraftSection(src)
		}
		src.home = src.dir == "" && src.language == ""
		src.section = !src.home // also the front page of a language
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

// takeLanguage finds the language of a file, by its folder or by the part of its
// name before the ending, and takes that part away: addresses have it elsewhere.
func (old *oldSite) takeLanguage(src *source, mounted string, report *Report) {
	code := mounted
	if ext := path.Ext(src.stem); code == "" && ext != "" {
		if named := old.languageOf(ext[1:]); named != "" {
			code, src.stem = named, strings.TrimSuffix(src.stem, ext)
		}
	}
	if code == "" || code == old.language {
		return
	}
	src.language = code
	report.find(src.where, 1, "language", "is in %q: StarPunk has one language for a site, and shows this among the other notes", code)
}

// languageOf returns the language of the site that a part of a name names,
// and "" if there is none. Zola takes codes as they are written.
func (old *oldSite) languageOf(name string) string {
	if old.tool == Hugo {
		name = strings.ToLower(name)
	}
	if old.languages[name] == nil {
		return ""
	}
	return name
}

// classifyJekyll finds what a file is by the underscored folder it is in:
// https://jekyllrb.com/docs/structure/
func (old *oldSite) classifyJekyll(src *source) {
	src.dir = strings.TrimPrefix(old.withoutCollections(src.dir+"/"), "/")
	src.dir = strings.TrimSuffix(src.dir, "/")
	elements := strings.Split(src.dir, "/")
	for i, element := range elements {
		if element == "_posts" || element == "_drafts" {
			src.post, src.draft = true, element == "_drafts"
			src.dir = strings.Join(elements[:i], "/") // these are its first categories
			src.below = strings.Join(elements[i+1:], "/")
			return
		}
	}
	if strings.HasPrefix(src.dir, "_") && !slices.Contains(texts(old.config["include"]), elements[0]) {
		collection, rest, _ := strings.Cut(src.dir[1:], "/")
		src.collection, src.dir = collection, rest
		return
	}
	src.home = src.dir == "" && src.stem == "index"
}

// withoutCollections is a file or a folder without the folder that all collections
// are in (Jekyll, "Collections").
func (old *oldSite) withoutCollections(file string) string {
	dir := strings.Trim(old.text("collections_dir", ""), "/")
	if rest, ok := strings.CutPrefix(file, dir+"/"); ok && dir != "" && strings.HasPrefix(rest, "_") {
		return rest
	}
	return file
}

// readNote reads a file of at most the size that a note may have.
func readNote(name string) ([]byte, error) {
	return readStart(name, site.MaxNoteBytes+1) // one more is refused by site.Split
}

// readStart reads at most that many bytes of a file.
func readStart(name string, bytes int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, bytes))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}
