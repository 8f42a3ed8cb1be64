package receiver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/site"
	"starpunk/site/store"
)

// An update is what is to become of the properties of a note (Micropub §3.4).
// It is applied in the order of its members.
type update struct {
	Delete  map[string][]any // values to take away; a nil list: all there are
	Replace map[string][]any
	Add     map[string][]any
}

// decodeUpdate reads the members replace, add and delete of a JSON request.
func decodeUpdate(document map[string]any) (update, error) {
	var u update
	var err error
	if u.Replace, err = operand(document, "replace"); err != nil {
		return u, err
	}
	if u.Add, err = operand(document, "add"); err != nil {
		return u, err
	}
	if names, ok := document["delete"].([]any); ok && len(names) > 0 {
		u.Delete = map[string][]any{}
		for _, v := range names {
			name, ok := v.(string)
			if !ok {
				return u, invalid("delete is a list with something else than names of properties.")
			}
			u.Delete[site.PropertyName(name)] = nil
		}
	} else if u.Delete, err = operand(document, "delete"); err != nil {
		return u, err
	}
	if err := checkBounds(u.Replace, u.Add, u.Delete); err != nil {
		return u, err
	}
	for _, lists := range []map[string][]any{u.Replace, u.Add, u.Delete} {
		withoutEmptyValues(lists)
		normalTexts(lists)
	}
	return u, nil
}

// withoutEmptyValues leaves what is empty out of the lists of an operand, but not
// the lists in which nothing is left: to replace by nothing is to delete.
func withoutEmptyValues(lists map[string][]any) {
	for property, values := range lists {
		said := site.WithoutEmptyValues(values)
		lists[property] = said
		if said != nil && len(said) == 0 && slices.Contains(kept, property) {
			delete(lists, property) // a form's empty field, or empty list, must publish nothing
		}
	}
}

// kept are the properties that every note has.
var kept = []string{"post-status", "visibility", "published"}

// operand reads an object whose members are lists. An empty list is none, as PHP
// writes an empty object.
func operand(document map[string]any, name string) (map[string][]any, error) {
	v := document[name]
	if list, ok := v.([]any); v == nil || ok && len(list) == 0 {
		return nil, nil
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, invalid("%s is not an object.", name)
	}
	if name != "delete" {
		photos, _ := object["photo"].([]any)
		for _, texts := range []any{object["mp-photo-alt"], document["mp-photo-alt"]} {
			texts, _ := texts.([]any)
			describePhotos(photos, texts)
		}
	}
	lists := make(map[string][]any, len(object))
	for property, v := range object {
		values, ok := v.([]any)
		if !ok && site.IsEmptyValue(v) {
			values, ok = []any{}, true
		}
		if !ok {
			e := invalid("%s: the value of %.60q is not a list; write it in [].", name, property) // Micropub §3.4
			e.Err = fmt.Errorf("%s: a value is not a list", name)
			return nil, e
		}
		if strings.HasPrefix(property, "mp-") && property != "mp-slug" || property == "access_token" {
			continue
		}
		lists[property] = values
	}
	return named(lists), nil
}

// names are the properties that an update is about, in a fixed order.
func (u *update) names() []string {
	all := map[string]bool{}
	for _, operand := range []map[string][]any{u.Delete, u.Replace, u.Add} {
		for name := range operand {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// update changes a note (Micropub §3.4) and answers when that can be seen.
func (rc *Receiver) update(w http.ResponseWriter, r *http.Request, req *request, tok *indieauth.Token) error {
	if isForm(r) {
		return invalid("An update is sent as JSON.")
	}
	slug := site.ChosenSlug(firstText(req.Commands["mp-slug"]))
	if slug == "" && len(req.Update.names()) == 0 {
		return invalid("The update says nothing: it needs replace, add or delete.")
	}
	row, err := rc.findNote(r.Context(), req.URL)
	if err != nil {
		return err
	}
	if row.Status == store.StatusDeleted {
		return errUnknownURL()
	}
	ctx, cancel := context.WithTimeout(r.Context(), lockTime)
	defer cancel()
	var hidden, hides bool
	changed, err := rc.store.Update(ctx, row.File, func(n *site.Note) error {
		if n.Permalink(rc.cfg.Permalink) != row.Permalink {
			return fmt.Errorf("%w: it is another note now", store.ErrConflict)
		}
		wasDraft, date := n.Draft, n.Published
		if !tok.Has("update") && !wasDraft {
			return errScope("update")
		}
		hidden = rc.hidden(n)
		n.Updated = rc.nowHere()
		if slug != "" {
			n.Rename(slug)
		}
		if err := rc.apply(n, &req.Update); err != nil {
			return err
		}
		rc.giveDate(n, wasDraft, date, &req.Update)
		if !tok.Has("update") && !n.Draft {
			return errScope("update")
		}
		err := rc.checkReadable(n)
		if err == nil && wasDraft && !n.Draft && !n.ShownUntil.IsZero() && !n.ShownUntil.After(rc.now()) {
			err = errConflict(nil, "The note can't be published: its file says that it expired on %s.", n.ShownUntil.Format(time.RFC3339))
		}
		hides = rc.hidden(n)
		return err
	})
	if err != nil {
		return changeError(err)
	}
	done := changed.Indexed && (hidden && hides || rc.wait(r.Context(), func(ctx context.Context) (bool, error) {
		if !hides {
			live, err := rc.store.Live(ctx, changed.File, changed.Hash)
			if err != nil || !live {
				return false, err
			}
		}
		return rc.store.Gone(ctx, changed.OldFile, changed.OldPermalink)
	}))
	rc.answerChange(w, changed, done, "note updated")
	return nil
}

// giveDate gives a draft whose date was not chosen the present one when it is
// published. date is the one that it had: a client that sends it chose none, as it
// writes back what q=source gave. Readers see the first version, so that it has
// no time of an update.
func (rc *Receiver) giveDate(n *site.Note, wasDraft bool, date time.Time, u *update) {
	if n.Draft && n.Published.Equal(date) {
		return
	}
	if n.Undated && wasDraft && n.Published.Equal(date) {
		n.Published = rc.nowHere()
		if len(u.Replace["updated"])+len(u.Add["updated"]) == 0 {
			n.Updated = time.Time{}
		}
	}
	n.Undated = false
}

// apply changes a note as an update says, or returns an [*Error].
func (rc *Receiver) apply(n *site.Note, u *update) error {
	stored := storedProperties(n)
	own, bundle := ownAddresses(rc.cfg, n), bundleOf(rc.cfg, n)
	for _, name := range u.names() {
		if name == "mp-slug" || name == "slug" {
			if slug := site.ChosenSlug(firstText(slices.Concat(u.Replace[name], u.Add[name]))); slug != "" {
				n.Rename(slug)
			}
			continue
		}
		values := stored[name]
		asKept := rc.asKept(bundle, name, values)
		if gone, ok := u.Delete[name]; ok && gone == nil {
			values = nil
		} else if ok {
			values = rc.without(name, values, asKept(gone))
		}
		if replaced, ok := u.Replace[name]; ok {
			values = asKept(replaced)
		}
		if added := asKept(u.Add[name]); len(added) > 0 && slices.Contains(single, name) {
			values = added // in the place of what was
		} else {
			values = rc.with(name, values, added)
		}
		if name == "url" { // a client writes back what q=source gave
			values = slices.DeleteFunc(values, own)
		}
		if err := rc.setValues(n, name, values); err != nil {
			return err
		}
	}
	return nil
}

// single are the properties of which there can be but one value.
var single = []string{"updated", "post-status", "visibility", "published"}

// without are the values of a property that are not among others. A picture with
// a text, or a page with its name, is also named by its address alone.
func (rc *Receiver) without(name string, values, others []any) []any {
	among := map[string]bool{}
	for _, v := range rc.local(name, others) {
		among[valueKey(v)] = true
	}
	return slices.DeleteFunc(rc.local(name, values), func(v any) bool { return among[valueKey(v)] || among[addressOf(name, v)] })
}

// with are the values of a property and those of others that are not there yet.
// What says more of an address takes the place of the address alone.
func (rc *Receiver) with(name string, values, others []any) []any {
	all := rc.local(name, values)
	at := map[string]int{}
	for i, v := range all {
		at[valueKey(v)] = i
		if address := addressOf(name, v); address != "" {
			at[address] = i
		}
	}
	for _, v := range rc.local(name, others) {
		if _, ok := at[valueKey(v)]; ok {
			continue
		}
		if i, ok := at[addressOf(name, v)]; ok && scalarText(all[i]) != "" {
			all[i] = v
			continue
		}
		all = append(all, v)
	}
	return all
}

// asKept makes of values that a client sends what they are in the file: the files
// of a bundle are named there as they were, and given by their addresses.
func (rc *Receiver) asKept(b bundle, name string, stored []any) func(values []any) []any {
	kept := map[string]string{} // by their paths
	mapURLs(name, stored, func(s string) string {
		kept[b.path(name, s)] = s
		return s
	})
	return func(values []any) []any {
		return mapURLs(name, values, func(s string) string {
			s = localPath(rc.cfg, s)
			return cmp.Or(kept[s], s)
		})
	}
}

// local are values as they are kept: addresses of this site as paths.
func (rc *Receiver) local(name string, values []any) []any {
	return mapURLs(name, values, func(s string) string { return localPath(rc.cfg, s) })
}

// valueKey is the same for values that are the same to clients: a number is its
// digits.
func valueKey(v any) string {
	if s := scalarText(v); s != "" {
		return s
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("\x00%v", v) // it is no JSON, and so nothing that a client can name
	}
	return "\x00" + string(data)
}

// addressOf is what an object says that it is the address of, "" for all else.
func addressOf(name string, v any) string {
	o, ok := v.(map[string]any)
	if !ok || !isURLProperty(name) {
		return ""
	}
	return scalarText(o["value"])
}

// setValues puts values in the place of those that a property has.
func (rc *Receiver) setValues(n *site.Note, name string, values []any) error {
	switch name {
	case "name":
		n.Name = ""
	case "summary":
		n.Summary = ""
	case "content":
		n.Content, n.HTML = "", false
	case "category":
		n.Category = nil
	case "updated":
		n.Updated = time.Time{}
	case "post-status", "visibility":
		if len(values) == 0 { // what is meant to be hidden is shown only if that is said
			return invalid("%s can't be deleted: replace it with the value that it shall have.", name)
		}
	case "published":
		if len(values) == 0 {
			return invalid("published can't be deleted: a note has a date.")
		}
		if n.Kind != site.KindNote {
			return invalid("published: this is a page, which has no date.")
		}
	}
	delete(n.Properties, name)
	if len(values) == 0 {
		return nil
	}
	if slices.Contains(single, name) {
		values = values[:1]
	}
	return setProperty(rc.cfg, n, name, values)
}

// findNote finds the note that a client wants changed. The front page is none.
func (rc *Receiver) findNote(ctx context.Context, address string) (*store.Row, error) {
	if address == "" {
		return nil, invalid("url is missing: the address of the note.")
	}
	row, _, err := rc.find(ctx, address)
	switch {
	case row == nil:
		return nil, err
	case row.Kind == site.KindHome:
		return nil, errUnknownURL()
	case row.Status == store.StatusDeleted:
		return row, nil // whether its file can be read matters when it comes back
	}
	return row, changeError(err)
}

// changeError says of a file that can't be changed as it is that this is its
// author's to mend: the request was right (RFC 9110 §15.5.10). What is said of a
// request itself stays.
func changeError(err error) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	if e, ok := errors.AsType[*site.SyntaxError](err); ok {
		return errConflict(err, "The file of the note can't be changed: %s.", e)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return errConflict(err, "The file of the note is missing. Its page stays until it is certain that the note was deleted.")
	}
	return err
}

// answerChange answers a request that changed a note: 204, 201 if it has
// another address now, 202 if that can't be seen yet (Micropub §3.4).
func (rc *Receiver) answerChange(w http.ResponseWriter, c store.Changed, done bool, event string) {
	moved := c.Permalink != c.OldPermalink
	status := http.StatusNoContent
	switch {
	case !done:
		status = http.StatusAccepted
	case moved:
		status = http.StatusCreated
	}
	rc.log.Info(event, "request", w.Header().Get("X-Request-Id"), "file", "content/"+c.File, "status", status)
	if !moved {
		w.WriteHeader(status)
		return
	}
	location := permalinkURL(rc.cfg, c.Permalink)
	w.Header().Set("Location", location)
	sendJSON(w, status, map[string]string{"url": location})
}
