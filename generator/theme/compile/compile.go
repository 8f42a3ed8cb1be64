package compile

import (
	"errors"
	"fmt"
	"html/template"
	"reflect"
	"text/template/parse"
)

// maxDepth is how deep templates may call each other; html/template allows
// more.
const maxDepth = 100

// A Program writes what a template writes for data of one type. It may be
// executed by several goroutines at once.
type Program struct {
	body *body
	data reflect.Type
}

// Template compiles a template of a set, which must have been executed before:
// html/template works out the escaping then. data is the type of the data that it is
// executed with. An error names the unsupported part of the template.
func Template(set *template.Template, name string, data reflect.Type) (p *Program, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case unknown:
			err = fmt.Errorf("template %s is not compiled: %s", name, string(e))
		default:
			panic(e)
		}
	}()
	c := &compiler{set: set, bodies: map[bodyKey]*body{}}
	return &Program{c.body(name, data), data}, nil
}

// ErrMistake is the error of an execution that came upon a possible mistake in the
// template, which html/template reports in its own words.
var ErrMistake = errors.New("the template may have a mistake")

// Execute appends the output of the template for data to dst. If err is not nil, out is
// dst, and html/template must execute the template instead. The error is [ErrMistake], or
// it has the value of a panic: of a method of the data, or of a fault in this package.
func (p *Program) Execute(dst []byte, data any) (out []byte, err error) {
	v := reflect.ValueOf(data)
	if v.Type() != p.data {
		return dst, fmt.Errorf("data of type %v, want %v", v.Type(), p.data)
	}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case mistake:
			out, err = dst, ErrMistake
		default:
			out, err = dst, fmt.Errorf("panic: %v", e)
		}
	}()
	f := &frame{out: dst}
	f.call(p.body, v)
	return f.out, nil
}

// A mistake is the value that an execution panics with at a possible mistake.
type mistake struct{}

// leave ends an execution with [ErrMistake].
func leave() { panic(mistake{}) }

// A frame is the state of one execution.
type frame struct {
	out   []byte
	slots []reflect.Value // variables of the templates under way
	base  int             // of the innermost one in slots
	depth int
}

func (f *frame) call(b *body, dot reflect.Value) {
	if f.depth == maxDepth {
		leave()
	}
	base := f.base
	f.base = len(f.slots)
	f.slots = append(f.slots, make([]reflect.Value, b.slots)...)
	f.slots[f.base] = dot // $
	f.depth++
	b.run(f, dot)
	f.depth--
	f.slots = f.slots[:f.base]
	f.base = base
}

// A step does one node of a template.
type step func(f *frame, dot reflect.Value) control

// A control is the place where an execution continues after a step.
type control int

const (
	onward control = iota
	nextTurn
	leaveLoop
)

// A body is a template for one type of dot.
type body struct {
	run   step
	slots int
}

type bodyKey struct {
	name string
	dot  reflect.Type
}

// An unknown is the value that compiling panics with: the unsupported part.
type unknown string

func fail(format string, args ...any) {
	panic(unknown(fmt.Sprintf(format, args...)))
}

type compiler struct {
	set    *template.Template
	bodies map[bodyKey]*body
}

func (c *compiler) body(name string, dot reflect.Type) *body {
	key := bodyKey{name, dot}
	if b := c.bodies[key]; b != nil {
		return b
	}
	t := c.set.Lookup(name)
	if t == nil || t.Tree == nil {
		fail("%s is compiled again for each place that calls it", name)
	}
	b := &body{}
	c.bodies[key] = b // it may call itself
	s := &scope{compiler: c, dot: dot}
	s.declare("$", dot)
	b.run = s.list(t.Tree.Root)
	b.slots = s.slots
	return b
}

// A scope is the place in a template up to which it is compiled.
type scope struct {
	*compiler
	dot       reflect.Type // nil: nothing is known of it
	variables []variable   // that can be seen here, innermost last
	slots     int          // of all variables of the template
}

type variable struct {
	name string
	slot int
	typ  reflect.Type
}

func (s *scope) declare(name string, typ reflect.Type) (slot int) {
	slot = s.slots
	s.slots++
	s.variables = append(s.variables, variable{name, slot, typ})
	return slot
}

func (s *scope) lookup(name string) variable {
	for i := len(s.variables) - 1; i >= 0; i-- {
		if s.variables[i].name == name {
			return s.variables[i]
		}
	}
	fail("the variable %s is not known", name)
	return variable{}
}

// within compiles the nodes between a control structure and its end: its variables
// do not exist after it. dot is the type of dot there.
func (s *scope) within(dot reflect.Type, compile func()) {
	seen, outer := len(s.variables), s.dot
	s.dot = dot
	compile()
	s.variables, s.dot = s.variables[:seen], outer
}

func (s *scope) list(l *parse.ListNode) step {
	if l == nil {
		return func(*frame, reflect.Value) control { return onward }
	}
	var steps []step
	for _, node := range l.Nodes {
		if next := s.node(node); next != nil {
			steps = append(steps, next)
		}
	}
	return func(f *frame, dot reflect.Value) control {
		for _, next := range steps {
			if c := next(f, dot); c != onward {
				return c
			}
		}
		return onward
	}
}

// node compiles one node; nil if it does nothing.
func (s *scope) node(node parse.Node) step {
	switch node := node.(type) {
	case *parse.TextNode:
		text := node.Text
		return func(f *frame, _ reflect.Value) control {
			f.out = append(f.out, text...)
			return onward
		}
	case *parse.ActionNode:
		return s.action(node.Pipe)
	case *parse.IfNode:
		return s.branch(&node.BranchNode, false)
	case *parse.WithNode:
		return s.branch(&node.BranchNode, true)
	case *parse.RangeNode:
		return s.loop(&node.BranchNode)
	case *parse.TemplateNode:
		return s.template(node)
	case *parse.BreakNode:
		return func(*frame, reflect.Value) control { return leaveLoop }
	case *parse.ContinueNode:
		return func(*frame, reflect.Value) control { return nextTurn }
	case *parse.CommentNode:
		return nil
	}
	fail("{{%s}}", node)
	return nil
}

// action compiles an assignment or what writes a value.
func (s *scope) action(p *parse.PipeNode) step {
	if len(p.Decl) == 0 {
		return s.write(p)
	}
	return s.assign(p, s.pipeline(p))
}

// assign compiles the variable of a pipeline.
func (s *scope) assign(p *parse.PipeNode, e expr) step {
	if len(p.Decl) > 1 {
		fail("two variables in {{%s}}", p)
	}
	var slot int
	if name := p.Decl[0].Ident[0]; p.IsAssign {
		v := s.lookup(name)
		if v.typ != e.typ && v.typ != nil {
			fail("the variable %s changes its type", name)
		}
		slot = v.slot
	} else {
		slot = s.declare(name, e.typ)
	}
	return func(f *frame, dot reflect.Value) control {
		f.slots[f.base+slot] = e.value(f, dot)
		return onward
	}
}

func (s *scope) branch(n *parse.BranchNode, with bool) (next step) {
	s.within(s.dot, func() {
		e := s.pipeline(n.Pipe)
		var keep step
		if len(n.Pipe.Decl) > 0 {
			keep = s.assign(n.Pipe, e)
		}
		var then step
		if inner := s.dot; with {
			inner = e.typ
			s.within(inner, func() { then = s.list(n.List) })
		} else {
			s.within(inner, func() { then = s.list(n.List) })
		}
		var otherwise step
		s.within(s.dot, func() { otherwise = s.list(n.ElseList) })
		next = branching(e, keep, then, otherwise, with)
	})
	return next
}

func branching(e expr, keep, then, otherwise step, with bool) step {
	if !with && keep == nil {
		truth := e.truth()
		return func(f *frame, dot reflect.Value) control {
			if truth(f, dot) {
				return then(f, dot)
			}
			return otherwise(f, dot)
		}
	}
	return func(f *frame, dot reflect.Value) control {
		v := e.value(f, dot)
		if keep != nil {
			keep(f, dot)
		}
		switch {
		case !isTrue(v):
			return otherwise(f, dot)
		case with:
			return then(f, v)
		}
		return then(f, dot)
	}
}

func (s *scope) loop(n *parse.BranchNode) (next step) {
	e := s.pipeline(n.Pipe)
	if e.typ == nil || e.typ.Kind() != reflect.Slice && e.typ.Kind() != reflect.Array {
		fail("range over something other than a list: {{%s}}", n.Pipe)
	}
	if n.Pipe.IsAssign {
		fail("range assigns to a variable: {{%s}}", n.Pipe)
	}
	index, element := -1, -1
	var each, none step
	s.within(e.typ.Elem(), func() {
		switch d := n.Pipe.Decl; len(d) {
		case 2:
			index = s.declare(d[0].Ident[0], reflect.TypeFor[int]())
			element = s.declare(d[1].Ident[0], e.typ.Elem())
		case 1:
			element = s.declare(d[0].Ident[0], e.typ.Elem())
		}
		each = s.list(n.List)
	})
	s.within(s.dot, func() { none = s.list(n.ElseList) })
	return func(f *frame, dot reflect.Value) control {
		list := e.value(f, dot)
		count := list.Len()
		if count == 0 {
			return none(f, dot)
		}
		for i := range count {
			v := list.Index(i)
			if index >= 0 {
				f.slots[f.base+index] = reflect.ValueOf(i)
			}
			if element >= 0 {
				f.slots[f.base+element] = v
			}
			if each(f, v) == leaveLoop {
				break
			}
		}
		return onward
	}
}

func (s *scope) template(n *parse.TemplateNode) step {
	if n.Pipe == nil {
		b := s.body(n.Name, nil)
		return func(f *frame, _ reflect.Value) control {
			f.call(b, reflect.Value{})
			return onward
		}
	}
	if len(n.Pipe.Decl) > 0 {
		fail("a variable in {{%s}}", n)
	}
	e := s.pipeline(n.Pipe)
	b := s.body(n.Name, e.typ)
	return func(f *frame, dot reflect.Value) control {
		f.call(b, e.value(f, dot))
		return onward
	}
}
