package importer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"starpunk/site"
)

// A page is a note of the old site on its way.
type page struct {
	*source
	note     *site.Note
	body     string
	bodyLine int
	hasHTML  bool // its Markdown has tags of HTML

	explicit     string    // its address, or a pattern of it, as the front matter says
	titled       bool      // the front matter gives a title, which may be empty
	slug         string    // as the front matter says it; "" if it does not
	date         time.Time // for its address, also of a page
	shownFrom    time.Time // Hugo: publishDate; zero if it does not say
	categories   []string  // Jekyll: they are a part of addresses
	address      string    // that it had; "" if it had none
	weight       int       // its place among the pages of a section; 0 if it does not say
	terms        []term    // lists of the old site that it is on
	template     bool      // it has no text and no title: the old site had one in a template
	redirect     string    // it only leads there
	translations []string  // addresses of translations without a text
	dropped      bool      // of a section: StarPunk has a list in its place
	children     []*page   // of a section without a text: the pages in it
	there        bool      // it is on the site already
}

// renamed are the keys of each tool that say what StarPunk says by another one,
// as [Tool.key] has them; the first that stands in a file counts.
var renamed = map[Tool][][2]string{
	Hugo: {
		{"publishdate", "date"}, {"pubdate", "date"}, {"published", "date"},
		{"lastmod", "updated"}, {"modified", "updated"}, {"description", "summary"},
	},
	Zola:   {{"description", "summary"}},
	Jekyll: {{"last_modified_at", "updated"}, {"description", "summary"}, {"excerpt", "summary"}},
}

// own are the keys that mean the same to StarPunk. Those that steer a site, such
// as layout, are the old site's.
var own = []string{"date", "updated", "title", "summary", "slug"}

// steering are keys of StarPunk that a file of another tool can't mean.
var steering = []string{"layout", "format", "client", "h", "properties", "tags", "aliases"}

// addressKey is the key by which a page says its address.
var addressKey = map[Tool]string{Hugo: "url", Zola: "path", Jekyll: "permalink"}

// key is a key of front matter as it is looked for. Hugo takes one in any case
// (Hugo, "Front matter"), the others as it is written.
func (t Tool) key(name string) string {
	if t == Hugo {
		return strings.ToLower(name)
	}
	return name
}

// readPage understands a file; nil without an error if it is none of the
// site's pages.
func (old *oldSite) readPage(src *source, cfg *site.Config, report *Report) (*page, error) {
	data, err := readNote(src.where)
	if err != nil {
		return nil, err
	}
	fields, body, bodyLine, err := old.split(data)
	if err != nil {
		return nil, err
	}
	p := &page{source: src, body: body, bodyLine: bodyLine}
	p.note = &site.Note{H: "entry", Kind: site.KindNote, Visibility: site.Public, Draft: src.draft, HTML: src.html, Properties: map[string][]any{}}
	if old.isPlain(p, data, fields) {
		report.find(src.where, 1, "no front matter", "has no front matter, so that the old site does not show it; not brought over")
		return nil, nil
	}
	if p.home && strings.TrimSpace(body) == "" {
		return nil, nil // StarPunk has a front page
	}
	if p.missing(fields, old.tool) {
		report.find(src.where, 1, "404", "is for addresses where nothing is; StarPunk makes that page with the layout 404.html, and this is not brought over")
		return nil, nil
	}
	p.template = p.html && !p.post && old.tool == Jekyll && liquid().MatchString(body)
	if p.template && p.home {
		report.find(src.where, bodyLine, "template", "is a template, not a text; not brought over")
		return nil, nil
	}
	loc := cmp.Or(old.zone, cfg.Location)
	fields = append(fields, old.defaultsOf(p, fields, loc)...)
	if err := p.take(fields, old, loc, report); err != nil {
		return nil, err
	}
	p.template = p.template || body == "" && !p.section && p.note.Name == "" && len(p.note.Properties) == 0 && !p.post
	p.settle(old, loc)
	if l := old.languages[p.language]; l != nil && l.disabled {
		p.hold(report, 1, "is in %q: the old site has switched that language off", p.language)
	}
	p.schedule(old, report)
	return p, nil
}

// missing says whether a page is the one for addresses where nothing is: by its
// name at the top of the site, or by its address.
func (p *page) missing(fields []site.Field, tool Tool) bool {
	if p.stem == "404" && p.dir == "" && p.collection == "" {
		return true
	}
	return slices.ContainsFunc(fields, func(f site.Field) bool {
		return tool.key(f.Key) == addressKey[tool] && strings.TrimPrefix(firstText(f.Value), "/") == "404.html"
	})
}

// split reads front matter in YAML, TOML or, as Hugo may have it, JSON, which
// is YAML, too. All but Jekyll let it begin after blank lines.
func (old *oldSite) split(data []byte) (fields []site.Field, body string, bodyLine int, err error) {
	shift := 0 // lines of the file that are not in data; less those that are in data alone
	if start := bytes.TrimLeft(data, blank); old.tool != Jekyll && hasFront(start) {
		shift += bytes.Count(data[:len(data)-len(start)], []byte("\n"))
		data = start
	}
	fence := 0
	if old.tool == Hugo && bytes.HasPrefix(data, []byte("{")) && !bytes.HasPrefix(data, []byte("{{")) {
		if data, err = fenced(data); err != nil {
			if syntax := (*site.SyntaxError)(nil); errors.As(err, &syntax) {
				syntax.Line += shift
			}
			return nil, "", 0, err
		}
		fence = 1 // the first fence; the second has a line that the brace had
	}
	fields, body, bodyLine, mistake := site.Split(data)
	if mistake != nil {
		mistake.Line = max(mistake.Line+shift-fence, 1)
		return nil, "", 0, mistake
	}
	for i := range fields {
		fields[i].Line = max(fields[i].Line+shift-fence, 1)
	}
	leading := len(body) - len(strings.TrimLeft(body, "\r\n"))
	return fields, site.NormalText(body), bodyLine + shift - 2*fence + strings.Count(body[:leading], "\n"), nil
}

// blank matches invisible text that may precede front matter.
const blank = "\uFEFF\u200B\u2060 \t\r\n"

// hasFront reports whether a text begins with front matter, and not with a line
// or a tag that only looks like it.
func hasFront(data []byte) bool {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	line = bytes.TrimRight(line, " \t\r")
	return bytes.Equal(line, []byte("---")) || bytes.Equal(line, []byte("+++")) || bytes.HasPrefix(line, []byte("{")) && !bytes.HasPrefix(line, []byte("{{")) && !bytes.HasPrefix(line, []byte("{%"))
}

// fenced puts front matter in JSON between the fences of YAML.
func fenced(data []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	var front json.RawMessage
	if err := dec.Decode(&front); err != nil {
		line := 1
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			line += bytes.Count(data[:syntax.Offset], []byte("\n"))
		}
		return nil, &site.SyntaxError{Line: line, Msg: "front matter: " + err.Error()}
	}
	rest := bytes.TrimLeft(data[dec.InputOffset():], " \t\r")
	if !bytes.HasPrefix(rest, []byte("\n")) {
		rest = append([]byte("\n"), rest...)
	}
	// A tab may stand between the words of JSON, not of YAML; within one it can't stand.
	front = bytes.ReplaceAll(front, []byte("\t"), []byte(" "))
	return slices.Concat([]byte("---\n"), front, []byte("\n---"), rest), nil
}

// aboutTheFolder are files that repositories have for their readers.
var aboutTheFolder = []string{"readme", "license", "licence", "contributing", "changelog", "code_of_conduct", "security"}

// isPlain reports whether the tool does not show a file because of how it begins:
// it copies or refuses one without front matter. Jekyll's begins on the first
// line, an empty one counts. Hugo makes a page even of a file without.
func (old *oldSite) isPlain(p *page, data []byte, fields []site.Field) bool {
	switch old.tool {
	case Jekyll:
		return !bytes.HasPrefix(bytes.TrimPrefix(data, []byte("\uFEFF")), []byte("---"))
	case Zola:
		return len(fields) == 0 && !bytes.HasPrefix(data, []byte("---")) && !bytes.HasPrefix(data, []byte("+++"))
	}
	return len(fields) == 0 && p.dir == "" && slices.Contains(aboutTheFolder, strings.ToLower(p.stem))
}

// take takes the front matter over and reports what has no place.
func (p *page) take(fields []site.Field, old *oldSite, loc *time.Location, report *Report) error {
	var tags []string
	for _, f := range fields {
		if f.Value == nil {
			continue
		}
		fail := func(err error) error {
			if err == nil {
				return nil
			}
			return &site.SyntaxError{Line: f.Line, Msg: f.Key + ": " + err.Error()}
		}
		switch key := old.tool.key(f.Key); {
		case slices.Contains(own, key):
			_, err := p.note.Set(key, f.Value, loc)
			if t, ok := old.yamlTime(f.Value, loc); ok && key == "date" {
				p.note.Published, err = t, nil
			}
			if err != nil && key == "date" && datedName().MatchString(p.stem) {
				report.find(p.where, f.Line, "date", "date: %v; that of the file's name is taken", err)
			} else if err != nil {
				return fail(err)
			}
			p.titled = p.titled || key == "title"
			if key == "slug" {
				p.slug = firstText(f.Value)
			}
		case key == "tags", key == "categories", old.tool == Jekyll && (key == "tag" || key == "category"):
			words := old.terms(f)
			tags = append(tags, words...)
			p.terms = append(p.terms, old.termsOf(p, key, words)...)
			if strings.HasPrefix(key, "categor") {
				p.categories = append(p.categories, words...)
			}
		case key == "taxonomies" && old.tool == Zola:
			tags = append(tags, p.taxonomies(f, old, report)...)
		case key == "weight" && old.tool != Jekyll && p.takeWeight(f.Value):
			p.unknown(f, report)
		case key == addressKey[old.tool]:
			p.explicit = strings.Join(texts(f.Value), "")
		case key == "redirect_to" && old.tool != Hugo && firstText(f.Value) != "":
			p.redirect = texts(f.Value)[0]
		case key == "aliases", key == "redirect_from" && old.tool == Jekyll:
			p.note.Aliases = append(p.note.Aliases, texts(f.Value)...)
		case renames(old.tool, key):
			// below, where own keys have had their say
		case withholds(f, old.now, loc), key == "draft", key == "visibility":
			// below, with all others that do
		case key == "cascade" && old.tool == Hugo:
			// is for the pages below
		case slices.Contains(steering, key):
			p.unknown(f, report)
		default:
			if known, err := p.note.Set(key, f.Value, loc); err != nil {
				return fail(err)
			} else if !known {
				p.unknown(f, report)
			}
		}
	}
	p.obey(fields, old, loc, report)
	p.takeRenamed(fields, old, loc)
	if old.tool == Jekyll && p.post && p.dir != "" {
		p.categories = append(strings.Split(p.dir, "/"), p.categories...)
		tags = append(tags, p.categories...)
	}
	for _, tag := range tags {
		if tag != "" && !slices.Contains(p.note.Category, tag) {
			p.note.Category = append(p.note.Category, tag)
		}
	}
	return nil
}

// unzoned is a time without an offset as YAML 1.1 knows it, which is in UTC
// (https://yaml.org/type/timestamp.html). Without seconds it is a text there.
var unzoned = lazyRegexp(`^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?$`)

// yamlTime reads such a time as Jekyll does, and says it in the zone in which Jekyll
// shows it.
func (old *oldSite) yamlTime(value any, loc *time.Location) (t time.Time, ok bool) {
	if s := firstText(value); old.tool == Jekyll && unzoned().MatchString(s) {
		t, ok = site.ParseTime(s, time.UTC)
	}
	return t.In(loc), ok
}

// takeWeight keeps the place of a page in its section, and reports whether there is
// one.
func (p *page) takeWeight(v any) bool {
	number, ok := v.(json.Number)
	if ok {
		p.weight, _ = strconv.Atoi(number.String()) // a page that says nonsense has no place
	}
	return ok
}

func renames(tool Tool, key string) bool {
	return slices.ContainsFunc(renamed[tool], func(pair [2]string) bool { return pair[0] == key })
}

func (p *page) takeRenamed(fields []site.Field, old *oldSite, loc *time.Location) {
	for _, pair := range renamed[old.tool] {
		said := map[string]bool{"date": !p.note.Published.IsZero(), "updated": !p.note.Updated.IsZero(), "summary": p.note.Summary != ""}
		i := slices.IndexFunc(fields, func(f site.Field) bool { return old.tool.key(f.Key) == pair[0] })
		if i >= 0 && !said[pair[1]] {
			_, _ = p.note.Set(pair[1], fields[i].Value, loc) // what can't be read is as if it were not there
			if t, ok := old.yamlTime(fields[i].Value, loc); ok && pair[1] == "updated" {
				p.note.Updated = t
			}
		}
	}
}

// unknown reports a key that has no place; of a table, the keys in it.
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
		report.find(p.where, f.Line, "key "+name, "%s: StarPunk has no such key; not brought over", name)
	}
}

// terms are the words of a taxonomy. Jekyll parts a lone string of several at
// its spaces ("Posts", "Tags and Categories").
func (old *oldSite) terms(f site.Field) []string {
	if s, ok := f.Value.(string); ok && old.tool == Jekyll && f.Key != "tag" && f.Key != "category" {
		return strings.Fields(s)
	}
	return texts(f.Value)
}

// taxonomies are the tags and categories of a page of Zola; others are reported.
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

// texts are the strings of a value or a list of some.
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

// datedName is a file's name that begins with a date (Jekyll, "Posts"; Zola,
// "Page", which also takes a whole time and an underscore).
var datedName = lazyRegexp(`^(\d{4}-\d{1,2}-\d{1,2})(?:T[\d:.]+(?:Z|[+-][\d:]+)?)?[-_](.+)$`)

// settle decides what the front matter left open: date, slug, title, address,
// and whether it is a note or a page.
func (p *page) settle(old *oldSite, loc *time.Location) {
	n, stem := p.note, p.stem
	if m := datedName().FindStringSubmatch(stem); m != nil {
		if t, ok := nameDate(m[1], loc); ok && n.Published.IsZero() {
			n.Published = t
		}
		if old.tool == Jekyll || old.tool == Zola && lookup(old.config, "slugify", "paths_keep_dates") != true {
			stem = m[2]
		}
	}
	if n.Published.IsZero() {
		n.Published = site.AddressDate("/"+strings.Trim(p.explicit, "/")+"/", loc)
	}
	if p.date = n.Published; old.tool == Jekyll && old.zone != nil && !p.date.IsZero() {
		p.date = p.date.In(old.zone) // https://jekyllrb.com/docs/configuration/options/#global-configuration
	}
	if old.tool == Hugo {
		stem = p.takeNameDate(old, stem, loc)
	}
	if p.draft && n.Published.IsZero() {
		if info, err := os.Stat(p.where); err == nil {
			n.Published = info.ModTime().In(loc).Truncate(time.Second)
		}
	}
	if n.Name == "" && p.post && !p.titled {
		n.Name = titleOf(stem) // Jekyll shows that
	}
	p.address = old.addressOf(p, stem)
	if p.slug == "" {
		n.Slug = ""
		if p.explicit != "" {
			n.Slug = site.FileSlug(strings.TrimSuffix(path.Base(p.address), ".html"))
		}
	}
	if stem == "index" && !p.bundle && p.address != "" { // of Jekyll: it is named by its folder
		stem = path.Base(p.address)
	}
	n.Slug = cmp.Or(n.Slug, site.FileSlug(bareStem(stem)), n.ProposeSlug())
	switch {
	case p.home:
		n.Kind, n.Slug = site.KindHome, ""
	case p.section:
		n.Kind, n.Slug = site.KindPage, site.FileSlug(path.Base("/"+strings.Trim(cmp.Or(p.address, p.dir), "/")))
	case n.Published.IsZero() || old.isPage(p):
		n.Kind = site.KindPage
	}
	if n.Kind != site.KindNote {
		n.Published = time.Time{}
	}
}

// takeNameDate takes the date, and the slug, from the name of a file if the
// configuration of Hugo says so
// (https://gohugo.io/configuration/front-matter/#dates).
func (p *page) takeNameDate(old *oldSite, stem string, loc *time.Location) string {
	sources := texts(lookup(old.config, "frontmatter", "date"))
	i := slices.Index(sources, ":filename")
	m := datedName().FindStringSubmatch(stem)
	if i < 0 || m == nil {
		return stem
	}
	t, ok := nameDate(m[1], loc)
	if !ok || i > 0 && !p.note.Published.Equal(t) && !p.note.Published.IsZero() {
		return stem
	}
	p.note.Published, p.date = t, t
	if p.slug == "" {
		p.slug = strings.Trim(strings.TrimSuffix(m[2], path.Ext(m[2])), " -_") // also of the name of a folder
	}
	return stem
}

// nameDate reads a date in a file's name, in which Jekyll takes single digits.
func nameDate(s string, loc *time.Location) (time.Time, bool) {
	t, err := time.ParseInLocation("2006-1-2", s, loc)
	if err != nil {
		return t, false
	}
	return site.ParseTime(t.Format("2006-01-02"), loc)
}

func bareStem(stem string) string {
	if m := datedName().FindStringSubmatch(stem); m != nil {
		return m[2]
	}
	return stem
}

// isPage says of a dated file whether it is a page all the same: Hugo dates
// whatever "hugo new" makes, and an about page beside folders of posts is none.
func (old *oldSite) isPage(p *page) bool {
	return old.tool == Hugo && old.hasSection && p.dir == ""
}

// titleOf makes a title of a file's name, as Jekyll does.
func titleOf(stem string) string {
	words := strings.FieldsFunc(stem, func(r rune) bool { return r == '-' || r == '_' || unicode.IsSpace(r) })
	for i, word := range words {
		runes := []rune(word)
		runes[0] = unicode.ToUpper(runes[0])
		words[i] = string(runes)
	}
	return strings.Join(words, " ")
}
