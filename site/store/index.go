package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"starpunk/migrations"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitemigration"
	"zombiezen.com/go/sqlite/sqlitex"
)

const (
	appID       = 0x53746172 // "Star": PRAGMA application_id of our databases
	busyTimeout = 30 * time.Second
	openTimeout = 120 * time.Second
)

func schema() sqlitemigration.Schema {
	return sqlitemigration.Schema{AppID: appID, Migrations: migrations.Scripts()}
}

func prepareConn(conn *sqlite.Conn) error {
	conn.SetBusyTimeout(busyTimeout)
	// NORMAL: a power cut may take the last transactions, never the database's
	// consistency, and what they said can be read off the files again.
	for _, pragma := range []string{"synchronous = normal", "cache_size = -8192", "temp_store = memory"} {
		if err := sqlitex.ExecuteTransient(conn, "pragma "+pragma, nil); err != nil {
			return fmt.Errorf("pragma %s: %w", pragma, err)
		}
	}
	return nil
}

// prepareIndex brings the database up to date under the open lock: created,
// switched to WAL, migrated, or set aside.
func (s *Store) prepareIndex(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	if err := os.MkdirAll(filepath.Dir(s.cfg.Index), 0o777); err != nil {
		return fmt.Errorf("folder of the index: %w", err)
	}
	lock, err := acquire(ctx, filepath.Dir(s.cfg.Index), openLock)
	if err != nil {
		return fmt.Errorf("wait for another process that opens the index: %w", err)
	}
	defer func() { _ = lock.Unlock() }() // the kernel frees it at the latest when we end
	if _, err := os.Stat(s.condemnedFile()); err == nil {
		if err := s.setAside(errCondemned); err != nil {
			return err
		}
	}
	err = s.migrate(ctx)
	if err == nil || errors.Is(err, ErrNewer) || ctx.Err() != nil || !damaged(err) {
		return err
	}
	if err := s.setAside(err); err != nil {
		return err
	}
	return s.migrate(ctx)
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

func (s *Store) migrate(ctx context.Context) (err error) {
	conn, err := sqlite.OpenConn(s.cfg.Index, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return s.openError(err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := prepareConn(conn); err != nil {
		return s.openError(err)
	}
	sch := schema()
	if err := checkOwner(conn, sch); err != nil {
		return s.openError(err)
	}
	if err := sqlitex.ExecuteTransient(conn, "pragma journal_mode = wal", nil); err != nil {
		return s.openError(err)
	}
	if err := sqlitemigration.Migrate(ctx, conn, sch); err != nil {
		return s.openError(err)
	}
	return s.checkIndex(conn)
}

// checkOwner refuses a database that is not ours to migrate before anything is
// written to it.
func checkOwner(conn *sqlite.Conn, sch sqlitemigration.Schema) error {
	var id, version, tables int64
	for query, value := range map[string]*int64{
		"pragma application_id": &id, "pragma user_version": &version, "select count(*) from sqlite_schema": &tables,
	} {
		var err error
		if *value, err = sqlitex.ResultInt64(conn.Prep(query)); err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
	}
	switch {
	case id != appID && tables > 0:
		return errors.New("the database of another program")
	case id == appID && version > int64(len(sch.Migrations)):
		return fmt.Errorf("%w (its version is %d, this program knows %d); upgrade StarPunk, or delete the file to have it made again",
			ErrNewer, version, len(sch.Migrations))
	}
	return nil
}

func (s *Store) openError(err error) error {
	return fmt.Errorf("open index %s: %w", s.cfg.Index, err)
}

// checkIndex looks at a table that every process reads first. Other damage is
// found when it is met: see [Store.condemn].
func (s *Store) checkIndex(conn *sqlite.Conn) error {
	if err := exec(conn, "state_get", args{":key": "output"}, nil); err != nil {
		return s.openError(err)
	}
	return nil
}

// errCondemned is why an index is set aside that opens well.
var errCondemned = errors.New("a query found it damaged")

// condemnedFile stands beside an index that is to be made again.
func (s *Store) condemnedFile() string { return s.cfg.Index + ".damaged" }

// condemn has the next process that opens the index make it again, if err says
// that it is damaged.
func (s *Store) condemn(err error) {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
	default:
		return
	}
	s.log.Error("the index is damaged and is made again at the next start", "index", s.cfg.Index, "error", err)
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
