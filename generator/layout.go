package generator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"starpunk/generator/compile"
	"starpunk/layouts"
	"starpunk/site/store"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var pageType = reflect.TypeFor[*Page]()

// Layouts are the templates of the site, with its style sheet.
type layoutSet struct {
	templates *template.Template
	style     []byte          // style.css, of the pages
	feedStyle []byte          // feed.css, of the RSS feeds
	own       map[string]bool // layouts that the site brings itself
	hash      string          // of all their bytes
	buffers   sync.Pool       // of *[]byte, as long as pages are
	compiled  sync.Map        // names → *compile.Program, of those that were executed; nil where that can't be
}

// loadLayouts reads the default theme and lets the files of dir take the place
// of those with the same name. A mistake names the file and the line.
func loadLayouts(dir string) (*layoutSet, error) {
	files, err := defaultLayouts()
	if err != nil {
		return nil, err
	}
	set := &layoutSet{own: map[string]bool{}}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read layouts: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasPrefix(name, ".") || filepath.Ext(name) != ".html" && name != "style.css" && name != "feed.css" {
			continue
		}
		file := filepath.Join(dir, name)
		info, err := os.Stat(file) // a layout may be a link
		if err == nil && !info.Mode().IsRegular() {
			err = &fs.PathError{Op: "read", Path: file, Err: store.ErrIrregular}
		}
		if err != nil {
			return nil, fmt.Errorf("read layouts: %w", err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read layouts: %w", err)
		}
		files[name] = string(data)
		set.own[name] = true
	}
	h := sha256.New()
	set.templates = template.New("")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%s %d\n%s", name, len(files[name]), files[name])
		switch name {
		case "style.css":
			set.style = []byte(files[name])
			continue
		case "feed.css":
			set.feedStyle = []byte(files[name])
			continue
		}
		if _, err := set.templates.New(name).Parse(files[name]); err != nil {
			return nil, layoutError(err)
		}
	}
	set.hash = hex.EncodeToString(h.Sum(nil))
	return set, nil
}

func defaultLayouts() (map[string]string, error) {
	files := map[string]string{}
	names, err := fs.Glob(layouts.Files, "*")
	if err != nil {
		return nil, fmt.Errorf("default layouts: %w", err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(layouts.Files, name)
		if err != nil {
			return nil, fmt.Errorf("default layouts: %w", err)
		}
		files[name] = string(data)
	}
	return files, nil
}

var templatePlace = regexp.MustCompile(`^(?:html/)?template: ?:?`)

// layoutError rewrites "template: note.html:3: …" to "layouts/note.html:3: …".
func layoutError(err error) error {
	msg := err.Error()
	if loc := templatePlace.FindStringIndex(msg); loc != nil {
		return fmt.Errorf("layouts/%s", msg[loc[1]:])
	}
	return fmt.Errorf("layouts: %w", err)
}

// execute makes a page with the layout of the given name, without what HTML can't
// have, wherever that came from. The first one is made by html/template, which
// works out the escaping, the others by what the layout is compiled to, if they
// can be.
func (l *layoutSet) execute(name string, p *Page) ([]byte, error) {
	program, known := l.compiled.Load(name)
	if program, _ := program.(*compile.Program); program != nil {
		b, _ := l.buffers.Get().(*[]byte)
		if b == nil {
			b = new([]byte)
		}
		defer l.buffers.Put(b)
		page, ok := program.Execute((*b)[:0], p)
		*b = page
		if ok {
			return withoutControls(page), nil
		}
	}
	var b bytes.Buffer
	if err := l.templates.ExecuteTemplate(&b, name, p); err != nil {
		return nil, layoutError(err)
	}
	if !known {
		l.compile(name)
	}
	return withoutControls(b.Bytes()), nil
}

// compile compiles a layout that was executed; without it, pages only take longer.
func (l *layoutSet) compile(name string) {
	program, _ := compile.Template(l.templates, name, pageType)
	l.compiled.Store(name, program)
}

// prepare compiles the layouts that a new note needs before there is one: the
// first would wait for that.
func (l *layoutSet) prepare(p *Page) {
	for _, name := range []string{"note.html", "list.html"} {
		if _, known := l.compiled.Load(name); known {
			continue
		}
		// What it writes counts for nothing, nor what it can't: the page is empty.
		_ = l.templates.ExecuteTemplate(io.Discard, name, p)
		l.compile(name)
	}
}

// checkFrontPage renders the front page of a site without notes and looks for
// the links by which apps find the owner's endpoints. Layouts that lose them
// would lock the owner out: where the owner is known by this site, they are
// refused before anything is written with them.
func (g *Generator) checkFrontPage() error {
	p := g.newPage(homeList)
	page, err := g.layouts.execute("home.html", p)
	if err != nil || !strings.HasPrefix(g.cfg.Me, g.cfg.URL) {
		return err
	}
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return fmt.Errorf("layouts/home.html: %w", err)
	}
	there := map[[2]string]bool{}
	for n := range doc.Descendants() {
		if n.DataAtom != atom.Link {
			continue
		}
		var rel, href string
		for _, a := range n.Attr {
			switch a.Key {
			case "rel":
				rel = a.Val
			case "href":
				href = a.Val
			}
		}
		for _, r := range strings.Fields(rel) {
			there[[2]string{strings.ToLower(r), href}] = true
		}
	}
	for _, link := range p.Site.Head {
		if !there[[2]string{strings.ToLower(link.Rel), link.Href}] {
			return fmt.Errorf("layouts/home.html: the front page has no <link rel=%q href=%q>, by which apps find it: "+
				"begin it with {{template \"head.html\" .}}, and keep the links of .Site.Head there", link.Rel, link.Href)
		}
	}
	return nil
}

// has says whether there is a layout of that name.
func (l *layoutSet) has(name string) bool {
	return l.templates.Lookup(name) != nil
}
