package importer

import (
	"regexp"
	"strings"

	"starpunk/generator"
)

// rewrite is the text of a note in the words of StarPunk: with the tags that
// Markdown can say, and with links to the files as they lie now. Each line
// stays a line. What can't be said is reported and left as it is.
func (r *run) rewrite(p *page) string {
	text := moreMark.ReplaceAllString(p.body, "<!--more-->")
	switch r.old.tool {
	case Hugo:
		text = r.replaceTags(p, text, hugoTag, r.hugo)
	case Zola:
		text = r.replaceTags(p, text, zolaTag, r.zola)
	case Jekyll:
		text = r.replaceTags(p, text, liquid, r.liquid)
	}
	if p.html {
		return r.relink(p, text, text, hrefs)
	}
	prose, hasHTML := generator.Prose(text)
	p.hasHTML = hasHTML
	text, prose = r.dropAttributes(p, text, prose)
	return r.relink(p, text, prose, destinations)
}

var (
	moreMark = regexp.MustCompile(`<!-- +more +-->`)
	// the attributes that kramdown gives to what stands before them, and the
	// ids that it, Hugo and Zola give to headings
	attributes = regexp.MustCompile(`(?m)\{:[ .#\w][^}\n]{0,200}\}|^(?: {0,3}#{1,6} .*?)([ \t]*\{#[\w-]{1,100}\})[ \t]*$`)
)

// dropAttributes takes out what gives a class or an id to the text before it:
// it would be shown.
func (r *run) dropAttributes(p *page, text, prose string) (string, string) {
	var kept, keptProse strings.Builder
	end := 0
	for _, at := range attributes.FindAllStringSubmatchIndex(prose, -1) {
		from, to := at[0], at[1]
		if at[2] >= 0 {
			from, to = at[2], at[3]
		} else if r.old.tool != Jekyll {
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
