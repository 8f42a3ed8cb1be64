package store

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/filestamp"
	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// A Row has the data of one note's file in the index.
type Row struct {
	ID        int64
	File      string // relative to content/, with slashes
	Rev       int64  // grows with every change of the source
	Hash      content.Hash
	Problem   string // why the file can't be parsed: "content/hello.md:2: …"
	Kind      site.Kind
	Type      string // post type
	Status    string // public, unlisted, private, draft, deleted
	Permalink string
	Published time.Time // in the zone it was written in
	Label     string
	Named     bool     // Label is the note's name
	Beside    uint64   // a hash of the neighbours that its page shows
	Tags      []string // not in lists
	Todo      int      // the work that is left: [TodoChanged] and its like; not in lists

	Future  bool   // it is scheduled
	HasPage bool   // it should have a page now
	Listed  bool   // and lists should link to it
	Built   *Built // its built mark; nil: never built, and in lists

	Gone     bool // its file does not exist any more
	listed   bool // Listed, whether or not it is due
	Withheld bool // it has a problem, but certainly is not public
}

// Built is a built mark: the state that a row was last built from.
type Built struct {
	Hash      content.Hash
	Permalink string
	Published time.Time // UTC
	Lists     []string  // addresses of the lists that show it
	Outputs   []string  // files below the output folder, with slashes
	Number    int64     // of the build
	Warnings  []string  // remarks about its page, each with file and line
}

// Status of a row besides the visibilities of [site.Note].
const (
	StatusDraft   = "draft"
	StatusDeleted = "deleted"
)

// The values of the column shows: the output of a row.
const (
	showsNothing = 0
	showsPage    = 1
	showsListed  = 2
)

// status returns the status of a note, and the output that it has.
func (s *Store) status(n *site.Note) (status string, shows int) {
	status = n.Visibility
	if n.Draft {
		status = StatusDraft
	}
	switch {
	case n.Deleted():
		return StatusDeleted, showsNothing
	case !s.cfg.Preview && (n.Draft || n.OutOfTime(s.now())), n.Visibility == site.Private:
		return status, showsNothing
	case n.Visibility == site.Unlisted, n.Kind != site.KindNote:
		return status, showsPage
	}
	return status, showsListed
}

// A source is a note's file as it was read.
type source struct {
	file     string
	stamp    filestamp.Stamp
	settled  bool
	hash     content.Hash
	note     *site.Note // nil if it can't be parsed
	problem  string
	withheld bool // it has a problem, and a key that makes it not public

	turns     int64      // the next time at which the note becomes visible or hidden by the clock; 0: never
	turned    int64      // the last such time; 0: never
	permalink string     // of note
	columns   query.Args // of the row that it becomes
}

// readSource reads and parses content/file. The error is of the file system;
// a file that can't be parsed is a source with a problem.
func (s *Store) readSource(file string) (*source, error) {
	return s.readSourceIn(file, s.content.BehindLink(content.Dir(file)))
}

// readSourceIn is readSource for a file whose folder was checked.
func (s *Store) readSourceIn(file string, behindLink bool) (*source, error) {
	name := s.content.Path(file)
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() || behindLink {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist} // the site has no such file
	}
	src := &source{file: file, stamp: filestamp.Of(info)}
	src.settled = s.now().Sub(time.Unix(0, src.stamp.Ctime)) > filestamp.Delay
	data, problem, err := content.ReadNote(name, info)
	if err != nil {
		return nil, err
	}
	src.hash = sha256.Sum256(data)
	if problem == "" {
		s.parseSource(src, data)
	} else {
		src.problem = fmt.Sprintf("content/%s:1: %s", file, problem)
	}
	src.columns, err = s.columns(src)
	return src, err
}

// parseSource parses the bytes of a source.
func (s *Store) parseSource(src *source, data []byte) {
	if content.IsBundle(src.file) {
		src.hash = s.content.BundleHash(src.hash, content.Dir(src.file))
	}
	note, err := site.Parse(src.file, data, s.cfg.Location)
	if err != nil {
		src.problem, src.withheld = err.Error(), site.Withheld(data)
		return
	}
	if note.IsEmpty() && !note.Draft && note.Visibility != site.Private && !note.Deleted() {
		src.problem = fmt.Sprintf("content/%s:1: nothing to show; write a text, a title, or a property such as photo", src.file)
		return
	}
	src.note, src.permalink = note, note.Permalink(s.cfg.Permalink)
	if !s.cfg.Preview {
		last, next := note.Turns(s.now())
		src.turned, src.turns = secondsOf(last), secondsOf(next)
	}
}

// secondsOf returns a time in seconds since the Unix epoch, 0 for no time.
func secondsOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// columns returns the parameters of put_note, or of put_problem, without :id and :todo. It
// runs before the transaction: it takes as long as SQLite needs to write the row, and other
// writers would wait.
func (s *Store) columns(src *source) (query.Args, error) {
	n := src.note
	if n == nil {
		named := src.args(2 + 4)
		named[":name"], named[":withheld"] = nameOf(src.file), src.withheld
		return named, nil
	}
	status, shows := s.status(n)
	label := n.Label(s.cfg.Markdown)
	tags, err := query.List(n.Category)
	if err != nil {
		return nil, fmt.Errorf("tags of %s: %w", src.file, err)
	}
	notices, err := noticeLines(n)
	if err != nil {
		return nil, fmt.Errorf("notices of %s: %w", src.file, err)
	}
	named := src.args(12 + 3)
	named[":name"], named[":notices"] = nameOf(src.file), notices
	named[":kind"], named[":type"], named[":status"], named[":shows"] = string(n.Kind), n.PostType(), status, shows
	named[":permalink"], named[":published"], named[":written"] = src.permalink, n.Published.Unix(), n.Published.Format(time.RFC3339)
	named[":label"], named[":named"], named[":tags"] = label, n.TitleText() != "", tags
	named[":words"] = strings.ToLower(label + "\n" + strings.Join(n.Category, "\n"))
	return named, nil
}

// noticeLines returns the remarks about a note's file as a JSON list of texts
// like those of problems; "" if there are none.
func noticeLines(n *site.Note) (string, error) {
	if len(n.Notices) == 0 {
		return "", nil
	}
	var lines []string
	for _, notice := range n.Notices {
		e := site.SyntaxError{File: "content/" + n.File, Line: notice.Line, Msg: notice.Msg}
		lines = append(lines, e.Error())
	}
	data, err := json.Marshal(lines)
	return string(data), err
}

// args returns parameters for all that a row has of the file of a source, with room for
// others.
func (src *source) args(others int) query.Args {
	named := make(query.Args, 11+others)
	named[":dir"], named[":file"] = content.Dir(src.file), src.file
	named[":size"], named[":mtime"], named[":ctime"], named[":inode"] = src.stamp.Size, src.stamp.Mtime, src.stamp.Ctime, src.stamp.Inode
	named[":settled"], named[":hash"], named[":problem"] = src.settled, src.hash[:], src.problem
	named[":turns"], named[":turned"] = src.turns, src.turned
	return named
}

// isIn reports whether a row of some revision has all that was read already.
func (src *source) isIn(conn *sqlite.Conn, rev int64) (bool, error) {
	if src == nil || rev == 0 {
		return false, nil
	}
	named := src.args(1)
	named[":rev"] = rev
	return query.Has(conn, "same", named)
}

// put updates the row of a file, nil if it has none, to its source. todo is the work that
// is left if the row changed.
func (s *Store) put(conn *sqlite.Conn, old *Row, src *source, todo int) error {
	src.columns[":id"], src.columns[":todo"] = nil, todo
	if old != nil {
		src.columns[":id"] = old.ID
	}
	if src.note == nil {
		// The last good page stays: only the problem is recorded, so that the front page and
		// the feeds leave the note out. This does not hold if the file has a key that makes
		// the note not public.
		return query.Exec(conn, "put_problem", src.columns, nil)
	}
	if err := query.Exec(conn, "put_note", src.columns, nil); err != nil {
		return err
	}
	id, err := forgetOld(conn, old)
	if err != nil {
		return err
	}
	aliases, _ := s.cfg.AliasPaths(src.note)
	for _, address := range aliases {
		if err := query.Exec(conn, "put_alias", query.Args{":note": id, ":address": address}, nil); err != nil {
			return err
		}
	}
	if (old == nil || old.Permalink == src.permalink) && site.OwnFile(src.permalink) == "" {
		if shared, err := query.Has(conn, "shared", query.Args{":permalink": src.permalink, ":file": src.file}); err != nil || !shared {
			return err // no other note claims the address
		}
	}
	if old != nil && old.Permalink != src.permalink {
		if err := s.assignAddress(conn, old.Permalink, src.file); err != nil {
			return err
		}
	}
	return s.assignAddress(conn, src.permalink, src.file)
}

// assignAddress assigns an address that a file took or left: to another note, or to the
// page of a deleted one.
func (s *Store) assignAddress(conn *sqlite.Conn, permalink, file string) error {
	if err := query.Exec(conn, "trash_stale", query.Args{":permalink": permalink, ":file": file}, nil); err != nil {
		return err
	}
	return s.reshadow(conn, permalink)
}

// forgetOld deletes the aliases that a row had, and returns its id. The id of a new row is
// that of the last insert.
func forgetOld(conn *sqlite.Conn, old *Row) (id int64, err error) {
	if old == nil {
		return conn.LastInsertRowID(), nil
	}
	return old.ID, query.Exec(conn, "delete_aliases", query.Args{":note": old.ID}, nil)
}

// reshadow decides which of several notes with one permalink has the page. A due note takes
// precedence over a scheduled one, a page over a note, then the first path in byte order. No
// note has the page where the site has a file of its own. The notes that become shadowed,
// or stop being shadowed, are stale.
func (s *Store) reshadow(conn *sqlite.Conn, permalink string) error {
	if permalink == "" {
		return nil
	}
	own := site.OwnFile(permalink) != ""
	return query.Exec(conn, "reshadow", query.Args{":permalink": permalink, ":own": own, ":now": s.nowSeconds()}, nil)
}

// drop records that the file of a row does not exist any more. The row stays until a
// builder has removed its outputs: one may be writing them at this moment. todo is the
// urgency.
func (s *Store) drop(conn *sqlite.Conn, old *Row, todo int) error {
	if old == nil {
		return nil
	}
	if _, err := forgetOld(conn, old); err != nil {
		return err
	}
	if err := query.Exec(conn, "mark_gone", query.Args{":id": old.ID, ":todo": todo}, nil); err != nil {
		return err
	}
	return s.assignAddress(conn, old.Permalink, old.File)
}
