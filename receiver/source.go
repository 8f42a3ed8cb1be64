package receiver

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"starpunk/receiver/indieauth"
	"starpunk/site"
	"starpunk/site/store"
)

const (
	defaultItems = 20
	maxItems     = 100
	maxOffset    = 1_000_000
)

// source answers q=source (Micropub §3.7.2): with one note, or with a list.
func (rc *Receiver) source(ctx context.Context, q query, tok *indieauth.Token) (any, error) {
	if err := rc.checkReady(); err != nil {
		return nil, err
	}
	if address := q.text("url"); address != "" {
		return rc.sourceOf(ctx, address, q, tok)
	}
	return rc.listSources(ctx, q, tok)
}

// A sourceItem is a note in microformats2 JSON. Type is omitted if the client
// requested only some properties.
type sourceItem struct {
	Type       []string         `json:"type,omitempty"`
	Properties map[string][]any `json:"properties"`
}

func (rc *Receiver) newSourceItem(n *site.Note, only []any) sourceItem {
	item := sourceItem{Type: []string{"h-" + n.H}, Properties: properties(rc.cfg, n)}
	if len(only) == 0 {
		return item
	}
	some := map[string][]any{}
	for _, v := range only {
		name, _ := v.(string)
		if values, ok := item.Properties[name]; ok {
			some[name] = values
		}
	}
	return sourceItem{Properties: some}
}

func (rc *Receiver) sourceOf(ctx context.Context, address string, q query, tok *indieauth.Token) (any, error) {
	row, n, err := rc.find(ctx, address)
	if row == nil {
		return nil, err
	}
	hidden := row.Future || row.Status != site.Public && row.Status != site.Unlisted || n != nil && rc.isHidden(n)
	if row.Status == store.StatusDeleted || hidden && !tok.Has(hiddenScopes...) {
		return nil, errUnknownURL()
	}
	if err != nil {
		return nil, fileError(err)
	}
	return rc.newSourceItem(n, site.WithoutEmptyValues(q["properties"])), nil
}

// A sourceList is one page of a list of notes.
type sourceList struct {
	Items  []sourceItem `json:"items"`
	Paging paging       `json:"paging"`
}

// A paging has the cursors of the neighbouring pages of a list.
type paging struct {
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// listSources answers q=source without url.
func (rc *Receiver) listSources(ctx context.Context, q query, tok *indieauth.Token) (any, error) {
	sel, err := parseSelection(q)
	if err != nil {
		return nil, err
	}
	sel.Hidden = tok.Has(hiddenScopes...)
	limit := sel.Limit
	sel.Limit++ // one more row shows that the list continues
	rows, err := rc.store.Sources(ctx, *sel)
	if err != nil {
		return nil, err
	}
	more := len(rows) > limit
	rows = rows[:min(limit, len(rows))]
	backwards := q.text("before") != ""
	if backwards {
		slices.Reverse(rows)
	}
	list := sourceList{Items: []sourceItem{}}
	if len(rows) > 0 {
		if more || backwards {
			list.Paging.After = cursor(rows[len(rows)-1])
		}
		if more && backwards || !backwards && (q.text("after") != "" || sel.Offset > 0) {
			list.Paging.Before = cursor(rows[0])
		}
	}
	for _, row := range rows {
		n, err := rc.store.Read(row.File)
		if err != nil {
			// Edited or removed a moment ago. The watcher reports it.
			rc.log.Debug("note skipped in a list", "file", "content/"+row.File, "error", err)
			continue
		}
		if n.Deleted() || !sel.Hidden && rc.isHidden(n) { // changed a moment ago
			continue
		}
		list.Items = append(list.Items, rc.newSourceItem(n, site.WithoutEmptyValues(q["properties"])))
	}
	return list, nil
}

// parseSelection returns the selection of notes for a list.
func parseSelection(q query) (*store.Sources, error) {
	sel := &store.Sources{Type: q.text("post-type"), Status: q.text("post-status"), Filter: q.text("filter")}
	var err error
	if sel.Limit, sel.Offset, err = q.page(); err != nil {
		return nil, err
	}
	order, after, before := cmp.Or(q.text("order"), "desc"), q.text("after"), q.text("before")
	switch {
	case sel.Type != "" && !slices.Contains(site.PostTypes, sel.Type):
		return nil, unknownValue("post-type", sel.Type, "one of "+strings.Join(site.PostTypes, ", "))
	case sel.Status != "" && sel.Status != "published" && sel.Status != "draft":
		return nil, unknownValue("post-status", sel.Status, "published or draft")
	case order != "desc" && order != "asc":
		return nil, unknownValue("order", order, "desc or asc")
	case after != "" && before != "":
		return nil, invalid("after and before cannot be combined.")
	}
	// A page before a cursor is read in the opposite direction.
	sel.Oldest = (order == "asc") != (before != "")
	if text := after + before; text != "" {
		position, ok := parseCursor(text)
		if !ok {
			return nil, invalid("after and before must be values that this endpoint returned.")
		}
		sel.From = position
	}
	return sel, nil
}

// cursor returns the position of a row in a list. Added and deleted notes do
// not shift it.
func cursor(r *store.Row) string { return formatCursor(r.Published.Unix(), r.Permalink) }

func parseCursor(s string) (*store.Position, bool) {
	published, permalink, ok := splitCursor(s)
	return &store.Position{Published: published, Permalink: permalink}, ok
}

// formatCursor encodes a position in a list as text that clients send back
// unchanged.
func formatCursor(time int64, name string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(time, 10) + " " + name))
}

func splitCursor(s string) (time int64, name string, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return 0, "", false
	}
	number, name, ok := strings.Cut(string(text), " ")
	time, err = strconv.ParseInt(number, 10, 64)
	return time, name, ok && err == nil
}
