package picture

import (
	"image"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"starpunk/site/media"
	"starpunk/site/store/durable"

	lru "github.com/hashicorp/golang-lru/v2"
)

// maxKnown limits the memory for sizes: some 10 MiB.
const maxKnown = 1 << 16

// types are the extensions of the formats whose sizes are read.
var types = []string{".jpg", ".jpeg", ".png", ".gif", ".webp"}

// A Sizes reads the sizes of pictures, each file once as long as it does not change. Its
// methods may be called by several goroutines at once.
type Sizes struct {
	known *lru.Cache[string, knownFile]
}

// A knownFile has the size of a picture, and the state of its file when it was read.
type knownFile struct {
	size     int64 // of the file
	modified time.Time
	shown    image.Point
}

// NewSizes returns a Sizes that has read no file yet.
func NewSizes() *Sizes {
	known, err := lru.New[string, knownFile](maxKnown)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &Sizes{known}
}

// Of returns the width and height at which a picture is shown; zero for a file that
// is not a readable picture.
func (p *Sizes) Of(file string) image.Point {
	if !isPicture(file) {
		return image.Point{}
	}
	info, err := os.Lstat(file) // a link is not copied either
	if err != nil || !info.Mode().IsRegular() {
		return image.Point{}
	}
	k, ok := p.known.Get(file)
	if !ok || k.size != info.Size() || !k.modified.Equal(info.ModTime()) {
		k = knownFile{info.Size(), info.ModTime(), readSize(file)}
		p.known.Add(file, k)
	}
	return k.shown
}

func readSize(file string) image.Point {
	f, err := durable.OpenRegular(file)
	if err != nil {
		return image.Point{}
	}
	defer f.Close()
	return media.ShownSize(f)
}

func isPicture(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return slices.Contains(types, ext)
}
