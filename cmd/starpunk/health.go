package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

const (
	healthTime     = 5 * time.Second
	maxHealthBytes = 4 << 10
)

func newHealthCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the running StarPunk whether it is well",
		Long: `Health asks the "serve" or "receive" that runs on this machine how it is and
prints the answer: healthy, indexing or migrating. The exit status is 0 if it
is healthy. Containers and supervisors without curl can use it as their check.`,
		Example: `  starpunk health --site blog
  starpunk health --listen 127.0.0.1:8080`,
		Args: misuse(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if listen == "" {
				cfg, err := loadConfig(cmd)
				if err != nil {
					return err
				}
				listen = cfg.Receiver.Listen
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), healthTime)
			defer cancel()
			status, word, err := askHealth(ctx, listen)
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), word)
			if status != http.StatusOK {
				return errReported
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "", "`ADDRESS` that it listens on (default: receiver.listen)")
	return cmd
}

// askHealth asks the server that listens on an address of this machine.
func askHealth(ctx context.Context, listen string) (status int, word string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(listen)+"/health", nil)
	if err != nil {
		return 0, "", fmt.Errorf("health: %w", err)
	}
	// Not the default client: the environment's proxy is for other machines.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
			err = wrapped.Err // which does not repeat the address
		}
		return 0, "", fmt.Errorf("health: no answer from %s: %w; is \"starpunk serve\" or \"starpunk receive\" running there?", listen, err)
	}
	defer resp.Body.Close()
	var answer struct {
		Status string `json:"status"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxHealthBytes)).Decode(&answer); err != nil || answer.Status == "" {
		return 0, "", fmt.Errorf("health: what listens on %s is not StarPunk", listen)
	}
	return resp.StatusCode, answer.Status, nil
}

// reachable is an address to dial for one that is listened on: any address of
// the machine is reached through the loopback one.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	addr, err := netip.ParseAddr(host)
	switch {
	case host == "", err == nil && addr.IsUnspecified() && addr.Is4():
		host = "127.0.0.1"
	case err == nil && addr.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}
