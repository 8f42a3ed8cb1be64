package store_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
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

// A testSite is a site's folder, real files and a real index.
type testSite struct {
	t     *testing.T
	dir   string
	extra string    // lines of configuration
	now   time.Time // the store's clock: an hour ahead, so that every file looks long unchanged
	log   *logBuffer

	guarded bool // missing files are believed to be deleted only when that is certain
}

// newSite returns a site with an empty index. The index is a copy: to make one takes most
// of the time of a test under the race detector.
func newSite(t *testing.T) *testSite {
	t.Helper()
	s := bareSite(t)
	s.putIndex()
	return s
}

func (s *testSite) putIndex() {
	s.t.Helper()
	s.write(".starpunk/index.db", emptyIndex())
}

// again is the same site for another case: without content, and with nothing
// left to do. It saves opening an index for each.
func (s *testSite) again(t *testing.T, st *store.Builder) *testSite {
	t.Helper()
	c := *s
	c.t = t
	c.remove("content")
	c.mkdir("content")
	c.scan(st)
	c.build(st)
	c.safe(st)
	return &c
}

var emptyIndex = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "starpunk-index-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	cfg, err := parseConfig(dir, "")
	if err != nil {
		panic(err)
	}
	st, err := openStore(context.Background(), cfg, store.Options{})
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

// bareSite is a site without an index. Tests have sites of their own and run
// side by side.
func bareSite(t *testing.T) *testSite {
	t.Helper()
	t.Parallel()
	return siteAt(t, t.TempDir())
}

// inMemory is a folder for a test that makes and removes hundreds of sites.
func inMemory(t *testing.T) string {
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

func siteAt(t *testing.T, dir string) *testSite {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &testSite{t: t, dir: dir, now: time.Now().Add(time.Hour).Truncate(time.Second), log: &logBuffer{}}
	s.mkdir("content")
	return s
}

func parseConfig(dir, extra string) (*site.Config, error) {
	text := "url = \"https://ida.example/\"\ntitle = \"Ida\"\n" + extra
	return site.ParseConfig(dir, []byte(text), func(string) string { return "" })
}

func (s *testSite) config() *site.Config {
	s.t.Helper()
	cfg, err := parseConfig(s.dir, s.extra)
	if err != nil {
		s.t.Fatal(err)
	}
	return cfg
}

func (s *testSite) options() store.Options {
	return store.Options{
		Logger: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:    func() time.Time { return s.now },
		// Most tests have few notes, and remove them all at once.
		AllowRemovals: !s.guarded,
	}
}

func (s *testSite) open() *store.Builder {
	s.t.Helper()
	return s.openAs(s.config())
}

func (s *testSite) openAs(cfg *site.Config) *store.Builder {
	s.t.Helper()
	return s.openTo(cfg, s.options())
}

// around is called instead of the steps of a write.
type around func(op durable.Op, do func() error) error

func (s *testSite) openAround(a around) *store.Builder {
	s.t.Helper()
	options := s.options()
	options.Around = a
	return s.openTo(s.config(), options)
}

func (s *testSite) openTo(cfg *site.Config, options store.Options) *store.Builder {
	s.t.Helper()
	st, err := openStore(s.t.Context(), cfg, options)
	if err != nil {
		s.t.Fatalf("Open: %v", err)
	}
	s.t.Cleanup(func() {
		if err := st.Close(); err != nil {
			s.t.Errorf("Close: %v", err)
		}
	})
	return st
}

// scanned is a store that has seen every file.
func (s *testSite) scanned() *store.Builder {
	s.t.Helper()
	st := s.open()
	s.scan(st)
	return st
}

func (s *testSite) scan(st *store.Builder) {
	s.t.Helper()
	if err := st.Scan(s.t.Context()); err != nil {
		s.t.Fatalf("Scan: %v", err)
	}
}

func (s *testSite) refresh(st *store.Builder, names ...string) {
	s.t.Helper()
	if err := st.Refresh(s.t.Context(), names...); err != nil {
		s.t.Fatalf("Refresh(%q): %v", names, err)
	}
}

func (s *testSite) path(name string) string {
	return filepath.Join(s.dir, filepath.FromSlash(name))
}

func (s *testSite) mkdir(name string) {
	s.t.Helper()
	if err := os.MkdirAll(s.path(name), 0o777); err != nil {
		s.t.Fatal(err)
	}
}

// write writes a file below the site's folder in place, as a simple editor
// does.
func (s *testSite) write(name, data string) {
	s.t.Helper()
	s.mkdir(filepath.ToSlash(filepath.Dir(name)))
	if err := os.WriteFile(s.path(name), []byte(data), 0o666); err != nil {
		s.t.Fatal(err)
	}
}

func (s *testSite) read(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

// post writes content/file: a note of a date, with more lines of front matter.
func (s *testSite) post(file, date string, more ...string) {
	s.t.Helper()
	front := strings.Join(append([]string{"date: " + date}, more...), "\n")
	s.write("content/"+file, "---\n"+front+"\n---\nText of "+file+"\n")
}

func (s *testSite) remove(name string) {
	s.t.Helper()
	if err := os.RemoveAll(s.path(name)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *testSite) rename(from, to string) {
	s.t.Helper()
	s.mkdir(filepath.ToSlash(filepath.Dir(to)))
	if err := os.Rename(s.path(from), s.path(to)); err != nil {
		s.t.Fatal(err)
	}
}

// files lists all files below a folder of the site, hidden ones too.
func (s *testSite) files(dir string) []string {
	s.t.Helper()
	var files []string
	err := filepath.WalkDir(s.path(dir), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(s.path(dir), name)
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return files
}

// index changes the index behind the store's back: what a crash, a clock that
// was set, or a file system with coarse times would have left.
func (s *testSite) index(query string, args ...any) {
	s.t.Helper()
	conn, err := sqlite.OpenConn(s.config().Index, sqlite.OpenReadWrite)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.Execute(conn, query, &sqlitex.ExecOptions{Args: args}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *testSite) row(st *store.Builder, file string) *store.Row {
	s.t.Helper()
	row, err := st.ByFile(s.t.Context(), file)
	if err != nil {
		s.t.Fatalf("ByFile(%q): %v", file, err)
	}
	if row == nil {
		s.t.Fatalf("ByFile(%q): no row", file)
	}
	return row
}

// briefs returns the rows that a plan begins with.
func (s *testSite) briefs(st *store.Builder) []table.Brief {
	s.t.Helper()
	rows, err := st.Notes.Briefs(s.t.Context())
	if err != nil {
		s.t.Fatalf("Briefs: %v", err)
	}
	return rows
}

// changed returns the rows with something left to do that changed since a revision.
func (s *testSite) changed(st *store.Builder, rev int64) []table.Brief {
	s.t.Helper()
	rows, err := st.Notes.Changed(s.t.Context(), rev)
	if err != nil {
		s.t.Fatalf("Changed(%d): %v", rev, err)
	}
	return rows
}

// pending returns the rows that are left to do now, in the order in which a generator
// renders them.
func (s *testSite) pending(st *store.Builder) []*store.Row {
	s.t.Helper()
	left := slices.DeleteFunc(s.briefs(st), func(b table.Brief) bool { return b.Todo == table.TodoNothing })
	if all := s.changed(st, 0); len(all) != len(left) {
		s.t.Errorf("Changed(0) has %d rows; Briefs has %d with something left to do", len(all), len(left))
	}
	left = slices.DeleteFunc(left, func(b table.Brief) bool {
		return b.Published.After(s.now) && !b.Rendered && !b.Gone
	})
	slices.SortFunc(left, func(a, b table.Brief) int {
		return cmp.Or(cmp.Compare(b.Todo, a.Todo), b.Published.Compare(a.Published), cmp.Compare(b.ID, a.ID))
	})
	ids := make([]int64, len(left))
	for i, b := range left {
		ids[i] = b.ID
	}
	rows, err := st.Notes.Rows(s.t.Context(), ids)
	if err != nil || len(rows) != len(ids) {
		s.t.Fatalf("Rows: %d rows for %d ids, %v", len(rows), len(ids), err)
	}
	return rows
}

func (s *testSite) problems(st *store.Builder) []string {
	s.t.Helper()
	problems, err := st.Problems(s.t.Context())
	if err != nil {
		s.t.Fatalf("Problems: %v", err)
	}
	return problems
}

func (s *testSite) removals(st *store.Builder) []string {
	s.t.Helper()
	outputs, err := st.Outputs.Removals(s.t.Context())
	if err != nil {
		s.t.Fatalf("Removals: %v", err)
	}
	return outputs
}

func (s *testSite) stale(st *store.Builder) []string {
	s.t.Helper()
	lists, err := st.Lists.Stale(s.t.Context())
	if err != nil {
		s.t.Fatalf("StaleLists: %v", err)
	}
	var addresses []string
	for _, l := range lists {
		addresses = append(addresses, l.Address)
	}
	return addresses
}

// unknown returns those addresses that no list has.
func (s *testSite) unknown(st *store.Builder, addresses ...string) []string {
	s.t.Helper()
	unknown, err := st.Lists.Unknown(s.t.Context(), addresses)
	if err != nil {
		s.t.Fatalf("UnknownLists(%q): %v", addresses, err)
	}
	return unknown
}

func filesOf(rows []*store.Row) []string {
	var files []string
	for _, r := range rows {
		files = append(files, r.File)
	}
	return files
}

func sameStrings(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// result is what a generator would make of a row: one page, on the front page
// and on the pages of its month and tags.
func result(r *store.Row) queue.Result {
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

// markBuilt builds rows and returns the number of the build.
func (s *testSite) markBuilt(st *store.Builder, results ...queue.Result) int64 {
	s.t.Helper()
	number, err := st.Begin(s.t.Context())
	if err != nil {
		s.t.Fatalf("Begin: %v", err)
	}
	s.mark(st, number, queue.Marks{Results: results})
	return number
}

func (s *testSite) mark(st *store.Builder, number int64, marks queue.Marks) {
	s.t.Helper()
	if err := st.Notes.Mark(s.t.Context(), number, marks); err != nil {
		s.t.Fatalf("MarkBuilt: %v", err)
	}
}

// buildNotes builds all that is pending and returns the files in the order in
// which they were.
func (s *testSite) buildNotes(st *store.Builder) []string {
	s.t.Helper()
	var built []string
	for round := 0; ; round++ {
		rows := s.pending(st)
		if len(rows) == 0 {
			return built
		}
		if round > 20 {
			s.t.Fatalf("these stay pending: %q", filesOf(rows))
		}
		var results []queue.Result
		for _, r := range rows {
			results = append(results, result(r))
		}
		s.markBuilt(st, results...)
		built = append(built, filesOf(rows)...)
	}
}

// buildLists writes all lists that are stale. A list that no note is on has no
// output.
func (s *testSite) buildLists(st *store.Builder) {
	s.t.Helper()
	ctx := s.t.Context()
	number, err := st.Begin(ctx)
	if err != nil {
		s.t.Fatalf("Begin: %v", err)
	}
	stale, err := st.Lists.Stale(ctx)
	if err != nil {
		s.t.Fatalf("StaleLists: %v", err)
	}
	var results []queue.ListResult
	for _, old := range stale {
		now := queue.ListState{Address: old.Address}
		if s.listHasNotes(st, old.Address) {
			now.Outputs = []string{site.OutputFile(old.Address)}
		}
		results = append(results, queue.ListResult{Old: old, Now: now})
	}
	if err := st.Lists.Mark(ctx, number, results, nil); err != nil {
		s.t.Fatalf("MarkLists: %v", err)
	}
}

func (s *testSite) listHasNotes(st *store.Builder, address string) bool {
	s.t.Helper()
	if address == "/" {
		return true
	}
	tag, ofTag := strings.CutPrefix(address, "/tags/")
	return slices.ContainsFunc(s.briefs(st), func(b table.Brief) bool {
		if !b.Linked || !ofTag {
			return b.Linked && b.Published.Format("/2006/01/") == address
		}
		return slices.ContainsFunc(b.Tags, func(t string) bool { return site.TagAddress(t)+"/" == tag })
	})
}

// build does all that is left to do and returns what was removed.
func (s *testSite) build(st *store.Builder) (removed []string) {
	s.t.Helper()
	ctx := s.t.Context()
	s.buildNotes(st)
	s.buildLists(st)
	number, err := st.Begin(ctx)
	if err != nil {
		s.t.Fatalf("Begin: %v", err)
	}
	for _, output := range s.removals(st) {
		owned, err := st.Outputs.Owned(ctx, output)
		if err != nil {
			s.t.Fatalf("Owned(%q): %v", output, err)
		}
		if !owned {
			removed = append(removed, output)
		}
	}
	if err := st.Outputs.MarkRemoved(ctx, number, s.removals(st)); err != nil {
		s.t.Fatalf("MarkRemoved: %v", err)
	}
	if err := st.MarkAll(ctx, number); err != nil {
		s.t.Fatalf("MarkAll: %v", err)
	}
	if waiting, err := st.Waiting(ctx); err != nil || waiting {
		s.t.Fatalf("Waiting() = %v, %v after everything was built", waiting, err)
	}
	return removed
}

// safe makes all that is built durable.
func (s *testSite) safe(st *store.Builder) {
	s.t.Helper()
	number, err := st.Begin(s.t.Context())
	if err != nil {
		s.t.Fatalf("Begin: %v", err)
	}
	if err := st.MarkSafe(s.t.Context(), number); err != nil {
		s.t.Fatalf("MarkSafe: %v", err)
	}
}

// plainNote is a note of one day; text makes it differ from others.
func plainNote(slug, text string) *site.Note {
	return &site.Note{
		H: "entry", Slug: slug, Content: text, Visibility: site.Public,
		Published: time.Date(2024, 11, 22, 9, 30, 0, 0, time.UTC),
	}
}

// newNote is a note as the receiver hands it over.
func newNote(t testing.TB, slug, date string) *site.Note {
	t.Helper()
	published, ok := site.ParseTime(date, time.UTC)
	if !ok {
		t.Fatalf("%q is not a date", date)
	}
	return &site.Note{
		H: "entry", Slug: slug, Content: "Text of " + slug, Published: published, Visibility: site.Public,
	}
}

func (s *testSite) create(st *store.Builder, n *site.Note) store.Created {
	s.t.Helper()
	created, err := st.Create(s.t.Context(), n)
	if err != nil {
		s.t.Fatalf("Create(%s): %v", n.Slug, err)
	}
	return created
}

// A logBuffer collects log lines of several goroutines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// has reports whether one line has all of words.
func (l *logBuffer) has(words ...string) bool {
	for line := range strings.Lines(l.String()) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			return true
		}
	}
	return false
}

// deadline ends what hangs; nothing passes or fails by it otherwise.
func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func numbered(format string, n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf(format, i+1))
	}
	return names
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// openStore opens a store as a builder does, which has all methods.
func openStore(ctx context.Context, cfg *site.Config, o store.Options) (*store.Builder, error) {
	st, err := store.Open(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	return st.Builder(), nil
}
