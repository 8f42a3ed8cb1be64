// Command starpunk makes a website out of a folder of notes, and receives new
// notes from Micropub apps. See "starpunk help".
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"starpunk/site"

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
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
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

// noArguments refuses what is no flag: most likely it is the site.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if info, err := os.Stat(filepath.Join(args[0], site.ConfigFile)); err == nil && info.Mode().IsRegular() {
		return fmt.Errorf("%s takes no arguments; a site is named with --site: --site %s", cmd.Name(), shellWord(args[0]))
	}
	return fmt.Errorf("%s takes no arguments", cmd.Name())
}

func oneFolder(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s takes one folder; %d are named", cmd.Name(), len(args))
	}
	return nil
}

func atMostOneFolder(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("%s takes at most one folder; %d are named", cmd.Name(), len(args))
	}
	return nil
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "starpunk",
		Short: "Own a website of notes",
		Long: `StarPunk makes a website out of a folder of notes, and receives new notes
from Micropub apps. Notes are Markdown files; the site is plain HTML and feeds
that any web server can serve.`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          misuse(noSuchCommand),
		RunE:          help,
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
		return &misuseError{cmd.CommandPath(), flagError(cmd, err)}
	})
	root.PersistentFlags().String("site", ".", "the site's `DIR`")
	root.PersistentFlags().String("log-level", "info", "what is logged: this `LEVEL` and above: "+strings.Join(logLevels, ", "))
	completeFlag(root, "site", folders)
	completeFlag(root, "log-level", oneOf(logLevels))
	root.Flags().BoolP("version", "v", false, "print the version of this program")
	root.SetVersionTemplate("starpunk {{.Version}}\n")
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	cobra.EnableCommandSorting = false // they stand in the order in which they are needed
	root.AddCommand(
		newInitCommand(), newNewCommand(), newImportCommand(), newServeCommand(),
		newBuildCommand(), newWatchCommand(), newReceiveCommand(),
		newCheckCommand(), newMediaCommand(), newHealthCommand(), newVersionCommand(),
	)
	adoptCobrasOwn(root)
	return root
}

// adoptCobrasOwn makes cobra's own commands like the others: a word that they
// don't know is misuse, and no reason for a page about something else.
func adoptCobrasOwn(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Example = "  starpunk help import"
			cmd.Args = misuse(func(_ *cobra.Command, args []string) error {
				found, rest, err := root.Find(args)
				return cmp.Or(err, noSuchCommand(found, rest))
			})
		case "completion":
			cmd.Example = "  starpunk completion fish > ~/.config/fish/completions/starpunk.fish\n  starpunk completion bash --help"
			cmd.Args, cmd.RunE = misuse(noSuchCommand), help
		}
	}
}

func help(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// maxTypos is how far a word may be from the one that was meant.
const maxTypos = 2

// meantBy lists words for which no command is named, and what they likely mean.
var meantBy = map[string]string{
	"dev": "serve --dev", "preview": "serve --dev", "start": "serve --dev", "run": "serve --dev",
	"post": "new", "write": "new", "note": "new", "create": "init", "publish": "build", "generate": "build",
	"doctor": "check", "test": "check",
}

// noSuchCommand names the command that was likely meant.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if meant := meantBy[args[0]]; meant != "" && cmd == cmd.Root() {
		return fmt.Errorf("unknown command %q, did you mean %q?", args[0], meant)
	}
	cmd.SuggestionsMinimumDistance = maxTypos
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("unknown command %q, did you mean %q?", args[0], near[0])
	}
	return fmt.Errorf("unknown command %q", args[0])
}

// flagError words the error of a flag for the person who typed it. It adds to
// an unknown flag the one that was likely meant.
func flagError(cmd *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "bool" {
		return fmt.Errorf("--%s takes no value", invalid.GetFlag().Name)
	}
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	written, near, likeness := unknown.GetSpecifiedName(), "", 0.0
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if strings.HasPrefix(f.Name, written+"-") {
			near, likeness = f.Name, 1
		}
		// Of those that are as far, the one that begins alike.
		match := levenshtein.Match(written, f.Name, levenshtein.NewParams().BonusThreshold(0))
		if levenshtein.Distance(written, f.Name, nil) <= maxTypos && match > likeness {
			near, likeness = f.Name, match
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
