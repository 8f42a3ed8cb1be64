package generator

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"strings"

	"starpunk/site"
	"starpunk/site/store"
)

const sitemapNamespace = "http://www.sitemaps.org/schemas/sitemap/0.9"

// The types below are documents of https://www.sitemaps.org/protocol.html.
type sitemapFile struct {
	XMLName xml.Name
	Xmlns   string       `xml:"xmlns,attr"`
	URLs    []sitemapURL `xml:"url"`
	Maps    []sitemapURL `xml:"sitemap"`
}

type sitemapURL struct {
	Location string `xml:"loc"`
}

// sitemapMonth lists the notes of a month. It has no dates of change: those
// would have every old shard written again.
func (g *Generator) sitemapMonth(ctx context.Context, l listAddress) ([]file, error) {
	permalinks, err := g.store.MonthPermalinks(ctx, l.span)
	if err != nil || len(permalinks) == 0 {
		return nil, err
	}
	return g.sitemap(l.path, g.locations(permalinks), nil)
}

// sitemapPages lists the front page, and the pages without a date.
func (g *Generator) sitemapPages(ctx context.Context) ([]file, error) {
	permalinks, err := g.store.PagePermalinks(ctx)
	if err != nil {
		return nil, err
	}
	return g.sitemap(sitemapPages, append([]sitemapURL{{g.cfg.URL}}, g.locations(permalinks)...), nil)
}

func (g *Generator) sitemapIndex(ctx context.Context, now *store.ListState) ([]file, error) {
	now.Names = map[string]string{}
	months, err := g.store.Months(ctx, "")
	if err != nil {
		return nil, err
	}
	maps := []sitemapURL{{g.cfg.Absolute(sitemapPages)}}
	for _, month := range months {
		shard := "/sitemap-" + month + ".xml"
		maps = append(maps, sitemapURL{g.cfg.Absolute(shard)})
		now.Names[shard] = month
	}
	return g.sitemap(sitemapIndex, nil, maps)
}

func (g *Generator) locations(permalinks []string) []sitemapURL {
	urls := make([]sitemapURL, len(permalinks))
	for i, p := range permalinks {
		urls[i] = sitemapURL{g.cfg.Absolute(site.EscapePath(p))}
	}
	return urls
}

func (g *Generator) sitemap(address string, urls, maps []sitemapURL) ([]file, error) {
	doc := sitemapFile{XMLName: xml.Name{Local: "urlset"}, Xmlns: sitemapNamespace, URLs: urls, Maps: maps}
	if len(maps) > 0 {
		doc.XMLName.Local = "sitemapindex"
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("site map: %w", err)
	}
	b.WriteByte('\n')
	return []file{{name: strings.TrimPrefix(address, "/"), data: b.Bytes()}}, nil
}
