package generator

import (
	"fmt"
	"strings"

	"starpunk/site/store"
)

// maxChangedNotes is how many notes a line of the log names.
const maxChangedNotes = 5

// changedNotes has the files of the notes that changed and were built since it was
// cleared, for the log: the first few by name, and the number of the others.
type changedNotes struct {
	files []string
	more  int
}

// add adds the rows whose file or address changed. Other rows are built because of these,
// such as their neighbours.
func (c *changedNotes) add(rows []*store.Row) {
	for _, r := range rows {
		switch {
		case r.Built != nil && r.Built.Hash == r.Hash && r.Built.Permalink == r.Permalink:
		case len(c.files) < maxChangedNotes:
			c.files = append(c.files, "content/"+r.File)
		default:
			c.more++
		}
	}
}

func (c *changedNotes) clear() { *c = changedNotes{} }

// String returns "" if no note changed, but a layout or a static file.
func (c *changedNotes) String() string {
	s := strings.Join(c.files, ", ")
	if c.more > 0 {
		s += fmt.Sprintf(" and %d more", c.more)
	}
	return s
}
