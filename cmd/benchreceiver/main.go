// Command benchreceiver measures how the built program receives posts: how long
// a post takes until it is durable and its page, lists and feeds are on disk,
// how many fit in a second, how much memory that takes, and how long an app
// waits for a list of notes.
//
//	go run ./cmd/benchreceiver -notes 10,10000 -dirs /dev/shm,/var/tmp
//
// For each folder and number of notes it makes a site below the folder, runs
// "starpunk serve --dev" on it and talks to it over HTTP, as an app does. It is
// a tool for people who work on StarPunk, and not a part of the program.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// A plan is how much is measured.
type plan struct {
	posts int // one after the other
	burst int // posts for each number of clients
	asks  int // of each query
}

func main() {
	notes := flag.String("notes", "10,10000", "numbers of notes that the sites have before")
	dirs := flag.String("dirs", "", "folders to make the sites in, such as one on a disk and one in memory (default: that of temporary files)")
	keep := flag.Bool("keep", false, "keep the sites: the next run need not write their notes")
	var p plan
	flag.IntVar(&p.posts, "posts", 500, "posts one after the other")
	flag.IntVar(&p.burst, "burst", 200, "posts for each number of clients")
	flag.IntVar(&p.asks, "asks", 20, "times that each query is asked")
	flag.Parse()
	if err := run(p, *notes, cmp.Or(*dirs, os.TempDir()), *keep); err != nil {
		fmt.Fprintln(os.Stderr, "benchreceiver:", err)
		os.Exit(1)
	}
}

func run(p plan, notes, dirs string, keep bool) (err error) {
	scratch, err := os.MkdirTemp("", "benchreceiver-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	program := filepath.Join(scratch, "starpunk")
	build := exec.Command("go", "build", "-o", program, "./cmd/starpunk")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("go build, in the folder of the module: %w", err)
	}
	for _, dir := range strings.Split(dirs, ",") {
		for _, text := range strings.Split(notes, ",") {
			n, err := strconv.Atoi(text)
			if err != nil {
				return fmt.Errorf("-notes: %w", err)
			}
			if err := measure(p, program, filepath.Join(dir, fmt.Sprintf("starpunk-bench-%d", n)), n, keep); err != nil {
				return err
			}
		}
	}
	return nil
}

// measure prints the figures of one site.
func measure(p plan, program, dir string, notes int, keep bool) (err error) {
	if err := writeSite(dir, notes); err != nil {
		return err
	}
	if !keep {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	fmt.Printf("\n%d notes in %s\n", notes, filepath.Dir(dir))
	s, err := start(program, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	for _, step := range []func(plan) error{s.idle, s.sequence, s.bursts, s.queries, s.uploads} {
		if err := step(p); err != nil {
			return err
		}
	}
	return nil
}
