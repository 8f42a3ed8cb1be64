package index

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// openTimeout is how long a process waits in all for other processes that open, make
// or migrate the index, unless [Options] has another time.
const openTimeout = 120 * time.Second

// firstWait is the part of the timeout that the first attempt waits: 100 ms of
// 120 s. Each attempt waits twice as long as the one before, up to the busy
// timeout of a connection.
const firstWait = 1200

// An Opening is the cost of opening an index.
type Opening struct {
	Took     time.Duration // with the wait for other processes, and migrations
	Retries  int           // after the first attempt
	Migrated bool          // by this process
}

// Opening returns the cost of opening the index.
func (x *Index) Opening() Opening { return x.opening }

// prepareWithRetries tries to open the index until it succeeds, fails for another
// reason than the use by another process, or the timeout ends. Each attempt has a
// connection of its own. The level of the log rises with the time.
func (x *Index) prepareWithRetries(ctx context.Context) (*sqlite.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, x.o.OpenTimeout)
	defer cancel()
	start := time.Now()
	var before int // the version while another process used the index
	wait := x.o.OpenTimeout / firstWait
	for retry := 0; ; retry++ {
		conn, applied, err := x.tryPrepare(ctx, wait)
		waited := time.Since(start).Round(time.Microsecond)
		x.opening = Opening{Took: waited, Retries: retry, Migrated: applied}
		switch {
		case err == nil && retry > 0 && before < len(x.o.Schema.Migrations) && !applied:
			x.o.Log.Info("another process made the index or brought it up to date", "index", x.o.File, "waited", waited)
			return conn, nil
		case err == nil || !isInUse(err) || errors.Is(ctx.Err(), context.Canceled):
			return conn, err
		case ctx.Err() != nil:
			x.logTimeout(err, waited)
			return nil, err
		}
		if retry == 0 {
			before = versionOnDisk(x.o.File)
		}
		x.o.Log.Log(ctx, retryLevel(retry+1), "the index is in use; waiting", "index", x.o.File, "retry", retry+1, "waited", waited, "error", err)
		wait = min(2*wait, busyTimeout)
	}
}

// retryLevel returns the level at which a retry is logged.
func retryLevel(retry int) slog.Level {
	switch {
	case retry <= 3:
		return slog.LevelDebug
	case retry <= 7:
		return slog.LevelInfo
	}
	return slog.LevelWarn
}

func (x *Index) logTimeout(err error, waited time.Duration) {
	x.o.Log.Error("the index can't be opened: another process uses it", "index", x.o.File, "waited", waited, "error", err,
		"likely", "another StarPunk of this site is stopped or hangs; a backup, a database tool or a file sync has the index open; "+
			"or the folder is on a network mount whose locks are stuck",
		"remedy", "find out which process has the index or open.lock beside it open (fuser, lsof), end it, and start again; "+
			"the index can be deleted while no StarPunk runs: it is made again from the files")
}

// isInUse reports whether the index can't be opened because another process uses it.
func isInUse(err error) bool {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultInterrupt:
		return true
	}
	return errors.Is(err, context.DeadlineExceeded) // of a lock
}

// versionOnDisk returns the version of an index, -1 if it does not exist or can't be read.
// SQLite reads it: closing another file descriptor would release the locks that SQLite has
// on the file in this process (fcntl(2)).
func versionOnDisk(name string) int {
	conn, err := sqlite.OpenConn(name, sqlite.OpenReadOnly)
	if err != nil {
		return -1
	}
	version := -1
	err = sqlitex.ExecuteTransient(conn, "pragma user_version", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			version = stmt.ColumnInt(0)
			return nil
		},
	})
	if err = errors.Join(err, conn.Close()); err != nil {
		return -1
	}
	return version
}
