package site

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// A keys value has the fields of a file by our names. An edit uses it to find the key
// that it must change, which may have another spelling or be another tool's.
type keys struct {
	fields []Field
	byName map[string][]string // keys of the file by our name; the first one is read
}

// synonyms are the keys of other generators that [Note.readForeign] reads if our own
// key does not exist, as [foldKey] returns them.
var synonyms = map[string][]string{
	"updated": {"lastmod"},
	"summary": {"description"},
	"tags":    {"tag", "category", "categories"},
	"aliases": {"redirectfrom"},
}

func keysOf(fields []Field) keys {
	k := keys{fields, map[string][]string{}}
	for _, f := range fields {
		own := properKey(f.Key)
		k.byName[own] = append(k.byName[own], f.Key)
	}
	for _, f := range fields {
		if isDateKey(f) {
			k.byName["date"] = append(k.byName["date"], f.Key)
		}
		folded := foldKey(f.Key)
		for key, others := range synonyms {
			if slices.Contains(others, folded) {
				k.byName[key] = append(k.byName[key], f.Key)
			}
		}
	}
	return k
}

func (k keys) field(key string) Field {
	i := slices.IndexFunc(k.fields, func(f Field) bool { return f.Key == key })
	if i < 0 {
		return Field{}
	}
	return k.fields[i]
}

// isDateKey reports whether a field is another tool's date of publication.
func isDateKey(f Field) bool {
	return properKey(f.Key) != "date" && !IntentOf([]Field{f}, time.UTC).ShownFrom.IsZero()
}

// table returns the key of one of our tables, with its members.
func (k keys) table(name string) (key string, members map[string]any) {
	for _, f := range k.fields {
		if foldKey(f.Key) == name {
			members, _ = f.Value.(map[string]any)
			return f.Key, members
		}
	}
	return "", nil
}

// find gives changes the keys that they have in the file. now is the whole front
// matter that the file will have; its order decides the places of new keys.
func (k keys) find(changes []change, now *mapping) (found []change, _ *lineError) {
	properties, members := k.table("properties")
	var below []change // of "properties"
	for _, c := range changes {
		_, isMember := members[c.key]
		isMember = isMember && slices.Contains(renderedProperties, c.key)
		switch names := k.byName[c.key]; {
		case c.key == "properties" && len(names) > 0:
			below = append(below, c.below...)
			continue
		case isMember && len(names) == 0:
			below = append(below, c)
			continue
		case isMember:
			below = append(below, change{key: c.key}) // the file has it twice: remove this one
		}
		some, err := k.findOne(c, now)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	if len(below) > 0 {
		found = append(found, within(properties, members, below))
	}
	return merged(found), nil
}

// merged joins the changes to the members of one table into one change.
func merged(changes []change) (all []change) {
	for _, c := range changes {
		i := slices.IndexFunc(all, func(other change) bool { return other.key == c.key })
		if i < 0 {
			all = append(all, c)
			continue
		}
		for _, member := range c.below {
			if !slices.ContainsFunc(all[i].below, func(other change) bool { return other.key == member.key }) {
				all[i].below = append(all[i].below, member)
			}
		}
	}
	return all
}

// findOne returns the changes in the file for one change of a key of ours.
func (k keys) findOne(c change, now *mapping) ([]change, *lineError) {
	names := k.byName[c.key]
	c.name = c.key
	switch {
	case c.key == "draft" && c.value == nil:
		return k.withholding(func(b Because) bool { return b.Draft }, "")
	case c.key == "visibility" && (c.value == nil || c.value.Value == Unlisted):
		others, err := k.withholding(func(b Because) bool { return b.Visibility }, "visibility")
		if err != nil || c.value == nil && len(names) == 0 {
			return others, err
		}
		return append(others, k.named(c, names, now)), nil
	case c.key == "tags":
		return k.tags(c, names, now), nil
	case len(names) == 0 && c.value == nil:
		return nil, nil // the file has no such key
	case len(names) > 1 && c.value == nil:
		return nil, &lineError{k.field(names[1]).Line, fmt.Sprintf("%s: would be read instead of %s, which the edit removes", names[1], names[0])}
	}
	return []change{k.named(c, names, now)}, nil
}

// tags changes the tags of a note, which may be in several keys. The first key gets
// all of them. Another key stays if all its tags are wanted.
func (k keys) tags(c change, names []string, now *mapping) (found []change) {
	var wanted []string
	if c.value != nil {
		wanted = tagStrings(nodeValue(c.value))
	}
	hasUnwanted := func(v any) bool {
		return slices.ContainsFunc(tagStrings(v), func(tag string) bool { return !slices.Contains(wanted, tag) })
	}
	for _, name := range names[min(1, len(names)):] {
		if hasUnwanted(k.field(name).Value) {
			found = append(found, change{key: name})
		}
	}
	taxonomy, members := k.table("taxonomies")
	inTable := len(names) == 0 && members["tags"] != nil
	var below []change
	for _, member := range []string{"tags", "categories"} {
		v, ok := members[member]
		switch {
		case inTable && member == "tags":
			below = append(below, c)
		case ok && hasUnwanted(v):
			below = append(below, change{key: member})
		}
	}
	if len(below) > 0 {
		found = append(found, within(taxonomy, members, below))
	}
	if !inTable && (c.value != nil || len(names) > 0) {
		found = append(found, k.named(c, names, now))
	}
	return found
}

// named gives a change the key that is read, or the place of a new key.
func (k keys) named(c change, names []string, now *mapping) change {
	if len(names) > 0 {
		c.key = names[0]
	} else {
		c.after = k.before(c.key, now)
	}
	return c
}

// withholding returns the changes that remove the keys for which how is true, except
// for one key of ours. Of a table with other members, it removes only the members for
// which how is true.
func (k keys) withholding(how func(Because) bool, except string) (found []change, _ *lineError) {
	seen := map[string]bool{}
	for _, b := range IntentOf(k.fields, time.UTC).Because {
		if !how(b) || seen[b.Key] || properKey(b.Key) == except {
			continue
		}
		seen[b.Key] = true
		if !b.Within {
			found = append(found, change{key: b.Key})
			continue
		}
		members, _ := k.field(b.Key).Value.(map[string]any)
		var below []change
		for _, member := range slices.Sorted(maps.Keys(members)) {
			single := Field{Key: b.Key, Value: map[string]any{member: members[member]}}
			if !slices.ContainsFunc(IntentOf([]Field{single}, time.UTC).Because, how) {
				continue
			}
			if !isNarrow(members[member]) {
				return nil, &lineError{b.Line, fmt.Sprintf("%s: %s: withholds the note, and can't be changed by an app", b.Key, member)}
			}
			below = append(below, change{key: member})
		}
		if len(below) == 0 {
			return nil, &lineError{b.Line, b.Key + ": withholds the note, and can't be changed by an app"}
		}
		found = append(found, within(b.Key, members, below))
	}
	return found, nil
}

// isNarrow reports whether a value can be removed without the loss of anything else:
// it is not a table, or it is a table with a single member that is narrow.
func isNarrow(v any) bool {
	members, ok := v.(map[string]any)
	if !ok {
		return true
	}
	for _, member := range members {
		return len(members) == 1 && isNarrow(member)
	}
	return true
}

// within returns a change of some members of a table, or the removal of the table if
// no member is left.
func within(table string, members map[string]any, below []change) change {
	left := maps.Clone(members)
	for _, c := range below {
		delete(left, c.key)
		if c.value != nil {
			left[c.key] = nil
		}
	}
	if len(left) == 0 {
		return change{key: table}
	}
	return change{key: table, below: below}
}

// addresses returns the changes that remove the keys with the whole address of the
// note.
func (k keys) addresses() (found []change) {
	for _, f := range k.fields {
		if slices.Contains([]string{"permalink", "url", "path"}, foldKey(f.Key)) && CleanAddress(ScalarText(f.Value)) != "" {
			found = append(found, change{key: f.Key})
		}
	}
	return found
}

// before returns the key of the file after which a new key belongs: the nearest one
// that [Note.Format] writes before it; "" if there is none.
func (k keys) before(key string, now *mapping) (before string) {
	for i := 0; i+1 < len(now.Content) && now.Content[i].Value != key; i += 2 {
		if names := k.byName[now.Content[i].Value]; len(names) > 0 {
			before = names[0]
		}
	}
	return before
}
