package site

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// An Intent is who may see a note, and when, by its front matter: by StarPunk's own
// keys, and by keys of other tools.
type Intent struct {
	Draft      bool
	Visibility string    // the strictest of all keys; Public without such a key
	ShownFrom  time.Time // not shown before; zero without such a key
	ShownUntil time.Time // not shown from this time on; zero without such a key
	Notices    []Notice  // about values that are not understood, which make the note a draft

	Because []Because // the keys that withhold the note, in the order of the file
}

// A Because is a key of a front matter that withholds the note.
type Because struct {
	Key        string // as it is in the file; of a key within a table, that of the table
	Line       int
	Draft      bool // it makes the note a draft
	Visibility bool // it makes the note unlisted or private
	Within     bool // it is a table, which may have other members, too
}

// IntentOf reads the intent not to publish from the top-level fields of a front
// matter. All keys count, in any spelling, and the strictest wins. A key of the
// table whose value is not understood makes the note a draft, and so does a key
// that is one slip away from one of the table. loc is the zone of dates that
// are written without one.
//
// The keys are in the manual: "What keeps a note from being
// published".
func IntentOf(fields []Field, loc *time.Location) Intent {
	in := Intent{Visibility: Public}
	for _, f := range fields {
		in.read(f, loc)
	}
	return in
}

// Withholds reports whether a key clearly keeps a note from being published or
// listed by its value, such as "private" by "yes". A value that is not
// understood does not count.
func Withholds(key string, v any) bool {
	r := rulesByKey()[foldKey(key)]
	if r == nil || r.below != nil {
		return false
	}
	in := Intent{Visibility: Public}
	in.applyInner(*r, Field{Key: key}, key, v, time.UTC)
	return in.Draft || in.Visibility != Public
}

// An effect is what a value of a key does to a note.
type effect int

const (
	noEffect   effect = iota // nothing
	asUnlisted               // Visibility
	asPrivate
	asDraft
	asUnclear // a draft with a notice
	notBefore // a date before which the note is not shown
	notAfter  // a date from which it is not shown
)

// A rule has the effects of the values of some keys.
type rule struct {
	keys   []string          // the spelling of the tool; any other case, and _ or - anywhere, is the same
	values map[string]effect // by [valueWord]
	empty  effect            // of a key without a value
	other  effect            // of a value that is not in values
	date   effect            // of a date: notBefore or notAfter; noEffect: these keys have no dates
	below  map[string]rule   // of members of a table; nil: a table is not understood
	words  bool              // a text is a list of words
	notice string            // the text to write instead, if the author may not expect the effect of the key
	write  string            // the values that are understood, for the message about one that is not
	tools  string            // tools that have the key
}

// flag returns the rule of keys that are true or false.
func flag(ifTrue, ifFalse effect, tools string, keys ...string) rule {
	return rule{
		keys: keys, values: map[string]effect{"true": ifTrue, "false": ifFalse},
		empty: asUnclear, other: asUnclear, write: "true or false", tools: tools,
	}
}

// noticed returns a rule with a remark for each effect.
func (r rule) noticed(notice string) rule {
	r.notice = notice
	return r
}

const (
	writeUnlisted = `is read as "visibility: unlisted"; write that instead`
	writePrivate  = `is read as "visibility: private"; write that instead, or "visibility: unlisted" for a page that is in no list`
)

// statuses are the effects of values of keys such as post-status and status: those of
// Micropub, WordPress, Pelican, Nikola and Ghost, and the words that people use.
var statuses = map[string]effect{
	"published": noEffect, "publish": noEffect, "public": noEffect, "posted": noEffect, "live": noEffect, "sent": noEffect, "true": noEffect,
	"final": noEffect, "finished": noEffect, "done": noEffect, "complete": noEffect, "completed": noEffect, "featured": noEffect, "active": noEffect,
	"evergreen": noEffect, "budding": noEffect, "seedling": noEffect, "growing": noEffect, "mature": noEffect, "🌱": noEffect, "🌿": noEffect, "🌳": noEffect, "🌲": noEffect,
	"stable": noEffect, "current": noEffect, "updated": noEffect, "maintained": noEffect,

	"draft": asDraft, "drafts": asDraft, "auto-draft": asDraft, "pending": asDraft, "scheduled": asDraft, "future": asDraft,
	"unpublished": asDraft, "in-progress": asDraft, "wip": asDraft, "todo": asDraft, "idea": asDraft, "review": asDraft,
	"archived": asDraft, "trash": asDraft, "trashed": asDraft, "deleted": asDraft, "skip": asDraft, "inherit": asDraft, "false": asDraft,

	"unlisted": asUnlisted,
	"private":  asPrivate, "hidden": asPrivate, "secret": asPrivate, "protected": asPrivate,
}

// visibilities are the effects of values of keys such as visibility.
var visibilities = map[string]effect{
	"public": noEffect, "visible": noEffect, "listed": noEffect, "published": noEffect, "everyone": noEffect, "all": noEffect, "world": noEffect, "open": noEffect,
	"unlisted": asUnlisted, "quiet-public": asUnlisted,
	"private": asPrivate, "hidden": asPrivate, "secret": asPrivate, "protected": asPrivate, "none": asPrivate, "invisible": asPrivate,
	"members": asPrivate, "members-only": asPrivate, "paid": asPrivate, "tiers": asPrivate, "password": asPrivate,
	"followers": asPrivate, "direct": asPrivate, "friends": asPrivate, "internal": asPrivate, "restricted": asPrivate,
	"draft": asDraft,
}

// intentRules are the keys of common tools that keep a note from being
// published, or from being listed. The manual's table is compared with them.
var intentRules = []rule{
	flag(asDraft, noEffect, "StarPunk, Hugo, Zola, Quartz, Astro, Docusaurus, MkDocs", "draft", "isDraft"),
	flag(asDraft, noEffect, "many", "saveAsDraft", "draftMode", "unpublished", "wip", "noPublish", "notPublished", "doNotPublish", "dontPublish"),
	flag(asPrivate, noEffect, "many", "secret", "confidential"),
	{
		keys: []string{"published", "publish"}, values: map[string]effect{
			"true": noEffect, "public": noEffect, "published": noEffect,
			"false": asDraft, "draft": asDraft, "never": asDraft, "private": asPrivate, "unlisted": asUnlisted,
		},
		date: notBefore, empty: asUnclear, other: asUnclear, write: "true or false",
		tools: "Jekyll, Bridgetown, Obsidian Publish, Quartz, VuePress, Forem",
	},
	flag(noEffect, asDraft, "Obsidian Digital Garden", "dg-publish"),
	flag(noEffect, asDraft, "Enveloppe", "share").noticed(`write "draft: true", which this is taken for, or remove it if it is about buttons`),
	{
		keys: []string{"post-status", "status", "mp-status", "wp-status", "draftStatus", "publishStatus", "publishState", "publicationStatus", "publicationState"}, values: statuses, other: asUnclear, write: "published or draft",
		tools: "Micropub, Indiekit, WordPress, Pelican, Nikola, Ghost",
	},
	{
		keys: []string{"visibility", "post-visibility", "mp-visibility"}, values: visibilities, empty: asUnclear, other: asUnclear,
		write: "public, unlisted or private", tools: "StarPunk, Micropub, Indiekit, Ghost",
	},
	{
		keys: []string{"access"}, values: visibilities, other: asUnclear, write: "public, unlisted or private",
		tools: "Ghost, Grav",
	},
	flag(asPrivate, noEffect, "many", "private", "isPrivate"),
	flag(noEffect, asPrivate, "Logseq", "public", "isPublic"),
	flag(asPrivate, noEffect, "Pelican, Hexo, Chirpy, Lektor", "hidden", "isHidden").noticed(writePrivate),
	{
		keys: []string{"hide"}, values: map[string]effect{"true": asPrivate}, notice: writePrivate, tools: "Hexo",
	},
	flag(asUnlisted, noEffect, "Docusaurus", "unlisted"),
	flag(noEffect, asUnlisted, "many", "listed"),
	{
		keys: []string{"password"}, values: map[string]effect{"false": noEffect}, other: asPrivate, notice: "StarPunk has no passwords, so that the note is private",
		tools: "WordPress, Hexo",
	},
	flag(asPrivate, noEffect, "WordPress, Hexo", "protected", "encrypted"),
	{
		keys: []string{"deleted", "trashed"}, values: map[string]effect{"false": noEffect}, other: asPrivate, tools: "Indiekit, Micro.blog",
	},
	{
		keys: []string{"publishDate", "pubDate", "publishedDate", "datePublished", "publishedAt", "publishedOn", "publishOn", "publishAt", "publishTime", "publishFrom", "goLive", "goLiveDate"},
		date: notBefore, other: asUnclear, write: "a date such as 2026-11-22T09:30:00+01:00", tools: "Hugo, Astro, Ghost, Forem",
	},
	{
		keys: []string{"scheduled", "scheduledAt", "scheduledFor", "scheduledDate", "embargo", "embargoUntil"}, values: map[string]effect{"false": noEffect},
		date: notBefore, other: asUnclear, write: "a date such as 2026-11-22T09:30:00+01:00", tools: "many",
	},
	{
		keys:   []string{"expiryDate", "unpublishDate", "expires", "expireDate", "expirationDate", "expiration", "expiry", "expire", "expiresAt", "expiresOn", "unpublish", "unpublishOn", "unpublishAt", "visibleUntil"},
		values: map[string]effect{"false": noEffect, "never": noEffect},
		date:   notAfter, other: asUnclear, write: "a date such as 2026-11-22T09:30:00+01:00", tools: "Hugo",
	},
	flag(asPrivate, noEffect, "Hugo", "headless"),
	{
		keys: []string{"build", "_build"}, values: map[string]effect{"true": noEffect, "false": asPrivate}, other: asUnclear, tools: "Hugo",
		write: "true or false",
		below: map[string]rule{
			"render": {values: map[string]effect{"always": noEffect, "true": noEffect, "never": asPrivate, "false": asPrivate, "link": asPrivate}, other: asUnclear, write: "always or never"},
			"list":   {values: map[string]effect{"always": noEffect, "true": noEffect, "never": asUnlisted, "false": asUnlisted, "local": asUnlisted}, other: asUnclear, write: "always or never"},
		},
	},
	flag(noEffect, asPrivate, "Zola", "render"),
	{
		keys: []string{"permalink"}, values: map[string]effect{"false": asPrivate}, tools: "Eleventy",
		below: map[string]rule{"build": {values: map[string]effect{"false": asPrivate}}},
	},
	{keys: []string{"url"}, values: map[string]effect{"false": asPrivate}, tools: "Lume"},
	flag(noEffect, asPrivate, "Grav", "routable"),
	{
		keys: []string{"eleventyExcludeFromCollections"}, values: map[string]effect{"false": noEffect}, other: asUnlisted, tools: "Eleventy",
	},
	{
		keys: []string{"sitemap"}, values: map[string]effect{"false": asUnlisted}, notice: writeUnlisted, tools: "Jekyll, Hexo, Hugo",
		below: map[string]rule{
			"disable": {values: map[string]effect{"true": asUnlisted}},
			"exclude": {values: map[string]effect{"true": asUnlisted}},
			"ignore":  {values: map[string]effect{"true": asUnlisted}},
		},
	},
	{
		keys:   []string{"noindex", "robotsNoIndex", "sitemapExclude", "excludeFromSitemap", "excludeFromFeed", "hiddenInHomeList"},
		values: map[string]effect{"true": asUnlisted, "false": noEffect}, other: asUnclear, write: "true or false", notice: writeUnlisted,
		tools: "Hugo themes, Docusaurus, Eleventy",
	},
	{keys: []string{"indexing"}, values: map[string]effect{"false": asUnlisted}, notice: writeUnlisted, tools: "Hexo"},
	{
		keys: []string{"robots"}, values: map[string]effect{"noindex": asUnlisted, "none": asUnlisted, "false": asUnlisted}, words: true, notice: writeUnlisted,
		tools: "many",
		below: map[string]rule{
			"noindex": {values: map[string]effect{"true": asUnlisted}},
			"index":   {values: map[string]effect{"false": asUnlisted}},
		},
	},
}

// rulesByKey are intentRules by each key, as [foldKey] writes it.
var rulesByKey = sync.OnceValue(func() map[string]*rule {
	byKey := map[string]*rule{}
	for i := range intentRules {
		for _, key := range intentRules[i].keys {
			byKey[foldKey(key)] = &intentRules[i]
		}
	}
	return byKey
})

// guessedKeys are the keys of intentRules for which a misspelling is found. The
// others are rare, or similar to other words.
var guessedKeys = []string{
	"draft", "isDraft", "published", "publish", "post-status", "status", "visibility", "private", "isPrivate",
	"public", "hidden", "unlisted", "publishDate", "expiryDate", "headless", "noindex",
}

// tables are the tables of other tools, and "<<" of YAML, whose members may be meant
// for the note itself: in TOML a key after a [table] is one of its members, even if
// its author did not want that.
var tables = []string{
	"extra", "params", "taxonomies", "page", "meta", "metadata", "data", "frontmatter",
	"post", "article", "entry", "note", "attributes", "publishing",
	"wordpress", "wp", "ghost", "jekyll", "hugo", "zola", "eleventy", "pelican", "obsidian", "quartz", "micropub", "indiekit", "seo",
}

// read applies one field.
func (in *Intent) read(f Field, loc *time.Location) {
	key, v := splitKey(f)
	folded := foldKey(key)
	if r := rulesByKey()[folded]; r != nil {
		in.apply(r, key, f, v, loc)
		return
	}
	if f.Key == "<<" || slices.Contains(tables, folded) {
		in.readTable(f, f.Key, f.Value, loc)
		return
	}
	if folded == "properties" {
		in.readProperties(f, loc)
		return
	}
	if _, ok := f.Value.(map[string]any); ok {
		in.readInner(f, f.Key, f.Value, loc, 1)
	}
	if known := nearIntent(folded); known != "" {
		in.add(asUnclear, Because{Key: f.Key, Line: f.Line})
		in.notice(f.Line, "unknown key %q, did you mean %q? The note is a draft until that is clear", f.Key, known)
	}
}

// splitKey separates key and value that a parser reads as one word by mistake, as in
// {draft:true}.
func splitKey(f Field) (key string, v any) {
	if before, after, ok := strings.Cut(f.Key, ":"); ok && f.Value == nil && after != "" {
		return before, after
	}
	return f.Key, f.Value
}

// readTable applies the members of a table like keys of the top level. Only members
// with a clear value count. name is the name of the table in messages.
func (in *Intent) readTable(f Field, name string, v any, loc *time.Location) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, v := range list {
		members, _ := v.(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(members)) {
			r := rulesByKey()[foldKey(key)]
			switch {
			case key == "<<": // YAML merges it, at any level
				in.readTable(f, name, members[key], loc)
			case r != nil && r.below == nil && r.other != asPrivate:
				in.applyInner(*r, f, name+": "+key, members[key], loc)
			}
		}
		in.readInner(f, name, members, loc, 1)
	}
}

// innerKeys are the keys that count in any table, because they can only be meant for
// the note.
var innerKeys = []string{"draft", "isdraft", "poststatus"}

// maxIntentDepth bounds the nesting of the tables that are searched for innerKeys.
const maxIntentDepth = 5

// readInner applies innerKeys in a table of any name, and in tables within it. Each
// one is reported, since the purpose of the table is unknown.
func (in *Intent) readInner(f Field, name string, v any, loc *time.Location, depth int) {
	members, _ := v.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(members)) {
		folded := foldKey(key)
		switch {
		case depth == 1 && slices.Contains(tables, foldKey(f.Key)) && rulesByKey()[folded] != nil: // see readTable
		case slices.Contains(innerKeys, folded):
			in.applyInner(rulesByKey()[folded].noticed("in a table, and taken for the note's own; write it above the tables"), f, name+": "+key, members[key], loc)
		case depth < maxIntentDepth:
			in.readInner(f, name+": "+key, members[key], loc, depth+1)
		}
	}
}

// readProperties applies post-status and visibility among the other properties of
// microformats2. Apps may set any property, so that no other property is a key.
func (in *Intent) readProperties(f Field, loc *time.Location) {
	members, _ := f.Value.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(members)) {
		if folded := foldKey(key); folded == "poststatus" || folded == "visibility" {
			in.apply(rulesByKey()[folded], f.Key+": "+key, f, members[key], loc)
		}
	}
}

// applyInner applies a member of a table, if its value is clear.
func (in *Intent) applyInner(r rule, f Field, name string, v any, loc *time.Location) {
	r.other, r.empty = noEffect, noEffect
	in.apply(&r, name, Field{f.Key, map[string]any{name: v}, f.Line}, v, loc)
}

// apply applies the value of a key. name is the key in messages, f is its field of
// the file.
func (in *Intent) apply(r *rule, name string, f Field, v any, loc *time.Location) {
	_, within := f.Value.(map[string]any)
	because := Because{Key: f.Key, Line: f.Line, Within: within}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			in.apply(r, name, f, item, loc)
		}
		if len(v) == 0 {
			in.applyWord(r, name, "", because)
		}
		return
	case map[string]any:
		if r.below == nil {
			in.applyWord(r, name, "{…}", because)
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if member, ok := r.below[foldKey(key)]; ok {
				member.notice = r.notice
				in.apply(&member, name+": "+key, f, v[key], loc)
			}
		}
		return
	}
	if r.date != noEffect {
		if t, ok := parseAnyTime(ScalarText(v), loc); ok {
			in.setTime(r.date, t)
			return
		}
	}
	word := valueWord(v)
	if v == "true" || v == "false" { // in quotes: otherwise it would be a bool
		if e := r.values[word]; e != noEffect {
			in.notice(f.Line, "%s: %q is a text, and taken for %s; write it without quotes", name, v, v)
		}
	}
	if r.words {
		for _, w := range strings.FieldsFunc(word, func(c rune) bool { return c == ',' || c == ' ' || c == ';' }) {
			in.applyWord(r, name, w, because)
		}
		return
	}
	in.applyWord(r, name, word, because)
}

// applyWord applies a value that is one word.
func (in *Intent) applyWord(r *rule, name, word string, because Because) {
	e, ok := r.values[word]
	switch {
	case ok:
	case word == "":
		e = r.empty
	default:
		e = r.other
	}
	in.add(e, because)
	switch {
	case e == asUnclear && word == "":
		in.notice(because.Line, "%s: has no value, so that the note is a draft; write %s", name, r.write)
	case e == asUnclear:
		in.notice(because.Line, "%s: %.60q is not understood, so that the note is a draft; write %s", name, word, r.write)
	case e != noEffect && r.notice != "":
		in.notice(because.Line, "%s: %s", name, r.notice)
	}
}

// add applies an effect, and records its cause.
func (in *Intent) add(e effect, because Because) {
	switch e {
	case noEffect:
		return
	case asUnlisted:
		because.Visibility = true
		if in.Visibility == Public {
			in.Visibility = Unlisted
		}
	case asPrivate:
		because.Visibility = true
		in.Visibility = Private
	default:
		because.Draft = true
		in.Draft = true
	}
	in.Because = append(in.Because, because)
}

// setTime keeps the latest time from which the note is shown, and the earliest time
// until which it is shown.
func (in *Intent) setTime(e effect, t time.Time) {
	switch {
	case t.Year() <= 1: // templates write it for "no date"
	case e == notBefore && t.After(in.ShownFrom):
		in.ShownFrom = t
	case e == notAfter && (in.ShownUntil.IsZero() || t.Before(in.ShownUntil)):
		in.ShownUntil = t
	}
}

func (in *Intent) notice(line int, format string, args ...any) {
	if len(in.Notices) < maxNotices {
		in.Notices = append(in.Notices, Notice{line, fmt.Sprintf(format, args...)})
	}
}

// nearIntent returns the key of intentRules of which a folded key is a misspelling,
// "" if there is none.
func nearIntent(folded string) string {
	if isOwn(folded) {
		return ""
	}
	return nearKey(folded, guessedKeys)
}

// valueWord returns a scalar as one word of intentRules: in lower case, without
// invisible characters and typographic quotes, with "true" and "false" for all words
// and numbers that YAML 1.1 and 1.2 have for them.
func valueWord(v any) string {
	var s string
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		s = numberWord(v.String())
	case string:
		s = v
	default:
		return fmt.Sprint(v)
	}
	s = strings.ToLower(strings.TrimFunc(norm.NFKC.String(s), func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsGraphic(r) || strings.ContainsRune("\"'`“”„‟‘’‚‛«»‹›", r)
	}))
	switch s {
	case "true", "yes", "on", "y", "t", "1":
		return "true"
	case "false", "no", "off", "n", "f", "0":
		return "false"
	case "null", "~", "nil":
		return ""
	}
	return strings.ReplaceAll(strings.Join(strings.Fields(s), "-"), "_", "-")
}

// numberWord returns 1.0 and 0x1 as 1.
func numberWord(s string) string {
	if x, err := strconv.ParseFloat(s, 64); err == nil && (x == 0 || x == 1) {
		return strconv.FormatFloat(x+0, 'f', 0, 64) // + 0: no minus before the 0
	}
	return s
}

// moreDateLayouts are further forms of dates, which templates of other tools write in
// keys such as pubDate.
var moreDateLayouts = []string{
	"Jan 2 2006", "Jan 2, 2006", "January 2 2006", "January 2, 2006", "2 Jan 2006", "2 January 2006",
	"2006/01/02", "2006/1/2", "2006-1-2", time.RFC1123, time.RFC1123Z,
}

// parseAnyTime is [ParseTime], for keys of other tools.
func parseAnyTime(s string, loc *time.Location) (time.Time, bool) {
	if t, ok := ParseTime(s, loc); ok {
		return t, true
	}
	for _, layout := range moreDateLayouts {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return fixedZone(t), true
		}
	}
	return time.Time{}, false
}
