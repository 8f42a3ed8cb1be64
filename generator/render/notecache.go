package render

import (
	"sync"

	"starpunk/generator/feed"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/content"
)

const (
	// maxCacheOfBuild limits the cache during a build, in bytes of Markdown and HTML.
	maxCacheOfBuild = 8 << 20
	// maxCacheBetween limits it between builds: the newest notes of a site, which are
	// in most of its feeds, are a few hundred kilobytes.
	maxCacheBetween = 1 << 20
)

// A noteCache has notes that were read and rendered, for the feeds and the front page: a
// new note is in several of them, and so are most of the other notes that they show.
//
// A self-contained note, whose content depends on no other file, is valid as long as its
// row has the same hash and permalink. Another one, which links to notes or shows
// pictures, is valid for one batch of lists. The methods of a noteCache may be called by
// several goroutines at once.
type noteCache struct {
	mu    sync.Mutex
	notes map[int64]*cachedNote
	bytes int
	feeds map[string]int // number of notes of each feed that this build put here
}

// A cachedNote is read and rendered by the first goroutine that needs it and locks it.
type cachedNote struct {
	mu            sync.Mutex
	note          *site.Note // nil: it was not read yet, or can't be
	same          bool       // its file is as the row has it
	content       string     // for feeds, with the addresses that it has on its page
	rendered      bool       // content is set
	home          string     // content for the front page; empty: the front page has not shown it yet
	item          *feed.Item // nil: no feed has shown it yet
	selfContained bool       // all of this depends on the note's file alone

	hash      content.Hash
	permalink string
}

func newNoteCache() *noteCache {
	return &noteCache{
		notes: map[int64]*cachedNote{},
		feeds: map[string]int{},
	}
}

// of returns the cached note of a row, a new one if there is none.
func (c *noteCache) of(row *store.Row) *cachedNote {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := c.notes[row.ID]; n.isValid(row) {
		return n
	}
	fresh := &cachedNote{hash: row.Hash, permalink: row.Permalink}
	if c.bytes < maxCacheOfBuild {
		c.notes[row.ID] = fresh
	}
	return fresh
}

// isValid reports whether a cached note exists and was made from the row as it is now.
func (n *cachedNote) isValid(row *store.Row) bool {
	return n != nil && n.hash == row.Hash && n.permalink == row.Permalink
}

// put adds a note whose page was rendered, and whose content is self-contained. It is
// added only if one of its lists is a feed that shows it: a build renders the newest notes
// first, and a feed shows count notes.
func (c *noteCache) put(row *store.Row, note *site.Note, content string, lists []string, count int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	shown := false
	for _, address := range lists {
		if site.IsFeed(address) {
			c.feeds[address]++
			shown = shown || c.feeds[address] <= count
		}
	}
	if !shown || c.bytes >= maxCacheOfBuild || c.notes[row.ID].isValid(row) {
		return
	}
	c.notes[row.ID] = &cachedNote{note: note, same: true, content: content, rendered: true, selfContained: true, hash: row.Hash, permalink: row.Permalink}
	c.bytes += len(note.Content) + len(content)
}

// content returns the content of a note, if it was rendered and is self-contained.
func (c *noteCache) content(row *store.Row) (string, bool) {
	c.mu.Lock()
	n := c.notes[row.ID]
	c.mu.Unlock()
	if !n.isValid(row) {
		return "", false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.content, n.rendered && n.selfContained
}

// homeContent returns the content that the front page shows of a note. If the content is
// in the cache, relocate is called once for it.
func (c *noteCache) homeContent(row *store.Row, content string, relocate func(string) string) string {
	c.mu.Lock()
	n := c.notes[row.ID]
	c.mu.Unlock()
	if !n.isValid(row) {
		return relocate(content)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.rendered || !n.selfContained || n.content != content { // a shortened content, for example
		return relocate(content)
	}
	if n.home == "" {
		n.home = relocate(content)
	}
	return n.home
}

// addBytes counts bytes that a cached note has in addition.
func (c *noteCache) addBytes(bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes += bytes
}

// endBatch removes the notes that were valid for one batch of lists.
func (c *noteCache) endBatch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes = 0
	for id, n := range c.notes {
		if !n.selfContained {
			delete(c.notes, id)
			continue
		}
		c.bytes += n.size()
	}
}

// endBuild removes all notes if they take more memory than the cache may take between
// builds.
func (c *noteCache) endBuild() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.feeds = map[string]int{}
	if c.bytes > maxCacheBetween {
		clear(c.notes)
		c.notes, c.bytes = map[int64]*cachedNote{}, 0
	}
}

func (n *cachedNote) size() (bytes int) {
	bytes = len(n.content) + len(n.home)
	if n.note != nil {
		bytes += len(n.note.Content)
	}
	if n.item != nil {
		bytes += n.item.Bytes()
	}
	return bytes
}
