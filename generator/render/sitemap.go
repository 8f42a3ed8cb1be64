package render

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"strings"

	"starpunk/generator/list"
	"starpunk/generator/plan"
	"starpunk/site"
)

const sitemapNamespace = "http://www.sitemaps.org/schemas/sitemap/0.9"

// sitemapMonth returns the site map of the notes of a month. It has no dates of change:
// with these, every old map would be written again.
func (l *lists) sitemapMonth(a list.Address) []File {
	notes := l.plan.Listed(plan.List{Month: a.Month})
	if len(notes) == 0 {
		return nil
	}
	permalinks := make([]string, len(notes))
	for i, n := range notes {
		permalinks[i] = n.Permalink
	}
	return l.r.sitemap(a.Path, "urlset", "url", l.r.locations(permalinks))
}

// sitemapPages returns the site map of the front page and of the pages without a date.
func (l *lists) sitemapPages(ctx context.Context) ([]File, error) {
	permalinks, err := l.r.store.Notes.PagePermalinks(ctx)
	if err != nil {
		return nil, err
	}
	return l.r.sitemap(site.SitemapPages, "urlset", "url", append([]string{l.r.cfg.URL}, l.r.locations(permalinks)...)), nil
}

func (l *lists) sitemapIndex() []File {
	maps := []string{l.r.cfg.Absolute(site.SitemapPages)}
	for _, month := range l.plan.Months("") {
		maps = append(maps, l.r.cfg.Absolute(site.SitemapOf(month)))
	}
	return l.r.sitemap(site.SitemapIndex, "sitemapindex", "sitemap", maps)
}

func (r *Renderer) locations(permalinks []string) []string {
	urls := make([]string, len(permalinks))
	for i, p := range permalinks {
		urls[i] = r.cfg.Absolute(site.EscapePath(p))
	}
	return urls
}

// sitemap returns a document of https://www.sitemaps.org/protocol.html with one element
// for each absolute address. It is so simple, and written so often, that it does not use
// encoding/xml.
func (r *Renderer) sitemap(address, root, element string, urls []string) []File {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s<%s xmlns=%q>\n", xml.Header, root, sitemapNamespace)
	for _, url := range urls {
		b.WriteString("  <" + element + ">\n    <loc>")
		_ = xml.EscapeText(&b, []byte(url)) // a Buffer takes everything
		b.WriteString("</loc>\n  </" + element + ">\n")
	}
	b.WriteString("</" + root + ">\n")
	return []File{{Name: strings.TrimPrefix(address, "/"), Data: b.Bytes()}}
}
