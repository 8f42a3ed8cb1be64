package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"starpunk/site/store/filelock"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitemigration"
	"zombiezen.com/go/sqlite/sqlitex"
)

// openLock is a file beside the index. Its lock is held while the index is made,
// migrated or set aside.
const openLock = "open.lock"

// busyTimeout is how long a connection waits for a transaction of another process.
const busyTimeout = 30 * time.Second

func prepareConn(conn *sqlite.Conn) error {
	conn.SetBusyTimeout(busyTimeout)
	// NORMAL: a power cut may undo the last transactions, but leaves the database
	// consistent. Their data can be read from the files again.
	for _, pragma := range []string{"synchronous = normal", "cache_size = -2048", "temp_store = memory"} {
		if err := sqlitex.ExecuteTransient(conn, "pragma "+pragma, nil); err != nil {
			return fmt.Errorf("pragma %s: %w", pragma, err)
		}
	}
	return nil
}

// prepare brings the database up to date under the open lock: it makes, migrates or
// sets aside its file, and switches it to WAL. It returns a connection, which keeps the
// database open until the caller has others: SQLite removes the log when the last
// connection is closed, which costs several syncs.
func (x *Index) prepare(ctx context.Context) (*sqlite.Conn, error) {
	usePageCache()
	dir := filepath.Dir(x.o.File)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("folder of the index: %w%s", err, permissionsOf(dir))
	}
	conn, err := x.prepareWithRetries(ctx)
	if isPermission(err) {
		err = fmt.Errorf("%w%s", err, permissionsOf(dir, x.o.File))
	}
	return conn, err
}

// tryPrepare makes one attempt, which waits for other processes no longer than wait. It
// reports whether it applied migrations.
func (x *Index) tryPrepare(ctx context.Context, wait time.Duration) (_ *sqlite.Conn, applied bool, err error) {
	lock, err := x.lockOpen(ctx, wait)
	if err != nil {
		return nil, false, fmt.Errorf("wait for another process that opens the index: %w", err)
	}
	defer func() { _ = lock.Unlock() }() // the kernel releases it when this process ends
	if err := x.removeOrphans(); err != nil {
		return nil, false, err
	}
	if _, err := os.Stat(x.damagedFile()); err == nil {
		if err := x.setAside(errDamaged); err != nil {
			return nil, false, err
		}
	}
	conn, applied, err := x.migrate(ctx, wait)
	if err == nil || errors.Is(err, ErrNewer) || ctx.Err() != nil || !isUnusable(err) {
		return conn, applied, err
	}
	if err := x.setAside(err); err != nil {
		return nil, false, err
	}
	return x.migrate(ctx, wait)
}

func (x *Index) lockOpen(ctx context.Context, wait time.Duration) (*filelock.Lock, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return filelock.Acquire(ctx, filepath.Dir(x.o.File), openLock)
}

// isUnusable reports whether err means that the file is not an index of StarPunk,
// rather than that it can't be reached.
func isUnusable(err error) bool {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultReadOnly, sqlite.ResultPerm,
		sqlite.ResultCantOpen, sqlite.ResultFull, sqlite.ResultIOErr, sqlite.ResultNoMem,
		sqlite.ResultInterrupt, sqlite.ResultAuth:
		return false
	}
	return true
}

// migrate opens the database and applies the migrations that it does not have.
func (x *Index) migrate(ctx context.Context, wait time.Duration) (_ *sqlite.Conn, applied bool, err error) {
	start := time.Now()
	if err := x.createFile(); err != nil {
		return nil, false, x.openError(err)
	}
	conn, err := sqlite.OpenConn(x.o.File, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, false, x.openError(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(x.openError(err), conn.Close())
		}
	}()
	defer conn.SetInterrupt(conn.SetInterrupt(ctx.Done()))
	if err := prepareConn(conn); err != nil {
		return nil, false, err
	}
	conn.SetBusyTimeout(wait)
	from, err := versionOf(conn, x.o.Schema)
	if err != nil {
		return nil, false, err
	}
	if err := useLog(conn, from == 0); err != nil {
		return nil, false, err
	}
	if err := sqlitemigration.Migrate(ctx, conn, x.o.Schema); err != nil {
		return nil, false, err
	}
	to := int64(len(x.o.Schema.Migrations))
	if from < to {
		level := slog.LevelInfo
		if from == 0 {
			level = slog.LevelDebug // a new index is usual
		}
		x.o.Log.Log(ctx, level, "index is made or brought up to date", "index", x.o.File, "from", from, "to", to,
			"took", time.Since(start).Round(time.Microsecond))
	}
	if x.o.Check != nil { // other damage is found by the first query that meets it: see condemn
		if err := x.o.Check(conn); err != nil {
			return nil, false, err
		}
	}
	conn.SetBusyTimeout(busyTimeout)
	return conn, from < to, nil
}

// createFile makes an empty file, with the mode that the umask leaves. SQLite would
// make one that its group can't write, and receiver and watcher may be two users. The
// log has the mode of the file.
func (x *Index) createFile() error {
	// An existing file is not opened: closing it would release the locks that SQLite
	// has on it in this process (fcntl(2)).
	f, err := os.OpenFile(x.o.File, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// useLog switches a database to WAL. A new one is not synced meanwhile, which takes
// most of the time of a first start. If a power cut damages it, the next start makes
// it again.
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

// versionOf returns the version of a database. The error reports a database that
// StarPunk must not migrate: one of another program, or of a newer version.
func versionOf(conn *sqlite.Conn, schema sqlitemigration.Schema) (version int64, err error) {
	var id, tables int64
	for query, value := range map[string]*int64{
		"pragma application_id": &id, "pragma user_version": &version, "select count(*) from sqlite_schema": &tables,
	} {
		if *value, err = sqlitex.ResultInt64(conn.Prep(query)); err != nil {
			return 0, fmt.Errorf("%s: %w", query, err)
		}
	}
	own := int64(schema.AppID)
	switch {
	case id != own && tables > 0:
		return 0, errors.New("the database of another program")
	case id == own && version > int64(len(schema.Migrations)):
		return 0, fmt.Errorf("%w (its version is %d, this program supports %d); upgrade StarPunk, or delete the file to have it made again",
			ErrNewer, version, len(schema.Migrations))
	}
	return version, nil
}

func (x *Index) openError(err error) error {
	return fmt.Errorf("open index %s: %w", x.o.File, err)
}

// errDamaged is the reason why an index that opens without an error is set aside.
var errDamaged = errors.New("a query found it damaged")

// damagedFile returns the name of a file beside an index that must be made again.
func (x *Index) damagedFile() string { return x.o.File + ".damaged" }

// condemn has the next process that opens the index make it again, if err reports
// damage.
func (x *Index) condemn(err error) {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
	default:
		return
	}
	if !x.file.lose() {
		return
	}
	x.o.Log.Error("the index is damaged, and is made again from the files", "index", x.o.File, "error", err)
	if err := os.WriteFile(x.damagedFile(), nil, 0o666); err != nil {
		x.o.Log.Error("the damaged index must be deleted by hand", "index", x.o.File, "error", err)
	}
}

// setAside renames a database that can't be used, with its log.
func (x *Index) setAside(cause error) error {
	aside := fmt.Sprintf("%s.bad-%s", x.o.File, x.o.Now().UTC().Format("20060102T150405"))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(x.o.File+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("set damaged index aside: %w", err)
		}
	}
	if err := os.Remove(x.damagedFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("set damaged index aside: %w", err)
	}
	x.o.Log.Warn("index could not be used and is made again from the files", "index", x.o.File, "moved to", aside, "cause", cause)
	return nil
}

// removeOrphans removes the log of an index that was deleted: SQLite would use it for
// the new one. A process that has the old index open still has its log, too.
func (x *Index) removeOrphans() error {
	if _, err := os.Lstat(x.o.File); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(x.o.File + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the log of a deleted index: %w", err)
		}
	}
	return nil
}
