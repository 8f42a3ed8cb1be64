package store

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"starpunk/site/store/filestamp"
	"starpunk/site/store/link"
	"starpunk/site/store/query"

	"golang.org/x/text/unicode/norm"
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
// pages and then calls [Builder.MarkStyled]. If the meaning differs, the next [Store.Scan]
// reads every file again, too. Marks that a crash may have made untrue do not count.
func (b *Builder) Resume(ctx context.Context, f Fingerprint) (restyled bool, err error) {
	b.whole.forget()
	b.undurable.Store(0) // another process may have built since
	b.restyling.Store(false)
	var last, safe int64
	err = b.db.Write(ctx, func(conn *sqlite.Conn) (err error) {
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
		err = b.db.UpdateNotes(ctx, "resume_notes", query.Args{":safe": safe})
	}
	if err != nil {
		return false, err
	}
	before, err := b.db.State(ctx, fingerprintKey)
	if err != nil || before == f.String() {
		return false, err
	}
	if !strings.HasPrefix(before, f.Meaning+" ") {
		return false, b.resetUnless(ctx, fingerprintKey, f.String(), "rebuild_notes", "rebuild_lists")
	}
	if err := b.db.UpdateNotes(ctx, "unlinked_stale", query.Args{}); err != nil {
		return false, err
	}
	return true, b.db.Write(ctx, func(conn *sqlite.Conn) error {
		if err := query.Exec(conn, "rebuild_lists", nil, nil); err != nil {
			return err
		}
		b.restyling.Store(true)
		// From the first page on, the site has a mixture of two looks.
		return query.SetState(conn, fingerprintKey, Fingerprint{Meaning: f.Meaning}.String())
	})
}

const fingerprintKey = "fingerprint" // of the state

// MarkStyled records that all outputs are built with a fingerprint and durable.
func (b *Builder) MarkStyled(ctx context.Context, f Fingerprint) error {
	err := b.db.SetState(ctx, fingerprintKey, f.String())
	if err == nil {
		b.restyling.Store(false)
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

// Rebuild has the next [Builder.Resume] make everything stale, as with another fingerprint.
// Then all files are copied again, and unknown outputs are removed.
func (b *Builder) Rebuild(ctx context.Context) error {
	return b.db.Write(ctx, func(conn *sqlite.Conn) error {
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

// ClaimOutput relates the index to the output folder that has the mark id. It reports
// whether the index was related to it already. If not, no mark counts any more.
func (b *Builder) ClaimOutput(ctx context.Context, id string) (known bool, err error) {
	current, err := b.db.State(ctx, "output")
	if err != nil || current == id {
		return err == nil, err
	}
	return false, b.resetUnless(ctx, "output", id, "forget_notes", "forget_lists", "forget_tags", "forget_removals", "forget_copies", "open_all_places")
}

// resetUnless runs queries over all rows, in batches, unless a key of the
// state has the given value. The value is set last, so that a reset that was
// cut short is done again.
func (b *Builder) resetUnless(ctx context.Context, key, value, notes string, others ...string) error {
	current, err := b.db.State(ctx, key)
	if err != nil || current == value {
		return err
	}
	if err := b.db.UpdateNotes(ctx, notes, query.Args{}); err != nil {
		return err
	}
	return b.db.Write(ctx, func(conn *sqlite.Conn) error {
		for _, name := range others {
			if err := query.Exec(conn, name, nil, nil); err != nil {
				return err
			}
		}
		return query.SetState(conn, key, value)
	})
}

// Interrupted returns the number of the last build if it was not made durable: its
// process died, or could not finish it, and may have left files that the index does not
// have. If the last build is durable, it returns 0.
func (b *Builder) Interrupted(ctx context.Context) (number int64, err error) {
	err = b.db.Read(ctx, func(conn *sqlite.Conn) error {
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
	err := b.db.Write(ctx, func(conn *sqlite.Conn) error {
		if err := query.Exec(conn, "removals_safe", query.Args{":safe": number}, nil); err != nil {
			return err
		}
		if err := b.recordBuild(conn, b.undurable.Load()); err != nil {
			return err
		}
		return query.SetState(conn, "safe", number)
	})
	if err == nil {
		b.undurable.CompareAndSwap(number, 0)
	}
	return err
}

// Outputs passes every output that is built to yield.
func (b *Builder) Outputs(ctx context.Context, yield func(output string)) error {
	return b.db.Read(ctx, func(conn *sqlite.Conn) error {
		err := query.Exec(conn, "outputs", nil, func(stmt *sqlite.Stmt) error {
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
		return query.Exec(conn, "copies", query.Args{":source": "", ":prefix": "", ":end": "\U0010FFFF"}, func(stmt *sqlite.Stmt) error {
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
	err := s.db.Each(ctx, "copies", query.Args{":source": source, ":prefix": source + "/", ":end": source + "0"}, func(stmt *sqlite.Stmt) error {
		c := Copy{stmt.GetText("source"), stmt.GetText("output"), query.Stamp(stmt, stmt.ColumnIndex("size"))}
		copies[c.Source] = c
		return nil
	})
	return copies, err
}

// CountCopies returns a function that counts the files that are copied from a
// folder, up to a limit.
func (b *Builder) CountCopies(folder string) func(context.Context, int) (int, error) {
	return func(ctx context.Context, limit int) (int, error) {
		n, err := b.db.Number(ctx, "count_copies", query.Args{":prefix": folder + "/", ":end": folder + "0", ":limit": limit})
		return int(n), err
	}
}

// MarkCopied records the files that were copied in build number, and the copies whose
// sources do not exist any more. The outputs of these are queued for removal, and the
// notes with their addresses are built. Notes that link to a source are built again:
// they show its size.
func (b *Builder) MarkCopied(ctx context.Context, number int64, copied, removed []Copy) error {
	defer b.published.Send()
	return b.db.Write(ctx, func(conn *sqlite.Conn) error {
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
	if err := link.OpenPlaces(conn, []string{c.Output}); err != nil {
		return err
	}
	return query.Exec(conn, "showers_stale", query.Args{":source": "content/" + c.Output}, nil)
}

// saveCopy records a copied file.
func saveCopy(conn *sqlite.Conn, number int64, c Copy) error {
	if err := query.Exec(conn, "upload_done", query.Args{":source": c.Source}, nil); err != nil {
		return err
	}
	known, err := query.Has(conn, "copy_at", query.Args{":source": c.Source})
	if err != nil {
		return err
	}
	if !known { // the page that it shadows must report it
		if err := query.Exec(conn, "note_stale", query.Args{":permalink": "/" + strings.TrimSuffix(c.Output, "index.html")}, nil); err != nil {
			return err
		}
	}
	if err := markCopied(conn, number, c); err != nil {
		return err
	}
	return query.Exec(conn, "showers_stale", query.Args{":source": norm.NFC.String(c.Source)}, nil)
}

func markCopied(conn *sqlite.Conn, number int64, c Copy) error {
	if err := query.Exec(conn, "removal_cancel", query.Args{":output": c.Output}, nil); err != nil {
		return err
	}
	if err := link.OpenPlaces(conn, []string{c.Output}); err != nil {
		return err
	}
	return query.Exec(conn, "mark_copied", query.Args{
		":source": c.Source, ":output": c.Output, ":number": number,
		":size": c.stamp.Size, ":mtime": c.stamp.Mtime, ":ctime": c.stamp.Ctime, ":inode": c.stamp.Inode,
	}, nil)
}

// dropCopies queues the outputs of copies for removal, and has everything built that
// they shadowed.
func dropCopies(conn *sqlite.Conn, removed []Copy) error {
	for _, c := range removed {
		if err := query.Exec(conn, "delete_copy", query.Args{":source": c.Source}, nil); err != nil {
			return err
		}
		if err := query.Exec(conn, "removal_add", query.Args{":output": c.Output}, nil); err != nil {
			return err
		}
		if err := uncover(conn, c.Output); err != nil {
			return err
		}
		if err := query.Exec(conn, "showers_stale", query.Args{":source": norm.NFC.String(c.Source)}, nil); err != nil {
			return err
		}
	}
	return nil
}

// Swept reports whether unknown files were already removed from the output folder with the
// given id.
func (b *Builder) Swept(ctx context.Context, id string) (swept bool, err error) {
	current, err := b.db.State(ctx, "swept")
	return err == nil && current == id, err
}

// MarkSwept records that unknown files were removed from the output folder.
func (b *Builder) MarkSwept(ctx context.Context, id string) error {
	return b.db.SetState(ctx, "swept", id)
}
