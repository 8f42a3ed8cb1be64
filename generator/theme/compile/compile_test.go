package compile_test

import (
	"bytes"
	"errors"
	"html/template"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"starpunk/generator/theme/compile"
)

// A page is data with a field of each kind that layouts meet.
type page struct {
	Name  string
	Other string
	HTML  template.HTML
	Count int
	Yes   bool
	Up    *link
	Nil   *link
	Links []link
	Ptrs  []*link
	Empty []link
	Time  time.Time
	Zero  time.Time
	Card  link
	Map   map[string]string
}

type link struct {
	Text, URL string
	At        time.Time
	Parts     []string
}

func (l link) Label() string            { return "label of " + l.Text }
func (l link) With(s string) string     { return l.Text + s }
func (l *link) Pointed() string         { return l.Text }
func (l link) Both() (string, error)    { return l.Text, nil }
func (l link) Panics() string           { panic("by itself") }
func (p *page) First() *link            { return &p.Links[0] }
func (p *page) Plus(a, b string) string { return a + b }

func samplePage(text string, n int) *page {
	at := time.Date(2026, 11, 25, 13, 14, 15, 0, time.FixedZone("", 3600))
	card := link{Text: text, URL: "https://example.org/?a=1&b=" + text, At: at, Parts: []string{text, "b"}}
	p := &page{
		Name: text, Other: "<b>\"it's\" + 1 & \x00", HTML: template.HTML("<i>" + text + "</i>"), Count: n, Yes: n%2 == 1,
		Up: &card, Time: at, Card: card, Map: map[string]string{"a": text},
	}
	for i := range n & 7 {
		l := card
		l.Text = strings.Repeat("x", i)
		p.Links = append(p.Links, l)
		p.Ptrs = append(p.Ptrs, &l)
	}
	return p
}

// bySource parses a template and executes it as html/template does, so that it
// is ready to be compiled.
func bySource(t *testing.T, source string, data any) (set *template.Template, page string, err error) {
	t.Helper()
	set, err = template.New("page").Parse(source)
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	err = set.Execute(&b, data)
	return set, b.String(), err
}

// templates are templates as layouts have them. Each is compiled.
var templates = map[string]string{
	"text":                       "a & b",
	"a comment":                  "a{{/* b */}}c",
	"a field":                    "{{.Name}} {{.Other}}",
	"a field of a field":         "{{.Up.Text}} {{.Card.Text}}",
	"trusted HTML":               "{{.HTML}}",
	"a number":                   `{{.Count}} <b data-n="{{.Count}}">`,
	"a title":                    "<title>{{.Other}}</title>",
	"a quoted attribute":         `<b title="{{.Other}}" class='{{.Name}}'></b>`,
	"a link":                     `<a href="{{.Name}}">a</a><a href="{{.Up.URL}}">b</a><a href="/x/{{.Name}}">c</a>`,
	"a refresh":                  `<meta http-equiv="refresh" content="0; url={{.Up.URL}}">`,
	"if":                         "{{if .Yes}}a{{else if .Name}}b{{else}}c{{end}}",
	"if with a variable":         "{{if $x := .Name}}{{$x}}{{else}}none{{$x}}{{end}}",
	"with":                       "{{with .Up}}{{.Text}}{{else}}none{{end}}{{with .Nil}}{{.Text}}{{else}}none{{end}}",
	"with a variable":            "{{with $x := .Up}}{{$x.Text}} {{.Text}} {{$.Name}}{{end}}",
	"with something or other":    "{{with or .Name .Other}}{{.}}{{end}}",
	"range":                      "{{range .Links}}{{.Text}},{{else}}none{{end}}{{range .Empty}}a{{else}}none{{end}}",
	"range over pointers":        "{{range .Ptrs}}{{.Text}},{{end}}",
	"range with an index":        "{{range $i, $l := .Links}}{{if $i}}, {{end}}{{$i}}: {{$l.Text}}{{.Text}}{{end}}",
	"range with an element":      "{{range $l := .Links}}{{$l.Text}}{{end}}",
	"break and continue":         `{{range $i, $l := .Links}}{{if eq $i 1}}{{continue}}{{end}}{{if gt $i 3}}{{break}}{{end}}{{$i}}{{end}}`,
	"break out of an inner loop": `{{range .Links}}{{range .Parts}}{{.}}{{break}}{{end}};{{end}}`,
	"a variable that changes":    `{{$x := "a"}}{{range .Links}}{{if ne $x .Text}}<b>{{.Text}}</b>{{end}}{{$x = .Text}}{{end}}{{$x}}`,
	"a variable that is hidden":  `{{$x := .Name}}{{with .Up}}{{$x := .Text}}{{$x}}{{end}}{{$x}}`,
	"either of two types":        `{{$x := and .Links .Yes}}{{if $x}}a{{end}}{{if or $x .Name}}b{{end}}{{if not $x}}c{{end}}`,
	"and, or of strings":         `{{or .Name "none"}} {{and .Name .Other}} {{or .Name .Other "x"}}`,
	"equal":                      `{{if eq .Name "a" "b" .Other}}a{{end}}{{if eq .Count 1 2}}b{{end}}{{if eq .Yes true}}c{{end}}`,
	"compared":                   `{{if lt .Count 3}}a{{end}}{{if le .Name "m"}}b{{end}}{{if gt (len .Links) 2}}c{{end}}{{if ge .Count 2}}d{{end}}{{if ne .Yes false}}e{{end}}`,
	"length":                     `{{len .Name}} {{len .Links}} {{.Name | len}} {{len .Map}}`,
	"part of a text":             `{{if gt (len .Name) 3}}{{slice .Name 1 3}} {{slice .Name 2}} {{slice .Name}}{{end}}`,
	"an element":                 `{{if .Links}}{{(index .Links 0).Text}} {{index .Card.Parts 1}}{{end}}`,
	"printed":                    `{{print .Name .Count}} {{printf "%s-%03d" .Name .Count}} {{println .Yes}} {{.Name | printf "%q"}}`,
	"a method":                   `{{.Card.Label}} {{.Up.Label}} {{.Up.Pointed}} {{.Card.With "!"}} {{.Plus .Name "b"}}`,
	"a method in a chain":        `{{if .Links}}{{.First.Text}}{{end}}`,
	"a method that gets piped":   `{{.Name | .Card.With}}`,
	"a time":                     `{{.Time.Format "2006-01-02T15:04:05Z07:00"}} {{if .Zero.IsZero}}none{{end}} {{if not .Time.IsZero}}{{.Up.At.Format .Name}}{{end}}`,
	"another template":           `{{define "t"}}<i>{{.Text}}</i>{{end}}{{template "t" .Card}}{{template "t" .Up}}{{range .Links}}{{template "t" .}}{{end}}`,
	"a template of nothing":      `{{define "t"}}a{{end}}{{template "t"}}`,
	"a template with variables":  `{{define "t"}}{{$x := .Text}}{{range $i, $p := .Parts}}{{$i}}{{$p}}{{$x}}{{end}}{{end}}{{$y := .Name}}{{range .Links}}{{template "t" .}}{{$y}}{{end}}`,
	"numbers":                    `{{if eq .Count -1}}a{{end}}{{if lt .Count 100}}b{{end}}`,
	"trimmed":                    "a {{- .Name -}} b",
}

func TestACompiledTemplateWritesWhatHTMLTemplateWrites(t *testing.T) {
	for name, source := range templates {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{"", "a", "javascript:alert(1)", "https://example.org/é %zz %41 'x'", "<script>&amp;", "mailto:a@b", "x+y\x00\xff"} {
				for n := range 5 {
					data := samplePage(text, n)
					set, want, err := bySource(t, source, data)
					if err != nil {
						t.Fatal(err)
					}
					p, err := compile.Template(set, "page", reflect.TypeOf(data))
					if err != nil {
						t.Fatal(err)
					}
					got, err := p.Execute([]byte("before "), data)
					if err != nil || string(got) != "before "+want {
						t.Errorf("with %q and %d:\ngot  %q, %v\nwant %q", text, n, got, err, "before "+want)
					}
				}
			}
		})
	}
}

// The escaping functions are the standard library's own, written again. For every text
// of one or two bytes, and for the edges of Unicode, they must write the same.
func TestEscapersWriteWhatTheStandardLibraryWrites(t *testing.T) {
	texts := []string{""}
	for a := range 256 {
		texts = append(texts, string([]byte{byte(a)}))
		for b := range 256 {
			texts = append(texts, string([]byte{byte(a), byte(b)}))
		}
	}
	for _, r := range []rune{0x7F, 0x80, 0x7FF, 0x800, 0x2028, 0xD7FF, 0xE000, 0xFDD0, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x10FFFF} {
		texts = append(texts, string(r), "a"+string(r)+"<", string(r)+":b")
	}
	for _, s := range []string{"\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "%", "%4", "%41", "%zz", "%%41", "a:b", "A:b", "HTTP://x", "mailto:x", "javascript:x", "/:x", "a/b:c"} {
		texts = append(texts, s, s+"'", "\""+s)
	}
	for name, source := range map[string]string{
		"text":                    "{{.Name}}",
		"attribute":               `<b title="{{.Name}}">`,
		"title":                   "<title>{{.Name}}</title>",
		"link":                    `<a href="{{.Name}}">`,
		"link that begins before": `<a href="/x/{{.Name}}">`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := &page{}
			set, _, err := bySource(t, source, data)
			if err != nil {
				t.Fatal(err)
			}
			p, err := compile.Template(set, "page", reflect.TypeOf(data))
			if err != nil {
				t.Fatal(err)
			}
			var want bytes.Buffer
			var got []byte
			for _, data.Name = range texts {
				want.Reset()
				if err := set.Execute(&want, data); err != nil {
					t.Fatal(err)
				}
				if got, err = p.Execute(got[:0], data); err != nil || !bytes.Equal(got, want.Bytes()) {
					t.Fatalf("%q: got %q, %v, want %q", data.Name, got, err, want.Bytes())
				}
			}
		})
	}
}

func TestAnUnsupportedPartIsNotCompiled(t *testing.T) {
	for name, source := range map[string]string{
		"a script":                        "<script>var x = {{.Name}}</script>",
		"an attribute without quotes":     "<b title={{.Name}}>",
		"a style":                         `<b style="color: {{.Name}}">`,
		"HTML in an attribute":            `<b title="{{.HTML}}">`,
		"a time as it is":                 "{{.Time}}",
		"a truth as it is":                "{{.Yes}}",
		"a pointer":                       "{{.Nil}}",
		"range over a map":                "{{range .Map}}{{.}}{{end}}",
		"a map's element":                 "{{.Map.a}}",
		"a template in another context":   `{{define "t"}}{{.}}{{end}}<b title="{{template "t" .Name}}">`,
		"a function of another kind":      "{{urlquery .Name}}",
		"a variable of two types":         `{{$x := .Name}}{{$x = .Count}}{{$x}}`,
		"a method that may fail":          "{{.Card.Both}}",
		"a comparison of two kinds":       `{{if .Yes}}{{eq .Name .Count}}{{end}}`,
		"a fraction":                      `{{if .Empty}}{{lt .Count 1.5}}{{end}}`,
		"either of two types, as it is":   `{{or .Name .Count}}`,
		"range with a variable of before": `{{$x := .Card}}{{range $x = .Links}}{{end}}{{$x.Text}}`,
	} {
		t.Run(name, func(t *testing.T) {
			data := samplePage("a", 2)
			set, _, err := bySource(t, source, data)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := compile.Template(set, "page", reflect.TypeOf(data)); err == nil {
				t.Error("it was compiled")
			} else if !strings.Contains(err.Error(), "template page is not compiled: ") {
				t.Error(err)
			}
		})
	}
}

func TestAPossibleMistakeIsLeftToHTMLTemplate(t *testing.T) {
	for name, source := range map[string]string{
		"a field of nothing":             "a{{.Nil.Text}}",
		"a slice that is too long":       "a{{slice .Name 0 80}}",
		"a slice from the end":           "a{{slice .Name 2 1}}",
		"an element that is not there":   "a{{(index .Links 80).Text}}",
		"a method that panics":           "a{{.Card.Panics}}",
		"a template that calls itself":   `{{define "t"}}{{template "t" .}}{{end}}a{{if .Count}}{{template "t" .}}{{end}}`,
		"a method of nothing that fails": "a{{.Nil.Label}}",
	} {
		t.Run(name, func(t *testing.T) {
			data := samplePage("abc", 0)
			set, _, _ := bySource(t, source, data)
			p, err := compile.Template(set, "page", reflect.TypeOf(data))
			if err != nil {
				t.Fatal(err)
			}
			data.Count = 1
			out, err := p.Execute([]byte("before "), data)
			if string(out) != "before " {
				t.Errorf("got %q", out)
			}
			if panics := strings.Contains(name, "a method"); err == nil || panics == errors.Is(err, compile.ErrMistake) {
				t.Errorf("the error is %v; a method panics: %v", err, panics)
			}
		})
	}
	if p := program(t, "{{.Name}}"); p != nil {
		if out, err := p.Execute(nil, link{}); err == nil {
			t.Errorf("data of another type: %q", out)
		}
	}
}

func program(t *testing.T, source string) *compile.Program {
	t.Helper()
	data := samplePage("a", 1)
	set, _, err := bySource(t, source, data)
	if err != nil {
		t.Fatal(err)
	}
	p, err := compile.Template(set, "page", reflect.TypeOf(data))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ofMethod matches the panics of the methods of link.
var ofMethod = regexp.MustCompile(`by itself$|using nil \*link pointer$|nil pointer dereference$`)

// Whatever a template is: if it can be compiled and runs, html/template writes
// the same, and has no mistake to report.
func FuzzTemplate(f *testing.F) {
	for _, source := range templates {
		f.Add(source, "a<b", 3)
	}
	f.Fuzz(func(t *testing.T, source, text string, n int) {
		if len(source) > 2000 || len(text) > 200 || strings.Contains(source, "%") { // widths make printf slow
			return
		}
		data := samplePage(text, n)
		set, want, wantErr := bySource(t, source, data)
		if set == nil || wantErr != nil && want == "" && set.Tree == nil {
			return
		}
		p, err := compile.Template(set, "page", reflect.TypeOf(data))
		if err != nil {
			return
		}
		got, err := p.Execute(nil, data)
		switch {
		case errors.Is(err, compile.ErrMistake), err != nil && ofMethod.MatchString(err.Error()):
		case err != nil:
			t.Error(err)
		case wantErr != nil:
			t.Errorf("html/template: %v; compiled: %q", wantErr, got)
		case string(got) != want:
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

func BenchmarkPage(b *testing.B) {
	data := samplePage("text", 7)
	source := `<h1>{{.Name}}</h1><ol>{{range $i, $l := .Links}}<li><time>{{.At.Format "15:04"}}</time><a href="{{.URL}}"{{if $i}} class="b"{{end}}>{{.Text}}</a></li>{{end}}</ol>`
	set := template.Must(template.New("page").Parse(source))
	var buf bytes.Buffer
	if err := set.Execute(&buf, data); err != nil {
		b.Fatal(err)
	}
	p, err := compile.Template(set, "page", reflect.TypeOf(data))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("html-template", func(b *testing.B) {
		for b.Loop() {
			buf.Reset()
			if err := set.Execute(&buf, data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("compiled", func(b *testing.B) {
		var out []byte
		for b.Loop() {
			var err error
			if out, err = p.Execute(out[:0], data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
