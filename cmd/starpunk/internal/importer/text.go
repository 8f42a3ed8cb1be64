package importer

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"starpunk/generator"
)

// findLinks notes where each file of the old site has gone, for the links to it.
func (r *run) findLinks() {
	r.links, r.byAddress = map[string]string{}, map[string]string{}
	for _, p := range r.pages {
		if p.address != "" {
			r.byAddress[p.address] = "/" + p.note.File
		}
		r.links[p.file] = "/" + p.note.File
		if p.post { // Jekyll, "Linking to posts": by the name without its ending
			r.links["post "+path.Join(p.dir, path.Base(strings.TrimSuffix(p.file, path.Ext(p.file))))] = "/" + p.note.File
		}
	}
}

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
		return text
	}
	prose, hasHTML := generator.Prose(text)
	p.hasHTML = hasHTML
	text, prose = r.dropAttributes(p, text, prose)
	return r.relink(p, text, prose)
}

var (
	moreMark = regexp.MustCompile(`<!-- +more +-->`)
	// https://gohugo.io/content-management/shortcodes/; a comment within is how one is shown
	hugoTag = regexp.MustCompile(`(?s)\{\{([<%])(/\*)?\s*(.*?)\s*(\*/)?[>%]\}\}`)
	// https://www.getzola.org/documentation/content/shortcodes/
	zolaTag = regexp.MustCompile(`(?s)\{\{(/\*)?\s*([\w:]+\(.*?\))\s*(\*/)?\}\}|\{%(/\*)?\s*([\w:]+\(.*?\)|end)\s*(\*/)?%\}`)
	// https://jekyllrb.com/docs/liquid/; what is raw stays as it is
	liquid = regexp.MustCompile(`(?s)\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}|\{%-?\s*(.*?)\s*-?%\}|\{\{-?\s*(.*?)\s*-?\}\}`)
	// the attributes that kramdown gives to what stands before them, and the
	// ids that it, Hugo and Zola give to headings
	attributes = regexp.MustCompile(`(?m)\{:[ .#\w][^}\n]{0,200}\}|^(?: {0,3}#{1,6} .*?)([ \t]*\{#[\w-]{1,100}\})[ \t]*$`)
)

// replaceTags puts something else in the place of each tag. say returns it,
// or the tag's name if there is nothing to say.
func (r *run) replaceTags(p *page, text string, tag *regexp.Regexp, say func(p *page, tag []string) (said, name string)) string {
	var b strings.Builder
	end, reported := 0, 0
	for _, at := range tag.FindAllStringSubmatchIndex(text, -1) {
		parts := make([]string, len(at)/2)
		for i := range parts {
			if at[2*i] >= 0 {
				parts[i] = text[at[2*i]:at[2*i+1]]
			}
		}
		said, name := say(p, parts)
		if name != "" {
			said = parts[0]
			if reported++; reported <= maxFindings {
				r.report.find(p.where, p.bodyLine+strings.Count(text[:at[0]], "\n"), "tag "+name,
					"%s: a tag of the old site; left as it is: say it in Markdown", inOneLine(parts[0]))
			}
		}
		b.WriteString(text[end:at[0]])
		b.WriteString(said)
		end = at[1]
	}
	return b.String() + text[end:]
}

// maxShown is how much of a tag is shown, in bytes.
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

func (r *run) hugo(p *page, tag []string) (said, name string) {
	inner := tag[3]
	if tag[2] != "" {
		return "{{" + tag[1] + " " + inner + " " + map[string]string{"<": ">", "%": "%"}[tag[1]] + "}}", ""
	}
	args := arguments(inner)
	switch name = firstWord(inner); name {
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
		return tag[0], "" // its beginning was reported
	}
	return "", name
}

// argument is one of a shortcode: a name with a value, or a value alone.
var argument = regexp.MustCompile("(?s)(?:([\\w-]+)=)?(?:\"([^\"]*)\"|`([^`]*)`|(\\S+))")

// arguments are those of a shortcode, by name; the first without is "".
func arguments(inner string) map[string]string {
	args := map[string]string{}
	_, rest, _ := strings.Cut(inner, " ")
	for _, m := range argument.FindAllStringSubmatch(rest, -1) {
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

// hugoLink finds what ref means: a path from the page, from the top, or the
// bare name of one page (Hugo, "Links and references").
func (r *run) hugoLink(p *page, target string) string {
	target, fragment := cutFragment(target)
	if target == "" {
		return fragment
	}
	for _, base := range []string{path.Join(path.Dir(p.file), target), strings.TrimPrefix(path.Clean(target), "/")} {
		names := []string{base, base + ".md", base + "/index.md"}
		if p.language != "" { // to a translation, if there is one
			bare, ending := strings.TrimSuffix(base, ".md"), "."+p.language+".md"
			names = append([]string{bare + ending, bare + "/index" + ending}, names...)
		}
		for _, name := range names {
			if link := r.links[name]; link != "" {
				return link + fragment
			}
		}
	}
	found := ""
	for file, link := range r.links {
		if strings.TrimSuffix(path.Base(file), ".md") == strings.TrimSuffix(target, ".md") || path.Base(path.Dir(file)) == target {
			if found != "" {
				return "" // which of them is not said
			}
			found = link
		}
	}
	if found == "" {
		return ""
	}
	return found + fragment
}

func cutFragment(s string) (target, fragment string) {
	if i := strings.IndexAny(s, "#?"); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

func (r *run) zola(_ *page, tag []string) (said, name string) {
	inner := tag[2] + tag[5]
	if inner == "end" {
		return tag[0], "" // its beginning was reported
	}
	if tag[1] != "" {
		return "{{ " + inner + " }}", ""
	}
	if tag[4] != "" {
		return "{% " + inner + " %}", ""
	}
	return "", firstWord(inner)
}

// siteValue is a value of the configuration, or what the site has in its place.
var siteValue = regexp.MustCompile(`^(?:site|page)\.([\w.]+)$`)

// filtered is an address that is made to begin at the site.
var filtered = regexp.MustCompile(`^(?:site\.(?:base)?url\s*\|\s*(?:append|prepend):\s*)?["']([^"']*)["'](?:\s*\|\s*(?:relative_url|absolute_url|prepend:\s*site\.(?:base)?url))*$`)

func (r *run) liquid(p *page, tag []string) (said, name string) {
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
	case "highlight":
		if len(args) > 1 {
			return "```" + args[1], ""
		}
		return "```", ""
	case "endhighlight":
		return "```", ""
	case "link":
		if link := r.links[strings.TrimPrefix(rest, "/")]; link != "" {
			return link, ""
		}
	case "post_url":
		if link := r.links["post "+strings.TrimPrefix(rest, "/")]; link != "" {
			return link, ""
		}
	}
	if strings.HasPrefix(word, "end") {
		return tag[0], "" // its beginning was reported
	}
	return "", name
}

func (r *run) liquidOutput(p *page, output string) (said, name string) {
	if m := filtered.FindStringSubmatch(output); m != nil {
		return m[1], ""
	}
	m := siteValue.FindStringSubmatch(output)
	if m == nil {
		return "", "{{ }}"
	}
	switch output {
	case "site.baseurl", "site.url":
		return "", "" // paths begin at the site
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

// destination is where a link or a picture of Markdown leads, in its place or
// in a definition further down.
var destination = regexp.MustCompile(`(?m)\]\([ \t]*<?([^)\s>]+)|^ {0,3}\[[^\]\n]+\]:[ \t]*<?([^\s>]+)`)

// relink has links to files of the old site lead to where they are now. prose
// is the text without its code, in which nothing is a link.
func (r *run) relink(p *page, text, prose string) string {
	var b strings.Builder
	end := 0
	for _, at := range destination.FindAllStringSubmatchIndex(prose, -1) {
		from, to := at[2], at[3]
		if from < 0 {
			from, to = at[4], at[5]
		}
		link := r.moved(p, text[from:to])
		if link == "" {
			continue
		}
		b.WriteString(text[end:from])
		b.WriteString(link)
		end = to
	}
	return b.String() + text[end:]
}

// moved is the link to a file of the old site as it lies now; "" for all that
// stays as it is.
func (r *run) moved(p *page, link string) string {
	target, fragment := cutFragment(link)
	file := path.Join(path.Dir(p.file), target)
	if top, ok := strings.CutPrefix(target, "@/"); ok { // Zola, "Internal links"
		file = path.Clean(top)
	} else if strings.HasPrefix(target, "/") {
		file = strings.TrimPrefix(path.Clean(target), "/")
	}
	if target == "" || r.links[file] == "" || strings.HasPrefix(file, "post ") {
		return r.relative(p, target, fragment)
	}
	return r.links[file] + fragment
}

// relative has a link to a former address lead to the note. One that begins at
// the page's former address would lead elsewhere now. In a bundle it may be a file.
func (r *run) relative(p *page, target, fragment string) string {
	if strings.HasPrefix(target, "/") && !strings.HasPrefix(target, "//") {
		// As the old site's readers know it, or as its tool would complete it.
		for _, address := range []string{target, r.old.whole(target)} {
			if link := r.byAddress[keptAddress(address)]; link != "" {
				return link + fragment
			}
		}
		return ""
	}
	if target == "" || p.address == "" || strings.ContainsAny(target[:1], "/@#") || strings.Contains(target, ":") {
		return ""
	}
	for _, asset := range p.assets {
		if path.Clean(target) == asset.name {
			return ""
		}
	}
	if !strings.HasPrefix(target, "../") && !strings.HasSuffix(target, "/") && !strings.HasSuffix(target, ".html") {
		return ""
	}
	base := p.address
	if !strings.HasSuffix(base, "/") {
		base = path.Dir(base)
	}
	address := keptAddress(path.Join(base, target))
	if link := r.byAddress[address]; link != "" {
		return link + fragment
	}
	return ""
}
