package picture

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkPictureSize is what one picture adds to the page that shows it: the
// first time, and when it is shown again.
func BenchmarkPictureSize(b *testing.B) {
	data, err := os.ReadFile("../testdata/trial/media/3f/tall.jpg")
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	const files = 1000
	for i := range files {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), data, 0o666); err != nil {
			b.Fatal(err)
		}
	}
	for _, again := range []bool{false, true} {
		name := "first"
		if again {
			name = "again"
		}
		b.Run(name, func(b *testing.B) {
			sizes := NewSizes()
			for i := 0; b.Loop(); i++ {
				if !again && i%files == 0 {
					sizes = NewSizes()
				}
				if size := sizes.Of(filepath.Join(dir, fmt.Sprint(i%files))); size.X != 400 || size.Y != 600 {
					b.Fatal(size)
				}
			}
		})
	}
}

func TestAPictureIsReadOnceUntilItChanges(t *testing.T) {
	jpeg, err := os.ReadFile("../testdata/trial/media/3f/tall.jpg")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a.jpg")
	if err := os.WriteFile(file, jpeg, 0o666); err != nil {
		t.Fatal(err)
	}
	sizes := NewSizes()
	first := sizes.Of(file)
	// A file that can't be read any more, with the same size and time, was not read again.
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, make([]byte, len(jpeg)), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if again := sizes.Of(file); again != first || first.X != 400 {
		t.Errorf("first %v, then %v", first, again)
	}
	if err := os.WriteFile(file, []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	if now := sizes.Of(file); now.X != 0 {
		t.Errorf("a file that changed has %v still", now)
	}
}
