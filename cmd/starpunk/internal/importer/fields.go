package importer

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"starpunk/site"
)

// renamed has the keys of each tool for which StarPunk has another name, in the
// form of [Tool.key]. The first one in a file counts.
var renamed = map[Tool][][2]string{
	Hugo: {
		{"publishdate", "date"}, {"pubdate", "date"}, {"published", "date"},
		{"lastmod", "updated"}, {"modified", "updated"}, {"description", "summary"},
	},
	Zola:   {{"description", "summary"}},
	Jekyll: {{"last_modified_at", "updated"}, {"description", "summary"}, {"excerpt", "summary"}},
}

// sameKeys have the same meaning for StarPunk. Keys that steer a site, such as
// layout, are not among them: they are the old site's.
var sameKeys = []string{"date", "updated", "title", "summary", "slug"}

// steering are keys that StarPunk has, but that mean something else to other tools.
var steering = []string{"layout", "format", "client", "h", "properties", "tags", "aliases"}

// addressKey is the key of a page's address.
var addressKey = map[Tool]string{Hugo: "url", Zola: "path", Jekyll: "permalink"}

// key returns a key of front matter in the form in which it is compared. Hugo
// ignores the case of keys (Hugo, "Front matter"), the other tools do not.
func (t Tool) key(name string) string {
	if t == Hugo {
		return strings.ToLower(name)
	}
	return name
}

// A fieldReader sets the fields of a page from its front matter.
type fieldReader struct {
	*page
	old    *oldSite
	loc    *time.Location
	report *Report
	tags   []string
}

// readFields sets the fields of a page from its front matter, and reports keys
// that have no counterpart.
func (p *page) readFields(fields []site.Field, old *oldSite, loc *time.Location, report *Report) error {
	r := &fieldReader{page: p, old: old, loc: loc, report: report}
	for _, f := range fields {
		if f.Value == nil {
			continue
		}
		if err := r.read(f); err != nil {
			return &site.SyntaxError{Line: f.Line, Msg: f.Key + ": " + err.Error()}
		}
	}
	p.applyIntent(fields, old, loc, report)
	p.readRenamed(fields, old, loc)
	r.setTags()
	return nil
}

// read sets one field. Fields that withhold a page, and renamed ones, are read
// after all others.
func (r *fieldReader) read(f site.Field) error {
	switch key, tool := r.old.tool.key(f.Key), r.old.tool; {
	case slices.Contains(sameKeys, key):
		return r.readSame(key, f)
	case key == "tags", key == "categories", tool == Jekyll && (key == "tag" || key == "category"):
		r.readTerms(key, f)
	case key == "taxonomies" && tool == Zola:
		r.tags = append(r.tags, r.taxonomies(f, r.old, r.report)...)
	case key == "weight" && tool != Jekyll && r.readWeight(f.Value):
		r.unknown(f, r.report)
	case key == addressKey[tool]:
		r.explicit = strings.Join(texts(f.Value), "")
	case key == "redirect_to" && tool != Hugo && firstText(f.Value) != "":
		r.redirect = texts(f.Value)[0]
	case key == "aliases", key == "redirect_from" && tool == Jekyll:
		r.note.Aliases = append(r.note.Aliases, texts(f.Value)...)
	case renames(tool, key): // see readRenamed
	case withholds(f, r.old.now, r.loc), key == "draft", key == "visibility": // see applyIntent
	case key == "cascade" && tool == Hugo: // applies to the pages below
	case slices.Contains(steering, key):
		r.unknown(f, r.report)
	default:
		known, err := r.note.Set(key, f.Value, r.loc)
		if err == nil && !known {
			r.unknown(f, r.report)
		}
		return err
	}
	return nil
}

// readSame sets a field whose key means the same to StarPunk.
func (r *fieldReader) readSame(key string, f site.Field) error {
	_, err := r.note.Set(key, f.Value, r.loc)
	if t, ok := r.old.yamlTime(f.Value, r.loc); ok && key == "date" {
		r.note.Published, err = t, nil
	}
	if err != nil && key == "date" && datedName().MatchString(r.stem) {
		r.report.find(r.where, f.Line, "date", "date: %v; the date of the file's name is used instead", err)
		err = nil
	}
	if err != nil {
		return err
	}
	r.titled = r.titled || key == "title"
	if key == "slug" {
		r.slug = firstText(f.Value)
	}
	return nil
}

// readTerms adds the words of a taxonomy.
func (r *fieldReader) readTerms(key string, f site.Field) {
	words := r.old.terms(f)
	r.tags = append(r.tags, words...)
	r.terms = append(r.terms, r.old.termsOf(r.page, key, words)...)
	if strings.HasPrefix(key, "categor") {
		r.categories = append(r.categories, words...)
	}
}

// setTags sets the note's tags, each once. The folders of a Jekyll post are its
// first categories.
func (r *fieldReader) setTags() {
	if r.old.tool == Jekyll && r.post && r.dir != "" {
		r.categories = append(strings.Split(r.dir, "/"), r.categories...)
		r.tags = append(r.tags, r.categories...)
	}
	for _, tag := range r.tags {
		if tag != "" && !slices.Contains(r.note.Category, tag) {
			r.note.Category = append(r.note.Category, tag)
		}
	}
}

// unzoned matches YAML 1.1's time without an offset, which is in UTC
// (https://yaml.org/type/timestamp.html). Without seconds it is a text.
var unzoned = lazyRegexp(`^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?$`)

// yamlTime reads such a time as Jekyll does, and returns it in the zone in which
// Jekyll shows it.
func (old *oldSite) yamlTime(value any, loc *time.Location) (t time.Time, ok bool) {
	if s := firstText(value); old.tool == Jekyll && unzoned().MatchString(s) {
		t, ok = site.ParseTime(s, time.UTC)
	}
	return t.In(loc), ok
}

// readWeight sets the weight of a page, and reports whether v is one.
func (p *page) readWeight(v any) bool {
	number, ok := v.(json.Number)
	if ok {
		p.weight, _ = strconv.Atoi(number.String()) // not an int: no weight
	}
	return ok
}

func renames(tool Tool, key string) bool {
	return slices.ContainsFunc(renamed[tool], func(pair [2]string) bool { return pair[0] == key })
}

func (p *page) readRenamed(fields []site.Field, old *oldSite, loc *time.Location) {
	for _, pair := range renamed[old.tool] {
		isSet := map[string]bool{"date": !p.note.Published.IsZero(), "updated": !p.note.Updated.IsZero(), "summary": p.note.Summary != ""}
		i := slices.IndexFunc(fields, func(f site.Field) bool { return old.tool.key(f.Key) == pair[0] })
		if i >= 0 && !isSet[pair[1]] {
			_, _ = p.note.Set(pair[1], fields[i].Value, loc) // an invalid value is ignored
			if t, ok := old.yamlTime(fields[i].Value, loc); ok && pair[1] == "updated" {
				p.note.Updated = t
			}
		}
	}
}

// unknown reports a key without a counterpart; of a table, the keys in it.
func (p *page) unknown(f site.Field, report *Report) {
	names := []string{f.Key}
	if table, ok := f.Value.(map[string]any); ok && len(table) > 0 {
		names = nil
		for key := range table {
			names = append(names, f.Key+"."+key)
		}
		slices.Sort(names)
	}
	for _, name := range names {
		report.find(p.where, f.Line, "key "+name, "%s: StarPunk has no such key; not imported", name)
	}
}

// terms returns the words of a taxonomy. Jekyll splits a string at its spaces
// ("Posts", "Tags and Categories").
func (old *oldSite) terms(f site.Field) []string {
	if s, ok := f.Value.(string); ok && old.tool == Jekyll && f.Key != "tag" && f.Key != "category" {
		return strings.Fields(s)
	}
	return texts(f.Value)
}

// taxonomies returns the tags and categories of a page of Zola, and reports others.
func (p *page) taxonomies(f site.Field, old *oldSite, report *Report) (tags []string) {
	table, _ := f.Value.(map[string]any)
	rest := map[string]any{}
	for _, name := range []string{"tags", "categories"} {
		words := texts(table[name])
		tags = append(tags, words...)
		p.terms = append(p.terms, old.termsOf(p, name, words)...)
	}
	for name, v := range table {
		if name != "tags" && name != "categories" {
			rest[name] = v
		}
	}
	if len(rest) > 0 {
		p.unknown(site.Field{Key: f.Key, Value: rest, Line: f.Line}, report)
	}
	return tags
}

// texts returns the strings of a value or of a list.
func texts(v any) (ss []string) {
	switch v := v.(type) {
	case string:
		return []string{strings.TrimSpace(v)}
	case json.Number:
		return []string{v.String()}
	case []any:
		for _, item := range v {
			ss = append(ss, texts(item)...)
		}
	}
	return ss
}
