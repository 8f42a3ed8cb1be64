package site

import (
	"strings"
)

// maxWikiLink bounds the length of a wikilink in bytes.
const maxWikiLink = 1000

// A WikiLink is a link as editors of linked notes write it: [[target#part|label]],
// or with "!" before it to show the target itself.
type WikiLink struct {
	Target   string // name of a file, without extension if it is a note; "" for this note
	Fragment string // a heading
	Label    string // "" if it has none of its own
	Embed    bool
}

// ReadWikiLink reads the wikilink that a line of Markdown begins with, and returns
// its length; 0 if it begins with none. In a table the bar has a backslash before
// it.
func ReadWikiLink(line string) (l WikiLink, length int) {
	rest, embed := strings.CutPrefix(line, "!")
	inner, ok := strings.CutPrefix(rest, "[[")
	if !ok {
		return l, 0
	}
	before := len(line) - len(inner)
	inner = inner[:min(len(inner), maxWikiLink)]
	end := strings.Index(inner, "]]")
	if end <= 0 || shellTest().MatchString(inner) || strings.ContainsAny(inner[:end], "[\n") {
		return l, 0
	}
	target, label, _ := strings.Cut(inner[:end], "|")
	file, fragment, _ := strings.Cut(strings.TrimSuffix(target, `\`), "#")
	l = WikiLink{strings.TrimSpace(file), strings.TrimSpace(fragment), strings.TrimSpace(label), embed}
	if l.Target == "" && l.Fragment == "" || strings.Contains(l.Target, "://") {
		return l, 0
	}
	return l, before + end + len("]]")
}

// shellTest matches the beginning of a test of a shell, such as "[[ -f x ]]".
var shellTest = lazyRegexp(`^ +[-!$"(]`)

var wikiSize = lazyRegexp(`^(\d{1,4})(?:x(\d{1,4}))?$`)

// Size is the width and the height that an embedded picture is to have, each "" if
// it is not said.
func (l WikiLink) Size() (width, height string) {
	if m := wikiSize().FindStringSubmatch(l.Label); m != nil && l.Embed {
		return m[1], m[2]
	}
	return "", ""
}

// Heading is the heading that is meant by "#Above#Below".
func (l WikiLink) Heading() string {
	return strings.TrimPrefix(l.Fragment[strings.LastIndexByte(l.Fragment, '#')+1:], "^")
}

// Shown is what a reader sees of the link.
func (l WikiLink) Shown() string {
	width, _ := l.Size()
	switch {
	case l.Label != "" && width == "":
		return l.Label
	case l.Target == "":
		return l.Heading()
	case l.Fragment != "":
		return l.Target + " > " + l.Heading()
	}
	return l.Target
}
