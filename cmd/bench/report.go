package main

import (
	"fmt"
	"strings"
	"time"
)

// table returns the result as Markdown.
func (r result) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s, %s notes (%s)\n\n", r.place, thousands(r.notes), r.date.Format("2006-01-02"))
	b.WriteString("| | ratio | StarPunk | against |\n| --- | --- | --- | --- |\n")
	row := func(what, ratio, starpunk, against string) {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", what, ratio, starpunk, against)
	}
	row("full build, elapsed", faster(r.hugoFull.wall, r.full.wall), short(r.full.wall), "Hugo "+short(r.hugoFull.wall))
	row("full build, processor time", faster(r.hugoFull.cpu, r.full.cpu), short(r.full.cpu), "Hugo "+short(r.hugoFull.cpu))
	row("the same, against only reading, goldmark and writing", fmt.Sprintf("%.2f × as much", ratio(r.full.cpu, r.floor.cpu)), short(r.full.cpu), short(r.floor.cpu))
	row("full build, peak memory", fmt.Sprintf("%.1f × less", float64(r.hugoFull.memory)/float64(max(1, r.full.memory))), megabytes(r.full.memory), "Hugo "+megabytes(r.hugoFull.memory))
	row("build with nothing to do", faster(r.hugoFull.wall, r.unchanged.wall), short(r.unchanged.wall), "Hugo, which builds all, "+short(r.hugoFull.wall))
	row("`serve` with nothing to do, start to ready", "", short(r.restart), "")
	row("a note posted: page, front page, feed on disk (p50 / p99)", r.againstHugo(r.posted), r.posted.String(), "`hugo --watch` "+r.hugoSaved.String())
	row("a file saved, with 100 ms of quiet (p50 / p99)", r.againstHugo(r.saved), r.saved.String(), "`hugo --watch` "+r.hugoSaved.String())
	return b.String()
}

func (r result) againstHugo(l latency) string {
	if len(r.hugoSaved.samples) == 0 {
		return ""
	}
	return faster(r.hugoSaved.at(0.5), l.at(0.5))
}

func (l latency) String() string {
	if len(l.samples) == 0 {
		return l.failed
	}
	if len(l.samples) < 10 {
		return short(l.at(0.5))
	}
	return short(l.at(0.5)) + " / " + short(l.at(0.99))
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(1, b)) }

// faster returns the ratio of another program's time to StarPunk's.
func faster(other, ours time.Duration) string {
	switch f := ratio(other, ours); {
	case f < 1:
		return fmt.Sprintf("%.1f × slower", 1/f)
	case f < 100:
		return fmt.Sprintf("%.1f × faster", f)
	default:
		return fmt.Sprintf("%.0f × faster", f)
	}
}

func short(d time.Duration) string {
	switch {
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", n/1_000_000) }

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
