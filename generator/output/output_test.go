package output_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"starpunk/generator/output"
)

// Several outputs at once may find the same file where they need a folder.
func TestOneFileBlocksSeveralOutputs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "public")
	o, _, err := output.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 200 {
		if err := os.RemoveAll(o.Path("a")); err != nil {
			t.Fatal(err)
		}
		if err := o.Write("a", []byte("a file")); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() {
				name := fmt.Sprintf("a/%d/index.html", i)
				if err := o.Clear(name); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
				if err := o.Write(name, []byte("a page")); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		group.Wait()
	}
}
