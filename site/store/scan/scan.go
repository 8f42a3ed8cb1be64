package scan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/durable"
	"starpunk/site/store/loss"
	"starpunk/site/store/query"
	"starpunk/site/store/table"
)

const (
	scanBatch = 400           // rows that one transaction of a scan writes: 25 ms of work
	scanStep  = 8 * scanBatch // files that a scan collects before it reads them
)

// A Scanner compares the files of a site with its index. Its exported fields are set before
// its first use. Then several goroutines may use it at once.
type Scanner struct {
	Config  *site.Config
	Log     *slog.Logger
	Now     func() time.Time
	Disk    *durable.Disk
	DB      *query.DB
	Content *content.Folder
	Table   *table.Table
	Losses  *loss.Losses

	Parsed ParsedNotes // of the files that scans read
}

// CheckContent returns an error if the content folder does not exist, for example because a
// disk is not mounted: that does not count as the removal of every note.
func (s *Scanner) CheckContent(ctx context.Context) error {
	_, err := os.Stat(s.Config.ContentDir())
	if !errors.Is(err, fs.ErrNotExist) || s.Losses.Allow {
		return nil // other problems are found when it is read
	}
	files, err := s.DB.Texts(ctx, "any_file", nil)
	if err == nil && len(files) > 0 {
		err = fmt.Errorf("folder %s does not exist, and neither does any note: put it back; or, to start over without notes, run \"starpunk build --allow-empty\"", s.Config.ContentDir())
	}
	return err
}

// Refresh brings the index up to date for some names below content/, each a
// file or a folder that was made, changed or removed.
func (s *Scanner) Refresh(ctx context.Context, names ...string) error {
	if err := s.CheckContent(ctx); err != nil {
		return err
	}
	var files []string
	m := &missing{}
	for _, name := range names {
		if s.Content.Skips(name) {
			s.noteConflictCopy(name)
			continue
		}
		if _, err := s.scanBelow(ctx, name, m); err != nil {
			return err
		}
		if s.Config.IsNote(name) {
			files = append(files, name)
		}
		bundle, err := s.bundleOf(ctx, name)
		if err != nil {
			return err
		}
		files = append(files, bundle...)
	}
	if err := s.refresh(ctx, files, m); err != nil {
		return err
	}
	dropped, err := s.dropMissing(ctx, m)
	if err == nil && dropped && m.appeared > 0 {
		// A new file may be one of the missing notes under another name.
		var held bool
		held, err = s.Losses.IsHeld(ctx, "content")
		dropped = !held
	}
	if err != nil || dropped {
		return err
	}
	return s.ScanAll(ctx) // to count the missing files
}

// ScanAll compares every file with the index.
func (s *Scanner) ScanAll(ctx context.Context) error {
	m := &missing{whole: true}
	temps, err := s.scanBelow(ctx, "", m)
	if err == nil {
		_, err = s.dropMissing(ctx, m)
	}
	// Also after an error: the disk may be full of them.
	return errors.Join(err, s.removeTemps(ctx, temps))
}

// bundleOf returns the notes index.md of the folder of a file below content/ and of the
// folders above it: the file may belong to one of these bundles.
func (s *Scanner) bundleOf(ctx context.Context, name string) (files []string, err error) {
	var dirs []string
	for dir := content.Dir(name); dir != ""; dir = content.Dir(dir) {
		dirs = append(dirs, dir)
	}
	if len(dirs) == 0 {
		return nil, nil
	}
	wanted, err := query.List(dirs)
	if err != nil {
		return nil, err
	}
	files, err = s.DB.Texts(ctx, "indexes_in", query.Args{":dirs": wanted})
	return slices.DeleteFunc(files, func(file string) bool { return file == name }), err
}

// RefreshTimed reads the notes again that became visible or hidden only by the clock.
func (s *Scanner) RefreshTimed(ctx context.Context) error {
	files, err := s.DB.Texts(ctx, "turned", query.Args{":now": s.Now().Unix()})
	if err != nil || len(files) == 0 {
		return err
	}
	m := &missing{}
	if err := s.refresh(ctx, files, m); err != nil {
		return err
	}
	_, err = s.dropMissing(ctx, m)
	return err
}
