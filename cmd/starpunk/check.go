package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"starpunk/cmd/starpunk/internal/check"
	"starpunk/cmd/starpunk/internal/daemon"
	"starpunk/receiver/indieauth"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// tokenVariable is the environment variable with the token that "check --token"
// tries. Every user of a machine can read arguments, but not the environment.
const tokenVariable = "STARPUNK_TOKEN"

const maxTokenBytes = 8 << 10

func newCheckCommand() *cobra.Command {
	var tryToken, dev, asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Find problems of notes, of the website, of signing in and of posting",
		Long: `Check reads the configuration and every note. Then it sends requests to your
public website, as a reader and an app do: HTTPS, the newest page, feeds, redirects
and deleted notes, your profile page and its provider, the Micropub endpoint, the
header with the token, and the size of uploads. Each problem has a number and a
remedy, with the lines for Caddy and nginx. It changes nothing.

With --token it also tries an access token, from the environment variable
` + tokenVariable + ` or from a prompt.

The exit status is 1 if there is a problem. With --json it prints a report of one
line on standard output:

  problems, hints   their numbers
  findings          a list of: check, level (ok, hint, problem), text, and for some
                    of them number, remedy, caddy, nginx
  skipped           the checks that had no chance because of a problem`,
		Example: `  starpunk check
  starpunk check --token
  starpunk check --json | jq -r '.findings[] | select(.level == "problem").text'`,
		Args: misuse(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			o := check.Options{
				Config: cfg, Release: release, Dev: dev, Logger: logger(),
				NewVerifier: func() (*indieauth.Verifier, error) { return newVerifier(cfg, dev) },
				Health: func(ctx context.Context) error {
					_, _, err := daemon.Health(ctx, cfg.Receiver.Listen)
					return err
				},
			}
			if tryToken {
				o.Token = func() (string, error) { return readToken(cmd) }
			}
			if !asJSON {
				o.Found = func(f check.Finding) { printFinding(cmd.OutOrStdout(), cmd.ErrOrStderr(), f) }
			}
			report, err := check.Run(cmd.Context(), o)
			if err != nil {
				return err
			}
			return conclude(cmd.OutOrStdout(), report, asJSON)
		},
	}
	cmd.Flags().BoolVar(&tryToken, "token", false, "also try an access token")
	cmd.Flags().BoolVar(&dev, "dev", false, "allow a website on this machine, over plain HTTP")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return cmd
}

// printFinding prints a finding when it is made. Findings about files are like the
// errors of a compiler.
func printFinding(out, errOut io.Writer, f check.Finding) {
	number := ""
	if f.Level == check.Problem {
		number = fmt.Sprintf("problem %d", f.Number)
	}
	if f.InFile {
		fmt.Fprintf(errOut, "starpunk: %s\n", strings.TrimPrefix(number+": "+f.Text, ": "))
		return
	}
	fmt.Fprintf(out, "%-15s %s\n", f.Check, f.Text)
	if f.Remedy != "" {
		fmt.Fprintf(out, "%-15s → %s\n", number, f.Remedy)
	}
	for _, server := range []struct{ name, lines string }{{"Caddy", f.Caddy}, {"nginx", f.Nginx}} {
		for i, line := range strings.Split(server.lines, "\n") {
			switch {
			case line == "" && i == 0:
			case i == 0:
				fmt.Fprintf(out, "%15s   %s\n", server.name, line)
			default:
				fmt.Fprintf(out, "%15s   %s\n", "", line)
			}
		}
	}
}

// conclude prints the result of all checks.
func conclude(out io.Writer, r *check.Report, asJSON bool) error {
	switch {
	case asJSON:
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(r); err != nil {
			return err
		}
	case r.Problems == 0 && r.Hints == 0:
		fmt.Fprintln(out, "All is well.")
	case r.Problems == 0:
		fmt.Fprintf(out, "No problems found, %s.\n", counted(r.Hints, "hint"))
	default:
		fmt.Fprintf(out, "%s found.\n", counted(r.Problems, "problem"))
		if len(r.Skipped) > 0 {
			fmt.Fprintf(out, "Not checked because of that: %s.\n", strings.Join(r.Skipped, ", "))
		}
	}
	if r.Problems > 0 {
		return errReported
	}
	return nil
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// readToken returns the token from the environment, from a terminal that does not
// show it, or from standard input.
func readToken(cmd *cobra.Command) (string, error) {
	if token := os.Getenv(tokenVariable); token != "" {
		return token, nil
	}
	if f, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(cmd.ErrOrStderr(), "Access token (it is not shown): ")
		token, err := readSecret(cmd.Context(), int(f.Fd()))
		fmt.Fprintln(cmd.ErrOrStderr())
		if err != nil {
			return "", fmt.Errorf("read token: %w", err)
		}
		return strings.TrimSpace(string(token)), nil
	}
	line, err := unlessInterrupted(cmd.Context(), func() (string, error) {
		return bufio.NewReader(io.LimitReader(cmd.InOrStdin(), maxTokenBytes)).ReadString('\n')
	})
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read token: %w", err)
	}
	if line = strings.TrimSpace(line); line == "" {
		return "", fmt.Errorf("no token: set %s, or type it at the prompt", tokenVariable)
	}
	return line, nil
}

// readSecret reads a line from a terminal that does not show it. If ctx ends
// before, the terminal is restored.
func readSecret(ctx context.Context, terminal int) ([]byte, error) {
	state, err := term.GetState(terminal)
	if err != nil {
		return nil, err
	}
	secret, err := unlessInterrupted(ctx, func() ([]byte, error) { return term.ReadPassword(terminal) })
	if ctx.Err() != nil {
		return nil, errors.Join(ctx.Err(), term.Restore(terminal, state))
	}
	return secret, err
}
