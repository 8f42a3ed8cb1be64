//go:build unix

package store_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"starpunk/site/store"
	"starpunk/site/store/durable"
	"starpunk/site/store/internal/storetest"
)

// To kill a process takes nothing from the disk: what it wrote stays in the
// kernel's memory. So a power cut is simulated. Every step of a save is
// recorded; for each moment between two of them the disk is put together as a
// cut there may leave it: what was synced is there, and of everything else any
// part. From that a site has to come up again with all that was acknowledged.

// A node is a file or a folder, whatever its names are.
type node struct {
	entries map[string]*node // of a folder
	writes  []version        // of a file
}

// A version is the bytes of a file since a moment.
type version struct {
	data    []byte
	written int // moment
	synced  int // moment; never if it is too large
}

const never = 1 << 30

// A change is one operation on names. It takes effect as a whole: every
// journaling file system promises that of a rename.
type change struct {
	at    int // moment
	names []entry
}

// An entry gives a name in a folder to a node, or to none.
type entry struct {
	dir    *node
	name   string
	node   *node
	synced int // moment
}

func (c *change) synced() int {
	last := 0
	for _, e := range c.names {
		last = max(last, e.synced)
	}
	return last
}

// A recorder follows what happens to the disk of a site.
type recorder struct {
	t       *testing.T
	dir     string
	moment  int
	root    *node                      // as the running system sees it
	start   map[*node]map[string]*node // the folders as they were, and all on the disk
	changes []*change
	files   []*node

	acknowledged []acknowledged
}

// An acknowledged is what the site holds from some moment on.
type acknowledged struct {
	at    int
	what  string
	files map[string]string
}

func record(s *storetest.Site) *recorder {
	r := &recorder{t: s.T, dir: s.Dir, start: map[*node]map[string]*node{}}
	r.root = r.snapshot(s.Dir)
	r.acknowledge("the start")
	return r
}

// snapshot reads a folder, all of which is on the disk.
func (r *recorder) snapshot(dir string) *node {
	n := &node{entries: map[string]*node{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		switch {
		case e.Name() == ".starpunk":
		case e.IsDir():
			n.entries[e.Name()] = r.snapshot(name)
		default:
			n.entries[e.Name()] = r.file(version{data: r.read(name)})
		}
	}
	r.start[n] = maps.Clone(n.entries)
	return n
}

func (r *recorder) file(v ...version) *node {
	n := &node{writes: v}
	r.files = append(r.files, n)
	return n
}

func (r *recorder) read(name string) []byte {
	data, err := os.ReadFile(name)
	if err != nil {
		r.t.Fatal(err)
	}
	return data
}

// Around is what a store is given.
func (r *recorder) around(op durable.Op, do func() error) error {
	err := do()
	if err == nil && op.Name != "commit" {
		r.happened(op)
	}
	return err
}

// find returns the folder that a name is in, and what has it.
func (r *recorder) find(name string) (dir *node, base string, n *node) {
	rel, err := filepath.Rel(r.dir, name)
	if err != nil || strings.HasPrefix(rel, "..") {
		r.t.Fatalf("%s is outside of the site", name)
	}
	dir = r.root
	parts := strings.Split(rel, "/")
	for _, part := range parts[:len(parts)-1] {
		if dir = dir.entries[part]; dir == nil {
			r.t.Fatalf("%s is in a folder that does not exist", name)
		}
	}
	base = parts[len(parts)-1]
	return dir, base, dir.entries[base]
}

func (r *recorder) happened(op durable.Op) {
	r.moment++
	dir, base, n := r.root, "", r.root
	if op.Path != r.dir {
		dir, base, n = r.find(op.Path)
	}
	var to entry
	if op.To != "" {
		var other *node
		to.dir, to.name, other = r.find(op.To)
		to.node = n
		n = other // what the exchange gives to the first name
	}
	switch op.Name {
	case "create":
		r.change(entry{dir: dir, name: base, node: r.file()})
	case "mkdir":
		r.change(entry{dir: dir, name: base, node: &node{entries: map[string]*node{}}})
	case "write":
		n.writes = append(n.writes, version{r.read(op.Path), r.moment, never})
	case "sync":
		for i := range n.writes {
			n.writes[i].synced = min(n.writes[i].synced, r.moment)
		}
	case "link":
		r.change(to)
	case "exchange":
		r.change(entry{dir: dir, name: base, node: n}, to)
	case "move", "rename":
		r.change(entry{dir: dir, name: base}, to)
	case "remove", "rmdir":
		r.change(entry{dir: dir, name: base})
	case "syncdir":
		for _, c := range r.changes {
			for i := range c.names {
				if c.names[i].dir == n {
					c.names[i].synced = min(c.names[i].synced, r.moment)
				}
			}
		}
	case "chmod":
	default:
		r.t.Errorf("step %q: what does a power cut do to it?", op.Name)
	}
}

// change makes a change, of which nothing is on the disk yet.
func (r *recorder) change(names ...entry) {
	for i := range names {
		names[i].synced = never
		names[i].apply()
	}
	r.changes = append(r.changes, &change{r.moment, names})
}

func (e *entry) apply() {
	if e.node == nil {
		delete(e.dir.entries, e.name)
		return
	}
	e.dir.entries[e.name] = e.node
}

// acknowledge records that all present files must stay from here on.
func (r *recorder) acknowledge(what string) {
	files := map[string]string{}
	for _, root := range []string{"content", "media"} {
		maps.Copy(files, filesBelow(r.t, r.dir, root))
	}
	r.acknowledged = append(r.acknowledged, acknowledged{r.moment, what, files})
}

// filesBelow reads all files below a folder of a site but temporary ones.
func filesBelow(t *testing.T, dir, root string) map[string]string {
	files := map[string]string{}
	err := filepath.WalkDir(filepath.Join(dir, root), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreNotExist(err)
		}
		if strings.HasPrefix(d.Name(), ".starpunk-") {
			return nil
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name) // it is below
		files[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func ignoreNotExist(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// cut is the disk after the power failed at a moment. choose(n) chooses one of n
// fates for each change of names and each write that was not synced.
func (r *recorder) cut(moment int, choose func(n int) int) *node {
	disk := map[*node]*node{}
	on := func(n *node) *node {
		if n != nil && disk[n] == nil {
			disk[n] = &node{}
			if n.entries != nil {
				disk[n].entries = map[string]*node{}
			}
		}
		return disk[n]
	}
	for dir, entries := range r.start {
		for name, n := range entries {
			on(dir).entries[name] = on(n)
		}
	}
	for _, f := range r.files {
		for _, v := range f.writes {
			switch {
			case v.written > moment:
			case v.synced <= moment:
				on(f).writes = []version{v}
			default: // none of it, half of it, or all
				if halves := choose(3); halves > 0 {
					on(f).writes = []version{{data: v.data[:len(v.data)*halves/2]}}
				}
			}
		}
	}
	for _, c := range r.changes {
		if c.at > moment || c.synced() > moment && choose(2) == 0 {
			continue
		}
		for _, e := range c.names {
			e.dir, e.node = on(e.dir), on(e.node)
			e.apply()
		}
	}
	return on(r.root)
}

func (n *node) data() []byte {
	if len(n.writes) == 0 {
		return nil
	}
	return n.writes[len(n.writes)-1].data
}

// print is the same for equal disks.
func (n *node) print(w io.Writer, ids map[*node]int) {
	if n.entries == nil {
		if ids[n] == 0 {
			ids[n] = len(ids) + 1
		}
		fmt.Fprintf(w, "%d %q\n", ids[n], n.data())
		return
	}
	for _, name := range slices.Sorted(maps.Keys(n.entries)) {
		fmt.Fprintf(w, "(%q ", name)
		n.entries[name].print(w, ids)
		fmt.Fprint(w, ")")
	}
}

// writeTo writes a disk into a folder.
func (n *node) writeTo(t *testing.T, name string, laid map[*node]string) {
	t.Helper()
	var err error
	switch {
	case n.entries != nil:
		err = os.MkdirAll(name, 0o777)
		for base, e := range n.entries {
			e.writeTo(t, filepath.Join(name, base), laid)
		}
	case laid[n] != "":
		err = os.Link(laid[n], name)
	default:
		laid[n] = name
		err = os.WriteFile(name, n.data(), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// cutsPerMoment is how many of the disks that a cut may leave are tried for
// each moment, beside that with nothing and that with everything unsynced.
const cutsPerMoment = 12

// survive tries every moment.
func (r *recorder) survive() {
	r.t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	choices := []func(int) int{func(int) int { return 0 }, func(n int) int { return n - 1 }}
	for range cutsPerMoment {
		choices = append(choices, random.IntN)
	}
	tried := map[string]bool{}
	for moment := range r.moment + 1 {
		for _, choose := range choices {
			disk := r.cut(moment, choose)
			var print bytes.Buffer
			fmt.Fprintln(&print, r.lastAcknowledged(moment).what)
			disk.print(&print, map[*node]int{})
			if !tried[print.String()] {
				tried[print.String()] = true
				r.comesUp(moment, disk)
			}
		}
	}
	r.t.Logf("%d disks after power cuts at %d moments", len(tried), r.moment+1)
}

func (r *recorder) lastAcknowledged(moment int) (last acknowledged) {
	for _, a := range r.acknowledged {
		if a.at <= moment {
			last = a
		}
	}
	return last
}

// comesUp starts a site from a disk and looks whether it holds what was
// acknowledged, or that and what was under way, whole.
func (r *recorder) comesUp(moment int, disk *node) {
	r.t.Helper()
	s := storetest.At(r.t, storetest.InMemory(r.t))
	s.Remove("content") // which siteAt made
	disk.writeTo(r.t, s.Dir, map[*node]string{})
	s.PutIndex()
	st, err := storetest.OpenStore(r.t.Context(), s.Config(), s.Options())
	if err != nil {
		r.t.Fatal(err)
	}
	defer st.Close()
	s.Scan(st)
	before := r.lastAcknowledged(moment)
	got := map[string]string{}
	for _, root := range []string{"content", "media"} {
		maps.Copy(got, filesBelow(r.t, s.Dir, root))
	}
	after := before
	if i := slices.IndexFunc(r.acknowledged, func(a acknowledged) bool { return a.at > moment }); i >= 0 {
		after = r.acknowledged[i]
	}
	both := maps.Clone(before.files) // a move in steps, between them
	maps.Copy(both, after.files)
	if !maps.Equal(got, before.files) && !maps.Equal(got, after.files) && !maps.Equal(got, both) {
		r.t.Errorf("power cut after %q, before %q was acknowledged: there is\n%s\nwant\n%s\nor\n%s",
			before.what, after.what, list(got), list(before.files), list(after.files))
	}
	for name, data := range got {
		file, ok := strings.CutPrefix(name, "content/")
		if ok && strings.HasSuffix(file, ".md") && s.Row(st, file).Problem != "" {
			r.t.Errorf("after a power cut %s can't be read: %q", file, data)
		}
	}
	for _, root := range []string{"content", "media"} {
		if temps, _ := filepath.Glob(s.Path(root + "/.starpunk-*")); len(temps) > 0 {
			r.t.Errorf("left after recovery: %q", temps)
		}
	}
}

func list(files map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&b, "\t%s: %.60q\n", name, files[name])
	}
	return b.String()
}

// asItIs is a cleaner for uploads that need none.
func asItIs(dst io.Writer, src io.ReaderAt, size int64) (string, error) {
	_, err := io.Copy(dst, io.NewSectionReader(src, 0, size))
	return "txt", err
}

func TestAcknowledgedDataSurviveAPowerCut(t *testing.T) {
	for _, test := range []struct {
		name string
		disk func(around storetest.Around) storetest.Around
	}{
		{"on a disk that can exchange files", func(a storetest.Around) storetest.Around { return a }},
		{"on a disk that can only link and rename them", plain},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := storetest.New(t)
			s.Post("trip/index.md", "2024-10-01")
			s.Write("content/trip/sea.jpg", "picture")
			s.Post("a.md", "2024-10-02")
			r := record(s)
			st := s.OpenAround(test.disk(r.around))
			s.Scan(st)
			r.saveAll(s, st)
			r.survive()
		})
	}
}

// saveAll has a store write everything that it can write.
func (r *recorder) saveAll(s *storetest.Site, st *store.Builder) {
	r.t.Helper()
	ctx := r.t.Context()
	saved := func(what string, err error) {
		r.t.Helper()
		if err != nil {
			r.t.Fatalf("%s: %v", what, err)
		}
		r.acknowledge(what)
	}
	first := s.Create(st, storetest.PlainNote("first", "Text"))
	saved("a note in a new folder", nil)
	s.Create(st, storetest.PlainNote("second", "Text"))
	saved("a note in a folder that is there", nil)
	_, err := st.Update(ctx, first.File, rename)
	saved("an update", err)
	_, err = storetest.DeleteFile(ctx, st, first.File)
	saved("a delete", err)
	_, err = storetest.UndeleteFile(ctx, st, ".trash/"+first.File)
	saved("an undelete", err)
	_, err = storetest.DeleteFile(ctx, st, "trip/index.md")
	saved("a delete of a bundle", err)
	_, err = storetest.UndeleteFile(ctx, st, ".trash/trip/index.md")
	saved("an undelete of a bundle", err)
	for _, text := range []string{"a picture", "another"} {
		_, err = st.Uploads.Save(ctx, strings.NewReader(text), 100, asItIs)
		saved("an upload", err)
	}
	// Another process made the folder, and died before it synced it.
	s.Mkdir("content/notes/2024/12")
	r.happened(durable.Op{Name: "mkdir", Path: s.Path("content/notes/2024/12")})
	s.Create(st, storetest.NewNote(r.t, "third", "2024-12-01T10:00:00Z"))
	saved("a note in a folder that another process made", nil)
}
