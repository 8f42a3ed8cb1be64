package precedence

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"strings"

	"starpunk/generator/output"
	"starpunk/site/store/queue"
)

// A Writer writes outputs, and removes other outputs that block them and do not take
// precedence. Its methods may be called by several goroutines at once.
type Writer struct {
	sources *Sources
	out     *output.Folder
}

// Writer returns a Writer for an output folder.
func (s *Sources) Writer(out *output.Folder) *Writer { return &Writer{s, out} }

// WritePage writes the page of a note that no static file shadows. by is the source that
// takes precedence, "" if there is none.
func (w *Writer) WritePage(ctx context.Context, name string, html []byte) (by string, err error) {
	// Of two pages that are built at this moment either may be written first, and
	// the one that is a file takes precedence. Folders with a dot are rare.
	if strings.Contains(path.Dir(name), ".") && path.Dir(name) != "." {
		if by, err = w.sources.fileAbove(ctx, name); by != "" || err != nil {
			return by, err
		}
	}
	return w.put(ctx, name, false, func() error { return w.out.Write(name, html) })
}

// WriteList writes a file of a list or of a redirect, over which pages and static files take
// precedence. by is the source that does, "" if there is none.
func (w *Writer) WriteList(ctx context.Context, name string, data []byte) (by string, err error) {
	return w.put(ctx, name, true, func() error { return w.out.Write(name, data) })
}

// Copy copies a file of a bundle or an attachment that no static file shadows. by is the
// source that takes precedence, "" if there is none.
func (w *Writer) Copy(ctx context.Context, name, source string) (by string, err error) {
	return w.put(ctx, name, false, func() error { return w.out.Copy(name, source) })
}

// CopyOver copies a static file or an upload. It takes precedence over all other files at
// its path: the index makes their pages and lists stale, which are then shadowed.
func (w *Writer) CopyOver(ctx context.Context, c queue.Copy) error {
	source := filepath.Join(w.sources.cfg.Root, filepath.FromSlash(c.Source))
	err := w.out.Copy(c.Output, source)
	if !errors.Is(err, output.ErrBlocked) {
		return err
	}
	if err := w.sources.store.Outputs.Displace(ctx, c.Output); err != nil {
		return err
	}
	if err := w.out.Clear(c.Output); err != nil {
		return err
	}
	return w.out.Copy(c.Output, source)
}

// put writes an output with the function write. If a file or a folder without precedence
// blocks its path, such as a list or a leftover of a deleted note, put removes it. by is
// the source that takes precedence; if there is one, nothing is written. If below is
// true, pages below the output, as if it were a folder, take precedence, too.
func (w *Writer) put(ctx context.Context, name string, below bool, write func() error) (by string, err error) {
	err = write()
	if !errors.Is(err, output.ErrBlocked) {
		return "", err
	}
	if by, err := w.sources.fileAbove(ctx, name); by != "" || err != nil {
		return by, err
	}
	if by, err := w.sources.store.Outputs.Below(ctx, name, below); by != "" || err != nil {
		return by, err
	}
	if err := w.out.Clear(name); err != nil {
		return "", err
	}
	return "", write()
}
