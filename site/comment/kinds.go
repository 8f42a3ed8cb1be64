package comment

import (
	"regexp"
	"strings"
	"sync"
)

// A kind is one way to write comments.
type kind struct {
	begin string // the first characters of each opening mark
	open  string // expression of the opening mark; empty: begin is the mark
	close string // expression of the closing mark; empty: open matches the whole comment
	nests bool   // a comment can have comments in it

	unclosed  unclosed
	inCode    bool // it is a comment also in elements such as <pre>
	escapes   bool // a backslash before the mark makes it text
	lineStart bool // the mark counts at the start of a line only
	noHTML    bool // no tool for HTML has this kind
}

// unclosed is the extent of a comment without a closing mark.
type unclosed int

const (
	toEnd   unclosed = iota // the rest of the text: its own tool would refuse the text
	toBlock                 // the rest of its block; of the text if it begins a line
	isText                  // it is not a comment
)

// kinds are the marks of comments of common tools. If two kinds match at one place,
// the first one counts.
var kinds = []kind{
	percentKind: {begin: "%%", close: `%%`, unclosed: toBlock, escapes: true, noHTML: true}, // Obsidian
	htmlKind:    {begin: "<!--", close: `-->`, unclosed: toBlock, inCode: true, escapes: true},
	{begin: "{:", open: `\{::?comment\b[^}\n]*/\}`, noHTML: true},                                            // kramdown: an empty one
	{begin: "{:", open: `\{::?\s*comment\b`, close: `\{::?/(?:comment)?\s*\}`, nests: true},                  // kramdown
	{begin: "{%", open: `\{%[-+]?\s*comment\b`, close: `\{%[-+]?\s*end(?:comment)?\s*[-+]?%\}`, nests: true}, // Liquid, Django, Zola
	{begin: "{%", open: `\{%[-+]?\s*#`, close: `%\}`},                                                        // Liquid
	{begin: "{{", open: `\{\{-?\s*/\*`, close: `\*/\s*-?\}\}`},                                               // Go templates
	{begin: "{{", open: `\{\{[<%]\s*comment\b[^\n{}]*/[>%]\}\}`},                                             // Hugo: an empty one
	{begin: "{{", open: `\{\{[<%]\s*comment\b`, close: `\{\{[<%]\s*/\s*comment\s*[>%]\}\}`, nests: true},     // Hugo
	{begin: "{{!--", close: `--~?\}\}`},                                                                      // Handlebars
	{begin: "{{!", close: `\}\}`, unclosed: toBlock},                                                         // Mustache
	{begin: "{#", open: `\{#[\s-]`, close: `#\}`, unclosed: isText},                                          // Jinja, Nunjucks, Twig
	{begin: "{#", open: `\{#[^{}\n]{0,200}#\}`, unclosed: isText},                                            // not {#id}
	{begin: "{/*", close: `\*/\}`, unclosed: toBlock, noHTML: true},                                          // MDX
	{begin: "{>>", close: `<<\}`, unclosed: toBlock, noHTML: true},                                           // Critic Markup
	{begin: "[//]:", open: `\[//\]:` + target, lineStart: true, noHTML: true},                                // a definition that nothing refers to
	{begin: "[comment]:", open: `\[comment\]:` + target, lineStart: true, noHTML: true},
}

// target matches the address and the title of a definition that is used as a comment:
// [//]: # (comment)
const target = `[ \t]*(?:#|<#?>)[ \t]*\n?[ \t]*(?:\([^)]*\)?|"[^"]*"?|'[^']*'?)`

// The kinds that have rules of their own.
const (
	percentKind = 0
	htmlKind    = 1
)

// beginnings are the first bytes of opening marks.
const beginnings = "%<{["

// A matcher is the compiled form of a kind.
type matcher struct{ open, close, either *regexp.Regexp }

// matchers are compiled for the first mark: most sites have none.
var matchers = sync.OnceValue(func() []matcher {
	ms := make([]matcher, len(kinds))
	for i, k := range kinds {
		open := k.open
		if open == "" {
			open = regexp.QuoteMeta(k.begin)
		}
		ms[i].open = regexp.MustCompile(`^(?:` + open + `)`)
		if k.close != "" {
			ms[i].close = regexp.MustCompile(k.close)
		}
		if k.nests {
			ms[i].either = regexp.MustCompile(`(` + open + `)|` + k.close)
		}
	}
	return ms
})

// Begins reports whether a text begins with the mark of a comment.
func Begins(s string) bool {
	if s == "" || strings.IndexByte(beginnings, s[0]) < 0 {
		return false
	}
	_, _, ok := mark(s, 0)
	return ok
}

// mayHaveMark reports whether a text may have an opening mark. Most texts have none
// of the beginnings.
func mayHaveMark(s string) bool {
	for _, begin := range []string{"%%", "<!--", "[//]:", "[comment]:"} {
		if strings.Contains(s, begin) {
			return true
		}
	}
	for i := 0; ; i++ {
		brace := strings.IndexByte(s[i:], '{')
		if i += brace; brace < 0 || i+1 == len(s) {
			return false
		}
		if strings.IndexByte(":%{#/>", s[i+1]) >= 0 {
			return true
		}
	}
}

// mark returns the kind of comment whose opening mark is at i, and the end of that
// mark.
func mark(s string, i int) (kind, end int, ok bool) {
	for n, k := range kinds {
		if !strings.HasPrefix(s[i:], k.begin) {
			continue
		}
		if at := matchers()[n].open.FindStringIndex(s[i:]); at != nil {
			return n, i + at[1], true
		}
	}
	return 0, 0, false
}

// next returns the place of the first opening mark at or after i; -1 if there is
// none.
func next(s string, i int) (at, kind, end int) {
	for i < len(s) {
		step := strings.IndexAny(s[i:], beginnings)
		if step < 0 {
			break
		}
		i += step
		if kind, end, ok := mark(s, i); ok {
			return i, kind, end
		}
		i++
	}
	return -1, 0, 0
}
