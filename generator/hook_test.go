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

// hear is a command that writes down what it is told, and fails while there is
// a file named "broken".
const hear = `[build]
after = "cat > hearing; mv hearing heard; echo run >> runs; echo no route to host >&2; test ! -e broken"
`

// heard is what the last run of the command was told; nil if it did not run
// since the last look.
func (s *testSite) heard() []string {
	s.t.Helper()
	data, err := os.ReadFile(s.path("heard"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.remove("heard")
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

func TestACommandHearsOfWhatChangedAndOfWhatWent(t *testing.T) {
	s := newTestSite(t, small())
	s.extra = hear
	s.build()
	if got, want := s.heard(), s.outputNames(); !slices.Equal(got, want) {
		t.Errorf("after the first build the command heard of\n%q, want all of\n%q", got, want)
	}
	s.build()
	if got := s.heard(); got != nil {
		t.Errorf("nothing changed, and the command heard of %q", got)
	}
	s.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "", "Changed"))
	s.build()
	got := s.heard()
	if !slices.Contains(got, "2026/11/hello/index.html") || !slices.Contains(got, "feed.xml") || slices.Contains(got, "style.css") {
		t.Errorf("a note changed, and the command heard of %q", got)
	}
	s.remove("content/notes/2026/11/01-hello.md")
	s.build()
	if got := s.heard(); !slices.Contains(got, "2026/11/hello/index.html") {
		t.Errorf("a note was removed, and the command heard of %q", got)
	}
	if _, err := os.Stat(s.path("public/2026/11/hello/index.html")); !os.IsNotExist(err) {
		t.Errorf("the removed page: %v", err)
	}
}

func TestACommandThatFailedHearsOfEverythingTheNextTime(t *testing.T) {
	s := newTestSite(t, small())
	s.extra = hear
	s.build()
	s.heard()
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
	s.build() // nothing to build: but the command has something to do
	want := slices.Sorted(slices.Values(append(s.outputNames(), "2026/11/hello/index.html")))
	if got := s.heard(); !isSubset(want, got) {
		t.Errorf("the command heard of\n%q, want at least\n%q", got, want)
	}
	s.build()
	if got := s.heard(); got != nil {
		t.Errorf("nothing is left to do, and the command heard of %q", got)
	}
}

func isSubset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

func TestAnotherCommandOrOutputHearsOfEverything(t *testing.T) {
	for _, test := range []struct{ name, extra string }{
		{"another command", strings.Replace(hear, "cat >", "cat  >", 1)},
		{"another output folder", hear + "output = \"elsewhere\"\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newTestSite(t, small())
			s.extra = hear
			s.build()
			all := s.heard()
			s.extra = test.extra
			s.build()
			if got := s.heard(); !slices.Equal(got, all) {
				t.Errorf("the command heard of\n%q, want\n%q", got, all)
			}
		})
	}
}

func TestACommandDoesNotInheritSecrets(t *testing.T) {
	t.Setenv("STARPUNK_INTROSPECTION_SECRET", "sesame")
	t.Setenv("STARPUNK_TOKEN", "sesame")
	t.Setenv("RSYNC_RSH", "ssh -i key")
	s := newTestSite(t, small())
	s.extra = "[build]\nafter = 'env > heard'\n"
	s.build()
	env := strings.Join(s.heard(), "\n")
	if strings.Contains(env, "sesame") || !strings.Contains(env, "RSYNC_RSH=ssh -i key") {
		t.Errorf("the environment of the command:\n%s", env)
	}
}

func TestAFailingCommandStopsNoPostAndIsTriedAgain(t *testing.T) {
	s := newTestSite(t, small())
	s.now = time.Now()
	// What a run hears is added to what those before it heard, but for runs that
	// fail: they leave it to the next one, however many come.
	s.extra = "[build]\nafter = 'if test -e broken; then echo >> failed; exit 1; fi; cat >> told'\n"
	told := func() []string {
		data, err := os.ReadFile(s.path("told"))
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
		s.await("a run that succeeds and hears of everything", func() bool { return isSubset(s.outputNames(), told()) })
		s.await("the end of the work", s.settled)
		s.write("content/notes/2026/11/02-new.md", note("2026-11-02T09:00:00+01:00", "", "New"))
		s.await("a run after a change", func() bool { return slices.Contains(told(), "2026/11/new/index.html") })
		s.await("the end of that work", s.settled)
		before := len(told())
		s.remove("content/notes/2026/11/02-new.md")
		s.await("a run after a removal", func() bool { return slices.Contains(told()[before-1:], "2026/11/new/index.html") })
	})
}

// settled says whether the command is known to have nothing to do.
func (s *testSite) settled() bool {
	data, err := os.ReadFile(s.path(".starpunk/after"))
	return err == nil && strings.HasPrefix(string(data), "done ")
}

func TestACommandNeverRunsTwiceAtOnce(t *testing.T) {
	s := newTestSite(t, small())
	s.now = time.Now()
	s.extra = "[build]\nafter = 'mkdir busy || touch twice; cat >> told; sleep 0.05; rmdir busy'\n"
	s.watch(func(*store.Store) {
		for i := range 20 {
			text := strings.Repeat("x", i+1)
			s.write("content/notes/2026/11/01-hello.md", note("2026-11-01T09:00:00+01:00", "", text))
			s.eventually("an edit", "2026/11/hello/index.html", text)
		}
		s.await("the end of the work", s.settled)
	})
	if _, err := os.Stat(s.path("twice")); !os.IsNotExist(err) {
		t.Errorf("two runs at once: %v", err)
	}
	told, err := os.ReadFile(s.path("told"))
	if n := strings.Count(string(told), "2026/11/hello/index.html\n"); err != nil || n < 2 {
		t.Errorf("the page that changed 20 times was told of %d times, %v", n, err)
	}
}

func TestWorkThatWasInterruptedIsTakenUp(t *testing.T) {
	s := newTestSite(t, small())
	s.extra = hear
	s.build()
	all := s.heard()
	// So it stands after a kill between a removal and the command.
	s.write(".starpunk/after", "to do\n2026/11/removed/index.html\n")
	s.build()
	want := slices.Sorted(slices.Values(append(all, "2026/11/removed/index.html")))
	if got := s.heard(); !slices.Equal(got, want) {
		t.Errorf("the command heard of\n%q, want\n%q", got, want)
	}
}

func TestAPreviewRunsNoCommand(t *testing.T) {
	s := newTestSite(t, small())
	s.extra = hear
	s.preview()
	if got := s.heard(); got != nil {
		t.Errorf("the command heard of %q", got)
	}
}

// TestTheRecipesOfTheGuide runs the commands that docs/deploy/publish.md tells to
// write, with a folder of this machine in the place of a host.
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

// git does what the guide tells to do once, and looks at what is pushed.
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
