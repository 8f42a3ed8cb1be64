//go:build unix

package store_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"starpunk/site/store"
)

func TestWhatIsNoPlainFileIsReportedAndTheRestIndexed(t *testing.T) {
	tests := []struct {
		name    string
		make    func(name string) error
		problem string
	}{
		{"a symbolic link to a note", func(name string) error { return os.Symlink("good.md", name) }, "content/bad.md:1: a symbolic link"},
		{"a symbolic link out of the site", func(name string) error { return os.Symlink("/etc/passwd", name) }, "content/bad.md:1: a symbolic link"},
		{"a symbolic link to nothing", func(name string) error { return os.Symlink("nothing", name) }, "content/bad.md:1: a symbolic link"},
		{"a pipe", func(name string) error { return syscall.Mkfifo(name, 0o666) }, "content/bad.md:1: not a regular file"},
	}
	shared := newSite(t)
	st := shared.open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.again(t, st)
			s.post("good.md", "2024-11-05")
			if err := test.make(s.path("content/bad.md")); err != nil {
				t.Fatal(err)
			}
			s.scan(st)
			sameStrings(t, "pending", filesOf(s.pending(st)), "good.md")
			if problems := s.problems(st); len(problems) != 1 || !strings.HasPrefix(problems[0], test.problem) {
				t.Errorf("problems: %q; want one that begins with %q", problems, test.problem)
			}
			if n, err := st.Read("bad.md"); err == nil {
				t.Errorf("Read gave %+v", n)
			}
		})
	}
}

func TestALinkedFolderIsNotFollowed(t *testing.T) {
	s := newSite(t)
	s.post("blog/a.md", "2024-11-05")
	for name, target := range map[string]string{"content/loop": ".", "content/blog/up": ".."} {
		if err := os.Symlink(target, s.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	sameStrings(t, "pending", filesOf(s.pending(s.scanned())), "blog/a.md")
}

func TestWhatMayNotBeReadIsReportedAndTheRestIndexed(t *testing.T) {
	s := newSite(t)
	s.post("secret.md", "2024-11-05")
	s.post("good.md", "2024-11-05")
	s.post("blog/a.md", "2024-11-04")
	st := s.open()
	if err := os.Chmod(s.path("content/secret.md"), 0); err != nil {
		t.Fatal(err)
	}
	unprivileged(t, s.dir, func() { s.scan(st) })
	sameStrings(t, "pending", filesOf(s.pending(st)), "good.md", "blog/a.md")
	if problems := s.problems(st); len(problems) != 1 || !strings.HasPrefix(problems[0], "content/secret.md:1: can't be read") {
		t.Errorf("problems: %q", problems)
	}
	s.build(st)
	for folder, mode := range map[string]os.FileMode{"content/blog": 0, "content/secret.md": 0o644} {
		if err := os.Chmod(s.path(folder), mode); err != nil {
			t.Fatal(err)
		}
	}
	defer os.Chmod(s.path("content/blog"), 0o755)
	unprivileged(t, s.dir, func() { s.scan(st) })
	sameStrings(t, "pending once it may be read, and a folder may not", filesOf(s.pending(st)), "secret.md")
	if !s.log.has("level=WARN", "folder=content/blog", "permission denied") {
		t.Errorf("the log does not name the folder:\n%s", s.log)
	}
}

func TestAFileThatCannotBeReadMayReferToAnything(t *testing.T) {
	s := newSite(t)
	s.now = s.now.Add(2 * store.UploadGrace)
	source := "media/01/" + strings.Repeat("0123456789abcdef", 4) + ".jpg"
	s.write(source, "picture")
	s.write("content/secret.md", "x")
	if err := os.Chmod(s.path("content/secret.md"), 0); err != nil {
		t.Fatal(err)
	}
	st := s.open()
	unprivileged(t, s.dir, func() {
		if files, err := st.DeleteUnused(t.Context()); err == nil || !strings.Contains(err.Error(), "secret.md") {
			t.Errorf("DeleteUnused = %v, %v; want an error that names the file", files, err)
		}
	})
	if _, err := os.Stat(s.path(source)); err != nil {
		t.Error(err)
	}
}
