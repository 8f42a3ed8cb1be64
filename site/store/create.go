package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/durable"
	"starpunk/site/store/query"
)

// maxSlugTries bounds how often the index is searched for a free slug: "hello",
// "hello-2", …. A slug of a file of the same month needs no search.
const maxSlugTries = 10_000

// A Created is a note that was written.
type Created struct {
	File      string // relative to content/
	Permalink string
	Hash      content.Hash
	Indexed   bool // false: the note is made, but a later step failed; the next save or scan repairs that
	Again     bool // it was written before, by the same request
}

// A Digest represents a request that makes a note: equal requests have equal digests.
// The zero Digest represents no request.
type Digest [sha256.Size]byte

// Create writes a new note to content/notes/YYYY/MM/DD-SLUG.md, by the date of
// n.Published. n.Slug is the wanted slug, as [site.MakeSlug] or [site.ChosenSlug] make it;
// if it is taken, also by a draft or a deleted note, a number is appended. Create sets
// n.File and n.Slug. A file that exists is never replaced.
//
// When Create returns without an error the note is made, and durable: the file,
// its folder and the parents of new folders are synced. If the folder could not be
// synced, the note is made, too: that is logged, and Indexed is false.
func (s *Store) Create(ctx context.Context, n *site.Note) (Created, error) {
	return s.CreateOnce(ctx, n, Digest{})
}

// CreateOnce is [Store.Create] for a request that may be received twice. If the request
// made a note less than a minute ago, and the file has not changed, CreateOnce returns that
// note and writes nothing. This holds also when the process died in between, when another
// process received the first request, and when the index, which has the requests, was
// lost.
func (s *Store) CreateOnce(ctx context.Context, n *site.Note, request Digest) (Created, error) {
	if n.Slug == "" || site.ChosenSlug(n.Slug) != n.Slug {
		return Created{}, fmt.Errorf("%q is not a slug", n.Slug)
	}
	lock, err := s.content.Lock(ctx)
	if err != nil {
		return Created{}, err
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	c := &creation{store: s, note: n, request: request, dir: monthDir(n.Published)}
	if made, err := c.madeBefore(ctx); err != nil || made.Again {
		return made, err
	}
	if err := c.checkLinks(); err != nil {
		return Created{}, err
	}
	if c.siblings, err = c.slugsIn(c.dir); err != nil {
		return Created{}, err
	}
	if made, err := c.madeUnknown(ctx); err != nil || made.Again {
		return made, err
	}
	return c.writeOnce(ctx)
}

// A creation is one call of [Store.CreateOnce], under the content lock.
type creation struct {
	store    *Store
	note     *site.Note
	request  Digest
	dir      string          // of the new note
	siblings map[string]bool // slugs of files in dir
}

// checkLinks returns an error if the folder of the note, or of deleted notes like it, is
// behind a symbolic link.
func (c *creation) checkLinks() error {
	for _, dir := range []string{c.dir, path.Join(site.TrashDir, c.dir)} {
		if err := c.store.content.CheckLinks(dir + "/x"); err != nil {
			return fmt.Errorf("write note: %w", err)
		}
	}
	return nil
}

// writeOnce writes the new note to the first file that is free, with the slug that it wants
// or a number after it.
func (c *creation) writeOnce(ctx context.Context) (Created, error) {
	n, wanted := c.note, c.note.Slug
	for try, searched := 1, 0; searched < maxSlugTries; try++ {
		n.Slug = numbered(wanted, try)
		if c.siblings[n.Slug] {
			continue
		}
		searched++
		n.File = path.Join(c.dir, n.Published.Format("02-")+n.Slug+".md")
		n.Kind = site.KindNote
		taken, err := c.store.taken(ctx, n)
		if err != nil {
			return Created{}, err
		}
		if taken {
			continue
		}
		created, err := c.write(ctx)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		return created, err
	}
	return Created{}, fmt.Errorf("no free slug like %q after %d tries", wanted, maxSlugTries)
}

// write writes the new note to its file.
func (c *creation) write(ctx context.Context) (Created, error) {
	s, n := c.store, c.note
	data, err := n.Format()
	if err != nil {
		return Created{}, fmt.Errorf("write note %s: %w", n.File, err)
	}
	created := Created{File: n.File, Permalink: n.Permalink(s.cfg.Permalink), Hash: sha256.Sum256(data)}
	c.remember(ctx, created)
	name := s.content.Path(n.File)
	if err := s.disk.MakeDirs(s.cfg.Root, filepath.Dir(name)); err != nil {
		return Created{}, fmt.Errorf("write note %s: %w", n.File, err)
	}
	if err := s.disk.CreateFile(name, bytes.NewReader(data)); err != nil {
		return Created{}, fmt.Errorf("write note %s: %w", n.File, err)
	}
	if err := s.content.CheckLinks(n.File); err != nil { // a folder was replaced at this moment
		return Created{}, errors.Join(fmt.Errorf("write note %s: %w", n.File, err), s.disk.Remove(name))
	}
	synced := s.syncDirs(filepath.Dir(name))
	created.Hash, created.Indexed = s.indexer.update(ctx, n.File)
	created.Indexed = created.Indexed && synced
	return created, nil
}

// slugsIn returns the slugs of the files in the folder of a month, and in the same folder
// of the trash, as far as the new note or an older one like it may want them. The index has them,
// too, except those of files that another program wrote a moment ago.
func (c *creation) slugsIn(dir string) (map[string]bool, error) {
	begin := c.note.Slug
	if isTimeSlug(c.note) {
		begin = "" // each second has another
	}
	slugs := map[string]bool{}
	for _, d := range []string{dir, path.Join(site.TrashDir, dir)} {
		names, err := namesIn(c.store.content.Path(d))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("look for slugs that are taken: %w", err)
		}
		for _, name := range names {
			name = strings.TrimSuffix(strings.TrimSuffix(name, ".markdown"), ".md")
			if len(name) > 3 && name[2] == '-' {
				name = name[3:] // without the day
			}
			if strings.HasPrefix(name, begin) {
				slugs[name] = true
			}
		}
	}
	return slugs, nil
}

// numbered returns the slug of a try: "hello", "hello-2", ….
func numbered(slug string, try int) string {
	if try == 1 {
		return slug
	}
	return fmt.Sprintf("%s-%d", slug, try)
}

// monthDir returns the folder below content/ of the notes of a month.
func monthDir(t time.Time) string { return path.Join("notes", t.Format("2006"), t.Format("01")) }

// namesIn returns the names in a folder, in any order.
func namesIn(dir string) ([]string, error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|durable.NoFollowNoWait, 0)
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	return names, errors.Join(err, f.Close())
}

// taken reports whether the address of n belongs to a note in the index, or to a redirect
// of the configuration.
func (s *Store) taken(ctx context.Context, n *site.Note) (taken bool, err error) {
	if _, ok := s.cfg.RedirectFrom(n.Permalink(s.cfg.Permalink)); ok {
		return true, nil
	}
	return s.db.Has(ctx, "taken", query.Args{":permalink": n.Permalink(s.cfg.Permalink), ":file": n.File})
}

// CheckPlace returns an error that wraps [ErrLink] if a note of that time cannot be
// created, since a folder on the way to it is a symbolic link.
func (s *Store) CheckPlace(published time.Time) error {
	return s.content.CheckLinks(monthDir(published) + "/x")
}
