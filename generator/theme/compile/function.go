package compile

import (
	"cmp"
	"fmt"
	"reflect"
)

// function compiles the call of a function that text/template defines.
func (s *scope) function(name string, args []expr) expr {
	switch name {
	case "and", "or":
		return choice(name == "or", args)
	case "not":
		need(name, args, 1)
		truth := args[0].truth()
		return truthExpr(func(f *frame, dot reflect.Value) bool { return !truth(f, dot) })
	case "len":
		need(name, args, 1)
		return length(args[0])
	case "eq", "ne", "lt", "le", "gt", "ge":
		return comparison(name, args)
	case "slice":
		return substring(args)
	case "index":
		return element(args)
	case "print", "println", "printf":
		return printed(name, args)
	}
	fail("the function %s", name)
	return expr{}
}

func need(name string, args []expr, count int) {
	if len(args) != count {
		fail("%s with %d arguments", name, len(args))
	}
}

// choice is the first of some values that is true (or) or false (and), or else
// the last one.
func choice(stopAt bool, args []expr) expr {
	if len(args) == 0 {
		fail("and, or without arguments")
	}
	truths := make([]func(*frame, reflect.Value) bool, len(args))
	e := expr{typ: args[0].typ}
	for i, arg := range args {
		truths[i] = arg.truth()
		if arg.typ != e.typ {
			e.typ = nil
		}
	}
	e.value = func(f *frame, dot reflect.Value) (v reflect.Value) {
		for _, arg := range args {
			if v = arg.value(f, dot); isTrue(v) == stopAt {
				break
			}
		}
		return v
	}
	e.is = func(f *frame, dot reflect.Value) bool {
		for _, truth := range truths {
			if truth(f, dot) == stopAt {
				return stopAt
			}
		}
		return !stopAt
	}
	return e
}

func length(e expr) expr {
	switch e.kind() {
	case reflect.String, reflect.Slice, reflect.Array, reflect.Map:
	default:
		fail("len of %v", e.typ)
	}
	return expr{typ: intType, value: func(f *frame, dot reflect.Value) reflect.Value {
		return reflect.ValueOf(e.value(f, dot).Len())
	}}
}

// comparison compiles a comparison of strings, of whole numbers or, for eq and
// ne, of truths. eq holds if the first equals any of the others.
func comparison(name string, args []expr) expr {
	if name != "eq" || len(args) < 2 {
		need(name, args, 2)
	}
	for _, arg := range args {
		if arg.kind() != args[0].kind() {
			fail("%s of values of two kinds", name)
		}
	}
	switch args[0].kind() {
	case reflect.String:
		texts := make([]func(*frame, reflect.Value) string, len(args))
		for i, arg := range args {
			texts[i] = arg.text()
		}
		return compared(name, texts)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		numbers := make([]func(*frame, reflect.Value) int64, len(args))
		for i, arg := range args {
			numbers[i] = func(f *frame, dot reflect.Value) int64 { return arg.value(f, dot).Int() }
		}
		return compared(name, numbers)
	case reflect.Bool:
		if name != "eq" && name != "ne" {
			fail("%s of truths", name)
		}
		bits := make([]func(*frame, reflect.Value) int, len(args))
		for i, arg := range args {
			truth := arg.truth()
			bits[i] = func(f *frame, dot reflect.Value) int {
				if truth(f, dot) {
					return 1
				}
				return 0
			}
		}
		return compared(name, bits)
	}
	fail("%s of %v", name, args[0].typ)
	return expr{}
}

func compared[T cmp.Ordered](name string, args []func(*frame, reflect.Value) T) expr {
	a, b := args[0], args[1]
	switch name {
	case "ne":
		return truthExpr(func(f *frame, dot reflect.Value) bool { return a(f, dot) != b(f, dot) })
	case "lt":
		return truthExpr(func(f *frame, dot reflect.Value) bool { return a(f, dot) < b(f, dot) })
	case "le":
		return truthExpr(func(f *frame, dot reflect.Value) bool { return a(f, dot) <= b(f, dot) })
	case "gt":
		return truthExpr(func(f *frame, dot reflect.Value) bool { return a(f, dot) > b(f, dot) })
	case "ge":
		return truthExpr(func(f *frame, dot reflect.Value) bool { return a(f, dot) >= b(f, dot) })
	}
	return truthExpr(func(f *frame, dot reflect.Value) bool {
		first := a(f, dot)
		for _, other := range args[1:] {
			if first == other(f, dot) {
				return true
			}
		}
		return false
	})
}

// substring compiles {{slice text from to}}, in bytes; the bounds may be left
// out from the end.
func substring(args []expr) expr {
	if len(args) == 0 || len(args) > 3 || args[0].typ != stringType {
		fail("slice of something other than a text")
	}
	for _, arg := range args[1:] {
		if arg.typ != intType {
			fail("slice at something other than a number")
		}
	}
	text := args[0].text()
	return textExpr(func(f *frame, dot reflect.Value) string {
		s := text(f, dot)
		from, to := 0, len(s)
		if len(args) > 1 {
			from = int(args[1].value(f, dot).Int())
		}
		if len(args) > 2 {
			to = int(args[2].value(f, dot).Int())
		}
		if from < 0 || to < from || to > len(s) {
			leave()
		}
		return s[from:to]
	})
}

// element compiles {{index list i}}.
func element(args []expr) expr {
	need("index", args, 2)
	list, at := args[0], args[1]
	if list.kind() != reflect.Slice || at.typ != intType {
		fail("index of %v", list.typ)
	}
	return expr{typ: list.typ.Elem(), value: func(f *frame, dot reflect.Value) reflect.Value {
		v, i := list.value(f, dot), int(at.value(f, dot).Int())
		if i < 0 || i >= v.Len() {
			leave()
		}
		return v.Index(i)
	}}
}

// printed compiles the functions that are named after those of package fmt.
func printed(name string, args []expr) expr {
	var format func(*frame, reflect.Value) string
	if name == "printf" {
		if len(args) == 0 || args[0].typ != stringType {
			fail("printf without a format")
		}
		format, args = args[0].text(), args[1:]
	}
	for _, arg := range args {
		if arg.typ == nil {
			fail("%s of a value whose type is not known", name)
		}
	}
	return textExpr(func(f *frame, dot reflect.Value) string {
		values := make([]any, len(args))
		for i, arg := range args {
			values[i] = arg.value(f, dot).Interface()
		}
		switch name {
		case "print":
			return fmt.Sprint(values...)
		case "println":
			return fmt.Sprintln(values...)
		}
		return fmt.Sprintf(format(f, dot), values...)
	})
}
