package generator

import "context"

// Progress is the progress of one stage of a build.
type Progress struct {
	Doing string // the stage: "reading", "copying", "pages", "lists"
	Done  int
	Total int // 0: not known
}

const (
	stageNotes = "pages"
	stageLists = "lists"
)

// A progress counts the notes and lists that a build has done.
type progress struct {
	report func(Progress) // nil: nothing is counted or reported
	now    Progress
}

// begin reports the begin of a stage.
func (p *progress) begin(stage string) {
	if p.report != nil {
		p.now = Progress{Doing: stage}
		p.report(p.now)
	}
}

// advance reports that n more notes or lists are done. It counts the stale ones only at
// the begin of a stage, or if there are more than counted: a count takes too long for each
// batch.
func (g *Generator) advance(ctx context.Context, doing string, n int) error {
	p := &g.progress
	if p.report == nil || p.now.Doing == "" { // no stage began yet
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
	p.report(p.now)
	return nil
}
