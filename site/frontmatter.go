package site

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
	"go.yaml.in/yaml/v3"
)

// Bounds of a note's file.
const (
	MaxNoteBytes    = 10 << 20 // the whole file
	maxFrontMatter  = 1 << 20  // bytes between the fences
	maxFrontValues  = 20_000   // values in the front matter, aliases counted each time they are used
	maxFrontNesting = 40       // levels; a Micropub request may have 32
	maxFrontKeys    = 5_000    // lines of TOML with a key; each is compared with all others
	maxFrontList    = 1_000    // values of one key that has a place on pages; a Micropub request may have as many
)

// renderedProperties are the h-entry properties that have their own names in the
// front matter, in the order in which they are written. With the control keys of
// [Note.Set] they are the closed table of keys: every other property is below
// "properties:", so that no client can set a key that steers the site.
var renderedProperties = []string{
	"in-reply-to", "like-of", "repost-of", "bookmark-of", "rsvp",
	"photo", "video", "audio", "location", "checkin",
	"read-of", "read-status", "start", "end", "syndication",
	"listen-of", "jam-of", "watch-of", "play-of", "ate", "drank", "follow-of", "favorite-of", "quotation-of", "tag-of",
}

// A Field is one top-level key of a front matter.
type Field struct {
	Key   string
	Value any // in one of the shapes of [Note.Properties]
	Line  int
}

// Parse reads a note's file. name is its path below content/, with slashes;
// loc is the zone of dates that are written without one. A mistake is a
// [*SyntaxError] that names the file, below content/, and the line.
func Parse(name string, data []byte, loc *time.Location) (*Note, error) {
	fail := func(line int, format string, args ...any) error {
		return &SyntaxError{File: "content/" + name, Line: line, Msg: fmt.Sprintf(format, args...)}
	}
	p, fields, err := parse(data)
	if err != nil {
		return nil, fail(err.line, "%s", err.msg)
	}
	n := &Note{File: name, H: "entry", Visibility: Public, Properties: map[string][]any{}}
	seen := map[string]int{}
	var others []Field // keys that are not ours
	for _, f := range fields {
		key := properKey(f.Key)
		if first, ok := seen[key]; ok {
			return nil, fail(f.Line, "%s: duplicate key; first set on line %d", f.Key, first)
		}
		seen[key] = f.Line
		if key == "draft" || key == "visibility" {
			continue // see IntentOf
		}
		own, err := n.Set(key, f.Value, loc)
		if err != nil {
			return nil, fail(f.Line, "%s: %v", f.Key, err)
		}
		if own && n.longest() > maxFrontList {
			return nil, fail(f.Line, "%s: more than %d values", f.Key, maxFrontList)
		}
		if !own {
			others = append(others, f)
		}
	}
	n.applyIntent(IntentOf(fields, loc))
	for _, f := range p.hiddenIntents(fields) {
		n.Draft = true
		n.notice(f.Line, "%s: is read as a part of another value, so that the note is a draft; check the quotes and tables above it", f.Key)
	}
	if stray := strayFront(p.body, p.bodyLine(), true); stray != nil && p.fence != "" {
		n.Draft = true
		n.notice(stray.line, "%s; the note is a draft until then", stray.msg)
	}
	n.readForeign(others, loc)
	if n.longest() > maxFrontList {
		return nil, fail(fields[0].Line, "more than %d tags or former addresses", maxFrontList)
	}
	n.noticeKeys(others)
	n.noticeCited(fields)
	n.noticeComments(fields)
	n.Content = NormalText(p.body)
	n.BodyLine = p.bodyLine() + leadingLines(p.body)
	if badDate := n.readName(loc); badDate != "" {
		return nil, fail(1, "its name begins with %s, which is not a date", badDate)
	}
	if n.Kind == KindNote && n.Published.IsZero() {
		return nil, fail(1, `no date; add a line such as "date: 2026-11-22T09:30:00+01:00", or begin the file's name with one, as in 2026-11-22-%s`, name[strings.LastIndexByte(name, '/')+1:])
	}
	if n.Kind != KindHome && n.Slug == "" {
		return nil, fail(1, "the file's name gives no address; add a line such as \"slug: my-note\"")
	}
	return n, nil
}

// longest returns the length of the longest list of the note.
func (n *Note) longest() int {
	most := max(len(n.Category), len(n.Aliases))
	for _, values := range n.Properties {
		most = max(most, len(values))
	}
	return most
}

// parse divides a file and reads its front matter. Lines at the top that look like
// front matter but are not read are a mistake, and so are merge conflicts: they would
// be published as text.
func parse(data []byte) (parts, []Field, *lineError) {
	if err := checkText(data); err != nil {
		return parts{}, nil, err
	}
	if err := mergeConflict(data); err != nil {
		return parts{}, nil, err
	}
	p, err := cut(data)
	if err != nil {
		return p, nil, err
	}
	fields, err := p.fields()
	if err == nil && p.fence == "" {
		err = strayFront(p.body, p.bodyLine(), false)
	}
	return p, fields, err
}

// Split divides the file of a note, of any generator, into its front matter and the
// body, which begins on the line bodyLine. The error has no file.
func Split(data []byte) (fields []Field, body string, bodyLine int, mistake *SyntaxError) {
	err := checkText(data)
	if err == nil {
		fields, body, bodyLine, err = split(data)
	}
	if err != nil {
		return nil, "", 0, &SyntaxError{Line: err.line, Msg: err.msg}
	}
	return fields, body, bodyLine, nil
}

// NormalText returns s with LF line ends and none at either end. Two texts that
// differ only in the line ends of a system have the same normal text.
func NormalText(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Trim(strings.ReplaceAll(s, "\r", "\n"), "\n")
}

// leadingLines returns the number of empty lines before the text of a body.
func leadingLines(body string) int {
	rest := strings.TrimLeft(body, "\r\n")
	return strings.Count(body[:len(body)-len(rest)], "\n")
}

// A lineError is a mistake in a line. Its caller has the name of the file.
type lineError struct {
	line int
	msg  string
}

// checkText checks that data is UTF-8 text of a possible size.
func checkText(data []byte) *lineError {
	if len(data) > MaxNoteBytes {
		return &lineError{1, fmt.Sprintf("larger than %d MiB, too large for a note", MaxNoteBytes>>20)}
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return &lineError{lineAt(data, i), "a NUL byte; is this a text file?"}
	}
	if !utf8.Valid(data) {
		i := 0
		for i < len(data) {
			r, size := utf8.DecodeRune(data[i:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			i += size
		}
		return &lineError{lineAt(data, i), "not UTF-8; save the file in that encoding"}
	}
	return nil
}

// split separates front matter and body. The body begins on the line bodyLine.
func split(data []byte) (fields []Field, body string, bodyLine int, err *lineError) {
	p, err := cut(data)
	if err != nil {
		return nil, "", 0, err
	}
	if fields, err = p.fields(); err != nil {
		return nil, "", 0, err
	}
	return fields, p.body, p.bodyLine(), nil
}

var yamlLine = lazyRegexp(`line (\d+)(?::\s*)?`)

// yamlFields reads front matter in YAML.
func yamlFields(raw string) ([]Field, *lineError) {
	if len(raw) > maxFrontMatter {
		return nil, &lineError{1, "front matter is larger than 1 MiB"}
	}
	if fields, ok := simpleFields(raw); ok {
		return fields, nil
	}
	return parseYAML(raw)
}

// parseYAML reads front matter with the YAML parser.
func parseYAML(raw string) ([]Field, *lineError) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(raw), &doc); err != nil {
		line, msg := 1, strings.TrimPrefix(err.Error(), "yaml: ")
		if m := yamlLine().FindStringSubmatch(msg); m != nil {
			line, _ = strconv.Atoi(m[1])
			msg = strings.TrimPrefix(msg, m[0])
		}
		return nil, describe(raw, line, yamlSlips, msg)
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, &lineError{root.Line + 1, `front matter is not a list of lines such as "title: Hello"`}
	}
	budget := maxFrontValues
	var fields []Field
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		v, err := yamlValue(value, &budget, 1)
		if err != nil {
			return nil, &lineError{key.Line + 1, fmt.Sprintf("%s: %v", key.Value, err)}
		}
		fields = append(fields, Field{key.Value, v, key.Line + 1})
	}
	return fields, nil
}

// yamlValue returns a node in the shape of [Note.Properties]. Numbers and dates keep
// the characters with which they were written.
func yamlValue(n *yaml.Node, budget *int, depth int) (any, error) {
	if *budget--; *budget < 0 {
		return nil, fmt.Errorf("more than %d values in the front matter", maxFrontValues)
	}
	if depth > maxFrontNesting {
		return nil, fmt.Errorf("nested more than %d levels deep", maxFrontNesting)
	}
	switch n.Kind {
	case yaml.AliasNode:
		return yamlValue(n.Alias, budget, depth+1)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := yamlValue(item, budget, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		object := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := yamlValue(n.Content[i+1], budget, depth+1)
			if err != nil {
				return nil, err
			}
			object[n.Content[i].Value] = v
		}
		return object, nil
	default:
		return yamlScalar(n), nil
	}
}

func yamlScalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool": // YAML 1.1 has other words, which a tag makes a bool
		if word := valueWord(n.Value); word == "true" || word == "false" {
			return word == "true"
		}
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
	}
	return n.Value
}

// tomlFields reads front matter in TOML, in the order of its lines.
func tomlFields(raw string) ([]Field, *lineError) {
	if len(raw) > maxFrontMatter {
		return nil, &lineError{1, "front matter is larger than 1 MiB"}
	}
	if err := tomlBounds([]byte(raw)); err != nil {
		return nil, err
	}
	var table map[string]any
	if err := toml.Unmarshal([]byte(raw), &table); err != nil {
		line, msg := 1, strings.TrimPrefix(err.Error(), "toml: ")
		if d, ok := err.(*toml.DecodeError); ok {
			line, _ = d.Position()
		}
		return nil, describe(raw, line, tomlSlips, msg)
	}
	lines := keyLines([]byte(raw))
	var fields []Field
	for key, v := range table {
		fields = append(fields, Field{key, tomlValue(v), max(lines[key], 1) + 1})
	}
	slices.SortFunc(fields, func(a, b Field) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return strings.Compare(a.Key, b.Key)
	})
	return fields, nil
}

// tomlBounds checks that TOML is within the bounds of front matter. It reads no
// further than needed. The decoder reports mistakes.
func tomlBounds(data []byte) *lineError {
	var p unstable.Parser
	p.Reset(data)
	values := 0
	for keys := 1; p.NextExpression(); keys++ {
		e := p.Expression()
		key, offset := keyName(e)
		fail := func(format string, args ...any) *lineError {
			return &lineError{lineAt(data, offset) + 1, fmt.Sprintf(format, args...)}
		}
		if keys > maxFrontKeys {
			return fail("front matter: more than %d keys", maxFrontKeys)
		}
		depth := strings.Count(key, ".")
		if e.Kind == unstable.KeyValue {
			n, d := tomlSize(e.Value(), 1)
			values, depth = values+n, depth+d
		}
		if depth > maxFrontNesting {
			return fail("%.40s: nested more than %d levels deep", key, maxFrontNesting)
		}
		if values > maxFrontValues {
			return fail("%.40s: more than %d values in the front matter", key, maxFrontValues)
		}
	}
	return nil
}

// tomlSize returns the number of values in a value, and their depth. It stops just
// beyond the bounds.
func tomlSize(n *unstable.Node, depth int) (values, deepest int) {
	values, deepest = 1, depth
	if depth > maxFrontNesting {
		return values, deepest
	}
	for it := n.Children(); it.Next() && values <= maxFrontValues; {
		child := it.Node()
		if n.Kind == unstable.InlineTable {
			child = child.Value()
		}
		v, d := tomlSize(child, depth+1)
		values, deepest = values+v, max(deepest, d)
	}
	return values, deepest
}

// tomlValue returns a value of the decoder in the shape of [Note.Properties].
func tomlValue(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = tomlValue(v[i])
		}
		return v
	case map[string]any:
		for k := range v {
			v[k] = tomlValue(v[k])
		}
		return v
	case int64:
		return json.Number(strconv.FormatInt(v, 10))
	case float64:
		return json.Number(strconv.FormatFloat(v, 'g', -1, 64))
	case time.Time:
		return v.Format(time.RFC3339)
	case string, bool, nil:
		return v
	default: // toml.LocalDate and similar types
		return fmt.Sprint(v)
	}
}

// Set sets the property of the note that a key of front matter has. Other keys belong
// to other tools and change nothing: own is false for them. If a value of draft or
// visibility is not understood, the note is a draft.
func (n *Note) Set(key string, v any, loc *time.Location) (own bool, err error) {
	switch key {
	case "date":
		return true, setTime(&n.Published, v, loc)
	case "date-given":
		n.Undated = valueWord(v) == "false"
	case "updated":
		return true, setTime(&n.Updated, v, loc)
	case "title":
		n.Name = ScalarText(v)
	case "summary":
		n.Summary = ScalarText(v)
	case "tags":
		n.Category = tagStrings(v)
	case "slug":
		n.Slug = FileSlug(ScalarText(v))
	case "draft", "visibility":
		n.applyIntent(IntentOf([]Field{{Key: key, Value: v}}, loc))
	case "aliases":
		n.Aliases = addresses(v)
	case "format":
		s := ScalarText(v)
		if s != "html" && s != "markdown" {
			return true, fmt.Errorf("%q is neither html nor markdown", s)
		}
		n.HTML = s == "html"
	case "layout":
		n.Layout = ScalarText(v)
	case "client":
		n.Client = ScalarText(v)
	case "h":
		if s := ScalarText(v); s != "" {
			n.H = s
		}
	case "properties":
		return true, n.setProperties(v)
	default:
		if !slices.Contains(renderedProperties, key) {
			return false, nil
		}
		n.addValues(key, v)
	}
	return true, nil
}

// setProperties adds the properties of the table "properties".
func (n *Note) setProperties(v any) error {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("is not a table of microformats2 properties")
	}
	for key, v := range object {
		n.addValues(key, v)
	}
	return nil
}

// addValues adds the values of a property that are not empty.
func (n *Note) addValues(property string, v any) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	if some := WithoutEmptyValues(list); len(some) > 0 {
		n.Properties[property] = append(n.Properties[property], some...)
	}
}

// readForeign reads keys of other generators for properties that StarPunk's own keys
// leave open. These keys are never written.
func (n *Note) readForeign(fields []Field, loc *time.Location) {
	for _, f := range fields {
		switch foldKey(f.Key) {
		case "lastmod":
			if n.Updated.IsZero() {
				_ = setTime(&n.Updated, f.Value, loc) // another tool's key: its mistakes are not reported
			}
		case "description":
			if n.Summary == "" {
				n.Summary = ScalarText(f.Value)
			}
		case "tag", "category", "categories":
			n.addTags(f.Value)
		case "permalink", "url", "path":
			if _, isFlag := f.Value.(bool); !isFlag {
				n.address = CleanAddress(ScalarText(f.Value))
			}
		case "redirectfrom":
			if len(n.Aliases) == 0 {
				n.Aliases = addresses(f.Value)
			}
		}
	}
	for _, f := range fields {
		if members, ok := f.Value.(map[string]any); ok && foldKey(f.Key) == "taxonomies" {
			n.addTags(members["tags"])
			n.addTags(members["categories"])
		}
	}
}

// addTags adds the tags of another key that the note does not have.
func (n *Note) addTags(v any) {
	has := map[string]bool{}
	for _, tag := range n.Category {
		has[tag] = true
	}
	for _, tag := range tagStrings(v) { // no tag twice
		if !has[tag] {
			n.Category = append(n.Category, tag)
		}
	}
}

// setTime sets t to the date and time that a value has.
func setTime(t *time.Time, v any, loc *time.Location) error {
	s := ScalarText(v)
	parsed, ok := ParseTime(s, loc)
	if !ok {
		return fmt.Errorf("%q is not a date and time such as 2026-11-22T09:30:00+01:00", s)
	}
	*t = parsed
	return nil
}

// ScalarText returns a string, number or boolean as text without surrounding space, ""
// for anything else.
func ScalarText(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// tagStrings reads a list of tags, or tags in one string with commas between them.
func tagStrings(v any) []string {
	if s, ok := v.(string); ok {
		list := []any{}
		for part := range strings.SplitSeq(s, ",") {
			list = append(list, part)
		}
		v = list
	}
	return stringList(v)
}

// addresses returns the paths of this site in a list, each once and in its one form.
// An item that is not such a path stays unchanged: it may be a whole address of this
// site, which depends on the configuration.
func addresses(v any) []string {
	list := stringList(v)
	for i, s := range list {
		list[i] = cmp.Or(CleanAddress(s), s)
	}
	return withoutRepeats(list)
}

// stringList returns the texts of a list, or of a single value, each once.
func stringList(v any) []string {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var ss []string
	for _, v := range list {
		if s := ScalarText(v); s != "" {
			ss = append(ss, s)
		}
	}
	return withoutRepeats(ss)
}

// withoutRepeats removes from a list each item that it already has.
func withoutRepeats(list []string) []string {
	seen := make(map[string]bool, len(list))
	return slices.DeleteFunc(list, func(s string) bool {
		repeated := seen[s]
		seen[s] = true
		return repeated
	})
}
