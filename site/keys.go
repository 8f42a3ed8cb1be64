package site

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/agext/levenshtein"
	"golang.org/x/text/unicode/norm"
)

// ownKeys are the keys of [Note.Set], without renderedProperties.
var ownKeys = []string{
	"date", "date-given", "updated", "title", "summary", "tags", "slug", "draft", "visibility",
	"aliases", "format", "layout", "client", "h", "properties",
}

// foreignKeys are well-known keys of other tools that resemble one of ours, but are
// not a misspelling of it.
var foreignKeys = []string{
	"tag", // read by readForeign
	"alias", "audios", "data", "dates", "draught", "formats", "images", "image", "layouts", "locale", "location",
	"page", "photos", "place", "property", "site", "star", "state", "states", "tagline", "tile", "title2", "titles",
	"toc", "update", "updates", "videos", "client_id", "lead", "read", "event", "rate", "plug", "stats", "statue",
	"publisher", "publishers", "publications", "published_in", "published_by", "publish_in", "headers", "tabs", "clients", "locations", "drafter", "shares", "summarize",
}

var foldedForeignKeys = sync.OnceValue(func() map[string]bool {
	folded := map[string]bool{}
	for _, key := range foreignKeys {
		folded[foldKey(key)] = true
	}
	return folded
})

// properKeys are our keys by [foldKey].
var properKeys = sync.OnceValue(func() map[string]string {
	byKey := map[string]string{}
	for _, key := range append(slices.Clone(ownKeys), renderedProperties...) {
		byKey[foldKey(key)] = key
	}
	for _, property := range renderedProperties {
		byKey["mf"+foldKey(property)] = property // as in mf-like-of
	}
	return byKey
})

// isOwn reports whether a folded key is one of ours.
func isOwn(folded string) bool { return properKeys()[folded] != "" }

// properKey returns our spelling of a key that differs from ours only in letter case,
// "_" or no sign instead of "-": "Draft", "like_of", "inReplyTo". It does not change
// other keys.
func properKey(key string) string {
	if own := properKeys()[foldKey(key)]; own != "" {
		return own
	}
	return key
}

// properties are the microformats2 properties by [foldKey]: our keys, the properties
// that have a verb, and the ones of which a note or a request is made.
var properties = sync.OnceValue(func() map[string]string {
	byKey := map[string]string{}
	for _, property := range slices.Concat(renderedProperties, notThings, []string{"mp-slug", "mp-photo-alt", "mp-syndicate-to", "mp-channel"}) {
		byKey[foldKey(property)] = property
	}
	for _, v := range verbs {
		byKey[foldKey(v.property)] = v.property
	}
	byKey[foldKey("access_token")] = "access_token"
	for _, property := range []string{"post-status", "visibility"} {
		byKey["mp"+foldKey(property)] = property // some apps send them as commands
	}
	byKey["mpstatus"] = "post-status"
	return byKey
})

var classPrefix = lazyRegexp(`^(?:mf|u|p|dt|e)[-_]`)

// PropertyName returns the name of the microformats2 property for the spelling of an
// app: "like_of", "inReplyTo", "mf-like-of" or "u-like-of". It does not change
// unknown names.
func PropertyName(name string) string {
	for _, bare := range []string{name, classPrefix().ReplaceAllString(name, "")} {
		if property := properties()[foldKey(bare)]; property != "" {
			return property
		}
	}
	return name
}

const (
	maxNotices   = 20  // remarks about one file
	maxKeyRunes  = 30  // length of a key that is compared with ours
	maxOtherKeys = 200 // keys of one file that are compared with ours
)

// foldKey returns the letters and digits of a key in lower case: "inReplyTo",
// "in_reply_to" and "In-Reply-To" are one key. So is "ｉｎＲｅｐｌｙＴｏ", as input
// methods for Chinese and Japanese write it.
func foldKey(key string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(key))
}

// noticeKeys adds a remark for each key that is not ours, but similar to one of ours.
func (n *Note) noticeKeys(others []Field) {
	for _, f := range others[:min(len(others), maxOtherKeys)] {
		folded := foldKey(f.Key)
		if rulesByKey()[folded] != nil || nearIntent(folded) != "" {
			continue // see IntentOf
		}
		if own := nearKey(folded, ownKeys, renderedProperties); own != "" {
			n.notice(f.Line, "unknown key %q, did you mean %q?", f.Key, own)
		}
	}
}

// nearKey returns the key in some lists of which a folded key is a misspelling, "" if
// there is none. Well-known keys of other tools are not misspellings.
func nearKey(folded string, lists ...[]string) string {
	if len(folded) < 3 || len(folded) > maxKeyRunes || foldedForeignKeys()[folded] {
		return ""
	}
	for _, list := range lists {
		for _, key := range list {
			if isNear(folded, foldKey(key)) {
				return key
			}
		}
	}
	return ""
}

// isNear reports whether two different words differ by one slip: a letter too many,
// too few or wrong, or two letters in the wrong order; long words by two slips.
func isNear(a, b string) bool {
	if a == b || len(b) < 4 || max(len(a)-len(b), len(b)-len(a)) > 2 {
		return false
	}
	switch d := levenshtein.Distance(a, b, nil); d {
	case 1:
		return true
	case 2:
		return len(b) >= 8 || isSwapped(a, b)
	}
	return false
}

// isSwapped reports whether a and b differ only in the order of two neighbouring
// letters.
func isSwapped(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
