package importer

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"starpunk/site"
)

// cascadeKeys are the keys that a note of a Hugo site inherits, in the form of
// [Tool.key], besides keys that withhold it. Other inherited keys are for layouts.
var cascadeKeys = []string{"tags", "categories"}

// A cascade has front matter for many pages of a Hugo site:
// https://gohugo.io/content-management/front-matter/#cascade
type cascade struct {
	dir      string // folder of the pages; "" for all
	language string // of the pages, as their source has it
	whole    bool   // it is in the configuration, for every language
	fields   map[string]any
}

// readCascade reads the front matter that the text of a list passes to the pages
// below it. If it cannot be read, these pages become drafts, since it may be meant
// to hide them. The file itself is reported when its text is read.
func (old *oldSite) readCascade(src *source) {
	below := cascade{dir: src.dir, language: src.language}
	data, err := readNote(src.where)
	var fields []site.Field
	if err == nil {
		fields, _, _, err = old.split(data)
	}
	if err != nil {
		old.addCascades(map[string]any{"draft": true}, below)
	}
	for _, f := range fields {
		if old.tool.key(f.Key) == "cascade" {
			old.addCascades(f.Value, below)
		}
	}
}

// readDraftSection records the folder of a Zola section that is a draft or cannot
// be read. Zola reads no file in the folder of a draft.
func (old *oldSite) readDraftSection(src *source) {
	data, err := readNote(src.where)
	var fields []site.Field
	if err == nil {
		fields, _, _, err = old.split(data)
	}
	if err != nil || site.IntentOf(fields, time.UTC).Draft {
		old.draftSections = append(old.draftSections, src.dir)
	}
}

// holdInSection makes a page in the folder of a draft section a draft.
func (old *oldSite) holdInSection(src *source, report *Report) {
	for _, dir := range old.draftSections {
		if dir != "" && src.dir != dir && !strings.HasPrefix(src.dir, dir+"/") {
			continue
		}
		src.draft = true
		report.find(src.where, 1, "draft", "its section /%s is a draft; imported as a draft", dir)
		return
	}
}

// addCascades adds a cascade, or each of a list, to those of the site.
func (old *oldSite) addCascades(value any, c cascade) {
	if fields, ok := value.(map[string]any); ok {
		value = []any{fields}
	}
	list, _ := value.([]any)
	for _, item := range list {
		if fields, ok := item.(map[string]any); ok {
			c.fields = fields
			old.cascades = append(old.cascades, c)
		}
	}
}

// cascadedFields returns the fields that a page inherits: of several the
// nearest, of equals the first.
func (old *oldSite) cascadedFields(src *source, said []site.Field, loc *time.Location) (fields []site.Field) {
	byKey := map[string]site.Field{}
	from := map[string]*cascade{}
	for i := range old.cascades {
		c := &old.cascades[i]
		if !c.holds(src) {
			continue
		}
		for name, v := range c.fields {
			key := Hugo.key(name)
			if from[key] == nil || len(from[key].dir) < len(c.dir) {
				byKey[key], from[key] = site.Field{Key: name, Value: v, Line: 1}, c
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		f := byKey[key]
		isSaid := slices.ContainsFunc(said, func(f site.Field) bool { return Hugo.key(f.Key) == key })
		if !isSaid && (slices.Contains(cascadeKeys, key) || withholds(f, old.now, loc)) {
			fields = append(fields, f)
		}
	}
	return fields
}

// holds reports whether a cascade applies to a page: the page is below it, and
// matches its "target".
func (c *cascade) holds(src *source) bool {
	if !strings.HasPrefix(src.dir+"/", c.dir+"/") && c.dir != "" || !c.whole && c.language != src.language {
		return false
	}
	target := lookup(c.fields, "target")
	if target == nil {
		target = lookup(c.fields, "_target")
	}
	at, kind := "/"+strings.TrimPrefix(src.dir+"/"+src.stem, "/"), "page"
	if src.section {
		at, kind = "/"+src.dir, "section"
	}
	return matches(target, "path", strings.ToLower(at)) && matches(target, "kind", kind) &&
		matches(target, "environment", "production") && (src.language == "" || matches(target, "lang", src.language))
}

// matches reports whether a value matches a target. A target without the key
// matches every value.
func matches(target any, key, value string) bool {
	pattern := firstText(lookup(target, key))
	return pattern == "" || globPattern(strings.ToLower(pattern)).MatchString(value)
}

// globPattern returns a glob as a regular expression: "**" matches any text, "*" and
// "?" match within one folder, and "{a,b}" is a choice.
func globPattern(glob string) *regexp.Regexp {
	var b strings.Builder
	depth := 0
	for rest := glob; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "**"):
			b.WriteString(".*")
			rest = rest[2:]
			continue
		case rest[0] == '*':
			b.WriteString("[^/]*")
		case rest[0] == '?':
			b.WriteString("[^/]")
		case rest[0] == '{':
			depth++
			b.WriteString("(?:")
		case rest[0] == '}' && depth > 0:
			depth--
			b.WriteString(")")
		case rest[0] == ',' && depth > 0:
			b.WriteString("|")
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
		}
		rest = rest[1:]
	}
	pattern, err := regexp.Compile("^" + b.String() + strings.Repeat(")", depth) + "$")
	if err != nil {
		return regexp.MustCompile("") // matches all: hiding too much is safer
	}
	return pattern
}
