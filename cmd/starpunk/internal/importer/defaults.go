package importer

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"starpunk/site"
)

// defaultKeys are the keys that a note takes from the defaults of a Jekyll site,
// besides keys that withhold it. Other defaults are for layouts.
var defaultKeys = []string{"permalink", "category", "categories", "tag", "tags"}

// A scope is the part of a Jekyll site to which an entry of its defaults applies.
type scope struct{ path, kind string }

// defaultsOf returns the fields of a page that are not in its own file:
// https://jekyllrb.com/docs/configuration/front-matter-defaults/
func (old *oldSite) defaultsOf(p *page, said []site.Field, loc *time.Location) (fields []site.Field) {
	switch old.tool {
	case Hugo:
		return old.cascadedFields(p.source, said, loc)
	case Zola:
		return nil
	}
	values := map[string]any{}
	from := map[string]scope{}
	entries, _ := lookup(old.config, "defaults").([]any)
	for _, entry := range entries {
		s := scope{kind: firstText(lookup(entry, "scope", "type")), path: strings.Trim(firstText(lookup(entry, "scope", "path")), "/")}
		if !s.holds(p.source) {
			continue
		}
		table, _ := lookup(entry, "values").(map[string]any)
		for key, v := range table {
			if !from[key].isNearer(s) {
				values[key], from[key] = v, s
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		f := site.Field{Key: key, Value: values[key], Line: 1}
		isSaid := slices.ContainsFunc(said, func(f site.Field) bool { return f.Key == key })
		if !isSaid && (slices.Contains(defaultKeys, key) || withholds(f, old.now, loc)) {
			fields = append(fields, f)
		}
	}
	return fields
}

func firstText(v any) string { return strings.Join(texts(v), "") }

// holds reports whether a page is in the scope, whose path may have asterisks.
func (s scope) holds(src *source) bool {
	switch {
	case s.kind == "" || s.kind == typeOf(src):
	case s.kind == "posts" && src.draft: // a draft is a post
	default:
		return false
	}
	for file := src.file; file != "."; file = path.Dir(file) {
		if ok, err := path.Match(s.path, file); ok && err == nil {
			return true
		}
	}
	return s.path == ""
}

// isNearer reports whether s takes precedence over other, a later entry that holds
// the same page: by a longer path, or by a type.
func (s scope) isNearer(other scope) bool {
	if len(s.path) != len(other.path) {
		return len(s.path) > len(other.path)
	}
	return s.kind != "" && other.kind == ""
}

// typeOf returns the type of a page as a scope names it.
func typeOf(src *source) string {
	switch {
	case src.draft:
		return "drafts"
	case src.post:
		return "posts"
	case src.collection != "":
		return src.collection
	}
	return "pages"
}
