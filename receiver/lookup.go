package receiver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"starpunk/site"
	"starpunk/site/store"
)

const maxLookups = 3 // of a note whose file changes all the time

// find returns the note with an address, which may be a former one, and reads its
// file. If the file was saved since the index was updated, find updates the index
// and looks the address up again: another note may have the address now, or the
// note may be hidden. An error about the file comes together with the row.
func (rc *Receiver) find(ctx context.Context, address string) (*store.Row, *site.Note, error) {
	for try := 1; ; try++ {
		row, err := rc.lookUp(ctx, address)
		if err != nil {
			return nil, nil, err
		}
		n, same, readErr := rc.store.ReadRow(row)
		if same {
			return row, n, readErr
		}
		if err := rc.store.Refresh(ctx, row.File); err != nil {
			return nil, nil, err
		}
		refreshed, err := rc.store.ByFile(ctx, row.File)
		if err != nil {
			return nil, nil, err
		}
		if refreshed != nil && refreshed.Hash == row.Hash { // a bundle, whose hash depends on its other files too
			return row, n, readErr
		}
		if try == maxLookups { // another program keeps writing to it; a change checks it again under the lock
			if n != nil && n.Permalink(rc.cfg.Permalink) != row.Permalink {
				return nil, nil, fmt.Errorf("%w: content/%s", store.ErrConflict, row.File)
			}
			return row, n, readErr
		}
	}
}

// lookUp returns the row of the note with an address from the index.
func (rc *Receiver) lookUp(ctx context.Context, address string) (*store.Row, error) {
	permalink := permalinkOf(rc.cfg, address)
	if permalink == "" {
		return nil, errUnknownURL()
	}
	row, err := rc.store.ByPermalink(ctx, permalink)
	if errors.Is(err, store.ErrNotExist) && !strings.HasSuffix(permalink, "/") {
		row, err = rc.store.ByPermalink(ctx, permalink+"/")
	}
	if errors.Is(err, store.ErrNotExist) && path.Ext(permalink) != ".html" {
		row, err = rc.store.ByAlias(ctx, strings.TrimSuffix(permalink, "/")+"/")
	} else if errors.Is(err, store.ErrNotExist) {
		row, err = rc.store.ByAlias(ctx, permalink)
	}
	if errors.Is(err, store.ErrNotExist) {
		return nil, errUnknownURL()
	}
	return row, err
}

// findWritable returns the row of the note that a client wants to change. The
// front page is not such a note.
func (rc *Receiver) findWritable(ctx context.Context, address string) (*store.Row, error) {
	if address == "" {
		return nil, invalid("url is missing; it must be the address of the note.")
	}
	row, _, err := rc.find(ctx, address)
	switch {
	case row == nil:
		return nil, err
	case row.Kind == site.KindHome:
		return nil, errUnknownURL()
	case row.Status == store.StatusDeleted:
		return row, nil // its file need not be readable before it is restored
	}
	return row, fileError(err)
}

func errUnknownURL() *Error { return invalid("url is not the address of a note on this site.") }

// fileError turns an error about the file of a note into a response with 409: the
// request is valid, and the author must correct the file (RFC 9110 §15.5.10). An
// [*Error] stays unchanged, because it is about the request.
func fileError(err error) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	if e, ok := errors.AsType[*site.SyntaxError](err); ok {
		return errConflict(err, "The file of the note cannot be changed: %s.", e)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return errConflict(err, "The file of the note is missing. Its page stays until the deletion is certain.")
	}
	return err
}
