package generator

import (
	"context"

	"starpunk/generator/list"
	"starpunk/generator/plan"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/queue"
	"starpunk/site/store/table"
)

// sync brings the plan up to date with the index, or loads it.
func (g *Generator) sync(ctx context.Context) error {
	if g.plan == nil {
		return g.loadPlan(ctx)
	}
	rows, err := g.store.Notes.Changed(ctx, g.plan.Rev())
	if err != nil {
		return err
	}
	g.plan.Sync(rows)
	return nil
}

func (g *Generator) loadPlan(ctx context.Context) error {
	rows, err := g.store.Notes.Briefs(ctx)
	if err != nil {
		return err
	}
	var recorded plan.Record
	if recorded.Tags, err = g.store.Lists.Tags(ctx); err != nil {
		return err
	}
	if recorded.Months, err = g.store.Lists.Months(ctx); err != nil {
		return err
	}
	p := plan.New(g.publishedUntil)
	marks := g.marksOfEffects(p, p.Load(rows, recorded))
	if len(marks.Neighbours)+len(marks.Lists)+len(marks.Tags) > 0 {
		if err := g.store.Notes.Mark(ctx, 0, marks); err != nil {
			return err
		}
	}
	if g.restyle != nil {
		p.Touch()
	}
	g.plan = p
	return nil
}

// isRestyling reports whether some pages must be rendered again with changed layouts.
func (g *Generator) isRestyling() bool {
	if g.restyle == nil {
		return false
	}
	if g.plan == nil {
		return true
	}
	ids, _ := g.plan.Next(1)
	return len(ids) > 0
}

// publishedUntil returns the moment up to which notes are published, in seconds since
// the Unix epoch: in a preview, the end of time.
func (g *Generator) publishedUntil() int64 {
	if g.cfg.Preview {
		return 1 << 60
	}
	return g.now().Unix()
}

// rows returns the rows of some pending notes, except rows that were removed. The rows of a
// first build are not read again.
func (g *Generator) rows(ctx context.Context, ids []int64) ([]*store.Row, error) {
	rows := make([]*store.Row, 0, len(ids))
	var others []int64
	for _, id := range ids {
		if b, ok := g.plan.Fresh(id); ok {
			rows = append(rows, g.store.Notes.RowOf(b))
		} else {
			others = append(others, id)
		}
	}
	read, err := g.store.Notes.Rows(ctx, others)
	return append(rows, read...), err
}

// neighbours returns the neighbours of each of some rows, nil for a row that lists do not
// show.
func (g *Generator) neighbours(rows []*store.Row) []*plan.Neighbours {
	briefs := make([]table.Brief, len(rows))
	for i, r := range rows {
		briefs[i] = r.Brief(0)
	}
	g.plan.Update(briefs)
	found := make([]*plan.Neighbours, len(rows))
	for i, r := range rows {
		if n := g.plan.At(r.ID); n != nil && r.Listed {
			prev, next := g.plan.Around(n)
			found[i] = &plan.Neighbours{Prev: prev, Next: next}
		}
	}
	return found
}

// marksOf adds the results of a batch to the plan. It returns them with everything that
// became stale by them.
func (g *Generator) marksOf(ids []int64, results []queue.Result) queue.Marks {
	missing := make(map[int64]bool, len(ids))
	for _, id := range ids {
		missing[id] = true
	}
	planned := make([]plan.Result, 0, len(ids))
	for i := range results {
		r := &results[i]
		delete(missing, r.Row.ID)
		planned = append(planned, plan.Result{
			Brief:      r.Row.Brief(r.Beside),
			Linked:     r.Row.Listed && r.Built != nil && r.Built.Permalink == r.Row.Permalink,
			Unrendered: r.KeepsPage(),
			Scheduled:  r.Row.Future && r.Built == nil && !r.Row.Gone,
		})
	}
	for id := range missing { // the row was removed
		planned = append(planned, plan.Result{Brief: table.Brief{ID: id}})
	}
	marks := g.marksOfEffects(g.plan, g.plan.Mark(planned))
	marks.Results = results
	return marks
}

// marksOfEffects returns the built marks that make the effects of a batch stale in the
// index.
func (g *Generator) marksOfEffects(p *plan.Plan, effects plan.Effects) queue.Marks {
	marks := queue.Marks{Neighbours: effects.Neighbours}
	for _, month := range effects.Months {
		marks.Lists = append(marks.Lists, site.YearOf(site.HomeList, month[:len("2006")]), site.SitemapIndex)
	}
	for _, t := range effects.Tags {
		marks.Tags = append(marks.Tags, store.Tag{Address: t.Address, Spelled: t.Now})
		marks.Lists = append(marks.Lists, site.TagsList)
		if t.Was != "" && t.Now != "" {
			marks.Lists = append(marks.Lists, list.OfTag(g.cfg, t.Address, p.TagYears(t.Address))...)
		}
	}
	return marks
}
