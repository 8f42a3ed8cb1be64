package receiver

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"starpunk/site"
)

var errContradiction = errors.New("contradicts what came before")

// A list is the values of a property under construction.
type list struct {
	items []item
}

// An item is a string or an [object].
type item struct {
	index int64 // as given in x[3]; -1: none
	value any
}

// An object holds strings, lists and objects by name.
type object map[string]any

// add puts a value at the end of a path. A path that goes on with a name leads
// into the last object of the list, unless that has this very value already:
// then it begins the next object, so that photo[value]=…&photo[alt]=… can be
// repeated.
func (l *list) add(path []string, value string) error {
	if len(path) == 0 {
		l.items = append(l.items, item{-1, value})
		return nil
	}
	index := int64(-1)
	if i, isIndex := parseIndex(path[0]); isIndex {
		index, path = i, path[1:]
	}
	if len(path) == 0 {
		l.items = append(l.items, item{index, value})
		return nil
	}
	o := l.find(index, path)
	if o == nil {
		o = object{}
		l.items = append(l.items, item{index, o})
	}
	return o.add(path, value)
}

// find is the object of the list that a path continues, or nil.
func (l *list) find(index int64, path []string) object {
	for _, it := range slices.Backward(l.items) {
		o, ok := it.value.(object)
		if ok && it.index == index && (index >= 0 || !o.has(path)) {
			return o
		}
		if index < 0 {
			break // only the last one can go on
		}
	}
	return nil
}

// parseIndex reads "" and "12", which stand for items of a list. An index only says
// what comes first and what belongs together: no list is made as long as that.
func parseIndex(element string) (index int64, ok bool) {
	if element == "" {
		return -1, true
	}
	n, err := strconv.ParseUint(element, 10, 63)
	return int64(n), err == nil
}

// has says whether there is a string at the end of a path.
func (o object) has(path []string) bool {
	switch v := o[path[0]].(type) {
	case string:
		return len(path) == 1
	case object:
		return len(path) > 1 && v.has(path[1:])
	}
	return false
}

func (o object) add(path []string, value string) error {
	name, rest := path[0], path[1:]
	if isIndex(name) {
		return errContradiction // x[0][1]: a list in a list is no property
	}
	switch {
	case name == "properties" && len(rest) > 0: // each of them is a list
		properties, err := child(o, name, object{})
		if err != nil {
			return err
		}
		return addToList(properties, rest[0], rest[1:], value)
	case name == "type", len(rest) > 0 && isIndex(rest[0]):
		return addToList(o, name, rest, value)
	case len(rest) > 0:
		nested, err := child(o, name, object{})
		if err != nil {
			return err
		}
		return nested.add(rest, value)
	case o[name] != nil:
		return errContradiction
	}
	o[name] = value
	return nil
}

func isIndex(element string) bool {
	_, ok := parseIndex(element)
	return ok
}

func addToList(o object, name string, path []string, value string) error {
	l, err := child(o, name, &list{})
	if err != nil {
		return err
	}
	return l.add(path, value)
}

// child returns what o has under a name, or else puts fresh there.
func child[T *list | object](o object, name string, fresh T) (T, error) {
	if o[name] == nil {
		o[name] = fresh
	}
	v, ok := o[name].(T)
	if !ok {
		return nil, errContradiction
	}
	return v, nil
}

// numbered says whether all values have an index.
func (l *list) numbered() bool {
	return !slices.ContainsFunc(l.items, func(it item) bool { return it.index < 0 })
}

// sort brings the values into their order: that of the indexes, where all have
// one, else that in which they were sent.
func (l *list) sort() {
	if l.numbered() {
		slices.SortStableFunc(l.items, func(a, b item) int { return cmp.Compare(a.index, b.index) })
	}
}

// pairWith returns the values of l that belong to those of others, each in the
// place of the other: the one that has its index, else an empty text. Others
// that are not numbered are counted from 0.
func (l *list) pairWith(others *list) *list {
	byIndex := map[int64][]any{}
	for _, it := range l.items {
		byIndex[it.index] = append(byIndex[it.index], it.value)
	}
	others.sort()
	numbered := others.numbered()
	paired := &list{}
	for i, other := range others.items {
		index := int64(i)
		if numbered {
			index = other.index
		}
		value := any("")
		if values := byIndex[index]; len(values) > 0 {
			value, byIndex[index] = values[0], values[1:]
		}
		paired.items = append(paired.items, item{-1, value})
	}
	return paired
}

// plain returns the values in their order.
func (l *list) plain() []any {
	l.sort()
	values := make([]any, 0, len(l.items))
	for _, it := range l.items {
		values = append(values, plain(it.value))
	}
	return values
}

// plain leaves out what is empty within an object.
func plain(v any) any {
	switch v := v.(type) {
	case *list:
		return site.WithoutEmptyValues(v.plain())
	case object:
		m := make(map[string]any, len(v))
		for name, item := range v {
			if item != "" {
				m[name] = plain(item)
			}
		}
		return m
	}
	return v
}
