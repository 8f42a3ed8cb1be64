package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"
)

const maxConfigBytes = 1 << 20

// configFiles are where each tool looks for its configuration, in the order of
// their manuals. config.toml is Hugo's former and Zola's usual name.
var configFiles = []struct {
	name string
	tool Tool
}{
	{"hugo.toml", Hugo}, {"hugo.yaml", Hugo}, {"hugo.yml", Hugo}, {"hugo.json", Hugo}, {"zola.toml", Zola}, {"config.toml", ""},
	{"config.yaml", Hugo}, {"config.yml", Hugo}, {"config.json", Hugo},
	{"config/_default/hugo.toml", Hugo}, {"config/_default/hugo.yaml", Hugo},
	{"config/_default/config.toml", Hugo}, {"config/_default/config.yaml", Hugo},
	{"_config.yml", Jekyll}, {"_config.yaml", Jekyll}, {"_config.toml", Jekyll},
}

// findConfig reads the tool's configuration, in the folder itself or above one
// that is a part of a site, and returns where the site is.
func (old *oldSite) findConfig(dir string) (root string, err error) {
	roots := []string{dir}
	name := filepath.Base(realPath(dir))
	if name == "content" || strings.HasPrefix(name, "_") {
		roots = append(roots, filepath.Join(dir, ".."))
	}
	for _, root := range roots {
		for _, c := range configFiles {
			if c.tool != "" && old.tool != "" && c.tool != old.tool || c.tool == "" && old.tool == Jekyll {
				continue
			}
			file := filepath.Join(root, filepath.FromSlash(c.name))
			config, err := readConfig(file)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return "", fmt.Errorf("old site: %w", err)
			}
			if config == nil {
				config = map[string]any{}
			}
			old.config, old.file, old.known = config, file, true
			if err := old.readParts(file); err != nil {
				return "", fmt.Errorf("old site: %w", err)
			}
			if old.tool == "" {
				old.tool = c.tool
			}
			if _, zola := config["base_url"]; old.tool == "" && zola {
				old.tool = Zola
			} else if old.tool == "" {
				old.tool = Hugo
			}
			return root, nil
		}
	}
	if strings.HasPrefix(name, "_") {
		return roots[1], nil
	}
	return dir, nil
}

// readParts reads what Hugo allows to stand in a file of its own beside the
// configuration (Hugo, "Configuration directory").
func (old *oldSite) readParts(config string) error {
	if filepath.Base(filepath.Dir(config)) != "_default" {
		return nil
	}
	for _, key := range []string{"languages", "permalinks"} {
		for _, ext := range []string{".toml", ".yaml", ".yml", ".json"} {
			part, err := readConfig(filepath.Join(filepath.Dir(config), key+ext))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			old.config[key] = part
		}
	}
	return nil
}

// findLanguages: https://gohugo.io/content-management/multilingual/
func (old *oldSite) findLanguages() {
	old.language = strings.ToLower(old.text("defaultContentLanguage", "en"))
	old.languages = map[string]string{old.language: ""}
	table, _ := lookup(old.config, "languages").(map[string]any)
	for code, language := range table {
		folder, _ := lookup(language, "contentDir").(string)
		rel, err := filepath.Rel(old.text("contentDir", "content"), folder)
		if err != nil || rel == "." || !filepath.IsLocal(rel) {
			rel = ""
		}
		old.languages[strings.ToLower(code)] = filepath.ToSlash(rel)
	}
}

func readConfig(name string) (config map[string]any, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfigBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxConfigBytes {
		return nil, fmt.Errorf("%s is larger than 1 MiB", name)
	}
	switch filepath.Ext(name) {
	case ".toml":
		err = toml.Unmarshal(data, &config)
	case ".json":
		err = json.Unmarshal(data, &config)
	default:
		err = yaml.Unmarshal(data, &config)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return config, nil
}

// text is a value of the configuration, "" or usual if it has none.
func (old *oldSite) text(key, usual string) string {
	if s, ok := lookup(old.config, key).(string); ok && s != "" {
		return s
	}
	return usual
}

// lookup finds a value by its keys, which Hugo takes in any case.
func lookup(table any, keys ...string) any {
	for _, key := range keys {
		m, _ := table.(map[string]any)
		if _, ok := m[key]; !ok {
			for _, other := range slices.Sorted(maps.Keys(m)) {
				if strings.EqualFold(other, key) {
					key = other
					break
				}
			}
		}
		table = m[key]
	}
	return table
}
