package generator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"starpunk/site"
	"starpunk/site/store"

	"github.com/cenkalti/backoff/v5"
)

const (
	afterFile     = "after"          // in the lock folder: what the command still has to hear of
	afterMost     = time.Hour        // for one run of the command
	afterGrace    = 10 * time.Second // for the command to end when we do
	afterTries    = 3                // of "build", which has no later
	afterPause    = 500 * time.Millisecond
	afterPauseMax = 5 * time.Minute
	maxAfterSaid  = 2 << 10 // bytes of what a failed command said that are kept: the last
)

// secretVariables are for StarPunk alone: no command inherits them.
var secretVariables = []string{"STARPUNK_INTROSPECTION_SECRET", "STARPUNK_TOKEN"}

// An after runs the command build.after when outputs have changed, one run at a
// time, with the changed and removed paths on its standard input. What a run
// that failed did not get done, the next one hears of again, also across a
// restart. A nil *after has no command and does nothing.
//
// The file named afterFile is empty of work, or not. Work is recorded, and
// synced, before the first output changes; which outputs changed is kept in
// memory alone, but for removed ones: a command that was interrupted hears of
// all outputs that there are.
type after struct {
	command string
	dir     string // where it runs: the site's folder
	file    string
	clean   string // what the first line of file says when nothing is to be done
	log     *slog.Logger
	outputs func(ctx context.Context, yield func(output string)) error

	runs, failures atomic.Int64
	wake           chan struct{}

	mu      sync.Mutex
	dirty   bool            // as the file says
	all     bool            // every output is to be named
	changed map[string]bool // outputs that are to be named
}

// newAfter returns nil if the site has no such command. id is that of the
// output folder: another folder, like another command, has everything to do.
func newAfter(cfg *site.Config, s *store.Store, id string, log *slog.Logger) (*after, error) {
	if cfg.Build.After == "" {
		return nil, nil
	}
	a := &after{
		command: cfg.Build.After, dir: cfg.Root, file: filepath.Join(cfg.LockDir(), afterFile),
		clean: cleanLine(cfg.Build.After, id), log: log, outputs: s.Outputs,
		wake: make(chan struct{}, 1), changed: map[string]bool{},
	}
	data, err := os.ReadFile(a.file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("build.after: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if lines[0] != a.clean {
		a.dirty, a.all = true, true
		for _, removed := range lines[1:] {
			a.changed[removed] = true
		}
	}
	return a, nil
}

// cleanLine is what the file says when a command has nothing to do for an output
// folder.
func cleanLine(command, id string) string {
	sum := sha256.Sum256([]byte(command + "\n" + id))
	return "done " + hex.EncodeToString(sum[:])
}

// moved tells that the outputs are in another folder from now on: all are new.
func (a *after) moved(id string) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clean, a.all = cleanLine(a.command, id), true
}

// change is told of an output before it changes.
func (a *after) change(name string) error {
	return a.record(name, false)
}

// remove is told of an output before it goes.
func (a *after) remove(name string) error {
	return a.record(name, true)
}

func (a *after) record(name string, removed bool) error {
	if a == nil {
		return nil
	}
	if strings.Contains(name, "\n") {
		a.log.Warn("build.after is not told of a file with a line end in its name", "file", name)
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var err error
	switch {
	case !a.dirty:
		err = a.save("to do\n" + lineIf(removed, name))
	case removed:
		err = a.append(lineIf(removed, name))
	}
	if err != nil {
		return fmt.Errorf("build.after: %w", err)
	}
	a.dirty = true
	a.changed[name] = true
	return nil
}

func lineIf(removed bool, name string) string {
	if !removed {
		return ""
	}
	return name + "\n"
}

// save replaces the file. A torn one counts as work to do.
func (a *after) save(text string) error {
	f, err := os.Create(a.file)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (a *after) append(text string) error {
	f, err := os.OpenFile(a.file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func (a *after) waiting() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.all || len(a.changed) > 0
}

// run tells the command of all that changed so far.
func (a *after) run(ctx context.Context) error {
	a.mu.Lock()
	all, changed := a.all, a.changed
	a.all, a.changed = false, map[string]bool{}
	a.mu.Unlock()

	a.runs.Add(1)
	start := time.Now()
	named, err := a.tell(ctx, all, changed)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		a.failures.Add(1)
		a.all = a.all || all
		maps.Copy(a.changed, changed)
		return fmt.Errorf("build.after: %w", err)
	}
	a.log.Info("build.after done", "paths", named, "took", time.Since(start).Round(time.Millisecond))
	if a.all || len(a.changed) > 0 {
		return nil
	}
	if err := a.save(a.clean + "\n"); err != nil {
		// At worst the command hears of everything again.
		a.log.Warn("build.after succeeded, but that can't be recorded", "error", err)
		return nil
	}
	a.dirty = false
	return nil
}

// tell runs the command once. named is the number of paths on its standard
// input.
func (a *after) tell(ctx context.Context, all bool, changed map[string]bool) (named int, err error) {
	paths := slices.Collect(maps.Keys(changed))
	if all {
		err := a.outputs(ctx, func(output string) {
			if !changed[output] && !strings.Contains(output, "\n") {
				paths = append(paths, output)
			}
		})
		if err != nil {
			return 0, err
		}
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	ctx, cancel := context.WithTimeout(ctx, afterMost)
	defer cancel()
	cmd := shell(ctx, a.command)
	cmd.Dir = a.dir
	cmd.Env = publicEnvironment()
	cmd.Stdin = strings.NewReader(strings.Join(append(paths, ""), "\n"))
	var said lastBytes
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.WaitDelay = afterGrace
	if err := cmd.Run(); err != nil {
		if text := strings.TrimSpace(string(said)); text != "" {
			err = fmt.Errorf("%w: %s", err, text)
		}
		return 0, err
	}
	return len(paths), nil
}

// publicEnvironment is the environment without what is secret.
func publicEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(secretVariables, name)
	})
}

// lastBytes keeps the end of what is written to it.
type lastBytes []byte

func (l *lastBytes) Write(p []byte) (int, error) {
	*l = append(*l, p...)
	if over := len(*l) - maxAfterSaid; over > 0 {
		*l = slices.Clone((*l)[over:])
	}
	return len(p), nil
}

func newAfterPauses() *backoff.ExponentialBackOff {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = afterPause, afterPauseMax
	return pauses
}

// finish runs the command, if it has anything to hear, until it succeeds, a few
// times at most.
func (a *after) finish(ctx context.Context) error {
	if a == nil || !a.waiting() {
		return nil
	}
	_, err := backoff.Retry(ctx, func() (bool, error) { return true, a.run(ctx) },
		backoff.WithMaxTries(afterTries), backoff.WithBackOff(newAfterPauses()))
	return err
}

// kick has the command run, or run again, without waiting for it.
func (a *after) kick() {
	if a == nil || !a.waiting() {
		return
	}
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// follow runs the command whenever it is kicked, until ctx ends. A run that is
// under way then has a moment to finish.
func (a *after) follow(ctx context.Context) {
	if a == nil {
		return
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(afterGrace, cancel) })
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.wake:
			a.insist(ctx, run)
		}
	}
}

// insist runs the command until it succeeds and nothing is left to be told.
func (a *after) insist(ctx, run context.Context) {
	pauses := newAfterPauses()
	for a.waiting() && ctx.Err() == nil {
		err := a.run(run)
		if err == nil {
			pauses.Reset()
			continue
		}
		pause := pauses.NextBackOff()
		a.log.Error("build.after failed; it is tried again", "error", err, "pause", pause.Round(time.Millisecond))
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}
