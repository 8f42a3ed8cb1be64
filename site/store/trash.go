package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/query"
)

// Delete moves the note in content/file to the trash, without a change of its bytes. A
// bundle moves with its whole folder, unless the folder has other notes. An older deleted
// file of the same name is kept: it gets another name.
//
// The note must have that permalink: otherwise the error wraps [ErrConflict]. If the file
// does not exist, the error is [ErrNotExist], or nil if the file is in the trash already. If
// it can't be read as a note, the error is a [*site.SyntaxError]: a client could not find it
// in the trash again. When Delete returns without an error the move is durable, or the
// failure after it is logged and Indexed is false.
func (s *Store) Delete(ctx context.Context, file, permalink string) (Changed, error) {
	return s.move(ctx, file, path.Join(site.TrashDir, file), permalink)
}

// Undelete moves the note in content/file, a path in the trash, back to its former path. It
// never replaces a file: then the error wraps [ErrExist].
func (s *Store) Undelete(ctx context.Context, file, permalink string) (Changed, error) {
	return s.move(ctx, file, strings.TrimPrefix(file, site.TrashDir+"/"), permalink)
}

// InTrash reports whether a deleted note has a permalink, also if another note has it now.
func (s *Store) InTrash(ctx context.Context, permalink string) (is bool, err error) {
	return s.db.Has(ctx, "in_trash", query.Args{":permalink": permalink})
}

func (s *Store) move(ctx context.Context, from, to, permalink string) (Changed, error) {
	lock, err := s.content.Lock(ctx)
	if err != nil {
		return Changed{}, err
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	for _, file := range []string{from, to} {
		if err := s.content.CheckLinks(file); err != nil {
			return Changed{}, fmt.Errorf("move content/%s: %w", from, err)
		}
	}
	synced := true
	_, n, err := s.load(from)
	if errors.Is(err, ErrNotExist) && s.content.Exists(to) { // moved a moment ago
		_, n, err = s.load(to)
	} else if err == nil && n.Permalink(s.cfg.Permalink) != permalink {
		err = fmt.Errorf("%w: content/%s is another note now", ErrConflict, from)
	} else if err == nil {
		synced, err = s.moveNote(from, to)
	}
	if err != nil {
		return Changed{}, err
	}
	c := Changed{File: to, OldFile: from, OldPermalink: n.Permalink(s.cfg.Permalink)}
	c.Permalink = c.OldPermalink // it depends only on the path below the trash
	c.Hash, c.Indexed = s.indexer.update(ctx, to, from, aside(to))
	c.Indexed = c.Indexed && synced
	return c, nil
}

// moveNote moves a file, or the folder of a bundle.
func (s *Store) moveNote(from, to string) (synced bool, err error) {
	if content.IsBundle(from) && s.content.IsOnlyNote(from) {
		s.disk.RemoveEmpty(s.content.Path(content.Dir(to))) // a move that was cut short may have left it
		if !s.content.Exists(content.Dir(to)) {
			from, to = content.Dir(from), content.Dir(to)
		}
	}
	source, target := s.content.Path(from), s.content.Path(to)
	if err := s.disk.MakeDirs(s.cfg.Root, filepath.Dir(target)); err != nil {
		return false, fmt.Errorf("move content/%s: %w", from, err)
	}
	err = s.disk.MoveTo(source, target)
	if errors.Is(err, fs.ErrExist) && strings.HasPrefix(to, site.TrashDir+"/") {
		err = s.makeRoom(source, target, s.content.Path(s.freeAside(to)))
	}
	if errors.Is(err, fs.ErrExist) {
		return false, fmt.Errorf("move content/%s: %w: content/%s", from, ErrExist, to)
	}
	if err != nil {
		return false, fmt.Errorf("move content/%s: %w", from, err)
	}
	return s.syncDirs(filepath.Dir(target), filepath.Dir(source)), nil
}

// makeRoom moves a note to a name in the trash that an older one has. The older one gets
// another name.
func (s *Store) makeRoom(source, target, other string) error {
	if err := s.disk.MoveTo(target, other); err != nil {
		return err
	}
	err := s.disk.MoveTo(source, target)
	if err != nil {
		_ = s.disk.MoveTo(other, target) // as it was; if it fails, a scan finds the file at its new name
	}
	return err
}

// aside returns the new name of an older deleted file.
func aside(file string) string {
	ext := path.Ext(file)
	return strings.TrimSuffix(file, ext) + ".old" + ext
}

// freeAside returns the first such name that is free.
func (s *Store) freeAside(file string) string {
	name := aside(file)
	for try := 2; s.content.Exists(name); try++ {
		ext := path.Ext(file)
		name = fmt.Sprintf("%s.old-%d%s", strings.TrimSuffix(file, ext), try, ext)
	}
	return name
}
