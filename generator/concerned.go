package generator

import (
	"fmt"
	"strings"

	"starpunk/site/store"
)

// maxConcerned bounds how many notes a line of the log names.
const maxConcerned = 5

// concerned are the files of the notes that changed and were built since it was
// cleared, for the log: the first few by name, and how many more.
type concerned struct {
	files []string
	more  int
}

// add takes the rows that differ from what was built last. Others are built
// because of those, such as the note before.
func (c *concerned) add(rows []*store.Row) {
	for _, r := range rows {
		switch {
		case r.Built != nil && r.Built.Hash == r.Hash && r.Built.Permalink == r.Permalink:
		case len(c.files) < maxConcerned:
			c.files = append(c.files, "content/"+r.File)
		default:
			c.more++
		}
	}
}

func (c *concerned) clear() { *c = concerned{} }

// String returns "" where no note changed: a layout or a static file did.
func (c *concerned) String() string {
	s := strings.Join(c.files, ", ")
	if c.more > 0 {
		s += fmt.Sprintf(" and %d more", c.more)
	}
	return s
}
