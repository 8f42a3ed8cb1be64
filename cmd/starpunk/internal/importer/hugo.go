package importer

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// maxConfigFiles is the largest number of files of a configuration.
const maxConfigFiles = 1000

// A mount is a folder or a file of a Hugo site and its place in the content:
// https://gohugo.io/configuration/module/#mounts
type mount struct {
	dir      string // relative to the working directory, or absolute
	at       string // below the content, with slashes; "" for all of it
	language string // of all files in it; "" if it is in their names
	files    []glob // selects the files that are published
}

// A glob selects files, or excludes files that other globs select.
type glob struct {
	pattern *regexp.Regexp
	not     bool
}

// publishes reports whether a file of the mount, named from its top, is published.
func (m *mount) publishes(file string) bool {
	selects := func(not bool) func(glob) bool {
		return func(g glob) bool { return g.not == not && g.pattern.MatchString(strings.ToLower(file)) }
	}
	if slices.ContainsFunc(m.files, selects(true)) {
		return false
	}
	chosen := slices.ContainsFunc(m.files, func(g glob) bool { return !g.not })
	return !chosen || slices.ContainsFunc(m.files, selects(false))
}

// readFolders merges the files of a configuration folder into the configuration:
// of all environments, then of the public one
// (https://gohugo.io/configuration/introduction/#configuration-directory).
func (old *oldSite) readFolders(dir string) error {
	left := maxConfigFiles
	for _, environment := range []string{"_default", "production"} {
		err := filepath.WalkDir(filepath.Join(dir, environment), func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || !d.Type().IsRegular() || !slices.Contains(configExts, filepath.Ext(name)) {
				return err
			}
			if left--; left < 0 {
				return fmt.Errorf("%s has more than %d files", dir, maxConfigFiles)
			}
			part, err := readConfig(name)
			if err != nil {
				return err
			}
			merge(old.config, placed(part, strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// placed returns a part of the configuration below the keys in the name of its
// file: "params" and "languages.en", also as "params.en".
func placed(part map[string]any, name string) map[string]any {
	if name == "hugo" || name == "config" {
		return part
	}
	key, language, translated := strings.Cut(name, ".")
	var value any = part
	if inner := lookup(part, key); inner != nil && len(part) == 1 {
		value = inner // in TOML a list needs a key, which repeats the name
	}
	switch {
	case !translated:
		return map[string]any{key: value}
	case key == "menu" || key == "menus" || key == "params":
		value = map[string]any{key: value}
	}
	return map[string]any{"languages": map[string]any{language: value}}
}

// merge copies the values of one table into another, where they replace values of
// the same key. The case of keys is ignored.
func merge(into, from map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(from)) {
		value, name := from[key], key
		for other := range into {
			if strings.EqualFold(other, key) {
				name = other
			}
		}
		table, isTable := value.(map[string]any)
		if before, ok := into[name].(map[string]any); ok && isTable {
			merge(before, table)
			continue
		}
		into[name] = value
	}
}

// A language is a language of the old site.
type language struct {
	disabled bool
	below    string // path of its pages, if it has its own base URL
	host     bool   // it has its own base URL
	foreign  bool   // its host is not that of the site
}

// findLanguages reads the languages of the site:
// https://gohugo.io/content-management/multilingual/
func (old *oldSite) findLanguages() {
	old.language = strings.ToLower(old.text("defaultContentLanguage", "en"))
	old.languages = map[string]*language{old.language: {}}
	table, _ := lookup(old.config, "languages").(map[string]any)
	disabled := texts(lookup(old.config, "disableLanguages"))
	for code, v := range table {
		l := &language{disabled: lookup(v, "disabled") == true || containsFold(disabled, code)}
		if own, _ := lookup(v, "baseURL").(string); own != "" {
			l.host = true
			l.below = pathOf(own)
			l.foreign = hostOf(own) != hostOf(old.text("baseURL", ""))
		}
		old.languages[strings.ToLower(code)] = l
	}
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(other string) bool { return strings.EqualFold(other, s) })
}

// setting returns a value of the configuration: that of a language, if it has one.
func (old *oldSite) setting(code string, keys ...string) any {
	if v := lookup(old.config, append([]string{"languages", cmp.Or(code, old.language)}, keys...)...); v != nil {
		return v
	}
	return lookup(old.config, keys...)
}

// findMounts finds the folders of notes: the ones mounted as content, or, if there
// are none, those of the languages.
func (old *oldSite) findMounts(root string) {
	list, _ := lookup(old.config, "module", "mounts").([]any)
	for _, item := range list {
		target := path.Clean(filepath.ToSlash(firstText(lookup(item, "target"))))
		at, ok := strings.CutPrefix(target+"/", "content/")
		if !ok {
			continue
		}
		old.addMount(root, firstText(lookup(item, "source")), strings.TrimSuffix(at, "/"), mountLanguages(item), mountFiles(item))
	}
	if old.mounts == nil && old.unread == nil {
		old.findContentFolders(root)
	}
	// Inner folders first: a file belongs to the innermost mount around it.
	slices.SortStableFunc(old.mounts, func(a, b *mount) int { return cmp.Compare(len(b.dir), len(a.dir)) })
}

// findContentFolders adds the folders of the languages, and the common folder if a
// language has none.
func (old *oldSite) findContentFolders(root string) {
	usual, common := old.text("contentDir", "content"), false
	for _, code := range slices.Sorted(maps.Keys(old.languages)) {
		dir, _ := lookup(old.config, "languages", code, "contentDir").(string)
		if dir == "" || path.Clean(dir) == path.Clean(usual) {
			common = true
			continue
		}
		old.addMount(root, dir, "", []string{code}, nil)
	}
	if common {
		old.addMount(root, usual, "", nil, nil)
	}
}

// addMount adds a folder, once for each of its languages. A folder outside of the
// site is reported.
func (old *oldSite) addMount(root, source, at string, languages []string, files []glob) {
	if !filepath.IsLocal(source) {
		old.unread = append(old.unread, source)
		return
	}
	dir := filepath.Join(root, filepath.FromSlash(source))
	if _, err := os.Lstat(dir); err != nil {
		return // Hugo ignores it, too
	}
	if len(languages) == 0 {
		languages = []string{""}
	}
	for _, code := range languages {
		code = strings.ToLower(code)
		old.mounts = append(old.mounts, &mount{dir: dir, at: at, language: code, files: files})
	}
}

// mountLanguages returns the languages of a mount: the former "lang", or a choice of
// sites.
func mountLanguages(item any) []string {
	if lang := texts(lookup(item, "lang")); len(lang) > 0 {
		return lang
	}
	return texts(lookup(item, "sites", "matrix", "languages"))
}

func mountFiles(item any) (globs []glob) {
	for _, key := range []string{"files", "includeFiles", "excludeFiles"} {
		for _, pattern := range texts(lookup(item, key)) {
			rest, not := strings.CutPrefix(pattern, "!")
			rest = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(rest)), "/")
			globs = append(globs, glob{globPattern(rest), not || key == "excludeFiles"})
		}
	}
	return globs
}
