package generator

import (
	"context"
	"errors"
	"time"

	"starpunk/generator/deadlink"
)

// publish builds everything that is stale: pages first, then the lists that link to
// them, then removals. A note that a client waits for is built before all others, with
// its lists. When ctx ends, publish finishes the current batch: the rest stays stale.
func (g *Generator) publish(ctx context.Context) (err error) {
	start := time.Now()
	restyled := false
	var last int64 // number of the last step
	defer g.render.EndBuild()
	defer func() { g.render.CloseCache(restyled) }()
	defer func() {
		if err != nil {
			g.interrupted = max(g.interrupted, last)
			g.plan = nil // it may have results that the index does not have
		}
	}()
	stop, ctx := ctx, context.WithoutCancel(ctx)
	if err := g.followClock(ctx); err != nil {
		return err
	}
	if g.plan != nil {
		g.plan.Retry()
	}
	if err := g.buildSteps(ctx, stop, &last); err != nil {
		return err
	}
	if g.interrupted != 0 {
		if err := g.sweep(ctx); err != nil {
			return err
		}
	}
	if err := g.redirectMaps.Save(ctx); err != nil {
		return err
	}
	if err := deadlink.New(g.cfg, g.store, g.out).Check(ctx); err != nil {
		return err
	}
	if g.restyle != nil {
		g.restyle, g.styled, restyled = nil, g.restyle, true
	}
	g.count(start, last != 0)
	if last == 0 {
		return nil
	}
	g.unsynced = last
	if g.store.Finished(last) {
		return nil
	}
	return g.store.MarkAll(ctx, last)
}

// followClock makes the notes stale that became due, and the notes that are in the future
// again because the clock was corrected.
func (g *Generator) followClock(ctx context.Context) error {
	if err := g.store.RebuildWhenDue(ctx); err != nil {
		return err
	}
	hidden, err := g.store.Rewind(ctx)
	if err != nil {
		return err
	}
	if hidden > 0 && !g.clockBehind {
		g.log.Warn("the clock is behind the last build; the notes that it puts into the future stay public", "notes", hidden)
	}
	g.clockBehind = hidden > 0
	return g.store.RefreshTimed(ctx)
}

// buildSteps does steps until no output is stale or stop ends. It sets last to the number
// of the last step.
func (g *Generator) buildSteps(ctx, stop context.Context, last *int64) error {
	idle := 0
	for {
		if err := stop.Err(); err != nil {
			return err
		}
		if g.store.Finished(*last) {
			return nil
		}
		waiting, err := g.store.Waiting(ctx)
		if err != nil {
			return err
		}
		if !waiting && !g.isRestyling() {
			return nil
		}
		if err := g.store.AssignDueAddresses(ctx); err != nil {
			return err
		}
		if err := g.sync(ctx); err != nil {
			return err
		}
		if *last, err = g.store.Begin(ctx); err != nil {
			return err
		}
		worked, err := g.step(ctx, stop, *last)
		if err != nil {
			return err
		}
		if worked {
			idle = 0
		} else if idle++; idle > 2 {
			return errIdle
		} else {
			g.plan = nil // it may not have the state of the index, unless there was only an upload
		}
	}
}

// errIdle is the error of a build that finds nothing to do, though the index has
// something.
var errIdle = errors.New("the index has something left to do that can't be found")

// step does some batches of the most urgent kind of work, fewer if stop ends. It
// reports whether there were any.
func (g *Generator) step(ctx, stop context.Context, number int64) (worked bool, err error) {
	if err := g.assets.Uploads(ctx, number); err != nil {
		return false, err
	}
	ids, waited := g.plan.Next(stepNotes)
	if len(ids) > 0 {
		if g.leftovers, g.capitals, err = g.store.Notes.NeedsNameChecks(ctx); err != nil {
			return false, err
		}
		if waited {
			return true, g.buildWaited(ctx, number, ids)
		}
		if err := g.openContents(len(ids)); err != nil {
			return false, err
		}
		_, err = g.buildPages(ctx, number, ids, func() (more bool, err error) { return g.mayContinue(ctx, stop) })
		return true, err
	}
	lists, err := g.store.Lists.Stale(ctx)
	if err != nil {
		return false, err
	}
	if len(lists) > 0 {
		return true, g.buildListBatches(ctx, stop, number, lists)
	}
	removed, err := g.removeOutputs(ctx, number)
	return removed > 0, err
}

// mayContinue reports whether a step may do one more batch: stop has not ended, and
// nothing is more urgent.
func (g *Generator) mayContinue(ctx, stop context.Context) (bool, error) {
	if stop.Err() != nil {
		return false, nil
	}
	urgent, err := g.store.Urgent(ctx)
	return !urgent, err
}

// openContents opens the cache of rendered content, if a step renders enough pages for
// it.
func (g *Generator) openContents(pages int) error {
	if pages < batchNotes && g.restyle == nil {
		return nil
	}
	f, err := g.fingerprint()
	if err != nil {
		return err
	}
	g.render.OpenCache(f.Meaning)
	return nil
}

// removeOutputs removes the outputs that no row has any more. No page links to them.
func (g *Generator) removeOutputs(ctx context.Context, number int64) (removed int, err error) {
	outputs, err := g.store.Outputs.Removals(ctx)
	if err != nil || len(outputs) == 0 {
		return 0, err
	}
	for _, name := range outputs {
		owned, err := g.store.Outputs.Owned(ctx, name)
		if err != nil {
			return 0, err
		}
		if owned {
			continue
		}
		if err := g.out.Remove(name); err != nil {
			return 0, err
		}
	}
	return len(outputs), g.store.Outputs.MarkRemoved(ctx, number, outputs)
}

// sweep removes files that no row has: once for each output folder, and after a build that
// was interrupted or failed, because it may have written files that are not recorded.
func (g *Generator) sweep(ctx context.Context) error {
	swept, err := g.store.Outputs.Swept(ctx, g.outID)
	if err != nil || swept && g.interrupted == 0 {
		return err
	}
	if !g.out.New || g.interrupted != 0 { // a folder that was made a moment ago has no files of others
		wanted := map[string]bool{}
		if err := g.store.Outputs.All(ctx, func(name string) { wanted[name] = true }); err != nil {
			return err
		}
		if err := g.out.Sweep(ctx, wanted); err != nil {
			return err
		}
	}
	g.out.New = false // it is full: folders are rarely missing from now on
	g.unsynced = max(g.unsynced, g.interrupted)
	g.interrupted = 0
	return g.store.Outputs.MarkSwept(ctx, g.outID)
}

// makeDurable syncs the outputs, so that their built marks count after a crash.
func (g *Generator) makeDurable(ctx context.Context) error {
	if g.unsynced == 0 {
		return nil
	}
	if err := g.out.Sync(); err != nil {
		return err
	}
	if err := g.store.MarkSafe(ctx, g.unsynced); err != nil {
		return err
	}
	if g.styled != nil {
		if err := g.store.MarkStyled(ctx, *g.styled); err != nil {
			return err
		}
		g.styled = nil
	}
	g.unsynced = 0
	return nil
}
