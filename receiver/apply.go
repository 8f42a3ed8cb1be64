package receiver

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"starpunk/site"
)

// apply applies an update to a note. A mistake in the update is an [*Error].
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
		asStored := rc.asStored(bundle, name, values)
		if deleted, ok := u.Delete[name]; ok && deleted == nil {
			values = nil
		} else if ok {
			values = rc.removeValues(name, values, asStored(deleted))
		}
		if replaced, ok := u.Replace[name]; ok {
			values = asStored(replaced)
		}
		if added := asStored(u.Add[name]); len(added) > 0 && slices.Contains(singleValued, name) {
			values = added // replaces the old value
		} else {
			values = rc.addValues(name, values, added)
		}
		if name == "url" { // a client sends back the answer of q=source
			values = slices.DeleteFunc(values, own)
		}
		if err := rc.setValues(n, name, values); err != nil {
			return err
		}
	}
	return nil
}

// singleValued are the properties that can have only one value.
var singleValued = []string{"updated", "post-status", "visibility", "published"}

// removeValues returns the values of a property without the values of others.
// The address alone also identifies a picture with a text, or a page with its
// name.
func (rc *Receiver) removeValues(name string, values, others []any) []any {
	among := map[string]bool{}
	for _, v := range rc.localURLs(name, others) {
		among[valueKey(v)] = true
	}
	return slices.DeleteFunc(rc.localURLs(name, values), func(v any) bool { return among[valueKey(v)] || among[addressOf(name, v)] })
}

// addValues returns the values of a property and the new values of others. An
// object with an address replaces the same address alone.
func (rc *Receiver) addValues(name string, values, others []any) []any {
	all := rc.localURLs(name, values)
	at := map[string]int{}
	for i, v := range all {
		at[valueKey(v)] = i
		if address := addressOf(name, v); address != "" {
			at[address] = i
		}
	}
	for _, v := range rc.localURLs(name, others) {
		if _, ok := at[valueKey(v)]; ok {
			continue
		}
		if i, ok := at[addressOf(name, v)]; ok && site.ScalarText(all[i]) != "" {
			all[i] = v
			continue
		}
		all = append(all, v)
	}
	return all
}

// asStored returns a function that converts the values of a client into the
// form of the file. The file keeps its own names for the files of a bundle, for
// which clients use addresses.
func (rc *Receiver) asStored(b bundle, name string, stored []any) func(values []any) []any {
	names := map[string]string{} // in the file, by their paths
	mapURLs(name, stored, func(s string) string {
		names[b.path(name, s)] = s
		return s
	})
	return func(values []any) []any {
		return mapURLs(name, values, func(s string) string {
			s = localPath(rc.cfg, s)
			return cmp.Or(names[s], s)
		})
	}
}

// localURLs converts addresses of this site into paths, their stored form.
func (rc *Receiver) localURLs(name string, values []any) []any {
	return mapURLs(name, values, func(s string) string { return localPath(rc.cfg, s) })
}

// valueKey returns a key that is equal for values which are equal to clients. A
// number is equal to the text of its digits.
func valueKey(v any) string {
	if s := site.ScalarText(v); s != "" {
		return s
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("\x00%v", v) // not JSON, so that a client cannot send it
	}
	return "\x00" + string(data)
}

// addressOf returns the address in an object; "" for any other value.
func addressOf(name string, v any) string {
	o, ok := v.(map[string]any)
	if !ok || !isURLProperty(name) {
		return ""
	}
	return site.ScalarText(o["value"])
}

// setValues replaces the values of a property.
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
		if len(values) == 0 { // a hidden note becomes public only by an explicit value
			return invalid("%s cannot be deleted; replace it with another value instead.", name)
		}
	case "published":
		if len(values) == 0 {
			return invalid("published cannot be deleted: a note must have a date.")
		}
		if n.Kind != site.KindNote {
			return invalid("published cannot be set: the note is a page, which has no date.")
		}
	}
	delete(n.Properties, name)
	if len(values) == 0 {
		return nil
	}
	if slices.Contains(singleValued, name) {
		values = values[:1]
	}
	return setProperty(rc.cfg, n, name, values)
}
