//go:build unix

package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"
)

func TestCreateLeavesPermissionsToTheUmask(t *testing.T) {
	for _, test := range []struct {
		umask        string
		file, folder fs.FileMode
	}{
		{"022", 0o644, 0o755},
		{"027", 0o640, 0o750},
		{"002", 0o664, 0o775},
	} {
		t.Run(test.umask, func(t *testing.T) {
			s := storetest.New(t)
			lines := startChild(t, "create with umask "+test.umask, s.Dir).end()
			file, _, _ := strings.Cut(lines[0], " ")
			name := s.Path("content/" + file)
			for name, want := range map[string]fs.FileMode{name: test.file, filepath.Dir(name): test.folder} {
				if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
					t.Errorf("%s has mode %v, %v; want %v", name, info.Mode().Perm(), err, want)
				}
			}
		})
	}
}

func TestCreateOnAFullDiskLeavesNothing(t *testing.T) {
	s := storetest.New(t)
	s.Scanned()
	out := strings.Join(startChild(t, "create on a full disk", s.Dir).end(), "\n")
	if !strings.Contains(out, "22-big.md") || !strings.Contains(out, syscall.EFBIG.Error()) {
		t.Errorf("Create said %q; want the file and the reason", out)
	}
	storetest.SameStrings(t, "files", s.Files("content"))
}

// createOnFullDisk has the kernel refuse to let a file grow in the middle of a
// note.
func createOnFullDisk(ctx context.Context, s *store.Builder) error {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	_, err := s.Create(ctx, storetest.PlainNote("big", strings.Repeat("text ", 1<<20)))
	fmt.Println(err)
	return nil
}

func TestCreateInAReadOnlyFolderLeavesNothing(t *testing.T) {
	s := storetest.New(t)
	s.Mkdir("content/notes/2024/11")
	st := s.Scanned()
	lock := s.Path(".starpunk/content.lock")
	for name, mode := range map[string]fs.FileMode{s.Path("content/notes/2024/11"): 0o555, lock: 0o666} {
		if err := os.WriteFile(lock, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(s.Path("content/notes/2024/11"), 0o755) }) // else its removal fails, which would be said
	storetest.Unprivileged(t, s.Dir, func() {
		_, err := st.Create(t.Context(), storetest.PlainNote("hello", "Text"))
		if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "content/notes/2024/11") {
			t.Errorf("Create = %v; want a permission error that names the folder", err)
		}
	})
	storetest.SameStrings(t, "files", s.Files("content"))
}
