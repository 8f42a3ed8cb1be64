//go:build unix

package generator_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/site/store"
)

// recordingHook is a hook that writes its input to a file, and fails while a file named
// "broken" exists.
const recordingHook = `[build]
after = "cat > receiving; mv receiving received; echo run >> runs; echo no route to host >&2; test ! -e broken"
`

// received returns the input of the last run of the hook; nil if it did not run since the
// last call.
func (s *testSite) received() []string {
	s.t.Helper()
	data, err := os.ReadFile(s.path("received"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.remove("received")
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

func TestTheHookReceivesChangedAndRemovedOutputs(t *testing.T) {
	s := newTestSite(t, small())
	s.extra = recordingHook
	s.build()
	if got, want := s.received(), s.outputNames(); !slices.Equal(got, want) {
		t.Errorf("after the first build the hook received\n%q, want all of\n%q", got, want)
	}
	s.build()
	if got := s.received(); got != nil {
		t.Errorf("nothing changed, and the hook received %q", got)
	}
	s.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "", "Changed"))
	s.build()
	got := s.received()
	if !slices.Contains(got, "2026/11/hello/index.html") || !slices.Contains(got, "feed.xml") || slices.Contains(got, "style.css") {
		t.Errorf("a note changed, and the hook received %q", got)
	}
	s.remove("content/notes/2026/11/01-hello.md")
	s.build()
	if got := s.received(); !slices.Contains(got, "2026/11/hello/index.html") {
		t.Errorf("a note was removed, and the hook received %q", got)
	}
	if _, err := os.Stat(s.path("public/2026/11/hello/index.html")); !os.IsNotExist(err) {
		t.Errorf("the removed page: %v", err)
	}
}

func TestAHookThatFailedReceivesEverythingTheNextTime(t *testing.T) {
	s := newTestSite(t, small())
	s.extra = recordingHook
	s.build()
	s.received()
	s.write("broken", "")
	s.remove("content/notes/2026/11/01-hello.md")
	s.remove("runs")
	report := s.build()
	if len(report.Problems) != 1 || report.Problems[0] != "build.after: exit status 1: no route to host" {
		t.Errorf("problems: %q", report.Problems)
	}
	if runs, err := os.ReadFile(s.path("runs")); err != nil || string(runs) != "run\nrun\nrun\n" {
		t.Errorf("it was tried like this: %q, %v", runs, err)
	}
	s.remove("broken")
	s.build() // no output is stale, but the hook has something to do
	want := slices.Sorted(slices.Values(append(s.outputNames(), "2026/11/hello/index.html")))
	if got := s.received(); !isSubset(want, got) {
		t.Errorf("the hook received\n%q, want at least\n%q", got, want)
	}
	s.build()
	if got := s.received(); got != nil {
		t.Errorf("nothing is left to do, and the hook received %q", got)
	}
}

func isSubset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

func TestAnotherHookOrOutputReceivesEverything(t *testing.T) {
	for _, test := range []struct{ name, extra string }{
		{"another command", strings.Replace(recordingHook, "cat >", "cat  >", 1)},
		{"another output folder", recordingHook + "output = \"elsewhere\"\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newTestSite(t, small())
			s.extra = recordingHook
			s.build()
			all := s.received()
			s.extra = test.extra
			s.build()
			if got := s.received(); !slices.Equal(got, all) {
				t.Errorf("the hook received\n%q, want\n%q", got, all)
			}
		})
	}
}

func TestTheHookDoesNotInheritSecrets(t *testing.T) {
	t.Setenv("STARPUNK_INTROSPECTION_SECRET", "sesame")
	t.Setenv("STARPUNK_TOKEN", "sesame")
	t.Setenv("RSYNC_RSH", "ssh -i key")
	s := newTestSite(t, small())
	s.extra = "[build]\nafter = 'env > received'\n"
	s.build()
	env := strings.Join(s.received(), "\n")
	if strings.Contains(env, "sesame") || !strings.Contains(env, "RSYNC_RSH=ssh -i key") {
		t.Errorf("the environment of the command:\n%s", env)
	}
}

func TestAFailingHookStopsNoPostAndIsRetried(t *testing.T) {
	s := newTestSite(t, small())
	s.now = time.Now()
	// The input of a run is appended to that of the earlier ones. A run that fails leaves
	// its input to the next one.
	s.extra = "[build]\nafter = 'if test -e broken; then echo >> failed; exit 1; fi; cat >> listed'\n"
	listed := func() []string {
		data, err := os.ReadFile(s.path("listed"))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return strings.Split(string(data), "\n")
	}
	s.write("broken", "")
	s.watch(func(*store.Store) {
		s.await("a first run", func() bool { _, err := os.Stat(s.path("failed")); return err == nil })
		// Nothing goes by this: the outputs are listed while they are made.
		s.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "tags: [IndieWeb, C++]", "All the same"))
		s.eventually("a page while the command fails", "2026/11/hello/index.html", "All the same")
		s.remove("broken")
		s.await("a run that succeeds and receives everything", func() bool { return isSubset(s.outputNames(), listed()) })
		s.await("the end of the work", s.hookIsDone)
		s.write("content/notes/2026/11/02-new.md", note("2026-11-02T09:00:00+01:00", "", "New"))
		s.await("a run after a change", func() bool { return slices.Contains(listed(), "2026/11/new/index.html") })
		s.await("the end of that work", s.hookIsDone)
		before := len(listed())
		s.remove("content/notes/2026/11/02-new.md")
		s.await("a run after a removal", func() bool { return slices.Contains(listed()[before-1:], "2026/11/new/index.html") })
	})
}

// hookIsDone reports whether the record of the hook has nothing to do.
func (s *testSite) hookIsDone() bool {
	data, err := os.ReadFile(s.path(".starpunk/after"))
	return err == nil && strings.HasPrefix(string(data), "done ")
}

func TestTheHookNeverRunsTwiceAtOnce(t *testing.T) {
	s := newTestSite(t, small())
	s.now = time.Now()
	s.extra = "[build]\nafter = 'mkdir busy || touch twice; cat >> listed; sleep 0.05; rmdir busy'\n"
	s.watch(func(*store.Store) {
		for i := range 20 {
			text := strings.Repeat("x", i+1)
			s.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "", text))
			s.eventually("an edit", "2026/11/hello/index.html", text)
		}
		s.await("the end of the work", s.hookIsDone)
	})
	if _, err := os.Stat(s.path("twice")); !os.IsNotExist(err) {
		t.Errorf("two runs at once: %v", err)
	}
	listed, err := os.ReadFile(s.path("listed"))
	if n := strings.Count(string(listed), "2026/11/hello/index.html\n"); err != nil || n < 2 {
		t.Errorf("the page that changed 20 times was listed %d times, %v", n, err)
	}
}

func TestTheHookRunsAfterAnInterruption(t *testing.T) {
	s := newTestSite(t, small())
	s.extra = recordingHook
	s.build()
	all := s.received()
	// The state after a kill between a removal and the run of the hook.
	s.write(".starpunk/after", "to do\n2026/11/removed/index.html\n")
	s.build()
	want := slices.Sorted(slices.Values(append(all, "2026/11/removed/index.html")))
	if got := s.received(); !slices.Equal(got, want) {
		t.Errorf("the hook received\n%q, want\n%q", got, want)
	}
}

func TestAPreviewRunsNoHook(t *testing.T) {
	s := newTestSite(t, small())
	s.extra = recordingHook
	s.preview()
	if got := s.received(); got != nil {
		t.Errorf("the hook received %q", got)
	}
}

// TestTheRecipesOfTheGuide runs the hooks of docs/deploy/publish.md, with a local folder
// instead of a host.
func TestTheRecipesOfTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../docs/deploy/publish.md")
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]int{}
	for line := range strings.Lines(string(guide)) {
		if !strings.HasPrefix(line, "after = ") {
			continue
		}
		program := regexp.MustCompile(`rsync|rclone|git`).FindString(line)
		tested[program]++
		t.Run(fmt.Sprint(program, tested[program]), func(t *testing.T) {
			if _, err := exec.LookPath(program); err != nil {
				if os.Getenv("STARPUNK_DEPLOY_CHECK") != "" {
					t.Fatal(err)
				}
				t.Skipf("%s is not installed", program)
			}
			newRecipe(t, line).followed()
		})
	}
	if want := map[string]int{"rsync": 2, "rclone": 1, "git": 1}; !maps.Equal(tested, want) {
		t.Errorf("recipes of the guide: %v, want %v", tested, want)
	}
}

// A recipe is a site that is sent somewhere.
type recipe struct {
	*testSite
	host func() map[string]string // what has arrived
}

func newRecipe(t *testing.T, line string) *recipe {
	r := &recipe{testSite: newTestSite(t, small())}
	r.write("static/a name with spaces.txt", "x")
	host := filepath.Join(t.TempDir(), "www")
	r.host = func() map[string]string { return readTree(t, host) }
	r.extra = "[build]\n" + strings.NewReplacer("ada@host.example:www/", host+"/", "bucket:ada.example", host).Replace(line)
	if strings.Contains(line, "git ") {
		t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(t.TempDir(), "none"))
		r.git(host)
	}
	return r
}

// git does the preparation of the guide, and has the host read the pushed files.
func (r *recipe) git(host string) {
	extra := r.extra
	r.extra = ""
	r.build()
	r.extra = extra
	r.command("git init --quiet --bare --initial-branch=main " + host)
	r.command("git -C public init --quiet --initial-branch=main")
	r.command("git -C public config user.name Ada && git -C public config user.email ada@ada.example")
	r.command("echo /.starpunk >> public/.git/info/exclude")
	r.command("git -C public remote add origin " + host)
	r.host = func() map[string]string {
		checkout := filepath.Join(r.t.TempDir(), "checkout")
		r.command("git clone --quiet " + host + " " + checkout)
		files := readTree(r.t, checkout)
		maps.DeleteFunc(files, func(name, _ string) bool { return strings.HasPrefix(name, ".git/") })
		return files
	}
}

func (r *recipe) command(line string) {
	r.t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = r.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("%s: %v\n%s", line, err, out)
	}
}

// followed adds, changes and removes notes, and looks at the host each time.
func (r *recipe) followed() {
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"the first build", func() {}},
		{"a changed note", func() {
			r.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "", "Changed"))
		}},
		{"a removed note", func() { r.remove("content/notes/2026/11/01-hello.md") }},
		{"nothing", func() {}},
	} {
		step.do()
		if report := r.build(); len(report.Problems) > 0 {
			r.t.Errorf("%s: %q", step.name, report.Problems)
		}
		want := r.outputs()
		maps.DeleteFunc(want, func(name, _ string) bool { return strings.HasPrefix(name, ".git/") })
		if d := diff(r.host(), want); d != "" {
			r.t.Errorf("the host after %s:\n%s", step.name, d)
		}
	}
}
