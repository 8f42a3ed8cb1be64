package generator

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"starpunk/generator/list"
	"starpunk/generator/render"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/queue"
)

const batchLists = 256 // lists that are written and recorded together

// buildListBatches writes lists batch by batch, as long as nothing is more urgent.
func (g *Generator) buildListBatches(ctx, stop context.Context, number int64, lists []queue.ListState) error {
	sortLists(lists)
	for batch := range slices.Chunk(lists, batchLists) {
		if err := g.buildLists(ctx, number, batch, nil); err != nil {
			return err
		}
		if more, err := g.mayContinue(ctx, stop); err != nil || !more {
			return err
		}
	}
	return nil
}

// buildLists writes lists and records them. waited are notes that clients wait for: the
// lists are all that show these notes and are stale.
func (g *Generator) buildLists(ctx context.Context, number int64, lists []queue.ListState, waited []*store.Row) error {
	defer g.render.EndBatch()
	sortLists(lists)
	results := make([]queue.ListResult, len(lists))
	owners, err := g.ownersOf(ctx, lists)
	if err != nil {
		return err
	}
	for from := 0; from < len(lists); {
		to := from + 1
		for to < len(lists) && listOrder(&lists[to]) == listOrder(&lists[from]) {
			to++
		}
		err := onAllCores(to-from, func(n int) error {
			i := from + n
			now, err := g.buildList(ctx, lists[i], owners)
			results[i] = queue.ListResult{Old: lists[i], Now: now}
			return err
		})
		if err != nil {
			return err
		}
		from = to
	}
	if err := g.store.Lists.Mark(ctx, number, results, waited); err != nil {
		return err
	}
	return g.advance(ctx, stageLists, len(lists))
}

// An owners has the sources that take precedence over the outputs of some lists, as far
// as these outputs were expected.
type owners struct {
	expected map[string][]string          // outputs by the addresses of the lists
	taken    map[string]map[string]string // sources of static files and pages, likewise by output
}

// ownersOf looks up, with one query, the sources that take precedence over the outputs
// that some lists had, or are expected to have.
func (g *Generator) ownersOf(ctx context.Context, lists []queue.ListState) (owners, error) {
	o := owners{expected: make(map[string][]string, len(lists))}
	for _, l := range lists {
		names := append([]string{site.OutputFile(l.Address)}, l.Outputs...)
		if l.Address == site.FeedList {
			names = append(names, site.AtomFeed[1:], site.JSONFeed[1:])
		}
		o.expected[l.Address] = names
	}
	var err error
	o.taken, err = g.store.Outputs.TakenOf(ctx, o.expected)
	return o, err
}

// taken returns the sources that take precedence over files of a list, by the names of the
// files.
func (g *Generator) taken(ctx context.Context, o owners, address string, files []render.File) (map[string]string, error) {
	names := make([]string, len(files))
	expected := true
	for i, f := range files {
		names[i] = f.Name
		expected = expected && slices.Contains(o.expected[address], f.Name)
	}
	if expected {
		return o.taken[address], nil
	}
	return g.store.Outputs.Taken(ctx, address, names)
}

// The order in which lists are written. A list without an output precedes the lists that
// link to it. Then follow the lists that most readers see.
const (
	newLists    = iota
	namingLists // lists that link to other lists
	seenLists
	otherLists
)

// listOrder returns the place of a list in the order.
func listOrder(l *queue.ListState) int {
	address := list.Parse(l.Address)
	switch {
	case address.NamesLists():
		return namingLists
	case l.Address == site.HomeList, l.Address == site.FeedList:
		return seenLists
	case len(l.Outputs) == 0 && address.Kind != list.TypeFeed && address.Kind != list.TagFeed:
		return newLists
	}
	return otherLists
}

func sortLists(lists []queue.ListState) {
	slices.SortStableFunc(lists, func(a, b queue.ListState) int { return listOrder(&a) - listOrder(&b) })
}

// buildList writes the outputs of one list, or of the redirect at the address of an empty
// one. There are none if both are empty or shadowed.
func (g *Generator) buildList(ctx context.Context, old queue.ListState, owners owners) (queue.ListState, error) {
	now := queue.ListState{Address: old.Address}
	files, err := g.render.List(ctx, g.plan, &old, &now)
	if err != nil {
		return now, fmt.Errorf("list %s: %w", old.Address, err)
	}
	if len(files) == 0 {
		files, err = g.redirect(ctx, old.Address)
		if err != nil {
			return now, fmt.Errorf("redirect %s: %w", old.Address, err)
		}
		now.Redirect = len(files) > 0
	}
	if old.Redirect || now.Redirect {
		g.redirectMaps.Change(old.Address)
	}
	taken, err := g.taken(ctx, owners, old.Address, files)
	if err != nil {
		return now, err
	}
	var shadowed []shadowedOutput
	for _, f := range files {
		by := taken[f.Name]
		if by == "" && !f.Same {
			by, err = g.writer.WriteList(ctx, f.Name, f.Data)
		}
		if f.Page {
			g.render.Theme().Reuse(f.Data)
		}
		if err != nil {
			return now, err
		}
		if by == "" {
			now.Outputs = append(now.Outputs, f.Name)
		} else {
			shadowed = append(shadowed, shadowedOutput{f.Name, by})
		}
	}
	now.Shadowed = len(files) > 0 && len(now.Outputs) == 0
	now.Warnings = shadowedWarnings(old.Address, shadowed)
	return now, nil
}

// A shadowedOutput is an output of a list over which another source takes precedence.
type shadowedOutput struct {
	output string
	by     string // "content/tags.md"
}

// shadowedWarnings returns a warning for each page that shadows a list or a part of
// it. A static file is put there on purpose, and a redirect is not a list.
func shadowedWarnings(address string, shadowed []shadowedOutput) (warnings []string) {
	var seen []string
	for _, s := range shadowed {
		if !strings.HasPrefix(s.by, "content/") || slices.Contains(seen, s.by) || list.Parse(address).Kind == list.None {
			continue
		}
		seen = append(seen, s.by)
		warnings = append(warnings, fmt.Sprintf("%s:1: its page shadows the list /%s", s.by, strings.TrimSuffix(s.output, "index.html")))
	}
	return warnings
}
