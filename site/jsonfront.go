package site

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// jsonEnd returns the end of the object at the beginning of a text.
func jsonEnd(text string) (int, *lineError) {
	dec := json.NewDecoder(strings.NewReader(text[:min(len(text), maxFrontMatter+1)]))
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return 0, jsonMistake([]byte(text), err)
	}
	return int(dec.InputOffset()), nil
}

// jsonMistake returns an error of the decoder with a line of the text, counted from
// 1.
func jsonMistake(text []byte, err error) *lineError {
	line := 1
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line = lineAt(text, max(int(syntax.Offset)-1, 0))
	}
	msg := err.Error()
	if strings.Contains(msg, "unexpected EOF") {
		msg = "the object does not end; close it with }"
	}
	return &lineError{line, "front matter in JSON: " + msg}
}

// jsonFields reads front matter in JSON, as Hugo and Middleman have it: an object,
// also without its braces. As with the other formats, lines are counted from 2.
func jsonFields(raw string) ([]Field, *lineError) {
	if len(raw) > maxFrontMatter {
		return nil, &lineError{1, "front matter is larger than 1 MiB"}
	}
	text := raw
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		text = "{" + strings.TrimRight(text, " \t\r\n,") + "}"
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	fail := func(err error) ([]Field, *lineError) {
		mistake := jsonMistake([]byte(text), err)
		mistake.line++
		return nil, mistake
	}
	if _, err := dec.Token(); err != nil {
		return fail(err)
	}
	budget, line, counted := maxFrontValues, 2, 0
	var fields []Field
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return fail(err)
		}
		at := int(dec.InputOffset())
		line += strings.Count(text[counted:at], "\n")
		counted = at
		var v any
		if err := dec.Decode(&v); err != nil {
			return fail(err)
		}
		if err := checkValue(v, &budget, 1); err != nil {
			return nil, &lineError{line, fmt.Sprintf("%v: %v", key, err)}
		}
		fields = append(fields, Field{fmt.Sprint(key), v, line})
	}
	if _, err := dec.Token(); err != nil {
		return fail(err)
	}
	if rest := strings.TrimSpace(text[dec.InputOffset():]); rest != "" {
		return nil, &lineError{lineAt([]byte(text), int(dec.InputOffset())) + 1, fmt.Sprintf("front matter in JSON: %.20q follows the object", rest)}
	}
	return fields, nil
}

// checkValue checks a value of JSON against the bounds of YAML.
func checkValue(v any, budget *int, depth int) error {
	if *budget--; *budget < 0 {
		return fmt.Errorf("more than %d values in the front matter", maxFrontValues)
	}
	if depth > maxFrontNesting {
		return fmt.Errorf("nested more than %d levels deep", maxFrontNesting)
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if err := checkValue(item, budget, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, item := range v {
			if err := checkValue(item, budget, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
