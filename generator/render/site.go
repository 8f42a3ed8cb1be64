package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"starpunk/generator/feed"
	"starpunk/generator/theme"
	"starpunk/site"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// siteModel returns the data that all pages share.
func (r *Renderer) siteModel() theme.Site {
	c := r.cfg
	s := theme.Site{
		URL: c.URL, Title: c.Title, Description: c.Description, Lang: c.Lang,
		Author: theme.Author{
			Name: c.Author.Name, URL: c.Me, Photo: c.Author.Photo, Note: c.Author.Note,
			Email: c.Author.Email, Links: c.Author.Links, Fediverse: c.Author.Fediverse,
		},
		Stylesheet: versioned(site.StyleSheet, r.layouts.Style),
		Generator:  "StarPunk " + r.version,
		Preview:    c.Preview,
	}
	for _, item := range c.Nav {
		s.Nav = append(s.Nav, theme.Link{Name: item.Name, Path: item.URL})
	}
	s.Head = r.headLinks()
	return s
}

// versioned returns the path of a style sheet with a part that changes with its
// bytes, so that no browser shows a page with an older style sheet.
func versioned(path string, data []byte) string {
	sum := sha256.Sum256(data)
	return path + "?" + hex.EncodeToString(sum[:4])
}

// headLinks returns the <link>s by which clients find the site's endpoints and
// feeds, each with one relation. Their addresses are absolute, since some clients
// do not support others.
func (r *Renderer) headLinks() []theme.HeadLink {
	c := r.cfg
	links := []theme.HeadLink{
		{Rel: "micropub", Href: c.MicropubEndpoint()},
		{Rel: "micropub_media", Href: c.MediaEndpoint()},
		{Rel: "alternate", Type: feed.RSSType, Title: c.Title, Href: c.Absolute(site.FeedList)},
		{Rel: "alternate", Type: feed.AtomType, Title: c.Title, Href: c.Absolute(site.AtomFeed)},
		{Rel: "alternate", Type: feed.JSONType, Title: c.Title, Href: c.Absolute(site.JSONFeed)},
	}
	rels := c.Rels()
	for _, rel := range slices.Sorted(maps.Keys(rels)) {
		for _, href := range rels[rel] {
			links = append(links, theme.HeadLink{Rel: rel, Href: href})
		}
	}
	return links
}

// checkFrontPage renders the front page of a site without notes, and returns an error if
// it lacks a link by which apps find the owner's endpoints. If this site is the owner's
// identity, layouts without these links would lock the owner out: they are refused
// before any output is written with them.
func (r *Renderer) checkFrontPage() error {
	p := r.newPage(site.HomeList)
	page, err := r.layouts.Execute("home.html", p)
	if err != nil || !strings.HasPrefix(r.cfg.Me, r.cfg.URL) {
		return err
	}
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return fmt.Errorf("layouts/home.html: %w", err)
	}
	found := map[[2]string]bool{}
	for n := range doc.Descendants() {
		if n.DataAtom != atom.Link {
			continue
		}
		var rel, href string
		for _, a := range n.Attr {
			switch a.Key {
			case "rel":
				rel = a.Val
			case "href":
				href = a.Val
			}
		}
		for _, r := range strings.Fields(rel) {
			found[[2]string{strings.ToLower(r), href}] = true
		}
	}
	for _, link := range p.Site.Head {
		if !found[[2]string{strings.ToLower(link.Rel), link.Href}] {
			return fmt.Errorf("layouts/home.html: the front page has no <link rel=%q href=%q>, by which apps find it: "+
				"begin it with {{template \"head.html\" .}}, and keep the links of .Site.Head there", link.Rel, link.Href)
		}
	}
	return nil
}
