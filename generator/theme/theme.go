package theme

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
	"sync/atomic"
	"text/template/parse"

	"starpunk/generator/theme/compile"
	"starpunk/layouts"
	"starpunk/site/store/durable"

	"github.com/agext/levenshtein"
)

// maxReused is the most memory of one page that is used again, in bytes.
const maxReused = 256 << 10

var pageType = reflect.TypeFor[*Page]()

// A Theme has the layouts of a site with their style sheets. Its methods may be called
// by several goroutines at once.
type Theme struct {
	Style     []byte   // style.css, of the pages
	FeedStyle []byte   // feed.css, of the RSS feeds
	Warnings  []string // "layouts/hedaer.html: …", about files without effect
	Hash      string   // of the bytes of all files

	// Fallbacks counts the pages that html/template had to make although their layout is
	// compiled. Nil: they are not counted.
	Fallbacks *atomic.Int64

	templates *template.Template
	own       map[string]bool // the site's own layouts
	buffers   sync.Pool       // of *[]byte, as long as pages are
	compiled  sync.Map        // names → *compile.Program of executed layouts; nil: it could not be compiled
}

// Load reads the default theme. A file in dir replaces the default layout of the same
// name. An error names the file and the line.
func Load(dir string) (*Theme, error) {
	files, err := defaultLayouts()
	if err != nil {
		return nil, err
	}
	set := &Theme{own: map[string]bool{}}
	defaults := maps.Clone(files)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read layouts: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
			continue
		}
		if e.IsDir() || filepath.Ext(name) != ".html" && name != "style.css" && name != "feed.css" {
			if e.IsDir() || slices.Contains(layoutLike, strings.ToLower(filepath.Ext(name))) {
				set.warn(name, "is not read; a layout is a file here whose name ends in .html")
			}
			continue
		}
		file := filepath.Join(dir, name)
		info, err := os.Stat(file) // a layout may be a link
		if err == nil && !info.Mode().IsRegular() {
			err = &fs.PathError{Op: "read", Path: file, Err: durable.ErrIrregular}
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
			set.Style = []byte(files[name])
			continue
		case "feed.css":
			set.FeedStyle = []byte(files[name])
			continue
		}
		if _, err := set.templates.New(name).Parse(files[name]); err != nil {
			return nil, layoutError(err)
		}
	}
	set.Hash = hex.EncodeToString(h.Sum(nil))
	set.warnMisnamed(defaults)
	return set, nil
}

// layoutLike are the extensions of files that their author may take for layouts.
// Other files, such as a README, are left alone.
var layoutLike = []string{".html", ".htm", ".xhtml", ".css", ".tmpl", ".tpl", ".gohtml", ".liquid", ".njk"}

func (l *Theme) warn(name, msg string) {
	l.Warnings = append(l.Warnings, "layouts/"+name+": "+msg)
}

// warnMisnamed reports the site's own layouts that no other layout includes
// and whose names are close to one of the default theme's. A layout with
// another name may be meant for notes that choose it by the key "layout".
func (l *Theme) warnMisnamed(defaults map[string]string) {
	included := map[string]bool{}
	for _, t := range l.templates.Templates() {
		if t.Tree != nil {
			collectIncluded(t.Tree.Root, included)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.own)) {
		if _, known := defaults[name]; known || included[name] {
			continue
		}
		for _, near := range slices.Sorted(maps.Keys(defaults)) {
			if levenshtein.Distance(strings.ToLower(name), near, nil) <= maxLayoutTypos {
				l.warn(name, "replaces no layout of the theme; did you mean "+near+"?")
				break
			}
		}
	}
}

// maxLayoutTypos is how far a misspelt name may be from the one that was meant.
const maxLayoutTypos = 2

// collectIncluded adds the names of the templates that a part of one includes.
func collectIncluded(n parse.Node, names map[string]bool) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				collectIncluded(child, names)
			}
		}
	case *parse.TemplateNode:
		names[n.Name] = true
	case *parse.IfNode:
		collectIncluded(n.List, names)
		collectIncluded(n.ElseList, names)
	case *parse.RangeNode:
		collectIncluded(n.List, names)
		collectIncluded(n.ElseList, names)
	case *parse.WithNode:
		collectIncluded(n.List, names)
		collectIncluded(n.ElseList, names)
	}
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

// unknownField matches the message of text/template about a field or method
// that a value does not have.
var unknownField = regexp.MustCompile(`executing .* at <.*>: can't evaluate field (\w+) in type \*?theme\.(\w+)$`)

// layoutError rewrites "template: note.html:3: …" to "layouts/note.html:3: …",
// and names an unknown field as the manual does.
func layoutError(err error) error {
	msg := err.Error()
	if loc := templatePlace.FindStringIndex(msg); loc != nil {
		msg = msg[loc[1]:]
		if m := unknownField.FindStringSubmatchIndex(msg); m != nil {
			field, thing := msg[m[2]:m[3]], msg[m[4]:m[5]]
			article := "a"
			if strings.Contains("AEIOU", thing[:1]) {
				article = "an"
			}
			return fmt.Errorf("layouts/%s%s %s has no .%s (see \"The data\" in docs/layouts.md)", msg[:m[0]], article, strings.ToLower(thing), field)
		}
		return fmt.Errorf("layouts/%s", msg)
	}
	return fmt.Errorf("layouts: %w", err)
}

// Execute makes a page with the layout of the given name, without what HTML can't
// have, wherever that came from. The first one is made by html/template, which
// works out the escaping, the others by what the layout is compiled to, if they
// can be. A caller that needs the page no more can return its memory with [Theme.Reuse].
func (l *Theme) Execute(name string, p *Page) ([]byte, error) {
	program, known := l.compiled.Load(name)
	if program, _ := program.(*compile.Program); program != nil {
		var buffer []byte
		if b, _ := l.buffers.Get().(*[]byte); b != nil {
			buffer = (*b)[:0]
		}
		page, err := program.Execute(buffer, p)
		if err == nil {
			return withoutControls(page), nil
		}
		if l.Fallbacks != nil {
			l.Fallbacks.Add(1)
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

// Reuse takes the memory of a page for later pages. Large ones are left to the
// collector.
func (l *Theme) Reuse(page []byte) {
	if cap(page) <= maxReused {
		l.buffers.Put(&page)
	}
}

// compile compiles a layout that was executed; without it, pages only take longer.
func (l *Theme) compile(name string) {
	program, _ := compile.Template(l.templates, name, pageType)
	l.compiled.Store(name, program)
}

// Prepare compiles the layouts that a new note needs before there is one: the
// first would wait for that.
func (l *Theme) Prepare(p *Page) {
	for _, name := range []string{"note.html", "list.html"} {
		if _, known := l.compiled.Load(name); known {
			continue
		}
		// Output and error are ignored: the page is empty.
		_ = l.templates.ExecuteTemplate(io.Discard, name, p)
		l.compile(name)
	}
}

// Has reports whether the theme has a layout of that name.
func (l *Theme) Has(name string) bool {
	return l.templates.Lookup(name) != nil
}
