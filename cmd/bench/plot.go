package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// drawPlots writes two plots of the results on the RAM disk: build time and
// publish latency against the number of notes, both axes logarithmic.
func drawPlots(folder string, results []result) error {
	build := plot{title: "Seconds of processor time for a full build", lines: make([]line, 3)}
	publish := plot{title: "Milliseconds from saving a note to its page, front page and feed", unit: 1000, lines: make([]line, 2)}
	build.lines[0].name, build.lines[1].name, build.lines[2].name = "StarPunk", "Hugo", "reading, goldmark, writing"
	publish.lines[0].name, publish.lines[1].name = "StarPunk", "hugo --watch"
	for _, r := range results {
		if r.place != results[0].place {
			continue
		}
		build.lines[0].add(r.notes, r.full.cpu)
		build.lines[1].add(r.notes, r.hugoFull.cpu)
		build.lines[2].add(r.notes, r.floor.cpu)
		publish.lines[0].add(r.notes, r.posted.at(0.5))
		if len(r.hugoSaved.samples) > 0 {
			publish.lines[1].add(r.notes, r.hugoSaved.at(0.5))
		}
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "build.svg"), []byte(build.svg()), 0o666); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "publish.svg"), []byte(publish.svg()), 0o666)
}

type plot struct {
	title string
	unit  float64 // how many of the unit make a second; 0: one
	lines []line
}

type line struct {
	name   string
	points []point
}

type point struct{ notes, seconds float64 }

func (l *line) add(notes int, d time.Duration) {
	l.points = append(l.points, point{float64(notes), d.Seconds()})
}

// The plot's place in the picture, in pixels.
const (
	plotLeft, plotTop        = 70, 50
	plotWide, plotHigh       = 480, 260
	pictureWide, pictureHigh = 720, 360
)

var colours = []string{"#0a6e5c", "#b3423a", "#777777"}

func (p plot) svg() string {
	x, y := p.axes()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13" role="img" aria-label="%s">`+"\n", pictureWide, pictureHigh, p.title)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="#fff"/><text x="%d" y="28" font-size="15">%s</text>`+"\n", plotLeft, p.title)
	for _, t := range x.ticks() {
		at := plotLeft + x.at(t)*plotWide
		fmt.Fprintf(&b, `<path d="M%.1f %dv%d" stroke="#ddd"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", at, plotTop, plotHigh, at, plotTop+plotHigh+20, thousands(int(t)))
	}
	for _, t := range y.ticks() {
		at := plotTop + plotHigh - y.at(t)*plotHigh
		fmt.Fprintf(&b, `<path d="M%d %.1fh%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%g</text>`+"\n", plotLeft, at, plotWide, plotLeft-8, at+4, t)
	}
	for i, l := range p.lines {
		p.draw(&b, l, x, y, colours[i%len(colours)])
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">notes</text>`+"\n</svg>\n", plotLeft+plotWide/2, plotTop+plotHigh+40)
	return b.String()
}

func (p plot) draw(b *strings.Builder, l line, x, y axis, colour string) {
	if len(l.points) == 0 {
		return
	}
	path, atX, atY := "", 0.0, 0.0
	for i, pt := range l.points {
		atX, atY = plotLeft+x.at(pt.notes)*plotWide, plotTop+plotHigh-y.at(pt.seconds*max(1, p.unit))*plotHigh
		path += fmt.Sprintf("%c%.1f %.1f", "ML"[min(i, 1)], atX, atY)
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/>`+"\n", atX, atY, colour)
	}
	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="2"/><text x="%.1f" y="%.1f" fill="%s">%s</text>`+"\n", path, colour, atX+8, atY+4, colour, l.name)
}

// An axis is logarithmic, over whole powers of ten.
type axis struct{ low, high float64 } // exponents

func (p plot) axes() (x, y axis) {
	x, y = axis{math.Inf(1), math.Inf(-1)}, axis{math.Inf(1), math.Inf(-1)}
	for _, l := range p.lines {
		for _, pt := range l.points {
			x.hold(pt.notes)
			y.hold(pt.seconds * max(1, p.unit))
		}
	}
	return x, y
}

func (a *axis) hold(v float64) {
	a.low = min(a.low, math.Floor(math.Log10(v)))
	a.high = max(a.high, math.Ceil(math.Log10(v)), a.low+1)
}

// at returns the position of a value, 0 to 1.
func (a axis) at(v float64) float64 { return (math.Log10(v) - a.low) / (a.high - a.low) }

func (a axis) ticks() []float64 {
	var ticks []float64
	for e := a.low; e <= a.high; e++ {
		ticks = append(ticks, math.Pow(10, e))
	}
	return ticks
}
