package generator

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"starpunk/generator/markdown"
	"starpunk/generator/output"
	"starpunk/generator/precedence"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/link"

	"golang.org/x/net/html"
)

const (
	// maxAnchorPage limits the bytes of a page that are searched for a part.
	maxAnchorPage = 32 << 20
	batchPlaces   = 1000 // places that are checked together
)

// checkPlaces checks whether the output folder has the places that pages link to. Only
// places are checked that may have appeared, changed or disappeared, after all outputs are
// built.
func (g *Generator) checkPlaces(ctx context.Context) error {
	for {
		places, err := g.store.Links.OpenPlaces(ctx, batchPlaces)
		if err != nil || len(places) == 0 {
			return err
		}
		found := map[link.Place]bool{}
		for _, p := range places {
			if found[p], err = g.hasPlace(ctx, p); err != nil {
				return err
			}
		}
		if err := g.store.Links.MarkPlaces(ctx, found); err != nil {
			return err
		}
	}
}

// hasPlace reports whether the output folder has a file at a place and, if the
// place names a part of a note's page, whether the page has the part.
func (g *Generator) hasPlace(ctx context.Context, p link.Place) (bool, error) {
	name := g.outputAt(p.Path)
	if name == "" || p.Fragment == "" || path.Ext(name) != ".html" {
		return name != "", nil
	}
	permalink := "/" + strings.TrimSuffix(name, "index.html")
	row, err := g.store.ByPermalink(ctx, permalink)
	if errors.Is(err, store.ErrNotExist) || err == nil && !row.HasPage {
		return true, nil // the parts of lists, static files and redirects are not checked
	}
	if err != nil {
		return false, err
	}
	return g.hasPart(name, p.Fragment)
}

// outputAt returns the output that a web server serves at a place; "" if there is none.
func (g *Generator) outputAt(place string) string {
	if !filepath.IsLocal(filepath.FromSlash(place)) && place != "" {
		return ""
	}
	names := []string{path.Join(place, "index.html"), place}
	if path.Ext(place) != "" { // most likely a file: so most places need one system call
		slices.Reverse(names)
	}
	for _, name := range names {
		if info, err := os.Lstat(g.out.Path(name)); err == nil && info.Mode().IsRegular() {
			return name
		}
	}
	return ""
}

// hasPart reports whether a page has an element with an id, or an anchor of that
// name.
func (g *Generator) hasPart(name, id string) (bool, error) {
	f, err := os.Open(g.out.Path(name))
	if err != nil {
		return false, ignoreNotExist(err)
	}
	defer f.Close()
	page, err := io.ReadAll(io.LimitReader(f, maxAnchorPage))
	if err != nil {
		return false, fmt.Errorf("look for #%s: %w", id, err)
	}
	if bytes.Contains(page, []byte(` id="`+id+`"`)) {
		return true, nil
	}
	for z := html.NewTokenizer(bytes.NewReader(page)); z.Next() != html.ErrorToken; {
		for _, a := range z.Token().Attr {
			if (a.Key == "id" || a.Key == "name") && a.Val == id {
				return true, nil
			}
		}
	}
	return false, nil
}

func ignoreNotExist(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// Warnings returns the warnings of the last [Generator.Build] that hold until a file
// changes. Nothing is built.
func Warnings(ctx context.Context, cfg *site.Config, s *store.Store) ([]string, error) {
	b := s.Builder()
	g := &Generator{cfg: cfg, store: b, sources: precedence.New(cfg, b), out: output.At(cfg.Build.Output)}
	if g.out.Deleted() {
		return nil, nil
	}
	return g.lastingWarnings(ctx)
}

// lastingWarnings returns the warnings that hold until their files are corrected.
func (g *Generator) lastingWarnings(ctx context.Context) ([]string, error) {
	warnings, err := g.store.Warnings(ctx)
	if err != nil {
		return nil, err
	}
	nav, err := g.deadNav(ctx)
	if err != nil {
		return nil, err
	}
	redirects, err := g.redirectWarnings(ctx)
	if err != nil {
		return nil, err
	}
	warnings = slices.Concat(warnings, nav, redirects)
	slices.SortFunc(warnings, compareWarnings)
	return warnings, nil
}

// deadNav returns a warning for each entry of the navigation that leads to an address of
// the site without an output.
func (g *Generator) deadNav(ctx context.Context) (warnings []string, err error) {
	for _, item := range g.cfg.Nav {
		place, ok := markdown.PlaceOf(item.URL, "", g.cfg.URL)
		if !ok {
			continue
		}
		found, err := g.hasPlace(ctx, place)
		if err != nil {
			return nil, err
		}
		if !found {
			warnings = append(warnings, fmt.Sprintf("%s:%d: nav: %q leads to %s, which does not exist", site.ConfigFile, lineOfNav(g.cfg, item), item.Name, item.URL))
		}
	}
	return warnings, nil
}

// lineOfNav returns the line of the configuration with the address of an entry of the
// navigation; 1 if it is written in another way.
func lineOfNav(cfg *site.Config, item site.NavItem) int {
	data, err := os.ReadFile(filepath.Join(cfg.Root, site.ConfigFile))
	if err != nil {
		return 1
	}
	for _, quote := range []string{`"`, `'`} {
		if i := bytes.Index(data, []byte(quote+item.URL+quote)); i >= 0 {
			return 1 + bytes.Count(data[:i], []byte("\n"))
		}
	}
	return 1
}

var warningPlace = regexp.MustCompile(`^(.*?):(\d+): `)

// compareWarnings orders "content/a.md:9: …" by file and then by line.
func compareWarnings(a, b string) int {
	m, n := warningPlace.FindStringSubmatch(a), warningPlace.FindStringSubmatch(b)
	if m == nil || n == nil || m[1] != n[1] {
		return strings.Compare(a, b)
	}
	i, _ := strconv.Atoi(m[2]) // digits; one that is out of range sorts as the largest
	j, _ := strconv.Atoi(n[2])
	return cmp.Or(cmp.Compare(i, j), strings.Compare(a, b))
}
