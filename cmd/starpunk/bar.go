package main

import (
	"io"
	"sync"
	"time"

	"starpunk/generator"

	"github.com/schollz/progressbar/v3"
)

const (
	barDelay  = time.Second // a faster build has no bar
	drawEvery = 100 * time.Millisecond
)

// A bar shows the progress of a build on a terminal. It writes nothing to other
// streams.
type bar struct {
	out     io.Writer
	mu      sync.Mutex
	now     generator.Progress
	end     chan struct{}
	drawing sync.WaitGroup
}

func startBar(out io.Writer) *bar {
	b := &bar{out: out, end: make(chan struct{})}
	if isTerminal(out) {
		b.drawing.Go(b.draw)
	}
	return b
}

// set stores the progress that a build reports.
func (b *bar) set(p generator.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = p
}

// stop removes the bar from the terminal.
func (b *bar) stop() {
	close(b.end)
	b.drawing.Wait()
}

func (b *bar) draw() {
	var shown *progressbar.ProgressBar
	clear := func() {
		if shown != nil {
			_ = shown.Clear() // fails on a closed terminal only
		}
	}
	defer func() { clear() }()
	begun, tick := time.Now(), time.NewTicker(drawEvery)
	defer tick.Stop()
	for doing := ""; ; {
		select {
		case <-b.end:
			return
		case <-tick.C:
		}
		b.mu.Lock()
		p := b.now
		b.mu.Unlock()
		if time.Since(begun) < barDelay {
			continue
		}
		if shown == nil || p.Doing != doing {
			clear()
			doing, shown = p.Doing, newStage(b.out, p)
		}
		if p.Total > 0 {
			shown.ChangeMax(p.Total)
		}
		_ = shown.Set(p.Done) // fails on a closed terminal only
		_ = shown.RenderBlank()
	}
}

// newStage returns a bar for one kind of work, or a spinner if the amount of work
// is not known.
func newStage(out io.Writer, p generator.Progress) *progressbar.ProgressBar {
	options := []progressbar.Option{
		progressbar.OptionSetWriter(out), progressbar.OptionUseANSICodes(true), progressbar.OptionSetDescription(p.Doing),
		progressbar.OptionSetWidth(30), progressbar.OptionSetSpinnerChangeInterval(0),
	}
	if p.Total == 0 {
		return progressbar.NewOptions(-1, options...)
	}
	return progressbar.NewOptions(p.Total, append(options, progressbar.OptionShowCount())...)
}
