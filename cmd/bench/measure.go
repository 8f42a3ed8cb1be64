package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// hugoSite has the files that Hugo needs besides the notes: its configuration, and layouts
// that make the same pages as StarPunk's.
//
//go:embed all:hugo
var hugoSite embed.FS

const config = `url = "https://bench.example/"
title = "Bench"

[receiver]
listen = "127.0.0.1:0"
`

// settleTime is how old a file must be before its times prove that it is
// unchanged.
const settleTime = 2500 * time.Millisecond

// A cost is what one run of a program took.
type cost struct {
	wall, cpu time.Duration // cpu: user and system, of all cores
	memory    int64         // bytes, at the most
}

// A result is what was measured of one number of notes at one place.
type result struct {
	place string
	notes int
	date  time.Time

	floor     cost
	full      cost
	unchanged cost
	restart   time.Duration // from the start of serve, with nothing to do, until it is ready

	posted, saved latency // a note through the store, as the receiver writes it; a file of another program

	hugoFull  cost
	hugoSaved latency
}

// measure does everything with notes notes below folder.
func (b *bench) measure(ctx context.Context, place, folder string, notes int) (r result, err error) {
	r = result{place: place, notes: notes, date: time.Now()}
	dir, err := os.MkdirTemp(folder, "starpunk-bench-")
	if err != nil {
		return r, err
	}
	b.old = ""
	if place == onDisk {
		b.made, b.old = append(b.made, dir), filepath.Join(dir, "old")
		if err := os.Mkdir(b.old, 0o777); err != nil {
			return r, err
		}
	} else {
		defer os.RemoveAll(dir)
	}
	log.Printf("%s, %d notes", place, notes)
	if err := makeSite(dir, corpus{notes: notes, perMonth: 80, seed: 1}); err != nil {
		return r, err
	}
	time.Sleep(settleTime)
	var floors, fulls, unchanged, hugos []cost
	for range b.rounds {
		if err := b.clear(dir, "floor"); err != nil {
			return r, err
		}
		c, err := spend(ctx, b.self, "-floor", dir)
		if err != nil {
			return r, err
		}
		floors = append(floors, c)
		if c, err = b.fullBuild(ctx, dir); err != nil {
			return r, err
		}
		fulls = append(fulls, c)
		if c, err = b.hugoBuild(ctx, dir); err != nil {
			return r, err
		}
		hugos = append(hugos, c)
		if c, err = spend(ctx, b.starpunk, "build", "--site", dir); err != nil {
			return r, err
		}
		unchanged = append(unchanged, c)
	}
	r.floor, r.full, r.hugoFull, r.unchanged = medianCost(floors), medianCost(fulls), medianCost(hugos), medianCost(unchanged)
	if err := b.clear(dir, "floor"); err != nil {
		return r, err
	}
	return r, b.watch(ctx, dir, &r)
}

func makeSite(dir string, c corpus) error {
	if err := c.make(dir); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "starpunk.toml"), []byte(config), 0o666); err != nil {
		return err
	}
	return fs.WalkDir(hugoSite, "hugo", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "hugo" {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(name[len("hugo/"):]))
		if d.IsDir() {
			return os.MkdirAll(target, 0o777)
		}
		data, err := hugoSite.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o666)
	})
}

// clear takes what programs made out of the way: on a disk it is deleted when
// nothing is measured any more. For some minutes ext4 gives the inodes of deleted
// files to no new file, and looks at each of them again whenever it makes one, which
// takes longer than the whole measurement.
func (b *bench) clear(dir string, names ...string) error {
	for _, name := range names {
		if b.old == "" {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return err
			}
			continue
		}
		b.cleared++
		err := os.Rename(filepath.Join(dir, name), filepath.Join(b.old, strconv.Itoa(b.cleared)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (b *bench) fullBuild(ctx context.Context, dir string) (cost, error) {
	if err := b.clear(dir, "public", ".starpunk"); err != nil {
		return cost{}, err
	}
	return spend(ctx, b.starpunk, "build", "--site", dir)
}

func (b *bench) hugoBuild(ctx context.Context, dir string) (cost, error) {
	if err := b.clear(dir, "public-hugo", "resources"); err != nil {
		return cost{}, err
	}
	return spend(ctx, b.hugo, "--source", dir, "--quiet")
}

// spend runs a program and returns its costs.
func spend(ctx context.Context, program string, args ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, out.Bytes())
	}
	c := cost{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.memory = usage.Maxrss << 10 // Linux counts kilobytes
	}
	return c, nil
}

func medianCost(costs []cost) cost {
	return cost{
		wall:   quantile(costs, 0.5, func(c cost) time.Duration { return c.wall }),
		cpu:    quantile(costs, 0.5, func(c cost) time.Duration { return c.cpu }),
		memory: quantile(costs, 0.5, func(c cost) int64 { return c.memory }),
	}
}

// quantile returns the value below which a part q of the values are.
func quantile[T any, V ~int64](values []T, q float64, of func(T) V) V {
	if len(values) == 0 {
		return 0
	}
	vs := make([]V, len(values))
	for i, v := range values {
		vs[i] = of(v)
	}
	slices.Sort(vs)
	return vs[min(len(vs)-1, int(q*float64(len(vs))))]
}
