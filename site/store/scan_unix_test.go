//go:build unix

package store_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"starpunk/site/store/upload"
)

func TestAnIrregularFileIsReportedAndTheRestIndexed(t *testing.T) {
	tests := []struct {
		name    string
		make    func(name string) error
		problem string
	}{
		{"a symbolic link to a note", func(name string) error { return os.Symlink("good.md", name) }, "content/bad.md:1: a symbolic link"},
		{"a symbolic link out of the site", func(name string) error { return os.Symlink("/etc/passwd", name) }, "content/bad.md:1: a symbolic link"},
		{"a symbolic link to nothing", func(name string) error { return os.Symlink("nothing", name) }, "content/bad.md:1: a symbolic link"},
		{"a socket", func(name string) error { return syscall.Mknod(name, syscall.S_IFSOCK|0o666, 0) }, "content/bad.md:1: not a regular file"},
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
	st := s.scanned()
	sameStrings(t, "pending", filesOf(s.pending(st)), "blog/a.md")
	const why = ": a symbolic link, which is not followed; put the file or the folder itself here"
	sameStrings(t, "problems", s.problems(st), "content/blog/up"+why, "content/loop"+why)
	if err := os.Remove(s.path("content/loop")); err != nil {
		t.Fatal(err)
	}
	s.refresh(st, "loop")
	sameStrings(t, "problems when one is gone", s.problems(st), "content/blog/up"+why)
}

func TestTheContentItselfMayBeALink(t *testing.T) {
	s := newSite(t)
	s.post("blog/a.md", "2024-11-05")
	if err := os.Rename(s.path("content"), s.path("notes")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("notes", s.path("content")); err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "pending", filesOf(s.pending(s.scanned())), "blog/a.md")
}

func TestALinkInPlaceOfAFolderIsNotFollowed(t *testing.T) {
	s := newSite(t)
	s.post("blog/deep/a.md", "2024-11-05")
	st := s.scanned()
	if err := os.Rename(s.path("content/blog"), s.path("elsewhere")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../elsewhere", s.path("content/blog")); err != nil {
		t.Fatal(err)
	}
	s.scan(st)
	if row := s.row(st, "blog/deep/a.md"); row != nil && row.HasPage {
		t.Errorf("%+v", row)
	}
}

func TestAFileOfABundleThatMayNotBeReadIsReportedUntilItMay(t *testing.T) {
	s := newSite(t)
	s.post("trip/index.md", "2024-11-05")
	s.write("content/trip/sea.jpg", "sea")
	if err := os.Chmod(s.path("content/trip/sea.jpg"), 0); err != nil {
		t.Fatal(err)
	}
	st := s.open()
	for range 2 { // the second time, nothing changed
		unprivileged(t, s.dir, func() { s.scan(st) })
		sameStrings(t, "problems", s.problems(st), "content/trip/sea.jpg: can't be read: permission denied")
	}
	s.build(st)
	if err := os.Chmod(s.path("content/trip/sea.jpg"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.scan(st)
	sameStrings(t, "problems when it may be read", s.problems(st))
	sameStrings(t, "pending when it may be read", filesOf(s.pending(st)), "trip/index.md")
}

func TestAForbiddenFileIsReportedAndTheRestIndexed(t *testing.T) {
	s := newSite(t)
	s.post("secret.md", "2024-11-05")
	s.post("good.md", "2024-11-05")
	s.post("blog/a.md", "2024-11-04")
	s.post("blog/deep/b.md", "2024-11-03")
	st := s.open()
	if err := os.Chmod(s.path("content/secret.md"), 0); err != nil {
		t.Fatal(err)
	}
	unprivileged(t, s.dir, func() { s.scan(st) })
	sameStrings(t, "pending", filesOf(s.pending(st)), "good.md", "blog/a.md", "blog/deep/b.md")
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
	sameStrings(t, "problems", s.problems(st), "content/blog: can't be read: permission denied; its notes stay as they are")
}

func TestAFileThatCannotBeReadMayReferToAnything(t *testing.T) {
	s := newSite(t)
	s.now = s.now.Add(2 * upload.Grace)
	source := "media/01/" + strings.Repeat("0123456789abcdef", 4) + ".jpg"
	s.write(source, "picture")
	s.write("content/secret.md", "x")
	if err := os.Chmod(s.path("content/secret.md"), 0); err != nil {
		t.Fatal(err)
	}
	st := s.open()
	unprivileged(t, s.dir, func() {
		if files, err := st.Uploads.DeleteUnused(t.Context()); err == nil || !strings.Contains(err.Error(), "secret.md") {
			t.Errorf("DeleteUnused = %v, %v; want an error that names the file", files, err)
		}
	})
	if _, err := os.Stat(s.path(source)); err != nil {
		t.Error(err)
	}
}
