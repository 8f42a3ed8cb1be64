package receiver

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path"
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
	maxFinds     = 3 // of a note whose file is being saved
)

// source answers q=source (Micropub §3.7.2): one note, or a list of them.
func (rc *Receiver) source(ctx context.Context, q query, tok *indieauth.Token) (any, error) {
	if err := rc.ready(); err != nil {
		return nil, err
	}
	if address := q.text("url"); address != "" {
		return rc.sourceOf(ctx, address, q, tok)
	}
	return rc.sourceList(ctx, q, tok)
}

// An entry is a note in microformats2 JSON. Type is left out where the client
// asked for some properties alone.
type entry struct {
	Type       []string         `json:"type,omitempty"`
	Properties map[string][]any `json:"properties"`
}

func (rc *Receiver) entry(n *site.Note, only []any) entry {
	e := entry{Type: []string{"h-" + n.H}, Properties: properties(rc.cfg, n)}
	if len(only) == 0 {
		return e
	}
	some := map[string][]any{}
	for _, v := range only {
		name, _ := v.(string)
		if values, ok := e.Properties[name]; ok {
			some[name] = values
		}
	}
	return entry{Properties: some}
}

func (rc *Receiver) sourceOf(ctx context.Context, address string, q query, tok *indieauth.Token) (any, error) {
	row, n, err := rc.find(ctx, address)
	if row == nil {
		return nil, err
	}
	hidden := row.Future || row.Status != site.Public && row.Status != site.Unlisted || n != nil && rc.ownersAlone(n)
	if row.Status == store.StatusDeleted || hidden && !tok.Has(hiddenScopes...) {
		return nil, errUnknownURL()
	}
	if err != nil {
		return nil, changeError(err)
	}
	return rc.entry(n, site.WithoutEmptyValues(q["properties"])), nil
}

func errUnknownURL() *Error { return invalid("url is not the address of a note on this site.") }

// find finds the note with an address, be it one that it had before, and reads it.
// If its file was saved since the index looked, that is told first and looks
// again: the address may be another note's by now, or the note hidden. With an
// error of its file it returns the row, too.
func (rc *Receiver) find(ctx context.Context, address string) (*store.Row, *site.Note, error) {
	for try := 1; ; try++ {
		row, err := rc.lookUp(ctx, address)
		if err != nil {
			return nil, nil, err
		}
		n, same, readErr := rc.store.ReadRow(row)
		if same {
			return row, n, readErr
		}
		if err := rc.store.Refresh(ctx, row.File); err != nil {
			return nil, nil, err
		}
		now, err := rc.store.ByFile(ctx, row.File)
		if err != nil {
			return nil, nil, err
		}
		if now != nil && now.Hash == row.Hash { // a bundle, of whose other files the hash tells, too
			return row, n, readErr
		}
		if try == maxFinds { // others go on writing to it: a change looks again under the lock
			if n != nil && n.Permalink(rc.cfg.Permalink) != row.Permalink {
				return nil, nil, fmt.Errorf("%w: content/%s", store.ErrConflict, row.File)
			}
			return row, n, readErr
		}
	}
}

// lookUp asks the index for the note with an address.
func (rc *Receiver) lookUp(ctx context.Context, address string) (*store.Row, error) {
	permalink := permalinkOf(rc.cfg, address)
	if permalink == "" {
		return nil, errUnknownURL()
	}
	row, err := rc.store.ByPermalink(ctx, permalink)
	if errors.Is(err, store.ErrNotExist) && !strings.HasSuffix(permalink, "/") {
		row, err = rc.store.ByPermalink(ctx, permalink+"/")
	}
	if errors.Is(err, store.ErrNotExist) && path.Ext(permalink) != ".html" {
		row, err = rc.store.ByAlias(ctx, strings.TrimSuffix(permalink, "/")+"/")
	} else if errors.Is(err, store.ErrNotExist) {
		row, err = rc.store.ByAlias(ctx, permalink)
	}
	if errors.Is(err, store.ErrNotExist) {
		return nil, errUnknownURL()
	}
	return row, err
}

// A sourceItems is a list of notes with what leads to the next.
type sourceItems struct {
	Items  []entry `json:"items"`
	Paging paging  `json:"paging"`
}

type paging struct {
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

func (rc *Receiver) sourceList(ctx context.Context, q query, tok *indieauth.Token) (any, error) {
	sel, err := selection(q)
	if err != nil {
		return nil, err
	}
	sel.Hidden = tok.Has(hiddenScopes...)
	limit := sel.Limit
	sel.Limit++ // one more tells whether the list goes on
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
	list := sourceItems{Items: []entry{}}
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
			// Edited or removed a moment ago; the watcher will report it.
			rc.log.Debug("note left out of a list", "file", "content/"+row.File, "error", err)
			continue
		}
		if n.Deleted() || !sel.Hidden && rc.ownersAlone(n) { // since a moment ago
			continue
		}
		list.Items = append(list.Items, rc.entry(n, site.WithoutEmptyValues(q["properties"])))
	}
	return list, nil
}

// ownersAlone says whether only those may read a note who may see what is hidden.
func (rc *Receiver) ownersAlone(n *site.Note) bool {
	return n.Draft || n.Visibility == site.Private || n.Published.Unix() > rc.now().Unix() || n.OutOfTime(rc.now())
}

// selection reads which notes a list is to have.
func selection(q query) (*store.Sources, error) {
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
		return nil, invalid("after and before can't be combined.")
	}
	// "Before" something in a list is the other way round.
	sel.Oldest = (order == "asc") != (before != "")
	if text := after + before; text != "" {
		position, ok := parseCursor(text)
		if !ok {
			return nil, invalid("after or before is not a value that this endpoint gave out.")
		}
		sel.From = position
	}
	return sel, nil
}

// A cursor is a place in time between two notes. Notes that are added or
// deleted elsewhere do not shift it.
func cursor(r *store.Row) string { return formatCursor(r.Published.Unix(), r.Permalink) }

func parseCursor(s string) (*store.Position, bool) {
	published, permalink, ok := splitCursor(s)
	return &store.Position{Published: published, Permalink: permalink}, ok
}

// formatCursor writes a place in a list as text that clients hand back as it is.
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
