package queue

import (
	"context"
	"strings"

	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// A Fingerprint changes with everything that outputs depend on, except the notes.
type Fingerprint struct {
	Meaning string // of files: configuration and program
	Look    string // of pages: layouts
}

func (f Fingerprint) String() string { return f.Meaning + " " + f.Look }

// Resume prepares the queue for a builder that starts. If f differs from that of the last
// time, everything is built again. If only the look differs, restyled is true: the lists
// and the pages that lists do not link to are stale, and the builder renders all other
// pages and then calls [Queue.MarkStyled]. If the meaning differs, the next scan
// reads every file again, too. Marks that a crash may have made untrue do not count.
func (q *Queue) Resume(ctx context.Context, f Fingerprint) (restyled bool, err error) {
	q.whole.forget()
	q.undurable.Store(0) // another process may have built since
	q.restyling.Store(false)
	var last, safe int64
	err = q.db.Write(ctx, func(conn *sqlite.Conn) (err error) {
		if last, safe, err = builds(conn); err != nil {
			return err
		}
		for _, name := range []string{"resume_lists", "resume_removals", "resume_copies"} {
			if err := query.Exec(conn, name, query.Args{":safe": safe}, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && last > safe {
		err = q.db.UpdateNotes(ctx, "resume_notes", query.Args{":safe": safe})
	}
	if err != nil {
		return false, err
	}
	before, err := q.db.State(ctx, fingerprintKey)
	if err != nil || before == f.String() {
		return false, err
	}
	if !strings.HasPrefix(before, f.Meaning+" ") {
		return false, q.resetUnless(ctx, fingerprintKey, f.String(), "rebuild_notes", "rebuild_lists")
	}
	if err := q.db.UpdateNotes(ctx, "unlinked_stale", query.Args{}); err != nil {
		return false, err
	}
	return true, q.db.Write(ctx, func(conn *sqlite.Conn) error {
		if err := query.Exec(conn, "rebuild_lists", nil, nil); err != nil {
			return err
		}
		q.restyling.Store(true)
		// From the first page on, the site has a mixture of two looks.
		return query.SetState(conn, fingerprintKey, Fingerprint{Meaning: f.Meaning}.String())
	})
}

const fingerprintKey = "fingerprint" // of the state

// MarkStyled records that all outputs are built with a fingerprint and durable.
func (q *Queue) MarkStyled(ctx context.Context, f Fingerprint) error {
	err := q.db.SetState(ctx, fingerprintKey, f.String())
	if err == nil {
		q.restyling.Store(false)
	}
	return err
}

// Rebuild has the next [Queue.Resume] make everything stale, as with another fingerprint.
// Then all files are copied again, and unknown outputs are removed.
func (q *Queue) Rebuild(ctx context.Context) error {
	return q.db.Write(ctx, func(conn *sqlite.Conn) error {
		if err := query.Exec(conn, "resume_copies", query.Args{":safe": -1}, nil); err != nil {
			return err
		}
		for _, key := range []string{fingerprintKey, "swept"} {
			if err := query.SetState(conn, key, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// resetUnless runs queries over all rows, in batches, unless a key of the
// state has the given value. The value is set last, so that a reset that was
// cut short is done again.
func (q *Queue) resetUnless(ctx context.Context, key, value, notes string, others ...string) error {
	current, err := q.db.State(ctx, key)
	if err != nil || current == value {
		return err
	}
	if err := q.db.UpdateNotes(ctx, notes, query.Args{}); err != nil {
		return err
	}
	return q.db.Write(ctx, func(conn *sqlite.Conn) error {
		for _, name := range others {
			if err := query.Exec(conn, name, nil, nil); err != nil {
				return err
			}
		}
		return query.SetState(conn, key, value)
	})
}
