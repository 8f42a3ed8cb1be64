package importer

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"starpunk/site"
)

// cascadeKeys are what a note takes from above it on a Hugo site, as [Tool.key] has
// them, with what withholds it. All else there is for layouts.
var cascadeKeys = []string{"tags", "categories"}

// A cascade is what a Hugo site says of many pages at once:
// https://gohugo.io/content-management/front-matter/#cascade
type cascade struct {
	dir      string // folder of the pages; "" for all
	language string // of the pages, as their source has it
	whole    bool   // the configuration says it, for every language
	fields   map[string]any
}

// takeCascade reads what the text of a list hands down to the pages below it. If
// it can't be read, they may be meant to be hidden: they are drafts. The file
// itself is reported when its text is read.
func (old *oldSite) takeCascade(src *source) {
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

// takeDraftSection keeps the folder of a Zola section that is a draft, or can't be
// read: Zola reads nothing in the folder of a draft.
func (old *oldSite) takeDraftSection(src *source) {
	data, err := readNote(src.where)
	var fields []site.Field
	if err == nil {
		fields, _, _, err = old.split(data)
	}
	if err != nil || site.IntentOf(fields, time.UTC).Draft {
		old.draftSections = append(old.draftSections, src.dir)
	}
}

// holdInSection makes drafts of the pages in the folder of a draft section.
func (old *oldSite) holdInSection(src *source, report *Report) {
	for _, dir := range old.draftSections {
		if dir != "" && src.dir != dir && !strings.HasPrefix(src.dir, dir+"/") {
			continue
		}
		src.draft = true
		report.find(src.where, 1, "draft", "its section /%s is a draft; brought over as a draft", dir)
		return
	}
}

// addCascades adds one, or a list of some, to those of the site.
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

// cascadedTo are the fields that come to a page from above: of several the
// nearest, of equals the first.
func (old *oldSite) cascadedTo(src *source, said []site.Field, loc *time.Location) (fields []site.Field) {
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

// holds says whether a page is one that the cascade is for: it lies below, and is
// what "target" asks for.
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

// matches says whether a value is as a target asks, which may ask nothing.
func matches(target any, key, value string) bool {
	pattern := firstText(lookup(target, key))
	return pattern == "" || globPattern(strings.ToLower(pattern)).MatchString(value)
}

// globPattern is a pattern of a target as a regular expression: "**" is anything, "*"
// and "?" know of folders, "{a,b}" is a choice.
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
		return regexp.MustCompile("") // better hide too much
	}
	return pattern
}
