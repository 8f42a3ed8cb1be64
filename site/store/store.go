package store

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"starpunk/migrations"
	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/durable"
	"starpunk/site/store/index"
	"starpunk/site/store/loss"
	"starpunk/site/store/query"
	"starpunk/site/store/queue"
	"starpunk/site/store/scan"
	"starpunk/site/store/table"
	"starpunk/site/store/upload"
	"starpunk/site/store/wakeup"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitemigration"
)

// Errors that callers act on.
var (
	ErrNotExist = errors.New("note does not exist")
	ErrConflict = durable.ErrConflict
	ErrExist    = errors.New("another file has the name of the note")
	ErrNewer    = index.ErrNewer
	ErrLink     = content.ErrLink
)

// A Store is the notes of one site and their index. Several goroutines may use it at
// once.
type Store struct {
	Uploads *upload.Folder // the folder media/

	cfg     *site.Config
	log     *slog.Logger
	now     func() time.Time
	disk    *durable.Disk
	index   *index.Index
	db      *query.DB
	wakeups *wakeup.Wakeups
	content *content.Folder
	table   *table.Table
	losses  *loss.Losses
	scanner *scan.Scanner
	indexer *indexer

	builder *Builder

	scanned   atomic.Bool
	notesRead atomic.Int64
	builds    atomic.Bool // this Store holds the build lock
}

// Options are the settings of a Store that are not in the site's configuration.
type Options struct {
	Logger *slog.Logger     // nil: silent
	Now    func() time.Time // nil: time.Now

	OpenTimeout time.Duration // how long Open waits for other processes; 0: 2 minutes
	Migrations  []string      // scripts that make the index; nil: those of this program

	// AllowRemovals has missing files counted as deleted, also if they are many: see
	// [loss.Losses.Believe].
	AllowRemovals bool

	// Around, if it is set, is called instead of each step of a write, which
	// happens when it calls do. Tests make steps fail with it, or stop at one.
	Around func(op durable.Op, do func() error) error
}

// appID is the PRAGMA application_id of StarPunk's databases. Until the first release
// it changes with 001_index.sql, so that an index of an older form is made again.
const appID = 0x53745075 // "StPu"

// Open opens the index of a site. It makes the index if it does not exist, and sets a
// file aside that is not an index of StarPunk. It waits for other processes that do the
// same. The caller closes the Store.
func Open(ctx context.Context, cfg *site.Config, o Options) (*Store, error) {
	s := &Store{cfg: cfg, log: o.Logger, now: o.Now, disk: durable.NewDisk(o.Around), content: content.New(cfg)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.wakeups = wakeup.New(cfg.LockDir(), s.log)
	scripts := o.Migrations
	if scripts == nil {
		scripts = migrations.Scripts()
	}
	var err error
	s.index, err = index.Open(ctx, index.Options{
		File: cfg.Index, Schema: sqlitemigration.Schema{AppID: appID, Migrations: scripts}, Log: s.log, Now: s.now,
		OpenTimeout: o.OpenTimeout,
		Check: func(conn *sqlite.Conn) error { // a table that every process reads first
			return query.Exec(conn, "state_get", query.Args{":key": "output"}, nil)
		},
		Around: func(do func() error) error { return s.disk.Do(durable.Op{Name: "commit", Path: cfg.Index}, do) },
	})
	if err != nil {
		return nil, err
	}
	s.db = query.New(s.index)
	s.table = table.New(cfg, s.now, s.content, s.db)
	s.losses = &loss.Losses{Root: cfg.Root, Allow: o.AllowRemovals, Log: s.log, Now: s.now, DB: s.db}
	s.scanner = &scan.Scanner{
		Config: cfg, Log: s.log, Now: s.now, Disk: s.disk, DB: s.db, Content: s.content, Table: s.table, Losses: s.losses,
	}
	s.indexer = &indexer{log: s.log, db: s.db, table: s.table, scanner: s.scanner, wakeups: s.wakeups}
	s.builder = &Builder{s, queue.New(cfg, s.now, s.db, s.table, s.wakeups)}
	s.Uploads = &upload.Folder{
		Config: cfg, Log: s.log, Now: s.now, Disk: s.disk, DB: s.db, Content: s.content, Wakeups: s.wakeups, Copies: s.builder.Copies,
	}
	return s, nil
}

// Opening returns the cost of opening the index.
func (s *Store) Opening() index.Opening { return s.index.Opening() }

// Shrink releases the memory that the index uses to be faster, except for the memory of
// connections in use.
func (s *Store) Shrink() error { return s.index.Shrink() }

// Lost returns a channel that is closed when the index can't be used any more, because
// it was found damaged, deleted or replaced. It is not written from then on. The caller
// closes the Store and opens another, which makes the index again.
func (s *Store) Lost() <-chan struct{} { return s.index.Lost() }

// CheckIndex checks that the file of the index still exists. If it does not, the channel
// of [Store.Lost] is closed, which otherwise happens at the next write. It costs one look
// at the file.
func (s *Store) CheckIndex() { _ = s.index.Check() } // an error has closed the channel

// Close closes the index.
func (s *Store) Close() error { return s.index.Close() }

// Scanned reports whether this process has compared all files with the index. Before
// that a slug that seems free may be taken, and queries may miss notes.
func (s *Store) Scanned() bool {
	return s.scanned.Load()
}

// Work counts the work that was done for builds since a store was opened. It must not
// grow with the site.
type Work struct {
	Notes int64 // files of notes that were read to be rendered
	Rows  int64 // rows that queries for notes and lists returned
}

// Work counts the work that was done so far, without scans, which look at everything.
func (s *Store) Work() Work {
	return Work{s.notesRead.Load(), s.db.Rows()}
}

// A Hash is the SHA-256 of a note's file as it was read.
type Hash = content.Hash

// The types of rows of the index.
type (
	Row      = table.Row
	Position = table.Position
	Tag      = table.Tag
)

// The status of a [Row] besides the visibilities of [site.Note].
const (
	StatusDraft   = table.StatusDraft
	StatusDeleted = table.StatusDeleted
)
