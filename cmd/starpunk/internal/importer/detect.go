package importer

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"starpunk/site"
)

// Bounds of the search for a site around a folder.
const (
	maxAbove = 8     // folders above it
	maxBelow = 2     // folders within folders below it
	maxLook  = 2_000 // files and folders below it
	maxNamed = 5     // sites below it that a message names
)

// recognise finds the tool, the folder of the whole site, and its configuration:
// in dir or, if dir is a part of a site, above it.
func (old *oldSite) recognise(dir string) error {
	forced := old.tool != ""
	if other := otherTool(dir); other != nil && !forced {
		return other.refuse(dir)
	}
	found, err := old.configAt(dir)
	if found || err != nil {
		return err
	}
	if sites := sitesBelow(dir, forced); len(sites) > 0 && (!forced || !hasNotes(dir)) {
		return fmt.Errorf("%s is not a site, but holds one: import %s", dir, strings.Join(sites, ", or "))
	}
	above := dir
	for range maxAbove {
		above = filepath.Join(above, "..")
		if other := otherTool(above); other != nil && !forced && !other.everywhere {
			return other.refuse(above)
		}
		holds, err := old.holds(above, dir)
		if holds || err != nil {
			return err
		}
		if isDir(filepath.Join(above, ".git")) {
			break
		}
	}
	old.root, old.config, old.file = dir, map[string]any{}, dir
	if name := filepath.Base(realPath(dir)); name == "_posts" || name == "_drafts" {
		old.root = filepath.Join(dir, "..")
	}
	old.tool = cmp.Or(old.tool, guess(old.root, dir))
	if !slices.Contains(Tools, old.tool) {
		return fmt.Errorf("%s does not look like a site of Hugo, Zola or Jekyll: name its tool with --from", dir)
	}
	return nil
}

// holds reports whether the folder above has a site, and dir is a part of its
// notes.
func (old *oldSite) holds(above, dir string) (bool, error) {
	site := &oldSite{tool: old.tool, permalink: old.permalink}
	found, err := site.configAt(above)
	if err != nil || !found {
		return false, nil // a file of another program
	}
	switch site.tool {
	case Hugo:
		site.findLanguages()
		site.findMounts(above)
	case Zola:
		site.mounts = []*mount{{dir: filepath.Join(above, "content")}}
	case Jekyll:
		site.mounts = []*mount{{dir: above}}
	}
	inside := slices.ContainsFunc(site.mounts, func(m *mount) bool {
		rel, err := filepath.Rel(realPath(m.dir), realPath(dir))
		return err == nil && filepath.IsLocal(rel)
	})
	if !inside {
		return false, nil
	}
	return true, old.setConfig(above, site.file, site.tool, site.config)
}

// An otherGenerator is a tool whose sites cannot be imported.
type otherGenerator struct {
	name       string
	signs      []string // files and folders that its sites have; one is enough
	everywhere bool     // folders of all kinds have the sign; it counts only in the folder itself
}

// others are recognized by files that no site of Hugo, Zola or Jekyll has.
var others = []otherGenerator{
	{"Eleventy", []string{".eleventy.js", ".eleventy.cjs", "eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", "eleventy.config.ts", "*.11tydata.js", "*.11tydata.cjs", "*.11tydata.mjs", "*.11tydata.json"}, false},
	{"Astro", []string{"astro.config.*"}, false},
	{"Hexo", []string{"scaffolds", "source/_posts", "_config.landscape.yml"}, false},
	{"Pelican", []string{"pelicanconf.py", "publishconf.py"}, false},
	{"Gatsby", []string{"gatsby-config.*", "gatsby-node.*"}, false},
	{"Docusaurus", []string{"docusaurus.config.*"}, false},
	{"VitePress or VuePress", []string{".vitepress", ".vuepress"}, false},
	{"MkDocs", []string{"mkdocs.yml", "mkdocs.yaml"}, false},
	{"mdBook", []string{"book.toml"}, false},
	{"Next.js", []string{"next.config.*"}, false},
	{"Nuxt", []string{"nuxt.config.*"}, false},
	{"SvelteKit", []string{"svelte.config.js"}, false},
	{"Bridgetown", []string{"bridgetown.config.yml", "config/initializers.rb"}, false},
	{"Middleman", []string{"config.rb"}, false},
	{"Nanoc", []string{"nanoc.yaml"}, false},
	{"Metalsmith", []string{"metalsmith.json"}, false},
	{"Lume", []string{"_config.ts"}, false},
	{"Quartz", []string{"quartz.config.ts", "quartz.config.yaml"}, false},
	{"Quarto", []string{"_quarto.yml"}, false},
	{"Cobalt", []string{"_cobalt.yml"}, false},
	{"Hakyll", []string{"site.hs"}, false},
	{"Sphinx or Nikola", []string{"conf.py"}, false},
	{"Logseq", []string{"logseq"}, true},
	{"Obsidian", []string{".obsidian"}, true},
}

// otherTool returns the tool of others whose site a folder is, or nil.
func otherTool(dir string) *otherGenerator {
	for i := range others {
		o := &others[i]
		for _, sign := range o.signs {
			if found, _ := filepath.Glob(filepath.Join(globEscape(dir), filepath.FromSlash(sign))); len(found) == 0 {
				continue
			}
			// The owner of a Hugo or Jekyll site may use an editor of notes.
			if o.everywhere && isRecognised(dir) {
				return nil
			}
			return o
		}
	}
	return nil
}

// globEscape returns a glob that matches exactly a name.
func globEscape(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(name)
}

func (o *otherGenerator) refuse(dir string) error {
	return fmt.Errorf("%s is a site of %s, which import cannot read: its notes would lose their addresses. "+
		"Copy its Markdown files into content/notes/, and list former addresses in aliases (docs/importing.md, \"Other tools\"). "+
		"If it is nevertheless a site of Hugo, Zola or Jekyll, use --from", dir, o.name)
}

// isRecognised reports whether a folder has a configuration of one of the tools.
func isRecognised(dir string) bool {
	found, err := new(oldSite).configAt(dir)
	return found || err != nil && !errors.Is(err, fs.ErrNotExist)
}

// sitesBelow returns the folders below dir that are sites.
func sitesBelow(dir string, forced bool) (sites []string) {
	left := maxLook
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error { // an unreadable folder is not a site
		if left--; err != nil || left < 0 || len(sites) == maxNamed {
			return fs.SkipAll
		}
		if !d.IsDir() || name == dir {
			return nil
		}
		if base := filepath.Base(name); strings.HasPrefix(base, ".") || slices.Contains([]string{"themes", "node_modules", "vendor", "exampleSite"}, base) {
			return fs.SkipDir
		}
		if isRecognised(name) || !forced && isDir(filepath.Join(name, "_posts")) && !isDir(filepath.Join(dir, "_posts")) {
			sites = append(sites, name)
			return fs.SkipDir
		}
		if rel, err := filepath.Rel(dir, name); err != nil || strings.Count(rel, string(filepath.Separator))+1 >= maxBelow {
			return fs.SkipDir
		}
		return nil
	})
	return sites
}

// hasNotes reports whether a folder has notes, or one of the folders in which tools
// keep them.
func hasNotes(dir string) bool {
	entries, _ := os.ReadDir(dir) // an unreadable folder has none
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		stem, ext := strings.ToLower(strings.TrimSuffix(e.Name(), filepath.Ext(e.Name()))), filepath.Ext(e.Name())
		isNote := slices.Contains(markdownExts, ext) && !slices.Contains(aboutTheFolder, stem)
		return isNote || e.Name() == "_posts" || e.Name() == "content"
	})
}

// guessFiles is the number of notes that are read to recognize the tool.
const guessFiles = 200

// Keys of front matter that only one tool has: zolaKeys in TOML, the others also in
// YAML.
var (
	zolaKeys = []string{"taxonomies", "extra", "path", "template", "sort_by", "in_search_index", "authors"}
	zolaOnly = []string{"taxonomies", "sort_by", "in_search_index"}
	hugoOnly = []string{"cascade", "expirydate"}
)

// guess recognizes the tool by the folders of the site, or by its notes; "" if
// neither is a clear sign.
func guess(root, dir string) Tool {
	for _, name := range []string{"_posts", "_drafts"} {
		if isDir(filepath.Join(root, name)) || filepath.Base(realPath(dir)) == name {
			return Jekyll
		}
	}
	return guessByNotes(dir)
}

// guessByNotes recognizes the tool by the front matter of the first notes below
// dir. A sign of Zola takes precedence, because its notes can look like Hugo's.
func guessByNotes(dir string) Tool {
	found, left := Tool(""), guessFiles
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error { // an unreadable file is not a sign
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
		found = cmp.Or(found, guessByNote(data))
		if guessByNote(data) == Zola {
			found = Zola
			return fs.SkipAll
		}
		return nil
	})
	return found
}

func guessByNote(data []byte) Tool {
	if len(data) > 0 && data[0] == '{' && !bytes.HasPrefix(data, []byte("{%")) && !bytes.HasPrefix(data, []byte("{{")) {
		return Hugo
	}
	inTOML := bytes.HasPrefix(data, []byte("+++"))
	fields, _, _, _ := site.Split(data) // front matter with a mistake is not a sign
	has := func(keys []string) bool {
		return slices.ContainsFunc(fields, func(f site.Field) bool { return slices.Contains(keys, Hugo.key(f.Key)) })
	}
	switch {
	case has(zolaOnly) || inTOML && has(zolaKeys):
		return Zola
	case has(hugoOnly) || inTOML && len(fields) > 0:
		return Hugo
	}
	return ""
}
