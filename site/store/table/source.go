package table

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
	"starpunk/site/store/link"
	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// A Source is a note's file as it was read.
type Source struct {
	File      string // relative to content/, with slashes
	Hash      content.Hash
	Note      *site.Note // nil if it can't be parsed
	Problem   string     // why it can't be parsed
	Permalink string     // of Note

	stamp    filestamp.Stamp
	settled  bool       // a later change of the file changes its stamp
	withheld bool       // it has a problem, and a key that makes it not public
	turns    int64      // the next time at which the note becomes visible or hidden by the clock; 0: never
	turned   int64      // the last such time; 0: never
	columns  query.Args // of the row that it becomes
}

// status returns the status of a note, and the output that it has.
func (t *Table) status(n *site.Note) (status string, shows int) {
	status = n.Visibility
	if n.Draft {
		status = StatusDraft
	}
	switch {
	case n.Deleted():
		return StatusDeleted, showsNothing
	case !t.cfg.Preview && (n.Draft || n.OutOfTime(t.now())), n.Visibility == site.Private:
		return status, showsNothing
	case n.Visibility == site.Unlisted, n.Kind != site.KindNote:
		return status, showsPage
	}
	return status, showsListed
}

// ReadSource reads and parses content/file. The error is of the file system;
// a file that can't be parsed is a source with a problem.
func (t *Table) ReadSource(file string) (*Source, error) {
	return t.ReadSourceIn(file, t.content.BehindLink(content.Dir(file)))
}

// ReadSourceIn is [Table.ReadSource] for a file whose folder was checked.
func (t *Table) ReadSourceIn(file string, behindLink bool) (*Source, error) {
	name := t.content.Path(file)
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() || behindLink {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist} // the site has no such file
	}
	src := &Source{File: file, stamp: filestamp.Of(info)}
	src.settled = t.now().Sub(time.Unix(0, src.stamp.Ctime)) > filestamp.Delay
	data, problem, err := content.ReadNote(name, info)
	if err != nil {
		return nil, err
	}
	src.Hash = sha256.Sum256(data)
	if problem == "" {
		t.parseSource(src, data)
	} else {
		src.Problem = fmt.Sprintf("content/%s:1: %s", file, problem)
	}
	src.columns, err = t.columns(src)
	return src, err
}

// parseSource parses the bytes of a source.
func (t *Table) parseSource(src *Source, data []byte) {
	if content.IsBundle(src.File) {
		src.Hash = t.content.BundleHash(src.Hash, content.Dir(src.File))
	}
	note, err := site.Parse(src.File, data, t.cfg.Location)
	if err != nil {
		src.Problem, src.withheld = err.Error(), site.Withheld(data)
		return
	}
	if note.IsEmpty() && !note.Draft && note.Visibility != site.Private && !note.Deleted() {
		src.Problem = fmt.Sprintf("content/%s:1: nothing to show; write a text, a title, or a property such as photo", src.File)
		return
	}
	src.Note, src.Permalink = note, note.Permalink(t.cfg.Permalink)
	if !t.cfg.Preview {
		last, next := note.Turns(t.now())
		src.turned, src.turns = secondsOf(last), secondsOf(next)
	}
}

// HasPage reports whether the note has a page, now or when its time has come.
func (src *Source) HasPage() bool { return src.Note != nil && src.columns[":shows"] != showsNothing }

// Size returns the size of the file in bytes.
func (src *Source) Size() int64 { return src.stamp.Size }

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
func (t *Table) columns(src *Source) (query.Args, error) {
	n := src.Note
	if n == nil {
		named := src.args(2 + 4)
		named[":name"], named[":withheld"] = link.NameOf(src.File), src.withheld
		return named, nil
	}
	status, shows := t.status(n)
	label := n.Label(t.cfg.Markdown)
	tags, err := query.List(n.Category)
	if err != nil {
		return nil, fmt.Errorf("tags of %s: %w", src.File, err)
	}
	notices, err := noticeLines(n)
	if err != nil {
		return nil, fmt.Errorf("notices of %s: %w", src.File, err)
	}
	named := src.args(12 + 3)
	named[":name"], named[":notices"] = link.NameOf(src.File), notices
	named[":kind"], named[":type"], named[":status"], named[":shows"] = string(n.Kind), n.PostType(), status, shows
	named[":permalink"], named[":published"], named[":written"] = src.Permalink, n.Published.Unix(), n.Published.Format(time.RFC3339)
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
func (src *Source) args(others int) query.Args {
	named := make(query.Args, 11+others)
	named[":dir"], named[":file"] = content.Dir(src.File), src.File
	named[":size"], named[":mtime"], named[":ctime"], named[":inode"] = src.stamp.Size, src.stamp.Mtime, src.stamp.Ctime, src.stamp.Inode
	named[":settled"], named[":hash"], named[":problem"] = src.settled, src.Hash[:], src.Problem
	named[":turns"], named[":turned"] = src.turns, src.turned
	return named
}

// IsIn reports whether a row of some revision has all that was read already.
func (src *Source) IsIn(conn *sqlite.Conn, rev int64) (bool, error) {
	if src == nil || rev == 0 {
		return false, nil
	}
	named := src.args(1)
	named[":rev"] = rev
	return query.Has(conn, "same", named)
}
