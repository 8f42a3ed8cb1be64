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
	"zombiezen.com/go/sqlite/sqlitemigration"
	"zombiezen.com/go/sqlite/sqlitex"
)

const (
	// appID is the PRAGMA application_id of our databases. Until the first release
	// it changes with 001_index.sql, so that an index of an older form is made again.
	appID       = 0x53745075 // "StPu"
	busyTimeout = 30 * time.Second
)

func prepareConn(conn *sqlite.Conn) error {
	conn.SetBusyTimeout(busyTimeout)
	// NORMAL: a power cut may take the last transactions, never the database's
	// consistency, and what they said can be read off the files again.
	for _, pragma := range []string{"synchronous = normal", "cache_size = -2048", "temp_store = memory"} {
		if err := sqlitex.ExecuteTransient(conn, "pragma "+pragma, nil); err != nil {
			return fmt.Errorf("pragma %s: %w", pragma, err)
		}
	}
	return nil
}

// prepareIndex brings the database up to date under the open lock: created,
// switched to WAL, migrated, or set aside. It returns a connection to it, which
// keeps the database open until the caller has others: SQLite takes the log
// away when the last one is closed, which costs several syncs.
func (s *Store) prepareIndex(ctx context.Context) (*sqlite.Conn, error) {
	usePageCache()
	dir := filepath.Dir(s.cfg.Index)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("folder of the index: %w%s", err, whose(dir))
	}
	conn, err := s.patiently(ctx)
	if unwritable(err) {
		err = fmt.Errorf("%w%s", err, whose(dir, s.cfg.Index))
	}
	return conn, err
}

// tryPrepare is one attempt, which waits no longer than wait for others. applied
// says whether it migrated anything.
func (s *Store) tryPrepare(ctx context.Context, wait time.Duration) (_ *sqlite.Conn, applied bool, err error) {
	lock, err := s.lockOpen(ctx, wait)
	if err != nil {
		return nil, false, fmt.Errorf("wait for another process that opens the index: %w", err)
	}
	defer func() { _ = lock.Unlock() }() // the kernel frees it at the latest when we end
	if err := s.removeOrphans(); err != nil {
		return nil, false, err
	}
	if _, err := os.Stat(s.condemnedFile()); err == nil {
		if err := s.setAside(errCondemned); err != nil {
			return nil, false, err
		}
	}
	conn, applied, err := s.migrate(ctx, wait)
	if err == nil || errors.Is(err, ErrNewer) || ctx.Err() != nil || !damaged(err) {
		return conn, applied, err
	}
	if err := s.setAside(err); err != nil {
		return nil, false, err
	}
	return s.migrate(ctx, wait)
}

func (s *Store) lockOpen(ctx context.Context, wait time.Duration) (*Lock, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return acquire(ctx, filepath.Dir(s.cfg.Index), openLock)
}

// damaged says whether err means that the file is no index of ours, rather
// than that it can't be reached.
func damaged(err error) bool {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultReadOnly, sqlite.ResultPerm,
		sqlite.ResultCantOpen, sqlite.ResultFull, sqlite.ResultIOErr, sqlite.ResultNoMem,
		sqlite.ResultInterrupt, sqlite.ResultAuth:
		return false
	}
	return true
}

// migrate opens the database and applies what is new to it.
func (s *Store) migrate(ctx context.Context, wait time.Duration) (_ *sqlite.Conn, applied bool, err error) {
	start := time.Now()
	if err := s.createIndex(); err != nil {
		return nil, false, s.openError(err)
	}
	conn, err := sqlite.OpenConn(s.cfg.Index, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, false, s.openError(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(s.openError(err), conn.Close())
		}
	}()
	defer conn.SetInterrupt(conn.SetInterrupt(ctx.Done()))
	if err := prepareConn(conn); err != nil {
		return nil, false, err
	}
	conn.SetBusyTimeout(wait)
	from, err := checkOwner(conn, s.schema)
	if err != nil {
		return nil, false, err
	}
	if err := useLog(conn, from == 0); err != nil {
		return nil, false, err
	}
	if err := sqlitemigration.Migrate(ctx, conn, s.schema); err != nil {
		return nil, false, err
	}
	to := int64(len(s.schema.Migrations))
	if from < to {
		level := slog.LevelInfo
		if from == 0 {
			level = slog.LevelDebug // nothing worth a word: it is new
		}
		s.log.Log(ctx, level, "index is made or brought up to date", "index", s.cfg.Index, "from", from, "to", to,
			"took", time.Since(start).Round(time.Microsecond))
	}
	// A table that every process reads first. Other damage is found when it is
	// met: see [Store.condemn].
	if err := exec(conn, "state_get", args{":key": "output"}, nil); err != nil {
		return nil, false, err
	}
	conn.SetBusyTimeout(busyTimeout)
	return conn, from < to, nil
}

// createIndex makes an empty file, with the mode that the umask leaves. SQLite
// would make one that its group can't write, and receiver and watcher may be two
// users. Its log follows the file's mode.
func (s *Store) createIndex() error {
	// Not if it is there: to close it would take away the locks that SQLite has
	// on it in this process (fcntl(2)).
	f, err := os.OpenFile(s.cfg.Index, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// useLog switches a database to WAL. A new one is not synced meanwhile, which
// takes most of the time of a first start: what a power cut makes of it, the
// next start makes again.
func useLog(conn *sqlite.Conn, isNew bool) error {
	pragmas := []string{"journal_mode = wal"}
	if isNew {
		pragmas = []string{"synchronous = off", "journal_mode = wal", "synchronous = normal"}
	}
	for _, pragma := range pragmas {
		if err := sqlitex.ExecuteTransient(conn, "pragma "+pragma, nil); err != nil {
			return fmt.Errorf("pragma %s: %w", pragma, err)
		}
	}
	return nil
}

// checkOwner refuses a database that is not ours to migrate before anything is
// written to it, and returns the version of one that is.
func checkOwner(conn *sqlite.Conn, sch sqlitemigration.Schema) (version int64, err error) {
	var id, tables int64
	for query, value := range map[string]*int64{
		"pragma application_id": &id, "pragma user_version": &version, "select count(*) from sqlite_schema": &tables,
	} {
		if *value, err = sqlitex.ResultInt64(conn.Prep(query)); err != nil {
			return 0, fmt.Errorf("%s: %w", query, err)
		}
	}
	switch {
	case id != appID && tables > 0:
		return 0, errors.New("the database of another program")
	case id == appID && version > int64(len(sch.Migrations)):
		return 0, fmt.Errorf("%w (its version is %d, this program knows %d); upgrade StarPunk, or delete the file to have it made again",
			ErrNewer, version, len(sch.Migrations))
	}
	return version, nil
}

func (s *Store) openError(err error) error {
	return fmt.Errorf("open index %s: %w", s.cfg.Index, err)
}

// errCondemned is why an index is set aside that opens well.
var errCondemned = errors.New("a query found it damaged")

// condemnedFile stands beside an index that is to be made again.
func (s *Store) condemnedFile() string { return s.cfg.Index + ".damaged" }

// condemn has whoever opens the index next make it again, if err says that it is
// damaged.
func (s *Store) condemn(err error) {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
	default:
		return
	}
	if !s.index.lose() {
		return
	}
	s.log.Error("the index is damaged, and is made again from the files", "index", s.cfg.Index, "error", err)
	if err := os.WriteFile(s.condemnedFile(), nil, 0o666); err != nil {
		s.log.Error("the damaged index must be deleted by hand", "index", s.cfg.Index, "error", err)
	}
}

// setAside moves a database that can't be used out of the way, with its log.
func (s *Store) setAside(cause error) error {
	aside := fmt.Sprintf("%s.bad-%s", s.cfg.Index, s.now().UTC().Format("20060102T150405"))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(s.cfg.Index+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("set damaged index aside: %w", err)
		}
	}
	if err := os.Remove(s.condemnedFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("set damaged index aside: %w", err)
	}
	s.log.Warn("index could not be used and is made again from the files", "index", s.cfg.Index, "moved to", aside, "cause", cause)
	return nil
}

// removeOrphans removes the log of an index that was deleted: it would be taken
// for that of the new one. Who has the old one open still has its log, too.
func (s *Store) removeOrphans() error {
	if _, err := os.Lstat(s.cfg.Index); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(s.cfg.Index + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove what a deleted index left: %w", err)
		}
	}
	return nil
}
