package importer

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	// https://gohugo.io/content-management/shortcodes/; a comment inside escapes a shortcode
	hugoTag = lazyRegexp(`(?s)\{\{([<%])(/\*)?\s*(.*?)\s*(\*/)?[>%]\}\}`)
	// https://www.getzola.org/documentation/content/shortcodes/
	zolaTag = lazyRegexp(`(?s)\{\{(/\*)?\s*([\w:]+\(.*?\))\s*(\*/)?\}\}|\{%(/\*)?\s*([\w:]+\(.*?\)|end)\s*(\*/)?%\}`)
	// https://jekyllrb.com/docs/liquid/; raw text does not change
	liquid = lazyRegexp(`(?s)\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}|\{%-?\s*(.*?)\s*-?%\}|\{\{-?\s*(.*?)\s*-?\}\}`)
)

// replaceTags replaces each tag by the text that replace returns. A tag for which
// replace returns a name stays, and is reported under that name.
func (r *run) replaceTags(p *page, text string, tag *regexp.Regexp, replace func(p *page, tag []string) (replacement, name string)) string {
	var b strings.Builder
	end, reported := 0, 0
	for _, at := range tag.FindAllStringSubmatchIndex(text, -1) {
		parts := make([]string, len(at)/2)
		for i := range parts {
			if at[2*i] >= 0 {
				parts[i] = text[at[2*i]:at[2*i+1]]
			}
		}
		replacement, name := replace(p, parts)
		if name != "" {
			replacement = parts[0]
			if reported++; reported <= maxFindings {
				r.report.find(p.where, p.bodyLine+strings.Count(text[:at[0]], "\n"), "tag "+name,
					"%s: a tag of the old site, which stays in the text; rewrite it in Markdown", inOneLine(parts[0]))
			}
		}
		b.WriteString(text[end:at[0]])
		b.WriteString(replacement)
		end = at[1]
	}
	return b.String() + text[end:]
}

// maxShown is how many bytes of a tag a finding shows.
const maxShown = 120

func inOneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxShown {
		return strings.ToValidUTF8(s[:maxShown], "") + "…"
	}
	return s
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(strings.TrimLeft(s, "/ "), " ")
	word, _, _ = strings.Cut(word, "(")
	return word
}

// hugo is the replace function for Hugo's shortcodes.
func (r *run) hugo(p *page, tag []string) (replacement, name string) {
	inner := tag[3]
	if tag[2] != "" {
		return "{{" + tag[1] + " " + inner + " " + map[string]string{"<": ">", "%": "%"}[tag[1]] + "}}", ""
	}
	args := arguments(inner)
	switch name = firstWord(inner); name {
	case "comment":
		return tag[0], "" // also a comment for StarPunk
	case "ref", "relref":
		if link := r.hugoLink(p, args[""]); link != "" {
			return link, ""
		}
	case "figure":
		if args["src"] != "" {
			return figure(args), ""
		}
	case "highlight":
		if strings.HasPrefix(inner, "/") {
			return "```", ""
		}
		return "```" + args[""], ""
	}
	if strings.HasPrefix(inner, "/") {
		return tag[0], "" // its start tag is reported
	}
	return "", name
}

// argument matches an argument of a shortcode: a name with a value, or only a value.
var argument = lazyRegexp("(?s)(?:([\\w-]+)=)?(?:\"([^\"]*)\"|`([^`]*)`|(\\S+))")

// arguments returns the arguments of a shortcode by their names. The first one
// without a name is that of "".
func arguments(inner string) map[string]string {
	args := map[string]string{}
	_, rest, _ := strings.Cut(inner, " ")
	for _, m := range argument().FindAllStringSubmatch(rest, -1) {
		if _, ok := args[m[1]]; !ok {
			args[m[1]] = m[2] + m[3] + m[4]
		}
	}
	return args
}

func figure(args map[string]string) string {
	alt := args["alt"]
	if alt == "" {
		alt = args["caption"]
	}
	image := fmt.Sprintf("![%s](<%s>", strings.NewReplacer("[", "", "]", "").Replace(alt), strings.NewReplacer("<", "", ">", "").Replace(args["src"]))
	if !strings.ContainsAny(args["src"], " ()") {
		image = strings.NewReplacer("(<", "(", ">", "").Replace(image)
	}
	if caption := args["caption"]; caption != "" && caption != alt {
		image += ` "` + strings.ReplaceAll(caption, `"`, "'") + `"`
	}
	image += ")"
	if args["link"] != "" {
		image = "[" + image + "](" + args["link"] + ")"
	}
	return image
}

// zola is the replace function for Zola's shortcodes.
func (r *run) zola(_ *page, tag []string) (replacement, name string) {
	inner := tag[2] + tag[5]
	if inner == "end" {
		return tag[0], "" // its start tag is reported
	}
	if tag[1] != "" {
		return "{{ " + inner + " }}", ""
	}
	if tag[4] != "" {
		return "{% " + inner + " %}", ""
	}
	return "", firstWord(inner)
}

// siteValue matches the name of a value of the configuration or of the page.
var siteValue = lazyRegexp(`^(?:site|page)\.([\w.]+)$`)

// filtered matches a path that Liquid completes with the site's address.
var filtered = lazyRegexp(`^(?:site\.(?:base)?url\s*\|\s*(?:append|prepend):\s*)?["']([^"']*)["'](?:\s*\|\s*(?:relative_url|absolute_url|prepend:\s*site\.(?:base)?url))*$`)

// liquid is the replace function for Jekyll's Liquid tags.
func (r *run) liquid(p *page, tag []string) (replacement, name string) {
	if tag[2] == "" && tag[3] == "" { // raw
		return tag[1], ""
	}
	if output := tag[3]; output != "" {
		return r.liquidOutput(p, output)
	}
	args := strings.Fields(tag[2])
	if len(args) == 0 {
		return "", ""
	}
	word, rest := args[0], strings.Join(args[1:], " ")
	switch name = word; word {
	case "comment", "#":
		return tag[0], "" // also a comment for StarPunk
	case "highlight":
		if len(args) > 1 {
			return "```" + args[1], ""
		}
		return "```", ""
	case "endhighlight":
		return "```", ""
	case "link":
		if link := r.fileLink(rest); link != "" {
			return link, ""
		}
	case "post_url":
		if link := r.postLink(rest); link != "" {
			return link, ""
		}
	}
	if strings.HasPrefix(word, "end") {
		return tag[0], "" // its start tag is reported
	}
	return "", name
}

func (r *run) liquidOutput(p *page, output string) (replacement, name string) {
	if m := filtered().FindStringSubmatch(output); m != nil {
		return m[1], ""
	}
	m := siteValue().FindStringSubmatch(output)
	if m == nil {
		return "", "{{ }}"
	}
	switch output {
	case "site.baseurl", "site.url":
		return "", "" // paths are relative to the site
	case "page.title":
		return p.note.Name, ""
	}
	if strings.HasPrefix(output, "site.") {
		switch v := lookup(r.old.config, strings.Split(m[1], ".")...).(type) {
		case string:
			return v, ""
		case int, float64, bool:
			return fmt.Sprint(v), ""
		}
	}
	return "", output
}
