package generator

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
func (g *Generator) sitemapMonth(l list.Address) []file {
	notes := g.plan.Listed(plan.List{Month: l.Month})
	if len(notes) == 0 {
		return nil
	}
	permalinks := make([]string, len(notes))
	for i, n := range notes {
		permalinks[i] = n.Permalink
	}
	return g.sitemap(l.Path, "urlset", "url", g.locations(permalinks))
}

// sitemapPages returns the site map of the front page and of the pages without a date.
func (g *Generator) sitemapPages(ctx context.Context) ([]file, error) {
	permalinks, err := g.store.Notes.PagePermalinks(ctx)
	if err != nil {
		return nil, err
	}
	return g.sitemap(site.SitemapPages, "urlset", "url", append([]string{g.cfg.URL}, g.locations(permalinks)...)), nil
}

func (g *Generator) sitemapIndex() []file {
	maps := []string{g.cfg.Absolute(site.SitemapPages)}
	for _, month := range g.plan.Months("") {
		maps = append(maps, g.cfg.Absolute(site.SitemapOf(month)))
	}
	return g.sitemap(site.SitemapIndex, "sitemapindex", "sitemap", maps)
}

func (g *Generator) locations(permalinks []string) []string {
	urls := make([]string, len(permalinks))
	for i, p := range permalinks {
		urls[i] = g.cfg.Absolute(site.EscapePath(p))
	}
	return urls
}

// sitemap returns a document of https://www.sitemaps.org/protocol.html with one element
// for each absolute address. It is so simple, and written so often, that it does not use
// encoding/xml.
func (g *Generator) sitemap(address, root, element string, urls []string) []file {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s<%s xmlns=%q>\n", xml.Header, root, sitemapNamespace)
	for _, url := range urls {
		b.WriteString("  <" + element + ">\n    <loc>")
		_ = xml.EscapeText(&b, []byte(url)) // a Buffer takes everything
		b.WriteString("</loc>\n  </" + element + ">\n")
	}
	b.WriteString("</" + root + ">\n")
	return []file{{name: strings.TrimPrefix(address, "/"), data: b.Bytes()}}
}
