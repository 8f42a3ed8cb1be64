// Command starpunk makes a website out of a folder of notes, and receives new
// notes from Micropub apps. See "starpunk help".
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/agext/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit statuses.
const (
	exitFailed = 1
	exitMisuse = 2
)

func main() {
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := newRootCommand().ExecuteContext(ctx)
	var misuse *misuseError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &misuse):
		fmt.Fprintf(os.Stderr, "starpunk: %v\nRun \"%s --help\" for usage.\n", err, misuse.command)
		return exitMisuse
	case errors.Is(err, errReported):
		return exitFailed
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "starpunk: interrupted; run it again to do the rest")
		return exitFailed
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(os.Stderr, "starpunk: %s\n", line)
	}
	return exitFailed
}

// errReported is a failure of which everything was said already.
var errReported = errors.New("reported")

// A misuseError is a mistake in the words of a command line.
type misuseError struct {
	command string
	err     error
}

func (e *misuseError) Error() string { return e.err.Error() }

// misuse marks what a command's argument check finds.
func misuse(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &misuseError{cmd.CommandPath(), err}
		}
		return nil
	}
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "starpunk",
		Short: "Own a website of notes",
		Long: `StarPunk makes a website out of a folder of notes, and receives new notes
from Micropub apps. Notes are Markdown files; the site is plain HTML and feeds
that any web server can serve.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          misuse(noSuchCommand),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			level, err := logLevel(cmd)
			if err != nil {
				return err
			}
			setLogger(level)
			return nil
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &misuseError{cmd.CommandPath(), nearestFlag(cmd, err)}
	})
	root.PersistentFlags().String("site", ".", "the site's `DIR`")
	root.PersistentFlags().String("log-level", "info", "what is logged: this `LEVEL` and above: "+strings.Join(logLevels, ", "))
	completeFlag(root, "site", folders)
	completeFlag(root, "log-level", oneOf(logLevels))
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.AddCommand(
		newInitCommand(), newServeCommand(), newReceiveCommand(), newWatchCommand(),
		newBuildCommand(), newNewCommand(), newImportCommand(), newMediaCommand(), newCheckCommand(), newHealthCommand(), newVersionCommand(),
	)
	return root
}

// maxTypos is how far a word may be from the one that was meant.
const maxTypos = 2

// noSuchCommand names the command that was likely meant.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	cmd.SuggestionsMinimumDistance = maxTypos
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("unknown command %q, did you mean %q?", args[0], near[0])
	}
	return fmt.Errorf("unknown command %q", args[0])
}

// nearestFlag adds to what is said of an unknown flag the one that was likely
// meant.
func nearestFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	near, distance := "", maxTypos+1
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if d := levenshtein.Distance(unknown.GetSpecifiedName(), f.Name, nil); d < distance {
			near, distance = f.Name, d
		}
	})
	if near == "" {
		return err
	}
	return fmt.Errorf("%w, did you mean --%s?", err, near)
}

// siteDir is the folder that --site names.
func siteDir(cmd *cobra.Command) string {
	dir, err := cmd.Flags().GetString("site")
	if err != nil {
		return "."
	}
	return dir
}
