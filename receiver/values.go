package receiver

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"starpunk/site"
)

var errContradiction = errors.New("contradicts an earlier value")

// A formList is the values of a property under construction.
type formList struct {
	items []formItem
}

// A formItem is one value of a formList: a string or a [formObject].
type formItem struct {
	index int64 // the 3 of x[3]; -1 if there is none
	value any
}

// A formObject holds strings, lists and objects by name.
type formObject map[string]any

// add adds a value at a path. If the path continues with a name, it leads into
// the last object of the list. If that object already has this value, the path
// begins a new object, so that photo[value]=…&photo[alt]=… can be repeated.
func (l *formList) add(path []string, value string) error {
	if len(path) == 0 {
		l.items = append(l.items, formItem{-1, value})
		return nil
	}
	index := int64(-1)
	if i, isIndex := parseIndex(path[0]); isIndex {
		index, path = i, path[1:]
	}
	if len(path) == 0 {
		l.items = append(l.items, formItem{index, value})
		return nil
	}
	o := l.objectFor(index, path)
	if o == nil {
		o = formObject{}
		l.items = append(l.items, formItem{index, o})
	}
	return o.add(path, value)
}

// objectFor returns the object of the list that a path continues, or nil.
func (l *formList) objectFor(index int64, path []string) formObject {
	for _, it := range slices.Backward(l.items) {
		o, ok := it.value.(formObject)
		if ok && it.index == index && (index >= 0 || !o.has(path)) {
			return o
		}
		if index < 0 {
			break // without an index only the last object can continue
		}
	}
	return nil
}

// parseIndex parses "" and "12", the indexes of a list. An index only
// determines the order and which values belong together. No list of that length
// is made.
func parseIndex(element string) (index int64, ok bool) {
	if element == "" {
		return -1, true
	}
	n, err := strconv.ParseUint(element, 10, 63)
	return int64(n), err == nil
}

// has reports whether there is a string at the end of a path.
func (o formObject) has(path []string) bool {
	switch v := o[path[0]].(type) {
	case string:
		return len(path) == 1
	case formObject:
		return len(path) > 1 && v.has(path[1:])
	}
	return false
}

func (o formObject) add(path []string, value string) error {
	name, rest := path[0], path[1:]
	if isIndex(name) {
		return errContradiction // x[0][1]: a list in a list is not a property
	}
	switch {
	case name == "properties" && len(rest) > 0: // each property is a list
		properties, err := getOrAdd(o, name, formObject{})
		if err != nil {
			return err
		}
		return addToList(properties, rest[0], rest[1:], value)
	case name == "type", len(rest) > 0 && isIndex(rest[0]):
		return addToList(o, name, rest, value)
	case len(rest) > 0:
		nested, err := getOrAdd(o, name, formObject{})
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

func addToList(o formObject, name string, path []string, value string) error {
	l, err := getOrAdd(o, name, &formList{})
	if err != nil {
		return err
	}
	return l.add(path, value)
}

// getOrAdd returns the value of o under a name. If there is none, it adds
// fresh.
func getOrAdd[T *formList | formObject](o formObject, name string, fresh T) (T, error) {
	if o[name] == nil {
		o[name] = fresh
	}
	v, ok := o[name].(T)
	if !ok {
		return nil, errContradiction
	}
	return v, nil
}

// isNumbered reports whether all values have an index.
func (l *formList) isNumbered() bool {
	return !slices.ContainsFunc(l.items, func(it formItem) bool { return it.index < 0 })
}

// sort sorts the values by their indexes if all have one. Otherwise they keep
// the order in which they were sent.
func (l *formList) sort() {
	if l.isNumbered() {
		slices.SortStableFunc(l.items, func(a, b formItem) int { return cmp.Compare(a.index, b.index) })
	}
}

// pairWith returns the values of l in the positions of the values of others
// with the same index, and an empty text for every other position. If others
// have no indexes, they are counted from 0.
func (l *formList) pairWith(others *formList) *formList {
	byIndex := map[int64][]any{}
	for _, it := range l.items {
		byIndex[it.index] = append(byIndex[it.index], it.value)
	}
	others.sort()
	numbered := others.isNumbered()
	paired := &formList{}
	for i, other := range others.items {
		index := int64(i)
		if numbered {
			index = other.index
		}
		value := any("")
		if values := byIndex[index]; len(values) > 0 {
			value, byIndex[index] = values[0], values[1:]
		}
		paired.items = append(paired.items, formItem{-1, value})
	}
	return paired
}

// values returns the values in their order.
func (l *formList) values() []any {
	l.sort()
	values := make([]any, 0, len(l.items))
	for _, it := range l.items {
		values = append(values, plainValue(it.value))
	}
	return values
}

// plainValue converts a value under construction. It removes the empty members
// of an object.
func plainValue(v any) any {
	switch v := v.(type) {
	case *formList:
		return site.WithoutEmptyValues(v.values())
	case formObject:
		m := make(map[string]any, len(v))
		for name, item := range v {
			if item != "" {
				m[name] = plainValue(item)
			}
		}
		return m
	}
	return v
}
