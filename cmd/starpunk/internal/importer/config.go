package importer

import (
	"cmp"
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

// configExts are the file endings of configurations.
var configExts = []string{".toml", ".yaml", ".yml", ".json"}

// configFiles are the names of each tool's configuration, in the order of their
// manuals. config.toml is Hugo's former and Zola's usual name.
var configFiles = []struct {
	name string
	tool Tool
}{
	{"hugo.toml", Hugo}, {"hugo.yaml", Hugo}, {"hugo.yml", Hugo}, {"hugo.json", Hugo}, {"zola.toml", Zola}, {"config.toml", ""},
	{"config.yaml", Hugo}, {"config.yml", Hugo}, {"config.json", Hugo},
	{"_config.yml", Jekyll}, {"_config.yaml", Jekyll}, {"_config.toml", Jekyll},
}

// hugoSigns and zolaSigns are keys by which a configuration is recognized if other
// programs also use its name.
var (
	hugoSigns = []string{"baseURL", "languageCode", "locale", "theme", "contentDir", "languages", "module", "permalinks", "params", "taxonomies", "menu", "menus", "markup"}
	zolaSigns = []string{"base_url", "compile_sass", "build_search_index", "generate_feeds", "generate_feed", "default_language"}
)

// configAt reads the configuration of the site in a folder, and reports whether it
// has one.
func (old *oldSite) configAt(root string) (found bool, err error) {
	for _, c := range configFiles {
		if c.tool != "" && old.tool != "" && c.tool != old.tool || c.tool == "" && old.tool == Jekyll {
			continue
		}
		file := filepath.Join(root, c.name)
		config, err := readConfig(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, fmt.Errorf("old site: %w", err)
		}
		if tool := cmp.Or(old.tool, toolOf(c.name, c.tool, config)); tool != "" {
			return true, old.setConfig(root, file, tool, config)
		}
	}
	folder := filepath.Join(root, "config", "_default")
	if (old.tool == Hugo || old.tool == "") && isDir(folder) {
		return true, old.setConfig(root, folder, Hugo, nil)
	}
	return false, nil
}

// toolOf returns the tool to which a configuration belongs, or "".
func toolOf(name string, tool Tool, config map[string]any) Tool {
	has := func(keys []string) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return lookup(config, key) != nil })
	}
	switch {
	case !strings.HasPrefix(name, "config."):
		return tool
	case tool == "" && has(zolaSigns):
		return Zola
	case has(hugoSigns):
		return Hugo
	}
	return ""
}

// setConfig stores the configuration of the old site, with the further files that
// Hugo reads.
func (old *oldSite) setConfig(root, file string, tool Tool, config map[string]any) error {
	if config == nil {
		config = map[string]any{}
	}
	old.root, old.file, old.tool, old.config, old.known = root, file, tool, config, true
	if tool != Hugo {
		return nil
	}
	if err := old.readFolders(filepath.Join(root, "config")); err != nil {
		return fmt.Errorf("old site: %w", err)
	}
	return nil
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

// text returns a value of the configuration, or usual if it has none.
func (old *oldSite) text(key, usual string) string {
	if s, ok := lookup(old.config, key).(string); ok && s != "" {
		return s
	}
	return usual
}

// lookup returns the value at a path of keys. The case of keys is ignored, as by
// Hugo.
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
