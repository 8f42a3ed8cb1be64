package store

import (
	"sync"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/table"
)

// parsedOverhead is about how many bytes of memory a parsed note takes beside its
// file.
const parsedOverhead = 1 << 10

// parsedNotes are notes that a scan has parsed, for the build after it. If they are
// more than the limit, none is kept: a site as large as that would gain little, and
// its build needs the memory.
type parsedNotes struct {
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

// KeepParsed keeps the notes that scans parse from now on for [Builder.TakeRow], so
// that their files are not read again, until the returned function is called. If
// they take more than about limit bytes of memory, none is kept. A process that
// builds nothing has no use for them.
func (b *Builder) KeepParsed(limit int) (forget func()) {
	b.parsed.reset(limit)
	return func() { b.parsed.reset(0) }
}

// TakeRow is like [Store.ReadRow], but returns a note as a scan has parsed it, if
// that is kept and is of the row's revision: its file may have changed since. The
// note is not kept any longer.
func (b *Builder) TakeRow(r *Row) (n *site.Note, same bool, err error) {
	if n := b.parsed.take(r.File, r.Hash); n != nil {
		b.notesRead.Add(1)
		return n, !content.IsBundle(r.File), nil
	}
	return b.ReadRow(r)
}

func (p *parsedNotes) reset(limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit, p.size, p.byFile = limit, 0, map[string]parsedNote{}
}

// keep keeps the note of a source instead of the one that its file had before, if the
// note has a page.
func (p *parsedNotes) keep(src *table.Source) {
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

func (p *parsedNotes) drop(file string) {
	p.size -= p.byFile[file].size // 0 if there is none
	delete(p.byFile, file)
}

// take returns the note of a file, if it is kept with that hash, and drops it.
func (p *parsedNotes) take(file string, hash content.Hash) *site.Note {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept, ok := p.byFile[file]
	if !ok || kept.hash != hash {
		return nil
	}
	p.drop(file)
	return kept.note
}
