package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"starpunk/generator"
	"starpunk/site"
	"starpunk/site/store"

	"github.com/spf13/cobra"
)

// buildPatience is how long build waits for a watcher to finish.
const buildPatience = 10 * time.Second

func newBuildCommand() *cobra.Command {
	var asJSON, force bool
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Bring the output folder up to date with the content",
		Long: `Build brings the output folder up to date once. Only what changed since the
last build is rendered, and files whose bytes did not change are left alone.

Files that were altered in the output folder by hand stay as they are, until
their notes change; with --force every output is compared and put right.

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
			report, err := build(cmd.Context(), cfg, bar.set, force)
			bar.stop()
			if err != nil {
				return err
			}
			return printReport(cmd.OutOrStdout(), cmd.ErrOrStderr(), report, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	cmd.Flags().BoolVar(&force, "force", false, "look at every output, and restore what was altered by hand")
	return cmd
}

func build(ctx context.Context, cfg *site.Config, progress func(generator.Progress), force bool) (*generator.Report, error) {
	s, err := store.Open(ctx, cfg, store.Options{Logger: logger()})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	patience, cancel := context.WithTimeout(ctx, buildPatience)
	defer cancel()
	lock, err := s.LockBuild(patience)
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
