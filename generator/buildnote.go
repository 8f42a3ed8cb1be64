package generator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sync/atomic"

	"starpunk/generator/list"
	"starpunk/generator/output"
	"starpunk/generator/plan"
	"starpunk/generator/render"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/queue"
	"starpunk/site/store/table"

	"golang.org/x/sync/errgroup"
)

const (
	batchNotes = 256            // rows that are rendered and recorded together
	stepNotes  = 8 * batchNotes // rows of one step: a batch is rendered while the one before it is recorded
)

// buildWaited writes the pages of notes that clients wait for, and their lists.
func (g *Generator) buildWaited(ctx context.Context, number int64, ids []int64) error {
	all := func() (more bool, err error) { return true, nil }
	results, err := g.buildPages(ctx, number, ids, all)
	if err != nil {
		return err
	}
	touched := map[string]bool{}
	rows := make([]*store.Row, len(results))
	for i := range results {
		rows[i] = results[i].Row
		for _, b := range []*table.Built{rows[i].Built, results[i].Built} {
			if b != nil {
				for _, address := range b.Lists {
					touched[address] = true
					touched[list.Parse(address).NamedBy()] = true
				}
			}
		}
	}
	stale, err := g.store.Lists.Stale(ctx)
	if err != nil {
		return err
	}
	stale = slices.DeleteFunc(stale, func(l queue.ListState) bool { return !touched[l.Address] })
	if len(stale) == 0 && g.store.Finished(number) {
		return nil // no list shows these notes
	}
	return g.buildLists(ctx, number, stale, rows)
}

// buildPages writes the pages of some notes, and records each batch of them while it
// renders the next. After each batch, more reports whether to render another one.
func (g *Generator) buildPages(ctx context.Context, number int64, ids []int64, more func() (bool, error)) ([]queue.Result, error) {
	results := make([]queue.Result, 0, len(ids))
	var marking errgroup.Group
	for batch := range slices.Chunk(ids, batchNotes) {
		done, err := g.renderPages(ctx, batch)
		if err = errors.Join(marking.Wait(), err); err != nil {
			return nil, err
		}
		results = append(results, done...)
		marks := g.marksOf(batch, done)
		marking.Go(func() error {
			if err := g.store.Notes.Mark(ctx, number, marks); err != nil {
				return err
			}
			return g.advance(ctx, stageNotes, len(batch))
		})
		again, err := more()
		if err != nil {
			return nil, errors.Join(marking.Wait(), err)
		}
		if !again {
			break
		}
	}
	return results, marking.Wait()
}

// renderPages writes the pages of a batch of notes, on all cores.
func (g *Generator) renderPages(ctx context.Context, ids []int64) ([]queue.Result, error) {
	rows, err := g.rows(ctx, ids)
	if err != nil {
		return nil, err
	}
	g.changed.add(rows)
	beside := g.neighbours(rows)
	covered, err := g.store.Outputs.CoveredOf(ctx, outputsOf(rows))
	if err != nil {
		return nil, err
	}
	results := make([]queue.Result, len(rows))
	err = onAllCores(len(rows), func(i int) (err error) {
		results[i], err = g.buildNote(ctx, rows[i], beside[i], covered)
		return err
	})
	return results, err
}

// outputsOf returns the outputs of the pages of some rows.
func outputsOf(rows []*store.Row) []string {
	names := make([]string, 0, len(rows))
	for _, r := range rows {
		if r.HasPage {
			names = append(names, site.OutputFile(r.Permalink))
		}
	}
	return names
}

// onAllCores calls do for each number below n, until one call fails. It starts one
// goroutine for each core, not for each number: each grows its stack for SQLite once.
func onAllCores(n int, do func(i int) error) error {
	var group errgroup.Group
	var started atomic.Int64
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() error {
			for {
				i := int(started.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := do(i); err != nil {
					started.Store(int64(n))
					return err
				}
			}
		})
	}
	return group.Wait()
}

// buildNote writes the outputs of one row. covered has the static files that shadow pages,
// by the outputs of these.
func (g *Generator) buildNote(ctx context.Context, row *store.Row, beside *plan.Neighbours, covered map[string]string) (queue.Result, error) {
	result := queue.Result{Row: row, Built: row.Built}
	if row.Problem != "" && !row.Withheld {
		result.Built = builtBefore(row)
		return result, nil
	}
	if !row.HasPage {
		var err error
		result.Built, err = g.writeGoneFile(ctx, row)
		return result, err
	}
	note, same, err := g.store.TakeRow(row)
	var syntax *site.SyntaxError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &syntax) {
		// The file changed after the index read it.
		return result, g.store.Refresh(ctx, row.File)
	}
	if err != nil {
		return result, err
	}
	aliases, _ := g.cfg.AliasPaths(note)
	result.Built = &table.Built{
		Hash: row.Hash, Permalink: row.Permalink, Published: row.Published,
		Lists: append(list.Of(g.cfg, row), aliases...),
	}
	if row.Kind == site.KindHome {
		err = g.buildHomeText(ctx, &result, note)
	} else {
		err = g.buildPage(ctx, &result, note, same, beside, covered)
	}
	return result, err
}

// builtBefore returns the built mark of a note whose file has a mistake: its last good page
// stays, and so do its lists.
func builtBefore(row *store.Row) *table.Built {
	if row.Built == nil {
		return nil
	}
	built := *row.Built
	built.Hash = row.Hash
	return &built
}

// buildHomeText copies the attachments of content/index.md and records its links. The text
// is rendered again with the front page.
func (g *Generator) buildHomeText(ctx context.Context, result *queue.Result, note *site.Note) error {
	home, err := g.render.HomeText(ctx, result.Row, note)
	if err != nil {
		return err
	}
	result.Links, result.OwnLinks, result.Built.Warnings = home.Links, home.OwnLinks, home.Warnings
	return g.attach(ctx, result)
}

// buildPage renders the page of a note, and writes it after the files that it shows. It
// adds the outputs, links and warnings to the result. For same see [render.Renderer.Page].
func (g *Generator) buildPage(ctx context.Context, result *queue.Result, note *site.Note, same bool, beside *plan.Neighbours, covered map[string]string) error {
	row, built := result.Row, result.Built
	page, err := g.render.Page(ctx, row, note, same, beside)
	if err != nil {
		return err
	}
	result.Links, result.OwnLinks, result.Beside = page.Links, page.OwnLinks, beside.Sum()
	g.render.CacheNote(row, note, same, page, built.Lists)
	if built.Outputs, err = g.writeBundle(ctx, row, page); err != nil {
		return err
	}
	if err := g.attach(ctx, result); err != nil {
		return err
	}
	name := site.OutputFile(row.Permalink)
	by := covered[name]
	if by == "" {
		by, err = g.writer.WritePage(ctx, name, page.Data)
		g.render.Theme().Reuse(page.Data)
	}
	switch {
	case err != nil:
		return err
	case by == "":
		built.Outputs = append(built.Outputs, name)
	default:
		page.Warnings = append(page.Warnings, fmt.Sprintf("content/%s:1: its address %s belongs to %s", row.File, row.Permalink, by))
	}
	err = g.checkAddress(ctx, row, note, page)
	built.Warnings = append(built.Warnings, page.Warnings...)
	return err
}

// writeBundle copies the files of a bundle and returns their outputs. A static file takes
// precedence.
func (g *Generator) writeBundle(ctx context.Context, row *store.Row, page *render.Page) (outputs []string, err error) {
	for _, f := range page.Bundle {
		by, err := g.store.Outputs.Covered(ctx, f.Output)
		if by == "" && err == nil {
			by, err = g.writer.Copy(ctx, f.Output, f.Source)
		}
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, output.ErrSource) {
			continue // it was removed, or the store reports why it is skipped; its folder is scanned again
		}
		if err != nil {
			return nil, fmt.Errorf("bundle content/%s: %w", row.File, err)
		}
		if by != "" {
			page.Warnings = append(page.Warnings, fmt.Sprintf("content/%s:1: the address of its file /%s belongs to %s", row.File, f.Output, by))
			continue
		}
		outputs = append(outputs, f.Output)
	}
	return outputs, nil
}

// attach copies the attachments of a page before the page is written, and adds the copies
// to its result.
func (g *Generator) attach(ctx context.Context, r *queue.Result) error {
	copies, warnings, err := g.assets.Attach(ctx, r.Row.File, r.Links)
	r.Copies = copies
	r.Built.Warnings = append(r.Built.Warnings, warnings...)
	return err
}
