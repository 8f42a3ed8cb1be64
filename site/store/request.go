package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"time"

	"starpunk/site"
	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// againTime is the time during which the same request makes no second note: clients that
// got no answer send a request again.
const againTime = 60 * time.Second

// maxSiblings bounds how many files are read to find the note of a request that
// the index does not have.
const maxSiblings = 20

// remember records the note that a request will make. It is called before the note is
// made, so that the request is recognized also if the process dies in between. A failure
// is not a reason to refuse the note.
func (c *creation) remember(ctx context.Context, made Created) {
	s := c.store
	if c.request == (Digest{}) {
		return
	}
	now := s.now().Unix()
	err := s.db.Write(ctx, func(conn *sqlite.Conn) error {
		if err := query.Exec(conn, "forget_requests", query.Args{":before": now - int64(againTime/time.Second)}, nil); err != nil {
			return err
		}
		return query.Exec(conn, "put_request", query.Args{
			":digest": c.request[:], ":file": made.File, ":permalink": made.Permalink, ":hash": made.Hash[:], ":at": now,
		}, nil)
	})
	if err != nil {
		s.log.Error("a request can't be remembered; if it is sent twice, it makes two notes", "error", err)
	}
}

// madeBefore returns the note that a request made a moment ago, if its file has not
// changed, otherwise the zero Created.
func (c *creation) madeBefore(ctx context.Context) (made Created, err error) {
	s := c.store
	if c.request == (Digest{}) {
		return made, nil
	}
	since := s.now().Add(-againTime).Unix()
	err = s.db.Each(ctx, "request", query.Args{":digest": c.request[:], ":since": since}, func(stmt *sqlite.Stmt) error {
		made.File, made.Permalink = stmt.GetText("file"), stmt.GetText("permalink")
		stmt.GetBytes("hash", made.Hash[:])
		return nil
	})
	if err != nil || made.File == "" {
		return Created{}, err
	}
	src, err := s.table.ReadSource(made.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Created{}, fmt.Errorf("look at the note that this request made before: %w", err)
	}
	if err != nil || src.Hash != made.Hash {
		return Created{}, nil
	}
	made.Again = true
	_, made.Indexed = s.indexer.update(ctx, made.File) // the process that made it may have died before this
	return made, nil
}

// madeUnknown returns the note that a request made a moment ago if the index has lost
// the request: the newest file that would have the same name and has the bytes that this
// request would write, except for the time of day. If the index has another request that
// made the file, or if there is no such file, it returns the zero Created.
func (c *creation) madeUnknown(ctx context.Context) (Created, error) {
	if c.request == (Digest{}) {
		return Created{}, nil
	}
	files, err := c.lookalikes()
	if err != nil {
		return Created{}, err
	}
	for _, file := range slices.Backward(files) {
		made, err := c.sameNote(ctx, file)
		if err != nil || made.Again {
			return made, err
		}
	}
	return Created{}, nil
}

// lookalikes returns the files that a request like this one would have made during
// the last minute, at most maxSiblings, the newest last.
func (c *creation) lookalikes() (files []string, err error) {
	n := c.note
	taken := map[string]map[string]bool{c.dir: c.siblings}
	for _, at := range momentsBefore(n) {
		slug, dir := n.Slug, monthDir(at)
		if isTimeSlug(n) {
			slug = at.Format(timeSlug)
		}
		if taken[dir] == nil {
			if taken[dir], err = c.slugsIn(dir); err != nil {
				return nil, err
			}
		}
		for try := 1; taken[dir][numbered(slug, try)]; try++ {
			files = append(files, path.Join(dir, at.Format("02-")+numbered(slug, try)+".md"))
			files = files[max(0, len(files)-maxSiblings):]
		}
	}
	return files, nil
}

// timeSlug is the slug of a note without words; see [site.Note.ProposeSlug].
const timeSlug = "150405"

func isTimeSlug(n *site.Note) bool { return n.Slug == n.Published.Format(timeSlug) }

// momentsBefore returns the times of the last minute at which a note like n would have
// got another name, the oldest first: each second, or each day.
func momentsBefore(n *site.Note) (moments []time.Time) {
	for before := againTime; before >= 0; before -= time.Second {
		at := n.Published.Add(-before)
		if last := len(moments) - 1; isTimeSlug(n) || last < 0 || moments[last].Day() != at.Day() {
			moments = append(moments, at)
		}
	}
	return moments
}

// sameNote returns the note in a file if the file has the bytes of the new one, was written less
// than a minute ago, and the index has no other request that made it.
func (c *creation) sameNote(ctx context.Context, file string) (Created, error) {
	s, n := c.store, c.note
	info, err := os.Lstat(s.content.Path(file))
	if err != nil || !info.Mode().IsRegular() || s.now().Sub(info.ModTime()).Abs() > againTime {
		return Created{}, nil // a file that can't be examined does not count
	}
	src, err := s.table.ReadSource(file)
	if err != nil || src.Note == nil {
		return Created{}, nil
	}
	same := *n
	same.File, same.Slug, same.Published = file, src.Note.Slug, src.Note.Published
	data, err := same.Format()
	if err != nil {
		return Created{}, fmt.Errorf("compare with note %s: %w", file, err)
	}
	age := n.Published.Sub(same.Published)
	if age < 0 || age > againTime || sha256.Sum256(data) != src.Hash {
		return Created{}, nil
	}
	known, err := s.db.Has(ctx, "request_of", query.Args{":file": file})
	if err != nil || known {
		return Created{}, err
	}
	made := Created{File: file, Permalink: src.Permalink, Hash: src.Hash, Again: true}
	_, made.Indexed = s.indexer.update(ctx, file)
	return made, nil
}
