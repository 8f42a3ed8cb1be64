package plan_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"starpunk/generator/plan"
	"starpunk/site"
	"starpunk/site/store/table"
)

// A watcher of a large site keeps a plan all the time.
func TestAPlanTakesLittleMemory(t *testing.T) {
	const notes, most = 20_000, 400 // bytes a note
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what finalizers of the first let go
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	beside := besideOf(manyNotes(notes))
	before := inUse()
	p := plan.New(func() int64 { return 1 << 60 })
	rows := manyNotes(notes)
	for i := range rows {
		rows[i].Beside = beside[i]
	}
	if effects := p.Load(rows, plan.Record{}); len(effects.Neighbours) > 0 {
		t.Fatalf("%d notes show other neighbours than they have", len(effects.Neighbours))
	}
	rows = nil
	each := (inUse() - before) / notes
	t.Logf("a plan takes %d bytes a note", each)
	if each > most {
		t.Errorf("a plan takes %d bytes a note; want at most %d", each, most)
	}
	runtime.KeepAlive(p)
	runtime.KeepAlive(beside)
}

// besideOf returns the hashes of the neighbours of notes.
func besideOf(rows []table.Brief) []uint64 {
	p := plan.New(func() int64 { return 1 << 60 })
	p.Load(rows, plan.Record{})
	beside := make([]uint64, len(rows))
	for i := range rows {
		beside[i] = p.Beside(p.At(rows[i].ID))
	}
	return beside
}

// manyNotes returns notes of ten years as an index has them, each string by itself.
func manyNotes(n int) []table.Brief {
	rows := make([]table.Brief, n)
	begin := time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		published := begin.Add(time.Duration(i) * 10 * 365 * 24 * time.Hour / time.Duration(n)).In(time.FixedZone("", i%3*3600))
		slug := fmt.Sprintf("words-of-a-note-%06d", i)
		rows[i] = table.Brief{
			ID: int64(1 + i), Rev: 1, File: published.Format("notes/2006/01/02-") + slug + ".md",
			Permalink: published.Format("/2006/01/") + slug + "/", Published: published,
			Type: fmt.Sprint("not", "e"), Status: fmt.Sprint(site.Public), Label: fmt.Sprintf("%-60s", slug),
			Tags: []string{fmt.Sprint("tag-", i%200)}, Listed: true, Linked: true, Rendered: true,
		}
		if i%2 == 0 {
			rows[i].Tags = append(rows[i].Tags, fmt.Sprint("tag-", i/7%200))
		}
	}
	return rows
}
