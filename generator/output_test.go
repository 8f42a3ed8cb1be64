package generator_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"starpunk/generator"
	"starpunk/site/store"
)

// forced builds everything again and returns what was written.
func (s *testSite) forced() *generator.Report {
	s.t.Helper()
	var report *generator.Report
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) (err error) {
		if err := g.Force(context.Background()); err != nil {
			return err
		}
		report, err = g.Build(context.Background())
		return err
	})
	if err != nil {
		s.t.Fatalf("Build: %v", err)
	}
	return report
}

func TestEveryByteOfAnOutputIsCompared(t *testing.T) {
	const block = 16 << 10 // of what is read at once
	for _, size := range []int{0, 1, block - 1, block, block + 1, 2 * block, 3*block + 5} {
		t.Run(fmt.Sprint(size, " bytes"), func(t *testing.T) {
			style := strings.Repeat("/*x*/", size)[:size]
			s := newTestSite(t, map[string]string{"content/a.md": note("2026-11-20", "", "Text"), "layouts/style.css": style})
			first := s.build()
			if got := s.output("style.css"); got != style {
				t.Fatalf("style.css has %d bytes, want %d", len(got), size)
			}
			if r := s.forced(); r.Written != 0 || r.Unchanged < first.Written {
				t.Errorf("a forced build wrote %d files and left %d, want 0 and %d at least", r.Written, r.Unchanged, first.Written)
			}
			others := []string{style + "y"}
			if size > 0 {
				others = append(others, style[:size-1], style[:size-1]+"y", "y"+style[1:])
			}
			for _, other := range others {
				s.write("public/style.css", other)
				if r := s.forced(); r.Written != 1 {
					t.Errorf("a forced build after a change by hand wrote %d files, want 1", r.Written)
				}
				if s.output("style.css") != style {
					t.Error("the change by hand is still there")
				}
			}
		})
	}
}

func TestAFolderOfTheOutputThatIsRemovedIsMadeAgain(t *testing.T) {
	s := newTestSite(t, small())
	s.watch(func(*store.Store) {
		s.write("content/before.md", note("2026-11-20", "", "Before"))
		s.eventually("a note before", "2026/11/before/index.html", "Before")
		s.moveAway("public/2026")
		s.write("content/after.md", note("2026-11-21", "", "After"))
		s.eventually("a note after", "2026/11/after/index.html", "After")
	})
	s.forced()
	if !strings.Contains(s.output("2026/11/before/index.html"), "Before") {
		t.Error("a forced build did not bring back what was removed")
	}
}

// moveAway removes a folder at once, though a watcher may be writing to it.
func (s *testSite) moveAway(name string) {
	s.t.Helper()
	if err := os.Rename(s.path(name), s.path("moved-away")); err != nil {
		s.t.Fatal(err)
	}
}

// A folder of the output may be a link that its owner has made. A link without a target is
// replaced.
func TestALinkInTheOutput(t *testing.T) {
	for _, test := range []struct {
		name string
		link func(s *testSite) error
		kept bool
	}{
		{"to a folder", func(s *testSite) error {
			s.write("elsewhere/mine.txt", "mine")
			return os.Symlink(s.path("elsewhere"), s.path("public/2026/11"))
		}, true},
		{"to nothing", func(s *testSite) error {
			return os.Symlink(s.path("nothing"), s.path("public/2026/11"))
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newTestSite(t, map[string]string{"content/notes/a.md": note("2026-11-20", "", "Text")})
			s.watch(func(*store.Store) {
				s.moveAway("public/2026/11")
				if err := test.link(s); err != nil {
					t.Fatal(err)
				}
				s.write("content/notes/b.md", note("2026-11-21", "", "Another"))
				s.eventually("a new note", "2026/11/b/index.html", "Another")
			})
			info, err := os.Lstat(s.path("public/2026/11"))
			if err != nil {
				t.Fatal(err)
			}
			if kept := info.Mode()&os.ModeSymlink != 0; kept != test.kept {
				t.Errorf("the link is there: %v, want %v", kept, test.kept)
			}
			if _, err := os.Stat(s.path("nothing")); err == nil {
				t.Error("a link that leads nowhere was followed")
			}
		})
	}
}

// A page replaces a link, even one to a file with its bytes.
func TestAPageReplacesALink(t *testing.T) {
	s := newTestSite(t, map[string]string{"content/notes/a.md": note("2026-11-20", "", "Text")})
	s.build()
	const page = "2026/11/a/index.html"
	before := s.output(page)
	s.write("outside.html", before)
	s.remove("public/" + page)
	if err := os.Symlink(s.path("outside.html"), s.path("public/"+page)); err != nil {
		t.Fatal(err)
	}
	if r := s.forced(); r.Written != 1 {
		t.Errorf("%d files were written, want 1", r.Written)
	}
	if info, err := os.Lstat(s.path("public/" + page)); err != nil || !info.Mode().IsRegular() {
		t.Errorf("the page: %v, %v; want a regular file", info, err)
	}
	if s.output(page) != before {
		t.Error("the page has changed")
	}
}

// In a new output folder no file is written or replaced twice.
func TestANewOutputFolderIsWrittenOnce(t *testing.T) {
	files := small()
	files["static/2026/11/beside.txt"] = "in the folder of a month"
	files["media/a/1.txt"], files["media/a/2.txt"], files["static/media/a/1.txt"] = "1", "2", "1"
	s := newTestSite(t, files)
	r := s.build()
	if got := int64(len(s.outputs())); r.Written != got {
		t.Errorf("%d files were written, and there are %d", r.Written, got)
	}
	for name := range s.outputs() {
		s.sameModeAs("public/"+name, "content/about.md")
	}
	s.sameModeAs("public/2026/11", "content")
}

// sameModeAs checks that a file has the permissions of one that the test made
// under the same umask.
func (s *testSite) sameModeAs(name, other string) {
	s.t.Helper()
	a, errA := os.Lstat(s.path(name))
	b, errB := os.Lstat(s.path(other))
	if errA != nil || errB != nil {
		s.t.Fatal(errA, errB)
	}
	if a.Mode() != b.Mode() {
		s.t.Errorf("%s has the mode %v, want %v", name, a.Mode(), b.Mode())
	}
}
