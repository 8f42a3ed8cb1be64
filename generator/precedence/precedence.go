package precedence

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"

	"starpunk/generator/list"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/queue"

	"golang.org/x/text/unicode/norm"
)

// A Sources finds the sources of outputs: notes, the files of bundles, static files and
// uploads. Its methods may be called by several goroutines at once.
type Sources struct {
	cfg   *site.Config
	store *store.Builder
}

// New returns the Sources of a site.
func New(cfg *site.Config, s *store.Builder) *Sources { return &Sources{cfg, s} }

// fileAbove returns the static file, page or bundle that has a file where an output
// needs a folder; "" if there is none.
func (s *Sources) fileAbove(ctx context.Context, name string) (string, error) {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if by, err := s.PageOrFile(ctx, dir); by != "" || err != nil {
			return by, err
		}
	}
	return "", nil
}

// PageOrFile returns the static file, or the source of the page or of the bundle, that
// has an output; "" if none has.
func (s *Sources) PageOrFile(ctx context.Context, name string) (string, error) {
	return s.PageOrFileBelow(ctx, name, s.store.ByPermalink)
}

// PageOrFileBelow is PageOrFile for a caller with its own way to find the note at the
// address of a folder: noteAt returns [store.ErrNotExist] if there is none.
func (s *Sources) PageOrFileBelow(ctx context.Context, name string, noteAt func(ctx context.Context, address string) (*store.Row, error)) (string, error) {
	if source, err := s.store.Outputs.Covered(ctx, name); source != "" || err != nil {
		return source, err
	}
	row, err := s.store.ByPermalink(ctx, "/"+name)
	if err == nil && row.HasPage {
		return "content/" + row.File, nil
	}
	if err != nil && !errors.Is(err, store.ErrNotExist) {
		return "", err
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		row, err := noteAt(ctx, "/"+dir+"/")
		if errors.Is(err, store.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		for _, f := range s.Bundle(row) {
			if row.HasPage && f.Output == name {
				return "content/" + row.File, nil
			}
		}
	}
	return "", nil
}

// AttachmentBlocked returns the source that takes precedence over the copy of an
// attachment; "" if there is none.
func (s *Sources) AttachmentBlocked(ctx context.Context, c queue.Copy) (string, error) {
	if own := site.OwnFile("/" + c.Output); own != "" {
		return "the site's own " + own, nil
	}
	by, err := s.PageOrFile(ctx, c.Output)
	if by == c.Source || s.wasRenamed(by, c.Source) {
		return "", err
	}
	return by, err
}

// RedirectBlocked returns the source that prevents a redirect page at an address,
// because it has a file where the page needs a folder; "" if there is none.
func (s *Sources) RedirectBlocked(ctx context.Context, address string) (string, error) {
	if own := site.OwnFile(address); own != "" {
		return "the site's own " + own, nil
	}
	for dir := path.Dir(site.OutputFile(address)); dir != "."; dir = path.Dir(dir) {
		if list.IsFile("/" + dir) {
			return "the site's own /" + dir, nil
		}
		owner := s.store.Outputs.Covered
		if strings.Contains(path.Base(dir), ".") { // like most files of pages and bundles: a Writer finds the others
			owner = s.PageOrFile
		}
		if by, err := owner(ctx, dir); by != "" || err != nil {
			return by, err
		}
	}
	return "", nil
}

// wasRenamed reports whether a source is the new name of one that does not exist any
// more: the same name in the other Unicode form.
func (s *Sources) wasRenamed(from, to string) bool {
	if norm.NFC.String(from) != norm.NFC.String(to) {
		return false
	}
	_, err := os.Lstat(filepath.Join(s.cfg.Root, filepath.FromSlash(from)))
	return errors.Is(err, os.ErrNotExist)
}
