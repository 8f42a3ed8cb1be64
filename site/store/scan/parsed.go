package scan

import (
	"sync"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/table"
)

// parsedOverhead is about how many bytes of memory a parsed note takes beside its
// file.
const parsedOverhead = 1 << 10

// ParsedNotes are notes that a scan has parsed, for the build after it. If they are
// more than the limit, none is kept: a site as large as that would gain little, and
// its build needs the memory.
type ParsedNotes struct {
	mu     sync.Mutex
	limit  int // bytes; 0: no note is kept
	size   int // bytes
	byFile map[string]parsedNote
}

// A parsedNote is a note with the hash that its row has. Nothing changes it.
type parsedNote struct {
	note *site.Note
	hash content.Hash
	size int // bytes
}

// Reset drops all notes. From now on, notes are kept up to about limit bytes of memory. If
// they take more, none is kept.
func (p *ParsedNotes) Reset(limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit, p.size, p.byFile = limit, 0, map[string]parsedNote{}
}

// keep keeps the note of a source instead of the one that its file had before, if the
// note has a page.
func (p *ParsedNotes) keep(src *table.Source) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(src.File)
	if p.limit == 0 || !src.HasPage() {
		return
	}
	kept := parsedNote{src.Note, src.Hash, int(src.Size()) + parsedOverhead}
	p.byFile[src.File] = kept
	if p.size += kept.size; p.size > p.limit {
		p.limit, p.size, p.byFile = 0, 0, nil
	}
}

func (p *ParsedNotes) drop(file string) {
	p.size -= p.byFile[file].size // 0 if there is none
	delete(p.byFile, file)
}

// Take returns the note of a file, if it is kept with that hash, and drops it.
func (p *ParsedNotes) Take(file string, hash content.Hash) *site.Note {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept, ok := p.byFile[file]
	if !ok || kept.hash != hash {
		return nil
	}
	p.drop(file)
	return kept.note
}
