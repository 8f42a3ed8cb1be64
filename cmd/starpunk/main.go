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

// errReported is a failure whose messages are already printed.
var errReported = errors.New("reported")

// A misuseError is a mistake in a command line.
type misuseError struct {
	command string
	err     error
}

func (e *misuseError) Error() string { return e.err.Error() }

// misuse makes the errors of a command's argument check misuse errors.
func misuse(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &misuseError{cmd.CommandPath(), err}
		}
		return nil
	}
}

// noArguments refuses arguments. If one is the folder of a site, the error has the
// flag --site.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if info, err := os.Stat(filepath.Join(args[0], site.ConfigFile)); err == nil && info.Mode().IsRegular() {
		return fmt.Errorf("%s takes no arguments; use --site %s", cmd.Name(), shellWord(args[0]))
	}
	return fmt.Errorf("%s takes no arguments", cmd.Name())
}

func oneFolder(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s takes one folder; %d are given", cmd.Name(), len(args))
	}
	return nil
}

func atMostOneFolder(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("%s takes at most one folder; %d are given", cmd.Name(), len(args))
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
	root.PersistentFlags().String("log-level", "info", "lowest `LEVEL` that is logged: "+strings.Join(logLevels, ", "))
	completeFlag(root, "site", folders)
	completeFlag(root, "log-level", oneOf(logLevels))
	root.Flags().BoolP("version", "v", false, "print the version of this program")
	root.SetVersionTemplate("starpunk {{.Version}}\n")
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	cobra.EnableCommandSorting = false // the order is that of their use
	root.AddCommand(
		newInitCommand(), newNewCommand(), newImportCommand(), newServeCommand(),
		newBuildCommand(), newWatchCommand(), newReceiveCommand(),
		newCheckCommand(), newMediaCommand(), newProviderCommand(), newHealthCommand(), newVersionCommand(),
	)
	adaptCobraCommands(root)
	return root
}

// adaptCobraCommands makes cobra's own commands like the others: an unknown word
// is misuse, and not a reason to print the page of another command.
func adaptCobraCommands(root *cobra.Command) {
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

// maxTypos is the largest edit distance between a word and a suggestion for it.
const maxTypos = 2

// meantBy has words that are not commands, and the commands that they likely mean.
var meantBy = map[string]string{
	"dev": "serve --dev", "preview": "serve --dev", "start": "serve --dev", "run": "serve --dev",
	"post": "new", "write": "new", "note": "new", "create": "init", "publish": "build", "generate": "build",
	"doctor": "check", "test": "check",
}

// noSuchCommand returns an error with the command that was likely meant.
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

// flagError words the error of a flag for the person who typed it. For an unknown
// flag it adds the one that was likely meant.
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
		// Of flags at the same distance, the one with the longest common prefix.
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

// siteDir returns the value of --site.
func siteDir(cmd *cobra.Command) string {
	dir, err := cmd.Flags().GetString("site")
	if err != nil {
		return "."
	}
	return dir
}
