package plaintext

import "strings"

// maxWikiLink bounds the length of a wikilink in bytes.
const maxWikiLink = 1000

// A WikiLink is a link as editors of linked notes write it: [[target#part|label]],
// or with "!" before it to show the target itself.
type WikiLink struct {
	Target   string // name of a file, without extension if it is a note; "" for this note
	Fragment string // a heading; "" for the whole file
	Label    string // the text after the bar; "" without a bar
	Embed    bool   // the link shows its target
}

// ReadWikiLink reads the wikilink at the beginning of a line of Markdown, and returns
// its length; 0 if the line does not begin with one. In a table a backslash is before
// the bar.
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

// shellTest matches the beginning of a test in a shell script, such as "[[ -f x ]]".
var shellTest = lazyRegexp(`^ +[-!$"(]`)

var wikiSize = lazyRegexp(`^(\d{1,4})(?:x(\d{1,4}))?$`)

// Size returns the width and the height in the label of an embedded picture, each ""
// if the label has none.
func (l WikiLink) Size() (width, height string) {
	if m := wikiSize().FindStringSubmatch(l.Label); m != nil && l.Embed {
		return m[1], m[2]
	}
	return "", ""
}

// Heading returns the heading that a fragment names: "Below" of "#Above#Below".
func (l WikiLink) Heading() string {
	return strings.TrimPrefix(l.Fragment[strings.LastIndexByte(l.Fragment, '#')+1:], "^")
}

// Shown returns the text that a reader sees of the link.
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
