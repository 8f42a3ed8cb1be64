package main

import (
	"io"
	"sync"
	"time"

	"starpunk/generator"

	"github.com/schollz/progressbar/v3"
)

const (
	quickBuild = time.Second // what takes no longer needs no bar
	drawEvery  = 100 * time.Millisecond
)

// A bar shows on a terminal how far a build has come. Elsewhere it is silent.
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

// set is called by the build.
func (b *bar) set(p generator.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = p
}

// stop takes the bar off the terminal.
func (b *bar) stop() {
	close(b.end)
	b.drawing.Wait()
}

func (b *bar) draw() {
	var shown *progressbar.ProgressBar
	clear := func() {
		if shown != nil {
			_ = shown.Clear() // a terminal that is gone needs none
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
		if time.Since(begun) < quickBuild {
			continue
		}
		if shown == nil || p.Doing != doing {
			clear()
			doing, shown = p.Doing, newStage(b.out, p)
		}
		if p.Total > 0 {
			shown.ChangeMax(p.Total)
		}
		_ = shown.Set(p.Done) // likewise
		_ = shown.RenderBlank()
	}
}

// newStage is a bar for one kind of work; a wheel that turns where its end is
// not known.
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
