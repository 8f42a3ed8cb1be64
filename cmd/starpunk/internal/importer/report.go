package importer

import (
	"cmp"
	"fmt"
	"slices"
)

// A Report says what was brought over, and what was not.
type Report struct {
	From   Tool
	Notes  []Imported
	Files  int // of bundles
	There  int // notes that were there already
	Drafts int // of Notes
	HTML   int // of Notes: those with HTML in their Markdown

	Static    []string   // folders of the old site whose files its pages may show
	Redirects []Redirect // lines for the configuration, for addresses that no note has

	Findings []Finding
	Lost     int // of Findings: those for which a file was left out
}

// An Imported is one note that was brought over.
type Imported struct {
	From string // as the caller would name it
	To   string // "content/notes/2026/11/22-hello.md"
}

// A Finding is something that needs a hand.
type Finding struct {
	File string // as the caller would name it
	Line int
	Kind string // what findings are counted by: "key weight", "tag figure"
	Text string
}

func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text) }

// LeftOut is the kind of the findings for which a file was left out.
const LeftOut = "left out"

// thereAlready is the kind of those about notes that may be there already.
const thereAlready = "there already"

// maxFindings is how much is reported of one file.
const maxFindings = 100

func (r *Report) find(file string, line int, kind, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{file, line, kind, fmt.Sprintf(format, args...)})
}

// lose reports a file that is left out.
func (r *Report) lose(file string, line int, format string, args ...any) {
	r.Lost++
	r.find(file, line, LeftOut, "left out: "+format, args...)
}

func (r *Report) imported(p *page) {
	r.Notes = append(r.Notes, Imported{p.where, "content/" + p.note.File})
	if p.note.Draft {
		r.Drafts++
	}
	if p.hasHTML {
		r.HTML++
	}
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}
