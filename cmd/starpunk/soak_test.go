//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A crowd of strangers holds connections open that ask for nothing, for a
// little at a time, or for half of what they announced.
type crowd struct {
	connections []net.Conn
	refused     int
}

// gather opens n connections of each kind, and idle ones besides.
func gather(t *testing.T, address string, n, idle int) *crowd {
	t.Helper()
	c := &crowd{}
	greetings := slices.Repeat([]string{
		"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", // and never the end of the header
		"POST /micropub HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ncontent=half",
	}, n)
	greetings = append(greetings, slices.Repeat([]string{""}, idle)...)
	for _, greeting := range greetings {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			c.refused++
			continue
		}
		c.connections = append(c.connections, conn)
		if _, err := io.WriteString(conn, greeting); err != nil {
			t.Error(err)
		}
		if strings.HasPrefix(greeting, "POST") {
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Error(err)
			}
		}
	}
	return c
}

func (c *crowd) dissolve() {
	for _, conn := range c.connections {
		_ = conn.Close() // the server may have done it
	}
}

func TestStrangersDontStopTheService(t *testing.T) {
	dir := newSiteDir(t)
	env := []string{"ADMIN_ME=" + newProfile(t, map[string]string{"good": "create"})}
	p := start(t, env, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
	address := strings.TrimSuffix(strings.TrimPrefix(site, "http://"), "/")
	c := gather(t, address, 50, 1000)
	defer c.dissolve()
	if c.refused > 0 {
		t.Errorf("%d connections were refused", c.refused)
	}
	location := created(t, "good", site, form, "content=In+a+crowd&mp-slug=crowd")
	wantText(t, "its page", location, "In a crowd")
	c.dissolve()
	created(t, "good", site, form, "content=After+it&mp-slug=after")
	p.stop()
}

// A sample is what the program uses at a moment.
type sample struct {
	at          time.Duration
	memory      int // resident, KiB
	descriptors int
	notes       int64
}

// TestSoak runs for as long as STARPUNK_SOAK says, such as 10m: clients create,
// readers read, an editor edits, strangers hold connections. Then there must
// have been no error, what the program uses must not have grown, and the output
// must be that of a clean build. STARPUNK_SOAK_PLOT names a file for a picture.
func TestSoak(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("STARPUNK_SOAK"))
	if err != nil {
		t.Skip("STARPUNK_SOAK says for how long, such as 10m")
	}
	s := &soak{t: t, dir: newSiteDir(t), stop: make(chan struct{})}
	env := []string{"ADMIN_ME=" + newProfile(t, map[string]string{"good": "create"})}
	p := start(t, env, "serve", "--dev", "--site", s.dir, "--listen", "127.0.0.1:0", "--log-level", "warn")
	s.site = p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
	s.pid = p.cmd.Process.Pid
	c := gather(t, strings.TrimSuffix(strings.TrimPrefix(s.site, "http://"), "/"), 20, 200)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() { s.create(i) })
	}
	for i := range 32 {
		group.Go(func() { s.read(i) })
	}
	group.Go(s.edit)
	samples := s.watch(length)
	close(s.stop)
	group.Wait()
	c.dissolve()
	// When this is there, so is all that was saved before it.
	writeFile(t, filepath.Join(s.dir, "content/edited/last.md"), "---\ndate: 2026-01-02\n---\nThe last edit\n")
	eventually(t, "the last edit", s.site+"2026/01/last/", http.StatusOK, "The last edit")
	p.stop()
	for line := range strings.Lines(p.said()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			t.Errorf("the log says %s", line)
		}
	}
	t.Logf("%v: %d notes, %d pages read, %d edits; %d errors", length, s.created.Load(), s.pages.Load(), s.edits.Load(), s.errors.Load())
	flat(t, samples)
	if name := os.Getenv("STARPUNK_SOAK_PLOT"); name != "" {
		writeFile(t, name, plot(samples))
	}
	public := filepath.Join(s.dir, ".starpunk/dev/public")
	built := tree(t, public)
	if err := os.RemoveAll(filepath.Join(s.dir, ".starpunk")); err != nil {
		t.Fatal(err)
	}
	clean := start(t, env, "serve", "--dev", "--site", s.dir, "--listen", strings.TrimSuffix(strings.TrimPrefix(s.site, "http://"), "/"))
	clean.wait(`is at (http://127\.0\.0\.1:\d+/)`)
	clean.stop()
	sameTrees(t, "output", built, tree(t, public))
	t.Logf("%d output files are those of a clean build", len(built))
}

type soak struct {
	t    *testing.T
	dir  string
	site string
	pid  int
	stop chan struct{}

	created, pages, edits, errors atomic.Int64
}

func (s *soak) until(pause time.Duration) bool {
	select {
	case <-s.stop:
		return false
	case <-time.After(pause):
		return true
	}
}

func (s *soak) fail(format string, args ...any) {
	if s.errors.Add(1) <= 20 {
		s.t.Errorf(format, args...)
	}
}

func (s *soak) create(client int) {
	for i := 0; s.until(100 * time.Millisecond); i++ {
		body := url.Values{
			"content": {fmt.Sprintf("Note %d of client %d. %s", i, client, strings.Repeat("Some words. ", i%40))},
			"mp-slug": {"soak"}, "category[]": {fmt.Sprintf("client %d", client)},
		}
		req, err := http.NewRequest("POST", s.site+"micropub", strings.NewReader(body.Encode()))
		if err != nil {
			s.fail("%v", err)
			return
		}
		req.Header.Set("Content-Type", form)
		req.Header.Set("Authorization", "Bearer good")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			s.fail("create: %v", err)
			continue
		}
		_ = resp.Body.Close() // its status is all that counts
		if resp.StatusCode != http.StatusCreated && resp.StatusCode != http.StatusAccepted {
			s.fail("create: %s", resp.Status)
		}
		s.created.Add(1)
	}
}

func (s *soak) read(reader int) {
	pages := []string{"", "feed.xml", "notes/", "tags/", "sitemap.xml", "health"}
	for i := reader; s.until(50 * time.Millisecond); i++ {
		resp, err := http.Get(s.site + pages[i%len(pages)])
		if err != nil {
			s.fail("read: %v", err)
			continue
		}
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close() // read to its end
		if err != nil || resp.StatusCode != http.StatusOK {
			s.fail("read %s: %s, %v", resp.Request.URL.Path, resp.Status, err)
		}
		s.pages.Add(1)
	}
}

func (s *soak) edit() {
	dir := filepath.Join(s.dir, "content/edited")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		s.fail("%v", err)
	}
	for i := 0; s.until(200 * time.Millisecond); i++ {
		name := filepath.Join(dir, fmt.Sprintf("e%d.md", rand.IntN(20)))
		if rand.IntN(5) == 0 {
			_ = os.Remove(name) // may not exist
		} else if err := os.WriteFile(name, fmt.Appendf(nil, "---\ndate: 2026-01-01\n---\nEdit %d\n", i), 0o666); err != nil {
			s.fail("%v", err)
		}
		s.edits.Add(1)
	}
}

// watch samples what the program uses, a hundred times at most.
func (s *soak) watch(length time.Duration) (samples []sample) {
	begin := time.Now()
	for time.Since(begin) < length {
		time.Sleep(length / 100)
		now := sample{at: time.Since(begin), notes: s.created.Load()}
		entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.pid))
		if err != nil {
			s.t.Fatal(err)
		}
		now.descriptors = len(entries)
		f, err := os.Open(fmt.Sprintf("/proc/%d/status", s.pid))
		if err != nil {
			s.t.Fatal(err)
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if fields := strings.Fields(lines.Text()); fields[0] == "VmRSS:" {
				if now.memory, err = strconv.Atoi(fields[1]); err != nil {
					s.t.Error(err)
				}
			}
		}
		_ = f.Close() // it was only read
		samples = append(samples, now)
	}
	return samples
}

// flat wants the last third of the samples to be no more than a quarter above
// the middle third: a leak continues to grow, a cache does not.
func flat(t *testing.T, samples []sample) {
	t.Helper()
	median := func(part []sample, of func(sample) int) int {
		var all []int
		for _, s := range part {
			all = append(all, of(s))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	third := len(samples) / 3
	if third == 0 {
		t.Fatal("too short to tell")
	}
	for what, of := range map[string]func(sample) int{
		"KiB of memory":    func(s sample) int { return s.memory },
		"file descriptors": func(s sample) int { return s.descriptors },
	} {
		middle, last := median(samples[third:2*third], of), median(samples[2*third:], of)
		t.Logf("%d %s in the middle third, %d in the last", middle, what, last)
		if last > middle+middle/4 {
			t.Errorf("%s grew from %d to %d", what, middle, last)
		}
	}
}

// plot draws memory and file descriptors over time as SVG.
func plot(samples []sample) string {
	const width, height = 720, 240
	last := samples[len(samples)-1]
	line := func(of func(sample) int) (points string, most int) {
		for _, s := range samples {
			most = max(most, of(s))
		}
		for _, s := range samples {
			x := float64(s.at) / float64(last.at) * width
			points += fmt.Sprintf("%.1f,%.1f ", x, height-float64(of(s))/float64(most)*height*0.9)
		}
		return points, most
	}
	memory, mostMemory := line(func(s sample) int { return s.memory })
	descriptors, mostDescriptors := line(func(s sample) int { return s.descriptors })
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -10 %d %d" font-family="sans-serif" font-size="13">
<title>Memory and file descriptors over %v</title>
<rect width="%d" height="%d" fill="#fff" stroke="#999"/>
<polyline points="%s" fill="none" stroke="#06c" stroke-width="2"/>
<polyline points="%s" fill="none" stroke="#c30" stroke-width="2"/>
<text x="0" y="%d" fill="#06c">memory, at most %.1f MiB</text>
<text x="240" y="%d" fill="#c30">file descriptors, at most %d</text>
<text x="520" y="%d">%v, %d notes</text>
</svg>
`, width+20, height+40, last.at.Round(time.Second), width, height, memory, descriptors,
		height+20, float64(mostMemory)/1024, height+20, mostDescriptors, height+20, last.at.Round(time.Second), last.notes)
}
