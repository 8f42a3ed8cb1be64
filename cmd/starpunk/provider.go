package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"starpunk/receiver/provider/state"
	"starpunk/site"

	"github.com/spf13/cobra"
	"rsc.io/qr"
)

func newProviderCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "provider",
		Short: "Passkeys and apps of the built-in sign-in",
		Long: `With provider.enabled = true, StarPunk is the IndieAuth provider of its site:
you sign in to apps with your own address and a passkey. These commands register
passkeys, and list and revoke passkeys and apps. A running server follows at
once.`,
		Example: "  starpunk provider link\n  starpunk provider list",
		Args:    misuse(noSuchCommand), RunE: help,
	}
	cmd.AddCommand(newProviderLinkCommand(), newProviderCodeCommand(), newProviderListCommand(), newProviderRevokeCommand())
	return cmd
}

func newProviderLinkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "link",
		Short: "Print an address that registers a passkey",
		Long: `Link prints an address, and shows it as a QR code on a terminal. Open it with the
device that shall sign you in: it registers a passkey. The address is valid once,
for ten minutes. If you lost your devices, begin here, too.`,
		Example: "  starpunk provider link\n  runuser -u starpunk -- starpunk provider link --site /srv/starpunk/ada.example",
		Args:    misuse(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, file, err := providerFile(cmd)
			if err != nil {
				return err
			}
			var secret string
			err = file.Update(cmd.Context(), func(s *state.State) error {
				secret = s.NewLink(time.Now())
				return nil
			})
			if err != nil {
				return err
			}
			return printLink(cmd.OutOrStdout(), cfg.ProviderRegistration(secret))
		},
	}
}

func printLink(out io.Writer, address string) error {
	_, err := fmt.Fprintln(out, address)
	if err != nil || !isTerminal(out) {
		return err
	}
	code, err := qrCode(address)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\n%s\nOpen this address within ten minutes, with the device that shall sign you in.\n", code)
	return err
}

func newProviderCodeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "code",
		Short: "Print a code for one sign-in without a passkey",
		Long: `Code prints a code for the page on which you sign in. It is valid once, for ten
minutes, and needs neither a passkey nor JavaScript.`,
		Example: "  starpunk provider code",
		Args:    misuse(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, file, err := providerFile(cmd)
			if err != nil {
				return err
			}
			var code string
			err = file.Update(cmd.Context(), func(s *state.State) error {
				code = s.NewCode(time.Now())
				return nil
			})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), code)
			return err
		},
	}
}

func newProviderListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List passkeys and the apps that have access",
		Long: `List prints a line for each passkey and for each app that has access: its ID, its
name and its dates; for an app also its scopes.`,
		Example: "  starpunk provider list",
		Args:    misuse(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, file, err := providerFile(cmd)
			if err != nil {
				return err
			}
			s, err := file.Read()
			if err != nil {
				return err
			}
			return printState(cmd.OutOrStdout(), s, time.Now())
		},
	}
}

func printState(out io.Writer, s *state.State, now time.Time) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range s.Passkeys {
		fmt.Fprintf(table, "passkey\t%s\t%s\tsince %s\n", p.ID, oneLine(p.Name), p.Added.Format(time.DateOnly))
	}
	for _, a := range s.LiveApps(now) {
		fmt.Fprintf(table, "app\t%s\t%s\tsince %s, until %s\t%s\n", a.ID, oneLine(strings.TrimSpace(a.Name+" "+a.ClientID)),
			a.Granted.Format(time.DateOnly), a.Ends().Format(time.DateOnly), strings.Join(a.Scope, " "))
	}
	return table.Flush()
}

// oneLine returns a text without the characters that would change the table or the
// terminal: an app chooses its own name.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

func newProviderRevokeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID...",
		Short: "Remove passkeys and apps",
		Long: `Revoke removes the passkeys and apps with these IDs, which "starpunk provider list"
prints. An app may still post for receiver.token_cache_ttl, which is five minutes.`,
		Example: "  starpunk provider revoke K7QF2M",
		Args: misuse(func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("revoke takes the ID of a passkey or of an app")
			}
			return nil
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, file, err := providerFile(cmd)
			if err != nil {
				return err
			}
			return file.Update(cmd.Context(), func(s *state.State) error {
				for _, id := range args {
					if !s.Remove(strings.ToUpper(id)) {
						return fmt.Errorf("%q is the ID of no passkey and no app; nothing was revoked", id)
					}
				}
				return nil
			})
		},
	}
}

// providerFile returns the provider's file of the site.
func providerFile(cmd *cobra.Command) (*site.Config, *state.File, error) {
	cfg, err := loadConfig(cmd)
	if err != nil {
		return nil, nil, err
	}
	if !cfg.Provider.Enabled {
		return nil, nil, fmt.Errorf("%s: provider.enabled is false; StarPunk signs you in if it is true", site.ConfigFile)
	}
	if err := checkOwner(cfg.Root); err != nil {
		return nil, nil, err
	}
	return cfg, state.NewFile(cfg.ProviderFile(), cfg.LockDir()), nil
}

// quietZone is the number of light modules around a QR code (ISO/IEC 18004 §9.1).
const quietZone = 4

// qrCode returns a text as a QR code for a terminal: two rows of modules in a line,
// black on white in every colour scheme.
func qrCode(text string) (string, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return "", fmt.Errorf("QR code: %w", err)
	}
	var b strings.Builder
	for y := -quietZone; y < code.Size+quietZone; y += 2 {
		b.WriteString("\x1b[38;5;16;48;5;231m")
		for x := -quietZone; x < code.Size+quietZone; x++ {
			switch upper, lower := code.Black(x, y), code.Black(x, y+1); {
			case upper && lower:
				b.WriteString("█")
			case upper:
				b.WriteString("▀")
			case lower:
				b.WriteString("▄")
			default:
				b.WriteString(" ")
			}
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String(), nil
}
