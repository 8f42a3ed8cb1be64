package generator_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"starpunk/site/store"
)

func TestALayoutThatIsRefusedIsNeverUsed(t *testing.T) {
	for name, broken := range map[string][2]string{
		"a front page that apps can't read": {"layouts/home.html", "<html><body>lost</body></html>"},
		"a piece that fails":                {"layouts/foot.html", "lost {{.Nope}}"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestSite(t, small())
			s.now = time.Now()
			log := &logBuffer{}
			s.log = slog.New(slog.NewTextHandler(log, nil))
			s.watch(func(*store.Store) {
				before := s.output("index.html")
				s.write(broken[0], broken[1])
				s.await("the refusal", func() bool { return len(log.lines("stay in use")) > 0 })
				s.write("content/more.md", note("2026-11-21", "", "One more"))
				s.eventually("a note saved after it", "index.html", "One more")
				if strings.Contains(s.output("index.html"), "lost") {
					t.Error("the front page has the layout that was refused")
				}
				s.remove(broken[0])
				s.remove("content/more.md")
				s.eventually("its removal", "2026/11/more/index.html", "")
				s.await("the front page as it was", func() bool { return s.output("index.html") == before })
			})
		})
	}
}

// The index does not have the outputs of a failed step.
func TestNoPageStaysOfAStepThatFailed(t *testing.T) {
	files := small()
	files["layouts/bad.html"] = "{{index .Notes 5}}"
	s := newTestSite(t, files)
	s.now = time.Now()
	log := &logBuffer{}
	s.log = slog.New(slog.NewTextHandler(log, nil))
	s.watch(func(*store.Store) {
		elsewhere := t.TempDir()
		write := func(name, text string) {
			if err := os.WriteFile(filepath.Join(elsewhere, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		write("secret.md", note("2026-04-01", "", "Secret"))
		write("x.md", note("2026-03-03", "layout: bad", "x"))
		if err := os.Rename(elsewhere, s.path("content/new")); err != nil {
			t.Fatal(err)
		}
		s.await("the failure", func() bool { return len(log.lines("build failed")) > 0 })
		s.remove("content/new")

		s.await("the end of it", func() bool { return !s.hasOutput("2026/04/secret/index.html") && len(log.lines("build failed")) > 0 })
	})
	if s.hasOutput("2026/04/secret/index.html") {
		t.Error("a page without a note exists")
	}
}

func TestAnOutputFolderThatIsRemovedIsMadeAgain(t *testing.T) {
	files := small()
	files["static/robots.png"] = "picture"
	s := newTestSite(t, files)
	s.now = time.Now()
	s.watch(func(*store.Store) {
		before := s.outputNames()
		s.remove("public")
		s.write("content/more.md", note("2026-11-21", "", "One more"))
		s.eventually("a note saved after it", "2026/11/more/index.html", "One more")
		s.remove("content/more.md")
		s.await("the whole output", func() bool {
			_, err := os.Stat(s.path("public/.starpunk"))
			return err == nil && strings.Join(s.outputNames(), " ") == strings.Join(before, " ")
		})
	})
}
