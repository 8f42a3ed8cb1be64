//go:build unix

package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"starpunk/site/store"
	"starpunk/site/store/durable"
	"starpunk/site/store/internal/storetest"
)

// plain is a disk on which files can't exchange names, and a rename always
// replaces.
func plain(next storetest.Around) storetest.Around {
	return func(op durable.Op, do func() error) error {
		if op.Name == "exchange" || op.Name == "move" {
			return syscall.ENOSYS
		}
		return next(op, do)
	}
}

// A save is one thing that a store can be asked to write.
type save struct {
	name string
	do   func(ctx context.Context, st *store.Builder) (done bool, err error) // done: nothing failed after it was made
}

func outcome(c store.Changed, err error) (bool, error) { return c.Indexed, err }

var saves = []save{
	{"create", func(ctx context.Context, st *store.Builder) (bool, error) {
		c, err := st.Create(ctx, storetest.PlainNote("hello", "Text"))
		return c.Indexed, err
	}},
	{"update", func(ctx context.Context, st *store.Builder) (bool, error) {
		return outcome(st.Update(ctx, "a.md", rename))
	}},
	{"delete", func(ctx context.Context, st *store.Builder) (bool, error) {
		return outcome(storetest.DeleteFile(ctx, st, "a.md"))
	}},
	{"delete over an older one", func(ctx context.Context, st *store.Builder) (bool, error) {
		return outcome(storetest.DeleteFile(ctx, st, "twice.md"))
	}},
	{"delete a bundle", func(ctx context.Context, st *store.Builder) (bool, error) {
		return outcome(storetest.DeleteFile(ctx, st, "trip/index.md"))
	}},
	{"undelete", func(ctx context.Context, st *store.Builder) (bool, error) {
		return outcome(storetest.UndeleteFile(ctx, st, ".trash/gone.md"))
	}},
	{"undelete a bundle", func(ctx context.Context, st *store.Builder) (bool, error) {
		return outcome(storetest.UndeleteFile(ctx, st, ".trash/walk/index.md"))
	}},
	{"add", func(ctx context.Context, st *store.Builder) (bool, error) {
		return st.Add(ctx, "notes/2024/10/07-new/index.md", strings.NewReader("---\ndate: 2024-10-07\n---\nText\n"))
	}},
	{"upload", func(ctx context.Context, st *store.Builder) (bool, error) {
		_, err := st.Uploads.Save(ctx, strings.NewReader("a picture"), 100, asItIs)
		return err == nil, err
	}},
}

// faulty is a site with something for every save to work on.
func faulty(t *testing.T) *storetest.Site {
	s := storetest.At(t, storetest.InMemory(t))
	s.PutIndex()
	for _, file := range []string{"a.md", "twice.md", ".trash/twice.md", "trip/index.md", ".trash/gone.md", ".trash/walk/index.md"} {
		s.Post(file, "2024-10-01", "title: "+filepath.Base(filepath.Dir(file)))
	}
	s.Write("content/trip/sea.jpg", "picture")
	s.Write("content/.trash/walk/hill.jpg", "picture")
	return s
}

// A fault has one step fail.
type fault struct {
	step   int
	effect bool // it fails, and yet was done
	err    syscall.Errno

	seen   []durable.Op
	failed int // which of them
}

func (f *fault) around(op durable.Op, do func() error) error {
	f.seen = append(f.seen, op)
	if len(f.seen)-1 != f.step {
		return do()
	}
	f.failed = f.step
	if f.effect {
		if err := do(); err != nil {
			return err
		}
	}
	return f.err
}

var faults = []syscall.Errno{syscall.ENOSPC, syscall.EACCES, syscall.EROFS, syscall.EIO}

// TestEveryStepOfASaveMayFail has each step of each save fail, once leaving
// nothing and once having taken effect.
func TestEveryStepOfASaveMayFail(t *testing.T) {
	for _, save := range saves {
		for _, disk := range []struct {
			name string
			of   func(storetest.Around) storetest.Around
		}{{"", func(a storetest.Around) storetest.Around { return a }}, {" on a plain disk", plain}} {
			t.Run(save.name+disk.name, func(t *testing.T) {
				t.Parallel()
				s := faulty(t)
				none := &fault{step: -1}
				st := s.OpenAround(disk.of(none.around))
				s.Scan(st)
				none.seen = nil
				before := state(s)
				if done, err := save.do(t.Context(), st); err != nil || !done {
					t.Fatalf("without a fault: %v, %v", done, err)
				}
				after := state(s)
				if maps.Equal(before, after) {
					t.Fatal("nothing was saved")
				}
				for step, op := range none.seen {
					for i, effect := range []bool{false, true} {
						f := &fault{step: -1, effect: effect, err: faults[(step+i)%len(faults)]}
						name := fmt.Sprintf("%d %s %s effect=%v", step, op.Name, f.err, effect)
						f.check(t, name, step, none.seen, save, disk.of(f.around), before, after)
					}
				}
			})
		}
	}
}

// commitPoint is the step from which on a save is made: the last that gives a
// file its name, or takes the old one away.
func commitPoint(ops []durable.Op) int {
	for i, op := range slices.Backward(ops) {
		if slices.Contains([]string{"link", "move", "exchange", "rename"}, op.Name) || op.Name == "remove" && !isTemp(op.Path) {
			return i
		}
	}
	return len(ops)
}

func isTemp(name string) bool { return strings.HasPrefix(filepath.Base(name), ".starpunk-") }

func (f *fault) check(t *testing.T, name string, step int, ops []durable.Op, save save, a storetest.Around, before, after map[string]string) {
	t.Helper()
	s := faulty(t)
	st := s.OpenAround(a)
	s.Scan(st)
	f.step, f.seen = step, nil
	done, err := save.do(t.Context(), st)
	f.step = -1 // no fault any more
	got := state(s)
	op, commit := ops[step].Name, commitPoint(ops)
	made := step > commit || step == commit && f.effect
	harmless := op == "remove" && isTemp(ops[step].Path) || op == "rmdir"
	switch {
	case f.effect && err == nil && slices.Contains([]string{"mkdir", "link", "move", "rename", "remove"}, op):
		// The store noticed that the step took effect, and continued.
		if !maps.Equal(got, after) {
			t.Errorf("%s: there is\n%s\nwant\n%s", name, list(got), list(after))
		}
	case save.name == "upload" && op == "syncdir" && step > commit:
		// It is there, but not acknowledged: to send it again does no harm.
		if !errors.Is(err, f.err) || !maps.Equal(got, after) {
			t.Errorf("%s: %v, and there is\n%s", name, err, list(got))
		}
	case made || harmless:
		if err != nil || !maps.Equal(got, after) {
			t.Errorf("%s: %v, and there is\n%s\nwant\n%s", name, err, list(got), list(after))
		}
		if (op == "syncdir" || op == "commit") && done && save.name != "upload" {
			t.Errorf("%s: the save reports that no later step failed", name)
		}
	default:
		if !errors.Is(err, f.err) || !maps.Equal(got, before) {
			t.Errorf("%s: %v, and there is\n%s\nwant\n%s", name, err, list(got), list(before))
		}
	}
	heals(s, name, st, save, err, after, f)
}

// heals wants a save that failed to do its work the next time, without a
// restart, and one that was made to be known.
func heals(s *storetest.Site, name string, st *store.Builder, save save, err error, after map[string]string, f *fault) {
	s.T.Helper()
	if err != nil {
		if done, err := save.do(s.T.Context(), st); err != nil || !done {
			s.T.Errorf("%s: without the fault: %v, %v", name, done, err)
		}
	}
	if got := state(s); !maps.Equal(got, after) {
		s.T.Errorf("%s: without the fault there is\n%s\nwant\n%s", name, list(got), list(after))
	}
	if _, err := st.ByPermalink(s.T.Context(), "/none/"); !errors.Is(err, store.ErrNotExist) {
		s.T.Error(err)
	}
	for file, data := range after {
		file, ok := strings.CutPrefix(file, "content/")
		if !ok || !strings.HasSuffix(file, ".md") {
			continue
		}
		row, err := st.ByFile(s.T.Context(), file)
		if err != nil || row == nil || filepath.Base(file) != "index.md" && row.Hash != sha256.Sum256([]byte(data)) {
			s.T.Errorf("%s: of %s the index has %+v, %v", name, file, row, err)
		}
	}
	if failed := f.unsynced(); len(failed) > 0 {
		s.Scan(st)
		if failed := f.unsynced(); len(failed) > 0 {
			s.T.Errorf("%s: after a scan these are not synced: %q", name, failed)
		}
	}
	s.Scan(st)
	if temps := temps(s); len(temps) > 0 {
		s.T.Errorf("%s: after a scan there is %q", name, temps)
	}
}

// unsynced are the folders whose sync failed and was not made up for.
func (f *fault) unsynced() []string {
	last := map[string]bool{}
	for i, op := range f.seen {
		if op.Name == "syncdir" {
			last[op.Path] = i != f.failed
		}
	}
	maps.DeleteFunc(last, func(_ string, synced bool) bool { return synced })
	return slices.Collect(maps.Keys(last))
}

// state is what a site holds, temporary files left out.
func state(s *storetest.Site) map[string]string {
	s.T.Helper()
	files := filesBelow(s.T, s.Dir, "content")
	maps.Copy(files, filesBelow(s.T, s.Dir, "media"))
	return files
}

func temps(s *storetest.Site) (temps []string) {
	s.T.Helper()
	for _, root := range []string{"content", "media"} {
		s.Mkdir(root)
		for _, name := range s.Files(root) {
			if isTemp(name) {
				temps = append(temps, root+"/"+name)
			}
		}
	}
	return temps
}
