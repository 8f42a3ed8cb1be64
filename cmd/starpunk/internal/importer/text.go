package importer

import (
	"strings"

	"starpunk/generator/markdown"
)

// rewrite returns the text of a note in StarPunk's Markdown: without tags that have
// a counterpart in Markdown, and with links to the new files. The number of lines
// does not change. Other tags are reported and stay.
func (r *run) rewrite(p *page) string {
	text := moreMark().ReplaceAllString(p.body, "<!--more-->")
	switch r.old.tool {
	case Hugo:
		text = r.replaceTags(p, text, hugoTag(), r.hugo)
	case Zola:
		text = r.replaceTags(p, text, zolaTag(), r.zola)
	case Jekyll:
		text = r.replaceTags(p, text, liquid(), r.liquid)
	}
	if p.html {
		return r.relink(p, text, text, hrefs())
	}
	prose, hasHTML := markdown.Prose(text)
	p.hasHTML = hasHTML
	text, prose = r.dropAttributes(p, text, prose)
	return r.relink(p, text, prose, destinations())
}

var (
	moreMark = lazyRegexp(`<!-- +more +-->`)
	// https://kramdown.gettalong.org/syntax.html#attribute-list-definitions
	attributes = lazyRegexp(`\{:[ .#\w][^}\n]{0,200}\}`)
	heading    = lazyRegexp(`^ {0,3}#{1,6}[ \t]`)
	idOrClass  = lazyRegexp(`^[#.][\w-]+$`)
)

// dropAttributes removes kramdown's attributes, such as classes and ids, which would
// be shown as text. The id of a heading stays, in goldmark's syntax.
func (r *run) dropAttributes(p *page, text, prose string) (string, string) {
	if r.old.tool != Jekyll {
		return text, prose
	}
	var kept, keptProse strings.Builder
	end := 0
	for _, at := range attributes().FindAllStringIndex(prose, -1) {
		from, to := at[0], at[1]
		head := headingEnd(text, from, to)
		if id := headingID(text[from:to]); id != "" && head >= 0 {
			id += strings.Trim(text[head:from], " \t") // with the line end, if the heading is on the line above
			kept.WriteString(text[end:head] + id)
			keptProse.WriteString(prose[end:head] + id)
			end = to
			continue
		}
		r.report.find(p.where, p.bodyLine+strings.Count(prose[:from], "\n"), "attributes",
			"%s: attributes of kramdown; not imported", inOneLine(prose[from:to]))
		kept.WriteString(text[end:from])
		keptProse.WriteString(prose[end:from])
		end = to
	}
	return kept.String() + text[end:], keptProse.String() + prose[end:]
}

// headingID returns "{: .class #id}" in goldmark's syntax, " {#id .class}"; "" if it
// has other attributes, or no id.
func headingID(attributes string) string {
	id, classes := "", ""
	for word := range strings.FieldsSeq(attributes[len("{:") : len(attributes)-1]) {
		switch {
		case !idOrClass().MatchString(word), word[0] == '#' && id != "":
			return ""
		case word[0] == '#':
			id = word
		default:
			classes += " " + word
		}
	}
	if id == "" {
		return ""
	}
	return " {" + id + classes + "}"
}

// headingEnd returns the end of the heading to which the attributes between from and
// to belong, on their line or on the one above; -1 if they belong to no heading, or
// to one that has attributes.
func headingEnd(text string, from, to int) int {
	if rest := strings.TrimLeft(text[to:], " \t"); rest != "" && rest[0] != '\n' {
		return -1
	}
	line := strings.LastIndexByte(text[:from], '\n') + 1
	end := from
	if strings.TrimSpace(text[line:from]) == "" && line > 0 {
		end = line - 1
		line = strings.LastIndexByte(text[:end], '\n') + 1
	}
	head := strings.TrimRight(text[line:end], " \t")
	if !heading().MatchString(head) || strings.HasSuffix(head, "}") {
		return -1
	}
	return line + len(head)
}
