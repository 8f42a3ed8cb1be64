package generator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"starpunk/generator/output"
	"starpunk/site/store/queue"

	"golang.org/x/text/unicode/norm"
)

// attach copies the attachments of a page before the page is written, and adds the copies
// to its result.
func (g *Generator) attach(ctx context.Context, r *queue.Result) error {
	copies, warnings, err := g.copyAttached(ctx, r.Row.File, r.Links)
	r.Copies = copies
	r.Built.Warnings = append(r.Built.Warnings, warnings...)
	return err
}

// copyAttached copies the attachments that a page shows or links to, before the
// page is written. A page, a bundle or a static file takes precedence.
func (g *Generator) copyAttached(ctx context.Context, file string, links map[string]string) (copies []queue.Copy, warnings []string, err error) {
	for _, source := range slices.Sorted(maps.Keys(links)) {
		attached, ok := strings.CutPrefix(source, "content/")
		if !ok {
			continue
		}
		name := filepath.Join(g.cfg.ContentDir(), filepath.FromSlash(attached))
		info, err := os.Lstat(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // it was removed a moment ago: the next scan finds that
		}
		if err != nil {
			return nil, nil, fmt.Errorf("copy %s: %w", source, err)
		}
		c := queue.NewCopy(source, norm.NFC.String(attached), info)
		known, err := g.store.Copies.Of(ctx, source)
		if err != nil {
			return nil, nil, err
		}
		by, err := g.sources.AttachmentBlocked(ctx, c)
		if by == "" && err == nil && known != c {
			by, err = g.writer.Copy(ctx, c.Output, name)
		}
		switch {
		case errors.Is(err, os.ErrNotExist), errors.Is(err, output.ErrSource):
			warnings = append(warnings, fmt.Sprintf("content/%s:1: shows %s, which can't be read", file, source))
		case err != nil:
			return nil, nil, err
		case by != "":
			warnings = append(warnings, fmt.Sprintf("content/%s:1: the address /%s of %s belongs to %s", file, c.Output, source, by))
		default: // also a copy that exists: the page that showed it before may drop it meanwhile
			copies = append(copies, c)
		}
	}
	return copies, warnings, nil
}
