//go:build unix

package scan_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"starpunk/site/store/internal/storetest"
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
	shared := storetest.New(t)
	st := shared.Open()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := shared.Again(t, st)
			s.Post("good.md", "2024-11-05")
			if err := test.make(s.Path("content/bad.md")); err != nil {
				t.Fatal(err)
			}
			s.Scan(st)
			storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), "good.md")
			if problems := s.Problems(st); len(problems) != 1 || !strings.HasPrefix(problems[0], test.problem) {
				t.Errorf("problems: %q; want one that begins with %q", problems, test.problem)
			}
			if n, err := st.Read("bad.md"); err == nil {
				t.Errorf("Read gave %+v", n)
			}
		})
	}
}

func TestALinkedFolderIsNotFollowed(t *testing.T) {
	s := storetest.New(t)
	s.Post("blog/a.md", "2024-11-05")
	for name, target := range map[string]string{"content/loop": ".", "content/blog/up": ".."} {
		if err := os.Symlink(target, s.Path(name)); err != nil {
			t.Fatal(err)
		}
	}
	st := s.Scanned()
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), "blog/a.md")
	const why = ": a symbolic link, which is not followed; put the file or the folder itself here"
	storetest.SameStrings(t, "problems", s.Problems(st), "content/blog/up"+why, "content/loop"+why)
	if err := os.Remove(s.Path("content/loop")); err != nil {
		t.Fatal(err)
	}
	s.Refresh(st, "loop")
	storetest.SameStrings(t, "problems when one is gone", s.Problems(st), "content/blog/up"+why)
}

func TestTheContentItselfMayBeALink(t *testing.T) {
	s := storetest.New(t)
	s.Post("blog/a.md", "2024-11-05")
	if err := os.Rename(s.Path("content"), s.Path("notes")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("notes", s.Path("content")); err != nil {
		t.Fatal(err)
	}
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(s.Scanned())), "blog/a.md")
}

func TestALinkInPlaceOfAFolderIsNotFollowed(t *testing.T) {
	s := storetest.New(t)
	s.Post("blog/deep/a.md", "2024-11-05")
	st := s.Scanned()
	if err := os.Rename(s.Path("content/blog"), s.Path("elsewhere")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../elsewhere", s.Path("content/blog")); err != nil {
		t.Fatal(err)
	}
	s.Scan(st)
	if row := s.Row(st, "blog/deep/a.md"); row != nil && row.HasPage {
		t.Errorf("%+v", row)
	}
}

func TestAFileOfABundleThatMayNotBeReadIsReportedUntilItMay(t *testing.T) {
	s := storetest.New(t)
	s.Post("trip/index.md", "2024-11-05")
	s.Write("content/trip/sea.jpg", "sea")
	if err := os.Chmod(s.Path("content/trip/sea.jpg"), 0); err != nil {
		t.Fatal(err)
	}
	st := s.Open()
	for range 2 { // the second time, nothing changed
		storetest.Unprivileged(t, s.Dir, func() { s.Scan(st) })
		storetest.SameStrings(t, "problems", s.Problems(st), "content/trip/sea.jpg: can't be read: permission denied")
	}
	s.Build(st)
	if err := os.Chmod(s.Path("content/trip/sea.jpg"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.Scan(st)
	storetest.SameStrings(t, "problems when it may be read", s.Problems(st))
	storetest.SameStrings(t, "pending when it may be read", storetest.FilesOf(s.Pending(st)), "trip/index.md")
}

func TestAForbiddenFileIsReportedAndTheRestIndexed(t *testing.T) {
	s := storetest.New(t)
	s.Post("secret.md", "2024-11-05")
	s.Post("good.md", "2024-11-05")
	s.Post("blog/a.md", "2024-11-04")
	s.Post("blog/deep/b.md", "2024-11-03")
	st := s.Open()
	if err := os.Chmod(s.Path("content/secret.md"), 0); err != nil {
		t.Fatal(err)
	}
	storetest.Unprivileged(t, s.Dir, func() { s.Scan(st) })
	storetest.SameStrings(t, "pending", storetest.FilesOf(s.Pending(st)), "good.md", "blog/a.md", "blog/deep/b.md")
	if problems := s.Problems(st); len(problems) != 1 || !strings.HasPrefix(problems[0], "content/secret.md:1: can't be read") {
		t.Errorf("problems: %q", problems)
	}
	s.Build(st)
	for folder, mode := range map[string]os.FileMode{"content/blog": 0, "content/secret.md": 0o644} {
		if err := os.Chmod(s.Path(folder), mode); err != nil {
			t.Fatal(err)
		}
	}
	defer os.Chmod(s.Path("content/blog"), 0o755)
	storetest.Unprivileged(t, s.Dir, func() { s.Scan(st) })
	storetest.SameStrings(t, "pending once it may be read, and a folder may not", storetest.FilesOf(s.Pending(st)), "secret.md")
	storetest.SameStrings(t, "problems", s.Problems(st), "content/blog: can't be read: permission denied; its notes stay as they are")
}

func TestAFileThatCannotBeReadMayReferToAnything(t *testing.T) {
	s := storetest.New(t)
	s.Now = s.Now.Add(2 * upload.Grace)
	source := "media/01/" + strings.Repeat("0123456789abcdef", 4) + ".jpg"
	s.Write(source, "picture")
	s.Write("content/secret.md", "x")
	if err := os.Chmod(s.Path("content/secret.md"), 0); err != nil {
		t.Fatal(err)
	}
	st := s.Open()
	storetest.Unprivileged(t, s.Dir, func() {
		if files, err := st.Uploads.DeleteUnused(t.Context()); err == nil || !strings.Contains(err.Error(), "secret.md") {
			t.Errorf("DeleteUnused = %v, %v; want an error that names the file", files, err)
		}
	})
	if _, err := os.Stat(s.Path(source)); err != nil {
		t.Error(err)
	}
}
