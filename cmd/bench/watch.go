package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"starpunk/site"
	"starpunk/site/store"
)

// noteTimeout is how long a watcher may take for one note.
const noteTimeout = 6 * time.Minute

// A latency is how long it takes from saving one note until its page, the
// front page and the feed are on disk.
type latency struct {
	samples []time.Duration
	failed  string // why there are none
}

func (l latency) at(q float64) time.Duration {
	return quantile(l.samples, q, func(d time.Duration) time.Duration { return d })
}

// A follower is a program that watches a site.
type follower struct {
	cmd    *exec.Cmd
	public string // its output folder
	feed   string // below it
	start  time.Duration
}

// follow starts a program and waits until it says ready.
func follow(ctx context.Context, ready, program string, args ...string) (*follower, error) {
	f := &follower{cmd: exec.CommandContext(ctx, program, args...)}
	out, err := f.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	f.cmd.Stdout = f.cmd.Stderr
	begin := time.Now()
	if err := f.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), ready) {
			f.start = time.Since(begin)
			go io.Copy(io.Discard, out) //nolint:errcheck // until the program ends
			return f, nil
		}
	}
	return nil, fmt.Errorf("%s ended before it was ready: %w", filepath.Base(program), errors.Join(lines.Err(), f.cmd.Wait()))
}

func (f *follower) stop() {
	_ = f.cmd.Process.Signal(os.Interrupt) // it may have ended
	_ = f.cmd.Wait()                       // an interrupt is not a failure
}

// watch measures what one note costs while the programs watch.
func (b *bench) watch(ctx context.Context, dir string, r *result) error {
	syscall.Sync() // else a note waits until what was built before is written to the disk
	if err := b.watchStarPunk(ctx, dir, r); err != nil {
		return err
	}
	if b.hugoSaves == 0 {
		r.hugoSaved.failed = "not tried"
		return nil
	}
	f, err := follow(ctx, "Watching for changes", b.hugo, "--source", dir, "--watch")
	if err != nil {
		return err
	}
	defer f.stop()
	f.public, f.feed = filepath.Join(dir, "public-hugo"), "index.xml"
	for i := range b.hugoSaves {
		d, err := f.time(ctx, fmt.Sprintf("hugo-%d", i), saveFile(dir))
		if err != nil {
			r.hugoSaved.failed = err.Error()
			log.Print("hugo --watch: ", err)
			return nil
		}
		r.hugoSaved.samples = append(r.hugoSaved.samples, d)
	}
	return nil
}

func (b *bench) watchStarPunk(ctx context.Context, dir string, r *result) error {
	f, err := follow(ctx, "ready", b.starpunk, "serve", "--site", dir)
	if err != nil {
		return err
	}
	defer f.stop()
	r.restart = f.start
	f.public, f.feed = filepath.Join(dir, "public"), "feed.xml"
	cfg, err := site.LoadConfig(dir, func(string) string { return "" })
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, cfg, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	for i := range b.saves {
		d, err := f.time(ctx, fmt.Sprintf("posted-%d", i), postNote(ctx, s))
		if err != nil {
			return err
		}
		r.posted.samples = append(r.posted.samples, d)
	}
	for i := range max(1, b.saves/4) {
		d, err := f.time(ctx, fmt.Sprintf("saved-%d", i), saveFile(dir))
		if err != nil {
			return err
		}
		r.saved.samples = append(r.saved.samples, d)
	}
	return nil
}

// A save writes a note with a slug and a text.
type save func(at time.Time, slug, text string) error

// postNote writes as the receiver does: a durable file, and a row of the index
// of a note that a client waits for.
func postNote(ctx context.Context, s *store.Store) save {
	return func(at time.Time, slug, text string) error {
		_, err := s.Create(ctx, &site.Note{
			H: "entry", Slug: slug, Content: text, Category: []string{"bench", "the-0"}, Visibility: site.Public, Published: at,
		})
		return err
	}
}

// saveFile writes as an editor does: a new file, then a rename.
func saveFile(dir string) save {
	return func(at time.Time, slug, text string) error {
		folder := filepath.Join(dir, "content", "notes", at.Format("2006"), at.Format("01"))
		if err := makeFolder(folder, at); err != nil {
			return err
		}
		data := fmt.Sprintf("---\ndate: %s\nslug: %s\ntags: [bench, the-0]\n---\n%s\n", at.Format(time.RFC3339), slug, text)
		name := filepath.Join(folder, at.Format("02-")+slug+".md")
		if err := os.WriteFile(name+".part", []byte(data), 0o666); err != nil {
			return err
		}
		return os.Rename(name+".part", name)
	}
}

// time saves a note and waits until it can be read everywhere.
func (f *follower) time(ctx context.Context, slug string, write save) (time.Duration, error) {
	time.Sleep(150 * time.Millisecond) // what the note before it left to do is done
	at := newest.AddDate(0, 0, 1).Add(time.Duration(time.Now().UnixMilli()%80_000_000) * time.Millisecond)
	text := "This is the note " + slug + "-here."
	files := []string{at.Format("2006/01/") + slug + "/index.html", "index.html", f.feed}
	begin := time.Now()
	if err := write(at, slug, text); err != nil {
		return 0, err
	}
	for _, name := range files {
		if err := f.await(ctx, filepath.Join(f.public, name), text, begin.Add(noteTimeout)); err != nil {
			return 0, err
		}
	}
	return time.Since(begin), nil
}

// await waits until a file holds text. It is read only when it is another than
// before.
func (f *follower) await(ctx context.Context, name, text string, until time.Time) error {
	var seen os.FileInfo
	for time.Now().Before(until) {
		info, err := os.Stat(name)
		if err == nil && (seen == nil || !os.SameFile(seen, info) || info.ModTime() != seen.ModTime()) {
			seen = info
			data, err := os.ReadFile(name)
			if err == nil && bytes.Contains(data, []byte(text)) {
				return nil
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		pause(50 * time.Microsecond)
	}
	return fmt.Errorf("%s did not show the note within %v", filepath.Base(name), noteTimeout)
}
