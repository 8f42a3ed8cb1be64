package storetest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/durable"
	"starpunk/site/store/queue"
	"starpunk/site/store/table"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// A Site is a site's folder, real files and a real index.
type Site struct {
	T     *testing.T
	Dir   string
	Extra string    // lines of configuration
	Now   time.Time // the store's clock: an hour ahead, so that every file looks long unchanged
	Log   *LogBuffer

	Guarded bool // missing files are believed to be deleted only when that is certain
}

// New returns a site with an empty index. The index is a copy: to make one takes most
// of the time of a test under the race detector.
func New(t *testing.T) *Site {
	t.Helper()
	s := NewWithoutIndex(t)
	s.PutIndex()
	return s
}

// PutIndex writes an index without rows.
func (s *Site) PutIndex() {
	s.T.Helper()
	s.Write(".starpunk/index.db", EmptyIndex())
}

// Again returns the same site for another case: without content, and with nothing
// left to do. It saves opening an index for each.
func (s *Site) Again(t *testing.T, st *store.Builder) *Site {
	t.Helper()
	c := *s
	c.T = t
	c.Remove("content")
	c.Mkdir("content")
	c.Scan(st)
	c.Build(st)
	c.Safe(st)
	return &c
}

// EmptyIndex returns the bytes of an index without rows.
func EmptyIndex() string { return emptyIndex() }

var emptyIndex = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "starpunk-index-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	cfg, err := ParseConfig(dir, "")
	if err != nil {
		panic(err)
	}
	st, err := OpenStore(context.Background(), cfg, store.Options{})
	if err != nil {
		panic(err)
	}
	if err := st.Close(); err != nil {
		panic(err)
	}
	data, err := os.ReadFile(cfg.Index)
	if err != nil {
		panic(err)
	}
	return string(data)
})

// NewWithoutIndex returns a site without an index. Tests have sites of their own and run
// side by side.
func NewWithoutIndex(t *testing.T) *Site {
	t.Helper()
	t.Parallel()
	return At(t, t.TempDir())
}

// InMemory returns a folder for a test that makes and removes hundreds of sites.
func InMemory(t *testing.T) string {
	t.Helper()
	const memory = "/dev/shm" // Linux
	if _, err := os.Stat(memory); err != nil {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "starpunk-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// At returns a site in a folder, without an index.
func At(t *testing.T, dir string) *Site {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &Site{T: t, Dir: dir, Now: time.Now().Add(time.Hour).Truncate(time.Second), Log: &LogBuffer{}}
	s.Mkdir("content")
	return s
}

// ParseConfig returns the configuration of a site in a folder, with more lines.
func ParseConfig(dir, extra string) (*site.Config, error) {
	text := "url = \"https://ida.example/\"\ntitle = \"Ida\"\n" + extra
	return site.ParseConfig(dir, []byte(text), func(string) string { return "" })
}

// Config returns the configuration of the site.
func (s *Site) Config() *site.Config {
	s.T.Helper()
	cfg, err := ParseConfig(s.Dir, s.Extra)
	if err != nil {
		s.T.Fatal(err)
	}
	return cfg
}

// Clock returns the time of the store.
func (s *Site) Clock() time.Time { return s.Now }

// Options returns the options with which the store is opened.
func (s *Site) Options() store.Options {
	return store.Options{
		Logger: slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:    s.Clock,
		// Most tests have few notes, and remove them all at once.
		AllowRemovals: !s.Guarded,
	}
}

// Open opens the store, which is closed at the end of the test.
func (s *Site) Open() *store.Builder {
	s.T.Helper()
	return s.OpenAs(s.Config())
}

// OpenAs opens the store with another configuration.
func (s *Site) OpenAs(cfg *site.Config) *store.Builder {
	s.T.Helper()
	return s.OpenTo(cfg, s.Options())
}

// An Around is called instead of the steps of a write.
type Around func(op durable.Op, do func() error) error

// OpenAround opens the store with a function that is called instead of the steps of a write.
func (s *Site) OpenAround(a Around) *store.Builder {
	s.T.Helper()
	options := s.Options()
	options.Around = a
	return s.OpenTo(s.Config(), options)
}

// OpenTo opens the store with another configuration and other options.
func (s *Site) OpenTo(cfg *site.Config, options store.Options) *store.Builder {
	s.T.Helper()
	st, err := OpenStore(s.T.Context(), cfg, options)
	if err != nil {
		s.T.Fatalf("Open: %v", err)
	}
	s.T.Cleanup(func() {
		if err := st.Close(); err != nil {
			s.T.Errorf("Close: %v", err)
		}
	})
	return st
}

// Scanned opens a store that has seen every file.
func (s *Site) Scanned() *store.Builder {
	s.T.Helper()
	st := s.Open()
	s.Scan(st)
	return st
}

// Scan scans every file.
func (s *Site) Scan(st *store.Builder) {
	s.T.Helper()
	if err := st.Scan(s.T.Context()); err != nil {
		s.T.Fatalf("Scan: %v", err)
	}
}

// Refresh brings the index up to date for some names.
func (s *Site) Refresh(st *store.Builder, names ...string) {
	s.T.Helper()
	if err := st.Refresh(s.T.Context(), names...); err != nil {
		s.T.Fatalf("Refresh(%q): %v", names, err)
	}
}

// Path returns the path of a file or a folder of the site.
func (s *Site) Path(name string) string {
	return filepath.Join(s.Dir, filepath.FromSlash(name))
}

// Mkdir makes a folder of the site.
func (s *Site) Mkdir(name string) {
	s.T.Helper()
	if err := os.MkdirAll(s.Path(name), 0o777); err != nil {
		s.T.Fatal(err)
	}
}

// Write writes a file below the site's folder in place, as a simple editor
// does.
func (s *Site) Write(name, data string) {
	s.T.Helper()
	s.Mkdir(filepath.ToSlash(filepath.Dir(name)))
	if err := os.WriteFile(s.Path(name), []byte(data), 0o666); err != nil {
		s.T.Fatal(err)
	}
}

// Read returns the text of a file of the site.
func (s *Site) Read(name string) string {
	s.T.Helper()
	data, err := os.ReadFile(s.Path(name))
	if err != nil {
		s.T.Fatal(err)
	}
	return string(data)
}

// Post writes content/file: a note of a date, with more lines of front matter.
func (s *Site) Post(file, date string, more ...string) {
	s.T.Helper()
	front := strings.Join(append([]string{"date: " + date}, more...), "\n")
	s.Write("content/"+file, "---\n"+front+"\n---\nText of "+file+"\n")
}

// Remove removes a file or a folder of the site.
func (s *Site) Remove(name string) {
	s.T.Helper()
	if err := os.RemoveAll(s.Path(name)); err != nil {
		s.T.Fatal(err)
	}
}

// Rename gives a file or a folder another name.
func (s *Site) Rename(from, to string) {
	s.T.Helper()
	s.Mkdir(filepath.ToSlash(filepath.Dir(to)))
	if err := os.Rename(s.Path(from), s.Path(to)); err != nil {
		s.T.Fatal(err)
	}
}

// Files returns all files below a folder of the site, hidden ones too.
func (s *Site) Files(dir string) []string {
	s.T.Helper()
	var files []string
	err := filepath.WalkDir(s.Path(dir), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(s.Path(dir), name)
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		s.T.Fatal(err)
	}
	return files
}

// Index changes the index behind the store's back: what a crash, a clock that
// was set, or a file system with coarse times would have left.
func (s *Site) Index(query string, args ...any) {
	s.T.Helper()
	conn, err := sqlite.OpenConn(s.Config().Index, sqlite.OpenReadWrite)
	if err != nil {
		s.T.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.Execute(conn, query, &sqlitex.ExecOptions{Args: args}); err != nil {
		s.T.Fatal(err)
	}
}

// Row returns the row of a file.
func (s *Site) Row(st *store.Builder, file string) *store.Row {
	s.T.Helper()
	row, err := st.ByFile(s.T.Context(), file)
	if err != nil {
		s.T.Fatalf("ByFile(%q): %v", file, err)
	}
	if row == nil {
		s.T.Fatalf("ByFile(%q): no row", file)
	}
	return row
}

// Briefs returns the rows that a plan begins with.
func (s *Site) Briefs(st *store.Builder) []table.Brief {
	s.T.Helper()
	rows, err := st.Notes.Briefs(s.T.Context())
	if err != nil {
		s.T.Fatalf("Notes.Briefs: %v", err)
	}
	return rows
}

// Changed returns the rows with something left to do that changed since a revision.
func (s *Site) Changed(st *store.Builder, rev int64) []table.Brief {
	s.T.Helper()
	rows, err := st.Notes.Changed(s.T.Context(), rev)
	if err != nil {
		s.T.Fatalf("Notes.Changed(%d): %v", rev, err)
	}
	return rows
}

// Pending returns the rows that are left to do now, in the order in which a generator
// renders them.
func (s *Site) Pending(st *store.Builder) []*store.Row {
	s.T.Helper()
	left := slices.DeleteFunc(s.Briefs(st), func(b table.Brief) bool { return b.Todo == table.TodoNothing })
	if all := s.Changed(st, 0); len(all) != len(left) {
		s.T.Errorf("Changed(0) has %d rows; Briefs has %d with something left to do", len(all), len(left))
	}
	left = slices.DeleteFunc(left, func(b table.Brief) bool {
		return b.Published.After(s.Now) && !b.Rendered && !b.Gone
	})
	slices.SortFunc(left, func(a, b table.Brief) int {
		return cmp.Or(cmp.Compare(b.Todo, a.Todo), b.Published.Compare(a.Published), cmp.Compare(b.ID, a.ID))
	})
	ids := make([]int64, len(left))
	for i, b := range left {
		ids[i] = b.ID
	}
	rows, err := st.Notes.Rows(s.T.Context(), ids)
	if err != nil || len(rows) != len(ids) {
		s.T.Fatalf("Rows: %d rows for %d ids, %v", len(rows), len(ids), err)
	}
	return rows
}

// Problems returns the problems of the store.
func (s *Site) Problems(st *store.Builder) []string {
	s.T.Helper()
	problems, err := st.Problems(s.T.Context())
	if err != nil {
		s.T.Fatalf("Problems: %v", err)
	}
	return problems
}

// Removals returns the outputs that are queued for removal.
func (s *Site) Removals(st *store.Builder) []string {
	s.T.Helper()
	outputs, err := st.Outputs.Removals(s.T.Context())
	if err != nil {
		s.T.Fatalf("Outputs.Removals: %v", err)
	}
	return outputs
}

// Stale returns the addresses of stale lists.
func (s *Site) Stale(st *store.Builder) []string {
	s.T.Helper()
	lists, err := st.Lists.Stale(s.T.Context())
	if err != nil {
		s.T.Fatalf("Lists.Stale: %v", err)
	}
	var addresses []string
	for _, l := range lists {
		addresses = append(addresses, l.Address)
	}
	return addresses
}

// Unknown returns those addresses that no list has.
func (s *Site) Unknown(st *store.Builder, addresses ...string) []string {
	s.T.Helper()
	unknown, err := st.Lists.Unknown(s.T.Context(), addresses)
	if err != nil {
		s.T.Fatalf("Lists.Unknown(%q): %v", addresses, err)
	}
	return unknown
}

// FilesOf returns the files of rows.
func FilesOf(rows []*store.Row) []string {
	var files []string
	for _, r := range rows {
		files = append(files, r.File)
	}
	return files
}

// SameStrings reports an error if two lists of texts differ.
func SameStrings(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// ResultOf returns the result of a generator for a row: one page, on the front page
// and on the pages of its month and tags.
func ResultOf(r *store.Row) queue.Result {
	if !r.HasPage {
		return queue.Result{Row: r}
	}
	b := &table.Built{
		Hash: r.Hash, Permalink: r.Permalink, Published: r.Published,
		Outputs: []string{site.OutputFile(r.Permalink)},
	}
	if r.Listed {
		b.Lists = []string{"/", r.Published.Format("/2006/01/")}
		for _, tag := range r.Tags {
			b.Lists = append(b.Lists, "/tags/"+site.TagAddress(tag)+"/")
		}
	}
	return queue.Result{Row: r, Built: b}
}

// MarkBuilt builds rows and returns the number of the build.
func (s *Site) MarkBuilt(st *store.Builder, results ...queue.Result) int64 {
	s.T.Helper()
	number, err := st.Begin(s.T.Context())
	if err != nil {
		s.T.Fatalf("Begin: %v", err)
	}
	s.Mark(st, number, queue.Marks{Results: results})
	return number
}

// Mark records marks of a build.
func (s *Site) Mark(st *store.Builder, number int64, marks queue.Marks) {
	s.T.Helper()
	if err := st.Notes.Mark(s.T.Context(), number, marks); err != nil {
		s.T.Fatalf("Notes.Mark: %v", err)
	}
}

// BuildNotes builds all pending notes and returns the files in the order in
// which they were.
func (s *Site) BuildNotes(st *store.Builder) []string {
	s.T.Helper()
	var built []string
	for round := 0; ; round++ {
		rows := s.Pending(st)
		if len(rows) == 0 {
			return built
		}
		if round > 20 {
			s.T.Fatalf("these stay pending: %q", FilesOf(rows))
		}
		var results []queue.Result
		for _, r := range rows {
			results = append(results, ResultOf(r))
		}
		s.MarkBuilt(st, results...)
		built = append(built, FilesOf(rows)...)
	}
}

// BuildLists writes all lists that are stale. A list that no note is on has no
// output.
func (s *Site) BuildLists(st *store.Builder) {
	s.T.Helper()
	ctx := s.T.Context()
	number, err := st.Begin(ctx)
	if err != nil {
		s.T.Fatalf("Begin: %v", err)
	}
	stale, err := st.Lists.Stale(ctx)
	if err != nil {
		s.T.Fatalf("Lists.Stale: %v", err)
	}
	var results []queue.ListResult
	for _, old := range stale {
		now := queue.ListState{Address: old.Address}
		if s.ListHasNotes(st, old.Address) {
			now.Outputs = []string{site.OutputFile(old.Address)}
		}
		results = append(results, queue.ListResult{Old: old, Now: now})
	}
	if err := st.Lists.Mark(ctx, number, results, nil); err != nil {
		s.T.Fatalf("Lists.Mark: %v", err)
	}
}

// ListHasNotes reports whether a list has a note with a page.
func (s *Site) ListHasNotes(st *store.Builder, address string) bool {
	s.T.Helper()
	if address == "/" {
		return true
	}
	tag, ofTag := strings.CutPrefix(address, "/tags/")
	return slices.ContainsFunc(s.Briefs(st), func(b table.Brief) bool {
		if !b.Linked || !ofTag {
			return b.Linked && b.Published.Format("/2006/01/") == address
		}
		return slices.ContainsFunc(b.Tags, func(t string) bool { return site.TagAddress(t)+"/" == tag })
	})
}

// Build does all work that is left, and returns the removed outputs.
func (s *Site) Build(st *store.Builder) (removed []string) {
	s.T.Helper()
	ctx := s.T.Context()
	s.BuildNotes(st)
	s.BuildLists(st)
	number, err := st.Begin(ctx)
	if err != nil {
		s.T.Fatalf("Begin: %v", err)
	}
	for _, output := range s.Removals(st) {
		owned, err := st.Outputs.Owned(ctx, output)
		if err != nil {
			s.T.Fatalf("Owned(%q): %v", output, err)
		}
		if !owned {
			removed = append(removed, output)
		}
	}
	if err := st.Outputs.MarkRemoved(ctx, number, s.Removals(st)); err != nil {
		s.T.Fatalf("Outputs.MarkRemoved: %v", err)
	}
	if err := st.MarkAll(ctx, number); err != nil {
		s.T.Fatalf("MarkAll: %v", err)
	}
	if waiting, err := st.Waiting(ctx); err != nil || waiting {
		s.T.Fatalf("Waiting() = %v, %v after everything was built", waiting, err)
	}
	return removed
}

// Safe makes all outputs durable.
func (s *Site) Safe(st *store.Builder) {
	s.T.Helper()
	number, err := st.Begin(s.T.Context())
	if err != nil {
		s.T.Fatalf("Begin: %v", err)
	}
	if err := st.MarkSafe(s.T.Context(), number); err != nil {
		s.T.Fatalf("MarkSafe: %v", err)
	}
}

// PlainNote returns a note of one day; text makes it differ from others.
func PlainNote(slug, text string) *site.Note {
	return &site.Note{
		H: "entry", Slug: slug, Content: text, Visibility: site.Public,
		Published: time.Date(2024, 11, 22, 9, 30, 0, 0, time.UTC),
	}
}

// NewNote returns a note as the receiver hands it over.
func NewNote(t testing.TB, slug, date string) *site.Note {
	t.Helper()
	published, ok := site.ParseTime(date, time.UTC)
	if !ok {
		t.Fatalf("%q is not a date", date)
	}
	return &site.Note{
		H: "entry", Slug: slug, Content: "Text of " + slug, Published: published, Visibility: site.Public,
	}
}

// Create creates a note.
func (s *Site) Create(st *store.Builder, n *site.Note) store.Created {
	s.T.Helper()
	created, err := st.Create(s.T.Context(), n)
	if err != nil {
		s.T.Fatalf("Create(%s): %v", n.Slug, err)
	}
	return created
}

// A LogBuffer collects log lines of several goroutines.
type LogBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds lines.
func (l *LogBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns the lines that were collected so far.
func (l *LogBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Has reports whether one line has all of words.
func (l *LogBuffer) Has(words ...string) bool {
	for line := range strings.Lines(l.String()) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			return true
		}
	}
	return false
}

// Deadline returns a context that ends a test which hangs.
func Deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// Numbered returns names with the numbers from 1 to n.
func Numbered(format string, n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf(format, i+1))
	}
	return names
}

// FirstError returns the first error that is not nil.
func FirstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// OpenStore opens a store as a builder does, which has all methods.
func OpenStore(ctx context.Context, cfg *site.Config, o store.Options) (*store.Builder, error) {
	st, err := store.Open(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	return st.Builder(), nil
}

// CopyOf returns the copy of a file that it writes.
func (s *Site) CopyOf(source, output string) queue.Copy {
	s.T.Helper()
	s.Write(source, "copied")
	info, err := os.Lstat(s.Path(source))
	if err != nil {
		s.T.Fatal(err)
	}
	return queue.NewCopy(source, output, info)
}

// DeleteFile deletes the note that the index has in a file.
func DeleteFile(ctx context.Context, st *store.Builder, file string) (store.Changed, error) {
	return st.Delete(ctx, file, permalinkIn(ctx, st, file))
}

// UndeleteFile undeletes the note that the index has in a file.
func UndeleteFile(ctx context.Context, st *store.Builder, file string) (store.Changed, error) {
	return st.Undelete(ctx, file, permalinkIn(ctx, st, file))
}

func permalinkIn(ctx context.Context, st *store.Builder, file string) string {
	row, err := st.ByFile(ctx, file)
	if err != nil || row == nil {
		return ""
	}
	return row.Permalink
}

// AsIs is a Cleaner that finds nothing to take out.
func AsIs(dst io.Writer, src io.ReaderAt, size int64) (string, error) {
	_, err := io.Copy(dst, io.NewSectionReader(src, 0, size))
	return "png", err
}

// Reset forgets the lines that were collected so far.
func (l *LogBuffer) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}
