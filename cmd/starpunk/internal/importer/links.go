package importer

import (
	"cmp"
	"html"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"starpunk/site"
)

// findLinks records the new place of each file of the old site, for links to it.
func (r *run) findLinks() {
	r.links, r.byAddress, r.assetAt = map[string]string{}, map[string]string{}, map[string]string{}
	for _, p := range r.pages {
		for _, a := range p.assets {
			at := strings.TrimSuffix(p.address, ".html")
			if r.assetAt[path.Join(at, a.name)] == "" && p.address != "" {
				r.assetAt[path.Join(at, a.name)] = path.Join(r.permalinkOf(p), a.name)
			}
		}
		if p.address != "" {
			r.byAddress[p.address] = "/" + p.note.File
		}
		r.links[p.file] = "/" + p.note.File
		for _, name := range p.postNames() {
			if r.links["post "+name] == "" {
				r.links["post "+name] = "/" + p.note.File
			}
		}
	}
	for _, p := range r.pages {
		for _, alias := range p.note.Aliases {
			if r.byAddress[alias] == "" {
				r.byAddress[alias] = "/" + p.note.File
			}
		}
	}
}

// postNames returns the names by which a post can be linked: the name of its file
// without the ending, alone or after its folders above or below _posts (Jekyll,
// "Linking to posts").
func (p *page) postNames() []string {
	if !p.post {
		return nil
	}
	name := path.Base(strings.TrimSuffix(p.file, path.Ext(p.file)))
	return []string{path.Join(p.dir, p.below, name), path.Join(p.dir, name), path.Join(p.below, name), name}
}

// postLink returns the link to the post that a tag names, or "".
func (r *run) postLink(name string) string {
	name = path.Clean(strings.TrimPrefix(strings.Trim(name, `"'`), "/"))
	for _, tried := range []string{name, strings.TrimSuffix(name, path.Ext(name)), path.Base(name)} {
		if link := r.links["post "+tried]; link != "" {
			return link
		}
	}
	return ""
}

// fileLink returns the link to the page or the other file that a tag names, or "".
func (r *run) fileLink(name string) string {
	name = path.Clean(strings.TrimPrefix(strings.Trim(name, `"'`), "/"))
	if link := r.links[name]; link != "" || strings.HasPrefix(name, "post ") {
		return link
	}
	if !filepath.IsLocal(name) || strings.Contains(name, "{") {
		return ""
	}
	info, err := os.Stat(filepath.Join(r.old.mounts[0].dir, filepath.FromSlash(name)))
	if err != nil || info.IsDir() || !r.old.other(name) {
		return ""
	}
	return "/" + name
}

// hugoLink returns the link for a ref: a path from the page, a path from the top, or
// the unique name of a page (Hugo, "Links and references").
func (r *run) hugoLink(p *page, target string) string {
	target, fragment := cutFragment(target)
	if target == "" {
		return fragment
	}
	for _, base := range []string{path.Join(path.Dir(p.file), target), strings.TrimPrefix(path.Clean(target), "/")} {
		names := []string{base, base + ".md", base + "/index.md"}
		if p.language != "" { // prefer a translation
			bare, ending := strings.TrimSuffix(base, ".md"), "."+p.language+".md"
			names = append([]string{bare + ending, bare + "/index" + ending}, names...)
		}
		for _, name := range names {
			if link := r.links[name]; link != "" {
				return link + fragment
			}
		}
	}
	found := ""
	for file, link := range r.links {
		if strings.TrimSuffix(path.Base(file), ".md") == strings.TrimSuffix(target, ".md") || path.Base(path.Dir(file)) == target {
			if found != "" {
				return "" // ambiguous
			}
			found = link
		}
	}
	if found == "" {
		return ""
	}
	return found + fragment
}

func cutFragment(s string) (target, fragment string) {
	if i := strings.IndexAny(s, "#?"); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// hrefs matches the addresses of links and pictures in HTML. destinations also
// matches those in Markdown, inline or in a definition. The last group is that of
// HTML.
var (
	hrefs        = lazyRegexp(href)
	destinations = lazyRegexp(`(?m)\]\([ \t]*<?([^)\s>]+)|^ {0,3}\[[^\]\n]+\]:[ \t]*<?([^\s>]+)|` + href)
)

const href = `(?i:<(?:a\s(?:[^>]*?\s)?href|img\s(?:[^>]*?\s)?src)\s*=\s*["']?([^\s"'>]+))`

// relink replaces links to files of the old site by links to their new places. prose
// is the text without its code, which has no links.
func (r *run) relink(p *page, text, prose string, links *regexp.Regexp) string {
	var b strings.Builder
	end, reported := 0, 0
	for _, at := range links.FindAllStringSubmatchIndex(prose, -1) {
		last := len(at) - 2
		inHTML := at[last] >= 0
		group := last
		for at[group] < 0 {
			group -= 2
		}
		from, to := at[group], at[group+1]
		link := ""
		if inHTML {
			old := html.UnescapeString(text[from:to])
			link = html.EscapeString(r.newLink(p, old))
			if link == "" && isPageOfOldSite(old) && reported < maxFindings {
				reported++
				r.report.find(p.where, p.bodyLine+strings.Count(text[:from], "\n"), "link",
					"%s: leads to no imported page; correct the link", inOneLine(old))
			}
		} else {
			link = r.newLink(p, text[from:to])
		}
		if link == "" {
			continue
		}
		b.WriteString(text[end:from])
		b.WriteString(link)
		end = to
	}
	return b.String() + text[end:]
}

// isPageOfOldSite reports whether a link to no note looks like one to a page of the
// old site.
func isPageOfOldSite(link string) bool {
	target, _ := cutFragment(link)
	if target == "" || target == "/" || strings.HasPrefix(target, "//") || strings.ContainsAny(target, ":{}") {
		return false
	}
	ext := path.Ext(target)
	return ext == "" || ext == ".html" || strings.HasSuffix(target, "/")
}

// newLink returns the new link to a file of the old site, or "" for a link that
// stays as it is.
func (r *run) newLink(p *page, link string) string {
	target, fragment := cutFragment(link)
	file := path.Join(path.Dir(p.file), target)
	if top, ok := strings.CutPrefix(target, "@/"); ok { // Zola, "Internal links"
		file = path.Clean(top)
	} else if strings.HasPrefix(target, "/") {
		file = strings.TrimPrefix(path.Clean(target), "/")
	}
	if target == "" || r.links[file] == "" || strings.HasPrefix(file, "post ") {
		return r.relative(p, target, fragment)
	}
	return r.links[file] + fragment
}

// relative returns the new link for a link to a former address. Without it, a link relative to
// the page's former address would lead elsewhere. In a bundle it may be a file.
func (r *run) relative(p *page, target, fragment string) string {
	if link := cmp.Or(r.assetOf(p, target), r.staticOf(p, target)); link != "" {
		return link + fragment
	}
	if strings.HasPrefix(target, "/") && !strings.HasPrefix(target, "//") {
		// The whole address on the host, or one that the tool completes.
		for _, address := range []string{target, r.old.whole(target)} {
			if link := r.byAddress[site.CleanAddress(address)]; link != "" {
				return link + fragment
			}
		}
		return ""
	}
	if target == "" || p.address == "" || strings.ContainsAny(target[:1], "/@#") || strings.Contains(target, ":") {
		return ""
	}
	for _, asset := range p.assets {
		if path.Clean(target) == asset.name {
			return ""
		}
	}
	if !strings.HasPrefix(target, "../") && !strings.HasSuffix(target, "/") && !strings.HasSuffix(target, ".html") {
		return ""
	}
	base := p.address
	if !strings.HasSuffix(base, "/") {
		base = path.Dir(base)
	}
	address := site.CleanAddress(path.Join(base, target))
	if link := r.byAddress[address]; link != "" {
		return link + fragment
	}
	return ""
}

// assetOf returns the address of a file in the bundle of another page, or "" if a
// link leads to none.
func (r *run) assetOf(p *page, target string) string {
	if target == "" || strings.Contains(target, ":") || p.address == "" && target[0] != '/' {
		return ""
	}
	at := path.Join(strings.TrimSuffix(p.address, ".html"), target)
	if target[0] == '/' {
		at = r.old.whole(path.Clean(target))
		if r.assetAt[at] == "" {
			at = path.Clean(target)
		}
	}
	if slices.ContainsFunc(p.assets, func(a asset) bool { return path.Join(p.address, a.name) == at || path.Clean(target) == a.name }) && target[0] != '/' {
		return ""
	}
	return r.assetAt[at]
}

// staticOf returns the path, from the top of the site, of a file to which a page of
// Jekyll has a relative link, or "". The page may have another address now.
func (r *run) staticOf(p *page, target string) string {
	if r.old.tool != Jekyll || target == "" || strings.ContainsAny(target, ":{}") || strings.ContainsAny(target[:1], "/@#?") {
		return ""
	}
	dir := strings.TrimPrefix(p.address, r.old.below)
	if !strings.HasSuffix(dir, "/") {
		dir = path.Dir(dir)
	}
	if link := r.fileLink(path.Join(dir, target)); link != "" && r.links[link[1:]] == "" {
		r.report.find(p.where, 1, "static", "shows the file %s of the old site; copy it to static%s", link[1:], link)
		return link
	}
	return ""
}
