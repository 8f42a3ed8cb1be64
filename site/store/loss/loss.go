package loss

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"starpunk/site/store/query"
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

// Losses are the losses of one site. Its exported fields are set before its first use. Then
// several goroutines may use it at once.
type Losses struct {
	Root  string // of the site
	Allow bool   // missing files count as deleted, also if they are many
	Log   *slog.Logger
	Now   func() time.Time
	DB    *query.DB

	recent recentLosses
}

// Believe reports whether the missing files count as deleted. If they do not, the
// loss is recorded: all processes agree on it and [Losses.Problems] reports it. A loss
// is believed if it is small, if the owner allowed it, or if the same files are
// missing a minute later. An empty folder always needs the owner's permission.
func (s *Losses) Believe(ctx context.Context, l Loss) (bool, error) {
	held, err := s.held(ctx, l.Folder)
	switch {
	case err != nil:
		return false, err
	case len(l.Files) == 0:
		return true, s.noteReturn(ctx, l, held)
	case len(l.Files) <= l.Appeared && !l.Whole: // they moved
		return true, nil
	case len(l.Files) <= l.Appeared:
		err := s.release(ctx, l.Folder)
		return err == nil, err
	case s.Allow || held != nil && held.Allowed:
		return true, s.release(ctx, l.Folder)
	}
	empty := s.isEmpty(l.Folder) && !s.isSmall(l)
	if held == nil && !empty {
		if usual, err := s.usual(ctx, l); usual || err != nil {
			return usual, err
		}
	}
	return s.compare(ctx, l, held, empty)
}

// noteReturn ends the hold on a folder in which no file is missing any more.
func (s *Losses) noteReturn(ctx context.Context, l Loss, held *heldLoss) error {
	if held == nil || !l.Whole {
		return nil
	}
	s.Log.Info("the missing files are back", "folder", l.Folder)
	return s.release(ctx, l.Folder)
}

// compare compares a loss that is not usual with the held one, nil if there is none. It
// believes a loss of the same files after a minute, and otherwise holds the new one.
func (s *Losses) compare(ctx context.Context, l Loss, held *heldLoss, empty bool) (believed bool, err error) {
	now := l.hold(s.Now(), empty)
	switch {
	case held == nil:
	case held.Digest == now.Digest && !held.Empty && !empty:
		if s.Now().Unix()-held.Since < int64(secondLook/time.Second) {
			return false, nil
		}
		return true, s.release(ctx, l.Folder)
	case !l.Whole:
		return false, nil // the next look at the whole folder counts them
	case held.Empty && now.Files >= held.Files: // what came since is new, and proves nothing of the rest
		now.Empty = true
	}
	return false, s.setHeld(ctx, l.Folder, now)
}

// AllowHeld has the process that builds the site take the files that are
// missing now for deleted. It reports whether any are.
func (s *Losses) AllowHeld(ctx context.Context) (any bool, err error) {
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
	return any, nil
}

// IsHeld reports whether the missing files of a folder do not count as deleted yet.
func (s *Losses) IsHeld(ctx context.Context, folder string) (bool, error) {
	held, err := s.held(ctx, folder)
	return held != nil, err
}

// release ends the hold on a folder. The pages that may have been built without the
// missing files are built again: pages that show static files or uploads, or all.
func (s *Losses) release(ctx context.Context, folder string) error {
	held, err := s.held(ctx, folder)
	if err != nil || held == nil {
		return err
	}
	if folder == "static" || folder == "media" {
		if err := s.DB.Run(ctx, "all_showers_stale", nil); err != nil {
			return err
		}
	}
	if folder == "content" {
		if err := s.DB.UpdateNotes(ctx, "rebuild_notes", query.Args{}); err != nil {
			return err
		}
		if err := s.DB.Run(ctx, "rebuild_lists", nil); err != nil {
			return err
		}
	}
	return s.setHeld(ctx, folder, nil)
}

// isSmall reports whether the missing files are all of a static/ folder that still exists,
// and few.
func (s *Losses) isSmall(l Loss) bool {
	if l.Folder != "static" || len(l.Files) > fewStatic {
		return false
	}
	_, err := os.Stat(filepath.Join(s.Root, l.Folder))
	return err == nil
}

// usual reports whether a loss, together with those of the last minute, is small
// enough to count as deleted.
func (s *Losses) usual(ctx context.Context, l Loss) (bool, error) {
	lost := len(l.Files) - l.Appeared
	recent := s.recent.since(l.Folder, s.Now().Add(-secondLook))
	if lost+recent > fewMissing {
		known, err := l.Known(ctx, 2*(len(l.Files)+recent)+1)
		if err != nil || 2*(lost+recent) > known+recent {
			return false, err
		}
	}
	s.recent.add(l.Folder, s.Now(), lost)
	return true, nil
}

// isEmpty reports whether a folder of the site is missing, or has nothing but
// hidden files and what a file system puts there itself.
func (s *Losses) isEmpty(folder string) bool {
	entries, err := os.ReadDir(filepath.Join(s.Root, folder))
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return !strings.HasPrefix(e.Name(), ".") && e.Name() != "lost+found"
	})
}

// A SecondLook is the time at which a folder with missing files is compared again.
type SecondLook struct {
	Folder string
	At     time.Time // zero: soon, and repeatedly
}

// SecondLooks returns the times at which folders with missing files are compared again.
func (s *Losses) SecondLooks(ctx context.Context) (looks []SecondLook, err error) {
	all, err := s.heldAll(ctx)
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

// Problems returns a message for each loss that is not believed.
func (s *Losses) Problems(ctx context.Context) (problems []string, err error) {
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
