package queue

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"starpunk/site"
	"starpunk/site/store/query"
	"starpunk/site/store/table"
	"starpunk/site/store/wakeup"

	"zombiezen.com/go/sqlite"
)

// A Queue is the queue of stale outputs of one site. One process at a time builds a site.
// The methods of the Queue are about builds as a whole; its parts have the others. Several
// goroutines may use them at once.
type Queue struct {
	Notes   *Notes
	Lists   *Lists
	Outputs *Outputs
	Copies  *Copies
	Links   *Links

	cfg     *site.Config
	now     func() time.Time
	db      *query.DB
	table   *table.Table
	wakeups *wakeup.Wakeups

	whole wholeLists

	// Numbers of builds of this process; 0: none.
	undurable atomic.Int64 // the last, if not all builds are recorded as durable
	recorded  atomic.Int64 // the last that the index has
	finished  atomic.Int64 // the last after which nothing was left to do
	restyling atomic.Bool  // pages are rendered with other layouts
}

// Notes are the rows of notes in a queue, with their built marks.
type Notes struct{ q *Queue }

// Lists are the lists, feeds, site maps and redirects in a queue.
type Lists struct{ q *Queue }

// Outputs are the files of the output folder that the index has.
type Outputs struct{ q *Queue }

// Copies are the files that are copied to the output.
type Copies struct{ q *Queue }

// Links are the links of pages, to files and to addresses of the site.
type Links struct{ q *Queue }

// New returns the queue of a site.
func New(cfg *site.Config, now func() time.Time, db *query.DB, t *table.Table, w *wakeup.Wakeups) *Queue {
	q := &Queue{cfg: cfg, now: now, db: db, table: t, wakeups: w}
	q.Notes, q.Lists, q.Outputs, q.Copies, q.Links = &Notes{q}, &Lists{q}, &Outputs{q}, &Copies{q}, &Links{q}
	return q
}

// Begin opens a build. It returns its number, which all marks have from now on. The number
// is recorded before the first output is written, so that a crash is noticed: see [Queue.Interrupted]. If an earlier build is not durable yet, a crash is
// noticed anyway, and the first marks record the number.
func (q *Queue) Begin(ctx context.Context) (number int64, err error) {
	if last := q.undurable.Load(); last != 0 {
		q.undurable.Store(last + 1)
		return last + 1, nil
	}
	err = q.db.Write(ctx, func(conn *sqlite.Conn) error {
		last, safe, err := builds(conn)
		if err != nil {
			return err
		}
		number = max(last, safe) + 1
		q.recorded.Store(last)
		return q.recordBuild(conn, number)
	})
	if err == nil {
		q.undurable.Store(number)
	}
	return number, err
}

// mark runs f in a transaction that records marks of a build. If nothing is left to do after
// f, it records that all outputs of the build are live. While pages are rendered with
// other layouts it does not, because the index does not count these pages.
func (q *Queue) mark(ctx context.Context, number int64, f func(*sqlite.Conn) error) error {
	finished := false
	err := q.db.Write(ctx, func(conn *sqlite.Conn) error {
		err := q.recordBuild(conn, number)
		if err == nil {
			err = f(conn)
		}
		if err != nil || number == 0 || q.restyling.Load() {
			return err
		}
		left, err := query.Has(conn, "has_pending", query.Args{":now": q.table.NowSeconds()})
		if err != nil || left {
			return err
		}
		finished = true
		return query.SetState(conn, "live", number)
	})
	if err == nil && finished {
		q.finished.Store(number)
		q.wakeups.WakeWaiters()
	}
	return err
}

// recordBuild records the number and the moment of a build, once.
func (q *Queue) recordBuild(conn *sqlite.Conn, number int64) error {
	if number <= q.recorded.Load() {
		return nil
	}
	q.recorded.Store(number) // if the transaction fails, so does the build, and the next has another number
	if err := q.saveClock(conn); err != nil {
		return err
	}
	return query.SetState(conn, "build", number)
}

// Finished reports whether nothing was left to do when the last marks of a build were
// recorded. Then [Queue.MarkAll] is not needed.
func (q *Queue) Finished(number int64) bool { return number != 0 && q.finished.Load() == number }

// AssignDueAddresses assigns addresses that several notes claim again, if one of the notes
// became due.
func (q *Queue) AssignDueAddresses(ctx context.Context) error {
	permalinks, err := q.db.Texts(ctx, "due", query.Args{":now": q.table.NowSeconds()})
	if err != nil || len(permalinks) == 0 {
		return err
	}
	return q.db.Write(ctx, func(conn *sqlite.Conn) error {
		for _, permalink := range permalinks {
			if err := q.table.Reshadow(conn, permalink); err != nil {
				return err
			}
		}
		return nil
	})
}

// NextDue returns the time at which the next scheduled note is due; the zero time if no
// note is scheduled. A preview shows the note already: there it is the time
// at which the note loses its mark.
func (q *Queue) NextDue(ctx context.Context) (due time.Time, err error) {
	name := "next_due"
	if q.cfg.Preview {
		name = "next_scheduled"
	}
	err = q.db.Each(ctx, name, query.Args{":now": q.now().Unix()}, func(stmt *sqlite.Stmt) error {
		if stmt.ColumnType(0) != sqlite.TypeNull {
			due = time.Unix(stmt.ColumnInt64(0), 0)
		}
		return nil
	})
	return due, err
}

// RebuildWhenDue makes everything stale in a preview when a scheduled note became due: the
// note's pages and lists show that it is scheduled.
func (q *Queue) RebuildWhenDue(ctx context.Context) error {
	if !q.cfg.Preview {
		return nil
	}
	due, err := q.NextDue(ctx)
	if err != nil {
		return err
	}
	var last, next int64 // 0: none
	if !due.IsZero() {
		next = due.Unix()
	}
	err = q.db.Read(ctx, func(conn *sqlite.Conn) error {
		last, err = query.StateInt(conn, "scheduled")
		return err
	})
	if err != nil || last == next {
		return err
	}
	value := fmt.Sprint(next)
	if last != 0 && last <= q.now().Unix() {
		return q.resetUnless(ctx, "scheduled", value, "rebuild_notes", "rebuild_lists")
	}
	return q.db.SetState(ctx, "scheduled", value)
}

// MarkAll records that nothing was left to do after build number.
func (q *Queue) MarkAll(ctx context.Context, number int64) error {
	defer q.wakeups.WakeWaiters()
	return q.db.SetState(ctx, "live", number)
}

// Waiting reports whether any work is left.
func (q *Queue) Waiting(ctx context.Context) (waiting bool, err error) {
	return q.db.Has(ctx, "has_pending", query.Args{":now": q.table.NowSeconds()})
}

// Urgent reports whether there is work that comes before all other: a note that a client
// waits for, or an upload.
func (q *Queue) Urgent(ctx context.Context) (urgent bool, err error) {
	err = q.db.Read(ctx, func(conn *sqlite.Conn) error {
		if urgent, err = query.Has(conn, "waited", query.Args{":now": q.table.NowSeconds()}); err != nil || urgent {
			return err
		}
		urgent, err = query.Has(conn, "any_upload", nil)
		return err
	})
	return urgent, err
}

// Interrupted returns the number of the last build if it was not made durable: its
// process died, or could not finish it, and may have left files that the index does not
// have. If the last build is durable, it returns 0.
func (q *Queue) Interrupted(ctx context.Context) (number int64, err error) {
	err = q.db.Read(ctx, func(conn *sqlite.Conn) error {
		last, safe, err := builds(conn)
		if last > safe {
			number = last
		}
		return err
	})
	return number, err
}

// MarkSafe records that the outputs of all builds up to number are durable. A later build
// that failed before its first marks is recorded, too: see [Queue.Interrupted].
func (q *Queue) MarkSafe(ctx context.Context, number int64) error {
	err := q.db.Write(ctx, func(conn *sqlite.Conn) error {
		if err := query.Exec(conn, "removals_safe", query.Args{":safe": number}, nil); err != nil {
			return err
		}
		if err := q.recordBuild(conn, q.undurable.Load()); err != nil {
			return err
		}
		return query.SetState(conn, "safe", number)
	})
	if err == nil {
		q.undurable.CompareAndSwap(number, 0)
	}
	return err
}

// builds returns the numbers of the last build and of the last durable one.
func builds(conn *sqlite.Conn) (last, safe int64, err error) {
	if last, err = query.StateInt(conn, "build"); err != nil {
		return 0, 0, err
	}
	safe, err = query.StateInt(conn, "safe")
	return last, safe, err
}
