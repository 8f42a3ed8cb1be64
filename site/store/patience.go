package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"
)

// openTimeout is how long a process waits in all for others that open, make or
// migrate the index, unless [Options] say otherwise.
const openTimeout = 120 * time.Second

// firstWait is how long the first attempt waits, as a part of all: 100 ms of
// 120 s. Each attempt waits twice as long as the one before, up to the busy
// timeout of a connection.
const firstWait = 1200

// An Opening is what it took to open the index.
type Opening struct {
	Took     time.Duration // with the wait for others, and migrations
	Retries  int           // after the first attempt
	Migrated bool          // by this process
}

// Opening says what it took to open the index.
func (s *Store) Opening() Opening { return s.opening }

// patiently tries to open the index until it succeeds, fails for another reason
// than that somebody else is at it, or has waited for long enough. Each attempt
// has a connection of its own. What it waits for is said the louder the longer
// it takes.
func (s *Store) patiently(ctx context.Context) (*sqlite.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	start, before := time.Now(), versionOnDisk(s.cfg.Index)
	wait := s.patience / firstWait
	for retry := 0; ; retry++ {
		conn, applied, err := s.tryPrepare(ctx, wait)
		waited := time.Since(start).Round(time.Microsecond)
		s.opening = Opening{Took: waited, Retries: retry, Migrated: applied}
		switch {
		case err == nil && retry > 0 && before < len(s.schema.Migrations) && !applied:
			s.log.Info("another process made the index or brought it up to date", "index", s.cfg.Index, "waited", waited)
			return conn, nil
		case err == nil || !elsewhere(err) || errors.Is(ctx.Err(), context.Canceled):
			return conn, err
		case ctx.Err() != nil:
			s.giveUp(err, waited)
			return nil, err
		}
		s.log.Log(ctx, loudness(retry+1), "the index is in use; waiting", "index", s.cfg.Index, "retry", retry+1, "waited", waited, "error", err)
		wait = min(2*wait, busyTimeout)
	}
}

// loudness is the level at which a retry is logged.
func loudness(retry int) slog.Level {
	switch {
	case retry <= 3:
		return slog.LevelDebug
	case retry <= 7:
		return slog.LevelInfo
	}
	return slog.LevelWarn
}

func (s *Store) giveUp(err error, waited time.Duration) {
	s.log.Error("the index can't be opened: somebody else is at it", "index", s.cfg.Index, "waited", waited, "error", err,
		"likely", "another StarPunk of this site is stopped or hangs; a backup, a database tool or a file sync has the index open; "+
			"or the folder is on a network mount whose locks are stuck",
		"remedy", "find out who has the index or open.lock beside it open (fuser, lsof), end that, and start again; "+
			"the index can be deleted while no StarPunk runs: it is made again from the files")
}

// elsewhere says whether somebody else is the reason that the index can't be
// opened.
func elsewhere(err error) bool {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultInterrupt:
		return true
	}
	return errors.Is(err, context.DeadlineExceeded) // of a lock
}

// versionOnDisk is the version that the file of an index bears, -1 if there is
// none. The log beside it may know of a later one.
func versionOnDisk(name string) int {
	const at = 60 // user_version, big-endian: https://www.sqlite.org/fileformat2.html
	f, err := os.Open(name)
	if err != nil {
		return -1
	}
	defer f.Close()
	var b [4]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		return -1
	}
	return int(b[0])<<24 | int(b[1])<<16 | int(b[2])<<8 | int(b[3])
}

// unwritable says whether err may come from the permissions of files.
func unwritable(err error) bool {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultReadOnly, sqlite.ResultPerm, sqlite.ResultCantOpen, sqlite.ResultAuth:
		return true
	}
	return errors.Is(err, fs.ErrPermission)
}

// whose continues an error about files that can't be written: their mode and
// owner, the user of this process, and the command that may help. If a file
// does not exist, the folder that should hold it is named.
func whose(names ...string) string {
	text, remedy := "", ""
	for _, name := range names {
		info, err := nearest(&name)
		if err != nil {
			continue
		}
		text += fmt.Sprintf("; %s is %s and belongs to %s", name, info.Mode(), ownerOf(info))
		if remedy == "" && !isOwner(info) {
			remedy = fmt.Sprintf(": chown -R %s %s", self(), name)
		}
	}
	return text + "; this process runs as " + self() + remedy
}

// nearest looks at a file, or at the first folder above it that is there.
func nearest(name *string) (fs.FileInfo, error) {
	for {
		info, err := os.Lstat(*name)
		parent := filepath.Dir(*name)
		if !errors.Is(err, fs.ErrNotExist) || parent == *name {
			return info, err
		}
		*name = parent
	}
}
