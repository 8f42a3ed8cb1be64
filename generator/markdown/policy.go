package markdown

import (
	"regexp"

	"github.com/microcosm-cc/bluemonday"
)

// linkSchemes are the schemes that links may have: pages, and what other programs
// of the reader open. None of them runs anything in the page.
var linkSchemes = []string{"http", "https", "mailto", "tel", "sms", "geo", "xmpp", "matrix", "irc", "ircs", "gemini", "gopher", "ftp", "webcal", "magnet"}

// anchor is an id, which has letters of every script. To name these would make an
// expression that takes megabytes and a part of every start.
var anchor = regexp.MustCompile("^[^\\s\"'<>&`=]+$")

// policy returns the rules for HTML of any author. It may have text, structure, links
// and media, but nothing that runs, frames or restyles the page.
func policy() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.RequireNoFollowOnLinks(false)
	p.AllowURLSchemes(linkSchemes...)
	p.AllowElements("kbd", "address")
	p.AllowAttrs("id").Matching(anchor).Globally()
	p.AllowAttrs("name").Matching(anchor).OnElements("a")
	p.AllowAttrs("alt").OnElements("img", "area") // with every sign: the policy would drop those with "?"
	p.AllowAttrs("title").Globally()
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("reversed").OnElements("ol")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^[\w\- ]{1,200}$`)).Globally()
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	p.AllowAttrs("checked", "disabled").OnElements("input")
	p.AllowAttrs("aria-label").Matching(regexp.MustCompile(`^(done|to do)$`)).OnElements("input")
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^doc-[a-z]+$`)).Globally()
	p.AllowAttrs("tabindex").Matching(regexp.MustCompile(`^0$`)).OnElements("pre")
	p.AllowElements("video", "audio", "source", "track", "figure", "figcaption", "picture")
	p.AllowAttrs("src").OnElements("video", "audio", "track")
	address := regexp.MustCompile(`^(?i:https?://|[^:]*([/?#]|$))`) // where the policy does not know that it is one
	p.AllowAttrs("src").Matching(address).OnElements("source")
	p.AllowAttrs("poster").Matching(address).OnElements("video")
	p.AllowAttrs("controls", "loop", "muted").OnElements("video", "audio")
	p.AllowAttrs("playsinline").OnElements("video")
	p.AllowAttrs("width", "height").Matching(bluemonday.Integer).OnElements("video")
	p.AllowAttrs("preload").Matching(regexp.MustCompile(`^(none|metadata|auto)$`)).OnElements("video", "audio")
	p.AllowAttrs("kind", "srclang", "label", "default").OnElements("track")
	p.AllowAttrs("loading").Matching(regexp.MustCompile(`^(lazy|eager)$`)).OnElements("img")
	return p
}
