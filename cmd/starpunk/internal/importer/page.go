package importer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"starpunk/site"
)

// A page is a note of the old site during its import.
type page struct {
	*source
	note     *site.Note
	body     string
	bodyLine int
	hasHTML  bool // its Markdown has tags of HTML

	explicit     string    // address or pattern from the front matter
	titled       bool      // the front matter has a title, which may be empty
	slug         string    // from the front matter; "" if it has none
	date         time.Time // for its address, also of a page
	shownFrom    time.Time // Hugo: publishDate; zero if it has none
	categories   []string  // Jekyll: a part of addresses
	address      string    // former address; "" if it had none
	weight       int       // order among the pages of a section; 0 if it has none
	terms        []term    // lists of the old site that have this page
	template     bool      // no text and no title: the old site had them in a template
	redirect     string    // the address to which the page only redirects
	translations []string  // addresses of translations without a text
	dropped      bool      // of a section: StarPunk has a list instead
	children     []*page   // of a section without a text: the pages in it
	present      bool      // the note is on the site already
}

// readPage reads a file as a page. It returns nil without an error if the file is
// not a page of the old site.
func (old *oldSite) readPage(src *source, cfg *site.Config, report *Report) (*page, error) {
	data, err := readNote(src.where)
	if err != nil {
		return nil, err
	}
	fields, body, bodyLine, err := old.split(data)
	if err != nil {
		return nil, err
	}
	p := &page{source: src, body: body, bodyLine: bodyLine}
	p.note = &site.Note{H: "entry", Kind: site.KindNote, Visibility: site.Public, Draft: src.draft, HTML: src.html, Properties: map[string][]any{}}
	if old.isPlain(p, data, fields) {
		report.find(src.where, 1, "no front matter", "has no front matter, so that the old site does not show it; not imported")
		return nil, nil
	}
	if p.home && strings.TrimSpace(body) == "" {
		return nil, nil // StarPunk makes a front page
	}
	if p.missing(fields, old.tool) {
		report.find(src.where, 1, "404", "is the page for unknown addresses; StarPunk makes that page with the layout 404.html, and this one is not imported")
		return nil, nil
	}
	p.template = p.html && !p.post && old.tool == Jekyll && liquid().MatchString(body)
	if p.template && p.home {
		report.find(src.where, bodyLine, "template", "is a template, not a text; not imported")
		return nil, nil
	}
	loc := cmp.Or(old.zone, cfg.Location)
	fields = append(fields, old.defaultsOf(p, fields, loc)...)
	if err := p.readFields(fields, old, loc, report); err != nil {
		return nil, err
	}
	p.template = p.template || body == "" && !p.section && p.note.Name == "" && len(p.note.Properties) == 0 && !p.post
	p.complete(old, loc)
	if l := old.languages[p.language]; l != nil && l.disabled {
		p.hold(report, 1, "is in %q: the old site has disabled that language", p.language)
	}
	p.schedule(old, report)
	return p, nil
}

// missing reports whether a page is the 404 page: by its name at the top of the
// site, or by its address.
func (p *page) missing(fields []site.Field, tool Tool) bool {
	if p.stem == "404" && p.dir == "" && p.collection == "" {
		return true
	}
	return slices.ContainsFunc(fields, func(f site.Field) bool {
		return tool.key(f.Key) == addressKey[tool] && strings.TrimPrefix(firstText(f.Value), "/") == "404.html"
	})
}

// split reads front matter in YAML, TOML or, for Hugo, JSON, which is also YAML. All
// tools but Jekyll accept blank lines before it.
func (old *oldSite) split(data []byte) (fields []site.Field, body string, bodyLine int, err error) {
	shift := 0 // lines of the file that are not in data, minus lines that are only in data
	if start := bytes.TrimLeft(data, blank); old.tool != Jekyll && hasFront(start) {
		shift += bytes.Count(data[:len(data)-len(start)], []byte("\n"))
		data = start
	}
	fence := 0
	if old.tool == Hugo && bytes.HasPrefix(data, []byte("{")) && !bytes.HasPrefix(data, []byte("{{")) {
		if data, err = fenced(data); err != nil {
			if syntax := (*site.SyntaxError)(nil); errors.As(err, &syntax) {
				syntax.Line += shift
			}
			return nil, "", 0, err
		}
		fence = 1 // the first fence; the second replaces the line of the brace
	}
	fields, body, bodyLine, mistake := site.Split(data)
	if mistake != nil {
		mistake.Line = max(mistake.Line+shift-fence, 1)
		return nil, "", 0, mistake
	}
	for i := range fields {
		fields[i].Line = max(fields[i].Line+shift-fence, 1)
	}
	leading := len(body) - len(strings.TrimLeft(body, "\r\n"))
	return fields, site.NormalText(body), bodyLine + shift - 2*fence + strings.Count(body[:leading], "\n"), nil
}

// blank matches invisible text that may precede front matter.
const blank = "\uFEFF\u200B\u2060 \t\r\n"

// hasFront reports whether a text begins with front matter, and not with a line
// or a tag that only looks like it.
func hasFront(data []byte) bool {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	line = bytes.TrimRight(line, " \t\r")
	return bytes.Equal(line, []byte("---")) || bytes.Equal(line, []byte("+++")) || bytes.HasPrefix(line, []byte("{")) && !bytes.HasPrefix(line, []byte("{{")) && !bytes.HasPrefix(line, []byte("{%"))
}

// fenced puts front matter in JSON between the fences of YAML.
func fenced(data []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	var front json.RawMessage
	if err := dec.Decode(&front); err != nil {
		line := 1
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			line += bytes.Count(data[:syntax.Offset], []byte("\n"))
		}
		return nil, &site.SyntaxError{Line: line, Msg: "front matter: " + err.Error()}
	}
	rest := bytes.TrimLeft(data[dec.InputOffset():], " \t\r")
	if !bytes.HasPrefix(rest, []byte("\n")) {
		rest = append([]byte("\n"), rest...)
	}
	// JSON allows tabs between its tokens, YAML does not. Inside of a token neither does.
	front = bytes.ReplaceAll(front, []byte("\t"), []byte(" "))
	return slices.Concat([]byte("---\n"), front, []byte("\n---"), rest), nil
}

// aboutTheFolder are names of files that describe a repository.
var aboutTheFolder = []string{"readme", "license", "licence", "contributing", "changelog", "code_of_conduct", "security"}

// isPlain reports whether a file lacks the front matter without which the tool
// shows no page. Jekyll's must begin on the first line and may be empty. Hugo makes
// a page also of a file without any.
func (old *oldSite) isPlain(p *page, data []byte, fields []site.Field) bool {
	switch old.tool {
	case Jekyll:
		return !bytes.HasPrefix(bytes.TrimPrefix(data, []byte("\uFEFF")), []byte("---"))
	case Zola:
		return len(fields) == 0 && !bytes.HasPrefix(data, []byte("---")) && !bytes.HasPrefix(data, []byte("+++"))
	}
	return len(fields) == 0 && p.dir == "" && slices.Contains(aboutTheFolder, strings.ToLower(p.stem))
}
