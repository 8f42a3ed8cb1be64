package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// tempPrefix marks files that are being written. A scan deletes those that a
// crash left behind.
const tempPrefix = ".starpunk-"

func isTemp(name string) bool {
	return strings.HasPrefix(name, tempPrefix) && strings.HasSuffix(name, ".tmp")
}

// createFile puts a new file in place, whole and durable, or fails with
// fs.ErrExist and leaves what is there. When it returns without an error the
// file, its folder and every folder that had to be made are on the disk.
func createFile(name string, data []byte) error {
	dir := filepath.Dir(name)
	if err := makeDirs(dir); err != nil {
		return err
	}
	temp := filepath.Join(dir, tempPrefix+rand.Text()+".tmp")
	if err := writeFile(temp, data); err != nil {
		return err
	}
	// A link, unlike a rename, never replaces a file that appeared meanwhile.
	err := os.Link(temp, name)
	_ = os.Remove(temp) // else the next scan does it
	if err != nil {
		return fmt.Errorf("put in place: %w", err)
	}
	return syncDir(dir)
}

// writeFile writes and syncs a file that must not exist yet. It is created
// with the permissions that the process's umask leaves, as an editor would.
func writeFile(name string, data []byte) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(name))
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// makeDirs is os.MkdirAll that syncs the parent of each folder it makes:
// without that, a power cut could take a whole new folder with all in it.
func makeDirs(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeDirs(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}
