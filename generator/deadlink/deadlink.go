package deadlink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"starpunk/generator/markdown"
	"starpunk/generator/output"
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

// A Checker checks the links of a site to itself.
type Checker struct {
	cfg   *site.Config
	store *store.Builder
	out   *output.Folder
}

// New returns a Checker of the outputs of a site.
func New(cfg *site.Config, s *store.Builder, out *output.Folder) *Checker {
	return &Checker{cfg, s, out}
}

// Check checks whether the output folder has the places that pages link to. Only
// places are checked that may have appeared, changed or disappeared, after all outputs are
// built.
func (c *Checker) Check(ctx context.Context) error {
	for {
		places, err := c.store.Links.OpenPlaces(ctx, batchPlaces)
		if err != nil || len(places) == 0 {
			return err
		}
		found := map[link.Place]bool{}
		for _, p := range places {
			if found[p], err = c.hasPlace(ctx, p); err != nil {
				return err
			}
		}
		if err := c.store.Links.MarkPlaces(ctx, found); err != nil {
			return err
		}
	}
}

// hasPlace reports whether the output folder has a file at a place and, if the
// place names a part of a note's page, whether the page has the part.
func (c *Checker) hasPlace(ctx context.Context, p link.Place) (bool, error) {
	name := c.outputAt(p.Path)
	if name == "" || p.Fragment == "" || path.Ext(name) != ".html" {
		return name != "", nil
	}
	permalink := "/" + strings.TrimSuffix(name, "index.html")
	row, err := c.store.ByPermalink(ctx, permalink)
	if errors.Is(err, store.ErrNotExist) || err == nil && !row.HasPage {
		return true, nil // the parts of lists, static files and redirects are not checked
	}
	if err != nil {
		return false, err
	}
	return c.hasPart(name, p.Fragment)
}

// outputAt returns the output that a web server serves at a place; "" if there is none.
func (c *Checker) outputAt(place string) string {
	if !filepath.IsLocal(filepath.FromSlash(place)) && place != "" {
		return ""
	}
	names := []string{path.Join(place, "index.html"), place}
	if path.Ext(place) != "" { // most likely a file: so most places need one system call
		slices.Reverse(names)
	}
	for _, name := range names {
		if info, err := os.Lstat(c.out.Path(name)); err == nil && info.Mode().IsRegular() {
			return name
		}
	}
	return ""
}

// hasPart reports whether a page has an element with an id, or an anchor of that
// name.
func (c *Checker) hasPart(name, id string) (bool, error) {
	f, err := os.Open(c.out.Path(name))
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		return false, err
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

// NavWarnings returns a warning for each entry of the navigation that leads to an address of
// the site without an output.
func (c *Checker) NavWarnings(ctx context.Context) (warnings []string, err error) {
	for _, item := range c.cfg.Nav {
		place, ok := markdown.PlaceOf(item.URL, "", c.cfg.URL)
		if !ok {
			continue
		}
		found, err := c.hasPlace(ctx, place)
		if err != nil {
			return nil, err
		}
		if !found {
			warnings = append(warnings, fmt.Sprintf("%s:%d: nav: %q leads to %s, which does not exist", site.ConfigFile, lineOfNav(c.cfg, item), item.Name, item.URL))
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
