package site

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A manualRow is a line of a table in docs/configuration.md, without the one or
// several keys in its first cell.
type manualRow struct {
	environment, kind, usual, meaning string
}

var codeWord = regexp.MustCompile("`([^`]+)`")

func readManual(t *testing.T) (rows map[string]manualRow) {
	t.Helper()
	text, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	rows = map[string]manualRow{}
	for line := range strings.SplitSeq(string(text), "\n") {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		if len(cells) != 5 {
			t.Errorf("a row of docs/configuration.md has %d cells, want key, environment, type, default, meaning:\n%s", len(cells), line)
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		for _, m := range codeWord.FindAllStringSubmatch(cells[0], -1) {
			if _, twice := rows[m[1]]; twice {
				t.Errorf("docs/configuration.md has two rows of `%s`", m[1])
			}
			rows[m[1]] = manualRow{environment: cells[1], kind: cells[2], usual: cells[3], meaning: cells[4]}
		}
	}
	return rows
}

// kinds are the manual's names for the types of values.
var kinds = map[reflect.Type]string{
	reflect.TypeFor[string]():            "text",
	reflect.TypeFor[bool]():              "`true` or `false`",
	reflect.TypeFor[int]():               "number",
	reflect.TypeFor[Duration]():          "duration",
	reflect.TypeFor[Size]():              "size",
	reflect.TypeFor[[]string]():          "list of texts",
	reflect.TypeFor[[]NavItem]():         "list of `{name, url}`",
	reflect.TypeFor[[]Destination]():     "list of `{uid, name}`",
	reflect.TypeFor[map[string]any]():    "table",
	reflect.TypeFor[map[string]string](): "table of texts",
}

func TestTheManualHasEveryKeyWithItsTypeAndDefault(t *testing.T) {
	rows := readManual(t)
	keys := configKeys(reflect.TypeFor[Config](), "")
	for key := range rows {
		if !slices.Contains(keys, key) {
			t.Errorf("docs/configuration.md has the key `%s`, which does not exist", key)
		}
	}
	root := t.TempDir()
	c, err := ParseConfig(root, []byte("url = \"https://the.url/\"\ntitle = \"The title\"\n"), environ(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		row, ok := rows[key]
		if !ok {
			t.Errorf("docs/configuration.md has no row of `%s`", key)
			continue
		}
		v := configValue(reflect.ValueOf(c).Elem(), key)
		if kind := kinds[v.Type()]; kind == "" || row.kind != kind {
			t.Errorf("docs/configuration.md: `%s` has the type %q, want %q", key, row.kind, kind)
		}
		want := usualValue(v, root)
		if key == "url" || key == "title" {
			want = "required"
		}
		// The manual may have words for an empty default.
		if inWords := want == "" && !strings.Contains(row.usual, "`"); row.usual != want && !inWords {
			t.Errorf("docs/configuration.md: `%s` has the default %s, want %s", key, row.usual, want)
		}
		if row.meaning == "" {
			t.Errorf("docs/configuration.md does not explain `%s`", key)
		}
	}
}

// configValue returns the value of a dotted key.
func configValue(v reflect.Value, key string) reflect.Value {
	name, rest, nested := strings.Cut(key, ".")
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("toml") == name {
			if nested {
				return configValue(v.Field(i), rest)
			}
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// usualValue returns a default as the manual has it.
func usualValue(v reflect.Value, root string) string {
	switch value := v.Interface().(type) {
	case string:
		if rel, err := filepath.Rel(root, value); err == nil && filepath.IsLocal(rel) {
			value = filepath.ToSlash(rel)
		}
		value = strings.NewReplacer("https://the.url/", "url", "The title", "title").Replace(value)
		if value == "" {
			return ""
		}
		return "`" + value + "`"
	case Duration:
		return "`" + strings.TrimSuffix(strings.TrimSuffix(value.String(), "0s"), "0m") + "`"
	case Size:
		return fmt.Sprintf("`%dMiB`", value>>20)
	case []string:
		if len(value) == 0 {
			return "`[]`"
		}
		return "`[\"" + strings.Join(value, "\", \"") + "\"]`"
	case map[string]any, map[string]string:
		return "`{}`"
	}
	if v.Kind() == reflect.Slice {
		return "`[]`"
	}
	return fmt.Sprintf("`%v`", v.Interface())
}

func TestTheManualNamesEveryVariableOfTheEnvironment(t *testing.T) {
	named := map[string]string{} // variable → key
	for key, row := range readManual(t) {
		if m := codeWord.FindStringSubmatch(row.environment); m != nil {
			named[m[1]] = key
		}
	}
	asked := map[string]bool{}
	if _, err := ParseConfig("/srv/blog", []byte(minimal), func(name string) string {
		asked[name] = true
		return ""
	}); err != nil {
		t.Fatal(err)
	}
	for name := range asked {
		if named[name] == "" && name != "TOKEN_ENDPOINT" {
			t.Errorf("docs/configuration.md does not name %s", name)
		}
	}
	values := map[string]string{"SITE_URL": "https://other.example/", "ADMIN_ME": "https://other.example/", "MICROPUB_TOKEN_CACHE_ENABLED": "false", "MICROPUB_TOKEN_CACHE_TTL": "7",
		"STARPUNK_TRUSTED_PROXIES": "10.0.0.7, 192.168.0.0/16"}
	usual, err := ParseConfig("/srv/blog", []byte(minimal), environ(nil))
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range named {
		value := values[name]
		if value == "" {
			value = "127.0.0.1:7" // will do as a name, a path and an address
		}
		c, err := ParseConfig("/srv/blog", []byte(minimal), environ(map[string]string{name: value}))
		if err != nil {
			t.Errorf("%s=%s: %v", name, value, err)
			continue
		}
		was := configValue(reflect.ValueOf(usual).Elem(), key).Interface()
		if is := configValue(reflect.ValueOf(c).Elem(), key).Interface(); reflect.DeepEqual(was, is) {
			t.Errorf("%s does not set `%s`, unlike docs/configuration.md", name, key)
		}
	}
}
