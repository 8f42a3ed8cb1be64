package receiver

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"starpunk/site"
)

// An update is the changes to the properties of a note (Micropub §3.4). It is
// applied in the order of its members.
type update struct {
	Delete  map[string][]any // values to remove; a nil list means all values
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
				return u, invalid("delete must be a list of names of properties, or an object.")
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
		removeEmptyValues(lists)
		normalizeTexts(lists)
	}
	return u, nil
}

// removeEmptyValues removes empty values from the lists of an operand. It keeps
// the lists that are empty then, because a replacement by an empty list is a
// deletion.
func removeEmptyValues(lists map[string][]any) {
	for property, values := range lists {
		rest := site.WithoutEmptyValues(values)
		lists[property] = rest
		if rest != nil && len(rest) == 0 && slices.Contains(requiredProperties, property) {
			delete(lists, property) // an empty field of a form, or an empty list, must not publish a note
		}
	}
}

// requiredProperties are the properties that every note has.
var requiredProperties = []string{"post-status", "visibility", "published"}

// operand reads an object whose members are lists. An empty list counts as an
// empty object, which PHP encodes in this way.
func operand(document map[string]any, name string) (map[string][]any, error) {
	v := document[name]
	if list, ok := v.([]any); v == nil || ok && len(list) == 0 {
		return nil, nil
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, invalid("%s must be an object.", name)
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
			e := invalid("%s: the value of %.60q must be a list; write it in [].", name, property) // Micropub §3.4
			e.Err = fmt.Errorf("%s: a value is not a list", name)
			return nil, e
		}
		if strings.HasPrefix(property, "mp-") && property != "mp-slug" || property == "access_token" {
			continue
		}
		lists[property] = values
	}
	return canonicalNames(lists), nil
}

// names returns the properties that an update changes, sorted.
func (u *update) names() []string {
	all := map[string]bool{}
	for _, operand := range []map[string][]any{u.Delete, u.Replace, u.Add} {
		for name := range operand {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
