package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"starpunk/site"

	"zombiezen.com/go/sqlite"
)

// scanEntry reads what lists show of a row. The queries that list notes select
// these columns in this order, and only rows that have a page now.
func scanEntry(stmt *sqlite.Stmt) *Row {
	r := &Row{
		ID: stmt.ColumnInt64(0), File: stmt.ColumnText(1), Type: stmt.ColumnText(3), Status: stmt.ColumnText(4),
		HasPage: true, Listed: stmt.ColumnInt64(5) == showsListed,
		Permalink: stmt.ColumnText(6), Label: stmt.ColumnText(8), Named: stmt.ColumnBool(9),
	}
	stmt.ColumnBytes(2, r.Hash[:])
	r.Published, _ = site.ParseTime(stmt.ColumnText(7), time.UTC) // a page has none
	return r
}

// An Entry is what a list shows of a note.
type Entry struct {
	Permalink string
	Published time.Time // in the zone it was written in
	Type      string    // post type
	Status    string
	Label     string
	Named     bool // Label is the note's name
}

// Position is the place of a note in the order of lists.
func (e *Entry) Position() Position { return Position{e.Published.Unix(), e.Permalink} }

// Entry is the line of a row.
func (r *Row) Entry() Entry {
	return Entry{r.Permalink, r.Published, r.Type, r.Status, r.Label, r.Named}
}

// scanRow reads a whole row of the notes table.
func (s *Store) scanRow(stmt *sqlite.Stmt) (*Row, error) {
	r := &Row{
		ID: stmt.GetInt64("id"), File: stmt.GetText("file"), Rev: stmt.GetInt64("rev"),
		Problem: stmt.GetText("problem"), Kind: site.Kind(stmt.GetText("kind")),
		Type: stmt.GetText("type"), Status: stmt.GetText("status"), Permalink: stmt.GetText("permalink"),
		Label: stmt.GetText("label"), Named: stmt.GetBool("named"),
		Waited: stmt.GetInt64("todo") == todoWaited, neighbour: stmt.GetInt64("todo") == todoNeighbour, gone: stmt.GetBool("gone"),
	}
	stmt.GetBytes("hash", r.Hash[:])
	r.Published, _ = site.ParseTime(stmt.GetText("written"), time.UTC) // a page has none
	r.Future = stmt.GetInt64("published") > s.nowSeconds()
	r.Withheld = r.Problem != "" && stmt.GetInt64("shows") == showsNothing && r.Status != StatusDeleted
	r.HasPage = stmt.GetInt64("shows") >= showsPage && !stmt.GetBool("shadowed") && !r.Future
	r.Listed = r.HasPage && stmt.GetInt64("shows") == showsListed
	if err := json.Unmarshal([]byte(stmt.GetText("tags")), &r.Tags); err != nil {
		return nil, fmt.Errorf("index: tags of %s: %w", r.File, err)
	}
	if stmt.IsNull("built_outputs") {
		return r, nil
	}
	b := &Built{
		Permalink: stmt.GetText("built_permalink"), Label: stmt.GetText("built_label"),
		Published: time.Unix(stmt.GetInt64("built_published"), 0).UTC(), Number: stmt.GetInt64("built"),
	}
	stmt.GetBytes("built_hash", b.Hash[:])
	r.Built = b
	if !stmt.IsNull("built_warnings") {
		if err := json.Unmarshal([]byte(stmt.GetText("built_warnings")), &b.Warnings); err != nil {
			return nil, fmt.Errorf("index: warnings of %s: %w", r.File, err)
		}
	}
	return r, errors.Join(
		json.Unmarshal([]byte(stmt.GetText("built_lists")), &b.Lists),
		json.Unmarshal([]byte(stmt.GetText("built_outputs")), &b.Outputs))
}

// entries runs a query for what lists show of rows.
func entries(conn *sqlite.Conn, query string, named args) (rows []*Row, err error) {
	err = exec(conn, query, named, func(stmt *sqlite.Stmt) error {
		rows = append(rows, scanEntry(stmt))
		return nil
	})
	return rows, err
}

func (s *Store) list(ctx context.Context, query string, named args) (rows []*Row, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		rows, err = entries(conn, query, named)
		return err
	})
	s.work.rows.Add(int64(len(rows)))
	return rows, err
}

// rows runs a query that selects whole rows.
func (s *Store) rows(conn *sqlite.Conn, query string, named args) (rows []*Row, err error) {
	err = exec(conn, query, named, func(stmt *sqlite.Stmt) error {
		r, err := s.scanRow(stmt)
		rows = append(rows, r)
		return err
	})
	return rows, err
}

func (s *Store) query(ctx context.Context, query string, named args) (rows []*Row, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		rows, err = s.rows(conn, query, named)
		return err
	})
	s.work.rows.Add(int64(len(rows)))
	return rows, err
}

// first is the only row of a query, or nil.
func first(rows []*Row, err error) (*Row, error) {
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

func (s *Store) rowByFile(conn *sqlite.Conn, file string) (*Row, error) {
	return first(s.rows(conn, "row_by_file", args{":file": file}))
}

// ByFile finds a row by its file, relative to content/; nil if there is none.
func (s *Store) ByFile(ctx context.Context, file string) (*Row, error) {
	return first(s.query(ctx, "row_by_file", args{":file": file}))
}

// ByPermalink finds the note that has an address, or [ErrNotExist]. Of several
// it is the one that has the page; a deleted note comes last.
func (s *Store) ByPermalink(ctx context.Context, permalink string) (*Row, error) {
	s.catchUp(ctx)
	row, err := first(s.query(ctx, "row_by_permalink", args{":permalink": permalink}))
	if err == nil && row == nil {
		err = fmt.Errorf("%w: %s", ErrNotExist, permalink)
	}
	return row, err
}

// ByAlias finds the note that has an address among its aliases, or
// [ErrNotExist]. Of several it is one that has a page; a deleted note comes
// last.
func (s *Store) ByAlias(ctx context.Context, address string) (*Row, error) {
	row, err := first(s.query(ctx, "row_by_alias", args{":address": address}))
	if err == nil && row == nil {
		err = fmt.Errorf("%w: %s", ErrNotExist, address)
	}
	return row, err
}

// Read reads the note in content/file, as it is now.
func (s *Store) Read(file string) (*site.Note, error) {
	n, _, err := s.readNow(file)
	return n, err
}

// ReadRow reads the note of a row from its file, as it is now. same says whether
// it certainly is as the row has it: of a bundle, which has other files, that is
// not known.
func (s *Store) ReadRow(r *Row) (n *site.Note, same bool, err error) {
	n, hash, err := s.readNow(r.File)
	return n, hash == r.Hash, err
}

func (s *Store) readNow(file string) (*site.Note, Hash, error) {
	name := s.contentPath(file)
	info, err := os.Lstat(name)
	if err != nil {
		return nil, Hash{}, fmt.Errorf("read note: %w", err)
	}
	data, problem, err := readNote(name, info)
	if err != nil {
		return nil, Hash{}, fmt.Errorf("read note: %w", err)
	}
	s.work.notes.Add(1)
	if problem != "" {
		return nil, Hash{}, &site.SyntaxError{File: "content/" + file, Line: 1, Msg: problem}
	}
	n, err := site.Parse(file, data, s.cfg.Location)
	return n, sha256.Sum256(data), err
}

// BundleFiles lists the files that the bundle content/file publishes beside
// its page, relative to its folder, with the system's separators. It is empty
// for a note that is no bundle.
func (s *Store) BundleFiles(file string) (dir string, names []string) {
	if !isBundle(file) {
		return "", nil
	}
	return s.contentPath(dirOf(file)), s.bundleFiles(dirOf(file))
}

// A List says which notes to list: those of a month, a tag or a type, the
// latter two optionally of one year. Exactly one of the three is set.
type List struct {
	Month string    // "2026-11"
	Tag   string    // address
	Type  string    // post type
	Year  string    // "2026", with Tag or Type
	Since *Position // only what comes after this place, or is there; nil: all
	Limit int       // 0: all
}

// Listed returns the notes that a list shows, newest first. What lists of tags show
// is what the page of the note was made with.
func (s *Store) Listed(ctx context.Context, l List) ([]Entry, error) {
	begin, until, err := yearBounds(l.Year)
	if err != nil {
		return nil, err
	}
	since := Position{Published: begin}
	if l.Since != nil && since.Before(*l.Since) {
		since = *l.Since
	}
	named := args{":limit": cmp.Or(l.Limit, -1), ":since": since.Published, ":permalink": since.Permalink}
	if l.Month != "" {
		named[":month"], named[":now"] = l.Month, s.nowSeconds()
		return s.listed(ctx, "listed_month", named)
	}
	named[":year"], named[":until"] = l.Year, min(until, s.nowSeconds())
	if l.Tag != "" {
		named[":tag"] = l.Tag
		return s.listed(ctx, "listed_tag", named)
	}
	named[":type"] = l.Type
	return s.listed(ctx, "listed_type", named)
}

func (s *Store) listed(ctx context.Context, query string, named args) (list []Entry, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, query, named, func(stmt *sqlite.Stmt) error {
			at, _ := site.ParseTime(stmt.ColumnText(1), time.UTC) // a note has one
			list = append(list, Entry{
				Permalink: stmt.ColumnText(0), Published: at, Type: stmt.ColumnText(2), Status: stmt.ColumnText(3),
				Label: stmt.ColumnText(4), Named: stmt.ColumnBool(5),
			})
			return nil
		})
	})
	s.work.rows.Add(int64(len(list)))
	return list, err
}

// yearBounds are the seconds between which a year lies, in whatever zone; all
// of time if year is "".
func yearBounds(year string) (since, until int64, err error) {
	if year == "" {
		return math.MinInt64, math.MaxInt64, nil
	}
	begin, err := time.Parse("2006", year)
	if err != nil {
		return 0, 0, fmt.Errorf("year of a list: %w", err)
	}
	return begin.AddDate(0, 0, -1).Unix(), begin.AddDate(1, 0, 1).Unix(), nil
}

// Newest returns the newest notes that can be read, of some types or, if tag
// is set, of that tag, newest first: what the front page and the feeds show.
func (s *Store) Newest(ctx context.Context, types []string, tag string, limit int) ([]*Row, error) {
	if tag != "" {
		return s.list(ctx, "newest_tag", args{":tag": tag, ":now": s.nowSeconds(), ":limit": limit})
	}
	// Most often the newest of all are of these types.
	names, err := jsonList(types)
	if err != nil {
		return nil, err
	}
	all, err := s.list(ctx, "newest_types", args{":types": names, ":now": s.nowSeconds(), ":look": 2 * limit, ":limit": limit})
	if err != nil || len(all) == limit {
		return all, err
	}
	all = nil
	for _, t := range types {
		rows, err := s.list(ctx, "newest_type", args{":type": t, ":now": s.nowSeconds(), ":limit": limit})
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	slices.SortFunc(all, func(a, b *Row) int {
		return cmp.Or(b.Published.Compare(a.Published), cmp.Compare(b.Permalink, a.Permalink))
	})
	all = slices.CompactFunc(all, func(a, b *Row) bool { return a.ID == b.ID }) // a type may be named twice
	return all[:min(limit, len(all))], nil
}

// Odd says whether any file went of which something is still there, and whether
// any permalink has a capital letter: without, nothing moved and none differ
// only by case.
func (s *Store) Odd(ctx context.Context) (gone, capital bool, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "odd", nil, func(stmt *sqlite.Stmt) error {
			gone, capital = stmt.ColumnBool(0), stmt.ColumnBool(1)
			return nil
		})
	})
	return gone, capital, err
}

// MovedFrom is the permalink of a note whose file went and had the content that
// a file has now; "" if there is none. It is known until what was built of that
// file is gone.
func (s *Store) MovedFrom(ctx context.Context, hash Hash) (string, error) {
	texts, err := s.texts(ctx, "moved_from", args{":hash": hash[:]})
	if err != nil || len(texts) == 0 {
		return "", err
	}
	return texts[0], nil
}

// CaseTwin is a permalink that differs from the given one only in the case of
// ASCII letters, with its file; "" if no note has one.
func (s *Store) CaseTwin(ctx context.Context, permalink string) (twin, file string, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "case_twin", args{":permalink": permalink}, func(stmt *sqlite.Stmt) error {
			twin, file = stmt.ColumnText(0), stmt.ColumnText(1)
			return nil
		})
	})
	return twin, file, err
}

// Neighbours are the notes before and after one in time; nil at the ends.
type Neighbours struct{ Prev, Next *Row }

// manyRows is how many rows are worth reading what lies between them.
const manyRows = 16

// Neighbours finds the neighbours of each of some rows, by their ids; rows that
// lists don't show have none. Where the rows follow each other, as they do in a
// first build, each is read once, as the neighbour of another.
func (s *Store) Neighbours(ctx context.Context, rows []*Row) (map[int64]Neighbours, error) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r *Row) bool { return !r.Listed })
	found := make(map[int64]Neighbours, len(rows))
	err := s.read(ctx, func(conn *sqlite.Conn) error {
		if len(rows) >= manyRows {
			if err := s.between(conn, rows, found); err != nil {
				return err
			}
		}
		for _, r := range rows {
			if _, ok := found[r.ID]; ok {
				continue
			}
			n, err := s.around(conn, r)
			if err != nil {
				return err
			}
			found[r.ID] = n
		}
		return nil
	})
	return found, err
}

// between finds the neighbours of rows that follow each other, but for the first
// and the last. It reads no more than twice as many rows.
func (s *Store) between(conn *sqlite.Conn, rows []*Row, found map[int64]Neighbours) error {
	from, to := rows[0].Published.Unix(), rows[0].Published.Unix()
	for _, r := range rows {
		from, to = min(from, r.Published.Unix()), max(to, r.Published.Unix())
	}
	limit := 2 * len(rows)
	all, err := entries(conn, "between", args{":from": from, ":to": to, ":now": s.nowSeconds(), ":limit": limit})
	s.work.rows.Add(int64(len(all)))
	if err != nil || len(all) == limit { // too many others lie between them
		return err
	}
	for i := 1; i < len(all)-1; i++ {
		found[all[i].ID] = Neighbours{all[i-1], all[i+1]}
	}
	return nil
}

func (s *Store) around(conn *sqlite.Conn, r *Row) (n Neighbours, err error) {
	named := args{":published": r.Published.Unix(), ":permalink": r.Permalink, ":now": s.nowSeconds()}
	err = exec(conn, "around", named, func(stmt *sqlite.Stmt) error {
		s.work.rows.Add(1)
		if stmt.ColumnBool(10) {
			n.Next = scanEntry(stmt)
		} else {
			n.Prev = scanEntry(stmt)
		}
		return nil
	})
	return n, err
}

// Months returns the months that have listed notes, newest first, of all years
// or of one.
func (s *Store) Months(ctx context.Context, year string) ([]string, error) {
	return s.texts(ctx, "months", args{":year": year})
}

// Types returns the post types that have listed notes.
func (s *Store) Types(ctx context.Context) ([]string, error) {
	return s.texts(ctx, "types", nil)
}

func (s *Store) texts(ctx context.Context, query string, named args) (texts []string, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, query, named, func(stmt *sqlite.Stmt) error {
			texts = append(texts, stmt.ColumnText(0))
			return nil
		})
	})
	s.work.rows.Add(int64(len(texts)))
	return texts, err
}

// A Tag is a tag that has listed notes.
type Tag struct {
	Address string // path element
	Spelled string // as its oldest note spells it
}

// Tags returns all tags in the order of their addresses.
func (s *Store) Tags(ctx context.Context) (tags []Tag, err error) {
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "tags", nil, func(stmt *sqlite.Stmt) error {
			tags = append(tags, Tag{stmt.ColumnText(0), stmt.ColumnText(1)})
			return nil
		})
	})
	s.work.rows.Add(int64(len(tags)))
	return tags, err
}

// Spelling is how the oldest listed note of a tag spells it; "" if none has it.
func (s *Store) Spelling(ctx context.Context, tag string) (string, error) {
	texts, err := s.texts(ctx, "spelling", args{":tag": tag})
	if err != nil || len(texts) == 0 {
		return "", err
	}
	return texts[0], nil
}

// Problems returns what keeps files from being shown, in the order of their
// names: what is wrong with those that can't be read as notes, who has the
// address of those that stand back, and what this process was not allowed to
// look at, or would not follow.
func (s *Store) Problems(ctx context.Context) ([]string, error) {
	problems, err := s.heldProblems(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.texts(ctx, "problems", nil)
	if err != nil {
		return nil, err
	}
	problems = append(problems, rows...)
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		return exec(conn, "shadowed", nil, func(stmt *sqlite.Stmt) error {
			file, permalink := stmt.ColumnText(0), stmt.ColumnText(1)
			if own := site.OwnFile(permalink); own != "" {
				problems = append(problems, fmt.Sprintf("content/%s:1: its address %s belongs to the site's own %s", file, permalink, own))
			}
			return nil
		})
	})
	problems = append(problems, s.leftOut.Lines("content")...)
	slices.Sort(problems)
	return problems, err
}

// Notices returns the remarks about files that can be read in spite of them, in
// the order of the files and of their lines: what [site.Parse] noticed, whether
// the note has a page or not. Deleted notes have none.
func (s *Store) Notices(ctx context.Context) ([]string, error) {
	return s.texts(ctx, "notices", nil)
}

// PagePermalinks returns the permalinks of the public pages without a date that
// have their outputs, in order.
func (s *Store) PagePermalinks(ctx context.Context) ([]string, error) {
	return s.texts(ctx, "page_permalinks", nil)
}
