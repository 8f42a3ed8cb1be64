package site

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"starpunk/site/plaintext"
)

// A Thing is one value of a property that names a page, a song, a meal or a mood: a
// property without a fixed place on the page of a note.
type Thing struct {
	Property string // "listen-of"
	Verb     string // "Listened to"
	Value    any    // a scalar, or an object
}

// Name returns a name of the thing on one line. It is never empty.
func (t Thing) Name() string {
	if o, ok := t.Value.(map[string]any); ok {
		return NameOfObject(o)
	}
	text := onOneLine(ScalarText(t.Value))
	if IsAddress(t.Property, text) {
		return BareURL(text)
	}
	return text
}

// verbs are the verbs for properties whose values are things, in the order in which
// pages show them. For other properties [verbOf] makes a verb from the name. The
// properties in this table may be plain text.
var verbs = []struct{ property, verb string }{
	{"repost-of", "Reposted"},
	{"like-of", "Liked"},
	{"bookmark-of", "Bookmarked"},
	{"favorite-of", "Favorited"},
	{"quotation-of", "Quoted"},
	{"follow-of", "Followed"},
	{"tag-of", "Tagged"},
	{"listen-of", "Listened to"},
	{"jam-of", "Jamming to"},
	{"watch-of", "Watched"},
	{"play-of", "Played"},
	{"item", "Review of"},
	{"rating", "Rating:"},
	{"ate", "Ate"},
	{"eat-of", "Ate"},
	{"drank", "Drank"},
	{"drink-of", "Drank"},
	{"acquired", "Acquired"},
	{"want", "Wants"},
	{"wish", "Wishes for"},
	{"wish-of", "Wishes for"},
	{"invitee", "Invited"},
	{"weather", "Weather:"},
	{"mood", "Mood:"},
}

// notThings are the properties that have their own place on pages, or that are about
// the note itself. The properties of renderedProperties that are in verbs are things
// all the same.
var notThings = slices.Concat([]string{
	"name", "summary", "content", "category", "published", "updated", "url", "uid", "author",
	"featured", "logo", "post-status", "visibility", "best", "worst", "duration", "created", "deleted",
	"comment", "like", "repost", "bookmark", "mention", "reply", "client", "client-id", "generator", "application",
	"post-type", "type", "slug", "channel", "audience", "shortlink", "draft", "date", "aliases", "layout",
	"token", "access-token", "password", "secret", "key", "api-key",
}, renderedProperties)

var propertyName = lazyRegexp(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Things returns the things of a note besides its text, in a fixed order: objects,
// addresses, and the texts of properties such as mood. A note that has nothing else
// to show also shows the texts of its other properties.
func (n *Note) Things() []Thing {
	things := n.things(false)
	if len(things) == 0 && n.bare() {
		return n.things(true)
	}
	return things
}

// things returns the things of a note, with the texts of all properties if texts is
// true.
func (n *Note) things(texts bool) (things []Thing) {
	add := func(property, verb string, texts bool) {
		for _, v := range n.Properties[property] {
			if isThing(property, v, texts) {
				things = append(things, Thing{property, verb, v})
			}
		}
	}
	for _, v := range verbs {
		add(v.property, v.verb, true)
	}
	for _, property := range slices.Sorted(maps.Keys(n.Properties)) {
		if !hasVerb(property) && !slices.Contains(notThings, property) && propertyName().MatchString(property) && len(property) <= maxSlugBytes {
			add(property, verbOf(property), texts || isRelation(property))
		}
	}
	return things
}

// hasVerb reports whether a property is in [verbs].
func hasVerb(property string) bool {
	return slices.ContainsFunc(verbs, func(v struct{ property, verb string }) bool { return v.property == property })
}

// bare reports whether a note has only things to show.
func (n *Note) bare() bool {
	return n.TitleText() == "" && n.SummaryText() == "" && n.onlyComments() && !n.hasPlace()
}

// verbOf returns a verb for the name of a property: "Vote for" for "vote-for",
// "Trip:" for "trip".
func verbOf(property string) string {
	verb := strings.ToUpper(property[:1]) + strings.ReplaceAll(property[1:], "-", " ")
	if isRelation(property) {
		return verb
	}
	return verb + ":"
}

// isRelation reports whether the name of a property is a relation to its value.
func isRelation(property string) bool {
	return slices.ContainsFunc([]string{"-of", "-for", "-to"}, func(end string) bool { return strings.HasSuffix(property, end) })
}

// isThing reports whether a value can be shown: an object that has a name, an address
// or, if texts is true, a text.
func isThing(property string, v any, texts bool) bool {
	if o, ok := v.(map[string]any); ok {
		return NameOfObject(o) != ""
	}
	text := ScalarText(v)
	return text != "" && (texts || IsAddress(property, text))
}

// IsAddress reports whether the text of a property is the address of a page: a whole
// address or, in a relation, a path of this site.
func IsAddress(property, text string) bool {
	if strings.ContainsAny(text, " \t\n") {
		return false
	}
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	if isRelation(property) && u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") {
		return true
	}
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// NameOfObject returns a name for a nested object: its name, its text, a measure, its
// address, or else all its words.
func NameOfObject(o map[string]any) string {
	for _, property := range []string{"name", "summary", "content", "note"} {
		if s := textOf(o, property); s != "" {
			return s
		}
	}
	if num := textOf(o, "num"); num != "" { // an h-measure
		return strings.TrimSpace(num + " " + textOf(o, "unit"))
	}
	for _, property := range []string{"url", "value"} {
		if s := BareURL(textOf(o, property)); s != "" {
			return s
		}
	}
	return plaintext.Shorten(strings.Join(words(o), ", "), ExcerptRunes)
}

// words returns the texts of an object's properties, in the order of their names. It
// skips numbers, such as coordinates, dates and addresses.
func words(o map[string]any) (list []string) {
	properties, ok := o["properties"].(map[string]any)
	if !ok {
		properties = o
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if name == "type" || len(list) > ExcerptRunes {
			continue
		}
		var text string
		switch v := FirstOf(properties[name]).(type) {
		case string:
			if text = onOneLine(v); isFigure(text) || IsAddress("", text) {
				continue
			}
		case map[string]any:
			text = NameOfObject(v)
		}
		if text != "" {
			list = append(list, text)
		}
	}
	return list
}

// isFigure reports whether a text is a number or a date.
func isFigure(s string) bool {
	_, isDate := ParseTime(s, time.UTC)
	_, err := strconv.ParseFloat(s, 64)
	return isDate || err == nil
}

// textOf returns the first value of a property of a nested object as text on one
// line.
func textOf(o map[string]any, property string) string {
	properties, _ := o["properties"].(map[string]any)
	for _, v := range []any{properties[property], o[property]} {
		v = FirstOf(v)
		if content, ok := v.(map[string]any); ok {
			v = FirstOf(content["value"])
		}
		if s := onOneLine(ScalarText(v)); s != "" {
			return plaintext.Shorten(s, ExcerptRunes)
		}
	}
	return ""
}

// onOneLine returns a text with one space for each run of white space.
func onOneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// FirstOf returns the first value of a list, and any other value itself.
func FirstOf(v any) any {
	if list, ok := v.([]any); ok {
		if len(list) == 0 {
			return nil
		}
		return list[0]
	}
	return v
}
