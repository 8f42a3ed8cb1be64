package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"starpunk": main})
}

// TestScripts runs the stories of testdata/script, each a manual page that is
// kept true.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sametree": sameTree,
		},
	})
}

// sameTree compares two folders byte for byte, but for the mark of an output.
func sameTree(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sametree DIR DIR")
	}
	a, b := treeOf(ts, args[0]), treeOf(ts, args[1])
	if same := bytes.Equal(a, b); same == neg {
		ts.Fatalf("%s:\n%s\n%s:\n%s", args[0], a, args[1], b)
	}
}

func treeOf(ts *testscript.TestScript, dir string) []byte {
	var b bytes.Buffer
	root := ts.MkAbs(dir)
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".starpunk" {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		fmt.Fprintf(&b, "%s %x\n", rel, data)
		return err
	})
	ts.Check(err)
	return b.Bytes()
}
