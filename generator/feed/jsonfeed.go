package feed

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

// JSON returns the feed as JSON Feed. self is its own absolute address.
func (f *Feed) JSON(self string) ([]byte, error) {
	doc := jsonDocument{
		Version: "https://jsonfeed.org/version/1.1",
		Title:   f.Title, HomePage: f.Home, FeedURL: self,
		Description: f.Description, Language: f.Language,
		Authors: []jsonAuthor{{f.Author.Name, f.Author.URL, f.Author.Photo}},
		Items:   make([]jsonItem, 0, len(f.Items)), // an empty feed has an empty list
	}
	for _, hub := range f.Hubs {
		doc.Hubs = append(doc.Hubs, jsonHub{"WebSub", hub})
	}
	for i := range f.Items {
		doc.Items = append(doc.Items, jsonItemOf(&f.Items[i]))
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // it is not part of a page
	enc.SetIndent("", "  ")
	err := enc.Encode(doc)
	return b.Bytes(), err
}

func jsonItemOf(i *Item) jsonItem {
	item := jsonItem{
		ID: i.ID, URL: i.URL, Title: i.Name, Summary: i.Summary, HTML: i.HTML, Tags: i.Tags,
		Published: i.Published.Format(time.RFC3339),
	}
	if i.HTML == "" {
		item.Text = cmp.Or(i.Summary, i.Label)
	}
	if !i.Updated.IsZero() {
		item.Modified = i.Updated.Format(time.RFC3339)
	}
	for _, m := range i.Media {
		item.Attachments = append(item.Attachments, jsonAttachment{m.URL, m.Type, m.Size})
	}
	return item
}
