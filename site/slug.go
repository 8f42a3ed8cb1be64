package site

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

const (
	maxSlugBytes    = 60   // length of a slug that StarPunk makes
	maxChosenBytes  = 180  // length of a slug that an app or the command line requests
	maxPathBytes    = 1000 // length of an address in front matter, without its final slash
	maxAddressBytes = 200  // length of one element of any path; file systems allow 255
)

// reserved are words that a new note never gets as its slug: with a permalink pattern
// without a date, its page would have the address of a list.
var reserved = map[string]bool{
	"tags": true, "media": true, "micropub": true, "health": true, "feed": true,
	"index": true, "static": true, "page": true, "pages": true, "auth": true,
}

// isReserved reports whether a new note never gets the slug s. Up to four digits are
// the name of a year, a month, a day or the part of a list, "/2026/11/2/".
func isReserved(s string) bool {
	digits := len(s) <= 4 && strings.Trim(s, "0123456789") == ""
	return s != "" && (digits || reserved[s] || isPlural(s) || deviceName().MatchString(s))
}

// deviceName matches the names that a file or folder can't have on Windows.
var deviceName = lazyRegexp(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])$`)

// isPlural reports whether s is the name of a post type's list.
func isPlural(s string) bool {
	return slices.ContainsFunc(PostTypes, func(t string) bool { return PostTypePlural(t) == s })
}

// MakeSlug returns a slug for a title or for the beginning of a text: lower case
// letters, digits and single hyphens, at most 60 bytes, cut between words if
// possible. Letters of Latin, Greek and Cyrillic are spelled in ASCII. Letters of
// other scripts stay, since their spelling misleads: Kanji would be read as Chinese,
// Hebrew and Arabic lack vowels. It returns "" if nothing is left; then the caller
// uses something else.
func MakeSlug(s string) string {
	if len(s) > 4*maxSlugBytes { // enough for 60 letters of any script
		s = s[:4*maxSlugBytes]
	}
	return newSlug(spell(norm.NFC.String(strings.ToValidUTF8(s, ""))), maxSlugBytes)
}

// ChosenSlug returns the slug of a new note for a text that its author chose, as
// mp-slug. It keeps letters of every script, as [FileSlug] does: at most 60 letters.
// It does not change a slug of [MakeSlug] or ChosenSlug.
func ChosenSlug(s string) string {
	if len(s) > 2*maxChosenBytes {
		s = s[:2*maxChosenBytes]
	}
	limit, letters := maxChosenBytes, 0
	s = chosenElement(s)
	for i := range s {
		if letters++; letters > maxSlugBytes {
			limit = min(limit, i)
			break
		}
	}
	return newSlug(s, limit)
}

func chosenElement(s string) string { return pathElement(s, func(r rune) bool { return r == '_' }) }

// newSlug returns a slug of at most limit bytes that is not the name of a list.
func newSlug(s string, limit int) string {
	s = norm.NFC.String(strings.Trim(chosenElement(s), "-_"))
	if len(s) > limit {
		s = strings.Trim(cutSlug(s, limit), "-_")
	}
	if isReserved(s) {
		s += "-1"
	}
	return s
}

// cutSlug cuts s after at most limit bytes: between two words if more than half of it
// is left, and never between a letter and its marks.
func cutSlug(s string, limit int) string {
	for limit > 0 {
		r, _ := utf8.DecodeRuneInString(s[limit:])
		if utf8.RuneStart(s[limit]) && !unicode.IsMark(r) {
			break
		}
		limit--
	}
	if i := strings.LastIndexByte(s[:limit], '-'); s[limit] != '-' && i > limit/2 {
		return s[:i]
	}
	return s[:limit]
}

// spell returns a text with Latin, Greek and Cyrillic letters, and all other signs
// that are not letters, in ASCII. Letters of other scripts stay, with their marks.
func spell(s string) string {
	var b strings.Builder
	kept := false // the last letter stays, and so do its marks
	for _, r := range s {
		if !unicode.IsMark(r) {
			kept = unicode.IsLetter(r) && (r == 'ー' || !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Common))
		}
		if kept {
			b.WriteRune(r)
		} else {
			b.WriteString(unidecode.Unidecode(string(r)))
		}
	}
	return b.String()
}

// FileSlug returns the slug of a file whose name its author chose. Unlike [MakeSlug]
// it keeps letters of every script.
func FileSlug(s string) string {
	return pathElement(s, func(r rune) bool { return r == '_' || r == '.' })
}

// tagSigns are the signs with a meaning in tags such as C++ and C#.
var tagSigns = strings.NewReplacer("+", "plus", "#", "sharp")

// TagAddress returns the path element of a tag: NFC, lower case, letters and digits
// of any script, "+" spelled as "plus" and "#" as "sharp", "-" for all others. Tags
// with equal addresses are one tag.
func TagAddress(tag string) string {
	if isPlainTag(tag) {
		return tag
	}
	tag = strings.TrimPrefix(strings.TrimSpace(tag), "#")
	tag = tagSigns.Replace(tag)
	return pathElement(tag, func(rune) bool { return false })
}

// isPlainTag reports whether a tag is its own address, as most are.
func isPlainTag(tag string) bool {
	for i := range len(tag) {
		c := tag[i]
		hyphen := c == '-' && i > 0 && i+1 < len(tag) && tag[i-1] != '-'
		if !hyphen && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return tag != "" && len(tag) <= maxAddressBytes
}

// pathElement returns a text in the form of one element of a path: letters and digits
// in lower case, and the runes that also accepts, with hyphens between them.
func pathElement(s string, also func(rune) bool) string {
	s = strings.ToLower(norm.NFC.String(strings.ToValidUTF8(s, "")))
	word := false
	s = hyphenate(s, func(r rune) bool {
		// A mark belongs to the letter before it. The mark of an emoji is invisible.
		word = unicode.IsLetter(r) || unicode.IsDigit(r) || word && unicode.IsMark(r)
		return word || also(r)
	})
	for len(s) > maxAddressBytes {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return strings.Trim(s, "-.") // no element may be "." or "..", or look hidden
}

// hyphenate keeps the runes for which keep is true, and replaces each run of other
// runes between them by one hyphen. Apostrophes are removed: "don't" is "dont".
func hyphenate(s string, keep func(rune) bool) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		switch {
		case keep(r):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		case r == '\'' || r == '’':
		default:
			gap = true
		}
	}
	return b.String()
}

// slugWords bounds the words of its text from which a note without a name gets its
// slug.
const slugWords = 8

// ProposeSlug returns a slug for a new note from its name, else from the first words
// of its text, else from its time ("093015"). It is never used for a file that
// exists: such a file keeps its address when its text changes.
func (n *Note) ProposeSlug() string {
	words := strings.Fields(n.Text(ExcerptRunes, Markdown{}))
	text := strings.TrimSuffix(strings.Join(words[:min(slugWords, len(words))], " "), "…")
	return cmp.Or(MakeSlug(n.TitleText()), MakeSlug(text), n.Published.Format("150405"))
}

// TagName returns a tag as pages show it: without the "#" that some apps send.
func TagName(tag string) string { return strings.TrimPrefix(strings.TrimSpace(tag), "#") }
