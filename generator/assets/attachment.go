package assets

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

// Attach copies the attachments that a page shows or links to, before the
// page is written. A page, a bundle or a static file takes precedence. It returns the copies,
// which the caller records with the page. Several goroutines may call it at once.
func (c *Copier) Attach(ctx context.Context, file string, links map[string]string) (copies []queue.Copy, warnings []string, err error) {
	for _, source := range slices.Sorted(maps.Keys(links)) {
		attached, ok := strings.CutPrefix(source, "content/")
		if !ok {
			continue
		}
		name := filepath.Join(c.cfg.ContentDir(), filepath.FromSlash(attached))
		info, err := os.Lstat(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // it was removed a moment ago: the next scan finds that
		}
		if err != nil {
			return nil, nil, fmt.Errorf("copy %s: %w", source, err)
		}
		made := queue.NewCopy(source, norm.NFC.String(attached), info)
		known, err := c.store.Copies.Of(ctx, source)
		if err != nil {
			return nil, nil, err
		}
		by, err := c.sources.AttachmentBlocked(ctx, made)
		if by == "" && err == nil && known != made {
			by, err = c.writer.Copy(ctx, made.Output, name)
		}
		switch {
		case errors.Is(err, os.ErrNotExist), errors.Is(err, output.ErrSource):
			warnings = append(warnings, fmt.Sprintf("content/%s:1: shows %s, which can't be read", file, source))
		case err != nil:
			return nil, nil, err
		case by != "":
			warnings = append(warnings, fmt.Sprintf("content/%s:1: the address /%s of %s belongs to %s", file, made.Output, source, by))
		default: // also a copy that exists: the page that showed it before may drop it meanwhile
			copies = append(copies, made)
		}
	}
	return copies, warnings, nil
}
