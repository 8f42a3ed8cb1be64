package site

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agext/levenshtein"
	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// A SyntaxError is a mistake that the author of a file can fix.
type SyntaxError struct {
	File string // with the path that its author uses: "content/hello.md"
	Line int    // counted from 1
	Msg  string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
}

// configError returns an error of the TOML decoder for data as a [*SyntaxError].
func configError(data []byte, err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		e := &strict.Errors[0]
		line, _ := e.Position()
		return &SyntaxError{File: ConfigFile, Line: line, Msg: unknownKey(fullKey(data, line, e.Key()))}
	}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		line, column := decode.Position()
		msg := strings.TrimPrefix(decode.Error(), "toml: ")
		if quote := typographicQuote(data, line, column); quote != "" {
			msg = fmt.Sprintf("%s is a typographic quote; use \"", quote)
		} else if at, slip := findSlip(string(data), line, []slip{tomlText}); at == line && strings.HasPrefix(msg, "unexpected character") {
			return &SyntaxError{File: ConfigFile, Line: line, Msg: slip}
		}
		if want := valueOf(decode.Key()); want != "" && strings.HasPrefix(msg, "cannot decode TOML") {
			msg = "must be " + want
		}
		if key := strings.Join(decode.Key(), "."); key != "" {
			msg = key + ": " + msg
		}
		return &SyntaxError{File: ConfigFile, Line: line, Msg: msg}
	}
	return &SyntaxError{File: ConfigFile, Line: 1, Msg: strings.TrimPrefix(err.Error(), "toml: ")}
}

// typographicQuote returns the quotation mark at a place of data if it is
// typographic, as word processors and phones type it, else "". line and column count
// from 1, the column in bytes.
func typographicQuote(data []byte, line, column int) string {
	for range line - 1 {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	r, _ := utf8.DecodeRune(data[min(max(column-1, 0), len(data)):])
	if strings.ContainsRune("“”„‟‘’‚‛«»", r) {
		return string(r)
	}
	return ""
}

// fullKey completes a key of an inline table by the key of the line to which the
// table belongs. The decoder reports only its last part.
func fullKey(data []byte, line int, key toml.Key) toml.Key {
	lines := keyLines(data)
	if lines[strings.Join(key, ".")] == line {
		return key
	}
	var outer string
	for name, at := range lines {
		if at <= line && (outer == "" || at > lines[outer]) {
			outer = name
		}
	}
	if outer == "" {
		return key
	}
	return append(strings.Split(outer, "."), key...)
}

// knownAs has the names that other generators have for keys of the configuration.
var knownAs = map[string]string{
	"base_url": "url", "baseurl": "url", "site_url": "url", "address": "url", "domain": "url",
	"name": "title", "site_name": "title", "sitename": "title",
	"menu": "nav", "menus": "nav", "navigation": "nav", "links.menu": "nav",
	"language": "lang", "languagecode": "lang", "default_language": "lang", "locale": "lang",
	"tz": "timezone", "time_zone": "timezone", "permalinks": "permalink",
	"tagline": "description", "subtitle": "description", "summary": "description",
	"destination": "build.output", "publishdir": "build.output", "output_dir": "build.output",
	"listen": "receiver.listen", "port": "receiver.listen",
}

// unknownKey returns the message about a key that does not exist, with the key that
// was probably meant.
func unknownKey(key toml.Key) string {
	written, table := strings.Join(key, "."), key[:len(key)-1]
	if t := typeOf(table); len(table) > 0 && t != nil && t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct {
		return fmt.Sprintf("%s: an entry has %s; `%s` is not known", strings.Join(table, "."), enumerated(configKeys(t.Elem(), "")), key[len(key)-1])
	}
	near := knownAs[strings.ToLower(written)]
	if near == "" {
		near = nearestKey(written)
	}
	if near == "" {
		return fmt.Sprintf("unknown key `%s`", written)
	}
	return fmt.Sprintf("unknown key `%s`, did you mean `%s`?", written, near)
}

// nearestKey returns the key or table that is most similar to the written one, or ""
// if none is similar. A word with more than one typo must have the right first
// letter.
func nearestKey(written string) string {
	last := written[strings.LastIndex(written, ".")+1:]
	best, distance := "", (len(last)+1)/3+1
	consider := func(written, known, name string, more int) {
		d := levenshtein.Distance(written, known, nil) + more
		if d < distance && (d <= more+1 || written[0] == known[0]) {
			best, distance = name, d
		}
	}
	for _, known := range configKeys(reflect.TypeFor[Config](), "") {
		consider(written, known, known, 0)
		// A key in the wrong table is as likely as a misspelt one.
		consider(last, known[strings.LastIndex(known, ".")+1:], known, 1)
		if table, _, ok := strings.Cut(known, "."); ok {
			consider(written, table, table, 0)
		}
	}
	return best
}

// enumerated returns words as a list in a sentence: "name and url".
func enumerated(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// typeOf returns the type of a key's value, or nil if there is no such key.
func typeOf(key toml.Key) reflect.Type {
	t := reflect.TypeFor[Config]()
	for _, part := range key {
		if t == reflect.TypeFor[map[string]string]() {
			t = t.Elem()
			continue
		}
		if t.Kind() != reflect.Struct {
			return nil
		}
		found := false
		for f := range fields(t) {
			if f.Tag.Get("toml") == part {
				t, found = f.Type, true
				break
			}
		}
		if !found {
			return nil
		}
	}
	return t
}

// valueOf returns a description of the values of a key; "" if there is no such key.
func valueOf(key toml.Key) string {
	t := typeOf(key)
	switch {
	case t == nil:
		return ""
	case t == reflect.TypeFor[Duration]():
		return "a duration such as \"5m\""
	case t == reflect.TypeFor[Size]():
		return "a size such as \"100MiB\""
	case t.Kind() == reflect.String:
		return "a text"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		return "a number"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return "a list of texts"
	case t.Kind() == reflect.Slice:
		return "a list of {" + strings.Join(configKeys(t.Elem(), ""), ", ") + "}"
	}
	return "a table"
}

// configKeys lists the dotted names of all keys below t.
func configKeys(t reflect.Type, prefix string) []string {
	var keys []string
	for f := range fields(t) {
		name := prefix + f.Tag.Get("toml")
		switch {
		case strings.HasSuffix(name, "-"):
		case f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[Duration]():
			keys = append(keys, configKeys(f.Type, name+".")...)
		default:
			keys = append(keys, name)
		}
	}
	slices.Sort(keys)
	return keys
}

// fields iterates over the fields of a struct.
func fields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// keyLines returns the line of each dotted key of a TOML document. The result ends at
// a syntax error.
func keyLines(data []byte) map[string]int {
	lines := map[string]int{}
	var p unstable.Parser
	p.Reset(data)
	prefix, line, counted := "", 1, 0
	for p.NextExpression() {
		e := p.Expression()
		name, offset := keyName(e)
		offset = max(min(offset, len(data)), counted)
		line += bytes.Count(data[counted:offset], []byte("\n"))
		counted = offset
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			prefix = name + "."
			lines[name] = line
		case unstable.KeyValue:
			lines[prefix+name] = line
		}
	}
	return lines
}

// keyName returns the dotted key of an expression, and its place.
func keyName(e *unstable.Node) (name string, offset int) {
	var parts []string
	offset = -1
	for it := e.Key(); it.Next(); {
		n := it.Node()
		if offset < 0 {
			offset = int(n.Raw.Offset)
		}
		parts = append(parts, string(n.Data))
	}
	return strings.Join(parts, "."), max(offset, 0)
}

// lineAt returns the line of a byte, counted from 1.
func lineAt(data []byte, offset int) int {
	return bytes.Count(data[:min(offset, len(data))], []byte("\n")) + 1
}
