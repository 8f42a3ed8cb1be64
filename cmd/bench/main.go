// Command bench measures StarPunk against Hugo, in turn, over the same notes,
// and prints a table of what came out, ratios first.
//
//	go run ./cmd/bench -sizes 1000,10000 -rounds 5
//	go run ./cmd/bench -sizes 1000,10000,100000 -rounds 3 -disk "" -plot docs/performance
//
// It makes its own notes, the same at every run, builds StarPunk from the
// repository around it, and Hugo once, through the Go module proxy,
// into a folder of the user's cache. Every number is the median of the rounds;
// in a round the programs take turns, so that other load of the machine
// falls on both. Processor time, of user and system, is the number to trust on
// a machine that is not idle.
//
// See docs/performance.md for the quantities.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
)

// onDisk is the name of the place on a real disk.
const onDisk = "disk"

const hugoModule = "github.com/gohugoio/hugo@v0.165.0"

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	b := &bench{}
	var sizes, ram, disk, plots string
	flag.StringVar(&sizes, "sizes", "1000,10000", "numbers of notes")
	flag.StringVar(&ram, "ram", "/dev/shm", "`folder` on a RAM disk; empty: none")
	flag.StringVar(&disk, "disk", os.TempDir(), "`folder` on a disk; empty: none")
	flag.IntVar(&b.rounds, "rounds", 5, "builds of each kind")
	flag.IntVar(&b.saves, "saves", 200, "notes saved while StarPunk watches")
	flag.IntVar(&b.hugoSaves, "hugo-saves", 3, "notes saved while Hugo watches; 0: don't try")
	flag.StringVar(&plots, "plot", "", "`folder` for plots of the results on the RAM disk")
	floorOf := flag.String("floor", "", "only do what no generator can do without, for the site in this `folder`")
	against := flag.String("against", "", "another `build` of starpunk: measure both in turn on the RAM disk, and nothing else")
	flag.Parse()
	if *floorOf != "" {
		return floor(*floorOf)
	}
	if *against != "" {
		return b.compareAll(ctx, ram, *against, sizes)
	}
	if err := b.tools(ctx, true); err != nil {
		return err
	}
	defer b.remove()
	var results []result
	for _, place := range []struct{ name, folder string }{{"RAM disk", ram}, {onDisk, disk}} {
		if place.folder == "" {
			continue
		}
		for size := range strings.SplitSeq(sizes, ",") {
			n, err := strconv.Atoi(size)
			if err != nil || n < 1 {
				return fmt.Errorf("-sizes: %q is not a number of notes", size)
			}
			r, err := b.measure(ctx, place.name, place.folder, n)
			if err != nil {
				return err
			}
			fmt.Print(r.table())
			results = append(results, r)
		}
	}
	if plots == "" {
		return nil
	}
	return drawPlots(plots, results)
}

// A bench is what all measurements share.
type bench struct {
	rounds, saves, hugoSaves int
	self, starpunk, hugo     string // programs

	made    []string // folders on a disk, one for each measurement
	old     string   // where in the last of them goes what is cleared away; "": it is deleted
	cleared int
}

// remove deletes what was made to be measured.
func (b *bench) remove() {
	for _, dir := range b.made {
		if err := os.RemoveAll(dir); err != nil {
			log.Print(err)
		}
	}
}

// tools makes the programs that are measured.
func (b *bench) tools(ctx context.Context, withHugo bool) (err error) {
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	bin := filepath.Join(cache, "starpunk-bench")
	b.starpunk, b.hugo = filepath.Join(bin, "starpunk"), filepath.Join(bin, "hugo")
	if err := tool(ctx, bin, "build", "-trimpath", "-o", b.starpunk, "./cmd/starpunk"); err != nil {
		return err
	}
	if !withHugo {
		return nil
	}
	if _, err := os.Stat(b.hugo); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	log.Printf("building %s, once: this takes some minutes", hugoModule)
	return tool(ctx, bin, "install", hugoModule)
}

func tool(ctx context.Context, bin string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOBIN="+bin)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
