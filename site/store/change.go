package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"starpunk/site"

	"zombiezen.com/go/sqlite"
)

// maxUpdateTries is how often an update starts again from a file that changed
// under it.
const maxUpdateTries = 3

// A Changed is a note's file that was changed or moved.
type Changed struct {
	File      string // relative to content/, where it is now
	Permalink string
	Hash      Hash
	Indexed   bool // false: the change is made, but something failed after it; the next scan heals that

	OldFile      string // where it was before
	OldPermalink string
}

// Update changes the note in content/file, which keeps its name. change is
// handed the note as the file has it now; what it sets is written, and nothing
// else of the file changes (see [site.Note.Edit]). An error of its own ends the
// update. If another program saves the file meanwhile, the update starts again
// from what that program wrote: change may be called more than once. After
// three times the error wraps [ErrConflict].
//
// When the permalink changes, the old one is added to the aliases, and a slug
// that is taken gets a number, as in [Store.Create].
//
// A file that is no more is [ErrNotExist]; one that can't be edited is a
// [*site.SyntaxError]. When Update returns without an error the note is
// durable.
func (s *Store) Update(ctx context.Context, file string, change func(*site.Note) error) (Changed, error) {
	lock, err := acquire(ctx, s.cfg.LockDir(), contentLock)
	if err != nil {
		return Changed{}, err
	}
	defer func() { _ = lock.Unlock() }() // the kernel frees it at the latest when we end
	for range maxUpdateTries {
		changed, err := s.updateOnce(ctx, file, change)
		if !errors.Is(err, ErrConflict) {
			return changed, err
		}
	}
	return Changed{}, fmt.Errorf("update content/%s: %w", file, ErrConflict)
}

func (s *Store) updateOnce(ctx context.Context, file string, change func(*site.Note) error) (Changed, error) {
	before, n, err := s.load(file)
	if err != nil {
		return Changed{}, err
	}
	c := Changed{File: file, OldFile: file, OldPermalink: n.Permalink(s.cfg.Permalink)}
	if err := change(n); err != nil {
		return Changed{}, err
	}
	if err := s.address(ctx, n, c.OldPermalink); err != nil {
		return Changed{}, err
	}
	c.Permalink = n.Permalink(s.cfg.Permalink)
	after, err := n.Edit(before, s.cfg.Location)
	if err != nil {
		return Changed{}, err
	}
	synced, err := s.replace(s.contentPath(file), before, after)
	if err != nil {
		return Changed{}, fmt.Errorf("update content/%s: %w", file, err)
	}
	c.Hash, c.Indexed = s.learn(ctx, file)
	c.Indexed = c.Indexed && synced
	return c, nil
}

// load reads a note with the bytes of its file.
func (s *Store) load(file string) ([]byte, *site.Note, error) {
	name := s.contentPath(file)
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%w: content/%s", ErrNotExist, file)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read note: %w", err)
	}
	data, problem, err := readNote(name, info)
	if err != nil {
		return nil, nil, fmt.Errorf("read note: %w", err)
	}
	if problem != "" {
		return nil, nil, &site.SyntaxError{File: "content/" + file, Line: 1, Msg: problem}
	}
	n, err := site.Parse(file, data, s.cfg.Location)
	return data, n, err
}

// address finds a free address for a note that leaves its old one, and has the
// old one lead there.
func (s *Store) address(ctx context.Context, n *site.Note, old string) error {
	wanted := n.Slug
	for try := 2; n.Permalink(s.cfg.Permalink) != old; try++ {
		taken, err := s.taken(ctx, n, nil)
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
	n.Aliases = append(n.Aliases, old)
	return nil
}

// replace puts after in the place of before, whole and durable, or fails and
// leaves what is there. The file keeps its permissions.
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
	temp := filepath.Join(dir, tempPrefix+rand.Text()+".tmp")
	if err := writeFile(temp, after); err != nil {
		return false, err
	}
	err = os.Chmod(temp, info.Mode().Perm())
	if err == nil {
		err = renameUnlessChanged(temp, name, before)
	}
	if err != nil {
		return false, errors.Join(err, os.Remove(temp))
	}
	return s.syncDirs(dir), nil
}

// renameUnlessChanged renames a file over another that still has the bytes it
// had. Between the look and the rename lie microseconds.
func renameUnlessChanged(temp, name string, before []byte) error {
	now, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil || !bytes.Equal(now, before) {
		return ErrConflict
	}
	return os.Rename(temp, name)
}

// syncDirs makes a rename durable. It took effect already, so that there is no
// way back: a failure is logged.
func (s *Store) syncDirs(dirs ...string) (synced bool) {
	synced = true
	for _, dir := range dirs {
		if err := syncDir(dir); err != nil {
			s.log.Error("a change is made, but may be lost if the power fails now", "error", err)
			synced = false
		}
	}
	return synced
}

// learn brings the index up to date for a file that somebody waits for, and
// for others that changed with it. What fails here the next scan heals.
func (s *Store) learn(ctx context.Context, file string, others ...string) (hash Hash, indexed bool) {
	sources := map[string]*source{}
	var err error
	for _, name := range append(others, file) {
		src, readErr := s.readSource(name)
		if readErr != nil && !errors.Is(readErr, fs.ErrNotExist) {
			err = readErr
		}
		sources[name] = src
	}
	if src := sources[file]; src != nil {
		hash = src.hash
	}
	if err == nil {
		err = s.write(context.WithoutCancel(ctx), func(conn *sqlite.Conn) error {
			for name, src := range sources {
				if err := s.learnOne(conn, name, src); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		s.log.Error("note is written but not indexed; the next scan will find it", "file", "content/"+file, "error", err)
	}
	return hash, err == nil
}

func (s *Store) learnOne(conn *sqlite.Conn, name string, src *source) error {
	old, err := s.rowByFile(conn, name)
	if err != nil {
		return err
	}
	if src == nil {
		return s.drop(conn, old, todoWaited)
	}
	return s.put(conn, old, src, todoWaited)
}
