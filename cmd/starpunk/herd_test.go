//go:build unix

package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// herd is how many processes start at once.
const herd = 20

// rounds returns how often a test repeats its work: STARPUNK_ROUNDS, or few.
func rounds(t *testing.T, few int) int {
	t.Helper()
	text := os.Getenv("STARPUNK_ROUNDS")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("STARPUNK_ROUNDS: %v", err)
	}
	return n
}

// TestAHerdOnANewIndex has receivers and watchers of one site start at once,
// where there is no index yet: one makes it, the others wait for that, and none
// fails.
func TestAHerdOnANewIndex(t *testing.T) {
	dir := newSiteDir(t)
	env := []string{"ADMIN_ME=" + newProfile(t, map[string]string{"good": "create"})}
	var times []time.Duration
	for round := range rounds(t, 1) {
		if err := os.RemoveAll(filepath.Join(dir, ".starpunk")); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		var processes []*process
		for i := range herd {
			args := []string{"receive", "--dev", "--site", dir, "--log-level", "debug", "--listen", "127.0.0.1:0"}
			if i%2 == 1 {
				args = []string{"watch", "--dev", "--site", dir, "--log-level", "debug"}
			}
			processes = append(processes, start(t, env, args...))
		}
		made := 0
		for _, p := range processes {
			p.wait(`"msg":"(ready|another process is building this site; waiting to take over)"`)
			times = append(times, time.Since(begin))
		}
		for _, p := range processes {
			p.stop()
			said := p.said()
			made += strings.Count(said, `"msg":"index is made or brought up to date"`)
			for _, bad := range []string{`"level":"ERROR"`, "starpunk: ", "made again"} {
				if strings.Contains(said, bad) {
					t.Errorf("round %d: starpunk %q says %q:\n%s", round, p.cmd.Args[1:], bad, said)
				}
			}
		}
		if made != 1 {
			t.Errorf("round %d: the index was made %d times", round, made)
		}
	}
	slices.Sort(times)
	t.Logf("%d starts of %d at once: ready or waiting after %v (median), %v (last)", len(times), herd, times[len(times)/2], times[len(times)-1])
}

// TestTwoReceiversAndTwoWatchers has each pair work at one site at once, all
// notes with one slug, and ends the watcher that builds in the middle of it.
func TestTwoReceiversAndTwoWatchers(t *testing.T) {
	dir := newSiteDir(t)
	env := []string{"ADMIN_ME=" + newProfile(t, map[string]string{"good": "create"})}
	watchers := []*process{start(t, env, "watch", "--dev", "--site", dir)}
	watchers[0].wait(`"msg":"ready"`)
	watchers = append(watchers, start(t, env, "watch", "--dev", "--site", dir))
	watchers[1].wait("waiting to take over")
	const each = 12
	locations := make(chan string, 2*each)
	var group sync.WaitGroup
	var receivers []*process
	for i := range 2 {
		r := start(t, env, "receive", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
		receivers = append(receivers, r)
		site := r.wait(`"micropub":"(http://127\.0\.0\.1:\d+/)micropub"`)
		group.Go(func() {
			for n := range each {
				a := send(t, "good", "POST", site+"micropub", form, fmt.Sprintf("content=Note+%d+of+%d&mp-slug=same", n, i))
				if a.status != http.StatusCreated && a.status != http.StatusAccepted {
					t.Errorf("note %d of receiver %d: %d %s", n, i, a.status, a.body)
				}
				locations <- strings.TrimPrefix(a.location, site)
			}
		})
	}
	watchers[0].stop()
	group.Wait()
	close(locations)
	watchers[1].wait(`"msg":"ready"`)
	for _, p := range append(receivers, watchers[1]) {
		p.stop()
	}
	addresses := map[string]bool{}
	for l := range locations {
		addresses[l] = true
	}
	files, err := filepath.Glob(filepath.Join(dir, "content/notes/*/*/*-same*.md"))
	if err != nil || len(files) != 2*each || len(addresses) != 2*each {
		t.Errorf("%d notes were posted; there are %d files, %v, at %d addresses", 2*each, len(files), err, len(addresses))
	}
	public := filepath.Join(dir, ".starpunk/dev/public")
	built := tree(t, public)
	for address := range addresses {
		if built[address+"index.html"] == "" {
			t.Errorf("%s has no page", address)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, ".starpunk")); err != nil {
		t.Fatal(err)
	}
	clean := start(t, env, "watch", "--dev", "--site", dir)
	clean.wait(`"msg":"ready"`)
	clean.stop()
	sameTrees(t, "output", built, tree(t, public))
}
