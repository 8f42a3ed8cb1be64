package durable_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"

	"starpunk/site/store/durable"
)

func ExampleDisk_CreateFile() {
	root, err := os.MkdirTemp("", "durable")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(root)
	disk := durable.NewDisk(nil)
	name := filepath.Join(root, "notes", "hello.md")
	if err := disk.MakeDirs(root, filepath.Dir(name)); err != nil {
		log.Fatal(err)
	}
	if err := disk.CreateFile(name, strings.NewReader("Hello!\n")); err != nil {
		log.Fatal(err)
	}
	fmt.Println("not synced:", len(disk.SyncDirs(filepath.Dir(name))))
	err = disk.CreateFile(name, strings.NewReader("Another text\n"))
	fmt.Println("the name is taken:", errors.Is(err, fs.ErrExist))
	// Output:
	// not synced: 0
	// the name is taken: true
}
