package importer

import (
	"cmp"
	"maps"
	"path"
	"strconv"
	"strings"
	"unicode"

	"starpunk/site"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// addressOf returns the path at which the old site had a page, in the form of
// aliases; "" if it had none, or none that can be kept.
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
	if old.tool == Hugo {
		if l := old.languages[cmp.Or(p.language, old.language)]; l.foreign {
			return "" // it was on another host
		} else if l.host {
			return site.CleanAddress(address)
		}
	}
	return site.CleanAddress(old.whole(address))
}

// whole returns the path on the host for an address relative to the site's top.
func (old *oldSite) whole(address string) string {
	if old.below == "" || address == "" {
		return address
	}
	return old.below + "/" + strings.TrimLeft(address, "/")
}

// placeholder matches a placeholder of Hugo's and Jekyll's patterns.
var placeholder = lazyRegexp(`:[a-zA-Z_]+`)

func expand(pattern string, parts map[string]string) string {
	return placeholder().ReplaceAllStringFunc(pattern, func(name string) string { return parts[name[1:]] })
}

// dateParts returns the placeholders of dates that both tools have.
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
	parts := old.hugoParts(p, stem)
	folder := old.languageFolder(p.source)
	if p.explicit != "" {
		address := expandHugo(p.explicit, parts, p)
		if !strings.HasPrefix(address, "/") {
			return folder + "/" + address
		}
		if old.languages[cmp.Or(p.language, old.language)].host {
			return folder + address
		}
		return address
	}
	name := stem
	if p.slug != "" {
		name = strings.Trim(p.slug, "-")
	}
	address := path.Join("/", p.dir, name)
	if p.section {
		address = "/" + p.dir
	}
	if pattern := old.hugoPattern(p); pattern != "" {
		address = path.Clean("/" + expandHugo(pattern, parts, p))
	}
	address = old.hugoPath(p, address)
	// Otherwise the address is that of a folder with an index file.
	if !p.section && old.isUgly(p) {
		return folder + address + ".html"
	}
	return folder + strings.TrimRight(address, "/") + "/"
}

// hugoParts returns the placeholders of a pattern:
// https://gohugo.io/configuration/permalinks/#tokens
func (old *oldSite) hugoParts(p *page, stem string) map[string]string {
	urlize := func(s string) string { return old.hugoPath(p, s) }
	parts := p.dateParts()
	if p.date.IsZero() {
		maps.Copy(parts, map[string]string{"year": "1", "month": "01", "day": "01", "yearday": "1", "monthname": "january", "weekday": "1", "weekdayname": "monday"})
	}
	section, _, _ := strings.Cut(p.dir, "/")
	parts["section"], parts["sections"] = urlize(section), urlize(p.dir)
	parts["sectionslug"], parts["sectionslugs"] = parts["section"], parts["sections"]
	parts["title"], parts["filename"] = urlize(p.note.Name), urlize(stem)
	if p.section {
		parts["filename"] = ""
	}
	parts["contentbasename"], parts["slugorcontentbasename"] = parts["filename"], parts["filename"]
	parts["slugorfilename"], parts["slug"] = parts["filename"], parts["title"]
	if p.slug != "" {
		name := urlize(strings.Trim(p.slug, "-"))
		parts["slug"], parts["slugorfilename"], parts["slugorcontentbasename"] = name, name, name
	}
	return parts
}

// hugoToken matches a placeholder of Hugo, which may select a part of the sections.
var hugoToken = lazyRegexp(`:(\w+)(\[[^\]]+\])?`)

func expandHugo(pattern string, parts map[string]string, p *page) string {
	return hugoToken().ReplaceAllStringFunc(pattern, func(token string) string {
		m := hugoToken().FindStringSubmatch(token)
		value, known := parts[m[1]]
		switch {
		case known && m[2] != "":
			return sliceOf(value, m[2])
		case known:
			return value
		}
		return p.date.Format(m[1]) // Hugo also accepts the layouts of Go
	})
}

// sliceOf returns a part of a path: "[1]", "[last]", "[1:]", "[:2]".
func sliceOf(sections, cut string) string {
	list := strings.FieldsFunc(sections, func(r rune) bool { return r == '/' })
	index := func(s string, usual int) int {
		if s == "last" {
			return len(list) - 1
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			return usual
		}
		return min(max(n, 0), len(list))
	}
	from, to, isRange := strings.Cut(strings.Trim(cut, "[]"), ":")
	low, high := index(from, 0), index(to, len(list))
	if !isRange {
		high = min(low+1, len(list))
	}
	if low >= high || low < 0 {
		return ""
	}
	return path.Join(list[low:high]...)
}

// hugoPattern returns the pattern of addresses that the configuration has for a
// page, or "".
func (old *oldSite) hugoPattern(p *page) string {
	if old.permalink != "" {
		if p.section || p.dir == "" {
			return ""
		}
		return old.permalink
	}
	kind := "page"
	if p.section {
		kind = "section"
	}
	switch table := old.setting(p.language, "permalinks").(type) {
	case map[string]any:
		return patternOf(table, kind, p.dir)
	case []any: // the form since Hugo 0.161
		for _, entry := range table {
			target := lookup(entry, "target")
			at := "/" + strings.TrimPrefix(p.dir+"/"+p.stem, "/")
			if p.section {
				at = "/" + p.dir
			}
			if matches(target, "path", strings.ToLower(at)) && matches(target, "kind", kind) && matches(target, "environment", "production") {
				return firstText(lookup(entry, "pattern"))
			}
		}
	}
	return ""
}

// patternOf returns the pattern of the nearest section above a page. Keys at the top
// of the table are for pages.
func patternOf(table map[string]any, kind, dir string) string {
	tables := []any{lookup(table, kind)}
	if kind == "page" {
		tables = append(tables, table)
	}
	for at := dir; ; at = path.Dir(at) {
		for _, t := range tables {
			m, _ := t.(map[string]any)
			for key, v := range m {
				pattern, ok := v.(string)
				if ok && strings.EqualFold(strings.Trim(key, " /"), strings.TrimPrefix(at, ".")) && (at != "." && at != "" || dir == "") {
					return pattern
				}
			}
		}
		if at == "." || at == "" || at == "/" {
			return ""
		}
	}
}

// isUgly reports whether the address of a page has an ending. The setting is for all
// pages, or for one section.
func (old *oldSite) isUgly(p *page) bool {
	section, _, _ := strings.Cut(p.dir, "/")
	switch v := old.setting(p.language, "uglyURLs").(type) {
	case bool:
		return v
	case string:
		return v == "true"
	case map[string]any:
		return lookup(v, section) == true || lookup(v, section) == "true"
	}
	return false
}

// languageFolder returns the path at which a language has its pages. A language
// with its own base URL has no folder.
func (old *oldSite) languageFolder(src *source) string {
	code := cmp.Or(src.language, old.language)
	if l := old.languages[code]; l.host {
		return l.below
	}
	if src.language != "" || lookup(old.config, "defaultContentLanguageInSubdir") == true {
		return "/" + code
	}
	return ""
}

// hugoPath returns a name as Hugo writes it in an address: hyphens for spaces, only
// the signs that isHugoPath accepts and, by default, lower case.
func (old *oldSite) hugoPath(p *page, s string) string {
	if old.setting(p.language, "removePathAccents") == true {
		s = withoutAccents(s)
	}
	if old.setting(p.language, "disablePathToLower") != true {
		s = strings.ToLower(s)
	}
	var b strings.Builder
	space, hyphen := false, false
	for i, r := range s {
		switch {
		case isHugoPath(s, i, r):
			hyphen = r == '-'
			if space && !hyphen {
				b.WriteByte('-')
			}
			space = false
			b.WriteRune(r)
		case b.Len() > 0 && !hyphen && unicode.IsSpace(r):
			space = true
		}
	}
	return b.String()
}

var hexes = lazyRegexp(`^%[0-9A-Fa-f]{2}`)

func isHugoPath(s string, i int, r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune(`./\_#+~-@`, r) || hexes().MatchString(s[i:])
}

// withoutAccents removes marks from letters: "é" becomes "e".
func withoutAccents(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}

// zolaAddress: https://www.getzola.org/documentation/content/page/ Names of folders
// do not change.
func (old *oldSite) zolaAddress(p *page, stem string) string {
	if p.explicit != "" {
		return p.explicit
	}
	if p.slug != "" {
		stem = p.slug
	}
	name := old.zolaPath(stem)
	if p.section {
		name = ""
	}
	return path.Join("/", p.language, p.dir, name)
}

// zolaPath returns the name of a page as Zola writes it in an address
// (https://www.getzola.org/documentation/getting-started/configuration/#slugification-strategies).
func (old *oldSite) zolaPath(s string) string {
	switch lookup(old.config, "slugify", "paths") {
	case "off":
		return s
	case "safe":
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(`<>:"/\|?*`, r) {
				return -1
			}
			return r
		}, strings.TrimRight(s, " ."))
	}
	return zolaSlug(s)
}

// zolaSlug returns Zola's slug of a name (slugify.paths = "on"): ASCII letters and
// digits in lower case, and hyphens for all others.
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
	if p.slug != "" {
		title = p.slug
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

// jekyllPattern returns the pattern of a page without one in its front matter.
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

// pageEnd returns the ending of pages' addresses, which depends on that of posts.
func pageEnd(pattern string) string {
	if strings.HasSuffix(pattern, "/") {
		return "/"
	}
	return ":output_ext"
}

var notInJekyllSlug = lazyRegexp(`[^\p{M}\p{L}\p{Nd}._~!$&'()+,;=@-]+`)

func jekyllSlug(s string) string {
	return strings.Trim(notInJekyllSlug().ReplaceAllString(s, "-"), "-")
}

func isoWeek(p *page) string {
	_, week := p.date.ISOWeek()
	return string([]byte{'0' + byte(week/10), '0' + byte(week%10)})
}
