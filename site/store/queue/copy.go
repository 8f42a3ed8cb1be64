package queue

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"starpunk/site/store/filestamp"
	"starpunk/site/store/link"
	"starpunk/site/store/query"

	"golang.org/x/text/unicode/norm"
	"zombiezen.com/go/sqlite"
)

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

// In returns the copies of a file of the site, or of the files in a folder and below
// it, by source.
func (cs *Copies) In(ctx context.Context, source string) (map[string]Copy, error) {
	copies := map[string]Copy{}
	err := cs.q.db.Each(ctx, "copies", query.Args{":source": source, ":prefix": source + "/", ":end": source + "0"}, func(stmt *sqlite.Stmt) error {
		c := Copy{stmt.GetText("source"), stmt.GetText("output"), query.Stamp(stmt, stmt.ColumnIndex("size"))}
		copies[c.Source] = c
		return nil
	})
	return copies, err
}

// Count returns a function that counts the files that are copied from a
// folder, up to a limit.
func (cs *Copies) Count(folder string) func(context.Context, int) (int, error) {
	return func(ctx context.Context, limit int) (int, error) {
		n, err := cs.q.db.Number(ctx, "count_copies", query.Args{":prefix": folder + "/", ":end": folder + "0", ":limit": limit})
		return int(n), err
	}
}

// Mark records the files that were copied in build number, and the copies whose
// sources do not exist any more. The outputs of these are queued for removal, and the
// notes with their addresses are built. Notes that link to a source are built again:
// they show its size.
func (cs *Copies) Mark(ctx context.Context, number int64, copied, removed []Copy) error {
	defer cs.q.wakeups.WakeWaiters()
	return cs.q.db.Write(ctx, func(conn *sqlite.Conn) error {
		if err := cs.q.recordBuild(conn, number); err != nil {
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

// Remove has the copies of files removed that were deleted on purpose: a scan would hold
// them back as lost if they are many.
func (cs *Copies) Remove(ctx context.Context, sources []string) error {
	var removed []Copy
	for _, source := range sources {
		copies, err := cs.In(ctx, source)
		if err != nil {
			return err
		}
		removed = slices.AppendSeq(removed, maps.Values(copies))
	}
	defer cs.q.wakeups.WakeWaiters()
	return cs.q.db.Write(ctx, func(conn *sqlite.Conn) error {
		for _, c := range removed {
			if err := staleAt(conn, c); err != nil {
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

// Of returns the copy of a source that is in the output; the zero Copy if there
// is none.
func (cs *Copies) Of(ctx context.Context, source string) (c Copy, err error) {
	err = cs.q.db.Each(ctx, "copy_at", query.Args{":source": source}, func(stmt *sqlite.Stmt) error {
		c = Copy{source, stmt.ColumnText(0), query.Stamp(stmt, 1)}
		return nil
	})
	return c, err
}

// dropUnshown forgets the copy of an attachment that no page shows or links to any
// more, and has it removed. A page that began to show it meanwhile records it again:
// see [Result.Copies].
func dropUnshown(conn *sqlite.Conn, source string) error {
	shown, err := query.Has(conn, "is_shown", query.Args{":source": source})
	if err != nil || shown {
		return err
	}
	output, err := query.Text(conn, "copy_at", query.Args{":source": source})
	if err != nil || output == "" {
		return err
	}
	if err := query.Exec(conn, "delete_copy", query.Args{":source": source}, nil); err != nil {
		return err
	}
	other, err := query.Text(conn, "copy_of", query.Args{":output": output})
	if err != nil || other != "" {
		return err // a file whose name is the same in the other Unicode form
	}
	if err := query.Exec(conn, "removal_add", query.Args{":output": output}, nil); err != nil {
		return err
	}
	if err := link.OpenPlaces(conn, []string{output}); err != nil {
		return err
	}
	return uncover(conn, output)
}

// WantedUploads returns the uploads that must be copied to the output before all other
// work, relative to the site.
func (cs *Copies) WantedUploads(ctx context.Context) ([]string, error) {
	return cs.q.db.Texts(ctx, "uploads", nil)
}

// ForgetUpload removes an upload that does not exist any more from the list.
func (cs *Copies) ForgetUpload(ctx context.Context, source string) error {
	return cs.q.db.Run(ctx, "upload_done", query.Args{":source": source})
}
