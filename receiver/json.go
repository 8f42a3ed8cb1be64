package receiver

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// decodeJSON reads a request in the JSON syntax (Micropub §2.3), which is a
// microformats2 object.
func decodeJSON(body io.Reader) (*request, error) {
	text, err := readBody(body)
	if err != nil {
		return nil, err
	}
	document, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	sent := map[string][]any{}
	switch properties := document["properties"].(type) {
	case nil:
	case map[string]any:
		for name, v := range properties {
			sent[name] = valueList(v)
		}
	default:
		return nil, invalid("properties must be an object.")
	}
	// Commands are among the properties or members of the document.
	for name, v := range document {
		if strings.HasPrefix(name, "mp-") {
			sent[name] = valueList(v)
		}
	}
	action := firstText(valueList(document["action"]))
	if action != "" && action != "create" {
		sent["url"] = valueList(document["url"])
	}
	r, err := newRequest(action, sent)
	if err != nil {
		return nil, err
	}
	if r.Action == "update" {
		if r.Update, err = decodeUpdate(document); err != nil {
			return nil, err
		}
	}
	return r, r.setType("type", firstText(valueList(document["type"])))
}

// parseJSON reads one JSON object. Numbers keep their digits. A byte order mark
// is ignored (RFC 8259 §8.1).
func parseJSON(text string) (map[string]any, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	var document map[string]any
	err := dec.Decode(&document)
	if err == nil {
		if _, more := dec.Token(); more != io.EOF {
			err = errors.New("data after the JSON object")
		}
	}
	if err == nil && document == nil {
		err = errors.New("null instead of an object")
	}
	if err != nil {
		return nil, invalid("The body must be one JSON object.")
	}
	return document, nil
}

// valueList returns a list as it is, and a list of any other value.
func valueList(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}
