package filestamp_test

import (
	"os"
	"path/filepath"
	"testing"

	"starpunk/site/store/filestamp"
)

func TestAFolderHasTheStampsOfItsFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "a.md")
	stamps := map[filestamp.Stamp]bool{}
	folder, err := filestamp.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for _, text := range []string{"a", "longer"} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := folder.Stamp("a.md")
		if want := filestamp.Of(info); err != nil || got != want {
			t.Errorf("Stamp = %+v, %v; want %+v", got, err, want)
		}
		stamps[got] = true
	}
	if len(stamps) != 2 {
		t.Errorf("two texts have the same stamp: %v", stamps)
	}
}
