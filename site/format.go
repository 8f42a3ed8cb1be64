package site

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Format returns the note as a file: YAML front matter and content. [Parse] reads it
// back unchanged, if the file has the same name.
func (n *Note) Format() ([]byte, error) {
	front := n.front()
	if !n.ShownFrom.IsZero() && n.ShownFrom.After(n.Published) {
		front.add("publishDate", plain(n.ShownFrom.Format(time.RFC3339)))
	}
	if !n.ShownUntil.IsZero() {
		front.add("expiryDate", plain(n.ShownUntil.Format(time.RFC3339)))
	}
	text, err := front.encode()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("---\n" + text + "---\n")
	if n.Content != "" {
		b.WriteString(NormalText(n.Content))
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// front returns the note's front matter. Properties with the default value have no
// key.
func (n *Note) front() *mapping {
	var front mapping
	if !n.Published.IsZero() {
		front.add("date", plain(n.Published.Format(time.RFC3339)))
	}
	if n.Undated {
		front.add("date-given", plain("false"))
	}
	if !n.Updated.IsZero() {
		front.add("updated", plain(n.Updated.Format(time.RFC3339)))
	}
	if n.H != "entry" {
		front.addString("h", n.H)
	}
	front.addString("title", n.Name)
	front.addString("summary", n.Summary)
	if len(n.Category) > 0 {
		front.add("tags", flow(n.Category))
	}
	if n.Slug != n.impliedSlug() {
		front.addString("slug", n.Slug)
	}
	if n.Draft {
		front.add("draft", plain("true"))
	}
	if n.Visibility != Public {
		front.addString("visibility", n.Visibility)
	}
	if len(n.Aliases) > 0 {
		front.add("aliases", flow(n.Aliases))
	}
	if n.HTML {
		front.addString("format", "html")
	}
	front.addString("layout", n.Layout)
	front.addString("client", n.Client)
	n.formatProperties(&front)
	return &front
}

// impliedSlug returns the slug that the file's name gives if there is no key.
func (n *Note) impliedSlug() string {
	bare := Note{File: n.File, Published: n.Published}
	bare.readName(time.UTC)
	return bare.Slug
}

// formatProperties adds the properties of the closed table, and the others below
// "properties".
func (n *Note) formatProperties(front *mapping) {
	var rest mapping
	for _, name := range renderedProperties {
		if values := n.Properties[name]; len(values) > 0 {
			front.add(name, valuesNode(values))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.Properties)) {
		if values := n.Properties[name]; len(values) > 0 && !slices.Contains(renderedProperties, name) {
			rest.add(name, valuesNode(values))
		}
	}
	if len(rest.Content) > 0 {
		front.add("properties", rest.node())
	}
}

// A mapping is a YAML mapping under construction.
type mapping yaml.Node

func (m *mapping) add(key string, value *yaml.Node) {
	m.Content = append(m.Content, text(key), value)
}

func (m *mapping) addString(key, value string) {
	if value != "" {
		m.add(key, text(value))
	}
}

// encode returns the mapping as lines of text; "" if it is empty.
func (m *mapping) encode() (string, error) {
	if len(m.Content) == 0 {
		return "", nil
	}
	var b strings.Builder
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	err := enc.Encode(m.node())
	return b.String(), err
}

func (m *mapping) node() *yaml.Node {
	m.Kind = yaml.MappingNode
	return (*yaml.Node)(m)
}

func plain(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: s}
}

// text returns a node that is read back as a string: the encoder quotes it if YAML
// would read it as another type.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff
	}) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func flow(ss []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, s := range ss {
		n.Content = append(n.Content, text(s))
	}
	return n
}

// valuesNode returns a single string as itself, and other values as a list.
func valuesNode(values []any) *yaml.Node {
	if s, ok := values[0].(string); ok && len(values) == 1 {
		return text(s)
	}
	return valueNode(values)
}

func valueNode(v any) *yaml.Node {
	switch v := v.(type) {
	case string:
		return text(v)
	case json.Number:
		return plain(v.String())
	case bool:
		if v {
			return plain("true")
		}
		return plain("false")
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range v {
			n.Content = append(n.Content, valueNode(item))
		}
		if len(v) == 0 {
			n.Style = yaml.FlowStyle
		}
		return n
	case map[string]any:
		var m mapping
		for _, key := range objectKeys(v) {
			m.add(key, valueNode(v[key]))
		}
		if len(v) == 0 {
			m.Style = yaml.FlowStyle
		}
		return m.node()
	default:
		return plain("null")
	}
}

// objectKeys returns the keys of a nested microformats2 object in the usual order.
func objectKeys(object map[string]any) []string {
	var keys []string
	for _, key := range []string{"type", "value", "alt", "html", "properties"} {
		if _, ok := object[key]; ok {
			keys = append(keys, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}
