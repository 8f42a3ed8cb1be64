package generator

import (
	"sync"

	"starpunk/site"
	"starpunk/site/store"
)

// keptMost bounds what is kept, in bytes of HTML: the feeds of a batch of lists
// seldom need more than a few hundred kilobytes.
const keptMost = 16 << 20

// kept are the notes that were read and rendered for one batch of lists: a new
// note stands in several feeds, and so do most of the others they show. Its
// methods may be called by several goroutines at once.
type kept struct {
	mu    sync.Mutex
	notes map[int64]keptNote
	bytes int
}

type keptNote struct {
	note     *site.Note
	html     string // as feeds show it
	rendered bool   // html is set

	hash      store.Hash
	permalink string
}

// get returns the note of a row as it was read and perhaps rendered. The nil
// kept has none.
func (k *kept) get(row *store.Row) (n keptNote, ok bool) {
	if k == nil {
		return keptNote{}, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	n, ok = k.notes[row.ID]
	return n, ok && n.hash == row.Hash && n.permalink == row.Permalink
}

func (k *kept) put(row *store.Row, n keptNote) {
	if k == nil {
		return
	}
	n.hash, n.permalink = row.Hash, row.Permalink
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.bytes += len(n.html) + len(n.note.Content); k.bytes > keptMost {
		return
	}
	if k.notes == nil {
		k.notes = map[int64]keptNote{}
	}
	k.notes[row.ID] = n
}
