package importer

import (
	"strings"

	"starpunk/generator"
)

// rewrite is the text of a note in the words of StarPunk: with the tags that
// Markdown can say, and with links to the files as they lie now. Each line
// stays a line. What can't be said is reported and left as it is.
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
	prose, hasHTML := generator.Prose(text)
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

// dropAttributes takes out what gives a class or an id to the text before it in
// kramdown: it would be shown. The id of a heading stays, in the way in which
// goldmark reads it.
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
			id += strings.Trim(text[head:from], " \t") // the line end, if the heading is in the line above
			kept.WriteString(text[end:head] + id)
			keptProse.WriteString(prose[end:head] + id)
			end = to
			continue
		}
		r.report.find(p.where, p.bodyLine+strings.Count(prose[:from], "\n"), "attributes",
			"%s: attributes of what stands before; not brought over", inOneLine(prose[from:to]))
		kept.WriteString(text[end:from])
		keptProse.WriteString(prose[end:from])
		end = to
	}
	return kept.String() + text[end:], keptProse.String() + prose[end:]
}

// headingID is "{: .class #id}" as goldmark reads it behind a heading,
// " {#id .class}"; "" if it is more than that, or has no id.
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

// headingEnd is where the heading ends to which the attributes between from and
// to belong, in their line or in the one above; -1 if they belong to none, or to
// one that has some.
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
