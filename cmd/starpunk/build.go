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

const (
	lockTimeout     = 10 * time.Second // how long build waits until another process has built
	handOverTimeout = time.Second      // the same, if that process can do the work
)

func newBuildCommand() *cobra.Command {
	var asJSON, force, allowEmpty bool
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Bring the output folder up to date with the content",
		Long: `Build brings the output folder up to date once. It renders only the pages and
lists that changed since the last build, and writes only files whose bytes changed.

Files that were edited by hand in the output folder stay as they are until their
notes change. With --force every output is compared, and restored if it differs.

If most files are missing at once, as on a disk that is not mounted, their pages
stay at first: a build a minute later removes them, or this one with
--allow-empty. If content/, static/ or media/ is empty or missing, only
--allow-empty removes them. If another process watches the site, --allow-empty
makes that process remove them.

The exit status is 1 if a file had to be skipped; everything else is built.
On a terminal a long build shows its progress. With --json it prints a report of
one line on standard output:

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
	cmd.Flags().BoolVar(&force, "force", false, "compare every output, and restore the ones edited by hand")
	cmd.Flags().BoolVar(&allowEmpty, "allow-empty", false, "remove the pages of missing files, however many they are")
	return cmd
}

// build builds the site once. The report is nil if another process does the work.
func build(ctx context.Context, cfg *site.Config, progress func(generator.Progress), force, allowEmpty bool) (*generator.Report, error) {
	s, err := store.Open(ctx, cfg, store.Options{Logger: logger(), AllowRemovals: allowEmpty})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	timeout := lockTimeout
	if allowEmpty {
		timeout = handOverTimeout
	}
	locking, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	lock, err := s.LockBuild(locking)
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

// handOver leaves the removal of the pages of missing files to the process that
// watches the site. If there is nothing to remove it returns busy.
func handOver(ctx context.Context, s *store.Store, busy error) error {
	any, err := s.AllowRemovals(ctx)
	if err != nil {
		return err
	}
	if !any {
		return busy
	}
	fmt.Fprintln(os.Stderr, "starpunk: the process that watches this site removes the pages of the missing files")
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
