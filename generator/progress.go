package generator

import "context"

// Progress is how far a build has come with what it is doing.
type Progress struct {
	Doing string // "reading", "copying", "pages", "lists"
	Done  int
	Total int // 0: not known
}

const (
	stageNotes = "pages"
	stageLists = "lists"
)

// A progress counts what a build has done, if anybody wants to know.
type progress struct {
	tell func(Progress) // nil: nobody does
	now  Progress
}

// begin says what is done from now on.
func (p *progress) begin(doing string) {
	if p.tell != nil {
		p.now = Progress{Doing: doing}
		p.tell(p.now)
	}
}

// advance reports that n more notes or lists are done. What is left is counted
// where one follows the other: it would take too long for each batch.
func (g *Generator) advance(ctx context.Context, doing string, n int) error {
	p := &g.progress
	if p.tell == nil || p.now.Doing == "" { // nothing was begun yet
		return nil
	}
	if p.now.Doing != doing || p.now.Done+n > p.now.Total {
		notes, lists, err := g.store.Left(ctx)
		if err != nil {
			return err
		}
		done := 0
		if p.now.Doing == doing {
			done = p.now.Done
		}
		left := notes
		if doing == stageLists {
			left = lists
		}
		p.now = Progress{doing, done, done + n + left}
	}
	p.now.Done += n
	p.tell(p.now)
	return nil
}
