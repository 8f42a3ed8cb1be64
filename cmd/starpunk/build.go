package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"starpunk/generator"
	"starpunk/site"
	"starpunk/site/store"

	"github.com/spf13/cobra"
)

// buildPatience is how long build waits for a watcher to finish.
const buildPatience = 10 * time.Second

// handOverPatience is how long it waits if a watcher can do the work.
const handOverPatience = time.Second

func newBuildCommand() *cobra.Command {
	var asJSON, force, allowEmpty bool
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Bring the output folder up to date with the content",
		Long: `Build brings the output folder up to date once. Only what changed since the
last build is rendered, and files whose bytes did not change are left alone.

Files that were altered in the output folder by hand stay as they are, until
their notes change; with --force every output is compared and put right.

Where most files are missing at once, as those of a disk that is not mounted, their
pages stay until that is certain: a build a minute later removes them, and with
--allow-empty this one does. If content/, static/ or media/ is empty or missing, only
--allow-empty does. While another process watches the site, --allow-empty has that
process remove them.

The exit status is 1 if a file had to be left out; everything else is built.
On a terminal a build that takes long shows how far it has come. With --json one
line on standard output says what was done:

  written, unchanged, removed   numbers of files
  problems, warnings            lists of texts, most begin with "FILE:LINE: "
  nanoseconds                   how long it took`,
		Example: `  starpunk build
  starpunk build --site blog --force
  starpunk build --json | jq .written`,
		Args: misuse(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			bar := startBar(cmd.ErrOrStderr())
			report, err := build(cmd.Context(), cfg, bar.set, force, allowEmpty)
			bar.stop()
			if err != nil || report == nil {
				return err
			}
			return printReport(cmd.OutOrStdout(), cmd.ErrOrStderr(), report, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	cmd.Flags().BoolVar(&force, "force", false, "look at every output, and restore what was altered by hand")
	cmd.Flags().BoolVar(&allowEmpty, "allow-empty", false, "remove what was built from files that are missing, however many they are")
	return cmd
}

// build returns a nil report if another process does the work.
func build(ctx context.Context, cfg *site.Config, progress func(generator.Progress), force, allowEmpty bool) (*generator.Report, error) {
	s, err := store.Open(ctx, cfg, store.Options{Logger: logger(), AllowRemovals: allowEmpty})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	wait := buildPatience
	if allowEmpty {
		wait = handOverPatience
	}
	patience, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	lock, err := s.LockBuild(patience)
	if errors.Is(err, store.ErrBuilding) && allowEmpty {
		return nil, handOver(ctx, s, err)
	}
	if err != nil {
		return nil, err
	}
	defer lock.Unlock()
	g, err := generator.New(cfg, s, generator.Options{Logger: logger(), Version: release, Progress: progress})
	if err != nil {
		return nil, err
	}
	if force {
		if err := g.Force(ctx); err != nil {
			return nil, err
		}
	}
	return g.Build(ctx)
}

// handOver leaves the removal of missing files to the process that watches the site.
// busy is the error if there is nothing to remove.
func handOver(ctx context.Context, s *store.Store, busy error) error {
	any, err := s.AllowRemovals(ctx)
	if err != nil {
		return err
	}
	if !any {
		return busy
	}
	fmt.Fprintln(os.Stderr, "starpunk: the process that watches this site removes what was built from the missing files")
	return nil
}

func printReport(out, errOut io.Writer, r *generator.Report, asJSON bool) error {
	for _, line := range append(r.Warnings, r.Problems...) {
		fmt.Fprintln(errOut, "starpunk:", line)
	}
	if asJSON {
		if err := json.NewEncoder(out).Encode(r); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(out, "%d written, %d unchanged, %d removed in %v\n", r.Written, r.Unchanged, r.Removed, r.Duration.Round(time.Millisecond))
	}
	if len(r.Problems) > 0 {
		return errReported
	}
	return nil
}
