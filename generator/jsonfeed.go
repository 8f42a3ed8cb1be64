package generator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"time"
)

// The types below are a JSON Feed, https://www.jsonfeed.org/version/1.1/.
type jsonDocument struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	HomePage    string       `json:"home_page_url"`
	FeedURL     string       `json:"feed_url"`
	Description string       `json:"description,omitempty"`
	Language    string       `json:"language,omitempty"`
	Authors     []jsonAuthor `json:"authors"`
	Hubs        []jsonHub    `json:"hubs,omitempty"`
	Items       []jsonItem   `json:"items"`
}

type jsonAuthor struct {
	Name   string `json:"name"`
	URL    string `json:"url"`
	Avatar string `json:"avatar,omitempty"`
}

type jsonHub struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

type jsonItem struct {
	ID          string           `json:"id"`
	URL         string           `json:"url"`
	Title       string           `json:"title,omitempty"` // absent from a note without a name
	Summary     string           `json:"summary,omitempty"`
	HTML        string           `json:"content_html,omitempty"`
	Text        string           `json:"content_text,omitempty"` // in its place: one of the two is required
	Published   string           `json:"date_published"`
	Modified    string           `json:"date_modified,omitempty"`
	Tags        []string         `json:"tags,omitempty"`
	Attachments []jsonAttachment `json:"attachments,omitempty"`
}

type jsonAttachment struct {
	URL      string `json:"url"`
	MimeType string `json:"mime_type"`
	Size     int64  `json:"size_in_bytes,omitempty"`
}

func (g *Generator) jsonFeed(f *feed, self string) ([]byte, error) {
	author := jsonAuthor{Name: g.authorName(), URL: g.cfg.Me}
	if photo := g.cfg.Author.Photo; photo != "" {
		author.Avatar = g.cfg.Absolute(photo)
	}
	doc := jsonDocument{
		Version: "https://jsonfeed.org/version/1.1",
		Title:   f.title, HomePage: f.home, FeedURL: self,
		Description: f.description, Language: g.cfg.Lang,
		Authors: []jsonAuthor{author},
		Items:   make([]jsonItem, 0, len(f.items)), // an empty feed has an empty list
	}
	for _, hub := range g.hubs() {
		doc.Hubs = append(doc.Hubs, jsonHub{"WebSub", hub})
	}
	for i := range f.items {
		doc.Items = append(doc.Items, jsonItemOf(&f.items[i]))
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // it is no part of a page
	enc.SetIndent("", "  ")
	err := enc.Encode(doc)
	return b.Bytes(), err
}

func jsonItemOf(i *feedItem) jsonItem {
	item := jsonItem{
		ID: i.id, URL: i.url, Title: i.name, Summary: i.summary, HTML: i.html, Tags: i.tags,
		Published: i.published.Format(time.RFC3339),
	}
	if i.html == "" {
		item.Text = cmp.Or(i.summary, i.label)
	}
	if !i.updated.IsZero() {
		item.Modified = i.updated.Format(time.RFC3339)
	}
	for _, m := range i.media {
		item.Attachments = append(item.Attachments, jsonAttachment{m.url, m.mediaType, m.size})
	}
	return item
}
