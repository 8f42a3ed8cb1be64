package importer

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Tool is a generator whose sites can be imported.
type Tool string

// The tools.
const (
	Hugo   Tool = "hugo"
	Zola   Tool = "zola"
	Jekyll Tool = "jekyll"
)

// Tools are all of them.
var Tools = []Tool{Hugo, Zola, Jekyll}

// An oldSite is a folder of notes, with the settings by which its tool publishes
// them.
type oldSite struct {
	tool   Tool
	root   string         // the folder of the whole site
	mounts []*mount       // the folders of its notes
	part   string         // the folder that is imported: the root, or one below it
	config map[string]any // of the tool; empty if none was found
	file   string         // of config
	zone   *time.Location // of dates without an offset; nil: the new site's
	unread []string       // Hugo: mounted folders that are not below the site

	now        time.Time
	known      bool // config was found
	maxFiles   int
	permalink  string
	below      string // path of the whole site: "/blog"; "" if it had its own host
	hasSection bool   // Hugo: some notes are in folders

	languages     map[string]*language // Hugo and Zola: by their codes
	language      string               // the usual one
	cascades      []cascade            // Hugo: front matter that notes inherit
	draftSections []string             // Zola: folders of sections that are drafts
	ignored       []*regexp.Regexp     // files that the tool ignores
}

// openOldSite recognizes the site in a folder and reads its settings.
func openOldSite(o Options) (*oldSite, error) {
	info, err := os.Stat(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("old site: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("old site: %s is not a folder", o.Dir)
	}
	old := &oldSite{tool: o.From, part: o.Dir, now: time.Now(), permalink: o.Permalink, maxFiles: cmp.Or(o.MaxFiles, maxFiles)}
	if err := old.recognise(o.Dir); err != nil {
		return nil, err
	}
	if old.tool == Zola && o.Permalink != "" {
		return nil, errors.New("--permalink: Zola has no patterns of addresses")
	}
	old.below = pathOf(old.text(map[Tool]string{Hugo: "baseURL", Zola: "base_url", Jekyll: "baseurl"}[old.tool], ""))
	if zone := old.text("timezone", ""); zone != "" && zone != "Local" {
		old.zone, _ = time.LoadLocation(zone) // an unknown one is reported later
	}
	switch old.tool {
	case Hugo:
		old.findLanguages()
		old.addCascades(lookup(old.config, "cascade"), cascade{whole: true})
		old.findMounts(old.root)
	case Zola:
		old.findTranslations()
		old.mounts = []*mount{{dir: filepath.Join(old.root, "content")}}
	case Jekyll:
		old.mounts = []*mount{{dir: filepath.Join(old.root, filepath.FromSlash(old.text("source", ".")))}}
	}
	if !slices.ContainsFunc(old.mounts, func(m *mount) bool { _, ok := common(m.dir, old.part); return ok && isDir(m.dir) }) {
		old.mounts = []*mount{{dir: o.Dir}} // a folder with nothing but notes
	}
	return old, old.findIgnored()
}

// pathOf returns the path of a URL without a slash at its end.
func pathOf(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.Path, "/")
}

func hostOf(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// staticFolders returns the folders that the tool publishes unchanged, or in which
// sites usually keep pictures.
func (old *oldSite) staticFolders() (dirs []string) {
	for _, name := range append(texts(lookup(old.config, "staticDir")), "static", "assets", "images", "img") {
		dir := filepath.Join(old.root, filepath.FromSlash(name))
		if isDir(dir) && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
