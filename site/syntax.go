package site

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// A SyntaxError is a mistake that the author of a file can fix.
type SyntaxError struct {
	File string // as the author would name it: "content/hello.md"
	Line int    // counted from 1
	Msg  string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
}

// configError turns what the TOML decoder reports into a [*SyntaxError].
func configError(err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		e := &strict.Errors[0]
		line, _ := e.Position()
		return &SyntaxError{File: ConfigFile, Line: line, Msg: unknownKey(e.Key())}
	}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		line, _ := decode.Position()
		msg := strings.TrimPrefix(decode.Error(), "toml: ")
		if want := valueOf(decode.Key()); want != "" && strings.HasPrefix(msg, "cannot decode TOML") {
			msg = "is " + want + ", and not what stands here"
		}
		if key := strings.Join(decode.Key(), "."); key != "" {
			msg = key + ": " + msg
		}
		return &SyntaxError{File: ConfigFile, Line: line, Msg: msg}
	}
	return &SyntaxError{File: ConfigFile, Line: 1, Msg: strings.TrimPrefix(err.Error(), "toml: ")}
}

// unknownKey names a key that no table has and the one that was likely meant.
func unknownKey(key toml.Key) string {
	written := strings.Join(key, ".")
	best, distance := "", min(4, len(key[len(key)-1])/2+2)
	for _, known := range configKeys(reflect.TypeFor[Config](), "") {
		// A key written in the wrong table is as likely as a misspelt one.
		d := min(levenshtein.Distance(written, known, nil),
			levenshtein.Distance(key[len(key)-1], known[strings.LastIndex(known, ".")+1:], nil)+1)
		if d < distance {
			best, distance = known, d
		}
	}
	if best == "" {
		return fmt.Sprintf("unknown key `%s`", written)
	}
	return fmt.Sprintf("unknown key `%s`, did you mean `%s`?", written, best)
}

// valueOf says what kind of value a key has, "" if there is no such key.
func valueOf(key toml.Key) string {
	t := reflect.TypeFor[Config]()
	for _, part := range key {
		found := false
		if t.Kind() == reflect.Struct {
			for f := range fields(t) {
				if f.Tag.Get("toml") == part {
					t, found = f.Type, true
					break
				}
			}
		}
		if !found {
			return ""
		}
	}
	switch {
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

func fields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// keyLines tells on which line of a TOML document each dotted key stands.
// What follows a syntax error is left out.
func keyLines(data []byte) map[string]int {
	lines := map[string]int{}
	var p unstable.Parser
	p.Reset(data)
	prefix := ""
	for p.NextExpression() {
		e := p.Expression()
		name, offset := keyName(e)
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			prefix = name + "."
			lines[name] = lineAt(data, offset)
		case unstable.KeyValue:
			lines[prefix+name] = lineAt(data, offset)
		}
	}
	return lines
}

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

func lineAt(data []byte, offset int) int {
	return bytes.Count(data[:min(offset, len(data))], []byte("\n")) + 1
}
