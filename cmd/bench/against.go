package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A pair has the values of this program and of another one, measured in turn.
type pair struct{ ours, theirs []time.Duration }

// ratio returns the median of the ratios of values that were measured after each other.
func (p pair) ratio() float64 {
	ratios := make([]time.Duration, len(p.ours))
	for i := range p.ours {
		ratios[i] = time.Duration(1000 * ratio(p.ours[i], p.theirs[i]))
	}
	return float64(quantile(ratios, 0.5, func(d time.Duration) time.Duration { return d })) / 1000
}

func (p pair) row(what string, q float64, ratio float64) string {
	at := func(values []time.Duration) string {
		return short(quantile(values, q, func(d time.Duration) time.Duration { return d }))
	}
	return fmt.Sprintf("| %s | %.2f | %s | %s |\n", what, ratio, at(p.ours), at(p.theirs))
}

// compareAll measures the sites of all sizes, "1000,10000".
func (b *bench) compareAll(ctx context.Context, folder, other, sizes string) error {
	if err := b.tools(ctx, false); err != nil {
		return err
	}
	for size := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil || n < 1 {
			return fmt.Errorf("-sizes: %q is not a number of notes", size)
		}
		if err := b.compare(ctx, folder, other, n); err != nil {
			return err
		}
	}
	return nil
}

// compare measures this program in turn with another build of it, and prints a table.
func (b *bench) compare(ctx context.Context, folder, other string, notes int) error {
	dir, err := os.MkdirTemp(folder, "starpunk-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	log.Printf("%d notes, against %s", notes, other)
	sites, programs := []string{filepath.Join(dir, "ours"), filepath.Join(dir, "theirs")}, []string{b.starpunk, other}
	for _, site := range sites {
		if err := makeSite(site, corpus{notes: notes, perMonth: 80, seed: 1}); err != nil {
			return err
		}
	}
	time.Sleep(settleTime)
	var full, unchanged pair
	for range b.rounds {
		for i, site := range sites {
			if err := b.clear(site, "public", ".starpunk"); err != nil {
				return err
			}
			c, err := spend(ctx, programs[i], "build", "--site", site)
			if err != nil {
				return err
			}
			full.add(i, c.cpu)
		}
		for range 3 {
			for i, site := range sites {
				c, err := spend(ctx, programs[i], "build", "--site", site)
				if err != nil {
					return err
				}
				unchanged.add(i, c.cpu)
			}
		}
	}
	layout, posted, answered, err := b.comparePreviews(ctx, sites, programs)
	if err != nil {
		return err
	}
	fmt.Printf("\n### %s notes, in turn with another build (%s)\n\n| | ratio | this | the other |\n| --- | --- | --- | --- |\n", thousands(notes), time.Now().Format("2006-01-02"))
	fmt.Print(full.row("full build, processor time", 0.5, full.ratio()))
	fmt.Print(unchanged.row("build with nothing to do, processor time", 0.5, unchanged.ratio()))
	fmt.Print(layout.row("changed layout while watching, processor time", 0.5, layout.ratio()))
	fmt.Print(posted.row("a post in a preview, processor time, in groups of ten", 0.5, posted.ratio()))
	for _, q := range []float64{0.5, 0.99} {
		of := func(d time.Duration) time.Duration { return d }
		fmt.Print(answered.row(fmt.Sprintf("a post in a preview, request to answer, p%g", 100*q), q, ratio(quantile(answered.ours, q, of), quantile(answered.theirs, q, of))))
	}
	return nil
}

func (p *pair) add(i int, d time.Duration) {
	if i == 0 {
		p.ours = append(p.ours, d)
	} else {
		p.theirs = append(p.theirs, d)
	}
}

// comparePreviews measures two running previews: layouts that change, and posts.
func (b *bench) comparePreviews(ctx context.Context, sites, programs []string) (layout, posted, answered pair, err error) {
	var previews []*preview
	for i, site := range sites {
		p, err := startPreview(ctx, programs[i], site)
		if err != nil {
			return layout, posted, answered, err
		}
		defer p.stop()
		previews = append(previews, p)
	}
	for round := range b.rounds + 1 {
		for i, p := range previews {
			d, err := p.changeLayout(ctx, fmt.Sprintf("round-%d", round))
			if err != nil {
				return layout, posted, answered, err
			}
			if round > 0 { // the first change finds nothing that an earlier one left
				layout.add(i, d)
			}
		}
	}
	const group = 10
	for n := range b.saves / group {
		for i, p := range previews {
			before, err := p.processorTime()
			if err != nil {
				return layout, posted, answered, err
			}
			for m := range group {
				d, err := p.post(ctx, fmt.Sprintf("post-%d-%d", n, m))
				if err != nil {
					return layout, posted, answered, err
				}
				answered.add(i, d)
			}
			after, err := p.quiet(ctx)
			if err != nil {
				return layout, posted, answered, err
			}
			posted.add(i, (after-before)/group)
		}
	}
	return layout, posted, answered, nil
}

// A preview is a running "serve --dev".
type preview struct {
	cmd        *exec.Cmd
	site       string
	url, token string
	oldest     string // the page of the oldest note, which is rendered last
}

var previewLines = []*regexp.Regexp{
	regexp.MustCompile(`is at (http://127\.0\.0\.1:\d+/)`),
	regexp.MustCompile(`Authorization: Bearer ([^"\s]+)`),
}

// startPreview starts a preview and waits until it is built.
func startPreview(ctx context.Context, program, site string) (*preview, error) {
	p := &preview{cmd: exec.CommandContext(ctx, program, "serve", "--dev", "--site", site, "--listen", "127.0.0.1:0"), site: site}
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stdout, p.cmd.Stderr = in, in
	if err := errors.Join(p.cmd.Start(), in.Close()); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for found := []*string{&p.url, &p.token}; p.url == "" || p.token == ""; {
		if !lines.Scan() {
			return nil, fmt.Errorf("%s ended before it was ready: %w", filepath.Base(program), errors.Join(lines.Err(), p.cmd.Wait()))
		}
		for i, pattern := range previewLines {
			if m := pattern.FindStringSubmatch(lines.Text()); m != nil {
				*found[i] = m[1]
			}
		}
	}
	go io.Copy(io.Discard, out) //nolint:errcheck // until the program ends
	p.oldest, err = oldestPage(filepath.Join(site, ".starpunk", "dev", "public"))
	if err == nil {
		_, err = p.quiet(ctx)
	}
	return p, err
}

func (p *preview) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt) // it may have ended
	_ = p.cmd.Wait()                       // an interrupt is not a failure
}

// oldestPage returns the first page of a note below a folder of years.
func oldestPage(public string) (string, error) {
	pages, err := filepath.Glob(filepath.Join(public, "[0-9][0-9][0-9][0-9]", "[0-9][0-9]", "*", "index.html"))
	if err != nil || len(pages) == 0 {
		return "", fmt.Errorf("%s has no pages of notes: %w", public, err)
	}
	return pages[0], nil
}

// changeLayout puts a word at the end of all pages, and returns the processor time until
// the preview is idle again.
func (p *preview) changeLayout(ctx context.Context, word string) (time.Duration, error) {
	before, err := p.processorTime()
	if err != nil {
		return 0, err
	}
	folder := filepath.Join(p.site, "layouts")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return 0, err
	}
	layout := "<footer>" + word + "</footer>\n</body>\n</html>\n"
	if err := os.WriteFile(filepath.Join(folder, "foot.html"), []byte(layout), 0o666); err != nil {
		return 0, err
	}
	if err := waitFor(ctx, p.oldest, word); err != nil {
		return 0, err
	}
	after, err := p.quiet(ctx)
	return after - before, err
}

// waitFor waits until a file has a text.
func waitFor(ctx context.Context, name, text string) error {
	for until := time.Now().Add(noteTimeout); time.Now().Before(until) && ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if data, err := os.ReadFile(name); err == nil && strings.Contains(string(data), text) {
			return nil
		}
	}
	return errors.Join(ctx.Err(), fmt.Errorf("%s did not show %q within %v", name, text, noteTimeout))
}

// post posts a note, and returns the time from the request to the response.
func (p *preview) post(ctx context.Context, slug string) (time.Duration, error) {
	body := url.Values{"h": {"entry"}, "content": {"This is the note " + slug + "."}, "mp-slug": {slug}, "category[]": {"bench", "the-0"}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"micropub", strings.NewReader(body.Encode()))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+p.token)
	start := time.Now()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	d := time.Since(start)
	if err := response.Body.Close(); err != nil {
		return 0, err
	}
	if response.StatusCode != http.StatusCreated {
		return 0, fmt.Errorf("post %s: %s, want 201", slug, response.Status)
	}
	return d, nil
}

// quiet waits until the preview takes no processor time for a while, and returns how
// much it took since its start.
func (p *preview) quiet(ctx context.Context) (time.Duration, error) {
	const still = 400 * time.Millisecond
	last, err := p.processorTime()
	for err == nil && ctx.Err() == nil {
		time.Sleep(still)
		var now time.Duration
		if now, err = p.processorTime(); now-last <= clockTick {
			return now, err
		}
		last = now
	}
	return last, errors.Join(err, ctx.Err())
}

// clockTick is the unit of the times in /proc/PID/stat.
const clockTick = 10 * time.Millisecond

// processorTime returns the user and system time of the preview: proc(5), fields 14 and
// 15 of stat. It needs Linux.
func (p *preview) processorTime() (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}
