package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// If most files are missing at once, a disk may not be mounted, or another program
// may be in the middle of its work. The outputs of the files stay until it is certain
// that their owner deleted them.
const (
	fewMissing  = 10          // up to this many files count as deleted, unless the folder is empty
	fewStatic   = 2           // up to this many are all that static/ of a small site has: they count as deleted, too
	secondLook  = time.Minute // if the same files are missing after it, they count as deleted
	heldKey     = "held "     // key in the index, followed by the name of the folder
	maxExamples = 3
)

// guarded lists the folders whose files do not count as deleted when most of them
// are missing at once.
var guarded = []string{"content", "static", "media"}

// A Loss is a set of files of one folder that are in the index and missing on disk.
type Loss struct {
	Folder   string   // "content", "static", "media"
	Files    []string // with slashes
	Appeared int      // files that the same look found new: files that moved are not lost
	Whole    bool     // the whole folder was compared

	// Known counts the files of the folder in the index, with the missing ones, and
	// stops at limit.
	Known func(ctx context.Context, limit int) (int, error)
}

// A heldLoss is a loss that is not believed yet, as it is stored in the index.
type heldLoss struct {
	Since    int64    `json:"since"` // when these files were first found missing; seconds since the Unix epoch
	Files    int      `json:"files"`
	Examples []string `json:"examples"`
	Digest   string   `json:"digest"`  // of the names
	Empty    bool     `json:"empty"`   // the folder is or was empty: a second look proves nothing
	Allowed  bool     `json:"allowed"` // the owner confirmed it
}

// Believe reports whether the missing files count as deleted. If they do not, the
// loss is recorded: all processes agree on it and [Store.Problems] reports it. A loss
// is believed if it is small, if the owner allowed it, or if the same files are
// missing a minute later. An empty folder always needs the owner's permission.
func (s *Store) Believe(ctx context.Context, l Loss) (bool, error) {
	held, err := s.held(ctx, l.Folder)
	if err != nil {
		return false, err
	}
	if len(l.Files) == 0 {
		if held != nil && l.Whole {
			s.log.Info("the missing files are back", "folder", l.Folder)
			return true, s.release(ctx, l.Folder)
		}
		return true, nil
	}
	if len(l.Files) <= l.Appeared { // they moved
		if l.Whole {
			err = s.release(ctx, l.Folder)
		}
		return err == nil, err
	}
	if s.allowRemovals || held != nil && held.Allowed {
		return true, s.release(ctx, l.Folder)
	}
	empty := s.isEmpty(l.Folder) && !s.isSmall(l)
	if held == nil && !empty {
		if usual, err := s.usual(ctx, l); usual || err != nil {
			return usual, err
		}
	}
	now := l.hold(s.now(), empty)
	switch {
	case held == nil:
	case held.Digest == now.Digest && !held.Empty && !empty:
		if s.now().Unix()-held.Since >= int64(secondLook/time.Second) {
			return true, s.release(ctx, l.Folder)
		}
		return false, nil
	case !l.Whole:
		return false, nil // the next look at the whole folder counts them
	case held.Empty && now.Files >= held.Files: // what came since is new, and proves nothing of the rest
		now.Empty = true
	}
	return false, s.setHeld(ctx, l.Folder, now)
}

// LostAll reports whether the index has no note, and the owner did not allow that.
func (b *Builder) LostAll(ctx context.Context) (bool, error) {
	if b.allowRemovals {
		return false, nil
	}
	known, err := b.table.Count(ctx, 1)
	return known == 0, err
}

// release ends the hold on a folder. The pages that may have been built without the
// missing files are built again: pages that show static files or uploads, or all.
func (s *Store) release(ctx context.Context, folder string) error {
	held, err := s.held(ctx, folder)
	if err != nil || held == nil {
		return err
	}
	if folder == "static" || folder == "media" {
		if err := s.db.Run(ctx, "all_showers_stale", nil); err != nil {
			return err
		}
	}
	if folder == "content" {
		if err := s.db.UpdateNotes(ctx, "rebuild_notes", query.Args{}); err != nil {
			return err
		}
		if err := s.db.Run(ctx, "rebuild_lists", nil); err != nil {
			return err
		}
	}
	return s.setHeld(ctx, folder, nil)
}

// isSmall reports whether the missing files are all of a static/ folder that still exists,
// and few.
func (s *Store) isSmall(l Loss) bool {
	if l.Folder != "static" || len(l.Files) > fewStatic {
		return false
	}
	_, err := os.Stat(filepath.Join(s.cfg.Root, l.Folder))
	return err == nil
}

// usual reports whether a loss, together with those of the last minute, is small
// enough to count as deleted.
func (s *Store) usual(ctx context.Context, l Loss) (bool, error) {
	lost := len(l.Files) - l.Appeared
	recent := s.lost.since(l.Folder, s.now().Add(-secondLook))
	if lost+recent > fewMissing {
		known, err := l.Known(ctx, 2*(len(l.Files)+recent)+1)
		if err != nil || 2*(lost+recent) > known+recent {
			return false, err
		}
	}
	s.lost.add(l.Folder, s.now(), lost)
	return true, nil
}

// recentLosses counts the files of each folder that counted as deleted a moment ago.
// It is safe for concurrent use.
type recentLosses struct {
	mu   sync.Mutex
	last map[string][]loss
}

type loss struct {
	at    time.Time
	files int
}

func (r *recentLosses) add(folder string, at time.Time, files int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == nil {
		r.last = map[string][]loss{}
	}
	r.last[folder] = append(r.last[folder], loss{at, files})
}

// since counts the files that were lost since a time, and forgets all others.
func (r *recentLosses) since(folder string, since time.Time) (files int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.last[folder]) == 0 {
		return 0
	}
	r.last[folder] = slices.DeleteFunc(r.last[folder], func(l loss) bool { return l.at.Before(since) })
	for _, l := range r.last[folder] {
		files += l.files
	}
	return files
}

// hold returns the record of a loss.
func (l *Loss) hold(now time.Time, empty bool) *heldLoss {
	files := slices.Sorted(slices.Values(l.Files))
	h := sha256.New()
	for _, file := range files {
		fmt.Fprintf(h, "%q\n", file)
	}
	return &heldLoss{
		Since: now.Unix(), Files: len(files), Examples: files[:min(maxExamples, len(files))],
		Digest: hex.EncodeToString(h.Sum(nil)), Empty: empty,
	}
}

// isEmpty reports whether a folder of the site is missing, or has nothing but
// hidden files and what a file system puts there itself.
func (s *Store) isEmpty(folder string) bool {
	entries, err := os.ReadDir(filepath.Join(s.cfg.Root, folder))
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return !strings.HasPrefix(e.Name(), ".") && e.Name() != "lost+found"
	})
}

func (s *Store) held(ctx context.Context, folder string) (held *heldLoss, err error) {
	text, err := s.db.State(ctx, heldKey+folder)
	if err != nil || text == "" {
		return nil, err
	}
	held = &heldLoss{}
	return held, json.Unmarshal([]byte(text), held)
}

// heldAll returns the held losses of all folders, by folder.
func (s *Store) heldAll(ctx context.Context) (all map[string]*heldLoss, err error) {
	all = map[string]*heldLoss{}
	err = s.db.Each(ctx, "held", nil, func(stmt *sqlite.Stmt) error {
		text := stmt.ColumnText(1)
		if text == "" {
			return nil
		}
		held := &heldLoss{}
		all[strings.TrimPrefix(stmt.ColumnText(0), heldKey)] = held
		return json.Unmarshal([]byte(text), held)
	})
	return all, err
}

// setHeld stores the held loss of a folder; nil removes it.
func (s *Store) setHeld(ctx context.Context, folder string, held *heldLoss) error {
	text := []byte{}
	if held != nil {
		var err error
		if text, err = json.Marshal(held); err != nil {
			return err
		}
	}
	return s.db.SetState(ctx, heldKey+folder, string(text))
}

// AllowRemovals has the process that builds the site take the files that are
// missing now for deleted. It reports whether any are.
func (s *Store) AllowRemovals(ctx context.Context) (any bool, err error) {
	for _, folder := range guarded {
		held, err := s.held(ctx, folder)
		if err != nil {
			return any, err
		}
		if held == nil {
			continue
		}
		any, held.Allowed = true, true
		if err := s.setHeld(ctx, folder, held); err != nil {
			return any, err
		}
	}
	if any {
		s.wakeups.WakeBuilders()
	}
	return any, nil
}

// A SecondLook is the time at which a folder with missing files is compared again.
type SecondLook struct {
	Folder string
	At     time.Time // zero: soon, and repeatedly
}

// SecondLooks returns the times at which folders with missing files are compared again.
func (b *Builder) SecondLooks(ctx context.Context) (looks []SecondLook, err error) {
	all, err := b.heldAll(ctx)
	if err != nil {
		return nil, err
	}
	for _, folder := range guarded {
		held := all[folder]
		switch {
		case held == nil:
		case held.Empty || held.Allowed:
			looks = append(looks, SecondLook{Folder: folder})
		default:
			looks = append(looks, SecondLook{folder, time.Unix(held.Since, 0).Add(secondLook)})
		}
	}
	return looks, nil
}

// heldProblems returns a message for each loss that is not believed.
func (s *Store) heldProblems(ctx context.Context) (problems []string, err error) {
	all, err := s.heldAll(ctx)
	if err != nil {
		return nil, err
	}
	for _, folder := range guarded {
		held := all[folder]
		if held == nil {
			continue
		}
		files, outputs := "files", "copies"
		if folder == "content" {
			files, outputs = "notes", "pages"
		}
		then := fmt.Sprintf("Their %s stay for a minute, and longer if the missing files change; \"starpunk build --allow-empty\" removes them now.", outputs)
		missing := fmt.Sprintf("%d %s are missing, such as %s", held.Files, files, strings.Join(held.Examples, ", "))
		if held.Files == 1 {
			missing = fmt.Sprintf("%s is missing", held.Examples[0])
		}
		if held.Empty {
			missing = "was found empty: " + missing
			then = fmt.Sprintf("Their %s stay. Put the files back; if you deleted them, run \"starpunk build --allow-empty\".", outputs)
		}
		problems = append(problems, fmt.Sprintf("%s/: %s. %s", folder, missing, then))
	}
	return problems, nil
}
