package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"starpunk/cmd/starpunk/internal/daemon"

	"github.com/spf13/cobra"
)

const healthTimeout = 5 * time.Second

func newHealthCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Check that the running StarPunk is healthy",
		Long: `Health requests the state of the "serve" or "receive" that runs on this machine
and prints it: healthy, indexing or migrating. The exit status is 0 if it is
healthy. Containers and supervisors without curl can use it as their check.`,
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
			ctx, cancel := context.WithTimeout(cmd.Context(), healthTimeout)
			defer cancel()
			code, word, err := daemon.Health(ctx, listen)
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), word)
			if code != http.StatusOK {
				return errReported
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "", "`ADDRESS` that it listens on (default: receiver.listen)")
	return cmd
}
