package queue

import (
	"context"
	"time"

	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

const (
	clockKey = "clock" // of the state: the moment of the last build, in seconds since the Unix epoch

	// clockStep is the time that a clock may be put back without an effect: programs that
	// correct the clock do that all the time.
	clockStep = time.Minute
	// clockNotes is the number of notes that a clock that was put back may hide, if that is
	// more than half of them. The clock of a computer without a battery starts years ago, and
	// its site must not vanish.
	clockNotes = 10
)

// saveClock records the moment of a build, unless there was a build at a later one.
func (q *Queue) saveClock(conn *sqlite.Conn) error {
	if q.cfg.Preview {
		return nil
	}
	last, err := query.StateInt(conn, clockKey)
	if now := q.now().Unix(); err == nil && now > last {
		err = query.SetState(conn, clockKey, now)
	}
	return err
}

// Rewind makes the notes stale that were published while the clock was ahead, and whose
// time has not come. If they are too many, it changes nothing, and kept is their number.
func (q *Queue) Rewind(ctx context.Context) (kept int, err error) {
	if q.cfg.Preview {
		return 0, nil
	}
	now := q.now().Unix()
	var last int64
	early := map[int64]string{} // permalinks
	err = q.db.Read(ctx, func(conn *sqlite.Conn) (err error) {
		if last, err = query.StateInt(conn, clockKey); err != nil || last-now < int64(clockStep/time.Second) {
			return err
		}
		return query.Exec(conn, "early", query.Args{":now": now}, func(stmt *sqlite.Stmt) error {
			early[stmt.ColumnInt64(0)] = stmt.ColumnText(1)
			return nil
		})
	})
	if err != nil || last-now < int64(clockStep/time.Second) {
		return 0, err
	}
	if len(early) > clockNotes {
		known, err := q.table.Count(ctx, 2*len(early)+1)
		if err != nil || known <= 2*len(early) {
			return len(early), err
		}
	}
	return 0, q.db.Write(ctx, func(conn *sqlite.Conn) error {
		for id, permalink := range early {
			if err := query.Exec(conn, "row_stale", query.Args{":id": id}, nil); err != nil {
				return err
			}
			if err := q.table.Reshadow(conn, permalink); err != nil {
				return err
			}
		}
		return query.SetState(conn, clockKey, now)
	})
}
