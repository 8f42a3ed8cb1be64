//go:build unix

package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"starpunk/site/store/durable"
)

// TestOnlyARegularFileIsOpened holds that a file that was replaced a moment ago is
// neither followed nor waited for.
func TestOnlyARegularFileIsOpened(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		make func(name string) error
		want error
	}{
		{"a file", func(name string) error { return os.Link(file, name) }, nil},
		{"a symbolic link", func(name string) error { return os.Symlink(file, name) }, durable.ErrIrregular},
		{"a symbolic link to itself", func(name string) error { return os.Symlink(name, name) }, durable.ErrIrregular},
		{"a folder", func(name string) error { return os.Mkdir(name, 0o777) }, durable.ErrIrregular},
		{"a pipe", func(name string) error { return syscall.Mkfifo(name, 0o666) }, durable.ErrIrregular},
		{"a socket", func(name string) error { return syscall.Mknod(name, syscall.S_IFSOCK|0o666, 0) }, durable.ErrIrregular},
		{"nothing", func(string) error { return nil }, fs.ErrNotExist},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "x")
			if err := test.make(name); err != nil {
				t.Fatal(err)
			}
			opened := make(chan error, 1)
			go func() {
				f, err := durable.OpenRegular(name)
				if err == nil {
					err = f.Close()
				}
				opened <- err
			}()
			select {
			case err := <-opened:
				if !errors.Is(err, test.want) {
					t.Errorf("OpenRegular: %v, want %v", err, test.want)
				}
			case <-time.After(20 * time.Second):
				t.Error("OpenRegular waits")
			}
		})
	}
}
