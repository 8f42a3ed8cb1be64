package importer

import (
	"cmp"
	"fmt"
	"slices"
)

// A Report lists the imported notes and the findings of an import.
type Report struct {
	From    Tool
	Notes   []Imported
	Files   int // of bundles
	Present int // notes that were on the site already
	Drafts  int // of Notes
	HTML    int // of Notes: with HTML in their Markdown

	Static    []string   // folders of the old site whose files its pages may show
	Redirects []Redirect // lines for the configuration

	Findings []Finding
	Skipped  int // of Findings: about skipped files
}

// An Imported is an imported note.
type Imported struct {
	From string // relative to the working directory, or absolute
	To   string // "content/notes/2026/11/22-hello.md"
}

// A Finding is a part of the old site that the owner should look at.
type Finding struct {
	File string // relative to the working directory, or absolute
	Line int
	Kind string // for counting: "key weight", "tag figure"
	Text string
}

func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text) }

// Skipped is the kind of findings about skipped files.
const Skipped = "skipped"

// alreadyHere is the kind of findings about notes that may be on the site already.
const alreadyHere = "already here"

// maxFindings is the largest number of findings about one file.
const maxFindings = 100

func (r *Report) find(file string, line int, kind, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{file, line, kind, fmt.Sprintf(format, args...)})
}

// skip reports a file that is not imported.
func (r *Report) skip(file string, line int, format string, args ...any) {
	r.Skipped++
	r.find(file, line, Skipped, "skipped: "+format, args...)
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
