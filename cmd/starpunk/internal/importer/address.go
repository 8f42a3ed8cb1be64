package importer

import (
	"cmp"
	"path"
	"regexp"
	"strings"
	"unicode"

	"starpunk/site"

	"github.com/mozillazg/go-unidecode"
)

// addressOf is the path at which the old site had a page, in the form that
// aliases have; "" if it had none, or none that can be kept.
func (old *oldSite) addressOf(p *page, stem string) string {
	if p.home {
		return "/"
	}
	if p.draft && p.date.IsZero() {
		return ""
	}
	var address string
	switch old.tool {
	case Hugo:
		address = old.hugoAddress(p, stem)
	case Zola:
		address = old.zolaAddress(p, stem)
	case Jekyll:
		address = old.jekyllAddress(p, stem)
	}
	return site.CleanAddress(old.whole(address))
}

// whole is the address of a host for one that begins at the top of the site.
func (old *oldSite) whole(address string) string {
	if old.below == "" || address == "" {
		return address
	}
	return old.below + "/" + strings.TrimLeft(address, "/")
}

// placeholder is one of a pattern in Hugo's and Jekyll's manner.
var placeholder = regexp.MustCompile(`:[a-zA-Z_]+`)

func expand(pattern string, parts map[string]string) string {
	return placeholder.ReplaceAllStringFunc(pattern, func(name string) string { return parts[name[1:]] })
}

// dateParts are the placeholders of dates that both tools have.
func (p *page) dateParts() map[string]string {
	t := p.date
	if t.IsZero() {
		return map[string]string{}
	}
	parts := map[string]string{}
	for name, layout := range map[string]string{
		"year": "2006", "month": "01", "day": "02", "short_year": "06", "hour": "15", "minute": "04", "second": "05",
		"i_month": "1", "i_day": "2", "short_month": "Jan", "long_month": "January", "y_day": "002", "yearday": "__2",
		"weekdayname": "Monday", "short_day": "Mon", "long_day": "Monday",
	} {
		parts[name] = strings.TrimSpace(t.Format(layout))
	}
	parts["monthname"] = strings.ToLower(t.Format("January"))
	parts["weekdayname"] = strings.ToLower(parts["weekdayname"])
	return parts
}

// hugoAddress: https://gohugo.io/content-management/urls/
func (old *oldSite) hugoAddress(p *page, stem string) string {
	slug, _, _ := strings.Cut(p.dir, "/")
	parts := p.dateParts()
	parts["section"], parts["sections"] = urlize(slug), urlize(p.dir)
	parts["title"], parts["filename"] = urlize(p.note.Name), urlize(stem)
	parts["contentbasename"], parts["slugorcontentbasename"] = parts["filename"], parts["filename"]
	parts["slugorfilename"], parts["slug"] = parts["filename"], parts["title"]
	name := parts["filename"]
	if p.slugged {
		name = urlize(p.note.Slug)
		parts["slug"], parts["slugorfilename"], parts["slugorcontentbasename"] = name, name, name
	}
	folder := old.languageFolder(p.source)
	if p.explicit != "" {
		if !strings.HasPrefix(p.explicit, "/") {
			return folder + "/" + expand(p.explicit, parts)
		}
		return expand(p.explicit, parts)
	}
	address := "/" + path.Join(urlize(p.dir), name) + "/"
	pattern := old.permalink
	for _, keys := range [][]string{{"permalinks", slug}, {"permalinks", "page", slug}} {
		if s, ok := lookup(old.config, keys...).(string); ok && pattern == "" {
			pattern = s
		}
	}
	if pattern != "" && p.dir != "" {
		address = "/" + strings.Trim(expand(pattern, parts), "/") + "/"
	}
	if lookup(old.config, "uglyURLs") == true {
		address = strings.TrimSuffix(address, "/") + ".html"
	}
	return folder + address
}

// languageFolder is what the addresses of a language begin with.
func (old *oldSite) languageFolder(src *source) string {
	if src.language != "" || lookup(old.config, "defaultContentLanguageInSubdir") == true {
		return "/" + cmp.Or(src.language, old.language)
	}
	return ""
}

// urlize is what Hugo makes of a name in an address: lower case, hyphens for
// spaces, and no other signs than these.
func urlize(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(s)) {
		switch {
		case unicode.IsSpace(r):
			r = '-'
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("./_-~+", r):
			continue
		}
		if r != '-' || !strings.HasSuffix(b.String(), "-") {
			b.WriteRune(r)
		}
	}
	return strings.Trim(b.String(), "-")
}

// zolaAddress: https://www.getzola.org/documentation/content/page/
func (old *oldSite) zolaAddress(p *page, stem string) string {
	if p.explicit != "" {
		return p.explicit
	}
	if p.slugged {
		stem = p.note.Slug
	}
	var elements []string
	for element := range strings.SplitSeq(p.dir, "/") {
		elements = append(elements, zolaSlug(element))
	}
	return path.Join(append(append([]string{"/"}, elements...), zolaSlug(stem))...)
}

// zolaSlug is Zola's slug of a name (slugify.paths = "on"): ASCII letters and
// digits in lower case, hyphens for all else.
func zolaSlug(s string) string {
	words := strings.FieldsFunc(strings.ToLower(unidecode.Unidecode(s)), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(words, "-")
}

// jekyllStyles: https://jekyllrb.com/docs/permalinks/#built-in-formats
var jekyllStyles = map[string]string{
	"date":     "/:categories/:year/:month/:day/:title:output_ext",
	"pretty":   "/:categories/:year/:month/:day/:title/",
	"ordinal":  "/:categories/:year/:y_day/:title:output_ext",
	"weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
	"none":     "/:categories/:title:output_ext",
}

// jekyllAddress: https://jekyllrb.com/docs/permalinks/
func (old *oldSite) jekyllAddress(p *page, stem string) string {
	parts := p.dateParts()
	title := jekyllSlug(stem)
	if p.slugged {
		title = p.note.Slug
	}
	parts["title"], parts["slug"], parts["name"] = title, strings.ToLower(title), strings.ToLower(title)
	parts["output_ext"], parts["basename"], parts["collection"] = ".html", stem, p.collection
	parts["path"] = path.Join(p.dir, stem)
	var categories []string
	for _, c := range p.categories {
		categories = append(categories, strings.ToLower(jekyllSlug(c)))
	}
	parts["categories"] = strings.Join(categories, "/")
	if !p.date.IsZero() {
		parts["week"] = isoWeek(p)
	}
	pattern := p.explicit
	if pattern == "" {
		pattern = old.jekyllPattern(p)
	}
	if style, ok := jekyllStyles[pattern]; ok {
		pattern = style
	}
	return strings.ReplaceAll("/"+strings.TrimLeft(expand(pattern, parts), "/"), "//", "/")
}

// jekyllPattern is the pattern of a page that does not say one itself.
func (old *oldSite) jekyllPattern(p *page) string {
	global := old.permalink
	if global == "" {
		global = old.text("permalink", "date")
	}
	if p.post {
		return global
	}
	if style, ok := jekyllStyles[global]; ok {
		global = style
	}
	if p.collection != "" {
		if s, ok := lookup(old.config, "collections", p.collection, "permalink").(string); ok {
			return s
		}
		return "/:collection/:path" + pageEnd(global)
	}
	if p.stem == "index" {
		return "/" + p.dir + "/"
	}
	return "/" + path.Join(p.dir, ":basename") + pageEnd(global)
}

// pageEnd is how the addresses of pages end, which follow those of posts.
func pageEnd(pattern string) string {
	if strings.HasSuffix(pattern, "/") {
		return "/"
	}
	return ":output_ext"
}

var notInJekyllSlug = regexp.MustCompile(`[^\p{M}\p{L}\p{Nd}._~!$&'()+,;=@-]+`)

func jekyllSlug(s string) string {
	return strings.Trim(notInJekyllSlug.ReplaceAllString(s, "-"), "-")
}

func isoWeek(p *page) string {
	_, week := p.date.ISOWeek()
	return string([]byte{'0' + byte(week/10), '0' + byte(week%10)})
}
