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

// maxChildren is how many pages a section's page links to.
const maxChildren = 1000

// sections decides about the lists of the old site that have a text of their own.
// Without a text, a list of pages becomes a page that links to them, and the
// address of a list of notes leads to StarPunk's list of their type.
func (r *run) sections() {
	r.pages = slices.DeleteFunc(r.pages, func(p *page) bool {
		if !p.section || strings.TrimSpace(p.body) != "" || p.redirect != "" {
			return false
		}
		hidden := p.note.Draft || p.note.Visibility == site.Private
		if p.children = r.childrenOf(p); len(p.children) > r.notesIn(p) && !hidden {
			return false
		}
		r.report.find(p.where, 1, "section", "is about a list; StarPunk makes its own lists, and this is not brought over")
		if !hidden {
			r.leadSection(p)
		}
		return true
	})
	for _, p := range r.pages {
		if p.section && p.children == nil {
			r.report.find(p.where, 1, "section", "is about a list: its text is brought over as a page, without the list")
		} else if p.section {
			r.report.find(p.where, 1, "section", "is about a list: brought over as a page with links to the %d pages that are in it now", len(p.children))
		}
	}
}

// elsewhere takes out the pages that only led to another address.
func (r *run) elsewhere() {
	r.pages = slices.DeleteFunc(r.pages, func(p *page) bool {
		if p.redirect == "" {
			return false
		}
		shown := !p.note.Draft && p.note.Visibility != site.Private
		to := r.redirectTarget(p.redirect)
		if to == "" || !shown || p.address == "" {
			r.report.find(p.where, 1, "redirect", "only leads to %s; not brought over", inOneLine(p.redirect))
			return true
		}
		r.report.find(p.where, 1, "redirect", "only leads to %s; not brought over, and below is a line for [redirects]", to)
		for _, address := range append([]string{p.address}, r.old.aliasesOf(p)...) {
			if address != "" {
				r.lead(address, to, "a page that led elsewhere")
			}
		}
		return true
	})
}

// redirectTarget is where a page led, in the form of [redirects]; "" if that is no
// place.
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

// templates takes out the pages that have neither text nor title. The address of
// such a translation leads to the page that it is one of.
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
			r.report.find(p.where, 1, "template", "has neither text nor title; not brought over, and its address leads to %s", of.where)
			return true
		}
		if p.body != "" {
			r.report.find(p.where, p.bodyLine, "template", "is a template, not a text; not brought over")
		} else {
			r.report.find(p.where, 1, "template", "has neither text nor title, only a template of the old site; not brought over")
		}
		if shown {
			r.lead(p.address, "/", "a page that was a template of the old site")
		}
		return true
	})
}

// childrenOf are the public pages, and the pages of sections, directly in a
// section, in the order of their weight and their title.
func (r *run) childrenOf(section *page) (children []*page) {
	for _, p := range r.pages {
		dir := p.dir
		if p.section {
			dir = strings.TrimPrefix(path.Dir("/"+p.dir), "/")
		}
		in := dir == section.dir && p.language == section.language && p != section
		if in && p.note.Kind == site.KindPage && !p.note.Draft && p.note.Visibility == site.Public && len(children) < maxChildren {
			children = append(children, p)
		}
	}
	slices.SortStableFunc(children, func(a, b *page) int {
		return cmp.Or(cmp.Compare(cmp.Or(a.weight, maxWeight), cmp.Or(b.weight, maxWeight)), cmp.Compare(a.note.Name, b.note.Name))
	})
	return children
}

// notesIn counts the notes directly in a section.
func (r *run) notesIn(section *page) (count int) {
	for _, p := range r.pages {
		if p.note.Kind == site.KindNote && p.dir == section.dir && p.language == section.language {
			count++
		}
	}
	return count
}

// maxWeight puts pages without a weight last, as Hugo does.
const maxWeight = 1 << 30

// links is the text of a section's page.
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

// leadSection has the address of a list lead to the list of the type that most of
// its notes have, or to the front page.
func (r *run) leadSection(section *page) {
	notes, articles := 0, 0
	for _, p := range r.pages {
		if p.note.Kind == site.KindNote && p.language == section.language && strings.HasPrefix(p.dir+"/", section.dir+"/") {
			notes++
			if p.note.Name != "" {
				articles++
			}
		}
	}
	to := "/"
	if notes > 0 && 2*articles >= notes {
		to = "/" + site.PostTypePlural("article") + "/"
	}
	for _, address := range append([]string{section.address}, r.old.aliasesOf(section)...) {
		if address != "" {
			r.lead(address, to, "a list of the old site")
		}
	}
}
