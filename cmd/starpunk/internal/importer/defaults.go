package importer

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"starpunk/site"
)

// defaultKeys are what a note takes from the defaults of a Jekyll site, with what
// withholds it; all else there is for layouts.
var defaultKeys = []string{"permalink", "category", "categories", "tag", "tags"}

// A scope is the part of a Jekyll site that an entry of its defaults is about.
type scope struct{ path, kind string }

// defaultsOf are the fields that a page has although its file does not say so:
// https://jekyllrb.com/docs/configuration/front-matter-defaults/
func (old *oldSite) defaultsOf(p *page, said []site.Field, loc *time.Location) (fields []site.Field) {
	switch old.tool {
	case Hugo:
		return old.cascadedTo(p.source, said, loc)
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
			if !from[key].goesBefore(s) {
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

// holds says whether a page is in the scope, whose path may have asterisks.
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

// goesBefore says whether s is nearer to a page that both hold than the later
// entry other is: by a longer path, else by a type.
func (s scope) goesBefore(other scope) bool {
	if len(s.path) != len(other.path) {
		return len(s.path) > len(other.path)
	}
	return s.kind != "" && other.kind == ""
}

// typeOf is the type of a page in the words of a scope.
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
