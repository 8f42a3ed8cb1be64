package store

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"starpunk/site/store/filestamp"

	"golang.org/x/text/unicode/norm"
	"zombiezen.com/go/sqlite"
)

// resetBatch is the number of rows that one transaction of a reset changes: 25 ms of work.
const resetBatch = 1000

// A Fingerprint changes with everything that outputs depend on, except the notes.
type Fingerprint struct {
	Meaning string // of files: configuration and program
	Look    string // of pages: layouts
}

func (f Fingerprint) String() string { return f.Meaning + " " + f.Look }

// Resume prepares the queue for a builder that starts. If f differs from that of the last
// time, everything is built again. If only the look differs, restyled is true: the lists
// and the pages that lists do not link to are stale, and the builder renders all other
// pages and then calls [Builder.MarkStyled]. If the meaning differs, the next [Store.Scan]
// reads every file again, too. Marks that a crash may have made untrue do not count.
func (b *Builder) Resume(ctx context.Context, f Fingerprint) (restyled bool, err error) {
	b.whole.forget()
	b.undurable.Store(0) // another process may have built since
	b.restyling.Store(false)
	var last, safe int64
	err = b.write(ctx, func(conn *sqlite.Conn) (err error) {
		if last, safe, err = builds(conn); err != nil {
			return err
		}
		for _, query := range []string{"resume_lists", "resume_removals", "resume_copies"} {
			if err := exec(conn, query, args{":safe": safe}, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && last > safe {
		err = b.everyNote(ctx, "resume_notes", args{":safe": safe})
	}
	if err != nil {
		return false, err
	}
	var before string
	err = b.read(ctx, func(conn *sqlite.Conn) error {
		before, err = stateText(conn, fingerprintKey)
		return err
	})
	if err != nil || before == f.String() {
		return false, err
	}
	if !strings.HasPrefix(before, f.Meaning+" ") {
		return false, b.resetUnless(ctx, fingerprintKey, f.String(), "rebuild_notes", "rebuild_lists")
	}
	if err := b.everyNote(ctx, "unlinked_stale", args{}); err != nil {
		return false, err
	}
	return true, b.write(ctx, func(conn *sqlite.Conn) error {
		if err := exec(conn, "rebuild_lists", nil, nil); err != nil {
			return err
		}
		b.restyling.Store(true)
		// From the first page on, the site has a mixture of two looks.
		return setState(conn, fingerprintKey, Fingerprint{Meaning: f.Meaning}.String())
	})
}

const fingerprintKey = "fingerprint" // of the state

// MarkStyled records that all outputs are built with a fingerprint and durable.
func (b *Builder) MarkStyled(ctx context.Context, f Fingerprint) error {
	err := b.write(ctx, func(conn *sqlite.Conn) error { return setState(conn, fingerprintKey, f.String()) })
	if err == nil {
		b.restyling.Store(false)
	}
	return err
}

// builds returns the numbers of the last build and of the last durable one.
func builds(conn *sqlite.Conn) (last, safe int64, err error) {
	if last, err = stateInt(conn, "build"); err != nil {
		return 0, 0, err
	}
	safe, err = stateInt(conn, "safe")
	return last, safe, err
}

// everyNote runs an update over all rows from :from to :to, in batches.
func (s *Store) everyNote(ctx context.Context, query string, named args) error {
	var last int64
	err := s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "last_id", nil, func(stmt *sqlite.Stmt) error {
			last = stmt.ColumnInt64(0)
			return nil
		})
	})
	for from := int64(0); err == nil && from <= last; from += resetBatch {
		named[":from"], named[":to"] = from, from+resetBatch
		err = s.write(ctx, func(conn *sqlite.Conn) error { return exec(conn, query, named, nil) })
	}
	return err
}

// Rebuild has the next [Builder.Resume] make everything stale, as with another fingerprint.
// Then all files are copied again, and unknown outputs are removed.
func (b *Builder) Rebuild(ctx context.Context) error {
	return b.write(ctx, func(conn *sqlite.Conn) error {
		if err := exec(conn, "resume_copies", args{":safe": -1}, nil); err != nil {
			return err
		}
		for _, key := range []string{fingerprintKey, "swept"} {
			if err := setState(conn, key, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// ClaimOutput relates the index to the output folder that has the mark id. It reports
// whether the index was related to it already. If not, no mark counts any more.
func (b *Builder) ClaimOutput(ctx context.Context, id string) (known bool, err error) {
	err = b.read(ctx, func(conn *sqlite.Conn) error {
		current, err := stateText(conn, "output")
		known = current == id
		return err
	})
	if err != nil || known {
		return known, err
	}
	return false, b.resetUnless(ctx, "output", id, "forget_notes", "forget_lists", "forget_tags", "forget_removals", "forget_copies", "open_all_places")
}

// resetUnless runs queries over all rows, in batches, unless a key of the
// state has the given value. The value is set last, so that a reset that was
// cut short is done again.
func (b *Builder) resetUnless(ctx context.Context, key, value, notes string, others ...string) error {
	var current string
	err := b.read(ctx, func(conn *sqlite.Conn) (err error) {
		current, err = stateText(conn, key)
		return err
	})
	if err != nil || current == value {
		return err
	}
	if err := b.everyNote(ctx, notes, args{}); err != nil {
		return err
	}
	return b.write(ctx, func(conn *sqlite.Conn) error {
		for _, query := range others {
			if err := exec(conn, query, nil, nil); err != nil {
				return err
			}
		}
		return setState(conn, key, value)
	})
}

// Interrupted returns the number of the last build if it was not made durable: its
// process died, or could not finish it, and may have left files that the index does not
// have. If the last build is durable, it returns 0.
func (b *Builder) Interrupted(ctx context.Context) (number int64, err error) {
	err = b.read(ctx, func(conn *sqlite.Conn) error {
		last, safe, err := builds(conn)
		if last > safe {
			number = last
		}
		return err
	})
	return number, err
}

// MarkSafe records that the outputs of all builds up to number are durable. A later build
// that failed before its first marks is recorded, too: see [Builder.Interrupted].
func (b *Builder) MarkSafe(ctx context.Context, number int64) error {
	err := b.write(ctx, func(conn *sqlite.Conn) error {
		if err := exec(conn, "removals_safe", args{":safe": number}, nil); err != nil {
			return err
		}
		if err := b.recordBuild(conn, b.undurable.Load()); err != nil {
			return err
		}
		return setState(conn, "safe", number)
	})
	if err == nil {
		b.undurable.CompareAndSwap(number, 0)
	}
	return err
}

// Outputs passes every output that is built to yield.
func (b *Builder) Outputs(ctx context.Context, yield func(output string)) error {
	return b.read(ctx, func(conn *sqlite.Conn) error {
		err := exec(conn, "outputs", nil, func(stmt *sqlite.Stmt) error {
			var outputs []string
			if err := json.Unmarshal([]byte(stmt.ColumnText(0)), &outputs); err != nil {
				return fmt.Errorf("index: outputs: %w", err)
			}
			for _, output := range outputs {
				yield(output)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return exec(conn, "copies", args{":source": "", ":prefix": "", ":end": "\U0010FFFF"}, func(stmt *sqlite.Stmt) error {
			yield(stmt.GetText("output"))
			return nil
		})
	})
}

// A Copy is a file that is copied as it is.
type Copy struct {
	Source string // relative to the site, with slashes: "static/favicon.svg"
	Output string // below the output folder
	stamp  filestamp.Stamp
}

// NewCopy describes a file that is about to be copied.
func NewCopy(source, output string, info fs.FileInfo) Copy {
	return Copy{source, output, filestamp.Of(info)}
}

// Copies returns the copies of a file of the site, or of the files in a folder and below
// it, by source.
func (s *Store) Copies(ctx context.Context, source string) (map[string]Copy, error) {
	copies := map[string]Copy{}
	err := s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "copies", args{":source": source, ":prefix": source + "/", ":end": source + "0"}, func(stmt *sqlite.Stmt) error {
			c := Copy{stmt.GetText("source"), stmt.GetText("output"), stampAt(stmt, stmt.ColumnIndex("size"))}
			copies[c.Source] = c
			return nil
		})
	})
	return copies, err
}

// CountCopies returns a function that counts the files that are copied from a
// folder, up to a limit.
func (b *Builder) CountCopies(folder string) func(context.Context, int) (int, error) {
	return func(ctx context.Context, limit int) (int, error) {
		return b.count(ctx, "count_copies", args{":prefix": folder + "/", ":end": folder + "0", ":limit": limit})
	}
}

// MarkCopied records the files that were copied in build number, and the copies whose
// sources do not exist any more. The outputs of these are queued for removal, and the
// notes with their addresses are built. Notes that link to a source are built again:
// they show its size.
func (b *Builder) MarkCopied(ctx context.Context, number int64, copied, removed []Copy) error {
	defer b.published.Send()
	return b.write(ctx, func(conn *sqlite.Conn) error {
		if err := b.recordBuild(conn, number); err != nil {
			return err
		}
		for _, c := range slices.Concat(copied, removed) {
			if err := staleAt(conn, c); err != nil {
				return err
			}
		}
		for _, c := range copied {
			if err := saveCopy(conn, number, c); err != nil {
				return err
			}
		}
		return dropCopies(conn, removed)
	})
}

// staleAt has the pages checked or built again that link to the output of a copy, or
// that show an attachment which has this output or would have it.
func staleAt(conn *sqlite.Conn, c Copy) error {
	if err := openPlaces(conn, []string{c.Output}); err != nil {
		return err
	}
	return exec(conn, "showers_stale", args{":source": "content/" + c.Output}, nil)
}

// saveCopy records a copied file.
func saveCopy(conn *sqlite.Conn, number int64, c Copy) error {
	if err := exec(conn, "upload_done", args{":source": c.Source}, nil); err != nil {
		return err
	}
	known, err := has(conn, "copy_at", args{":source": c.Source})
	if err != nil {
		return err
	}
	if !known { // the page that it shadows must report it
		if err := exec(conn, "note_stale", args{":permalink": "/" + strings.TrimSuffix(c.Output, "index.html")}, nil); err != nil {
			return err
		}
	}
	if err := markCopied(conn, number, c); err != nil {
		return err
	}
	return exec(conn, "showers_stale", args{":source": norm.NFC.String(c.Source)}, nil)
}

func markCopied(conn *sqlite.Conn, number int64, c Copy) error {
	if err := exec(conn, "removal_cancel", args{":output": c.Output}, nil); err != nil {
		return err
	}
	if err := openPlaces(conn, []string{c.Output}); err != nil {
		return err
	}
	return exec(conn, "mark_copied", args{
		":source": c.Source, ":output": c.Output, ":number": number,
		":size": c.stamp.Size, ":mtime": c.stamp.Mtime, ":ctime": c.stamp.Ctime, ":inode": c.stamp.Inode,
	}, nil)
}

// dropCopies queues the outputs of copies for removal, and has everything built that
// they shadowed.
func dropCopies(conn *sqlite.Conn, removed []Copy) error {
	for _, c := range removed {
		if err := exec(conn, "delete_copy", args{":source": c.Source}, nil); err != nil {
			return err
		}
		if err := exec(conn, "removal_add", args{":output": c.Output}, nil); err != nil {
			return err
		}
		if err := uncover(conn, c.Output); err != nil {
			return err
		}
		if err := exec(conn, "showers_stale", args{":source": norm.NFC.String(c.Source)}, nil); err != nil {
			return err
		}
	}
	return nil
}

// firstText returns the first row of a query for texts, "" if there is none.
func firstText(conn *sqlite.Conn, query string, named args) (text string, err error) {
	err = exec(conn, query, named, func(stmt *sqlite.Stmt) error {
		text = stmt.ColumnText(0)
		return nil
	})
	return text, err
}

// Swept reports whether unknown files were already removed from the output folder with the
// given id.
func (b *Builder) Swept(ctx context.Context, id string) (swept bool, err error) {
	err = b.read(ctx, func(conn *sqlite.Conn) error {
		current, err := stateText(conn, "swept")
		swept = current == id
		return err
	})
	return swept, err
}

// MarkSwept records that unknown files were removed from the output folder.
func (b *Builder) MarkSwept(ctx context.Context, id string) error {
	return b.write(ctx, func(conn *sqlite.Conn) error { return setState(conn, "swept", id) })
}
