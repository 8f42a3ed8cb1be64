package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"starpunk/generator"
	"starpunk/receiver/indieauth"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/durable"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// tokenVariable is the environment variable with the token that "check --token"
// tries. Every user of a machine can read arguments, but not the environment.
const tokenVariable = "STARPUNK_TOKEN"

const maxTokenBytes = 8 << 10

func newCheckCommand() *cobra.Command {
	var tryToken, dev bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Find problems of notes, of the profile page and of signing in",
		Long: `Check reads the configuration and every note. It fetches your live profile page
as an app does, and shows each step: redirects, links, metadata, the endpoint that
is used, and its answer. Each problem has a number and a remedy.

With --token it also tries an access token, from the environment variable
` + tokenVariable + ` or from a prompt.

The exit status is 1 if there is a problem.`,
		Example: `  starpunk check
  starpunk check --token
  starpunk check --site blog`,
		Args: misuse(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			c := &checker{cfg: cfg, dev: dev, out: cmd.OutOrStdout()}
			if err := c.content(cmd.Context()); err != nil {
				return err
			}
			v, err := newVerifier(cfg, dev)
			if err != nil {
				return err
			}
			c.profile(cmd.Context(), v)
			if tryToken {
				if err := c.token(cmd, v); err != nil {
					return err
				}
			}
			return c.conclude()
		},
	}
	cmd.Flags().BoolVar(&tryToken, "token", false, "also try an access token")
	cmd.Flags().BoolVar(&dev, "dev", false, "allow a profile page on this machine, over plain HTTP")
	return cmd
}

// A checker prints findings and counts the problems among them.
type checker struct {
	cfg      *site.Config
	dev      bool
	out      io.Writer
	problems int
}

func (c *checker) found(step, text, fix string) {
	fmt.Fprintf(c.out, "%-15s %s\n", step, text)
	if fix != "" {
		c.problems++
		fmt.Fprintf(c.out, "%-15s → %s\n", fmt.Sprintf("problem %d", c.problems), fix)
	}
}

// content reads every note as a build does.
func (c *checker) content(ctx context.Context) error {
	s, err := store.Open(ctx, c.cfg, store.Options{Logger: logger()})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Scan(ctx); err != nil {
		return err
	}
	problems, err := s.Problems(ctx)
	if err != nil {
		return err
	}
	for _, folder := range []string{"static", "media"} {
		info, err := os.Lstat(filepath.Join(c.cfg.Root, folder))
		if err == nil && durable.Irregular(info.Mode()) != "" {
			problems = append(problems, folder+": "+durable.Irregular(info.Mode()))
		}
	}
	for _, problem := range problems {
		c.problems++
		fmt.Fprintf(os.Stderr, "starpunk: problem %d: %s\n", c.problems, problem)
	}
	if err := c.remarks(ctx, s); err != nil {
		return err
	}
	if len(problems) == 0 {
		c.found("content", "Every note can be read.", "")
	}
	return nil
}

// remarks prints possible mistakes that keep nothing from being published.
func (c *checker) remarks(ctx context.Context, s *store.Store) error {
	for _, find := range []func() ([]string, error){
		func() ([]string, error) { return s.Notices(ctx) },
		func() ([]string, error) { return generator.Warnings(ctx, c.cfg, s) },
		func() ([]string, error) { return s.Unread(ctx) },
	} {
		remarks, err := find()
		if err != nil {
			return err
		}
		for _, remark := range remarks {
			fmt.Fprintln(os.Stderr, "starpunk:", remark)
		}
	}
	return nil
}

// profile examines the owner's live profile page.
func (c *checker) profile(ctx context.Context, v *indieauth.Verifier) {
	c.found("me", c.cfg.Me, "")
	x := v.Examine(ctx, c.cfg.MicropubEndpoint())
	for _, f := range x.Findings {
		c.found(f.Step, f.Text, f.Fix)
	}
}

// token tries a token and shows its scopes.
func (c *checker) token(cmd *cobra.Command, v *indieauth.Verifier) error {
	token, err := readToken(cmd)
	if err != nil {
		return err
	}
	tok, err := v.Verify(cmd.Context(), token, netip.Addr{})
	var refused *indieauth.Error
	switch {
	case errors.As(err, &refused):
		c.found("token", refused.Error(), refused.Message)
	case err != nil:
		return err
	default:
		c.found("token", fmt.Sprintf("valid for %s, issued to %s, with the scopes %s", tok.Me, tok.ClientID, strings.Join(tok.Scope, " ")), "")
		if !tok.Has("create", "draft") {
			c.found("token", "It can't create notes.", "Sign in again and grant the scope create.")
		}
	}
	return nil
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

func (c *checker) conclude() error {
	if c.problems == 0 {
		fmt.Fprintln(c.out, "All is well.")
		return nil
	}
	if c.problems == 1 {
		fmt.Fprintln(c.out, "1 problem found.")
	} else {
		fmt.Fprintf(c.out, "%d problems found.\n", c.problems)
	}
	return errReported
}
