package importer

import (
	"cmp"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"starpunk/site"
)

// maxChildren is the largest number of links on a section's page.
const maxChildren = 1000

// sections decides about the lists of the old site that have a file. A list with a
// text becomes a page. Without a text, a list of pages becomes a page that links to
// them, and the address of a list of notes redirects to StarPunk's list of their
// type.
func (r *run) sections() {
	folders := r.folders()
	var inner []*page // sections, inner ones first
	for _, p := range r.pages {
		if p.section {
			inner = append(inner, p)
		}
	}
	slices.SortStableFunc(inner, func(a, b *page) int {
		return cmp.Compare(strings.Count(b.dir, "/"), strings.Count(a.dir, "/"))
	})
	for _, p := range inner {
		f := folders[folderKey(p.language, p.dir)]
		if f == nil {
			f = &folder{}
		}
		p.dropped = !r.keepSection(p, f)
	}
	r.pages = slices.DeleteFunc(r.pages, func(p *page) bool { return p.dropped })
}

// keepSection reports whether a section becomes a page, and adds a finding about it.
func (r *run) keepSection(p *page, f *folder) bool {
	report := func(format string, args ...any) { r.report.find(p.where, 1, "section", format, args...) }
	if ownLists().MatchString(p.address) {
		report("is about %s, where StarPunk has its own list; not imported", p.address)
		return false
	}
	if strings.TrimSpace(p.body) != "" {
		report("is about a list: its text is imported as a page, without the list")
		return true
	}
	hidden := p.note.Draft || p.note.Visibility == site.Private
	if p.children = f.shown(p); len(p.children) > f.notes && !hidden {
		report("is about a list: imported as a page with links to its %d pages", len(p.children))
		return true
	}
	report("is about a list; StarPunk makes its own lists, and this one is not imported")
	if !hidden {
		r.redirectSection(p, f)
	}
	return false
}

// elsewhere removes the pages that only redirected to another address.
func (r *run) elsewhere() {
	r.pages = slices.DeleteFunc(r.pages, func(p *page) bool {
		if p.redirect == "" {
			return false
		}
		shown := !p.note.Draft && p.note.Visibility != site.Private
		to := r.redirectTarget(p.redirect)
		if to == "" || !shown || p.address == "" {
			r.report.find(p.where, 1, "redirect", "only redirects to %s; not imported", inOneLine(p.redirect))
			return true
		}
		r.report.find(p.where, 1, "redirect", "only redirects to %s; not imported, but a line for [redirects] is below", to)
		for _, address := range append([]string{p.address}, r.old.aliasesOf(p)...) {
			if address != "" {
				r.redirect(address, to, "pages that redirected")
			}
		}
		return true
	})
}

// redirectTarget returns the address to which a page redirected, in the form of
// [redirects]; "" if it is not valid.
func (r *run) redirectTarget(to string) string {
	if top, ok := strings.CutPrefix(to, "@/"); ok { // Zola, "Internal links"
		to = "/" + strings.TrimSuffix(top, ".md") + "/"
	}
	u, err := url.Parse(to)
	switch {
	case err != nil || u.User != nil:
		return ""
	case u.Scheme == "http" || u.Scheme == "https":
		return to
	case u.Scheme != "" || u.Host != "":
		return ""
	}
	return path.Join("/", r.old.below, to) + strings.Repeat("/", min(1, len(to)-len(strings.TrimRight(to, "/"))))
}

// templates removes the pages without text and title. The address of such a
// translation becomes an alias of the original page.
func (r *run) templates() {
	original := map[string]*page{}
	for _, p := range r.pages {
		if p.language == "" && !p.template {
			original[path.Join(p.dir, p.stem)] = p
		}
	}
	r.pages = slices.DeleteFunc(r.pages, func(p *page) bool {
		if !p.template {
			return false
		}
		shown := p.address != "" && !p.note.Draft && p.note.Visibility != site.Private
		of := original[path.Join(p.dir, p.stem)]
		if shown && of != nil && p.language != "" {
			of.translations = append(of.translations, p.address)
			r.report.find(p.where, 1, "template", "has neither text nor title; not imported, and its address redirects to %s", of.where)
			return true
		}
		if p.body != "" {
			r.report.find(p.where, p.bodyLine, "template", "is a template, not a text; not imported")
		} else {
			r.report.find(p.where, 1, "template", "has neither text nor title, only a template of the old site; not imported")
		}
		if shown {
			r.redirect(p.address, "/", "pages that were templates")
		}
		return true
	})
}

// A folder holds the files of a folder of the old site, in one language.
type folder struct {
	pages           []*page // directly in it, and the pages of the sections in it
	notes           int     // directly in it
	below, articles int     // notes anywhere below it, and those of them with a title
}

func folderKey(language, dir string) string { return language + ":" + dir }

// folders returns all folders. It reads each page only once.
func (r *run) folders() map[string]*folder {
	folders := map[string]*folder{}
	at := func(p *page, dir string) *folder {
		key := folderKey(p.language, dir)
		if folders[key] == nil {
			folders[key] = &folder{}
		}
		return folders[key]
	}
	for _, p := range r.pages {
		dir := p.dir
		if p.section {
			dir = parent(dir)
		}
		if p.note.Kind != site.KindNote {
			at(p, dir).pages = append(at(p, dir).pages, p)
			continue
		}
		at(p, dir).notes++
		for ; ; dir = parent(dir) {
			f := at(p, dir)
			f.below++
			if p.note.Name != "" {
				f.articles++
			}
			if dir == "" {
				break
			}
		}
	}
	return folders
}

// parent returns the folder above another; "" is the top.
func parent(dir string) string { return strings.TrimPrefix(path.Dir("/"+dir), "/") }

// shown returns the public pages in a folder, without that of the folder itself, in
// the order of their weight and their title.
func (f *folder) shown(section *page) (children []*page) {
	for _, p := range f.pages {
		isPublic := p.note.Kind == site.KindPage && !p.dropped && !p.note.Draft && p.note.Visibility == site.Public
		if isPublic && p != section && len(children) < maxChildren {
			children = append(children, p)
		}
	}
	slices.SortStableFunc(children, func(a, b *page) int {
		return cmp.Or(cmp.Compare(cmp.Or(a.weight, maxWeight), cmp.Or(b.weight, maxWeight)), cmp.Compare(a.note.Name, b.note.Name))
	})
	return children
}

// maxWeight puts pages without a weight last, as Hugo does.
const maxWeight = 1 << 30

// links returns the text of a section's page.
func (p *page) links() string {
	var b strings.Builder
	for _, child := range p.children {
		title := strings.NewReplacer("[", `\[`, "]", `\]`).Replace(cmp.Or(child.note.Name, child.note.Slug))
		if child.note.File != "" {
			fmt.Fprintf(&b, "- [%s](/%s)\n", title, child.note.File)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// redirectSection redirects the addresses of a list to the list of the type that
// most of its notes have, or to the front page.
func (r *run) redirectSection(section *page, f *folder) {
	to := "/"
	if f.below > 0 && 2*f.articles >= f.below {
		to = "/" + site.PostTypePlural("article") + "/"
	}
	for _, address := range append([]string{section.address}, r.old.aliasesOf(section)...) {
		if address != "" {
			r.redirect(address, to, "lists")
		}
	}
}
