package generator

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"starpunk/generator/deadlink"
	"starpunk/generator/output"
	"starpunk/generator/redirect"
	"starpunk/site"
	"starpunk/site/store"
)

// A Report has the numbers and the problems of a build.
type Report struct {
	Written   int64         `json:"written"`   // new and changed files
	Unchanged int64         `json:"unchanged"` // rendered files that already had the same bytes
	Removed   int64         `json:"removed"`
	Problems  []string      `json:"problems"` // skipped files, each with the reason; the hook build.after, if it failed
	Warnings  []string      `json:"warnings"`
	Duration  time.Duration `json:"nanoseconds"`
}

// report returns the numbers and the problems of a build that began at start.
func (g *Generator) report(ctx context.Context, start time.Time) (*Report, error) {
	problems, err := g.store.Problems(ctx)
	if err != nil {
		return nil, err
	}
	notices, err := g.store.Notices(ctx)
	if err != nil {
		return nil, err
	}
	warnings, err := lastingWarnings(ctx, g.cfg, g.store, g.out)
	if err != nil {
		return nil, err
	}
	written, unchanged, removed := g.out.Counts()
	r := &Report{
		Written: written, Unchanged: unchanged, Removed: removed,
		Problems: append(append([]string{}, problems...), g.assets.Skipped()...), Warnings: append(append([]string{}, notices...), warnings...), Duration: time.Since(start), // lists in JSON, too
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	r.Warnings = append(r.Warnings, g.render.Theme().Warnings...)
	for _, remark := range g.moves {
		r.Warnings = append(r.Warnings, remark)
	}
	slices.SortFunc(r.Warnings, compareWarnings)
	return r, nil
}

// setMoveRemark sets the remark about a note whose address changed, "" for none. It is
// reported until this process ends: the next build does not have the former address.
func (g *Generator) setMoveRemark(file, remark string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.moves, file)
	if remark != "" {
		g.moves[file] = remark
	}
}

// Warnings returns the warnings of the last [Generator.Build] that hold until a file
// changes. Nothing is built.
func Warnings(ctx context.Context, cfg *site.Config, s *store.Store) ([]string, error) {
	out := output.At(cfg.Build.Output)
	if out.Deleted() {
		return nil, nil
	}
	return lastingWarnings(ctx, cfg, s.Builder(), out)
}

// lastingWarnings returns the warnings that hold until their files are corrected.
func lastingWarnings(ctx context.Context, cfg *site.Config, b *store.Builder, out *output.Folder) ([]string, error) {
	warnings, err := b.Warnings(ctx)
	if err != nil {
		return nil, err
	}
	nav, err := deadlink.New(cfg, b, out).NavWarnings(ctx)
	if err != nil {
		return nil, err
	}
	redirects, err := redirect.New(cfg, b).Warnings(ctx, out)
	if err != nil {
		return nil, err
	}
	warnings = slices.Concat(warnings, nav, redirects)
	slices.SortFunc(warnings, compareWarnings)
	return warnings, nil
}

var warningPlace = regexp.MustCompile(`^(.*?):(\d+): `)

// compareWarnings orders "content/a.md:9: …" by file and then by line.
func compareWarnings(a, b string) int {
	m, n := warningPlace.FindStringSubmatch(a), warningPlace.FindStringSubmatch(b)
	if m == nil || n == nil || m[1] != n[1] {
		return strings.Compare(a, b)
	}
	i, _ := strconv.Atoi(m[2]) // digits; one that is out of range sorts as the largest
	j, _ := strconv.Atoi(n[2])
	return cmp.Or(cmp.Compare(i, j), strings.Compare(a, b))
}
