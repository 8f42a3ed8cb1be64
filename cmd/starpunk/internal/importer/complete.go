package importer

import (
	"cmp"
	"os"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"starpunk/site"
)

// datedName matches a file's name that begins with a date (Jekyll, "Posts"; Zola,
// "Page", which also accepts a whole time and an underscore).
var datedName = lazyRegexp(`^(\d{4}-\d{1,2}-\d{1,2})(?:T[\d:.]+(?:Z|[+-][\d:]+)?)?[-_](.+)$`)

// complete sets the fields that the front matter left open: date, title, address,
// slug and kind.
func (p *page) complete(old *oldSite, loc *time.Location) {
	stem := p.findDate(old, loc)
	if p.note.Name == "" && p.post && !p.titled {
		p.note.Name = titleOf(stem) // as Jekyll does
	}
	p.address = old.addressOf(p, stem)
	p.findSlug(stem)
	p.findKind(old)
}

// findDate sets the date of a page that has none: from its name, its address, or
// the time of a draft's file. It returns the name for the address, without a date
// that is not a part of it.
func (p *page) findDate(old *oldSite, loc *time.Location) (stem string) {
	n, stem := p.note, p.stem
	if m := datedName().FindStringSubmatch(stem); m != nil {
		if t, ok := nameDate(m[1], loc); ok && n.Published.IsZero() {
			n.Published = t
		}
		if old.tool == Jekyll || old.tool == Zola && lookup(old.config, "slugify", "paths_keep_dates") != true {
			stem = m[2]
		}
	}
	if n.Published.IsZero() {
		n.Published = site.AddressDate("/"+strings.Trim(p.explicit, "/")+"/", loc)
	}
	if p.date = n.Published; old.tool == Jekyll && old.zone != nil && !p.date.IsZero() {
		p.date = p.date.In(old.zone) // https://jekyllrb.com/docs/configuration/options/#global-configuration
	}
	if old.tool == Hugo {
		stem = p.readNameDate(old, stem, loc)
	}
	if p.draft && n.Published.IsZero() {
		if info, err := os.Stat(p.where); err == nil {
			n.Published = info.ModTime().In(loc).Truncate(time.Second)
		}
	}
	return stem
}

// findSlug sets the slug: the one of the front matter, or the last part of an
// explicit address, or one made from the name.
func (p *page) findSlug(stem string) {
	n := p.note
	if p.slug == "" {
		n.Slug = ""
		if p.explicit != "" {
			n.Slug = site.FileSlug(strings.TrimSuffix(path.Base(p.address), ".html"))
		}
	}
	if stem == "index" && !p.bundle && p.address != "" { // Jekyll: the name is that of the folder
		stem = path.Base(p.address)
	}
	n.Slug = cmp.Or(n.Slug, site.FileSlug(bareStem(stem)), n.ProposeSlug())
}

// findKind decides whether the page is a note, a page or the front page. Only a
// note keeps its date.
func (p *page) findKind(old *oldSite) {
	n := p.note
	switch {
	case p.home:
		n.Kind, n.Slug = site.KindHome, ""
	case p.section:
		n.Kind, n.Slug = site.KindPage, site.FileSlug(path.Base("/"+strings.Trim(cmp.Or(p.address, p.dir), "/")))
	case n.Published.IsZero() || old.isPage(p):
		n.Kind = site.KindPage
	}
	if n.Kind != site.KindNote {
		n.Published = time.Time{}
	}
}

// readNameDate reads the date and the slug from the name of a file, if Hugo's
// configuration has :filename among the sources of dates
// (https://gohugo.io/configuration/front-matter/#dates).
func (p *page) readNameDate(old *oldSite, stem string, loc *time.Location) string {
	sources := texts(lookup(old.config, "frontmatter", "date"))
	i := slices.Index(sources, ":filename")
	m := datedName().FindStringSubmatch(stem)
	if i < 0 || m == nil {
		return stem
	}
	t, ok := nameDate(m[1], loc)
	if !ok || i > 0 && !p.note.Published.Equal(t) && !p.note.Published.IsZero() {
		return stem
	}
	p.note.Published, p.date = t, t
	if p.slug == "" {
		p.slug = strings.Trim(strings.TrimSuffix(m[2], path.Ext(m[2])), " -_") // also of the name of a folder
	}
	return stem
}

// nameDate reads a date in a file's name, in which Jekyll accepts single digits.
func nameDate(s string, loc *time.Location) (time.Time, bool) {
	t, err := time.ParseInLocation("2006-1-2", s, loc)
	if err != nil {
		return t, false
	}
	return site.ParseTime(t.Format("2006-01-02"), loc)
}

func bareStem(stem string) string {
	if m := datedName().FindStringSubmatch(stem); m != nil {
		return m[2]
	}
	return stem
}

// isPage reports whether a file is a page although it has a date. "hugo new" dates
// every file, and an about page next to folders of posts is not a post.
func (old *oldSite) isPage(p *page) bool {
	return old.tool == Hugo && old.hasSection && p.dir == ""
}

// titleOf returns the title that Jekyll makes of a file's name.
func titleOf(stem string) string {
	words := strings.FieldsFunc(stem, func(r rune) bool { return r == '-' || r == '_' || unicode.IsSpace(r) })
	for i, word := range words {
		runes := []rune(word)
		runes[0] = unicode.ToUpper(runes[0])
		words[i] = string(runes)
	}
	return strings.Join(words, " ")
}
