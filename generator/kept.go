package generator

import (
	"sync"

	"starpunk/site"
	"starpunk/site/store"
)

// keptMost bounds what is kept, in bytes of Markdown and HTML: the feeds of a
// batch of lists seldom need more than a few hundred kilobytes.
const keptMost = 16 << 20

// kept are the notes that were read and rendered for one batch of lists: a new
// note stands in several feeds, and so do most of the others they show. Its
// methods may be called by several goroutines at once.
type kept struct {
	mu    sync.Mutex
	notes map[int64]*keptNote
	bytes int
}

// A keptNote is read and rendered by whoever needs it first and holds its lock.
type keptNote struct {
	mu   sync.Mutex
	note *site.Note // nil: it was not read yet, or can't be
	item *feedItem  // nil: no feed has shown it yet

	hash      store.Hash
	permalink string
}

// of is the note of a row, which nobody may have read yet. The nil kept keeps
// nothing.
func (k *kept) of(row *store.Row) *keptNote {
	fresh := &keptNote{hash: row.Hash, permalink: row.Permalink}
	if k == nil {
		return fresh
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := k.notes[row.ID]; n != nil && n.hash == row.Hash && n.permalink == row.Permalink {
		return n
	}
	if k.bytes < keptMost {
		if k.notes == nil {
			k.notes = map[int64]*keptNote{}
		}
		k.notes[row.ID] = fresh
	}
	return fresh
}

// add counts bytes that are kept from now on.
func (k *kept) add(bytes int) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.bytes += bytes
}
