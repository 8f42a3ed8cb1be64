package generator_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/generator"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/durable"
)

// A step is one edit of a history. It draws its choices from a seed of its own, so
// that a history can be tried without it.
type step struct {
	kind stepKind
	seed uint64
}

// A stepKind is a kind of edit, or of a build.
type stepKind struct {
	name   string
	weight int // how often it comes
	do     func(h *history, r *rand.Rand)
}

const stepsOfAHistory = 60

// historyConfig names no page that a step may remove.
var historyConfig = strings.Replace(testConfig, `nav = [{name = "About", url = "/about/"}]`, "", 1)

// stepsWanted returns the number of steps that a test tries in all: STARPUNK_EDITS, or
// few.
func stepsWanted(t *testing.T, few int) int { return numberFrom(t, "STARPUNK_EDITS", few) }

// firstSeed returns the seed of the first history: STARPUNK_SEED, or 1.
func firstSeed(t *testing.T) int { return numberFrom(t, "STARPUNK_SEED", 1) }

func numberFrom(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// newSteps draws the steps of a history.
func newSteps(kinds []stepKind, seed uint64, count int) []step {
	random := rand.New(rand.NewPCG(seed, 0))
	total := 0
	for _, kind := range kinds {
		total += kind.weight
	}
	steps := make([]step, count)
	for i := range steps {
		at := random.IntN(total)
		for _, kind := range kinds {
			if at -= kind.weight; at < 0 {
				steps[i] = step{kind, random.Uint64()}
				break
			}
		}
	}
	return steps
}

// TestAnyHistoryOfEditsEndsInTheSameSite is the invariant that incremental
// builds depend on. To try 20,000 edits, or the history of one seed:
//
//	STARPUNK_EDITS=20000 go test ./generator -run TestAnyHistoryOfEdits -timeout 2h
//	STARPUNK_SEED=17 STARPUNK_EDITS=60 go test ./generator -run TestAnyHistoryOfEdits
func TestAnyHistoryOfEditsEndsInTheSameSite(t *testing.T) {
	tryHistories(t, stepKinds, small(), stepsWanted(t, 6*stepsOfAHistory))
}

// tryHistories runs histories of some kinds of steps. Of one that fails it prints
// the steps without which it does not fail.
func tryHistories(t *testing.T, kinds []stepKind, files map[string]string, wanted int) {
	t.Helper()
	first := firstSeed(t)
	for i := 0; i*stepsOfAHistory < wanted; i++ {
		seed := first + i
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			steps := newSteps(kinds, uint64(seed), stepsOfAHistory)
			guarded := seed%2 == 0
			fault := runHistory(t, files, steps, guarded)
			if fault == nil {
				return
			}
			steps, fault = shrinkHistory(t, files, steps, guarded, fault)
			t.Errorf("%d steps are enough, repeat them with STARPUNK_SEED=%d STARPUNK_EDITS=%d (guarded: %v):\n%s%s",
				len(steps), seed, stepsOfAHistory, guarded, strings.Join(fault.journal, ""), fault.what)
		})
	}
}

// maxShrinks limits how often a history is run again to make it shorter.
const maxShrinks = 250

// shrinkHistory removes steps without which the history fails, too.
func shrinkHistory(t *testing.T, files map[string]string, steps []step, guarded bool, fault *historyFault) ([]step, *historyFault) {
	tries := 0
	for size := len(steps) / 2; size > 0; size /= 2 {
		for from := len(steps) - size; from >= 0 && tries < maxShrinks; from -= size {
			tries++
			fewer := slices.Concat(steps[:from], steps[from+size:])
			if f := runHistory(t, files, fewer, guarded); f != nil {
				steps, fault = fewer, f
			}
			size = min(size, len(steps))
			from = min(from, len(steps))
		}
	}
	return steps, fault
}

// A historyFault is a mistake after some steps.
type historyFault struct {
	journal []string // what was done, a line each
	what    string
}

// A history is a site while it is edited and built.
type history struct {
	*testSite
	files   map[string]string // of the site at its beginning
	journal []string
	fault   string // the first

	st    *store.Store
	g     *generator.Generator
	stamp time.Time // of the file that was written last
	right time.Time // the clock that s.now is ahead of; zero: it is right

	mu     sync.Mutex
	commit func() error // is called before each commit; nil: nothing is
}

// runHistory returns the first mistake in a history; nil if there is none.
func runHistory(t *testing.T, files map[string]string, steps []step, guarded bool) *historyFault {
	t.Helper()
	dir, err := os.MkdirTemp(memoryFolder(), "starpunk-history-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s := &testSite{t: t, dir: filepath.Join(dir, "site"), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), guarded: guarded}
	h := &history{testSite: s, files: files, stamp: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	s.around = func(op durable.Op, do func() error) error {
		if err := h.beforeCommit(op); err != nil {
			return err
		}
		return do()
	}
	for name, text := range files {
		s.write(name, text)
	}
	defer h.stop()
	for _, step := range steps {
		if h.journal = append(h.journal, "# "+step.kind.name+"\n"); h.fault != "" {
			break
		}
		step.kind.do(h, rand.New(rand.NewPCG(step.seed, 1)))
	}
	h.end(filepath.Join(dir, "clean"))
	if h.fault == "" {
		return nil
	}
	return &historyFault{h.journal, h.fault}
}

// memoryFolder returns the folder for sites, of which hundreds are made and removed; "" for
// that of the system.
func memoryFolder() string {
	const memory = "/dev/shm" // Linux
	if info, err := os.Stat(memory); err == nil && info.IsDir() {
		return memory
	}
	return ""
}

func (h *history) fail(format string, args ...any) {
	if h.fault == "" {
		h.fault = fmt.Sprintf(format, args...)
	}
}

func (h *history) note(format string, args ...any) {
	h.journal = append(h.journal, fmt.Sprintf(format, args...)+"\n")
}

// beforeCommit calls the function that a step has set for a commit of the index.
func (h *history) beforeCommit(op durable.Op) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if op.Name != "commit" || h.commit == nil {
		return nil
	}
	return h.commit()
}

// start opens the site as a process does, unless one has.
func (h *history) start() bool {
	if h.g != nil {
		return true
	}
	cfg := h.configOf(historyConfig + h.extra)
	clock := func() time.Time { return h.now }
	var err error
	if h.st, err = store.Open(context.Background(), cfg, store.Options{Now: clock, AllowRemovals: !h.guarded, Around: h.around}); err != nil {
		h.fail("open: %v", err)
		return false
	}
	h.g, err = generator.New(cfg, h.st, generator.Options{Version: "test", Now: clock})
	if err != nil {
		h.fail("new generator: %v", err)
		h.stop()
	}
	return err == nil
}

// stop ends the process.
func (h *history) stop() {
	if h.st != nil {
		if err := h.st.Close(); err != nil {
			h.fail("close: %v", err)
		}
	}
	h.st, h.g = nil, nil
}

// build builds the site and looks at its links.
func (h *history) build() {
	if !h.start() {
		return
	}
	h.note("build")
	_, err := h.g.Build(context.Background())
	if err != nil && h.guarded && strings.Contains(err.Error(), "content/ has no notes") {
		return // the index is lost, and so is the folder: nothing is deleted
	}
	if err != nil {
		h.fail("build: %v", err)
		return
	}
	h.checkLinks()
}

// put writes a file. It removes a folder with its name, and a file with the name of a folder
// that it needs. No two written files have the same time.
func (h *history) put(name, text string) {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if info, err := os.Lstat(h.path(dir)); err == nil && !info.IsDir() {
			h.drop(dir)
		}
	}
	if info, err := os.Lstat(h.path(name)); err == nil && info.IsDir() {
		h.drop(name)
	}
	h.note("write %s %q", name, text)
	h.write(name, text)
	h.stamp = h.stamp.Add(time.Second)
	if err := os.Chtimes(h.path(name), h.stamp, h.stamp); err != nil {
		h.t.Fatal(err)
	}
}

// drop removes a file or a folder.
func (h *history) drop(name string) {
	if _, err := os.Lstat(h.path(name)); err != nil {
		return
	}
	h.note("remove %s", name)
	h.remove(name)
}

// rename moves a file or a folder, if it exists and its new name does not.
func (h *history) rename(from, to string) {
	if _, err := os.Lstat(h.path(from)); err != nil || to == from || strings.HasPrefix(to, from+"/") {
		return
	}
	h.drop(to)
	h.note("rename %s %s", from, to)
	if err := os.MkdirAll(filepath.Dir(h.path(to)), 0o777); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Rename(h.path(from), h.path(to)); err != nil {
		h.t.Fatal(err)
	}
}

// setClock sets the clock.
func (h *history) setClock(now time.Time) {
	h.now = now
	h.note("clock %s", now.Format(time.RFC3339))
}

// written has the addresses and files in the texts of these histories, which may not exist.
var written = regexp.MustCompile(`^/(p\.png|media/aa/aabb\.png|2026/09/w1/|micropub.*)$|/(wiki|w\.png|\x{fc}\.png|u\x{308}\.png|a\.txt|waves\.svg|data/track\.gpx)$`)

// checkLinks looks for links to addresses of the site without a file. The last good
// page of a note that cannot be read stays as it is, and so does that of a note whose
// file is missing and not believed to be deleted. If a static file replaced that page,
// or the output was deleted, nothing can render it until the note can be read.
func (h *history) checkLinks() {
	outputs := h.outputs()
	for name, page := range outputs {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		for _, m := range ownLink.FindAllStringSubmatch(page, -1) {
			address, _, _ := strings.Cut(m[1], "?")
			address, err := url.PathUnescape(address)
			if err != nil {
				h.fail("%s links to %s: %v", name, m[1], err)
				return
			}
			file := site.OutputFile(address)
			if _, ok := outputs[file]; ok || written.MatchString(address) || blocked(outputs, file) || h.isHeld(name) || h.isHeld(file) {
				continue
			}
			h.fail("%s links to %s, which does not exist", name, m[1])
			return
		}
	}
}

// isHeld reports whether an output is the page of a note that cannot be read now.
func (h *history) isHeld(output string) bool {
	for _, permalink := range []string{"/" + strings.TrimSuffix(output, "index.html"), "/" + output, "/" + strings.TrimSuffix(output, "/index.html")} {
		row, err := h.st.ByPermalink(context.Background(), permalink)
		if err != nil {
			continue
		}
		if row.Problem != "" {
			return true
		}
		if _, err := os.Stat(h.path("content/" + row.File)); err != nil {
			return true
		}
	}
	return false
}

// end builds the site for the last time and compares it with one that is built from
// the same files at once, in another folder with another index.
func (h *history) end(dir string) {
	if h.build(); h.fault != "" {
		return
	}
	// A broken note keeps its last good page, which a clean build does not have.
	broken := h.broken()
	for name := range sorted(broken) {
		h.drop(name)
	}
	if h.guarded { // what is still missing was deleted
		h.guarded = false
		h.restart()
	}
	h.build()
	for name, text := range sorted(broken) {
		h.put(name, text)
	}
	h.build()
	if h.fault != "" {
		return
	}
	got := h.outputs()
	clean := &testSite{t: h.t, dir: dir, now: h.now, extra: h.extra}
	for _, folder := range []string{"content", "static", "media", "layouts"} {
		if _, err := os.Stat(h.path(folder)); err != nil {
			continue
		}
		if err := os.CopyFS(clean.path(folder), os.DirFS(h.path(folder))); err != nil {
			h.t.Fatal(err)
		}
	}
	var report *generator.Report
	err := clean.with(clean.configOf(historyConfig+h.extra), func(_ *store.Store, g *generator.Generator) (err error) {
		report, err = g.Build(context.Background())
		return err
	})
	if err != nil {
		h.fail("clean build: %v", err)
		return
	}
	want := clean.outputs()
	for name := range got {
		if _, ok := want[name]; ok {
			continue
		}
		if strings.HasPrefix(name, ".") || h.isEarlyMark(name) { // without the index, the first count as files of the host
			delete(got, name)
		}
	}
	if d := diff(got, want); d != "" {
		h.fail("incremental (got) and clean (want) differ:\n%s", d)
		return
	}
	h.checkReport(report)
	h.checkIndex(clean)
}

// isEarlyMark reports whether an output is the mark of a deleted note that was published
// while the clock was ahead. The mark stays, since clients may know the address.
func (h *history) isEarlyMark(output string) bool {
	address, ok := strings.CutSuffix(output, site.GoneFile)
	if !ok {
		return false
	}
	row, err := h.st.ByPermalink(context.Background(), "/"+address)
	return err == nil && row.Status == "deleted" && row.Published.After(h.now)
}

// checkReport compares the report of the next process with that of a clean build.
func (h *history) checkReport(clean *generator.Report) {
	if !h.restart() {
		return
	}
	r, err := h.g.Build(context.Background())
	if err != nil {
		h.fail("build: %v", err)
		return
	}
	if r.Written+r.Removed > 0 {
		h.fail("the next process writes %d files and removes %d", r.Written, r.Removed)
	}
	inTheWay := func(w string) bool { return strings.Contains(w, "is in the way") } // of a redirect: found when its note is built
	got, want := slices.DeleteFunc(r.Warnings, inTheWay), slices.DeleteFunc(clean.Warnings, inTheWay)
	if !slices.Equal(got, want) {
		h.fail("an incremental build reports\n%s\na clean one\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// restart ends the process and starts another.
func (h *history) restart() bool {
	h.stop()
	return h.start()
}

// broken returns the notes that cannot be read, with their texts.
func (h *history) broken() map[string]string {
	broken := map[string]string{}
	for _, name := range h.below("content") {
		row, err := h.st.ByFile(context.Background(), strings.TrimPrefix(name, "content/"))
		if err != nil {
			h.t.Fatal(err)
		}
		if row != nil && row.Problem != "" {
			broken[name] = h.read(name)
		}
	}
	return broken
}

func (h *history) read(name string) string {
	data, err := os.ReadFile(h.path(name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(data)
}

// below lists the files below a folder, in order.
func (h *history) below(folder string) (names []string) {
	err := filepath.WalkDir(h.path(folder), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(h.dir, name)
		names = append(names, filepath.ToSlash(rel))
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		h.t.Fatal(err)
	}
	return names
}

// anyNote returns a note of the site with its text; "" if there is none. The choice depends
// as little as possible on the other files of the site.
func (h *history) anyNote(r *rand.Rand) (name, text string) {
	seed, least := r.Uint64(), uint64(0)
	for _, file := range h.below("content") {
		if !site.IsNoteExt(path.Ext(file)) || strings.Contains(file, site.TrashDir) {
			continue
		}
		hash := fnv.New64a()
		fmt.Fprint(hash, seed, file)
		if sum := hash.Sum64(); name == "" || sum < least {
			name, least = file, sum
		}
	}
	if name == "" {
		return "", ""
	}
	return name, h.read(name)
}

// setLine sets a line of the front matter of a note, or removes it if value is "".
func setLine(text, key, value string) string {
	front, body, ok := strings.Cut(strings.TrimPrefix(text, "---\n"), "---\n")
	if !ok || !strings.HasPrefix(text, "---\n") {
		front, body = "", text
	}
	var lines strings.Builder
	for line := range strings.Lines(front) {
		if !strings.HasPrefix(line, key+":") {
			lines.WriteString(line)
		}
	}
	if value != "" {
		fmt.Fprintf(&lines, "%s: %s\n", key, value)
	}
	if lines.Len() == 0 {
		return body
	}
	return "---\n" + lines.String() + "---\n" + body
}

// edit sets a line of the front matter of any note.
func (h *history) edit(r *rand.Rand, key string, values ...string) {
	if name, text := h.anyNote(r); name != "" {
		h.put(name, setLine(text, key, values[r.IntN(len(values))]))
	}
}
