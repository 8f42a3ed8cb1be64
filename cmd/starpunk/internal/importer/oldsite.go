package importer

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"starpunk/site"
)

// A Tool is a generator whose sites are understood.
type Tool string

// The tools.
const (
	Hugo   Tool = "hugo"
	Zola   Tool = "zola"
	Jekyll Tool = "jekyll"
)

// Tools are all of them.
var Tools = []Tool{Hugo, Zola, Jekyll}

// An oldSite is a folder of notes and what is known of how its tool publishes
// them.
type oldSite struct {
	tool    Tool
	content string         // what is walked
	base    string         // what names of files are relative to: content, or the folder above a lone _posts
	config  map[string]any // of the tool; empty where none was found
	file    string         // of config
	zone    *time.Location // of dates without an offset; nil: that of the new site

	now        time.Time
	known      bool // config was found
	maxFiles   int
	permalink  string
	below      string // path at which the whole site stood: "/blog"; "" for a host of its own
	hasSection bool   // Hugo: some notes lie in folders

	languages map[string]string // Hugo: each with its folder of notes, below content; "" if it has none
	language  string            // Hugo: the usual one
	cascades  []cascade         // Hugo: what notes have from above
}

// openOldSite finds out what the folder is.
func openOldSite(o Options) (*oldSite, error) {
	info, err := os.Stat(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("old site: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("old site: %s is no folder", o.Dir)
	}
	old := &oldSite{tool: o.From, now: time.Now(), permalink: o.Permalink, maxFiles: cmp.Or(o.MaxFiles, maxFiles)}
	root, err := old.findConfig(o.Dir)
	if err != nil {
		return nil, err
	}
	if old.tool == "" {
		old.tool = guess(root, o.Dir)
	}
	if !slices.Contains(Tools, old.tool) {
		return nil, fmt.Errorf("%s does not look like a site of Hugo, Zola or Jekyll: say with --from which it is", o.Dir)
	}
	if old.tool == Zola && o.Permalink != "" {
		return nil, errors.New("--permalink: Zola has no patterns of addresses")
	}
	if u, err := url.Parse(old.text(map[Tool]string{Hugo: "baseURL", Zola: "base_url", Jekyll: "baseurl"}[old.tool], "")); err == nil {
		old.below = strings.TrimRight(u.Path, "/")
	}
	if zone := old.text("timezone", ""); zone != "" && zone != "Local" {
		old.zone, _ = time.LoadLocation(zone) // what is not known is reported later
	}
	if old.tool == Hugo {
		old.findLanguages()
		old.addCascades(lookup(old.config, "cascade"), cascade{whole: true})
	}
	old.content, old.base = o.Dir, o.Dir
	switch inside := filepath.Join(o.Dir, old.text("contentDir", "content")); {
	case old.tool == Jekyll:
		old.base = root
	case root == o.Dir && isDir(inside):
		old.content, old.base = inside, inside
	}
	return old, nil
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// guessFiles is how many notes are looked at for a hint.
const guessFiles = 200

// Keys that one tool has and the other does not, at the top of front matter.
var (
	zolaKeys = []string{"taxonomies", "extra", "path", "template", "sort_by", "in_search_index", "authors"}
	hugoKeys = []string{"tags", "categories", "lastmod", "publishdate", "url", "type", "layout", "menu", "cascade", "params"}
)

// guess tells by the folders and the notes themselves; "" if nothing does.
func guess(root, dir string) Tool {
	for _, name := range []string{"_posts", "_drafts"} {
		if isDir(filepath.Join(root, name)) || filepath.Base(realPath(dir)) == name {
			return Jekyll
		}
	}
	found, left := Tool(""), guessFiles
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error { // what can't be read gives no hint
		if err != nil || !d.Type().IsRegular() || filepath.Ext(name) != ".md" {
			return nil
		}
		if left--; left < 0 {
			return fs.SkipAll
		}
		data, err := readNote(name)
		if err != nil {
			return nil
		}
		if len(data) > 0 && data[0] == '{' {
			found = Hugo
			return fs.SkipAll
		}
		fields, _, _, _ := site.Split(data)
		for _, f := range fields {
			if slices.Contains(zolaKeys, f.Key) {
				found = Zola
				return fs.SkipAll
			}
			if slices.Contains(hugoKeys, Hugo.key(f.Key)) {
				found = Hugo
			}
		}
		return nil
	})
	return found
}
