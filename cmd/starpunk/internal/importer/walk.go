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
	where  string // relative to the working directory, or absolute
	dir    string // folders for the address: "posts"
	stem   string // name for the address: of the file, or of the folder of a bundle
	html   bool
	bundle bool
	assets []asset

	language string // if it is not the default one
	tree     string // first folder of file, if its language has a content folder
	section  bool   // the text of a list

	post       bool   // Jekyll: in _posts or _drafts
	below      string // Jekyll: the folders within _posts, which addresses do not have
	draft      bool   // Jekyll: in _drafts
	collection string // Jekyll: "docs" for _docs
	home       bool   // the text of the front page
}

// An asset is another file of a bundle.
type asset struct{ name, where string }

var (
	markdownExts = []string{".md", ".markdown", ".mkdown", ".mkdn", ".mkd", ".mdown"}
	htmlExts     = []string{".html", ".htm"}
	// other markup languages that the tools support
	otherExts = []string{".adoc", ".asciidoc", ".org", ".rst", ".textile", ".pandoc", ".pdc"}
)

// An entry is a file of the old site.
type entry struct {
	file  string // below the content, with slashes
	where string // relative to the working directory, or absolute
	mount *mount
}

// walk returns the notes in byte order, and reports files that are not notes.
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
			report.find(src.where, 1, "page in a bundle", "is a part of %s, which a layout of the old site may show; not imported", b[0].where)
			continue
		}
		notes = append(notes, src)
	}
	for _, e := range entries {
		if !old.other(e.file) {
			continue
		}
		if old.tool == Hugo && path.Ext(e.file) == ".gotmpl" { // Hugo, "Content adapters"
			report.find(e.where, 1, "data", "makes pages from data; they are not imported")
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
			report.find(e.where, 1, "file", "belongs to no bundle; not copied: if the old site has it at /%s, put it into static/", e.file)
		}
	}
	shareAssets(bundles)
	return notes, nil
}

// shareAssets adds to the bundles of a language with its own folders the files that
// only the original has (Hugo, "Multilingual mode", "Page bundles").
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

// bundlesOf returns the bundle in whose folder a file is, with its translations.
func bundlesOf(bundles map[string][]*source, file string) []*source {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if b := bundles[dir]; b != nil {
			return b
		}
	}
	return nil
}

// list returns the regular files that the tool reads, of each name the first. It
// does not follow links.
func (old *oldSite) list(ctx context.Context, report *Report) (entries []entry, err error) {
	left := old.maxFiles
	byFile, taken := map[string]entry{}, map[string]bool{}
	for _, m := range old.mounts {
		err := old.listMount(ctx, m, &left, func(e entry) {
			first, shadowed := byFile[e.file]
			switch {
			case shadowed && first.where != e.where:
				report.find(e.where, 1, "shadowed", "is shadowed by %s; not imported", first.where)
			case taken[e.where] && e.mount.language != "":
				report.find(e.where, 1, "mounted again", "is also shown in %q; that address is not kept", e.mount.language)
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

// listMount calls found for each file of a mount that is in the imported part of the
// site.
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
			return fmt.Errorf("%s holds more than %d files and folders: import a smaller part of it", start, old.maxFiles)
		}
		rel, err := filepath.Rel(m.dir, name)
		if err != nil {
			return err
		}
		inside := filepath.ToSlash(rel)
		if strings.Count(inside, "/") >= maxDepth {
			return fmt.Errorf("%s is more than %d folders deep", name, maxDepth)
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

// tree returns a folder that distinguishes the files of a language with its own
// content folder; "" for the default language.
func (old *oldSite) tree(language string) string {
	if language == "" || language == old.language {
		return ""
	}
	return ":" + language
}

// common returns the inner one of two nested folders, with a name relative to the
// first, and false if neither is in the other.
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

// jekyllOwn are Jekyll's folders without pages (Jekyll, "Directory Structure").
var jekyllOwn = []string{"_layouts", "_includes", "_sass", "_data", "_site", "_plugins", "vendor", "node_modules"}

// skips reports whether a tool ignores a file or a folder.
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
	// Jekyll, "Collections": a folder in the configuration, with pages if its output
	// is set. Without a configuration it may be one.
	if strings.Contains(file, "/") {
		return true
	}
	return old.known && lookup(old.config, "collections", name[1:], "output") != true
}

// other reports whether a file is neither a note nor the text of a list.
func (old *oldSite) other(file string) bool {
	ext := path.Ext(file)
	isHTML := slices.Contains(htmlExts, ext) && old.tool != Zola // Zola reads only Markdown
	return !isHTML && !slices.Contains(markdownExts, ext) && !slices.Contains(otherExts, ext)
}

// classify returns a file as a source; nil if it is not a note.
func (old *oldSite) classify(e entry, report *Report) *source {
	ext := path.Ext(e.file)
	src := &source{file: e.file, where: e.where, html: slices.Contains(htmlExts, ext)}
	if slices.Contains(otherExts, ext) {
		report.skip(src.where, 1, "is neither Markdown nor HTML; convert it first, for instance with pandoc")
		return nil
	}
	if old.other(e.file) {
		return nil
	}
	if site.IsConflictCopy(e.file) {
		report.find(src.where, 1, "conflict", "%s; not imported", site.ConflictCopy)
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
	old.findLanguage(src, e.mount.language, report)
	switch src.stem {
	case "_index":
		if old.tool == Hugo {
			old.readCascade(src)
		} else {
			old.readDraftSection(src)
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

// findLanguage sets the language of a file: by its folder, or by the part of its
// name before the ending. It removes that part, which is elsewhere in addresses.
func (old *oldSite) findLanguage(src *source, mounted string, report *Report) {
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
	report.find(src.where, 1, "language", "is in %q: StarPunk has one language for a site, and shows this file among the other notes", code)
}

// languageOf returns the language of the site with that code, or "". Only Hugo
// ignores the case of codes.
func (old *oldSite) languageOf(name string) string {
	if old.tool == Hugo {
		name = strings.ToLower(name)
	}
	if old.languages[name] == nil {
		return ""
	}
	return name
}

// classifyJekyll classifies a file by the underscored folder around it:
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

// withoutCollections returns a name without the folder of all collections (Jekyll,
// "Collections").
func (old *oldSite) withoutCollections(file string) string {
	dir := strings.Trim(old.text("collections_dir", ""), "/")
	if rest, ok := strings.CutPrefix(file, dir+"/"); ok && dir != "" && strings.HasPrefix(rest, "_") {
		return rest
	}
	return file
}

// readNote reads a file up to the largest size of a note.
func readNote(name string) ([]byte, error) {
	return readStart(name, site.MaxNoteBytes+1) // site.Split refuses the byte too many
}

// readStart reads at most the first bytes of a file.
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
