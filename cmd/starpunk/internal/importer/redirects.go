package importer

import (
	"cmp"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"starpunk/site"
)

// A Redirect is a line for the table redirects of the configuration, with an address
// of the old site that belongs to no note.
type Redirect struct {
	From, To string
	Reason   string // "feeds"
}

// maxRedirects is the largest number of proposed lines.
const maxRedirects = 1000

// tagReason is the reason of redirects from a tag to its other spelling.
const tagReason = "tags"

// maxFeeds is the largest number of copies of feeds in a configuration.
const maxFeeds = 20

// ownLists matches addresses of lists that StarPunk makes: of tags, years and months.
var ownLists = lazyRegexp(`^/(?:tags(?:/[^/]+)?|\d{4}(?:/\d\d)?)/$`)

// redirect proposes a redirect, unless the site has a file at the address or
// redirects it already.
func (r *run) redirect(from, to, reason string) {
	isOwn := site.OwnFile(from) != "" || ownLists().MatchString(from) && reason != tagReason
	if isOwn || r.redirected[from] || from == to || len(r.report.Redirects) >= maxRedirects {
		return
	}
	r.redirected[from] = true
	r.report.Redirects = append(r.report.Redirects, Redirect{from, to, reason})
}

// configured returns the addresses that the configuration redirects.
func configured(cfg *site.Config) map[string]bool {
	redirected := map[string]bool{}
	for _, address := range cfg.RedirectAddresses() {
		redirected[address] = true
	}
	return redirected
}

// feeds proposes redirects for the feeds of the old site: of the whole site, of its
// languages, of sections, of tags. Feed readers do not follow a page that redirects.
func (r *run) feeds() {
	r.feedsLeft = maxFeeds
	for _, address := range r.cfg.RedirectAddresses() {
		if redirect, _ := r.cfg.RedirectFrom(address); redirect.Feed != "" {
			r.feedsLeft--
		}
	}
	for _, name := range r.old.feedNames() {
		to := feedLike(name)
		r.feed(path.Join("/", name), to)
		for _, code := range slices.Sorted(maps.Keys(r.old.languages)) {
			if code != r.old.language && !r.old.languages[code].disabled {
				r.feed(path.Join("/", code, name), to)
			}
		}
		for _, dir := range r.feedSections() {
			r.feed(path.Join("/", dir, name), to)
		}
	}
	for _, file := range r.old.feedFiles() {
		r.feed("/"+file, feedLike(file))
	}
}

func (r *run) feed(from, to string) {
	if r.feedsLeft > 0 {
		before := len(r.report.Redirects)
		r.redirect(r.old.whole(from), to, "feeds")
		r.feedsLeft -= len(r.report.Redirects) - before
	}
}

// feedLike returns StarPunk's feed in the format of an old one.
func feedLike(name string) string {
	switch {
	case strings.Contains(name, "atom"):
		return site.AtomFeed
	case strings.HasSuffix(name, ".json"):
		return site.JSONFeed
	}
	return site.FeedList
}

// feedNames returns the names of the feeds that the tool writes for the site and its
// sections.
func (old *oldSite) feedNames() []string {
	switch old.tool {
	case Hugo: // https://gohugo.io/templates/rss/
		if containsFold(texts(lookup(old.config, "disableKinds")), "RSS") {
			return nil
		}
		name, _ := lookup(old.config, "outputFormats", "RSS", "baseName").(string)
		return []string{cmp.Or(name, "index") + ".xml"}
	case Zola: // https://www.getzola.org/documentation/templates/feeds/
		if lookup(old.config, "generate_feeds") != true && lookup(old.config, "generate_feed") != true && old.known {
			return nil
		}
		names := append(texts(lookup(old.config, "feed_filenames")), texts(lookup(old.config, "feed_filename"))...)
		if len(names) == 0 {
			names = []string{"atom.xml"}
		}
		return names
	}
	if name := strings.Trim(firstText(lookup(old.config, "feed", "path")), "/"); name != "" { // jekyll-feed
		return []string{name}
	}
	return nil
}

// feedSections returns the sections of the old site that had a feed, those with most
// notes first.
func (r *run) feedSections() []string {
	outputs := lookup(r.old.config, "outputs", "section")
	if r.old.tool != Hugo || outputs != nil && !containsFold(texts(outputs), "RSS") {
		return nil
	}
	count := map[string]int{}
	for _, p := range r.pages {
		if section, _, _ := strings.Cut(p.dir, "/"); section != "" && p.note.Kind == site.KindNote && p.language == "" {
			count[section]++
		}
	}
	return slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
}

// maxFeedFile is how many bytes of a file are read to recognize a feed.
const maxFeedFile = 64 << 10

var feedRoot = lazyRegexp(`<(?:rss|feed)[\s>]`)

// feedFiles returns the templates of feeds at the top of a Jekyll site.
func (old *oldSite) feedFiles() (files []string) {
	if old.tool != Jekyll {
		return nil
	}
	entries, _ := os.ReadDir(old.mounts[0].dir) // an unreadable folder has no feed
	for _, e := range entries {
		if e.Type().IsRegular() && slices.Contains([]string{".xml", ".atom", ".rss"}, filepath.Ext(e.Name())) {
			data, err := readStart(filepath.Join(old.mounts[0].dir, e.Name()), maxFeedFile)
			if err == nil && feedRoot().Match(data) {
				files = append(files, e.Name())
			}
		}
	}
	return files
}

// taxonomies proposes redirects for lists of the old site's tags that have another
// address now: lists of categories, and tags with another spelling.
func (r *run) taxonomies() {
	for _, p := range r.pages {
		if p.note.Draft || p.language != "" {
			continue
		}
		for _, term := range p.terms {
			from := site.CleanAddress(r.old.whole(term.address))
			if tag := site.TagAddress(term.word); from != "" && tag != "" {
				r.redirect(from, site.TagList(tag), tagReason)
				r.redirect(site.CleanAddress(r.old.whole(path.Dir(strings.TrimSuffix(term.address, "/")))), site.TagsList, tagReason)
			}
		}
	}
}

// A term is a word of a taxonomy and the address of its list.
type term struct{ word, address string }

// termsOf returns the lists on which the old site had a page because of its tags.
func (old *oldSite) termsOf(p *page, key string, words []string) (terms []term) {
	for _, word := range words {
		switch old.tool {
		case Hugo: // https://gohugo.io/content-management/taxonomies/
			if old.hasTaxonomy(key) {
				terms = append(terms, term{word, "/" + key + "/" + old.hugoPath(p, word) + "/"})
			}
		case Zola:
			terms = append(terms, term{word, "/" + key + "/" + zolaSlug(word) + "/"})
		}
	}
	return terms
}

// hasTaxonomy reports whether a Hugo site has lists of a taxonomy. Without a table
// in the configuration it has those of tags and categories.
func (old *oldSite) hasTaxonomy(key string) bool {
	if containsFold(texts(lookup(old.config, "disableKinds")), "term") {
		return false
	}
	table, ok := lookup(old.config, "taxonomies").(map[string]any)
	if !ok {
		return true
	}
	for _, plural := range table {
		if plural == key {
			return true
		}
	}
	return false
}
