package generator

import (
	"strings"
	"sync"

	"starpunk/generator/feed"
	"starpunk/site"
	"starpunk/site/store"
)

const (
	// keptMost bounds what is kept during a build, in bytes of Markdown and HTML.
	keptMost = 8 << 20
	// keptIdle bounds what is kept between builds: the newest notes of a site,
	// which are in most of its feeds, are a few hundred kilobytes.
	keptIdle = 1 << 20
)

// kept are notes that were read and rendered, for the feeds and the front page: a
// new note is in several of them, and so are most of the others they show.
//
// What it depends on says how long a note is kept. If that is its file alone, as
// its row has it, then as long as the row stays; if its content links to other
// notes or shows pictures, then for one batch of lists. Its methods may be called
// by several goroutines at once.
type kept struct {
	mu    sync.Mutex
	notes map[int64]*keptNote
	bytes int
	feeds map[string]int // how many notes of each feed were put here in this build
}

// A keptNote is read and rendered by whoever needs it first and holds its lock.
type keptNote struct {
	mu      sync.Mutex
	note    *site.Note // nil: it was not read yet, or can't be
	same    bool       // its file is as the row has it
	content string     // for feeds, with the addresses that it has on its page
	done    bool       // content was rendered
	home    string     // content for the front page; empty: it has not shown it yet
	item    *feed.Item // nil: no feed has shown it yet
	alone   bool       // nothing else is in it than what the note's file says

	hash      store.Hash
	permalink string
}

func newKept() *kept {
	return &kept{
		notes: map[int64]*keptNote{},
		feeds: map[string]int{},
	}
}

// of is the note of a row, which nobody may have read yet.
func (k *kept) of(row *store.Row) *keptNote {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := k.notes[row.ID]; n.is(row) {
		return n
	}
	fresh := &keptNote{hash: row.Hash, permalink: row.Permalink}
	if k.bytes < keptMost {
		k.notes[row.ID] = fresh
	}
	return fresh
}

func (n *keptNote) is(row *store.Row) bool {
	return n != nil && n.hash == row.Hash && n.permalink == row.Permalink
}

// put keeps a note whose page was made, if its content depends on nothing else and
// one of its lists is a feed that shows it: of a build the newest notes come first,
// and a feed shows count of them.
func (k *kept) put(row *store.Row, note *site.Note, content string, lists []string, count int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	shown := false
	for _, address := range lists {
		if strings.HasSuffix(address, feedList) {
			k.feeds[address]++
			shown = shown || k.feeds[address] <= count
		}
	}
	if !shown || k.bytes >= keptMost || k.notes[row.ID].is(row) {
		return
	}
	k.notes[row.ID] = &keptNote{note: note, same: true, content: content, done: true, alone: true, hash: row.Hash, permalink: row.Permalink}
	k.bytes += len(note.Content) + len(content)
}

// content is the content of a note, if it was rendered and depends on nothing else.
func (k *kept) content(row *store.Row) (string, bool) {
	k.mu.Lock()
	n := k.notes[row.ID]
	k.mu.Unlock()
	if !n.is(row) {
		return "", false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.content, n.done && n.alone
}

// homeContent is what the front page shows of a note whose content is kept: made
// once by relocate.
func (k *kept) homeContent(row *store.Row, content string, relocate func(string) string) string {
	k.mu.Lock()
	n := k.notes[row.ID]
	k.mu.Unlock()
	if !n.is(row) {
		return relocate(content)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.done || !n.alone || n.content != content { // it is shortened, for one
		return relocate(content)
	}
	if n.home == "" {
		n.home = relocate(content)
	}
	return n.home
}

// add counts bytes that are kept from now on.
func (k *kept) add(bytes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.bytes += bytes
}

// endBatch forgets what was right for one batch of lists.
func (k *kept) endBatch() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.bytes = 0
	for id, n := range k.notes {
		if !n.alone {
			delete(k.notes, id)
			continue
		}
		k.bytes += n.size()
	}
}

// endBuild forgets all notes, if they are many.
func (k *kept) endBuild() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.feeds = map[string]int{}
	if k.bytes > keptIdle {
		clear(k.notes)
		k.notes, k.bytes = map[int64]*keptNote{}, 0
	}
}

func (n *keptNote) size() (bytes int) {
	bytes = len(n.content) + len(n.home)
	if n.note != nil {
		bytes += len(n.note.Content)
	}
	if n.item != nil {
		bytes += n.item.Bytes()
	}
	return bytes
}
