package compile

import (
	"reflect"
	"strconv"
	"text/template/parse"
	"time"
)

// An expr is a value of a template. Strings and truths have a second form that
// needs no [reflect.Value] around it.
type expr struct {
	typ   reflect.Type // nil: one of several, or none; only its truth can be had
	value func(f *frame, dot reflect.Value) reflect.Value
	str   func(f *frame, dot reflect.Value) string // nil: from value
	is    func(f *frame, dot reflect.Value) bool   // nil: from value
	add   func(f *frame, dot reflect.Value)        // writes str as it is; nil: from str
}

var (
	stringType = reflect.TypeFor[string]()
	boolType   = reflect.TypeFor[bool]()
	intType    = reflect.TypeFor[int]()
	timeType   = reflect.TypeFor[time.Time]()
)

func textExpr(str func(f *frame, dot reflect.Value) string) expr {
	return expr{typ: stringType, str: str, value: func(f *frame, dot reflect.Value) reflect.Value {
		return reflect.ValueOf(str(f, dot))
	}}
}

func truthExpr(is func(f *frame, dot reflect.Value) bool) expr {
	return expr{typ: boolType, is: is, value: func(f *frame, dot reflect.Value) reflect.Value {
		return reflect.ValueOf(is(f, dot))
	}}
}

func constExpr(v reflect.Value) expr {
	return expr{typ: v.Type(), value: func(*frame, reflect.Value) reflect.Value { return v }}
}

func (e expr) kind() reflect.Kind {
	if e.typ == nil {
		return reflect.Invalid
	}
	return e.typ.Kind()
}

// text is the value of an expression of a string type.
func (e expr) text() func(f *frame, dot reflect.Value) string {
	if e.str != nil {
		return e.str
	}
	return func(f *frame, dot reflect.Value) string { return e.value(f, dot).String() }
}

func (e expr) truth() func(f *frame, dot reflect.Value) bool {
	switch {
	case e.is != nil:
		return e.is
	case e.str != nil:
		return func(f *frame, dot reflect.Value) bool { return e.str(f, dot) != "" }
	}
	return func(f *frame, dot reflect.Value) bool { return isTrue(e.value(f, dot)) }
}

// isTrue is what if, with, and, or and not hold for true.
func isTrue(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Invalid:
		return false
	case reflect.String, reflect.Slice, reflect.Array, reflect.Map:
		return v.Len() > 0
	case reflect.Bool:
		return v.Bool()
	case reflect.Pointer:
		return !v.IsNil()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int() != 0
	case reflect.Struct:
		return true
	}
	leave()
	return false
}

// pipeline compiles all of a pipeline.
func (s *scope) pipeline(p *parse.PipeNode) expr { return s.commands(p.Cmds) }

func (s *scope) commands(cmds []*parse.CommandNode) expr {
	e := s.command(cmds[0], nil)
	for _, cmd := range cmds[1:] {
		e = s.command(cmd, &e)
	}
	return e
}

// command compiles one command of a pipeline; last is what the one before it
// hands on, or nil.
func (s *scope) command(cmd *parse.CommandNode, last *expr) expr {
	args := cmd.Args[1:]
	switch n := cmd.Args[0].(type) {
	case *parse.FieldNode:
		return s.chain(s.dotExpr(), n.Ident, args, last)
	case *parse.VariableNode:
		return s.chain(s.variable(n.Ident[0]), n.Ident[1:], args, last)
	case *parse.ChainNode:
		return s.chain(s.argument(n.Node), n.Field, args, last)
	case *parse.IdentifierNode:
		return s.function(n.Ident, s.arguments(args, last))
	}
	if len(args) > 0 || last != nil {
		fail("arguments in {{%s}}", cmd)
	}
	return s.argument(cmd.Args[0])
}

func (s *scope) arguments(nodes []parse.Node, last *expr) []expr {
	args := make([]expr, 0, len(nodes)+1)
	for _, n := range nodes {
		args = append(args, s.argument(n))
	}
	if last != nil {
		args = append(args, *last)
	}
	return args
}

// argument compiles an operand.
func (s *scope) argument(n parse.Node) expr {
	switch n := n.(type) {
	case *parse.DotNode:
		return s.dotExpr()
	case *parse.FieldNode:
		return s.chain(s.dotExpr(), n.Ident, nil, nil)
	case *parse.VariableNode:
		return s.chain(s.variable(n.Ident[0]), n.Ident[1:], nil, nil)
	case *parse.ChainNode:
		return s.chain(s.argument(n.Node), n.Field, nil, nil)
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			fail("a variable in (%s)", n)
		}
		return s.pipeline(n)
	case *parse.StringNode:
		e := constExpr(reflect.ValueOf(n.Text))
		e.str = func(*frame, reflect.Value) string { return n.Text }
		return e
	case *parse.BoolNode:
		return constExpr(reflect.ValueOf(n.True))
	case *parse.NumberNode:
		if i := int(n.Int64); n.IsInt && strconv.Itoa(i) == n.Text {
			return constExpr(reflect.ValueOf(i))
		}
	}
	fail("{{%s}}", n)
	return expr{}
}

func (s *scope) dotExpr() expr {
	return expr{typ: s.dot, value: func(_ *frame, dot reflect.Value) reflect.Value { return dot }}
}

func (s *scope) variable(name string) expr {
	v := s.lookup(name)
	return expr{typ: v.typ, value: func(f *frame, _ reflect.Value) reflect.Value { return f.slots[f.base+v.slot] }}
}

// chain compiles e.A.B: only the last may be a method with arguments.
func (s *scope) chain(e expr, names []string, args []parse.Node, last *expr) expr {
	if len(names) == 0 && (len(args) > 0 || last != nil) {
		fail("arguments for something other than a function")
	}
	for i, name := range names {
		if i < len(names)-1 {
			e = s.field(e, name, nil)
			continue
		}
		e = s.field(e, name, s.arguments(args, last))
	}
	return e
}

// field compiles a field, or a call of a method.
func (s *scope) field(e expr, name string, args []expr) expr {
	if e.typ == nil {
		fail(".%s of a value whose type is not known", name)
	}
	if m, ok := e.typ.MethodByName(name); ok {
		return method(e, m, args)
	}
	t, pointer := e.typ, false
	if t.Kind() == reflect.Pointer {
		t, pointer = t.Elem(), true
	} else if _, ok := reflect.PointerTo(t).MethodByName(name); ok {
		fail("the method .%s of a pointer", name)
	}
	if t.Kind() != reflect.Struct || len(args) > 0 {
		fail(".%s of %s", name, e.typ)
	}
	f, ok := t.FieldByName(name)
	if !ok || !f.IsExported() || len(f.Index) > 1 {
		fail(".%s of %s", name, e.typ)
	}
	i, value := f.Index[0], e.value
	if !pointer {
		return expr{typ: f.Type, value: func(fr *frame, dot reflect.Value) reflect.Value { return value(fr, dot).Field(i) }}
	}
	return expr{typ: f.Type, value: func(fr *frame, dot reflect.Value) reflect.Value {
		v := value(fr, dot)
		if v.IsNil() {
			leave()
		}
		return v.Elem().Field(i)
	}}
}

// method compiles the call of a method.
func method(e expr, m reflect.Method, args []expr) expr {
	t := m.Type
	if t.NumIn() != len(args)+1 || t.IsVariadic() || t.NumOut() != 1 {
		fail(".%s with %d arguments", m.Name, len(args))
	}
	for i, arg := range args {
		if arg.typ != t.In(i+1) {
			fail("the arguments of .%s", m.Name)
		}
	}
	if e.typ == timeType {
		switch m.Name {
		case "Format":
			layout := args[0].text()
			text := textExpr(func(f *frame, dot reflect.Value) string {
				return timeOf(e.value(f, dot)).Format(layout(f, dot))
			})
			text.add = func(f *frame, dot reflect.Value) {
				f.out = timeOf(e.value(f, dot)).AppendFormat(f.out, layout(f, dot))
			}
			return text
		case "IsZero":
			return truthExpr(func(f *frame, dot reflect.Value) bool { return timeOf(e.value(f, dot)).IsZero() })
		}
	}
	return expr{typ: t.Out(0), value: func(f *frame, dot reflect.Value) reflect.Value {
		in := make([]reflect.Value, len(args))
		for i, arg := range args {
			in[i] = arg.value(f, dot)
		}
		return e.value(f, dot).Method(m.Index).Call(in)[0]
	}}
}

// timeOf is a time, without a copy of it on the heap where it has an address.
func timeOf(v reflect.Value) time.Time {
	if v.CanAddr() {
		return *v.Addr().Interface().(*time.Time)
	}
	return v.Interface().(time.Time)
}
