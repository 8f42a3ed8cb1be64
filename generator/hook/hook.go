package hook

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
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	maxRun     = time.Hour        // of one run of the command
	grace      = 10 * time.Second // for the command to end when the process ends
	maxTries   = 3                // of Finish
	firstPause = 500 * time.Millisecond
	maxPause   = 5 * time.Minute
	maxOutput  = 2 << 10 // bytes of the output of a failed command that are kept: the last
)

// secretVariables are for StarPunk only: no command inherits them.
var secretVariables = []string{"STARPUNK_INTROSPECTION_SECRET", "STARPUNK_TOKEN"}

// A Hook runs the command build.after when outputs have changed, one run at a time,
// with the changed and removed paths on its standard input. The paths of a run that
// failed are in the input of the next one, also after a restart. A nil *Hook has no
// command and does nothing.
//
// A file records whether there is work. It is written, and synced, before the first
// output changes. The names of changed outputs are kept in memory only, the names of
// removed ones in the file, too: a command that was interrupted gets the names of all
// outputs.
type Hook struct {
	command string
	dir     string // in which it runs: the site's folder
	file    string
	clean   string // the first line of file when there is no work
	log     *slog.Logger
	outputs func(ctx context.Context, yield func(output string)) error

	runs, failures atomic.Int64
	wake           chan struct{}

	mu      sync.Mutex
	dirty   bool            // the file records work
	all     bool            // the next run gets the name of every output
	changed map[string]bool // outputs whose names the next run gets
}

// Options are what a hook needs.
type Options struct {
	Command string // a command line for the shell; empty: none
	Dir     string // in which it runs
	File    string // records whether there is work
	Output  string // the id of the output folder
	Outputs func(ctx context.Context, yield func(output string)) error
	Logger  *slog.Logger
}

// New returns nil if there is no command. With another command or another output
// folder than the last time, all outputs count as changed.
func New(o Options) (*Hook, error) {
	if o.Command == "" {
		return nil, nil
	}
	h := &Hook{
		command: o.Command, dir: o.Dir, file: o.File, clean: cleanLine(o.Command, o.Output),
		log: o.Logger, outputs: o.Outputs, wake: make(chan struct{}, 1), changed: map[string]bool{},
	}
	data, err := os.ReadFile(h.file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("build.after: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if lines[0] != h.clean {
		h.dirty, h.all = true, true
		for _, removed := range lines[1:] {
			h.changed[removed] = true
		}
	}
	return h, nil
}

// cleanLine returns the first line of the file when a command has no work with an
// output folder.
func cleanLine(command, id string) string {
	sum := sha256.Sum256([]byte(command + "\n" + id))
	return "done " + hex.EncodeToString(sum[:])
}

// Moved makes all outputs count as changed, since they are in another folder from now
// on, with the given id.
func (h *Hook) Moved(id string) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clean, h.all = cleanLine(h.command, id), true
}

// Changed must be called before an output changes.
func (h *Hook) Changed(name string) error {
	return h.record(name, false)
}

// Removed must be called before an output is removed.
func (h *Hook) Removed(name string) error {
	return h.record(name, true)
}

func (h *Hook) record(name string, removed bool) error {
	if h == nil {
		return nil
	}
	if strings.Contains(name, "\n") {
		h.log.Warn("build.after does not get a file name with a line end", "file", name)
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var err error
	switch {
	case !h.dirty:
		err = h.save("to do\n" + lineIf(removed, name))
	case removed:
		err = h.append(lineIf(removed, name))
	}
	if err != nil {
		return fmt.Errorf("build.after: %w", err)
	}
	h.dirty = true
	h.changed[name] = true
	return nil
}

func lineIf(removed bool, name string) string {
	if !removed {
		return ""
	}
	return name + "\n"
}

// save replaces the file. A torn one counts as work to do.
func (h *Hook) save(text string) error {
	f, err := os.Create(h.file)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (h *Hook) append(text string) error {
	f, err := os.OpenFile(h.file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// Counts returns how often the command ran and failed.
func (h *Hook) Counts() (runs, failures int64) {
	if h == nil {
		return 0, 0
	}
	return h.runs.Load(), h.failures.Load()
}

func (h *Hook) waiting() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all || len(h.changed) > 0
}

// run runs the command with all paths that changed so far.
func (h *Hook) run(ctx context.Context) error {
	h.mu.Lock()
	all, changed := h.all, h.changed
	h.all, h.changed = false, map[string]bool{}
	h.mu.Unlock()

	h.runs.Add(1)
	start := time.Now()
	named, err := h.execute(ctx, all, changed)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		h.failures.Add(1)
		h.all = h.all || all
		maps.Copy(h.changed, changed)
		return fmt.Errorf("build.after: %w", err)
	}
	h.log.Info("build.after done", "paths", named, "took", time.Since(start).Round(time.Millisecond))
	if h.all || len(h.changed) > 0 {
		return nil
	}
	if err := h.save(h.clean + "\n"); err != nil {
		// At worst the command gets all names again.
		h.log.Warn("build.after succeeded, but that can't be recorded", "error", err)
		return nil
	}
	h.dirty = false
	return nil
}

// execute runs the command once. named is the number of paths on its standard input.
func (h *Hook) execute(ctx context.Context, all bool, changed map[string]bool) (named int, err error) {
	paths := slices.Collect(maps.Keys(changed))
	if all {
		err := h.outputs(ctx, func(output string) {
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
	ctx, cancel := context.WithTimeout(ctx, maxRun)
	defer cancel()
	cmd := shell(ctx, h.command)
	cmd.Dir = h.dir
	cmd.Env = publicEnvironment()
	cmd.Stdin = strings.NewReader(strings.Join(append(paths, ""), "\n"))
	var output lastBytes
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.WaitDelay = grace
	if err := cmd.Run(); err != nil {
		if text := strings.TrimSpace(string(output)); text != "" {
			err = fmt.Errorf("%w: %s", err, text)
		}
		return 0, err
	}
	return len(paths), nil
}

// publicEnvironment returns the environment without secrets.
func publicEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(secretVariables, name)
	})
}

// lastBytes keeps the last bytes that are written to it.
type lastBytes []byte

func (l *lastBytes) Write(p []byte) (int, error) {
	*l = append(*l, p...)
	if over := len(*l) - maxOutput; over > 0 {
		*l = slices.Clone((*l)[over:])
	}
	return len(p), nil
}

func newPauses() *backoff.ExponentialBackOff {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = firstPause, maxPause
	return pauses
}

// Finish runs the command, if there is work, until it succeeds, a few times at most.
func (h *Hook) Finish(ctx context.Context) error {
	if h == nil || !h.waiting() {
		return nil
	}
	_, err := backoff.Retry(ctx, func() (bool, error) { return true, h.run(ctx) },
		backoff.WithMaxTries(maxTries), backoff.WithBackOff(newPauses()))
	return err
}

// Start makes [Hook.Follow] run the command, if there is work. It does not wait.
func (h *Hook) Start() {
	if h == nil || !h.waiting() {
		return
	}
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// Follow runs the command at each [Hook.Start], until ctx ends. A run that is under way
// then has a moment to finish.
func (h *Hook) Follow(ctx context.Context) {
	if h == nil {
		return
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
			h.insist(ctx, run)
		}
	}
}

// insist runs the command until it succeeds and there is no work.
func (h *Hook) insist(ctx, run context.Context) {
	pauses := newPauses()
	for h.waiting() && ctx.Err() == nil {
		err := h.run(run)
		if err == nil {
			pauses.Reset()
			continue
		}
		pause := pauses.NextBackOff()
		h.log.Error("build.after failed; it is tried again", "error", err, "pause", pause.Round(time.Millisecond))
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}
