package site

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A change is a key of the front matter with its new value.
type change struct {
	key   string
	name  string     // our name of the key, if the file has another
	value *yaml.Node // nil to remove the key
	below []change   // changes to members of the table, instead of value
	after string     // the key after which a new one belongs; "": at the end
}

// compare lists the changes from one front matter to another.
func compare(old, now *mapping) (changes []change, _ *lineError) {
	for i := 0; i+1 < len(now.Content); i += 2 {
		c := change{key: now.Content[i].Value, value: now.Content[i+1]}
		before := old.value(c.key)
		same, err := sameNode(before, c.value)
		if err != nil {
			return nil, &lineError{1, fmt.Sprintf("%s: %v", c.key, err)}
		}
		if same {
			continue
		}
		if c.key == "properties" {
			c.below, _ = compare((*mapping)(before), (*mapping)(c.value)) // sameNode encoded them without an error
		}
		changes = append(changes, c)
	}
	for i := 0; i+1 < len(old.Content); i += 2 {
		key, before := old.Content[i].Value, old.Content[i+1]
		if now.value(key).Kind != 0 {
			continue
		}
		c := change{key: key}
		if key == "properties" {
			c.below, _ = compare((*mapping)(before), &mapping{})
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// value returns the value of a key; a node without a kind if the mapping does not
// have the key.
func (m *mapping) value(key string) *yaml.Node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return &yaml.Node{}
}

func sameNode(a, b *yaml.Node) (bool, error) {
	if a.Kind == 0 || b.Kind == 0 {
		return a.Kind == b.Kind, nil
	}
	x, err := encodePair("x", a)
	if err != nil {
		return false, err
	}
	y, err := encodePair("x", b)
	return x == y, err
}

func encodePair(key string, value *yaml.Node) (string, error) {
	var m mapping
	m.add(key, value)
	return m.encode()
}

// memberChanges lists the changes that turn members into the table want.
func memberChanges(members map[string]any, want *yaml.Node) (changes []change) {
	wanted := map[string]bool{}
	for i := 0; i+1 < len(want.Content); i += 2 {
		key, value := want.Content[i].Value, want.Content[i+1]
		wanted[key] = true
		if before, ok := members[key]; !ok || !reflect.DeepEqual(before, nodeValue(value)) {
			changes = append(changes, change{key: key, value: value})
		}
	}
	for key := range members {
		if !wanted[key] {
			changes = append(changes, change{key: key})
		}
	}
	return changes
}

// nodeValue returns the value of a node, in the shape of [Note.Properties].
func nodeValue(n *yaml.Node) any {
	budget := maxFrontValues
	v, err := yamlValue(n, &budget, 1)
	if err != nil {
		return nil // too large to be read: the edit is refused when it is read back
	}
	return v
}

// identity returns the function that makes the items of a key's list comparable:
// equal items give the same text, empty items give "".
func identity(key string) func(v any) string {
	switch key {
	case "tags":
		return ScalarText
	case "aliases":
		return func(v any) string {
			s := ScalarText(v)
			return cmp.Or(CleanAddress(s), s)
		}
	}
	return func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprintf("%#v", v)
		}
		return string(data)
	}
}

// A pairing has for each item of a new list the number of the old item that it
// replaces, or -1.
type pairing struct {
	from []int
	want []*yaml.Node // nil: the old item stays as it is
	used []bool       // of the old items: it is in from
}

// pair finds the old items of a list among the wanted ones. An old item that is not
// found becomes the wanted item with the same neighbour before it, or is removed. If
// the key is read as a set, old items stay that are empty or repeat others of the new
// list.
func pair(old []any, want []*yaml.Node, key string) pairing {
	id := identity(key)
	where := map[string][]int{}
	for i, v := range old {
		where[id(v)] = append(where[id(v)], i)
	}
	p := pairing{make([]int, len(want)), slices.Clone(want), make([]bool, len(old))}
	for j, node := range want {
		p.from[j] = -1
		if at := where[id(nodeValue(node))]; len(at) > 0 {
			p.from[j], p.want[j], p.used[at[0]] = at[0], nil, true
			where[id(nodeValue(node))] = at[1:]
		}
	}
	if key == "tags" || key == "aliases" {
		p.keepRepeats(old, id)
	}
	previous := -1
	for j := range p.from {
		if i := previous + 1; p.from[j] < 0 && i < len(old) && !p.used[i] {
			p.from[j], p.used[i] = i, true
		}
		if p.from[j] >= 0 {
			previous = p.from[j]
		}
	}
	return p
}

// keepRepeats adds the old items that are empty or repeat others, each after the item
// that precedes it in the old list.
func (p *pairing) keepRepeats(old []any, id func(any) string) {
	kept, seen := make([]bool, len(old)), map[string]bool{}
	for i, v := range old {
		kept[i] = !p.used[i] && (id(v) == "" || seen[id(v)])
		seen[id(v)] = seen[id(v)] || p.used[i]
	}
	all := pairing{used: p.used}
	follow := func(i int) {
		for ; i < len(old) && kept[i]; i++ {
			all.from, all.want = append(all.from, i), append(all.want, nil)
			kept[i], all.used[i] = false, true
		}
	}
	for i := range old {
		if i == 0 || !p.used[i-1] && !kept[i-1] {
			follow(i)
		}
	}
	for j, i := range p.from {
		all.from, all.want = append(all.from, i), append(all.want, p.want[j])
		if i >= 0 {
			follow(i + 1)
		}
	}
	*p = all
}

// inStyleOf returns a value in the style of the old one: quoted, or as a list over
// several lines.
func inStyleOf(value *yaml.Node, old *element) *yaml.Node {
	styled := *value
	switch {
	case old == nil || value.Kind != old.kind:
	case value.Kind == yaml.SequenceNode && len(value.Content) > 0:
		styled.Style = 0
		if old.flow {
			styled.Style = yaml.FlowStyle
		}
	case value.Kind == yaml.ScalarNode && !strings.Contains(value.Value, "\n"):
		if value.Style == 0 {
			styled.Style = old.style & (yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle)
		}
	}
	return &styled
}
