package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"starpunk/site"
	"starpunk/site/store/content"
)

// maxUpdateTries bounds how often an update starts from a file that another program
// changed meanwhile.
const maxUpdateTries = 3

// conflictPause lets a program finish that is writing the file.
const conflictPause = 10 * time.Millisecond

// A Changed is a note's file that was changed or moved.
type Changed struct {
	File      string // relative to content/, where it is now
	Permalink string
	Hash      content.Hash
	Indexed   bool // false: the change is made, but a later step failed; the next save or scan repairs that

	OldFile      string // where it was before
	OldPermalink string
}

// Update changes the note in content/file, which keeps its name. change receives the
// note as the file has it now. The properties that it sets are written, and nothing else
// of the file changes (see [site.Note.Edit]). An error of change ends the update. If
// another program saves the file meanwhile, the update starts again from the text of that
// program: change may be called more than once. After three times the error wraps
// [ErrConflict].
//
// When the permalink changes, the old one is added to the aliases, unless it was never
// public. A slug that is taken gets a number, as in [Store.Create].
//
// If the file does not exist, the error is [ErrNotExist]; if it can't be edited, it is a
// [*site.SyntaxError]. When Update returns without an error the note is durable.
func (s *Store) Update(ctx context.Context, file string, change func(*site.Note) error) (Changed, error) {
	lock, err := s.content.Lock(ctx)
	if err != nil {
		return Changed{}, err
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	for try := 1; ; try++ {
		changed, err := s.updateOnce(ctx, file, change)
		if !errors.Is(err, ErrConflict) || try == maxUpdateTries {
			return changed, err
		}
		time.Sleep(conflictPause)
	}
}

func (s *Store) updateOnce(ctx context.Context, file string, change func(*site.Note) error) (Changed, error) {
	if err := s.content.CheckLinks(file); err != nil {
		return Changed{}, fmt.Errorf("update content/%s: %w", file, err)
	}
	before, n, err := s.load(file)
	if err != nil {
		return Changed{}, err
	}
	public := s.maybePublic(n)
	c := Changed{File: file, OldFile: file, OldPermalink: n.Permalink(s.cfg.Permalink)}
	if err := change(n); err != nil {
		return Changed{}, err
	}
	if err := s.address(ctx, n, c.OldPermalink, public); err != nil {
		return Changed{}, err
	}
	c.Permalink = n.Permalink(s.cfg.Permalink)
	after, err := n.Edit(before, s.cfg.Location)
	if err != nil {
		return Changed{}, err
	}
	synced, err := s.replace(s.content.Path(file), before, after)
	if err != nil {
		return Changed{}, fmt.Errorf("update content/%s: %w", file, err)
	}
	c.Hash, c.Indexed = s.indexer.update(ctx, file)
	c.Indexed = c.Indexed && synced
	return c, nil
}

// load reads a note with the bytes of its file. If the file does not exist, the error wraps
// [ErrNotExist].
func (s *Store) load(file string) ([]byte, *site.Note, error) {
	data, n, err := s.content.Read(file)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: content/%s", ErrNotExist, file)
	}
	return data, n, err
}

// maybePublic reports whether readers may have the address of a note: a scheduled
// note has no page yet, and a draft that waits for its date never had one.
func (s *Store) maybePublic(n *site.Note) bool {
	return !(n.Draft && n.Undated) && !n.Published.After(s.now())
}

// address finds a free address for a note whose address changes. If the old one was
// public, it leads to the new one.
func (s *Store) address(ctx context.Context, n *site.Note, old string, public bool) error {
	wanted := n.Slug
	for try := 2; n.Permalink(s.cfg.Permalink) != old; try++ {
		taken, err := s.taken(ctx, n)
		if err != nil {
			return err
		}
		if !taken {
			break
		}
		if try > maxSlugTries {
			return fmt.Errorf("no free slug like %q after %d tries", wanted, maxSlugTries)
		}
		n.Rename(fmt.Sprintf("%s-%d", wanted, try))
	}
	now := n.Permalink(s.cfg.Permalink)
	if now == old {
		return nil
	}
	n.Aliases = slices.DeleteFunc(n.Aliases, func(a string) bool { return a == now || a == old })
	if public {
		n.Aliases = append(n.Aliases, old)
	}
	return nil
}

// replace replaces the bytes before of a file by after, whole and durable, or fails and
// leaves the file as it is. The file keeps its permissions.
func (s *Store) replace(name string, before, after []byte) (synced bool, err error) {
	if bytes.Equal(before, after) {
		return true, nil
	}
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, ErrConflict
	}
	if err != nil {
		return false, err
	}
	dir := filepath.Dir(name)
	temp, err := s.disk.WriteTemp(dir, bytes.NewReader(after), info.Mode().Perm())
	if err != nil {
		return false, err
	}
	if err := s.disk.Replace(temp, name, before, after); err != nil {
		return false, err
	}
	return s.syncDirs(dir), nil
}

// syncDirs makes the names in some folders durable. The change took effect already and
// can't be undone: a failure is logged, and the next save or scan tries again.
func (s *Store) syncDirs(dirs ...string) (synced bool) {
	synced = true
	for dir, err := range s.disk.SyncDirs(dirs...) {
		s.log.Error("a change is made, but may be lost if the power fails now", "folder", dir, "error", err)
		synced = synced && !slices.Contains(dirs, dir)
	}
	return synced
}
