package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// herd is how many processes start at once.
const herd = 20

// rounds is how often a test does its work: STARPUNK_ROUNDS, or few times.
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
			for _, bad := range []string{`"level":"ERROR"`, "starpunk: ", "locked", "made again"} {
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
